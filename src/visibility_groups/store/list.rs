//! The list of visibility groups in the database: pages by key.

use super::VisibilityGroup;
use crate::db::keyset::{Page, one_more};
use crate::db::sorting::Sorting;
use crate::error::Result;
use crate::groups::store::naming::escape_like;
use crate::visibility_groups::listing::Wanted;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// A row of the list.
#[derive(Clone, Debug, QueryableByName)]
pub struct Row {
    /// The visibility group.
    #[diesel(embed)]
    pub set: VisibilityGroup,
    /// Live customer groups that show it.
    #[diesel(sql_type = BigInt)]
    pub groups: i64,
    #[diesel(sql_type = Text)]
    key: String,
}

impl Row {
    /// The row's key in its list.
    pub fn cursor(&self) -> (String, Uuid) {
        (self.key.clone(), self.set.id)
    }
}

/// The page that is asked for, of at most `limit` rows.
pub fn page(conn: &mut PgConnection, wanted: &Wanted, limit: usize) -> Result<Page<Row>> {
    let (by, kind) = if wanted.by_products { ("v.product_count::bigint", "bigint") } else { ("lower(v.name)", "text") };
    let sorting = Sorting { by, kind, id: "v.id", descending: wanted.descending, place: &wanted.place };
    let (key, id) = sorting.key();
    let text = Some(&wanted.text).filter(|text| !text.is_empty());
    let rows = sql_query(format!(
        "SELECT v.*, ({by})::text AS key,
                (SELECT count(*) FROM group_visibility_groups s JOIN groups g ON g.id = s.group_id
                 WHERE s.visibility_group_id = v.id AND g.deleted_at IS NULL) AS groups
         FROM visibility_groups v
         WHERE ($4::text IS NULL OR lower(v.name) LIKE '%' || $4::text || '%') AND {}
         {} LIMIT $3",
        sorting.after(),
        sorting.order()
    ))
    .bind::<Nullable<Text>, _>(key)
    .bind::<Nullable<SqlUuid>, _>(id)
    .bind::<BigInt, _>(one_more(limit))
    .bind::<Nullable<Text>, _>(text.map(|text| escape_like(&text.to_lowercase())))
    .load(conn)?;
    Ok(Page::of(rows, &wanted.place, limit))
}

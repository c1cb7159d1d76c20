//! The list of segments in the database: pages by name, which is also how they are found by typing.

use super::SegmentRow;
use crate::db::keyset::{Page, Place, one_more};
use crate::db::sorting::Sorting;
use crate::error::Result;
use crate::groups::store::naming::escape_like;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// A row of the list.
#[derive(Clone, Debug, QueryableByName)]
pub struct Row {
    /// The segment.
    #[diesel(embed)]
    pub segment: SegmentRow,
    /// The names of the groups "in", by name.
    #[diesel(sql_type = Array<Text>)]
    pub groups_in: Vec<String>,
    /// How many groups are "not in".
    #[diesel(sql_type = BigInt)]
    pub groups_not_in: i64,
    /// Campaigns that ask for it.
    #[diesel(sql_type = BigInt)]
    pub campaigns: i64,
    #[diesel(sql_type = Text)]
    key: String,
}

impl Row {
    /// The row's key in its list.
    pub fn cursor(&self) -> (String, Uuid) {
        (self.key.clone(), self.segment.id)
    }
}

/// Segments whose name contains the text, by name.
pub fn page(conn: &mut PgConnection, text: &str, place: &Place<(String, Uuid)>, limit: usize) -> Result<Page<Row>> {
    let sorting = Sorting { by: "lower(s.name)", kind: "text", id: "s.id", descending: false, place };
    let (key, id) = sorting.key();
    let text = Some(text.trim()).filter(|text| !text.is_empty());
    let rows = sql_query(format!(
        "SELECT s.*, lower(s.name) AS key,
                array(SELECT g.name FROM segment_groups t JOIN groups g ON g.id = t.group_id
                      WHERE t.segment_id = s.id AND t.is_in ORDER BY lower(g.name), g.id LIMIT 4) AS groups_in,
                (SELECT count(*) FROM segment_groups t WHERE t.segment_id = s.id AND NOT t.is_in) AS groups_not_in,
                (SELECT count(*) FROM campaign_segments c WHERE c.segment_id = s.id) AS campaigns
         FROM segments s
         WHERE ($4::text IS NULL OR lower(s.name) LIKE '%' || $4::text || '%') AND {}
         {} LIMIT $3",
        sorting.after(),
        sorting.order()
    ))
    .bind::<Nullable<Text>, _>(key)
    .bind::<Nullable<SqlUuid>, _>(id)
    .bind::<BigInt, _>(one_more(limit))
    .bind::<Nullable<Text>, _>(text.map(|text| escape_like(&text.to_lowercase())))
    .load(conn)?;
    Ok(Page::of(rows, place, limit))
}

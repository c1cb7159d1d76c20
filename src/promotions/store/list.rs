//! The list of promotions in the database: pages by name, and promotions found by typing.

use super::PromotionRow;
use crate::db::keyset::{Page, one_more};
use crate::db::sorting::Sorting;
use crate::error::Result;
use crate::groups::store::naming::escape_like;
use crate::promotions::listing::Wanted;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// A row of the list.
#[derive(Clone, Debug, QueryableByName)]
pub struct Row {
    /// The promotion.
    #[diesel(embed)]
    pub promotion: PromotionRow,
    /// The first few target groups, by name.
    #[diesel(sql_type = Array<Text>)]
    pub targets: Vec<String>,
    /// How many "in" targets there are.
    #[diesel(sql_type = BigInt)]
    pub targets_in: i64,
    /// How many "not in" targets.
    #[diesel(sql_type = BigInt)]
    pub targets_not_in: i64,
    /// Campaigns that it is in.
    #[diesel(sql_type = BigInt)]
    pub campaigns: i64,
    #[diesel(sql_type = Text)]
    key: String,
}

impl Row {
    /// The row's key in its list.
    pub fn cursor(&self) -> (String, Uuid) {
        (self.key.clone(), self.promotion.id)
    }

    /// "In" targets beyond those that are named.
    pub fn further(&self) -> i64 {
        self.targets_in - i64::try_from(self.targets.len()).unwrap_or_default()
    }
}

/// What a phase named `$5` means on the day `$6`, for a row `p` with a status and a window.
pub const PHASE: &str = "CASE $5::text
    WHEN 'off' THEN p.status = 'inactive'
    WHEN 'scheduled' THEN p.status = 'active' AND p.valid_from > $6
    WHEN 'ended' THEN p.status = 'active' AND p.valid_to < $6
    WHEN 'running' THEN p.status = 'active' AND coalesce(p.valid_from <= $6, true) AND coalesce(p.valid_to >= $6, true)
    ELSE true END";

/// The page that is asked for, of at most `limit` rows, with phases as they are on a store day.
pub fn page(conn: &mut PgConnection, wanted: &Wanted, today: NaiveDate, limit: usize) -> Result<Page<Row>> {
    let sorting = Sorting { by: "lower(p.name)", kind: "text", id: "p.id", descending: false, place: &wanted.place };
    let (key, id) = sorting.key();
    let text = Some(&wanted.text).filter(|text| !text.is_empty());
    let rows = sql_query(format!(
        "SELECT p.*, lower(p.name) AS key,
                array(SELECT g.name FROM promotion_targets t JOIN groups g ON g.id = t.group_id
                      WHERE t.promotion_id = p.id AND t.is_in ORDER BY lower(g.name), g.id LIMIT 3) AS targets,
                (SELECT count(*) FROM promotion_targets t WHERE t.promotion_id = p.id AND t.is_in) AS targets_in,
                (SELECT count(*) FROM promotion_targets t WHERE t.promotion_id = p.id AND NOT t.is_in) AS targets_not_in,
                (SELECT count(*) FROM campaign_promotions c WHERE c.promotion_id = p.id) AS campaigns
         FROM promotions p
         WHERE ($4::text IS NULL OR p.search LIKE '%' || $4::text || '%') AND {PHASE} AND {}
         {} LIMIT $3",
        sorting.after(),
        sorting.order()
    ))
    .bind::<Nullable<Text>, _>(key)
    .bind::<Nullable<SqlUuid>, _>(id)
    .bind::<BigInt, _>(one_more(limit))
    .bind::<Nullable<Text>, _>(text.map(|text| escape_like(&text.to_lowercase())))
    .bind::<Nullable<Text>, _>(wanted.phase)
    .bind::<Date, _>(today)
    .load(conn)?;
    Ok(Page::of(rows, &wanted.place, limit))
}

/// Promotions whose name or code contains the text; those that begin with it come first.
pub fn search(conn: &mut PgConnection, text: &str, limit: i64) -> Result<Vec<PromotionRow>> {
    let text = escape_like(&text.trim().to_lowercase());
    Ok(sql_query(
        "SELECT p.* FROM promotions p WHERE p.search LIKE '%' || $1 || '%'
         ORDER BY (lower(p.name) LIKE $1 || '%' OR lower(p.code) LIKE $1 || '%') DESC, lower(p.name), p.id LIMIT $2",
    )
    .bind::<Text, _>(text)
    .bind::<BigInt, _>(limit)
    .load(conn)?)
}

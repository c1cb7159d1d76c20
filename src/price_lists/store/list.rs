//! The list of price lists in the database: pages by key, and lists found by typing.

use super::PriceList;
use crate::db::keyset::{Page, one_more};
use crate::db::sorting::Sorting;
use crate::error::Result;
use crate::groups::group::Status;
use crate::groups::store::naming::escape_like;
use crate::price_lists::listing::{Sort, Wanted};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// A row of the list.
#[derive(Clone, Debug, QueryableByName)]
pub struct Row {
    /// The price list.
    #[diesel(embed)]
    pub list: PriceList,
    /// Live groups that use it.
    #[diesel(sql_type = BigInt)]
    pub groups: i64,
    #[diesel(sql_type = Text)]
    key: String,
}

impl Row {
    /// The row's key in its list.
    pub fn cursor(&self) -> (String, Uuid) {
        (self.key.clone(), self.list.id)
    }
}

/// The page that is asked for, of at most `limit` rows.
pub fn page(conn: &mut PgConnection, wanted: &Wanted, limit: usize) -> Result<Page<Row>> {
    let (by, kind) = match wanted.sort {
        Sort::Name => ("lower(l.name)", "text"),
        Sort::Entries => ("l.entry_count::bigint", "bigint"),
        Sort::Currency => ("l.currency", "text"),
        Sort::Status => ("l.status", "text"),
    };
    let sorting = Sorting { by, kind, id: "l.id", descending: wanted.descending, place: &wanted.place };
    let (key, id) = sorting.key();
    let text = Some(&wanted.text).filter(|text| !text.is_empty());
    let rows = sql_query(format!(
        "SELECT l.*, ({by})::text AS key,
                (SELECT count(*) FROM group_price_lists a JOIN groups g ON g.id = a.group_id
                 WHERE a.price_list_id = l.id AND g.deleted_at IS NULL) AS groups
         FROM price_lists l
         WHERE ($4::text IS NULL OR l.search LIKE '%' || $4::text || '%')
           AND ($5::text IS NULL OR l.status = $5::text)
           AND ($6::text IS NULL OR l.currency = $6::text)
           AND {}
         {} LIMIT $3",
        sorting.after(),
        sorting.order()
    ))
    .bind::<Nullable<Text>, _>(key)
    .bind::<Nullable<SqlUuid>, _>(id)
    .bind::<BigInt, _>(one_more(limit))
    .bind::<Nullable<Text>, _>(text.map(|text| escape_like(&text.to_lowercase())))
    .bind::<Nullable<Text>, _>(wanted.status.map(Status::name))
    .bind::<Nullable<Text>, _>(wanted.currency.map(|currency| currency.code()))
    .load(conn)?;
    Ok(Page::of(rows, &wanted.place, limit))
}

/// The currencies that there are lists in, by code.
pub fn currencies(conn: &mut PgConnection) -> Result<Vec<String>> {
    use crate::schema::price_lists;
    Ok(price_lists::table.select(price_lists::currency).distinct().order(price_lists::currency).load(conn)?)
}

/// Price lists whose name or code contains the text; those that begin with it come first.
pub fn search(conn: &mut PgConnection, text: &str, limit: i64) -> Result<Vec<PriceList>> {
    let text = escape_like(&text.trim().to_lowercase());
    Ok(sql_query(
        "SELECT l.* FROM price_lists l WHERE l.search LIKE '%' || $1 || '%'
         ORDER BY (lower(l.name) LIKE $1 || '%' OR lower(l.code) LIKE $1 || '%') DESC, lower(l.name), l.id LIMIT $2",
    )
    .bind::<Text, _>(text)
    .bind::<BigInt, _>(limit)
    .load(conn)?)
}

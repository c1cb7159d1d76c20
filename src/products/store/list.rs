//! The product list in the database: pages by key, and the categories that there are.

use super::Product;
use crate::db::keyset::{Page, one_more};
use crate::db::sorting::Sorting;
use crate::error::Result;
use crate::groups::group::Status;
use crate::groups::store::naming::escape_like;
use crate::products::listing::{Sort, Wanted};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// A row of the list.
#[derive(Clone, Debug, QueryableByName)]
pub struct Row {
    /// The product.
    #[diesel(embed)]
    pub product: Product,
    #[diesel(sql_type = Text)]
    key: String,
}

impl Row {
    /// The row's key in its list.
    pub fn cursor(&self) -> (String, Uuid) {
        (self.key.clone(), self.product.id)
    }
}

/// The page that is asked for, of at most `limit` rows. Planned anew at every call: which index is best depends on what
/// is searched.
pub fn page(conn: &mut PgConnection, wanted: &Wanted, limit: usize) -> Result<Page<Row>> {
    let (by, kind) = match wanted.sort {
        Sort::Sku => ("p.sku", "text"),
        Sort::Name => ("lower(p.name)", "text"),
        Sort::Category => ("p.category", "text"),
        Sort::Price => ("p.base_price", "bigint"),
    };
    let sorting = Sorting { by, kind, id: "p.id", descending: wanted.descending, place: &wanted.place };
    let (key, id) = sorting.key();
    let text = Some(&wanted.text).filter(|text| !text.is_empty());
    let rows = sql_query(format!(
        "SELECT p.*, ({by})::text AS key FROM products p
         WHERE ($4::text IS NULL OR p.search LIKE '%' || $4::text || '%')
           AND ($5::text IS NULL OR p.category = $5::text)
           AND ($6::text IS NULL OR p.status = $6::text)
           AND {}
         {} LIMIT $3",
        sorting.after(),
        sorting.order()
    ))
    .bind::<Nullable<Text>, _>(key)
    .bind::<Nullable<SqlUuid>, _>(id)
    .bind::<BigInt, _>(one_more(limit))
    .bind::<Nullable<Text>, _>(text.map(|text| escape_like(&text.to_lowercase())))
    .bind::<Nullable<Text>, _>(wanted.category.as_deref())
    .bind::<Nullable<Text>, _>(wanted.status.map(Status::name))
    .load(conn)?;
    Ok(Page::of(rows, &wanted.place, limit))
}

#[derive(QueryableByName)]
struct Category {
    #[diesel(sql_type = Text)]
    category: String,
}

/// The first categories by name, jumping from one to the next in their index instead of reading every product.
pub fn categories(conn: &mut PgConnection, limit: i64) -> Result<Vec<String>> {
    let rows: Vec<Category> = sql_query(
        "WITH RECURSIVE found AS (
             SELECT min(category) AS category FROM products WHERE category > ''
             UNION ALL
             SELECT (SELECT min(p.category) FROM products p WHERE p.category > f.category) FROM found f
             WHERE f.category IS NOT NULL
         )
         SELECT category FROM found WHERE category IS NOT NULL LIMIT $1",
    )
    .bind::<BigInt, _>(limit)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| row.category).collect())
}

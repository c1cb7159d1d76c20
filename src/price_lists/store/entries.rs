//! Entries of price lists in the database: pages of products with their quantity breaks, single entries in order, and
//! writing them as a set.

use crate::db::keyset::{Page, Place, one_more};
use crate::db::sorting::Sorting;
use crate::error::Result;
use crate::groups::store::naming::escape_like;
use crate::money::Currency;
use crate::price_lists::entry::Break;
use crate::schema::{price_list_entries, products};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

/// A product in a price list.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = products)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Listed {
    /// The product.
    pub id: Uuid,
    /// Its SKU.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// Its own price, minor units of its currency.
    pub base_price: i64,
    currency: String,
    status: String,
}

impl Listed {
    /// What the base price is in.
    pub fn currency(&self) -> Currency {
        Currency::from_code(&self.currency).unwrap_or(Currency::USD)
    }

    /// Whether it is sold at all.
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }

    /// The row's key in its list.
    pub fn cursor(&self) -> (String, Uuid) {
        (self.sku.clone(), self.id)
    }
}

/// Products of a list by SKU, those whose name or SKU contains `text`. Planned anew at every call: a short list is read
/// whole and sorted, of a long one the index of SKUs is walked.
pub fn products(
    conn: &mut PgConnection,
    list: Uuid,
    text: &str,
    place: &Place<(String, Uuid)>,
    limit: usize,
) -> Result<Page<Listed>> {
    let sorting = Sorting { by: "p.sku", kind: "text", id: "p.id", descending: false, place };
    let (key, id) = sorting.key();
    let rows = sql_query(format!(
        "SELECT p.id, p.sku, p.name, p.base_price, p.currency, p.status FROM products p
         WHERE EXISTS (SELECT FROM price_list_entries e WHERE e.price_list_id = $4 AND e.product_id = p.id)
           AND ($5::text IS NULL OR p.search LIKE '%' || $5::text || '%') AND {}
         {} LIMIT $3",
        sorting.after(),
        sorting.order()
    ))
    .bind::<Nullable<Text>, _>(key)
    .bind::<Nullable<SqlUuid>, _>(id)
    .bind::<BigInt, _>(one_more(limit))
    .bind::<SqlUuid, _>(list)
    .bind::<Nullable<Text>, _>(Some(escape_like(&text.to_lowercase())).filter(|text| !text.is_empty()))
    .load(conn)?;
    Ok(Page::of(rows, place, limit))
}

/// A product as a price list shows it; `None` where there is no such product.
pub fn product(conn: &mut PgConnection, id: Uuid) -> Result<Option<Listed>> {
    Ok(products::table.find(id).select(Listed::as_select()).first(conn).optional()?)
}

/// The prices of products in a list, the smallest quantity first.
pub fn breaks(conn: &mut PgConnection, list: Uuid, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Break>>> {
    let rows: Vec<(Uuid, i32, i64)> = price_list_entries::table
        .filter(price_list_entries::price_list_id.eq(list))
        .filter(price_list_entries::product_id.eq_any(ids))
        .order((price_list_entries::product_id, price_list_entries::min_quantity))
        .select((price_list_entries::product_id, price_list_entries::min_quantity, price_list_entries::price))
        .load(conn)?;
    let mut found: HashMap<Uuid, Vec<Break>> = HashMap::new();
    for (product, min_quantity, price) in rows {
        found.entry(product).or_default().push(Break { min_quantity, price });
    }
    Ok(found)
}

/// The prices of one product in a list.
pub fn breaks_of(conn: &mut PgConnection, list: Uuid, product: Uuid) -> Result<Vec<Break>> {
    Ok(breaks(conn, list, &[product])?.remove(&product).unwrap_or_default())
}

/// A single entry.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Entry {
    /// The product's SKU.
    #[diesel(sql_type = Text)]
    pub sku: String,
    /// The product's name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// From so many units on.
    #[diesel(sql_type = Integer)]
    pub min_quantity: i32,
    /// Minor units of the list's currency.
    #[diesel(sql_type = BigInt)]
    pub price: i64,
}

/// Entries of a list in the order of SKU and minimum quantity, after the one with this key.
pub fn in_order(
    conn: &mut PgConnection,
    list: Uuid,
    text: &str,
    after: Option<&(String, i32)>,
    limit: i64,
) -> Result<Vec<Entry>> {
    Ok(sql_query(
        "SELECT p.sku, p.name, e.min_quantity, e.price
         FROM products p JOIN price_list_entries e ON e.product_id = p.id
         WHERE e.price_list_id = $1 AND ($2::text IS NULL OR p.search LIKE '%' || $2::text || '%')
           AND ($3::text IS NULL OR (p.sku >= $3::text AND (p.sku, e.min_quantity) > ($3::text, $4::integer)))
         ORDER BY p.sku, e.min_quantity LIMIT $5",
    )
    .bind::<SqlUuid, _>(list)
    .bind::<Nullable<Text>, _>(Some(escape_like(&text.to_lowercase())).filter(|text| !text.is_empty()))
    .bind::<Nullable<Text>, _>(after.map(|(sku, _)| sku.as_str()))
    .bind::<Nullable<Integer>, _>(after.map(|(_, quantity)| *quantity))
    .bind::<BigInt, _>(limit)
    .load(conn)?)
}

/// What writing entries made of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, QueryableByName)]
pub struct Written {
    /// New ones.
    #[diesel(sql_type = BigInt)]
    pub created: i64,
    /// Known ones with another price.
    #[diesel(sql_type = BigInt)]
    pub updated: i64,
}

/// Adds entries to a list, or replaces their prices; those that are the same stay untouched.
pub fn put(conn: &mut PgConnection, list: Uuid, entries: &[(Uuid, Break)]) -> Result<Written> {
    let ids: Vec<Uuid> = entries.iter().map(|(product, _)| *product).collect();
    let quantities: Vec<i32> = entries.iter().map(|(_, entry)| entry.min_quantity).collect();
    let prices: Vec<i64> = entries.iter().map(|(_, entry)| entry.price).collect();
    Ok(sql_query(
        "WITH put AS (
             INSERT INTO price_list_entries AS e (price_list_id, product_id, min_quantity, price)
             SELECT $1, n.product_id, n.min_quantity, n.price
             FROM unnest($2, $3, $4) AS n(product_id, min_quantity, price) ORDER BY 2, 3
             ON CONFLICT (price_list_id, product_id, min_quantity) DO UPDATE SET price = excluded.price
             WHERE e.price <> excluded.price
             RETURNING xmax = 0 AS is_new
         )
         SELECT count(*) FILTER (WHERE is_new) AS created, count(*) FILTER (WHERE NOT is_new) AS updated FROM put",
    )
    .bind::<SqlUuid, _>(list)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Integer>, _>(quantities)
    .bind::<Array<BigInt>, _>(prices)
    .get_result(conn)?)
}

/// Removes a product's entries from a list, but for the quantities in `keep`.
pub fn remove_all_but(conn: &mut PgConnection, list: Uuid, product: Uuid, keep: &[i32]) -> Result<usize> {
    Ok(diesel::delete(price_list_entries::table)
        .filter(price_list_entries::price_list_id.eq(list))
        .filter(price_list_entries::product_id.eq(product))
        .filter(price_list_entries::min_quantity.ne_all(keep))
        .execute(conn)?)
}

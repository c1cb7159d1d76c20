//! Which price lists price a product, and through which groups.

use crate::db::keyset::{Page, Place, one_more};
use crate::db::sorting::Sorting;
use crate::error::Result;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

/// A price list that has the product.
#[derive(Clone, Debug, QueryableByName)]
pub struct PricedIn {
    /// The list.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Its code.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// What its prices are in.
    #[diesel(sql_type = Text)]
    pub currency: String,
    /// `active` or `inactive`.
    #[diesel(sql_type = Text)]
    pub status: String,
    /// First store day.
    #[diesel(sql_type = Nullable<Date>)]
    pub valid_from: Option<NaiveDate>,
    /// Last store day.
    #[diesel(sql_type = Nullable<Date>)]
    pub valid_to: Option<NaiveDate>,
    /// Live groups that use it.
    #[diesel(sql_type = BigInt)]
    pub groups: i64,
    #[diesel(sql_type = Text)]
    key: String,
}

impl PricedIn {
    /// The row's key in its list.
    pub fn cursor(&self) -> (String, Uuid) {
        (self.key.clone(), self.id)
    }
}

/// The price lists that have a product, by name.
pub fn lists(
    conn: &mut PgConnection,
    product: Uuid,
    place: &Place<(String, Uuid)>,
    limit: usize,
) -> Result<Page<PricedIn>> {
    let sorting = Sorting { by: "lower(l.name)", kind: "text", id: "l.id", descending: false, place };
    let (key, id) = sorting.key();
    let rows = sql_query(format!(
        "SELECT l.id, l.code, l.name, l.currency, l.status, l.valid_from, l.valid_to, lower(l.name) AS key,
                (SELECT count(*) FROM group_price_lists a JOIN groups g ON g.id = a.group_id
                 WHERE a.price_list_id = l.id AND g.deleted_at IS NULL) AS groups
         FROM price_lists l
         WHERE l.id IN (SELECT e.price_list_id FROM price_list_entries e WHERE e.product_id = $4) AND {}
         {} LIMIT $3",
        sorting.after(),
        sorting.order()
    ))
    .bind::<Nullable<Text>, _>(key)
    .bind::<Nullable<SqlUuid>, _>(id)
    .bind::<BigInt, _>(one_more(limit))
    .bind::<SqlUuid, _>(product)
    .load(conn)?;
    Ok(Page::of(rows, place, limit))
}

/// How many price lists have a product.
pub fn count(conn: &mut PgConnection, product: Uuid) -> Result<i64> {
    use crate::schema::price_list_entries as entries;
    use diesel::dsl::count;
    Ok(entries::table
        .filter(entries::product_id.eq(product))
        .select(count(entries::price_list_id).aggregate_distinct())
        .get_result(conn)?)
}

/// A product's prices in lists as (minimum quantity, price in minor units), the smallest quantity first.
pub fn breaks(conn: &mut PgConnection, product: Uuid, lists: &[Uuid]) -> Result<HashMap<Uuid, Vec<(i32, i64)>>> {
    use crate::schema::price_list_entries as entries;
    let rows: Vec<(Uuid, i32, i64)> = entries::table
        .filter(entries::price_list_id.eq_any(lists))
        .filter(entries::product_id.eq(product))
        .order((entries::price_list_id, entries::min_quantity))
        .select((entries::price_list_id, entries::min_quantity, entries::price))
        .load(conn)?;
    let mut found: HashMap<Uuid, Vec<(i32, i64)>> = HashMap::new();
    for (list, quantity, price) in rows {
        found.entry(list).or_default().push((quantity, price));
    }
    Ok(found)
}

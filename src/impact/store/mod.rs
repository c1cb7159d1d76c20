//! Whom a change reaches, and a sample of them, from the database.

pub mod assess;
mod case;
mod draw;
mod passing;
pub mod rehearse;
mod whom;

pub use draw::{MOST_BOUGHT, NEWEST};

use crate::clock::store_day;
use crate::error::Result;
use crate::groups::group::ROOT_ID;
use crate::impact::touched::between;
use crate::inheritance::book::Book;
use crate::inheritance::counting::Standing;
use crate::inheritance::store::counting::standings_with_deleted;
use crate::pricing::facts::Question;
use crate::schema::{customers, groups, price_list_entries, products, store_totals};
use crate::store_settings::store as store_settings;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use uuid::Uuid;

/// What an impact asks about each product: one unit, on the store day, in the store's currency.
pub fn today(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Question> {
    let store = store_settings::load(conn)?;
    Ok(Question { quantity: 1, day: store_day(now, store.time_zone), currency: store.currency })
}

/// How many memberships a change may touch and still be looked at while a page is made; a larger one's impact is fetched
/// after the page.
pub const AT_ONCE: i64 = 100_000;

/// About how many memberships the change from `before` to `after` touches: those of the groups that notice; for All
/// Customers, everybody's. It is cheap.
pub fn size(conn: &mut PgConnection, before: &Book, after: &Book) -> Result<i64> {
    let felt: Vec<Uuid> = between(before, after).iter().filter(|group| group.is_felt()).map(|group| group.id).collect();
    if felt.contains(&ROOT_ID) {
        return Ok(store_totals::table.select(store_totals::customers).first(conn)?);
    }
    members_of(conn, &felt)
}

/// How many memberships these groups have.
fn members_of(conn: &mut PgConnection, ids: &[Uuid]) -> Result<i64> {
    let members: Option<i64> =
        groups::table.filter(groups::id.eq_any(ids)).select(diesel::dsl::sum(groups::member_count)).get_result(conn)?;
    Ok(members.unwrap_or_default())
}

/// A customer of the sample.
#[derive(Clone, Debug)]
pub struct SampledCustomer {
    /// The customer.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it is in today.
    pub standing: Standing,
}

/// The customers of a sample, by name.
pub fn customers(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<SampledCustomer>> {
    let mut standings = standings_with_deleted(conn, ids)?;
    let rows: Vec<(Uuid, String)> = customers::table
        .filter(customers::id.eq_any(ids))
        .order((customers::name, customers::id))
        .select((customers::id, customers::name))
        .load(conn)?;
    let sampled = |(id, name)| SampledCustomer { id, name, standing: standings.remove(&id).unwrap_or_default() };
    Ok(rows.into_iter().map(sampled).collect())
}

/// The ids of up to `limit` active products: those with an entry in one of `lists` first, the rest spread evenly over
/// the catalogue.
pub fn products(conn: &mut PgConnection, lists: &[Uuid], limit: i64) -> Result<Vec<Uuid>> {
    let mut ids = products_of(conn, lists, limit / 2)?;
    let spread: Vec<Id> = sql_query(
        "SELECT id FROM (
             SELECT id, row_number() OVER (ORDER BY sku) AS place, count(*) OVER () AS total
             FROM products WHERE status = 'active'
         ) p WHERE place % greatest(total / $1, 1) = 0 ORDER BY place LIMIT $1",
    )
    .bind::<BigInt, _>(limit)
    .load(conn)?;
    for Id { id } in spread {
        if ids.len() < usize::try_from(limit).unwrap_or_default() && !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The ids of up to `limit` active products that have a price in one of `lists`.
pub fn products_of(conn: &mut PgConnection, lists: &[Uuid], limit: i64) -> Result<Vec<Uuid>> {
    Ok(price_list_entries::table
        .inner_join(products::table)
        .filter(price_list_entries::price_list_id.eq_any(lists))
        .filter(products::status.eq("active"))
        .select(price_list_entries::product_id)
        .distinct()
        .order(price_list_entries::product_id)
        .limit(limit)
        .load(conn)?)
}

/// How many products are sold.
pub fn active_products(conn: &mut PgConnection) -> Result<i64> {
    Ok(products::table.filter(products::status.eq("active")).count().get_result(conn)?)
}

/// The ids of up to `limit` active products.
pub fn catalogue(conn: &mut PgConnection, limit: i64) -> Result<Vec<Uuid>> {
    Ok(products::table.filter(products::status.eq("active")).select(products::id).limit(limit).load(conn)?)
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

//! Whom a change reaches, and a sample of them, from the database.

pub mod assess;
mod case;
pub mod cohorts;
pub mod rehearse;
mod whom;

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
use diesel::sql_types::{Array, BigInt, Bool, Uuid as SqlUuid};
use uuid::Uuid;

/// How many customers of the sample are those who bought most, and how many the newest.
pub const MOST_BOUGHT: i64 = 15;
/// See [`MOST_BOUGHT`].
pub const NEWEST: i64 = 10;

/// Customers for whom one of the groups `$1` counts: through their organization, or by an own membership where no other
/// group of an organization decides. With `$2` also those for whom no group counts (SPEC 6, "Which groups count").
pub(super) const REACHED: &str = "
    deciding AS (
        SELECT o.id, o.group_id FROM organizations o
        JOIN groups g ON g.id = o.group_id AND g.deleted_at IS NULL AND g.status = 'active'
    ), reached AS (
        SELECT c.id FROM organizations o JOIN customers c ON c.organization_id = o.id, asked a
        WHERE o.group_id = ANY (a.groups)
        UNION
        SELECT m.customer_id FROM memberships m, asked a
        WHERE m.group_id = ANY (a.groups)
          AND m.customer_id NOT IN (
              SELECT c.id FROM deciding d JOIN customers c ON c.organization_id = d.id
          )
        UNION
        SELECT c.id FROM customers c, asked a
        WHERE a.without_groups
          AND NOT EXISTS (SELECT FROM deciding d WHERE d.id = c.organization_id)
          AND NOT EXISTS (
              SELECT FROM memberships m JOIN groups g ON g.id = m.group_id AND g.deleted_at IS NULL AND g.status = 'active'
              WHERE m.customer_id = c.id
          )
    )";

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
    let members: Option<i64> = groups::table
        .filter(groups::id.eq_any(felt))
        .select(diesel::dsl::sum(groups::member_count))
        .get_result(conn)?;
    Ok(members.unwrap_or_default())
}

/// The ids of a sample of the customers for whom one of `groups` counts, or no group at all.
pub fn sample(conn: &mut PgConnection, groups: &[Uuid], without_groups: bool) -> Result<Vec<Uuid>> {
    let found: Vec<Id> = sql_query(format!(
        "WITH asked AS (SELECT $1::uuid[] AS groups, $2::boolean AS without_groups), {REACHED}, most AS (
             SELECT r.id FROM reached r JOIN customer_purchases p ON p.customer_id = r.id ORDER BY p.net DESC, r.id LIMIT $3
         ), newest AS (SELECT id FROM reached ORDER BY id DESC LIMIT $4)
         SELECT id FROM most UNION SELECT id FROM newest"
    ))
    .bind::<Array<SqlUuid>, _>(groups)
    .bind::<Bool, _>(without_groups)
    .bind::<BigInt, _>(MOST_BOUGHT)
    .bind::<BigInt, _>(NEWEST)
    .load(conn)?;
    Ok(found.into_iter().map(|row| row.id).collect())
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

//! The customer list in the database: pages by key, totals.
//!
//! The statement is put together from pieces that are constants of this program, with every value bound, and is planned
//! anew each time: the best way to the first rows depends on what is searched and how many have it.

use super::filter::{Filters, Sql, Value};
use crate::customers::listing::{Key, Sort, Wanted};
use crate::db::keyset::{Page, Place, one_more};
use crate::error::Result;
use crate::money::Currency;
use crate::schema::store_totals;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// A stretch of the list: rows that have the value sorted by come first, those that have none after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stretch {
    Valued,
    Unvalued,
}

/// Where a stretch is read: its tables, what makes it, the value sorted by and the id.
struct Plan {
    from: &'static str,
    condition: &'static str,
    value: &'static str,
    id: &'static str,
    /// Whether `customer_purchases p` is among the tables.
    reads_purchases: bool,
}

fn plan(sort: Sort, stretch: Stretch) -> Plan {
    let customers =
        |condition, value| Plan { from: "customers c", condition, value, id: "c.id", reads_purchases: false };
    let purchases = |condition, value| Plan {
        from: "customer_purchases p JOIN customers c ON c.id = p.customer_id",
        condition,
        value,
        id: "p.customer_id",
        reads_purchases: true,
    };
    match (sort, stretch) {
        (Sort::Name, _) => customers("true", "c.search"),
        (Sort::Since, Stretch::Valued) => customers("c.customer_since IS NOT NULL", "c.customer_since"),
        (Sort::Since, Stretch::Unvalued) => customers("c.customer_since IS NULL", "NULL"),
        (Sort::Purchases, Stretch::Valued) => purchases("true", "p.net"),
        (Sort::Purchases, Stretch::Unvalued) => {
            customers("NOT EXISTS (SELECT FROM customer_purchases p WHERE p.customer_id = c.id)", "NULL")
        }
        (Sort::LastOrder, Stretch::Valued) => purchases("p.last_order_on IS NOT NULL", "p.last_order_on"),
        (Sort::LastOrder, Stretch::Unvalued) => customers(
            "NOT EXISTS (SELECT FROM customer_purchases p
                         WHERE p.customer_id = c.id AND p.last_order_on IS NOT NULL)",
            "NULL",
        ),
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    key: Option<String>,
}

/// The rows of one stretch in the direction of the page, after `key` where there is one.
fn stretch(
    conn: &mut PgConnection,
    wanted: &Wanted,
    filters: Filters<'_>,
    which: Stretch,
    key: Option<&Key>,
    limit: i64,
) -> Result<Vec<Key>> {
    let Plan { from, condition, value, id, reads_purchases } = plan(wanted.sort, which);
    // Rows without a value always go by rising ids.
    let rises = (which == Stretch::Unvalued || !wanted.descending) != wanted.place.is_backwards();
    let (beyond, order) = if rises { (">", "ASC") } else { ("<", "DESC") };
    let mut sql = Sql::default();
    sql.push("SELECT ").push(id).push(" AS id, ").push(value).push("::text AS key FROM ").push(from);
    sql.push(" WHERE ").push(condition);
    filters.add_to(&mut sql, reads_purchases);
    if let Some(Key { key, id: last }) = key {
        match key.as_deref().and_then(|key| bound(wanted.sort, key)) {
            Some((this, again)) => {
                sql.push(" AND (").push(value).push(", ").push(id).push(") ").push(beyond).push(" (");
                sql.bind(this).push(", ").bind(Value::Id(*last)).push(")");
                // The value alone lets an index of (value, id) or of the value begin at the right place.
                sql.push(" AND ").push(value).push(" ").push(beyond).push("= ").bind(again);
            }
            None => {
                sql.push(" AND ").push(id).push(" ").push(beyond).push(" ").bind(Value::Id(*last));
            }
        }
    }
    sql.push(" ORDER BY ");
    if which == Stretch::Valued {
        sql.push(value).push(" ").push(order).push(", ");
    }
    sql.push(id).push(" ").push(order).push(" LIMIT ").bind(Value::Whole(limit));
    let rows: Vec<Found> = sql.query().load(conn)?;
    Ok(rows.into_iter().map(|row| Key { key: row.key, id: row.id }).collect())
}

/// A key's value, twice: it is bound in two places.
fn bound(sort: Sort, key: &str) -> Option<(Value, Value)> {
    let value = || match sort {
        Sort::Name => Some(Value::Text(key.to_owned())),
        Sort::Purchases => key.parse().ok().map(Value::Whole),
        Sort::LastOrder | Sort::Since => key.parse().ok().map(Value::Day),
    };
    value().zip(value())
}

/// The page that is asked for: the keys of at most `limit` rows, in order.
pub fn page(conn: &mut PgConnection, wanted: &Wanted, currency: Currency, limit: usize) -> Result<Page<Key>> {
    let first = match wanted.place.key() {
        Some(Key { key: None, .. }) => Stretch::Unvalued,
        Some(_) | None => Stretch::Valued,
    };
    let onwards: &[Stretch] = match (wanted.sort, &wanted.place, first) {
        // Every customer has a name.
        (Sort::Name, ..) | (_, Place::Before(_), Stretch::Valued) => &[Stretch::Valued],
        (_, Place::Before(_), Stretch::Unvalued) => &[Stretch::Unvalued, Stretch::Valued],
        (_, _, Stretch::Valued) => &[Stretch::Valued, Stretch::Unvalued],
        (_, _, Stretch::Unvalued) => &[Stretch::Unvalued],
    };
    let filters = Filters::for_page(conn, wanted, currency)?;
    let mut rows: Vec<Key> = Vec::new();
    for which in onwards.iter().copied() {
        let missing = one_more(limit).saturating_sub(i64::try_from(rows.len()).unwrap_or(i64::MAX));
        // Who never ordered has nothing to be sorted by, and who ordered has.
        let nobody = match (wanted.sort, which) {
            (Sort::Purchases | Sort::LastOrder, Stretch::Unvalued) => filters.only_buyers() == Some(true),
            (Sort::LastOrder, Stretch::Valued) => filters.only_buyers() == Some(false),
            _ => false,
        };
        if missing > 0 && !nobody {
            let key = wanted.place.key().filter(|_| which == first);
            rows.extend(stretch(conn, wanted, filters, which, key, missing)?);
        }
    }
    Ok(Page::of(rows, &wanted.place, limit))
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    customers: i64,
}

/// How many customers match. All of them are kept count of; a filtered number is counted, and therefore loaded after
/// the page.
pub fn total(conn: &mut PgConnection, wanted: &Wanted, currency: Currency) -> Result<i64> {
    if wanted.is_plain() {
        return Ok(store_totals::table.select(store_totals::customers).first(conn)?);
    }
    let mut sql = Sql::default();
    sql.push("SELECT count(*) AS customers FROM customers c WHERE true");
    Filters::for_all(wanted, currency).add_to(&mut sql, false);
    let count: Count = sql.query().get_result(conn)?;
    Ok(count.customers)
}

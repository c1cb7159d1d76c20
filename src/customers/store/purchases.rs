//! What customers have bought: the roll-ups of completed orders in the store's currency, net, minor units.

use crate::db::statement::statement;
use crate::error::Result;
use crate::money::Currency;
use crate::schema::{customer_other_orders, customer_purchases};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Integer, Text, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

/// The whole life of a customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifetime {
    /// Net, minor units.
    pub net: i64,
    /// Completed orders; credit notes are none.
    pub orders: i64,
    /// The store day of the first order.
    pub first_order_on: Option<NaiveDate>,
    /// The store day of the last order.
    pub last_order_on: Option<NaiveDate>,
}

type LifetimeRow = (Uuid, i64, i32, Option<NaiveDate>, Option<NaiveDate>);

/// The purchases of these customers; who never bought has none.
pub fn lifetimes(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, Lifetime>> {
    let rows: Vec<LifetimeRow> = customer_purchases::table
        .filter(customer_purchases::customer_id.eq_any(ids))
        .select((
            customer_purchases::customer_id,
            customer_purchases::net,
            customer_purchases::orders,
            customer_purchases::first_order_on,
            customer_purchases::last_order_on,
        ))
        .load(conn)?;
    let lifetime = |(id, net, orders, first_order_on, last_order_on): LifetimeRow| {
        (id, Lifetime { net, orders: i64::from(orders), first_order_on, last_order_on })
    };
    Ok(rows.into_iter().map(lifetime).collect())
}

/// A month of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub struct Month {
    /// Its first day.
    #[diesel(sql_type = Date)]
    pub month: NaiveDate,
    /// Net, minor units.
    #[diesel(sql_type = BigInt)]
    pub net: i64,
    /// Completed orders.
    #[diesel(sql_type = Integer)]
    pub orders: i32,
}

/// The months from this one on in which a customer bought, the newest first.
pub fn months(conn: &mut PgConnection, id: Uuid, from: NaiveDate) -> Result<Vec<Month>> {
    Ok(diesel::sql_query(
        "SELECT date_trunc('month', day::timestamp)::date AS month, sum(net)::bigint AS net, sum(orders)::integer AS orders
         FROM customer_days WHERE customer_id = $1 AND day >= $2 GROUP BY 1 ORDER BY 1 DESC",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Date, _>(from)
    .load(conn)?)
}

/// How many of a customer's orders are in other currencies than the store's: they are shown and count nowhere (SPEC 1).
pub fn in_other_currencies(conn: &mut PgConnection, id: Uuid) -> Result<i64> {
    let orders = customer_other_orders::table.find(id).select(customer_other_orders::orders);
    let found: Option<i32> = orders.first(conn).optional()?;
    Ok(found.map_or(0, i64::from))
}

/// What a customer owes: the net of its orders, open or completed, that have a due date and aren't paid (SPEC 9); minor
/// units of the store's currency, orders in others left out.
pub fn open_balance(conn: &mut PgConnection, id: Uuid, currency: Currency) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Balance {
        #[diesel(sql_type = BigInt)]
        balance: i64,
    }
    let row: Balance = statement(
        "SELECT coalesce(sum(net), 0)::bigint AS balance FROM orders
         WHERE due_at IS NOT NULL AND paid_at IS NULL AND status <> 'cancelled' AND customer_id = ",
    )
    .bind::<SqlUuid, _>(id)
    .sql(" AND currency = ")
    .bind::<Text, _>(currency.code())
    .sql("")
    .get_result(conn)?;
    Ok(row.balance)
}

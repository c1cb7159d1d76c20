//! Orders that were sent, and the snapshots of what would have priced them.

use super::snapshot::Snapshot;
use crate::error::{Error, Result};
use crate::schema::{order_pricing, orders};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Jsonb, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

/// An order that is stored.
#[derive(Clone, Debug, Queryable)]
pub struct Stored {
    /// Id.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// Whose.
    pub customer_id: Uuid,
    /// UTC.
    pub placed_at: DateTime<Utc>,
    /// ISO 4217 code.
    pub currency: String,
}

/// The orders of these numbers.
pub fn by_numbers(conn: &mut PgConnection, numbers: &[&str]) -> Result<Vec<Stored>> {
    Ok(orders::table
        .filter(orders::order_number.eq_any(numbers))
        .select((orders::id, orders::order_number, orders::customer_id, orders::placed_at, orders::currency))
        .load(conn)?)
}

/// Whose order it is.
pub fn customer_of(conn: &mut PgConnection, order: Uuid) -> Result<Option<Uuid>> {
    Ok(orders::table.find(order).select(orders::customer_id).first(conn).optional()?)
}

/// Keeps snapshots. One that is there stays, unless the order is made of something else by now.
pub fn keep(conn: &mut PgConnection, snapshots: &[(Uuid, Snapshot)], now: DateTime<Utc>) -> Result<()> {
    let (ids, snapshots): (Vec<Uuid>, Vec<&Snapshot>) = snapshots.iter().map(|(id, snapshot)| (*id, snapshot)).unzip();
    let values: Vec<Value> =
        snapshots.iter().map(serde_json::to_value).collect::<Result<_, _>>().map_err(Error::internal)?;
    diesel::sql_query(
        "INSERT INTO order_pricing (order_id, taken_at, snapshot)
         SELECT n.id, $1, n.snapshot FROM unnest($2, $3) n (id, snapshot)
         ON CONFLICT (order_id) DO UPDATE SET taken_at = excluded.taken_at, snapshot = excluded.snapshot
         WHERE order_pricing.snapshot -> 'asked' <> excluded.snapshot -> 'asked'",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Jsonb>, _>(values)
    .execute(conn)?;
    Ok(())
}

/// The snapshot of an order, and when it was taken; orders of imported files have none.
pub fn snapshot(conn: &mut PgConnection, order: Uuid) -> Result<Option<(DateTime<Utc>, Snapshot)>> {
    let found: Option<(DateTime<Utc>, Value)> = order_pricing::table
        .find(order)
        .select((order_pricing::taken_at, order_pricing::snapshot))
        .first(conn)
        .optional()?;
    let read = |(at, value)| Ok((at, serde_json::from_value(value).map_err(Error::internal)?));
    found.map(read).transpose()
}

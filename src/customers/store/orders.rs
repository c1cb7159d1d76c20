//! A customer's orders, the newest first, and the lines of one.

use crate::db::keyset::{Page, Place, one_more};
use crate::error::{Error, Result};
use crate::money::Currency;
use crate::schema::{order_lines, orders, products};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// An order's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Id.
    pub id: Uuid,
    /// Unique.
    pub number: String,
    /// UTC.
    pub placed_at: DateTime<Utc>,
    /// `completed`, `open` or `cancelled`.
    pub status: String,
    /// Its own currency, which may be another than the store's.
    pub currency: Currency,
    /// What is paid, minor units.
    pub net: i64,
    /// At list price, minor units.
    pub gross: i64,
    /// Only negative lines.
    pub is_credit_note: bool,
    /// UTC.
    pub paid_at: Option<DateTime<Utc>>,
    /// UTC.
    pub due_at: Option<DateTime<Utc>>,
}

type Row = (Uuid, String, DateTime<Utc>, String, String, i64, i64, bool, Option<DateTime<Utc>>, Option<DateTime<Utc>>);

const COLUMNS: (
    orders::id,
    orders::order_number,
    orders::placed_at,
    orders::status,
    orders::currency,
    orders::net,
    orders::gross,
    orders::is_credit_note,
    orders::paid_at,
    orders::due_at,
) = (
    orders::id,
    orders::order_number,
    orders::placed_at,
    orders::status,
    orders::currency,
    orders::net,
    orders::gross,
    orders::is_credit_note,
    orders::paid_at,
    orders::due_at,
);

fn order((id, number, placed_at, status, currency, net, gross, is_credit_note, paid_at, due_at): Row) -> Result<Order> {
    let currency = Currency::from_code(&currency)
        .ok_or_else(|| Error::internal(format!("an order's currency {currency} is unknown")))?;
    Ok(Order { id, number, placed_at, status, currency, net, gross, is_credit_note, paid_at, due_at })
}

/// What orders are sorted by: when they were placed, then id; the newest first.
pub type OrderKey = (DateTime<Utc>, Uuid);

/// A page of a customer's orders, the newest first.
pub fn page(conn: &mut PgConnection, customer: Uuid, place: &Place<OrderKey>, limit: usize) -> Result<Page<Order>> {
    let mut query = orders::table.filter(orders::customer_id.eq(customer)).select(COLUMNS).into_boxed();
    // The store's days have an index; within a day the instant decides. The day of an instant is at most a day away.
    query = match place.key().copied() {
        None => query,
        Some((at, id)) if place.is_backwards() => query
            .filter(orders::day.ge((at - chrono::Duration::days(1)).date_naive()))
            .filter(orders::placed_at.ge(at))
            .filter(orders::placed_at.gt(at).or(orders::id.gt(id))),
        Some((at, id)) => query
            .filter(orders::day.le((at + chrono::Duration::days(1)).date_naive()))
            .filter(orders::placed_at.le(at))
            .filter(orders::placed_at.lt(at).or(orders::id.lt(id))),
    };
    query = if place.is_backwards() {
        query.order((orders::day.asc(), orders::placed_at.asc(), orders::id.asc()))
    } else {
        query.order((orders::day.desc(), orders::placed_at.desc(), orders::id.desc()))
    };
    let rows: Vec<Row> = query.limit(one_more(limit)).load(conn)?;
    Ok(Page::of(rows.into_iter().map(order).collect::<Result<_>>()?, place, limit))
}

/// One order of a customer.
///
/// # Errors
/// [`Error::NotFound`].
pub fn one(conn: &mut PgConnection, customer: Uuid, id: Uuid) -> Result<Order> {
    let row: Option<Row> =
        orders::table.find(id).filter(orders::customer_id.eq(customer)).select(COLUMNS).first(conn).optional()?;
    order(row.ok_or_else(|| Error::NotFound("This customer has no such order.".into()))?)
}

/// A line of an order; amounts in minor units of the order's currency.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Line {
    /// Its place in the order.
    pub line: i32,
    /// The product's SKU.
    pub sku: String,
    /// The product's name.
    pub product: String,
    /// Negative for a return.
    pub quantity: i32,
    /// Per unit, as paid.
    pub unit_price: i64,
    /// Per unit, at list price.
    pub list_price: i64,
}

impl Line {
    /// What the line comes to.
    pub fn total(&self) -> i64 {
        self.unit_price.saturating_mul(i64::from(self.quantity))
    }
}

/// A page of an order's lines, in their order.
pub fn lines(conn: &mut PgConnection, order: Uuid, place: &Place<LineKey>, limit: usize) -> Result<Page<Line>> {
    let mut query = order_lines::table
        .inner_join(products::table)
        .filter(order_lines::order_id.eq(order))
        .select((
            order_lines::line,
            products::sku,
            products::name,
            order_lines::quantity,
            order_lines::unit_price,
            order_lines::list_price,
        ))
        .into_boxed();
    query = match place.key() {
        None => query.order(order_lines::line.asc()),
        Some(LineKey(line)) if place.is_backwards() => {
            query.filter(order_lines::line.lt(*line)).order(order_lines::line.desc())
        }
        Some(LineKey(line)) => query.filter(order_lines::line.gt(*line)).order(order_lines::line.asc()),
    };
    let rows: Vec<Line> = query.limit(one_more(limit)).load(conn)?;
    Ok(Page::of(rows, place, limit))
}

/// The place of a line in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LineKey(pub i32);

impl crate::db::keyset::Key for LineKey {
    fn is_possible(&self) -> bool {
        true
    }
}

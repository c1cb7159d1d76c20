//! Taking orders in: through the import engine, so that its rules hold, with what would have priced them kept beside.

use super::sent::{Order, Part, parts, rows};
use super::snapshot::{Asked, Snapshot};
use super::store::{self, Stored};
use crate::auth::role::{Actor, Permission};
use crate::clock::store_day;
use crate::error::{Error, FieldError, Result};
use crate::imports::actions::{Request, import};
use crate::imports::instants;
use crate::imports::kind::Kind;
use crate::imports::mapping::Wishes;
use crate::imports::report::{Counts, Outcome, Report};
use crate::imports::store::take_turn_if_free as take_turn;
use crate::inheritance::store::live::LiveSettings;
use crate::money::Currency;
use crate::pricing::asking::Wanted;
use crate::pricing::facts::Question;
use crate::pricing::store::asking;
use crate::store_settings::store as store_settings;
use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use diesel::PgConnection;
use std::collections::{HashMap, HashSet};
use std::io::Cursor;
use uuid::Uuid;

/// How far the clock of a shop may be ahead.
const CLOCKS: Duration = Duration::minutes(5);
/// How long a day without a time is.
const DAY: usize = "2026-03-10".len();
/// The most orders of one call.
pub const MOST_ORDERS: usize = 1_000;
/// The most lines of one call, over all its orders.
pub const MOST_LINES: usize = 10_000;

/// What became of the orders.
#[derive(Clone, Debug)]
pub struct Ingested {
    /// How many were new, changed, and as before.
    pub counts: Counts,
    /// Their ids, in the order in which they were sent.
    pub ids: Vec<Uuid>,
}

/// Takes orders in, all or none; an order of a known number replaces that one's lines.
///
/// # Errors
/// [`Error::Invalid`] with the line that can't be taken: `orders[0].lines[2]`.
pub fn ingest(
    conn: &mut PgConnection,
    live: &LiveSettings,
    actor: &Actor,
    orders: &[Order],
    now: DateTime<Utc>,
) -> Result<Ingested> {
    actor.require(Permission::Import)?;
    fits(orders)?;
    let mut errors = check(orders, store_settings::load(conn)?.time_zone, now);
    if !take_turn(conn)? {
        return Err(Error::Busy);
    }
    let (text, places) = rows(orders);
    let request = Request {
        kind: Kind::Orders,
        file: "POST /admin/orders",
        wishes: Wishes::default(),
        create: Vec::new(),
        // What else is wrong is told along with it.
        dry_run: !errors.is_empty(),
        good_rows: false,
        actor,
        now,
    };
    let report = import(conn, &mut Cursor::new(text), &request, None, &mut |_| {})?;
    if report.outcome != Outcome::Imported {
        for refusal in refusals(&report, &places) {
            if !errors.iter().any(|known| known.field == refusal.field) {
                errors.push(refusal);
            }
        }
        return Err(Error::Invalid(errors));
    }
    let numbers: Vec<&str> = orders.iter().map(|order| order.number.as_str()).collect();
    let stored: HashMap<String, Stored> =
        store::by_numbers(conn, &numbers)?.into_iter().map(|order| (order.number.clone(), order)).collect();
    let found: Vec<(&Order, &Stored)> =
        orders.iter().filter_map(|order| Some((order, stored.get(&order.number)?))).collect();
    let snapshots = snapshots(conn, live, &found)?;
    store::keep(conn, &snapshots, now)?;
    Ok(Ingested { counts: report.counts, ids: found.iter().map(|(_, stored)| stored.id).collect() })
}

/// What is wrong that the engine can't tell, which sees rows only, and what a file of old orders may have and a shop's call may not.
fn check(orders: &[Order], zone: Tz, now: DateTime<Utc>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut numbers = HashSet::new();
    for (at, order) in orders.iter().enumerate() {
        if order.lines.is_empty() {
            errors.push(FieldError::new(format!("orders[{at}].lines"), "An order has at least one line."));
        }
        if order.number != order.number.trim() || order.number.is_empty() {
            let message = "The order number is 1 to 64 characters, without spaces around it.";
            errors.push(FieldError::new(format!("orders[{at}].orderNumber"), message));
        } else if !numbers.insert(&order.number) {
            let message = "An order before it has the same number. Send each order once.";
            errors.push(FieldError::new(format!("orders[{at}].orderNumber"), message));
        }
        errors.extend(
            times(order, zone, now).map(|(field, message)| FieldError::new(format!("orders[{at}].{field}"), message)),
        );
    }
    errors
}

/// Refuses no orders, and more than one call may have.
fn fits(orders: &[Order]) -> Result<()> {
    let lines: usize = orders.iter().map(|order| order.lines.len()).sum();
    if orders.is_empty() || orders.len() > MOST_ORDERS || lines > MOST_LINES {
        return Err(Error::field("orders", "Send 1 to 1,000 orders with at most 10,000 lines at once."));
    }
    Ok(())
}

/// What is wrong with the times of an order. A time that can't be read is told by the engine.
fn times(order: &Order, zone: Tz, now: DateTime<Utc>) -> Option<(&'static str, &'static str)> {
    let placed = instants::instant(&order.placed_at, zone).ok()?.at;
    if placed > now + CLOCKS {
        return Some(("placedAt", "The order is placed in the future. Send the time at which it was placed."));
    }
    let paid = instants::instant(&order.paid_at, zone).ok()?.at;
    // A day alone is its midnight: paid on the day on which it was placed is in order.
    let same_day = order.paid_at.trim().len() == DAY && store_day(paid, zone) == store_day(placed, zone);
    let message = "The order is paid before it is placed. Mend one of the two times.";
    (paid < placed && !same_day).then_some(("paidAt", message))
}

/// The engine's reasons at the fields that they are about. Rows are counted from 1, the header's.
fn refusals(report: &Report, places: &[(usize, usize)]) -> Vec<FieldError> {
    let mut errors: Vec<FieldError> = Vec::new();
    for bad in &report.first_bad_rows {
        let place = usize::try_from(bad.row - 2).ok().and_then(|at| places.get(at));
        for (part, reason) in parts(&bad.reason) {
            let field = match (place, part) {
                (None, _) => "orders".to_owned(),
                (Some((order, _)), Some(Part::Order(name))) => format!("orders[{order}].{name}"),
                (Some((order, line)), Some(Part::Line(name))) => format!("orders[{order}].lines[{line}].{name}"),
                (Some((order, line)), None) => format!("orders[{order}].lines[{line}]"),
            };
            // What a file may be told to do, a call may not.
            let reason = reason.split(": import ").next().unwrap_or_default();
            let error = FieldError::new(field, format!("{}.", reason.trim_end_matches('.')));
            // What is wrong with the order is told once, not at each of its lines.
            if !errors.contains(&error) {
                errors.push(error);
            }
        }
    }
    errors
}

/// What would have priced these orders when they were placed: a handful of statements, however many they are.
fn snapshots(
    conn: &mut PgConnection,
    live: &LiveSettings,
    orders: &[(&Order, &Stored)],
) -> Result<Vec<(Uuid, Snapshot)>> {
    let customers: Vec<Uuid> = orders.iter().map(|(_, stored)| stored.customer_id).collect();
    let buyers = asking::buyers(conn, live, &customers)?;
    let mut wanted = Wanted::default();
    for buyer in buyers.values() {
        wanted.extend(buyer.wanted());
    }
    let skus: HashSet<&str> = orders.iter().flat_map(|(order, _)| &order.lines).map(|line| line.sku.as_str()).collect();
    let wares = asking::wares(conn, &wanted, &skus.into_iter().collect::<Vec<_>>())?;
    let snapshot = |(order, stored): &(&Order, &Stored)| {
        let buyer = buyers.get(&stored.customer_id)?;
        let currency = Currency::from_code(&stored.currency)?;
        let quantity = |text: &str| text.trim().parse::<i32>().ok().and_then(i32::checked_abs);
        let items: Vec<_> =
            order.lines.iter().filter_map(|line| Some((wares.of(&line.sku)?, quantity(&line.quantity)?))).collect();
        let asked = Asked {
            customer_id: stored.customer_id,
            placed_at: stored.placed_at.to_rfc3339(),
            currency: stored.currency.clone(),
            lines: items.iter().map(|(ware, quantity)| (ware.product.sku.clone(), *quantity)).collect(),
        };
        let question = Question { quantity: 1, day: store_day(stored.placed_at, buyer.zone), currency };
        Some((stored.id, Snapshot::of(asked, buyer, &buyer.prices(items, &question), currency)))
    };
    Ok(orders.iter().filter_map(snapshot).collect())
}

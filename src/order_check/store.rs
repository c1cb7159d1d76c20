//! An order as checkout would answer it: its prices are asked for already; here come promotions, terms and credit.

use super::decision::{Decision, Order, decide};
use crate::clock::store_day;
use crate::customers::store::purchases::open_balance;
use crate::error::{Error, Result};
use crate::inheritance::effective::{Effective, effective};
use crate::money::Currency;
use crate::pricing::asking::{Buyer, Priced};
use crate::promotions::basket::line;
use crate::promotions::campaigns::running;
use crate::promotions::combining::{Promoted, promote};
use crate::promotions::eligibility::{Asker, is_for, not_for};
use crate::promotions::promotion::Promotion;
use crate::promotions::store::load;
use crate::segments::store as segments;
use crate::store_settings::store as store_settings;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;
use std::collections::HashSet;
use uuid::Uuid;

/// A checked order.
pub struct Checked {
    /// Every promotion that runs that day, and the nearest of those that don't.
    pub promotions: Vec<Promotion>,
    /// What they make of the order: verdicts in the order of the promotions, lines in that of the lines that count.
    pub promoted: Promoted,
    /// The store's shipping fee for it.
    pub shipping_fee: i64,
    /// The settings that hold for the customer.
    pub terms: Effective,
    /// What the customer owes already, in the store's currency.
    pub open_balance: i64,
    /// What becomes of the order.
    pub decision: Decision,
}

/// Whether a line counts in an order: it is seen and priced.
pub fn counts(priced: &Priced<'_>) -> bool {
    priced.visible() && priced.line_total().is_some()
}

/// Checks an order of a buyer on a store day. Memberships, settings and segments are today's, at `now`.
pub fn check(
    conn: &mut PgConnection,
    buyer: &Buyer,
    priced: &[Priced<'_>],
    day: NaiveDate,
    currency: Currency,
    now: DateTime<Utc>,
) -> Result<Checked> {
    let levels = buyer.book.levels();
    let counting: Vec<Uuid> = buyer.counting.groups.iter().map(|group| group.id).collect();
    let promotions = load::on(conn, day)?;
    let segments = in_segments(conn, buyer, &counting, &promotions, day, now)?;
    let counted: Vec<&Priced<'_>> = priced.iter().filter(|priced| counts(priced)).collect();
    let lines: Vec<_> = counted.iter().filter_map(|priced| line(&priced.resolution, priced.quantity, levels)).collect();
    let in_store_currency = currency == buyer.currency;
    // Nothing is shipped where nothing counts; abroad the fee is none that is known.
    let ships = in_store_currency && !lines.is_empty();
    let shipping_fee = if ships { store_settings::load(conn)?.flat_shipping } else { 0 };
    let asker = Asker { day, levels, counting: &counting, segments: &segments };
    let promoted = promote(&promotions, &lines, shipping_fee, in_store_currency, &asker);
    let terms = effective(levels, buyer.deciding()).ok_or_else(|| Error::internal("a group that counts is gone"))?;
    let open_balance = match &buyer.customer {
        Some(customer) => open_balance(conn, customer.id, buyer.currency)?,
        None => 0,
    };
    let order = Order {
        is_active: buyer.customer.as_ref().is_none_or(|customer| customer.active),
        hidden: priced.iter().filter(|priced| !priced.visible()).count(),
        unpriced: priced.iter().filter(|priced| priced.visible() && priced.line_total().is_none()).count(),
        subtotal: promoted.subtotal,
        units: counted.iter().map(|priced| i64::from(priced.quantity)).sum(),
        total: promoted.total(),
        open_balance,
        in_store_currency,
        day,
    };
    let decision = decide(&order, &terms);
    Ok(Checked { promotions, promoted, shipping_fee, terms, open_balance, decision })
}

/// The promotions that are for a buyer on a store day, whatever is ordered (SPEC 13: "is eligible for"), each with why.
pub fn eligible(
    conn: &mut PgConnection,
    buyer: &Buyer,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Vec<(Promotion, String)>> {
    let counting: Vec<Uuid> = buyer.counting.groups.iter().map(|group| group.id).collect();
    let promotions = load::on(conn, day)?;
    let segments = in_segments(conn, buyer, &counting, &promotions, day, now)?;
    let asker = Asker { day, levels: buyer.book.levels(), counting: &counting, segments: &segments };
    let eligible = promotions.into_iter().filter(|promotion| not_for(promotion, &asker).is_none());
    Ok(eligible
        .map(|promotion| {
            let why = is_for(&promotion, &asker);
            (promotion, why)
        })
        .collect())
}

/// Those segments of campaigns that run which the buyer is in.
fn in_segments(
    conn: &mut PgConnection,
    buyer: &Buyer,
    counting: &[Uuid],
    promotions: &[Promotion],
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<HashSet<Uuid>> {
    let Some(customer) = &buyer.customer else { return Ok(HashSet::new()) };
    let mut ids: Vec<Uuid> = promotions
        .iter()
        .flat_map(|promotion| running(&promotion.campaigns, day))
        .flat_map(|campaign| campaign.segments.iter().map(|(id, _)| *id))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let today = store_day(now, buyer.zone);
    segments::of_customer(conn, &ids, customer.id, buyer.book.levels(), counting, buyer.currency, today)
}

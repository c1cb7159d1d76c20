//! The review card of a group, put together.

use super::review::{anniversaries, buying_alike, matching};
use super::{Scope, at_one_moment};
use crate::error::Result;
use crate::groups::store::Group;
use crate::inheritance::effective::effective;
use crate::inheritance::store::live::LiveSettings;
use crate::reports::period::{Period, Span};
use crate::reports::review::{BetterFit, NAMED, Review};
use crate::reports::store::performance::performance;
use crate::rules::store::compile::{People, compile};
use crate::rules::store::rules::stored;
use crate::store_settings::settings::StoreSettings;
use chrono::NaiveDate;
use diesel::PgConnection;
use rust_decimal::Decimal;
use uuid::Uuid;

/// How many siblings are looked at: those with the greatest discounts.
const SIBLINGS: usize = 6;

/// The card of a group alone, without its subgroups.
pub fn review(
    conn: &mut PgConnection,
    live: &LiveSettings,
    group: &Group,
    store: &StoreSettings,
    today: NaiveDate,
) -> Result<Review> {
    let period = Period::of(Span::Last12Months, today).unwrap_or(Period { from: today, to: today });
    let scope = Scope::Groups(vec![group.id]);
    let better = better_siblings(conn, live, group)?;
    let mut fits = Vec::new();
    for sibling in better {
        fits.extend(fitting(conn, group.id, &sibling, store, today)?);
    }
    fits.sort_by(|a, b| b.members.cmp(&a.members).then_with(|| a.name.cmp(&b.name)));
    let anniversaries = anniversaries(conn, group.id, today, store.time_zone.name())?;
    let found = at_one_moment(conn, |conn| performance(conn, period, &scope))?;
    let at_risk = found.people.at_risk.into_iter().take(NAMED).collect();
    Ok(Review { report: found.report, at_risk, better: fits, anniversaries })
}

fn fitting(
    conn: &mut PgConnection,
    group: Uuid,
    sibling: &Group,
    store: &StoreSettings,
    today: NaiveDate,
) -> Result<Option<BetterFit>> {
    let named = (sibling.id, sibling.name.as_str());
    if sibling.rule.is_none() {
        return buying_alike(conn, group, named);
    }
    // A rule that can't be read any more says so on its own page.
    match stored(conn, sibling, store.currency) {
        Ok(rule) => matching(conn, group, named, &compile(&rule, store.currency, today, &People::All)),
        Err(_) => Ok(None),
    }
}

/// The active groups beside this one, below the same parent, whose members get a greater percentage off.
fn better_siblings(conn: &mut PgConnection, live: &LiveSettings, group: &Group) -> Result<Vec<Group>> {
    let Some(parent) = group.parent_id else { return Ok(Vec::new()) };
    let book = live.now(conn)?;
    let percent = |id: Uuid| {
        let levels = effective(book.levels(), id).map(|effective| effective.pricing).unwrap_or_default();
        levels.into_iter().filter_map(|level| level.total_percent).max().unwrap_or(Decimal::ZERO)
    };
    let own = percent(group.id);
    let beside = book.children(parent).iter().filter(|id| **id != group.id);
    let counting = beside.filter(|id| book.level(**id).is_some_and(|level| level.counts));
    let mut better: Vec<(Decimal, Uuid)> =
        counting.map(|id| (percent(*id), *id)).filter(|(percent, _)| *percent > own).collect();
    better.sort_by(|a, b| b.cmp(a));
    let ids: Vec<Uuid> = better.into_iter().take(SIBLINGS).map(|(_, id)| id).collect();
    crate::groups::store::by_ids(conn, &ids)
}

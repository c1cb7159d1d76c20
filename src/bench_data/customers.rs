//! Customers, their organizations, and who is in which group.

use super::calendar::Calendar;
use super::draw::{Draw, Part, id};
use super::groups::Group;
use super::rows::Rows;
use super::shares::spread;
use super::sizes::Sizes;
use super::words::{FIRST, LAST, PLACES, TRADES};
use crate::error::Result;
use crate::groups::group::GroupType;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// The id of a customer.
pub fn customer_id(n: usize, calendar: &Calendar) -> Uuid {
    id(Part::Customer, n, calendar.joined(n).timestamp_millis())
}

fn organization_id(n: usize, calendar: &Calendar) -> Uuid {
    id(Part::Organization, n, calendar.opening().timestamp_millis())
}

/// Writes the organizations' rows: id, code, name, group_id, created_at, updated_at. A fifth has a group.
pub fn write_organizations(sizes: &Sizes, groups: &[Group], calendar: &Calendar, rows: &mut Rows<'_>) -> Result<()> {
    for n in 0..sizes.organizations() {
        let mut draw = Draw::of(Part::Organization, n);
        rows.id(organization_id(n, calendar));
        rows.text(&format!("BO-{n:06}"));
        rows.text(&format!("{} {} {n:06}", draw.pick(&LAST), draw.pick(&TRADES)));
        rows.maybe_id(draw.percent(20).then(|| draw.pick(groups).id));
        rows.instant(calendar.opening());
        rows.instant(calendar.opening());
        rows.end()?;
    }
    Ok(())
}

/// Writes the customers' rows: id, code, name, email, status, country, region, customer_since, payment_history,
/// organization_id, tags, metadata, created_at, updated_at.
pub fn write_customers(sizes: &Sizes, calendar: &Calendar, rows: &mut Rows<'_>) -> Result<()> {
    for n in 0..sizes.customers {
        let mut draw = Draw::of(Part::Customer, n);
        let joined = calendar.joined(n);
        let company = draw.percent(30);
        let (first, last) = (draw.pick(&FIRST), draw.pick(&LAST));
        rows.id(customer_id(n, calendar));
        rows.text(&format!("BC-{n:07}"));
        match company {
            true => rows.text(&format!("{last} {}", draw.pick(&TRADES))),
            false => rows.text(&format!("{first} {last}")),
        }
        rows.text(&format!("{}.{n}@example.com", last.to_lowercase()));
        rows.text(["active", "active", "active", "inactive", "blocked"][draw.skewed(5)]);
        let (country, region) = PLACES[draw.skewed(PLACES.len())];
        rows.text(country);
        rows.text(region);
        rows.day(Some(joined.date_naive()));
        rows.maybe_text([Some("good"), Some("excellent"), None, Some("fair"), Some("poor")][draw.skewed(5)]);
        rows.maybe_id(company.then(|| organization_id(draw.skewed(sizes.organizations()), calendar)));
        rows.text(["{}", "{}", "{newsletter}", "{trade,newsletter}"][draw.below(4)]);
        rows.text([r#"{"channel":"web shop"}"#, r#"{"channel":"sales"}"#, "{}"][draw.skewed(3)]);
        rows.instant(joined);
        rows.instant(joined);
        rows.end()?;
    }
    Ok(())
}

/// A customer's membership of a group.
struct Membership {
    group: Group,
    customer: Uuid,
    since: DateTime<Utc>,
    by_rule: bool,
    is_primary: bool,
    number: usize,
}

/// All memberships, group by group; a customer's first one is its primary group.
fn memberships<'a>(
    sizes: &'a Sizes,
    groups: &'a [Group],
    calendar: &'a Calendar,
) -> impl Iterator<Item = Membership> + 'a {
    let mut has_primary = vec![false; sizes.customers];
    let pairs = sizes.members().into_iter().enumerate();
    let pairs = pairs.flat_map(|(n, count)| spread(count, sizes.customers, n + 1).map(move |customer| (n, customer)));
    pairs.enumerate().map(move |(number, (n, customer))| {
        let mut draw = Draw::of(Part::Membership, number);
        let group = groups[n];
        let joined = calendar.joined(customer);
        let lived = (calendar.close() - joined).num_seconds().max(1);
        Membership {
            group,
            customer: customer_id(customer, calendar),
            since: joined + TimeDelta::seconds(draw.skewed(lived as usize) as i64),
            by_rule: match group.kind {
                GroupType::Manual => false,
                GroupType::Automatic => true,
                GroupType::Hybrid => draw.percent(50),
            },
            is_primary: !std::mem::replace(&mut has_primary[customer], true),
            number,
        }
    })
}

/// Writes the memberships' rows: group_id, customer_id, since, by_hand, by_rule, is_primary.
pub fn write_memberships(sizes: &Sizes, groups: &[Group], calendar: &Calendar, rows: &mut Rows<'_>) -> Result<()> {
    for one in memberships(sizes, groups, calendar) {
        rows.id(one.group.id);
        rows.id(one.customer);
        rows.instant(one.since);
        rows.flag(!one.by_rule);
        rows.flag(one.by_rule);
        rows.flag(one.is_primary);
        rows.end()?;
    }
    Ok(())
}

/// Writes the events of their joining: id, at, group_id, customer_id, kind, assignment, actor_kind, actor_name.
pub fn write_joins(sizes: &Sizes, groups: &[Group], calendar: &Calendar, rows: &mut Rows<'_>) -> Result<()> {
    for one in memberships(sizes, groups, calendar) {
        rows.id(id(Part::Membership, one.number, one.since.timestamp_millis()));
        rows.instant(one.since);
        rows.id(one.group.id);
        rows.id(one.customer);
        rows.text("joined");
        rows.text(if one.by_rule { "rule" } else { "manual" });
        rows.text(if one.by_rule { "rule_run" } else { "import" });
        rows.text("Bench shop");
        rows.end()?;
    }
    Ok(())
}

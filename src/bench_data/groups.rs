//! The tree of groups, and the settings that make their labels worth computing.

use super::calendar::Calendar;
use super::catalogue::{Product, VISIBILITY_GROUPS, list_id, visibility_group_id};
use super::draw::{Draw, Part, id};
use super::rows::Rows;
use super::shares::{shares, spread};
use super::sizes::{DEPTH, Sizes};
use super::words::{CATEGORIES, KINDS, LANDS, TIERS};
use crate::error::Result;
use crate::groups::group::{GroupType, ROOT_ID};
use uuid::Uuid;

/// The rule of automatic and hybrid groups (SPEC 5).
const RULE: &str = r#"{"match":"all","of":[{"field":"order_count","op":"gte","value":5},{"field":"status","op":"eq","value":"active"}]}"#;
/// How the levels below All Customers share the groups: bushy in the middle.
const LEVELS: [f64; DEPTH] = [4.0, 20.0, 60.0, 120.0, 200.0, 240.0, 220.0, 136.0];

/// A group.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Id.
    pub id: Uuid,
    /// The group above.
    pub parent: Uuid,
    /// Manual, automatic or hybrid.
    pub kind: GroupType,
}

/// All groups, parents before their children.
pub fn groups(sizes: &Sizes, calendar: &Calendar) -> Vec<Group> {
    let at = calendar.opening().timestamp_millis();
    let mut groups: Vec<Group> = Vec::with_capacity(sizes.groups);
    let mut above = 0..0;
    // One group for every level first, as far as they go, so that the tree is as deep as it may be.
    let levels = sizes.groups.min(DEPTH);
    let spread_out = shares(sizes.groups - levels, &LEVELS[..levels], usize::MAX);
    for count in spread_out {
        let first = groups.len();
        for n in first..=first + count {
            let mut draw = Draw::of(Part::Group, n);
            let kind = match draw.below(10) {
                0..=6 => GroupType::Manual,
                7 | 8 => GroupType::Automatic,
                _ => GroupType::Hybrid,
            };
            let parent = if above.is_empty() { ROOT_ID } else { groups[above.start + draw.skewed(above.len())].id };
            groups.push(Group { id: id(Part::Group, n, at), parent, kind });
        }
        above = first..groups.len();
    }
    groups
}

/// Writes the groups' rows: id, code, name, description, status, type, parent_id, rule, inherit_pricing,
/// inherit_visibility, inherit_portal, inherit_payment_terms, origin, created_at, updated_at.
pub fn write_groups(groups: &[Group], calendar: &Calendar, rows: &mut Rows<'_>) -> Result<()> {
    for (n, group) in groups.iter().enumerate() {
        let mut draw = settings(n, 0);
        rows.id(group.id);
        rows.text(&format!("BG-{n:05}"));
        rows.text(&format!("{} {} {} {n:05}", draw.pick(&TIERS), draw.pick(&LANDS), draw.pick(&KINDS)));
        rows.text("A group of the bench shop.");
        rows.text(if draw.percent(95) { "active" } else { "inactive" });
        rows.text(group.kind.name());
        rows.id(group.parent);
        rows.maybe_text((group.kind != GroupType::Manual).then_some(RULE));
        for _ in 0..4 {
            rows.flag(draw.percent(90));
        }
        rows.text("system");
        rows.instant(calendar.opening());
        rows.instant(calendar.opening());
        rows.end()?;
    }
    Ok(())
}

/// Writes when the rules run, which is never by themselves: group_id, every. What is measured must not change meanwhile.
pub fn write_schedules(groups: &[Group], rows: &mut Rows<'_>) -> Result<()> {
    for group in groups.iter().filter(|group| group.kind != GroupType::Manual) {
        rows.id(group.id);
        rows.text("never");
        rows.end()?;
    }
    Ok(())
}

/// The draws for one of a group's sections; another stream than that of its place in the tree.
fn settings(n: usize, section: usize) -> Draw {
    Draw::of(Part::Group, (section + 1) * 1_000_000 + n)
}

/// A group's pricing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    /// Nothing of its own.
    Unset,
    None,
    PriceLists,
    Percentage {
        categories: bool,
    },
    Fixed,
}

fn method(n: usize) -> (Method, Draw) {
    let mut draw = settings(n, 1);
    let method = match draw.below(100) {
        0..=34 => Method::Percentage { categories: draw.percent(25) },
        35..=59 => Method::PriceLists,
        60..=67 => Method::Fixed,
        68..=71 => Method::None,
        _ => Method::Unset,
    };
    (method, draw)
}

/// Writes pricing: group_id, method, percent, fixed_amount, adds_to_inherited, scope, minimum_order_amount.
pub fn write_pricing(groups: &[Group], rows: &mut Rows<'_>) -> Result<()> {
    for (n, group) in groups.iter().enumerate() {
        let (method, mut draw) = method(n);
        let (name, percent, fixed) = match method {
            Method::Unset => continue,
            Method::None => ("none", None, None),
            Method::PriceLists => ("price_lists", None, None),
            Method::Percentage { .. } => ("percentage", Some(draw.between(2, 30)), None),
            Method::Fixed => ("fixed", None, Some(draw.between(1, 20) * 100)),
        };
        rows.id(group.id);
        rows.text(name);
        rows.maybe_number(percent);
        rows.maybe_number(fixed);
        rows.flag(percent.is_some() && draw.percent(20));
        rows.text(if method == (Method::Percentage { categories: true }) { "categories" } else { "all" });
        rows.maybe_number(draw.percent(15).then(|| draw.between(1, 50) * 1_000));
        rows.end()?;
    }
    Ok(())
}

/// Writes the categories of percentages: group_id, category.
pub fn write_pricing_categories(groups: &[Group], rows: &mut Rows<'_>) -> Result<()> {
    for (n, group) in groups.iter().enumerate() {
        if method(n).0 == (Method::Percentage { categories: true }) {
            for place in spread(1 + n % 4, CATEGORIES.len(), n) {
                rows.id(group.id);
                rows.text(CATEGORIES[place]);
                rows.end()?;
            }
        }
    }
    Ok(())
}

/// Writes assigned price lists: group_id, price_list_id, priority. One to six for each group that has any.
pub fn write_assigned_lists(groups: &[Group], sizes: &Sizes, calendar: &Calendar, rows: &mut Rows<'_>) -> Result<()> {
    for (n, group) in groups.iter().enumerate() {
        if method(n).0 == Method::PriceLists {
            let count = 1 + settings(n, 2).skewed(6);
            for (place, priority) in spread(count, sizes.price_lists, n).zip(1..) {
                rows.id(group.id);
                rows.id(list_id(place, calendar));
                rows.number(priority * 10);
                rows.end()?;
            }
        }
    }
    Ok(())
}

/// What a group shows, where it says so itself.
fn access(n: usize) -> Option<&'static str> {
    match settings(n, 3).below(100) {
        0..=24 => Some("visibility_groups"),
        25..=32 => Some("products"),
        33..=39 => Some("all"),
        _ => None,
    }
}

/// Writes visibility: group_id, access.
pub fn write_visibility(groups: &[Group], rows: &mut Rows<'_>) -> Result<()> {
    for (n, group) in groups.iter().enumerate() {
        if let Some(access) = access(n) {
            rows.id(group.id);
            rows.text(access);
            rows.end()?;
        }
    }
    Ok(())
}

/// Writes the visibility groups that groups show: group_id, visibility_group_id.
pub fn write_visibility_choices(groups: &[Group], calendar: &Calendar, rows: &mut Rows<'_>) -> Result<()> {
    for (n, group) in groups.iter().enumerate() {
        if access(n) == Some("visibility_groups") {
            for place in spread(1 + n % 3, VISIBILITY_GROUPS, n) {
                rows.id(group.id);
                rows.id(visibility_group_id(place, calendar));
                rows.end()?;
            }
        }
    }
    Ok(())
}

/// Writes products shown or hidden one by one: group_id, product_id, mode.
pub fn write_visibility_products(groups: &[Group], products: &[Product], rows: &mut Rows<'_>) -> Result<()> {
    for (n, group) in groups.iter().enumerate() {
        if access(n) == Some("products") {
            for place in spread(10 + n % 90, products.len(), n) {
                rows.id(group.id);
                rows.id(products[place].id);
                rows.text(if place % 5 == 0 { "excluded" } else { "included" });
                rows.end()?;
            }
        }
    }
    Ok(())
}

/// Writes portal access: group_id, login, shop, quotes, orders, invoices.
pub fn write_portal(groups: &[Group], rows: &mut Rows<'_>) -> Result<()> {
    let openness = [Some("none"), Some("limited"), Some("full"), None];
    for (n, group) in groups.iter().enumerate() {
        let mut draw = settings(n, 4);
        if draw.percent(30) {
            rows.id(group.id);
            rows.flag(draw.percent(90));
            rows.maybe_text(*draw.pick(&openness));
            rows.flag(draw.percent(50));
            rows.flag(draw.percent(80));
            rows.maybe_text(*draw.pick(&openness));
            rows.end()?;
        }
    }
    Ok(())
}

/// Writes payment terms: group_id, methods, net_days, credit_limit, require_po, early_percent, early_days.
pub fn write_terms(groups: &[Group], rows: &mut Rows<'_>) -> Result<()> {
    let methods = [Some("{card}"), Some("{card,ach}"), Some("{wire,net_terms}"), None];
    for (n, group) in groups.iter().enumerate() {
        let mut draw = settings(n, 5);
        if draw.percent(40) {
            let early = draw.percent(20);
            rows.id(group.id);
            rows.maybe_text(*draw.pick(&methods));
            rows.maybe_number(draw.percent(60).then(|| *draw.pick(&[15, 30, 45, 60])));
            rows.maybe_number(draw.percent(50).then(|| draw.between(1, 100) * 100_000));
            rows.flag(draw.percent(30));
            rows.maybe_number(early.then_some(2));
            rows.maybe_number(early.then_some(10));
            rows.end()?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use std::collections::HashMap;

    #[test]
    fn the_tree_is_as_deep_as_it_may_be_and_parents_come_first() {
        for (count, depth) in [(10_000, DEPTH), (100, DEPTH), (DEPTH, DEPTH), (3, 3), (1, 1)] {
            let sizes = Sizes { groups: count, ..Sizes::scaled(1.0, NaiveDate::from_ymd_opt(2026, 1, 31).unwrap()) };
            let calendar = Calendar::new(sizes.until, sizes.customers);
            let mut depths = HashMap::from([(ROOT_ID, 0)]);
            for group in groups(&sizes, &calendar) {
                let below = depths[&group.parent] + 1;
                depths.insert(group.id, below);
            }
            assert_eq!((depths.len(), depths.values().max()), (count + 1, Some(&depth)), "{count} groups");
        }
    }
}

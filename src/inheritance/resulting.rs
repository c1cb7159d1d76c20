//! What results for those for whom one or several groups count, in words: of levels that compete in prices those that can
//! win, of what is visible everything together (SPEC 6, 7).

use super::effective::{Effective, PricingLevel};
use super::own::{Access, Adjustment, Scope};
use super::words::{Label, access_names, pricing_sentences};
use crate::money::{Currency, format_count};
use rust_decimal::Decimal;

/// The level whose percentage is paid: the first one that says a percentage, unless another one is higher for all products.
pub fn percentage<'a>(groups: &[&'a Effective]) -> Option<&'a PricingLevel> {
    let mut best: Option<(&PricingLevel, Decimal)> = None;
    for level in groups.iter().flat_map(|holds| &holds.pricing) {
        let Some(total) = level.total_percent else { continue };
        if best.is_none_or(|(_, highest)| total > highest && is_for_all(level)) {
            best = Some((level, total));
        }
    }
    best.map(|(level, _)| level)
}

fn is_for_all(level: &PricingLevel) -> bool {
    matches!(level.adjustment, Adjustment::Percentage { scope: Scope::All, .. })
}

/// What is offered in prices, each with the group that says it; a percentage that another one beats on every product is left
/// out. Nothing where nobody offers anything.
pub fn prices(groups: &[&Effective], currency: Currency) -> Vec<Label> {
    let paid = percentage(groups);
    let beaten = |level: &PricingLevel| {
        paid.filter(|paid| is_for_all(paid)).is_some_and(|paid| {
            level.source.group_id != paid.source.group_id
                && level.total_percent.is_some_and(|one| Some(one) <= paid.total_percent)
        })
    };
    let mut seen = Vec::new();
    let mut lines = Vec::new();
    for level in groups.iter().flat_map(|holds| &holds.pricing) {
        if seen.contains(&level.source.group_id) {
            continue;
        }
        seen.push(level.source.group_id);
        let mut told = level.clone();
        if beaten(level) {
            told.adjustment = Adjustment::PriceLists;
        }
        if groups.iter().flat_map(|holds| &holds.pricing).count() > 1 && told.adjustment == Adjustment::ExplicitNone {
            told.adjustment = Adjustment::PriceLists;
        }
        let sentences = pricing_sentences(&told, currency);
        if !sentences.is_empty() {
            lines.push(Label { text: sentences.join("; "), source: Some(level.source.clone()) });
        }
    }
    lines
}

/// What is seen, with the group that says so: everything that any level of any group shows, and how much is left out.
pub fn sight(groups: &[&Effective]) -> Label {
    let choices = |holds: &&Effective| holds.visibility.iter().any(|level| level.access.is_some());
    let levels = || groups.iter().flat_map(|holds| &holds.visibility);
    let mut accesses: Vec<&Access> = levels().filter_map(|level| level.access.as_ref()).collect();
    let everything = levels().find(|level| level.access == Some(Access::All));
    let unrestricted = !groups.iter().all(choices);
    let (mut text, source) = if unrestricted || everything.is_some() {
        let source = everything.filter(|_| !unrestricted).map(|level| level.source.clone());
        ("All products".to_owned(), source)
    } else {
        accesses.dedup();
        let said = levels().find(|level| level.access.is_some()).map(|level| level.source.clone());
        (access_names(&accesses), said)
    };
    let mut excluding: Vec<_> = levels().filter(|level| level.excluded > 0).collect();
    excluding.sort_by_key(|level| level.source.group_id);
    excluding.dedup_by_key(|level| level.source.group_id);
    let excluded: i64 = excluding.iter().map(|level| level.excluded).sum();
    match excluded {
        0 => {}
        1 => text.push_str(", but 1 excluded product"),
        more => text.push_str(&format!(", but {} excluded products", format_count(more))),
    }
    Label { text, source }
}

#[cfg(test)]
mod tests {
    use super::super::effective::effective;
    use super::super::level::{Level, Levels};
    use super::super::own::{NamedSet, OwnPricing, OwnVisibility};
    use super::*;
    use std::sync::Arc;
    use uuid::Uuid;

    fn percent(percent: i64, adds: bool) -> Adjustment {
        Adjustment::Percentage { percent: Decimal::from(percent), adds, scope: Scope::All }
    }

    fn on(percent: i64, category: &str) -> Adjustment {
        let scope = Scope::Categories(vec![category.into()]);
        Adjustment::Percentage { percent: Decimal::from(percent), adds: false, scope }
    }

    fn set(name: &str) -> Option<Access> {
        let id = Uuid::from_u128(name.bytes().fold(1, |n, b| n * 256 + u128::from(b)));
        Some(Access::VisibilityGroups(vec![NamedSet { id, name: name.into() }]))
    }

    /// A parent with a child: what results for the child.
    fn child(above: (Adjustment, Option<Access>), own: (Adjustment, Option<Access>)) -> Effective {
        let level = |n: u128, name: &str, parent_id, (adjustment, access): (Adjustment, Option<Access>)| {
            let id = Uuid::from_u128(n);
            let pricing = OwnPricing { adjustment, ..OwnPricing::default() };
            let visibility = OwnVisibility { access, ..OwnVisibility::default() };
            let level =
                Level { id, name: name.into(), parent_id, counts: true, pricing, visibility, ..Level::default() };
            (id, Arc::new(level))
        };
        let parent = Uuid::from_u128(1);
        let levels = Levels::from([level(1, "Parent", None, above), level(2, "Child", Some(parent), own)]);
        effective(&levels, Uuid::from_u128(2)).unwrap()
    }

    #[test]
    fn of_percentages_the_one_that_is_paid_is_told() {
        let none = || Adjustment::Unset;
        for (above, own, total, whose) in [
            (percent(15, false), percent(5, true), 20, "Child"),
            (percent(15, false), percent(5, false), 15, "Parent"),
            (percent(15, false), percent(25, false), 25, "Child"),
            (percent(15, false), none(), 15, "Parent"),
            (percent(15, false), Adjustment::ExplicitNone, 15, "Parent"),
            (percent(15, false), Adjustment::Fixed { amount: 100, scope: Scope::All }, 15, "Parent"),
            (percent(15, false), on(25, "Toys"), 25, "Child"),
            (percent(15, false), on(10, "Toys"), 15, "Parent"),
        ] {
            let holds = child((above.clone(), None), (own.clone(), None));
            let level = percentage(&[&holds]).unwrap();
            assert_eq!(
                (level.total_percent, level.source.name.as_str()),
                (Some(Decimal::from(total)), whose),
                "{own:?}"
            );
        }
        let beaten = child((percent(15, false), None), (percent(5, false), None));
        let told: Vec<String> = prices(&[&beaten], Currency::USD).into_iter().map(|line| line.text).collect();
        assert_eq!(told, ["15% discount on all products"]);
        // The toys' own discount goes on.
        let both = child((percent(15, false), None), (on(25, "Toys"), None));
        assert_eq!(prices(&[&both], Currency::USD).len(), 2);
    }

    #[test]
    fn what_is_seen_adds_up() {
        let none = || Adjustment::Unset;
        let sees = |above, own| sight(&[&child((none(), above), (none(), own))]).text;
        assert_eq!(sees(set("Standard"), set("VIP")), "VIP, Standard");
        assert_eq!(sees(Some(Access::All), set("VIP")), "All products");
        assert_eq!(sees(None, None), "All products");
        assert_eq!(sees(None, Some(Access::ChosenProducts)), "Custom");
        // A group that restricts nothing shows everything, whatever another one says.
        let (open, narrow) = (child((none(), None), (none(), None)), child((none(), None), (none(), set("VIP"))));
        assert_eq!(sight(&[&narrow, &open]).text, "All products");
    }
}

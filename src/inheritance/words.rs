//! Effective settings as people say them: the columns of the group list and the benefits of a group.

use super::effective::{Effective, PricingLevel, Source, Sourced};
use super::own::{Access, Adjustment, EarlyPayment, MinimumOrder, NamedSet, PaymentMethod, Scope};
use super::resulting;
use crate::money::{Currency, format_count, format_percent};

/// A short text and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// `15%`, `VIP Price List`, `Standard`.
    pub text: String,
    /// The group that says so; `None` for the default.
    pub source: Option<Source>,
}

impl Label {
    /// The group that it is inherited from, where it is.
    pub fn inherited_from(&self) -> Option<&str> {
        self.source.as_ref().filter(|s| s.inherited).map(|s| s.name.as_str())
    }
}

/// The pricing column (SPEC 3): the first list's name, `15%`, `−$5.00` or `Standard`, of the nearest level that
/// offers anything; of percentages that compete, the one that is paid.
pub fn pricing_label(effective: &Effective, currency: Currency) -> Label {
    for level in &effective.pricing {
        let (text, source) = match (level.lists.first(), &level.adjustment) {
            (Some(list), _) => (list.name.clone(), &level.source),
            (None, Adjustment::Percentage { .. }) => {
                let paid = resulting::percentage(&[effective]).unwrap_or(level);
                (paid.total_percent.map(format_percent).unwrap_or_default(), &paid.source)
            }
            (None, Adjustment::Fixed { amount, .. }) => (currency.format(-amount), &level.source),
            (None, Adjustment::ExplicitNone | Adjustment::Unset | Adjustment::PriceLists) => continue,
        };
        return Label { text, source: Some(source.clone()) };
    }
    let none = effective.pricing.iter().find(|level| level.adjustment == Adjustment::ExplicitNone);
    Label { text: "Standard".into(), source: none.map(|level| level.source.clone()) }
}

/// The visibility column (SPEC 3): visibility groups' names, `Custom` or `All`: everything that the levels show together.
pub fn visibility_label(effective: &Effective) -> Label {
    let choices =
        || effective.visibility.iter().filter_map(|level| level.access.as_ref().map(|access| (level, access)));
    let everything = choices().find(|(_, access)| **access == Access::All);
    match everything.or_else(|| choices().next()) {
        Some((level, Access::All)) => Label { text: "All".into(), source: Some(level.source.clone()) },
        Some((level, _)) => {
            let accesses: Vec<&Access> = choices().map(|(_, access)| access).collect();
            Label { text: access_names(&accesses), source: Some(level.source.clone()) }
        }
        None => Label { text: "All".into(), source: None },
    }
}

/// What access choices show together: `Standard, VIP`, `Custom`, `Nothing`.
pub fn access_names(accesses: &[&Access]) -> String {
    let mut named: Vec<&str> = Vec::new();
    for access in accesses {
        match access {
            Access::All => return "All".into(),
            Access::VisibilityGroups(sets) => named.extend(sets.iter().map(|set| set.name.as_str())),
            Access::ChosenProducts => named.push("Custom"),
        }
    }
    let mut seen = std::collections::HashSet::new();
    named.retain(|name| seen.insert(*name));
    if named.is_empty() { "Nothing".into() } else { named.join(", ") }
}

/// What one level offers, in words: `15% discount on all products`, `additional 5% (total 20%)`.
pub fn pricing_sentences(level: &PricingLevel, currency: Currency) -> Vec<String> {
    let mut lines = adjustment_sentences(level, currency);
    let adjusts = !lines.is_empty();
    for list in &level.lists {
        let inactive = if list.active { "" } else { ", inactive" };
        lines.push(format!("Price list {} (priority {}{inactive})", list.name, list.priority));
    }
    if !level.lists.is_empty() && level.lists.iter().all(|list| !list.active) {
        let instead = if adjusts { "" } else { ": base prices" };
        lines.push(format!("All price lists are inactive{instead}"));
    }
    lines
}

/// What one level takes off base prices, in words; its lists left out.
pub fn adjustment_sentences(level: &PricingLevel, currency: Currency) -> Vec<String> {
    let mut lines = Vec::new();
    match &level.adjustment {
        Adjustment::Unset | Adjustment::PriceLists => {}
        Adjustment::ExplicitNone => lines.push("No special pricing".into()),
        Adjustment::Percentage { percent, adds: false, scope } => {
            lines.push(format!("{} discount on {}", format_percent(*percent), scope_words(scope)));
        }
        Adjustment::Percentage { percent, adds: true, scope } => {
            let total = level.total_percent.map(|total| format!(" (total {})", format_percent(total)));
            lines.push(format!(
                "Additional {}{} on {}",
                format_percent(*percent),
                total.unwrap_or_default(),
                scope_words(scope)
            ));
        }
        Adjustment::Fixed { amount, scope } => {
            lines.push(format!("{} off each unit of {}", currency.format(*amount), scope_words(scope)));
        }
    }
    lines
}

fn scope_words(scope: &Scope) -> String {
    match scope {
        Scope::All => "all products".into(),
        Scope::Categories(names) if names.is_empty() => "no category yet".into(),
        Scope::Categories(names) => names.join(", "),
        Scope::Products(1) => "1 chosen product".into(),
        Scope::Products(count) => format!("{} chosen products", format_count(*count)),
    }
}

/// What an access choice shows, in words.
pub fn access_words(access: &Access) -> String {
    match access {
        Access::All => "All products".into(),
        Access::VisibilityGroups(sets) if sets.is_empty() => "No products: no visibility group is chosen".into(),
        Access::VisibilityGroups(sets) => names(sets, " + "),
        Access::ChosenProducts => "Chosen products only".into(),
    }
}

fn names(sets: &[NamedSet], between: &str) -> String {
    sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>().join(between)
}

/// `Net 30`, or how else is paid.
pub fn terms_words(net_days: Option<i32>) -> String {
    net_days.map_or_else(|| "No net terms".into(), |days| format!("Net {days}"))
}

/// `2/10`: percent and days, as trade terms are written.
pub fn early_words(early: Option<EarlyPayment>) -> String {
    early.map_or_else(|| "None".into(), |e| format!("{}/{}", e.percent.normalize(), e.days))
}

/// The whole trade terms: `2/10 Net 30`.
pub fn trade_terms(early: &Sourced<Option<EarlyPayment>>, net_days: &Sourced<Option<i32>>) -> String {
    match (early.value, net_days.value) {
        (Some(_), Some(days)) => format!("{} Net {days}", early_words(early.value)),
        (Some(_), None) => early_words(early.value),
        (None, days) => terms_words(days),
    }
}

/// `Credit card, Net terms`, or `None`.
pub fn methods_words(methods: &[PaymentMethod]) -> String {
    if methods.is_empty() {
        return "None".into();
    }
    methods.iter().map(|m| m.label()).collect::<Vec<_>>().join(", ")
}

/// `$500.00 and 10 units`, or `None`.
pub fn minimum_words(minimum: Option<MinimumOrder>, currency: Currency) -> String {
    let Some(minimum) = minimum else { return "None".into() };
    let parts: Vec<String> = [
        minimum.amount.map(|amount| currency.format(amount)),
        minimum.quantity.map(|quantity| format!("{} units", format_count(i64::from(quantity)))),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() { "None".into() } else { parts.join(" and ") }
}

#[cfg(test)]
mod tests {
    use super::super::level::{Level, Levels};
    use super::super::own::{AssignedList, OwnPricing, OwnVisibility};
    use super::*;
    use rust_decimal::Decimal;
    use std::sync::Arc;
    use uuid::Uuid;

    fn labels(pricing: OwnPricing, visibility: OwnVisibility) -> (String, String) {
        let id = Uuid::now_v7();
        let level = Level { id, name: "VIP".into(), counts: true, pricing, visibility, ..Level::default() };
        let effective = super::super::effective::effective(&Levels::from([(id, Arc::new(level))]), id).unwrap();
        (pricing_label(&effective, Currency::USD).text, visibility_label(&effective).text)
    }

    fn adjusted(adjustment: Adjustment) -> OwnPricing {
        OwnPricing { adjustment, ..OwnPricing::default() }
    }

    #[test]
    fn the_columns_of_the_list_read_as_the_spec_says() {
        let fifteen = Adjustment::Percentage { percent: Decimal::new(1500, 2), adds: false, scope: Scope::All };
        let list = |name: &str| AssignedList {
            id: Uuid::now_v7(),
            code: "L".into(),
            name: name.into(),
            priority: 1,
            active: true,
            currency: Currency::USD,
            valid_from: None,
            valid_to: None,
        };
        let both = OwnPricing { lists: vec![list("VIP Price List"), list("Other")], ..adjusted(fifteen.clone()) };
        for (pricing, expected) in [
            (adjusted(fifteen), "15%"),
            (both, "VIP Price List"),
            (adjusted(Adjustment::Fixed { amount: 500, scope: Scope::All }), "\u{2212}$5.00"),
            (adjusted(Adjustment::ExplicitNone), "Standard"),
            (adjusted(Adjustment::PriceLists), "Standard"),
            (OwnPricing::default(), "Standard"),
        ] {
            assert_eq!(labels(pricing, OwnVisibility::default()).0, expected);
        }
        let set = |name: &&str| NamedSet { id: Uuid::now_v7(), name: (*name).to_owned() };
        let groups = |names: &[&str]| Some(Access::VisibilityGroups(names.iter().map(set).collect()));
        for (access, expected) in [
            (groups(&["VIP", "Standard"]), "VIP, Standard"),
            (groups(&[]), "Nothing"),
            (Some(Access::ChosenProducts), "Custom"),
            (Some(Access::All), "All"),
            (None, "All"),
        ] {
            let visibility = OwnVisibility { access, ..OwnVisibility::default() };
            assert_eq!(labels(OwnPricing::default(), visibility).1, expected);
        }
    }

    #[test]
    fn trade_terms_read_as_the_trade_writes_them() {
        let early = Sourced { value: Some(EarlyPayment { percent: Decimal::new(200, 2), days: 10 }), source: None };
        let none = Sourced { value: None, source: None };
        let net = |days| Sourced { value: days, source: None };
        assert_eq!(trade_terms(&early, &net(Some(30))), "2/10 Net 30");
        assert_eq!(trade_terms(&none, &net(Some(45))), "Net 45");
        assert_eq!(trade_terms(&early, &net(None)), "2/10");
        assert_eq!(trade_terms(&none, &net(None)), "No net terms");
    }

    #[test]
    fn an_adding_percentage_says_its_total() {
        let level = PricingLevel {
            source: Source { group_id: Uuid::nil(), code: "P".into(), name: "Platinum".into(), inherited: false },
            lists: vec![],
            adjustment: Adjustment::Percentage { percent: Decimal::new(500, 2), adds: true, scope: Scope::All },
            total_percent: Some(Decimal::from(20)),
        };
        assert_eq!(pricing_sentences(&level, Currency::USD), ["Additional 5% (total 20%) on all products"]);
    }
}

//! What a group says itself, beside what it would inherit: `Credit limit: $250,000.00 (vs $100,000.00)` (seed,
//! "Inheritance Settings").

use super::effective::Effective;
use super::level::Level;
use super::own::{Adjustment, OwnPortal, OwnPricing, OwnTerms, OwnVisibility, Section, Setting};
use super::words;
use crate::money::{Currency, format_count};

/// A setting of the group's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// In which section.
    pub section: Section,
    /// What it is called.
    pub label: &'static str,
    /// The setting as the JSON API calls it, by which it can be put back to what is inherited; empty for sets that are
    /// emptied one by one.
    pub field: &'static str,
    /// What the group says.
    pub own: String,
    /// What it would inherit; `None` where it comes on top, as visibility and percentages that add do.
    pub instead_of: Option<String>,
}

/// The group as if it said nothing at all: what it would inherit.
pub fn silent(level: &Level) -> Level {
    Level {
        pricing: OwnPricing::default(),
        visibility: OwnVisibility::default(),
        portal: OwnPortal::default(),
        terms: OwnTerms::default(),
        ..level.clone()
    }
}

/// All own settings of a group. `holds` is what holds for it, `inherited` what would hold if it were [`silent`].
pub fn overrides(level: &Level, holds: &Effective, inherited: &Effective, currency: Currency) -> Vec<Override> {
    let mut found = Vec::new();
    pricing(level, holds, inherited, currency, &mut found);
    terms(level, inherited, currency, &mut found);
    visibility(level, &mut found);
    portal(level, inherited, &mut found);
    found
}

fn yes_no(yes: bool) -> String {
    if yes { "Yes".into() } else { "No".into() }
}

fn pricing(level: &Level, holds: &Effective, inherited: &Effective, currency: Currency, found: &mut Vec<Override>) {
    let section = Section::Pricing;
    let adds = matches!(level.pricing.adjustment, Adjustment::Percentage { adds: true, .. });
    if let Some(own) = holds.pricing.iter().find(|own| own.source.group_id == level.id) {
        let above: Vec<String> =
            inherited.pricing.iter().flat_map(|level| words::pricing_sentences(level, currency)).collect();
        let above = if above.is_empty() { "base prices".into() } else { above.join("; ") };
        let has_method = !matches!(level.pricing.adjustment, Adjustment::Unset | Adjustment::PriceLists);
        for (at, text) in words::pricing_sentences(own, currency).into_iter().enumerate() {
            let instead_of = (!adds).then(|| above.clone());
            let first_list = usize::from(has_method);
            let field = match at {
                0 if has_method => "pricing.method",
                at if at == first_list && !level.pricing.lists.is_empty() => "pricing.priceLists",
                _ => "",
            };
            found.push(Override { section, label: "Pricing", field, own: text, instead_of });
        }
    }
    if level.pricing.minimum_order != Setting::Unset {
        let words = |effective: &Effective| words::minimum_words(effective.minimum_order.value, currency);
        let instead_of = Some(words(inherited));
        let field = "pricing.minimumOrder";
        found.push(Override { section, label: "Minimum order", field, own: words(holds), instead_of });
    }
    if let Some(stack) = level.pricing.stack_with_promotions {
        let instead_of = Some(yes_no(inherited.stack_with_promotions.value));
        let (label, field) = ("Stacks with promotions", "pricing.stackWithPromotions");
        found.push(Override { section, label, field, own: yes_no(stack), instead_of });
    }
}

fn terms(level: &Level, inherited: &Effective, currency: Currency, found: &mut Vec<Override>) {
    let mut add = |label: &'static str, field: &'static str, own: String, instead_of: String| {
        found.push(Override { section: Section::PaymentTerms, label, field, own, instead_of: Some(instead_of) });
    };
    let own = &level.terms;
    if let Some(methods) = &own.methods {
        add(
            "Payment options",
            "paymentTerms.methods",
            words::methods_words(methods),
            words::methods_words(&inherited.methods.value),
        );
    }
    if let Some(days) = said(&own.net_days) {
        add(
            "Payment terms",
            "paymentTerms.netDays",
            words::terms_words(days),
            words::terms_words(inherited.net_days.value),
        );
    }
    let amount = |amount: Option<i64>| amount.map_or_else(|| "No limit".to_owned(), |amount| currency.format(amount));
    if let Some(limit) = said(&own.credit_limit) {
        add("Credit limit", "paymentTerms.creditLimit", amount(limit), amount(inherited.credit_limit.value));
    }
    if let Some(limit) = said(&own.auto_approve_under) {
        add(
            "Auto-approve orders under",
            "paymentTerms.autoApproveUnder",
            amount(limit),
            amount(inherited.auto_approve_under.value),
        );
    }
    if let Some(require) = own.require_po {
        add("Require PO", "paymentTerms.requirePo", yes_no(require), yes_no(inherited.require_po.value));
    }
    if let Some(early) = said(&own.early_payment) {
        add(
            "Early payment",
            "paymentTerms.earlyPayment",
            words::early_words(early),
            words::early_words(inherited.early_payment.value),
        );
    }
}

/// What a field says itself: a value, or explicitly none.
fn said<T: Copy>(setting: &Setting<T>) -> Option<Option<T>> {
    match setting {
        Setting::Unset => None,
        Setting::ExplicitNone => Some(None),
        Setting::Value(value) => Some(Some(*value)),
    }
}

fn visibility(level: &Level, found: &mut Vec<Override>) {
    let mut add = |label: &'static str, field: &'static str, own: String| {
        found.push(Override { section: Section::Visibility, label, field, own, instead_of: None });
    };
    let own = &level.visibility;
    if let Some(access) = &own.access {
        add("Product access", "visibility.access", words::access_words(access));
    }
    if own.included > 0 {
        add("Included products", "", format_count(own.included));
    }
    if own.excluded > 0 {
        add("Excluded products", "", format_count(own.excluded));
    }
}

fn portal(level: &Level, inherited: &Effective, found: &mut Vec<Override>) {
    let mut add = |label: &'static str, field: &'static str, own: Option<String>, instead_of: String| {
        if let Some(own) = own {
            found.push(Override { section: Section::Portal, label, field, own, instead_of: Some(instead_of) });
        }
    };
    let own = &level.portal;
    add("Portal login", "portal.login", own.login.map(yes_no), yes_no(inherited.login.value));
    add("Shop access", "portal.shop", own.shop.map(|open| open.label().into()), inherited.shop.value.label().into());
    add("Quote requests", "portal.quotes", own.quotes.map(yes_no), yes_no(inherited.quotes.value));
    add("Order placement", "portal.orders", own.orders.map(yes_no), yes_no(inherited.orders.value));
    add(
        "Invoice access",
        "portal.invoices",
        own.invoices.map(|open| open.label().into()),
        inherited.invoices.value.label().into(),
    );
}

#[cfg(test)]
mod tests {
    use super::super::effective::effective;
    use super::super::level::Levels;
    use super::super::own::{EarlyPayment, Scope};
    use super::*;
    use rust_decimal::Decimal;
    use std::sync::Arc;
    use uuid::Uuid;

    #[test]
    fn vip_platinum_reads_as_the_seed_draws_it() {
        let (parent, child) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let percent = |n: i64, adds| Adjustment::Percentage { percent: Decimal::new(n, 0), adds, scope: Scope::All };
        let vip = Level {
            id: parent,
            name: "VIP Customers".into(),
            counts: true,
            pricing: OwnPricing { adjustment: percent(15, false), ..OwnPricing::default() },
            terms: OwnTerms {
                net_days: Setting::Value(30),
                credit_limit: Setting::Value(10_000_000),
                early_payment: Setting::Value(EarlyPayment { percent: Decimal::TWO, days: 10 }),
                ..OwnTerms::default()
            },
            ..Level::default()
        };
        let platinum = Level {
            id: child,
            name: "VIP Platinum".into(),
            parent_id: Some(parent),
            counts: true,
            pricing: OwnPricing { adjustment: percent(5, true), ..OwnPricing::default() },
            terms: OwnTerms {
                net_days: Setting::Value(45),
                credit_limit: Setting::Value(25_000_000),
                early_payment: Setting::ExplicitNone,
                ..OwnTerms::default()
            },
            ..Level::default()
        };
        let book = |own: &Level| Levels::from([(parent, Arc::new(vip.clone())), (child, Arc::new(own.clone()))]);
        let holds = effective(&book(&platinum), child).unwrap();
        let inherited = effective(&book(&silent(&platinum)), child).unwrap();
        let told: Vec<String> = overrides(&platinum, &holds, &inherited, Currency::USD)
            .into_iter()
            .map(|o| {
                format!("{}: {}{}", o.label, o.own, o.instead_of.map(|v| format!(" (vs {v})")).unwrap_or_default())
            })
            .collect();
        assert_eq!(
            told,
            [
                "Pricing: Additional 5% (total 20%) on all products",
                "Payment terms: Net 45 (vs Net 30)",
                "Credit limit: $250,000.00 (vs $100,000.00)",
                "Early payment: None (vs 2/10)",
            ]
        );
        assert_eq!(overrides(&silent(&platinum), &inherited, &inherited, Currency::USD), []);
    }
}

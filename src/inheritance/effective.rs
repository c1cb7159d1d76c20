//! The effective settings of a group, every value with its source: the pure resolver of SPEC 6.

use super::level::{Level, Levels, chain};
use super::own::{
    Access, Adjustment, AssignedList, EarlyPayment, MinimumOrder, Openness, PaymentMethod, Scope, Section, Setting,
};
use rust_decimal::Decimal;
use uuid::Uuid;

/// Where a value comes from: a group of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The group that says it.
    pub group_id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// `false` where the group itself says it.
    pub inherited: bool,
}

/// A value and its source; no source = nobody in the chain says anything, and the system's default holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// What holds.
    pub value: T,
    /// Who says so.
    pub source: Option<Source>,
}

/// What one level of the chain offers in prices; levels compete, the lowest price wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricingLevel {
    /// Which group.
    pub source: Source,
    /// Its lists, in the order in which they are looked at.
    pub lists: Vec<AssignedList>,
    /// Its adjustment.
    pub adjustment: Adjustment,
    /// What its percentage comes to with what it adds to (20.00 for 15 + 5), at most 100.00.
    pub total_percent: Option<Decimal>,
}

/// What one level of the chain says about which products are seen; levels add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisibilityLevel {
    /// Which group.
    pub source: Source,
    /// Its access choice.
    pub access: Option<Access>,
    /// Products included one by one.
    pub included: i64,
    /// Products excluded one by one.
    pub excluded: i64,
}

/// All that holds for a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// Levels that offer prices, the group's own first.
    pub pricing: Vec<PricingLevel>,
    /// What an order must reach.
    pub minimum_order: Sourced<Option<MinimumOrder>>,
    /// Whether promotions may come on top.
    pub stack_with_promotions: Sourced<bool>,
    /// Levels that say something about visibility, the group's own first. Without an access choice among them,
    /// all products are visible.
    pub visibility: Vec<VisibilityLevel>,
    /// May sign in.
    pub login: Sourced<bool>,
    /// What of the shop is open.
    pub shop: Sourced<Openness>,
    /// May ask for quotes.
    pub quotes: Sourced<bool>,
    /// May place orders.
    pub orders: Sourced<bool>,
    /// Which invoices are open.
    pub invoices: Sourced<Openness>,
    /// Accepted ways to pay.
    pub methods: Sourced<Vec<PaymentMethod>>,
    /// Days until payment is due.
    pub net_days: Sourced<Option<i32>>,
    /// Minor units.
    pub credit_limit: Sourced<Option<i64>>,
    /// Minor units.
    pub auto_approve_under: Sourced<Option<i64>>,
    /// Whether an order needs a purchase order number.
    pub require_po: Sourced<bool>,
    /// Discount for paying early.
    pub early_payment: Sourced<Option<EarlyPayment>>,
}

impl Effective {
    /// The discount for paying early that is offered: none where net terms aren't among the methods, since whoever pays
    /// otherwise pays at once.
    pub fn offered_early_payment(&self) -> Option<EarlyPayment> {
        self.early_payment.value.filter(|_| self.methods.value.contains(&PaymentMethod::NetTerms))
    }
}

/// Resolves the settings of `id`; `None` where it isn't among the levels.
pub fn effective(levels: &Levels, id: Uuid) -> Option<Effective> {
    levels.get(&id)?;
    let pricing = chain(levels, id, Section::Pricing);
    let portal = chain(levels, id, Section::Portal);
    let terms = chain(levels, id, Section::PaymentTerms);
    Some(Effective {
        pricing: pricing_levels(&pricing, id),
        minimum_order: field(&pricing, id, None, |l| optional(&l.pricing.minimum_order)),
        stack_with_promotions: field(&pricing, id, true, |l| l.pricing.stack_with_promotions),
        visibility: visibility_levels(&chain(levels, id, Section::Visibility), id),
        login: field(&portal, id, true, |l| l.portal.login),
        shop: field(&portal, id, Openness::Full, |l| l.portal.shop),
        quotes: field(&portal, id, true, |l| l.portal.quotes),
        orders: field(&portal, id, true, |l| l.portal.orders),
        invoices: field(&portal, id, Openness::Full, |l| l.portal.invoices),
        methods: field(&terms, id, vec![PaymentMethod::Card], |l| l.terms.methods.clone()),
        net_days: field(&terms, id, None, |l| optional(&l.terms.net_days)),
        credit_limit: field(&terms, id, None, |l| optional(&l.terms.credit_limit)),
        auto_approve_under: field(&terms, id, None, |l| optional(&l.terms.auto_approve_under)),
        require_po: field(&terms, id, false, |l| l.terms.require_po),
        early_payment: field(&terms, id, None, |l| optional(&l.terms.early_payment)),
    })
}

/// Whether promotions may come on top of what a group pays: [`Effective::stack_with_promotions`] for itself.
pub fn stacks_with_promotions(levels: &Levels, id: Uuid) -> bool {
    let chain = chain(levels, id, Section::Pricing);
    field(&chain, id, true, |l| l.pricing.stack_with_promotions).value
}

/// The first level of the chain that says something, or the default.
fn field<T>(chain: &[&Level], id: Uuid, default: T, says: impl Fn(&Level) -> Option<T>) -> Sourced<T> {
    chain
        .iter()
        .find_map(|level| says(level).map(|value| Sourced { value, source: Some(source(level, id)) }))
        .unwrap_or(Sourced { value: default, source: None })
}

fn optional<T: Clone>(setting: &Setting<T>) -> Option<Option<T>> {
    match setting {
        Setting::Unset => None,
        Setting::ExplicitNone => Some(None),
        Setting::Value(value) => Some(Some(value.clone())),
    }
}

fn source(level: &Level, id: Uuid) -> Source {
    Source { group_id: level.id, code: level.code.clone(), name: level.name.clone(), inherited: level.id != id }
}

fn pricing_levels(chain: &[&Level], id: Uuid) -> Vec<PricingLevel> {
    chain
        .iter()
        .enumerate()
        .filter(|(_, level)| level.pricing.adjustment != Adjustment::Unset || !level.pricing.lists.is_empty())
        .map(|(i, level)| PricingLevel {
            source: source(level, id),
            lists: level.pricing.lists.clone(),
            adjustment: level.pricing.adjustment.clone(),
            total_percent: total_percent(&chain[i..]),
        })
        .collect()
}

/// What the first level's percentage comes to. One that adds stands on the highest percentage above it; of those,
/// only the ones for all products are counted here, since the others don't hold for every product.
fn total_percent(chain: &[&Level]) -> Option<Decimal> {
    let (level, above) = chain.split_first()?;
    match &level.pricing.adjustment {
        Adjustment::Percentage { percent, adds: false, .. } => Some(*percent),
        Adjustment::Percentage { percent, adds: true, .. } => {
            let inherited = (0..above.len())
                .filter(|i| matches!(above[*i].pricing.adjustment, Adjustment::Percentage { scope: Scope::All, .. }))
                .filter_map(|i| total_percent(&above[i..]))
                .max()
                .unwrap_or_default();
            Some((percent + inherited).min(Decimal::ONE_HUNDRED))
        }
        _ => None,
    }
}

fn visibility_levels(chain: &[&Level], id: Uuid) -> Vec<VisibilityLevel> {
    chain
        .iter()
        .filter(|level| {
            let own = &level.visibility;
            own.access.is_some() || own.included > 0 || own.excluded > 0
        })
        .map(|level| VisibilityLevel {
            source: source(level, id),
            access: level.visibility.access.clone(),
            included: level.visibility.included,
            excluded: level.visibility.excluded,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::own::{NamedSet, OwnPricing, OwnTerms, OwnVisibility, Switches};
    use super::*;
    use std::sync::Arc;

    fn percent(n: i64, adds: bool) -> Adjustment {
        Adjustment::Percentage { percent: Decimal::new(n * 100, 2), adds, scope: Scope::All }
    }

    /// A line of groups, the root first; returns the levels and the last one's id.
    fn line(groups: Vec<Level>) -> (Levels, Uuid) {
        let mut above = None;
        let mut levels = Levels::new();
        for (i, level) in groups.into_iter().enumerate() {
            let id = Uuid::now_v7();
            let name = format!("G{i}");
            let level = Level { id, code: name.clone(), name, parent_id: above, counts: true, ..level };
            levels.insert(id, Arc::new(level));
            above = Some(id);
        }
        (levels, above.unwrap_or_default())
    }

    fn priced(adjustment: Adjustment) -> Level {
        Level { pricing: OwnPricing { adjustment, ..OwnPricing::default() }, ..Level::default() }
    }

    fn terms(terms: OwnTerms) -> Level {
        Level { terms, ..Level::default() }
    }

    #[test]
    fn percentages_add_up_as_the_spec_says() {
        for (adjustments, expected) in [
            // 15% + 5% = 20% (SPEC 6).
            (vec![percent(15, false), percent(5, true)], 20),
            // Grandparent 10%, parent 15%, child adds 5%: on the higher one.
            (vec![percent(10, false), percent(15, false), percent(5, true)], 20),
            // A parent that adds itself counts with its total.
            (vec![percent(10, false), percent(5, true), percent(5, true)], 20),
            // At most 100%.
            (vec![percent(80, false), percent(30, true)], 100),
            // Nothing to add to.
            (vec![Adjustment::Unset, percent(5, true)], 5),
            // Fixed adjustments are never added to.
            (vec![Adjustment::Fixed { amount: 500, scope: Scope::All }, percent(5, true)], 5),
            (vec![percent(15, false), percent(5, false)], 5),
        ] {
            let (levels, id) = line(adjustments.iter().cloned().map(priced).collect());
            let own = effective(&levels, id).unwrap().pricing.remove(0);
            assert_eq!(own.total_percent, Some(Decimal::from(expected)), "{adjustments:?}");
            assert!(!own.source.inherited);
        }
    }

    #[test]
    fn a_child_replaces_one_field_and_leaves_the_rest() {
        let parent = OwnTerms {
            net_days: Setting::Value(30),
            credit_limit: Setting::Value(10_000_000),
            early_payment: Setting::Value(EarlyPayment { percent: Decimal::TWO, days: 10 }),
            ..OwnTerms::default()
        };
        let child = OwnTerms {
            net_days: Setting::Value(45),
            credit_limit: Setting::Value(0),
            early_payment: Setting::ExplicitNone,
            ..OwnTerms::default()
        };
        let (levels, id) = line(vec![Level::default(), terms(parent), terms(child)]);
        let got = effective(&levels, id).unwrap();
        assert_eq!((got.net_days.value, got.net_days.source.map(|s| s.inherited)), (Some(45), Some(false)));
        // A limit of 0 is a limit, and an explicit none ends the search.
        assert_eq!(got.credit_limit.value, Some(0));
        assert_eq!((got.early_payment.value, got.early_payment.source.map(|s| s.name)), (None, Some("G2".into())));
    }

    #[test]
    fn with_nothing_set_the_defaults_hold_and_have_no_source() {
        let (levels, id) = line(vec![Level::default(), Level::default()]);
        let got = effective(&levels, id).unwrap();
        assert_eq!((got.login.value, got.quotes.value, got.orders.value), (true, true, true));
        assert_eq!((got.shop.value, got.invoices.value), (Openness::Full, Openness::Full));
        assert_eq!(got.methods, Sourced { value: vec![PaymentMethod::Card], source: None });
        assert_eq!((got.net_days.value, got.credit_limit.value, got.minimum_order.value), (None, None, None));
        assert!(got.stack_with_promotions.value && got.pricing.is_empty() && got.visibility.is_empty());
        assert_eq!(effective(&levels, Uuid::now_v7()), None);
    }

    #[test]
    fn an_inherited_value_names_its_group_and_a_switch_cuts_it_off() {
        let set = || terms(OwnTerms { net_days: Setting::Value(30), ..OwnTerms::default() });
        let (levels, id) = line(vec![Level::default(), set(), Level::default()]);
        let got = effective(&levels, id).unwrap().net_days;
        assert_eq!(got.source.map(|s| (s.name, s.inherited)), Some(("G1".into(), true)));

        let alone = Level { inherit: Switches { payment_terms: false, ..Switches::default() }, ..Level::default() };
        let (levels, id) = line(vec![Level::default(), set(), alone]);
        assert_eq!(effective(&levels, id).unwrap().net_days, Sourced { value: None, source: None });
    }

    #[test]
    fn visibility_keeps_every_level_that_says_something() {
        let seen = |access, excluded| Level {
            visibility: OwnVisibility { access, included: 0, excluded },
            ..Level::default()
        };
        let standard = Access::VisibilityGroups(vec![NamedSet { id: Uuid::now_v7(), name: "Standard".into() }]);
        let (levels, id) = line(vec![seen(Some(standard), 0), seen(None, 0), seen(None, 3)]);
        let got = effective(&levels, id).unwrap().visibility;
        assert_eq!(got.iter().map(|l| l.source.name.as_str()).collect::<Vec<_>>(), ["G2", "G0"]);
    }
}

//! The resolver against a model that is written as naively as the rules of SPEC 7 read.

use super::facts::{Entry, Product, Question};
use super::resolve::{Counting, Ladder};
use super::spec_examples::{EUR, book, day, entry, group, id, list, member_of, product};
use super::trace::Verdict;
use crate::inheritance::level::{Level, Levels};
use crate::inheritance::own::{Adjustment, AssignedList, Scope, Switches};
use crate::money::Currency;
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::sync::Arc;

/// The rules as they read, without regard to speed: the price, or none.
fn naive(levels: &Levels, counting: &[Counting], product: &Product, question: &Question) -> Option<i64> {
    let base = (product.currency == question.currency).then_some(product.base_price);
    let (mut overrides, mut adjusted) = (Vec::new(), Vec::new());
    for group in counting {
        let mut chain = vec![];
        let mut next = levels.get(&group.id);
        while let Some(level) = next {
            if chain.is_empty() || level.counts {
                chain.push(level);
                if !level.inherit.pricing {
                    break;
                }
            }
            next = level.parent_id.and_then(|parent| levels.get(&parent));
        }
        for i in 0..chain.len() {
            match override_of(chain[i], product, question) {
                Some(price) => overrides.push(price),
                None => adjusted.extend(base.and_then(|base| match &chain[i].pricing.adjustment {
                    Adjustment::Fixed { amount, scope } if product.is_in(scope, chain[i].id) => {
                        Some(if base > *amount { base - amount } else { 0 })
                    }
                    Adjustment::Percentage { .. } => percent_of(&chain[i..], product, question).map(|percent| {
                        // Half away from zero, in ten-thousandths of a minor unit.
                        let left = i128::from(base) * (10_000 - percent);
                        i64::try_from((left + 5_000) / 10_000).unwrap()
                    }),
                    _ => None,
                })),
            }
        }
    }
    let lowest = overrides.iter().chain(&adjusted).min().copied();
    match (lowest, base) {
        (Some(lowest), Some(base)) if overrides.is_empty() => Some(lowest.min(base)),
        (None, base) => base,
        (lowest, _) => lowest,
    }
}

fn override_of(level: &Level, product: &Product, question: &Question) -> Option<i64> {
    level.pricing.lists.iter().find_map(|list| {
        let in_window = list.valid_from.is_none_or(|from| from <= question.day)
            && list.valid_to.is_none_or(|to| question.day <= to);
        if !list.active || !in_window || list.currency != question.currency {
            return None;
        }
        let reached = product.entries_of(list.id).iter().filter(|e| e.min_quantity <= question.quantity);
        reached.max_by_key(|e| e.min_quantity).map(|e| e.price)
    })
}

/// The percentage of the first level in hundredths of a percent, with what it adds to.
fn percent_of(chain: &[&Arc<Level>], product: &Product, question: &Question) -> Option<i128> {
    let Adjustment::Percentage { percent, adds, scope } = &chain[0].pricing.adjustment else { return None };
    if !product.is_in(scope, chain[0].id) || override_of(chain[0], product, question).is_some() {
        return None;
    }
    let own = (percent * Decimal::ONE_HUNDRED).mantissa() / 10_i128.pow((percent * Decimal::ONE_HUNDRED).scale());
    let above = (1..chain.len()).filter_map(|i| percent_of(&chain[i..], product, question)).max().unwrap_or(0);
    Some(if *adds { (own + above).min(10_000) } else { own })
}

fn any_scope() -> impl Strategy<Value = Scope> {
    prop_oneof![
        Just(Scope::All),
        Just(Scope::Categories(vec!["Toys".into()])),
        Just(Scope::Categories(vec!["Books".into()])),
        Just(Scope::Products(1)),
    ]
}

fn any_adjustment() -> impl Strategy<Value = Adjustment> {
    prop_oneof![
        Just(Adjustment::Unset),
        Just(Adjustment::ExplicitNone),
        Just(Adjustment::PriceLists),
        (0i64..=10_000, any::<bool>(), any_scope()).prop_map(|(hundredths, adds, scope)| Adjustment::Percentage {
            percent: Decimal::new(hundredths, 2),
            adds,
            scope
        }),
        (0i64..=12_000, any_scope()).prop_map(|(amount, scope)| Adjustment::Fixed { amount, scope }),
    ]
}

fn any_list(n: u128) -> impl Strategy<Value = AssignedList> {
    let end = || proptest::option::of(13u32..18);
    (1i32..4, any::<bool>(), any::<bool>(), end(), end()).prop_map(move |(priority, active, euro, from, to)| {
        let currency = if euro { Currency::from_code(EUR).unwrap() } else { Currency::USD };
        let (valid_from, valid_to) = (from.map(day), to.map(day));
        AssignedList { active, currency, valid_from, valid_to, ..list(n, priority) }
    })
}

prop_compose! {
    /// Six groups, each below an earlier one or at the top, with what they say about prices.
    fn any_groups()(
        groups in proptest::collection::vec(
            (0usize..6, any::<bool>(), any::<bool>(), any_adjustment(),
             (any_list(1), any_list(2), any_list(3)), proptest::sample::subsequence(vec![0usize, 1, 2], 0..=3)),
            6,
        ),
    ) -> Vec<Level> {
        groups.into_iter().enumerate().map(|(i, (above, counts, inherits, adjustment, lists, assigned))| {
            let all = [lists.0, lists.1, lists.2];
            let mut lists: Vec<AssignedList> = assigned.into_iter().map(|i| all[i].clone()).collect();
            lists.sort_by_key(|l| (l.priority, l.name.clone(), l.code.clone()));
            let n = i as u128 + 1;
            let parent = if above < i { above as u128 + 1 } else { 0 };
            let inherit = Switches { pricing: inherits || i % 2 == 0, ..Switches::default() };
            Level { counts, inherit, ..group(n, parent, adjustment, lists) }
        }).collect()
    }
}

proptest! {
    #[test]
    fn the_resolver_agrees_with_the_naive_model(
        groups in any_groups(),
        counting in proptest::sample::subsequence(vec![1u128, 2, 3, 4, 5, 6], 0..=4).prop_shuffle(),
        entries in proptest::collection::vec((1u128..=3, 1i32..20, 0i64..15_000), 0..8),
        toy in any::<bool>(),
        chosen in proptest::sample::subsequence(vec![1u128, 2, 3, 4, 5, 6], 0..=6),
        base in 0i64..12_000,
        quantity in 1i32..25,
        euro in any::<bool>(),
    ) {
        let mut entries: Vec<Entry> = entries.into_iter().map(|(l, q, p)| entry(l, q, p)).collect();
        entries.sort_by_key(|e| (e.list_id, e.min_quantity));
        entries.dedup_by_key(|e| (e.list_id, e.min_quantity));
        let mut product = product(entries.clone()).with_chosen_by(chosen.iter().copied().map(id).collect());
        product.base_price = base;
        if toy { product.category = "Toys".into(); }
        let currency = if euro { Currency::from_code(EUR).unwrap() } else { Currency::USD };
        let question = Question { quantity, day: day(15), currency };
        let levels = book(groups);
        let counting = member_of(&counting);
        let got = Ladder::new(&levels, &counting, &[]).resolve(&product, &question);
        prop_assert_eq!(got.unit_price, naive(&levels, &counting, &product, &question));
        // The winner of the trace is the price; nothing in it is lower, but a base price that doesn't compete.
        prop_assert_eq!(got.winner().and_then(|step| step.price), got.unit_price);
        prop_assert_eq!(got.winner().is_some(), got.unit_price.is_some());
        for step in &got.trace {
            if let (Some(price), Some(unit)) = (step.price, got.unit_price) {
                prop_assert!(price >= unit || step.verdict == Verdict::Overridden, "{:?}", step);
            }
        }
        // The order in which groups and rows come doesn't matter.
        let mut turned: Vec<Counting> = counting.clone();
        turned.reverse();
        entries.reverse();
        let again = product.clone().with_entries(entries);
        let other = Ladder::new(&levels, &turned, &[]).resolve(&again, &question);
        prop_assert_eq!(got, other);
    }
}

//! The engine against a model that tries every set of promotions that SPEC 8 allows, in plain decimals.

use super::amounts::Line;
use super::promotion::{Offer, Promotion};
use super::spec_examples::{line, order, promotion};
use super::verdict::Verdict;
use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};

fn whole(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
}

/// What an order comes to with exactly these promotions, taken one after the other.
fn total(promotions: &[&Promotion], lines: &[Line], mut shipping: i64) -> i64 {
    let mut group: Vec<Decimal> = lines.iter().map(|line| line.group_total.into()).collect();
    let mut base: Vec<Option<Decimal>> = lines.iter().map(|line| line.base_total.map(Decimal::from)).collect();
    let mut by_base = vec![false; lines.len()];
    for promotion in promotions {
        let costs: Vec<Decimal> = (0..lines.len())
            .map(|i| base[i].filter(|_| by_base[i]).map_or(group[i], |base| base.min(group[i])))
            .collect();
        let sum: Decimal = costs.iter().sum();
        let shares = match &promotion.offer {
            Offer::Amount(amount) => by_largest_remainder((*amount).min(i64::try_from(sum).unwrap()), &costs),
            _ => Vec::new(),
        };
        for (i, line) in lines.iter().enumerate() {
            let free = |x: i32, y: i32| (line.quantity - line.quantity % (x + y)) / (x + y) * y;
            let off: Box<dyn Fn(Decimal) -> Decimal> = match &promotion.offer {
                Offer::Percent(percent) => {
                    let left = (Decimal::ONE_HUNDRED - percent) / Decimal::ONE_HUNDRED;
                    Box::new(move |amount| amount - whole(amount * left))
                }
                Offer::Amount(_) if shares[i] > 0 => {
                    let share = shares[i];
                    Box::new(move |_| share.into())
                }
                Offer::BuyGet { buy, get } if free(*buy, *get) > 0 => {
                    let (free, all) = (free(*buy, *get), line.quantity);
                    Box::new(move |amount| whole(amount * Decimal::from(free) / Decimal::from(all)))
                }
                _ => continue,
            };
            if promotion.stacks && line.group_stacks {
                group[i] = (group[i] - off(group[i])).max(Decimal::ZERO);
            } else {
                by_base[i] = true;
            }
            base[i] = base[i].map(|amount| (amount - off(amount)).max(Decimal::ZERO));
        }
        if promotion.offer == Offer::FreeShipping {
            shipping = 0;
        }
    }
    let costs = (0..lines.len()).map(|i| base[i].filter(|_| by_base[i]).map_or(group[i], |base| base.min(group[i])));
    i64::try_from(costs.sum::<Decimal>()).unwrap() + shipping
}

/// Unit by unit to whoever is furthest below its exact share, after the whole parts.
fn by_largest_remainder(amount: i64, costs: &[Decimal]) -> Vec<i64> {
    let sum: Decimal = costs.iter().sum();
    if sum.is_zero() {
        return vec![0; costs.len()];
    }
    let exact: Vec<Decimal> = costs.iter().map(|cost| Decimal::from(amount) * cost / sum).collect();
    let mut shares: Vec<i64> = exact.iter().map(|share| i64::try_from(share.floor()).unwrap()).collect();
    while shares.iter().sum::<i64>() < amount {
        let lacks = |i: usize| exact[i] - Decimal::from(shares[i]);
        let most = (0..costs.len()).rev().max_by_key(|i| lacks(*i).round_dp(12)).unwrap();
        shares[most] += 1;
    }
    shares
}

/// The lowest total over all sets that may apply: all combinable ones, or one of the others.
fn naive(promotions: &[Promotion], lines: &[Line], shipping: i64) -> i64 {
    let mut best: Option<i64> = None;
    for set in 1u32..1 << promotions.len() {
        let mut members: Vec<&Promotion> =
            promotions.iter().enumerate().filter(|(i, _)| set >> i & 1 == 1).map(|(_, promotion)| promotion).collect();
        members.sort_by(|a, b| (a.priority, &a.code).cmp(&(b.priority, &b.code)));
        let combinable = promotions.iter().filter(|promotion| promotion.combinable).count();
        let all_together = members.iter().all(|promotion| promotion.combinable) && members.len() == combinable;
        let one_alone = members.len() == 1 && !members[0].combinable;
        if all_together || one_alone {
            let total = total(&members, lines, shipping);
            best = Some(best.map_or(total, |best| best.min(total)));
        }
    }
    best.unwrap_or_else(|| total(&[], lines, shipping))
}

prop_compose! {
    fn any_line()(
        quantity in 1..9i32,
        base in 0..2_000i64,
        group in 0..2_500i64,
        group_stacks in any::<bool>(),
        kind in 0..4u8,
    ) -> Line {
        let plain = line(quantity, base);
        match kind {
            0 => plain,
            1 => Line { base_total: None, group_total: line(quantity, group).group_total, group_stacks, ..plain },
            _ => Line { group_total: line(quantity, group).group_total, group_stacks, ..plain },
        }
    }
}

prop_compose! {
    fn any_promotion()(
        kind in 0..4u8,
        percent in 1..10_001i64,
        amount in 1..5_000i64,
        buy in 1..4i32,
        get in 1..3i32,
        stacks in any::<bool>(),
        combinable in any::<bool>(),
        priority in 1..4i32,
        code in "[A-Z]{3}",
    ) -> Promotion {
        let offer = match kind {
            0 => Offer::Percent(Decimal::new(percent, 2)),
            1 => Offer::Amount(amount),
            2 => Offer::FreeShipping,
            _ => Offer::BuyGet { buy, get },
        };
        Promotion { stacks, combinable, priority, ..promotion(&code, offer) }
    }
}

proptest! {
    #[test]
    fn an_order_gets_what_the_naive_model_says(
        promotions in prop::collection::vec(any_promotion(), 0..6),
        lines in prop::collection::vec(any_line(), 1..5),
        shipping in prop::sample::select(vec![0i64, 995]),
    ) {
        let got = order(&promotions, &lines, shipping);
        prop_assert_eq!(got.total(), naive(&promotions, &lines, shipping));
        let saved: i64 = got.verdicts.iter().map(Verdict::saves).sum();
        prop_assert_eq!(got.subtotal + shipping - saved, got.total());
        prop_assert!(got.verdicts.iter().all(|verdict| verdict.saves() >= 0));
        prop_assert!(got.lines.iter().all(|cost| *cost >= 0));
        // Only promotions that are combinable come together.
        let applied: Vec<&Promotion> =
            promotions.iter().zip(&got.verdicts).filter(|(_, verdict)| verdict.applied()).map(|(p, _)| p).collect();
        prop_assert!(applied.len() <= 1 || applied.iter().all(|promotion| promotion.combinable));
    }
}

//! Which promotions an order gets: the combinable ones together, or one of the others alone (SPEC 8; docs/adr/0013).

use super::amounts::{Line, Running, free_units};
use super::eligibility::{Asker, Ordered, not_for, not_on};
use super::promotion::{FreeItem, Offer, Promotion};
use super::verdict::Verdict;

/// An order with the promotions that it gets. Minor units of the order's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promoted {
    /// What became of each promotion, in the order in which they were given.
    pub verdicts: Vec<Verdict>,
    /// What each line costs after them.
    pub lines: Vec<i64>,
    /// Σ group price × quantity.
    pub subtotal: i64,
    /// What promotions take off the subtotal.
    pub discount: i64,
    /// The shipping fee that is left.
    pub shipping: i64,
}

impl Promoted {
    /// What the customer pays.
    pub fn total(&self) -> i64 {
        self.subtotal.saturating_sub(self.discount).saturating_add(self.shipping)
    }

    /// What comes for free besides.
    pub fn free_items(&self) -> impl Iterator<Item = &FreeItem> {
        self.verdicts.iter().filter_map(|verdict| match verdict {
            Verdict::Applied { gives, .. } => gives.as_ref(),
            _ => None,
        })
    }
}

/// Decides which promotions an order gets. Lines are those that are seen and priced; `shipping` is the store's fee.
pub fn promote(
    promotions: &[Promotion],
    lines: &[Line],
    shipping: i64,
    in_store_currency: bool,
    asker: &Asker<'_>,
) -> Promoted {
    let subtotal = lines.iter().fold(0i64, |sum, line| sum.saturating_add(line.group_total));
    let ordered = Ordered { subtotal, has_lines: !lines.is_empty(), in_store_currency };
    let mut verdicts: Vec<Option<Verdict>> =
        promotions.iter().map(|promotion| not_for(promotion, asker).or_else(|| not_on(promotion, &ordered))).collect();
    let mut eligible: Vec<usize> = (0..promotions.len()).filter(|at| verdicts[*at].is_none()).collect();
    eligible.sort_by(|a, b| key(&promotions[*a]).cmp(&key(&promotions[*b])));
    let start = Running::new(lines, shipping);
    let (together, alone): (Vec<usize>, Vec<usize>) = eligible.iter().partition(|at| promotions[**at].combinable);
    let mut choices: Vec<Choice> = Vec::new();
    if !together.is_empty() {
        choices.push(Choice::of(promotions, together, &start));
    }
    choices.extend(alone.into_iter().map(|at| Choice::of(promotions, vec![at], &start)));
    // Of equal choices the first wins, and they stand in the order of their first promotions' priorities.
    choices.sort_by(|a, b| first_key(promotions, a).cmp(&first_key(promotions, b)));
    let best = choices.iter().enumerate().min_by_key(|(_, choice)| (choice.after.total(), choice.effective()));
    let best = best.map(|(at, _)| at);
    let after = best.map_or_else(|| start.clone(), |at| choices[at].after.clone());
    if let Some(at) = best {
        let winners = choices[at].winners(promotions);
        for (place, choice) in choices.iter().enumerate() {
            for (step, member) in choice.members.iter().enumerate() {
                let lower = choice.after.total() - after.total();
                verdicts[*member] = Some(match choice.without_effect(promotions, step, lines, &start) {
                    Some(verdict) => verdict,
                    None if place == at => choice.applied(promotions, step),
                    None => Verdict::Outbid { by: winners.clone(), lower },
                });
            }
        }
    }
    let costs = after.lines();
    let left = costs.iter().fold(0i64, |sum, cost| sum.saturating_add(*cost));
    Promoted {
        verdicts: verdicts.into_iter().map(|verdict| verdict.unwrap_or(Verdict::NothingLeft)).collect(),
        lines: costs,
        subtotal,
        discount: subtotal - left,
        shipping: after.shipping,
    }
}

/// Lower priority first, ties by code.
fn key(promotion: &Promotion) -> (i32, &str) {
    (promotion.priority, &promotion.code)
}

fn first_key<'a>(promotions: &'a [Promotion], choice: &Choice) -> Option<(i32, &'a str)> {
    choice.members.first().map(|at| key(&promotions[*at]))
}

/// Promotions that can apply together, in the order in which they do.
struct Choice {
    members: Vec<usize>,
    /// What each of them takes off the total.
    saves: Vec<i64>,
    /// Whether it matters: it takes something off, gives something, or others take off more with it.
    matters: Vec<bool>,
    after: Running,
}

impl Choice {
    fn of(promotions: &[Promotion], members: Vec<usize>, start: &Running) -> Self {
        let mut after = start.clone();
        let mut saves = Vec::with_capacity(members.len());
        for at in &members {
            let before = after.total();
            after.take(&promotions[*at].offer, promotions[*at].stacks);
            saves.push(before - after.total());
        }
        let total = after.total();
        let matters = (0..members.len())
            .map(|step| {
                saves[step] > 0
                    || matches!(promotions[members[step]].offer, Offer::FreeItem(_))
                    || total_without(promotions, &members, step, start) > total
            })
            .collect();
        Self { members, saves, matters, after }
    }

    /// How many of them matter: ties between choices go to fewer.
    fn effective(&self) -> usize {
        self.matters.iter().filter(|matters| **matters).count()
    }

    fn winners(&self, promotions: &[Promotion]) -> Vec<String> {
        let applied = self.members.iter().zip(&self.matters).filter(|(_, matters)| **matters);
        applied.map(|(at, _)| promotions[*at].name.clone()).collect()
    }

    fn applied(&self, promotions: &[Promotion], step: usize) -> Verdict {
        let gives = match &promotions[self.members[step]].offer {
            Offer::FreeItem(item) => Some(item.clone()),
            _ => None,
        };
        Verdict::Applied { saves: self.saves[step], gives }
    }

    /// Why a promotion of the choice takes nothing off, where it doesn't.
    fn without_effect(
        &self,
        promotions: &[Promotion],
        step: usize,
        lines: &[Line],
        start: &Running,
    ) -> Option<Verdict> {
        if self.matters[step] {
            return None;
        }
        let promotion = &promotions[self.members[step]];
        Some(match promotion.offer {
            Offer::FreeShipping => Verdict::NoShippingFee,
            Offer::BuyGet { buy, get } if lines.iter().all(|line| free_units(line.quantity, buy, get) == 0) => {
                Verdict::TooFewUnits(buy.saturating_add(get))
            }
            _ if start.total() == start.shipping => Verdict::NothingLeft,
            _ if !promotion.stacks || lines.iter().any(|line| !line.group_stacks) => Verdict::GroupPriceAsLow,
            _ => Verdict::NothingLeft,
        })
    }
}

fn total_without(promotions: &[Promotion], members: &[usize], step: usize, start: &Running) -> i64 {
    let mut running = start.clone();
    for at in members.iter().enumerate().filter(|(place, _)| *place != step).map(|(_, at)| *at) {
        running.take(&promotions[at].offer, promotions[at].stacks);
    }
    running.total()
}

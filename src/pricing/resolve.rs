//! What a customer pays for a product, and why: the one resolver of prices (SPEC 7).

use super::discount::{less_amount, less_percent};
use super::facts::{Product, Question};
use super::trace::{Offer, Step, Verdict};
use crate::inheritance::counting::{self, Reason};
use crate::inheritance::level::{Level, Levels, chain};
use crate::inheritance::own::{Adjustment, Scope, Section};
use rust_decimal::Decimal;
use std::cmp::Reverse;
use std::sync::Arc;
use uuid::Uuid;

/// A group that counts for a customer (SPEC 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counting {
    /// The group.
    pub id: Uuid,
    /// Whether it is the customer's primary group.
    pub is_primary: bool,
}

impl Counting {
    /// All groups that count for a customer.
    pub fn all(counting: &counting::Counting) -> Vec<Self> {
        let is_primary = |reason: &Reason| !matches!(reason, Reason::Membership { is_primary: false, .. });
        counting.groups.iter().map(|group| Self { id: group.id, is_primary: is_primary(&group.reason) }).collect()
    }
}

/// The groups of a customer with their chains: found once, asked for each product.
#[derive(Clone, Debug)]
pub struct Ladder<'a> {
    /// Primary group first, then by name (rule 3: ties).
    counting: Vec<Vec<&'a Level>>,
    /// Groups of the customer that don't count, with the reason.
    apart: Vec<(&'a Level, Verdict)>,
}

/// The answer: a price and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution<'a> {
    /// The product's base price in the currency asked for, minor units; `None` where it has none.
    pub base_price: Option<i64>,
    /// What a unit costs the customer, minor units; `None` where nothing prices it in this currency.
    pub unit_price: Option<i64>,
    /// Every candidate with its verdict. The one that won is among them, unless there is no price.
    pub trace: Vec<Step<'a>>,
}

impl<'a> Resolution<'a> {
    /// The candidate whose price it is.
    pub fn winner(&self) -> Option<&Step<'a>> {
        self.trace.iter().find(|step| step.verdict == Verdict::Won)
    }

    /// Unit price × quantity, minor units.
    pub fn line_total(&self, quantity: i32) -> Option<i64> {
        self.unit_price.map(|price| price.saturating_mul(i64::from(quantity)))
    }
}

impl<'a> Ladder<'a> {
    /// The ladder of these groups. Groups that the book doesn't have are left out.
    pub fn new(levels: &'a Levels, counting: &[Counting], apart: &[(Uuid, Verdict)]) -> Self {
        let mut chains: Vec<(bool, Vec<&Level>)> = counting
            .iter()
            .map(|group| (group.is_primary, chain(levels, group.id, Section::Pricing)))
            .filter(|(_, chain)| !chain.is_empty())
            .collect();
        chains.sort_by_cached_key(|(is_primary, chain)| (Reverse(*is_primary), name_of(chain), chain[0].id));
        let apart = apart.iter().filter_map(|(id, why)| levels.get(id).map(|level| (Arc::as_ref(level), *why)));
        Self { counting: chains.into_iter().map(|(_, chain)| chain).collect(), apart: apart.collect() }
    }

    /// The price lists that can matter, each once, sorted.
    pub fn lists(&self) -> Vec<Uuid> {
        let mut ids: Vec<Uuid> =
            self.levels().flat_map(|level| level.pricing.lists.iter().map(|list| list.id)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The groups whose settings can matter, each once, sorted.
    pub fn groups(&self) -> Vec<Uuid> {
        let mut ids: Vec<Uuid> = self.levels().map(|level| level.id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The groups whose adjustment is for chosen products, each once, sorted.
    pub fn choosing(&self) -> Vec<Uuid> {
        let chosen = |level: &&Level| {
            matches!(
                level.pricing.adjustment,
                Adjustment::Percentage { scope: Scope::Products(_), .. }
                    | Adjustment::Fixed { scope: Scope::Products(_), .. }
            )
        };
        let mut ids: Vec<Uuid> = self.levels().filter(chosen).map(|level| level.id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn levels(&self) -> impl Iterator<Item = &'a Level> {
        self.counting.iter().flatten().copied()
    }

    /// The price of one product.
    pub fn resolve(&self, product: &Product, question: &Question) -> Resolution<'a> {
        let base_price = (product.currency == question.currency).then_some(product.base_price);
        let mut found = Found { trace: Vec::new(), best: None };
        for chain in &self.counting {
            candidates(chain, product, question, base_price, &mut found);
        }
        for (level, why) in &self.apart {
            found.trace.push(Step {
                group: Some(level),
                level: Some(level),
                offer: Offer::Nothing,
                price: None,
                verdict: *why,
            });
        }
        found.decide(base_price, question)
    }
}

fn name_of(chain: &[&Level]) -> String {
    chain.first().map(|level| level.name.clone()).unwrap_or_default()
}

/// Candidates so far: those with a price wait for the verdict.
struct Found<'a> {
    trace: Vec<Step<'a>>,
    /// Price, how far up the chain, and where in the trace. Groups come in the order that decides ties.
    best: Option<(i64, usize, usize)>,
}

impl<'a> Found<'a> {
    fn offers(&mut self, chain: &[&'a Level], depth: usize, offer: Offer<'a>, price: i64) {
        let place = self.trace.len();
        self.refuses(chain, depth, offer, Some(price), Verdict::HigherPrice);
        if self.best.is_none_or(|(lowest, nearest, _)| (price, depth) < (lowest, nearest)) {
            self.best = Some((price, depth, place));
        }
    }

    fn refuses(&mut self, chain: &[&'a Level], depth: usize, offer: Offer<'a>, price: Option<i64>, verdict: Verdict) {
        self.trace.push(Step {
            group: chain.first().copied(),
            level: chain.get(depth).copied(),
            offer,
            price,
            verdict,
        });
    }

    fn decide(mut self, base_price: Option<i64>, question: &Question) -> Resolution<'a> {
        let overridden = self.trace.iter().any(|step| step.price.is_some() && matches!(step.offer, Offer::List { .. }));
        // An override may be dearer than the base price: a contract. Adjustments alone only ever lower it.
        let best = self.best.filter(|(price, ..)| overridden || base_price.is_none_or(|base| *price < base));
        let lost = if best.is_some() { Verdict::HigherPrice } else { Verdict::NotLower };
        for (place, step) in self.trace.iter_mut().enumerate() {
            let Some(price) = step.price else { continue };
            step.verdict = match best {
                Some((_, _, won)) if won == place => Verdict::Won,
                Some((lowest, ..)) if price == lowest => Verdict::SamePrice,
                _ => lost,
            };
        }
        let unit_price = best.map(|(price, ..)| price).or(base_price);
        let verdict = match (best, base_price) {
            (None, Some(_)) => Verdict::Won,
            (None, None) => Verdict::NoPrice(question.currency),
            (Some(_), Some(_)) if overridden => Verdict::Overridden,
            (Some(_), Some(_)) => Verdict::HigherPrice,
            (Some(_), None) => Verdict::NoBasePrice(question.currency),
        };
        self.trace.push(Step { group: None, level: None, offer: Offer::Base, price: base_price, verdict });
        Resolution { base_price, unit_price, trace: self.trace }
    }
}

/// Rule 2 for one group: at most one candidate for each level of its chain.
fn candidates<'a>(
    chain: &[&'a Level],
    product: &Product,
    question: &Question,
    base_price: Option<i64>,
    found: &mut Found<'a>,
) {
    let decided: Vec<bool> = (0..chain.len()).map(|depth| by_lists(chain, depth, product, question, found)).collect();
    // From the top down: what a level's percentage can add to is the highest one above it.
    let mut totals = vec![None; chain.len()];
    let mut inherited = Decimal::ZERO;
    for depth in (0..chain.len()).rev() {
        let level = chain[depth];
        if let Adjustment::Percentage { percent, adds, scope } = &level.pricing.adjustment
            && !decided[depth]
            && product.is_in(scope, level.id)
        {
            let total = if *adds { (percent + inherited).min(Decimal::ONE_HUNDRED) } else { *percent };
            totals[depth] = Some(total);
            inherited = inherited.max(total);
        }
    }
    for (depth, level) in chain.iter().enumerate() {
        let (offer, scope) = match &level.pricing.adjustment {
            Adjustment::Percentage { percent, scope, .. } => {
                (Offer::Percentage { own: *percent, total: totals[depth].unwrap_or(*percent) }, scope)
            }
            Adjustment::Fixed { amount, scope } => (Offer::Fixed { amount: *amount }, scope),
            Adjustment::Unset | Adjustment::ExplicitNone | Adjustment::PriceLists => continue,
        };
        match (base_price, offer) {
            _ if decided[depth] => found.refuses(chain, depth, offer, None, Verdict::ListDecides),
            _ if !product.is_in(scope, level.id) => found.refuses(chain, depth, offer, None, Verdict::OutOfScope),
            (None, _) => found.refuses(chain, depth, offer, None, Verdict::NoBasePrice(question.currency)),
            (Some(base), Offer::Fixed { amount }) => found.offers(chain, depth, offer, less_amount(base, amount)),
            (Some(base), Offer::Percentage { total, .. }) => {
                found.offers(chain, depth, offer, less_percent(base, total));
            }
            (Some(_), Offer::Base | Offer::List { .. } | Offer::Nothing) => {}
        }
    }
}

/// Rule 2a for one level; whether one of its lists decides.
fn by_lists<'a>(
    chain: &[&'a Level],
    depth: usize,
    product: &Product,
    question: &Question,
    found: &mut Found<'a>,
) -> bool {
    let mut decided = false;
    for list in &chain[depth].pricing.lists {
        let nothing = Offer::List { list, min_quantity: 0 };
        if decided {
            found.refuses(chain, depth, nothing, None, Verdict::EarlierList);
            continue;
        }
        if let Some(why) = question.refuses(list) {
            found.refuses(chain, depth, nothing, None, why);
            continue;
        }
        let entries = product.entries_of(list.id);
        let reached = entries.partition_point(|entry| entry.min_quantity <= question.quantity);
        match (entries[..reached].last(), entries.first()) {
            (Some(entry), _) => {
                found.offers(chain, depth, Offer::List { list, min_quantity: entry.min_quantity }, entry.price);
                decided = true;
            }
            (None, Some(entry)) => {
                found.refuses(chain, depth, nothing, None, Verdict::QuantityBelow(entry.min_quantity));
            }
            (None, None) => found.refuses(chain, depth, nothing, None, Verdict::NoEntry),
        }
    }
    decided
}

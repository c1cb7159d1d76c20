//! Which groups a change touches, and in what: everything that follows starts from these.

use crate::inheritance::book::Book;
use crate::inheritance::effective::{Effective, Sourced, effective};
use crate::inheritance::level::{Level, chain};
use crate::inheritance::own::Section;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// A group whose effective settings, or whether it counts at all, would be others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TouchedGroup {
    /// The group.
    pub id: Uuid,
    /// Its name; of one that would be gone, the one it has.
    pub name: String,
    /// Whether it counts today: live and active.
    pub counts_before: bool,
    /// Whether it would count.
    pub counts_after: bool,
    /// Whether prices or minimum orders would be others.
    pub pricing: bool,
    /// Whether what is visible would be another.
    pub visibility: bool,
    /// Whether portal access would be another.
    pub portal: bool,
    /// Whether payment terms would be others.
    pub terms: bool,
}

impl TouchedGroup {
    /// A group that counts and goes on counting, with other prices.
    fn in_prices(level: &Level) -> Self {
        Self {
            id: level.id,
            name: level.name.clone(),
            counts_before: true,
            counts_after: true,
            pricing: true,
            visibility: false,
            portal: false,
            terms: false,
        }
    }

    /// Whether customers notice: somebody for whom it counts, before or after.
    pub fn is_felt(&self) -> bool {
        self.counts_before || self.counts_after
    }
}

/// The groups that differ between two books, the one nearest to the root first.
pub fn between(before: &Book, after: &Book) -> Vec<TouchedGroup> {
    let mut places: BTreeSet<Uuid> = BTreeSet::new();
    for (id, level) in before.levels() {
        if after.levels().get(id).is_none_or(|other| !Arc::ptr_eq(level, other) && level != other) {
            places.insert(*id);
        }
    }
    places.extend(after.levels().keys().filter(|id| before.level(**id).is_none()));
    let below = |book: &Book| places.iter().flat_map(|id| book.subtree(*id)).collect::<BTreeSet<Uuid>>();
    let candidates: BTreeSet<Uuid> = below(before).union(&below(after)).copied().collect();
    let mut touched: Vec<(usize, TouchedGroup)> =
        candidates.into_iter().filter_map(|id| compare(before, after, id)).collect();
    touched.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.name.cmp(&y.name)));
    touched.into_iter().map(|(_, group)| group).collect()
}

/// The groups that a price list prices something for, themselves or by what they inherit, whatever the list's state: those
/// that notice when its prices change.
pub fn using_list(book: &Book, list: Uuid) -> Vec<TouchedGroup> {
    let has = |level: &Level| level.pricing.lists.iter().any(|assigned| assigned.id == list);
    let places: Vec<Uuid> = book.levels().values().filter(|level| has(level)).map(|level| level.id).collect();
    let below: BTreeSet<Uuid> = places.iter().flat_map(|id| book.subtree(*id)).collect();
    let mut found: Vec<(usize, TouchedGroup)> = below
        .into_iter()
        .filter_map(|id| {
            let level = book.level(id).filter(|level| level.counts)?;
            let chain = chain(book.levels(), id, Section::Pricing);
            chain.iter().any(|level| has(level)).then(|| (chain.len(), TouchedGroup::in_prices(level)))
        })
        .collect();
    found.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.name.cmp(&y.name)));
    found.into_iter().map(|(_, group)| group).collect()
}

/// The lists that are assigned otherwise in one of two books than in the other, or are in another state, with their names.
pub fn changed_lists(before: &Book, after: &Book) -> Vec<(Uuid, String)> {
    let mut found: Vec<(Uuid, String)> = Vec::new();
    for id in before.levels().keys().chain(after.levels().keys()) {
        let lists = |book: &'_ Book| book.level(*id).map(|level| level.pricing.lists.clone()).unwrap_or_default();
        if unchanged(before, after, *id) {
            continue;
        }
        let (was, is) = (lists(before), lists(after));
        let changed = was.iter().filter(|list| !is.contains(list)).chain(is.iter().filter(|list| !was.contains(list)));
        found.extend(changed.map(|list| (list.id, list.name.clone())));
    }
    found.sort();
    found.dedup_by_key(|(id, _)| *id);
    found
}

/// Whether two books differ in their lists alone, as far as prices go.
pub fn only_lists(before: &Book, after: &Book) -> bool {
    let rest = |level: &Level| (level.parent_id, level.counts, level.inherit, level.pricing.adjustment.clone());
    before.levels().len() == after.levels().len()
        && before.levels().keys().all(|id| {
            unchanged(before, after, *id)
                || before.level(*id).zip(after.level(*id)).is_some_and(|(was, is)| rest(was) == rest(is))
        })
}

fn unchanged(before: &Book, after: &Book, id: Uuid) -> bool {
    before.levels().get(&id).zip(after.levels().get(&id)).is_some_and(|(was, is)| Arc::ptr_eq(was, is))
}

fn compare(before: &Book, after: &Book, id: Uuid) -> Option<(usize, TouchedGroup)> {
    let (was, is) = (before.level(id), after.level(id));
    let level = was.or(is)?;
    let (old, new) = (effective(before.levels(), id), effective(after.levels(), id));
    let counts = |level: Option<&Level>| level.is_some_and(|level| level.counts);
    let group = TouchedGroup {
        id,
        name: level.name.clone(),
        counts_before: counts(was),
        counts_after: counts(is),
        pricing: pricing(before, after, id)
            || differs(&old, &new, |e| (sources(&e.minimum_order), sources(&e.stack_with_promotions))),
        visibility: differs(&old, &new, |e| e.visibility.clone()),
        portal: differs(&old, &new, |e| {
            (e.login.value, e.shop.value, e.quotes.value, e.orders.value, e.invoices.value)
        }),
        terms: differs(&old, &new, |e| {
            (
                e.methods.value.clone(),
                (e.net_days.value, e.credit_limit.value, e.auto_approve_under.value),
                e.require_po.value,
                e.early_payment.value,
            )
        }),
    };
    let standing = group.counts_before != group.counts_after;
    let depth = chain(before.levels(), id, Section::Pricing).len();
    (standing || group.pricing || group.visibility || group.portal || group.terms).then_some((depth, group))
}

/// Levels compete in prices, so that each of the chain's levels matters, with its lists and adjustment.
fn pricing(before: &Book, after: &Book, id: Uuid) -> bool {
    let offers = |book: &'_ Book| {
        chain(book.levels(), id, Section::Pricing)
            .iter()
            .map(|level| (level.id, level.pricing.adjustment.clone(), level.pricing.lists.clone()))
            .collect::<Vec<_>>()
    };
    offers(before) != offers(after)
}

fn sources<T: Clone>(value: &Sourced<T>) -> T {
    value.value.clone()
}

fn differs<T: PartialEq>(old: &Option<Effective>, new: &Option<Effective>, of: impl Fn(&Effective) -> T) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => of(old) != of(new),
        // A group that is made or gone is told by whether it counts.
        _ => false,
    }
}

//! What a customer's groups would inherit in prices, if it weren't for a group above that is inactive, or for a switch (SPEC 6):
//! no step of a trace, since it is no candidate, but what somebody looks for who misses a discount.

use super::asking::Buyer;
use super::findings::{Check, Finding, Mend, Weight, finding};
use crate::inheritance::book::Book;
use crate::inheritance::level::{Level, chain};
use crate::inheritance::own::{Adjustment, Section};
use uuid::Uuid;

/// Why a group above prices nothing here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// It is inactive.
    Inactive,
    /// This group doesn't inherit prices.
    SwitchedOff(Uuid),
}

/// The groups above one that have prices of their own and give it none.
fn lost(book: &Book, id: Uuid) -> Vec<(&Level, Why)> {
    let heard: Vec<Uuid> = chain(book.levels(), id, Section::Pricing).iter().map(|level| level.id).collect();
    let mut found = Vec::new();
    let mut switch = book.level(id).filter(|level| !level.inherit.of(Section::Pricing)).map(|level| level.id);
    let mut above = book.level(id).and_then(|level| level.parent_id);
    while let Some(level) = above.and_then(|id| book.level(id)) {
        let prices = !level.pricing.lists.is_empty() || level.pricing.adjustment != Adjustment::Unset;
        if prices && !heard.contains(&level.id) {
            let why = switch.filter(|_| level.counts).map_or(Why::Inactive, Why::SwitchedOff);
            found.push((level, why));
        }
        if switch.is_none() && level.counts && !level.inherit.of(Section::Pricing) {
            switch = Some(level.id);
        }
        above = level.parent_id;
    }
    found
}

/// Whether a group that counts would inherit this one's prices, but doesn't: then the customer needn't be added to it.
pub(super) fn passed_over(buyer: &Buyer, expected: &Level) -> bool {
    let lost = |id: Uuid| lost(&buyer.book, id).iter().any(|(level, _)| level.id == expected.id);
    buyer.counting.groups.iter().any(|group| lost(group.id))
}

/// What isn't inherited, and where that is mended. It is a cause where that group's discount is the one that is missed, or where
/// none is named and the group inherits no prices at all.
pub(super) fn ancestry(buyer: &Buyer, expected: Option<&Level>) -> Vec<Finding> {
    let mut found = Vec::new();
    for group in &buyer.counting.groups {
        let silent = chain(buyer.book.levels(), group.id, Section::Pricing)
            .iter()
            .all(|level| level.pricing.lists.is_empty() && level.pricing.adjustment == Adjustment::Unset);
        for (level, why) in lost(&buyer.book, group.id) {
            let missed = expected.map_or(silent, |expected| expected.id == level.id);
            let weight = if missed { Weight::Cause } else { Weight::Note };
            let (sentence, mend) = match why {
                Why::Inactive => (
                    format!(
                        "{} stands below {}, which is inactive: its prices aren't inherited.",
                        group.name, level.name
                    ),
                    Mend::Group(level.id),
                ),
                Why::SwitchedOff(at) => {
                    let name = buyer.book.level(at).map_or("", |level| level.name.as_str());
                    let sentence =
                        format!("Inheritance of pricing is off in {name}: the prices of {} end there.", level.name);
                    (sentence, Mend::Inheritance(at))
                }
            };
            found.push(finding(Check::Rules, weight, sentence, Some(mend)));
        }
    }
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::group::ROOT_ID;
    use crate::inheritance::level::Levels;
    use crate::inheritance::own::Switches;
    use std::sync::Arc;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    /// 1 above 2 above 3; 1 has a discount.
    fn book(change: impl Fn(&mut Level)) -> Book {
        let level = |n: u128, parent: Uuid| {
            let mut level = Level { id: id(n), counts: true, parent_id: Some(parent), ..Level::default() };
            if n == 1 {
                level.pricing.adjustment = Adjustment::ExplicitNone;
            }
            change(&mut level);
            (id(n), Arc::new(level))
        };
        let root = Level { id: ROOT_ID, counts: true, ..Level::default() };
        Book::new(Levels::from([(ROOT_ID, Arc::new(root)), level(1, ROOT_ID), level(2, id(1)), level(3, id(2))]))
    }

    #[test]
    fn what_is_not_inherited_has_a_reason() {
        type Change = fn(&mut Level);
        let nothing: Change = |_| {};
        let inactive: Change = |level| level.counts = level.id != id(1);
        let off: Change = |level| {
            if level.id == id(2) {
                level.inherit = Switches { pricing: false, ..level.inherit };
            }
        };
        for (change, expected) in
            [(nothing, vec![]), (inactive, vec![(id(1), Why::Inactive)]), (off, vec![(id(1), Why::SwitchedOff(id(2)))])]
        {
            let book = book(change);
            let found: Vec<_> = lost(&book, id(3)).into_iter().map(|(level, why)| (level.id, why)).collect();
            assert_eq!(found, expected);
        }
    }
}

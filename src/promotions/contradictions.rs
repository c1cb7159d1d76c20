//! Targets that contradict each other: a promotion or a segment that is for a group and not for one above it, or for nobody
//! at all (SPEC 9, "contradicting targets").

use crate::inheritance::book::Book;
use crate::inheritance::covering::{covered, covering};
use std::collections::HashSet;
use uuid::Uuid;

/// What is wrong with targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// This group is meant, and it stands in this one that is not meant.
    InNotMeant {
        /// The group that is meant.
        target: Uuid,
        /// The one that is not meant.
        not_in: Uuid,
    },
    /// All groups that are meant are inactive or deleted.
    NoneCounts,
    /// Nobody is in the groups that are meant, once those that are not meant are taken off.
    Nobody,
}

/// What is wrong with targets, if anything is. `peopled` are the groups that have members or an organization.
pub fn contradiction(
    book: &Book,
    peopled: &HashSet<Uuid>,
    meant: &[Uuid],
    not_meant: &[Uuid],
) -> Option<Contradiction> {
    let levels = book.levels();
    let clash = meant.iter().find_map(|target| Some((*target, covering(levels, not_meant, *target)?)));
    if let Some((target, not_in)) = clash {
        return Some(Contradiction::InNotMeant { target, not_in });
    }
    if meant.is_empty() {
        return None;
    }
    let reached = covered(book, meant);
    if reached.is_empty() {
        return Some(Contradiction::NoneCounts);
    }
    let gets = |id: &Uuid| peopled.contains(id) && covering(levels, not_meant, *id).is_none();
    (!reached.iter().any(gets)).then_some(Contradiction::Nobody)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inheritance::level::{Level, Levels};
    use std::sync::Arc;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    /// 1 > 2 > 3, 1 > 4 (inactive) > 5, 1 > 6.
    fn book() -> Book {
        let level = |n: u128, parent: u128, counts| {
            let parent_id = (parent > 0).then(|| id(parent));
            (id(n), Arc::new(Level { id: id(n), parent_id, counts, ..Level::default() }))
        };
        let levels = [
            level(1, 0, true),
            level(2, 1, true),
            level(3, 2, true),
            level(4, 1, false),
            level(5, 4, true),
            level(6, 1, true),
        ];
        Book::new(Levels::from(levels))
    }

    #[test]
    fn targets_that_contradict_each_other_are_found() {
        use Contradiction::*;
        let clash = |target, not_in| Some(InNotMeant { target: id(target), not_in: id(not_in) });
        for (meant, not_meant, peopled, expected) in [
            (&[2][..], &[][..], &[2][..], None),
            // For everyone.
            (&[], &[2], &[], None),
            (&[2], &[2], &[2], clash(2, 2)),
            // Through its parent, and through its parent's parent.
            (&[3], &[2], &[3], clash(3, 2)),
            (&[6, 3], &[1], &[3], clash(6, 1)),
            // A subgroup that is not meant leaves the rest.
            (&[2], &[3], &[2], None),
            (&[2], &[3], &[3], Some(Nobody)),
            // An inactive group between cuts off.
            (&[5], &[1], &[5], None),
            (&[4], &[], &[4, 5], Some(NoneCounts)),
            (&[9], &[], &[2], Some(NoneCounts)),
            (&[6], &[], &[2], Some(Nobody)),
            (&[2], &[], &[3], None),
        ] {
            let ids = |numbers: &[u128]| numbers.iter().map(|n| id(*n)).collect::<Vec<_>>();
            let peopled = ids(peopled).into_iter().collect();
            let found = contradiction(&book(), &peopled, &ids(meant), &ids(not_meant));
            assert_eq!(found, expected, "{meant:?} {not_meant:?}");
        }
    }
}

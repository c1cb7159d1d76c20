//! Which groups a chosen group covers: itself and its subgroups, as promotions and segments mean it (SPEC 8).

use super::book::Book;
use super::level::Levels;
use std::collections::HashSet;
use uuid::Uuid;

/// The first of `targets` that covers a group: the group itself or one above it. An inactive or deleted group covers
/// nobody, and cuts off what stands below it. Inherit switches don't matter: they are about settings.
pub fn covering(levels: &Levels, targets: &[Uuid], group: Uuid) -> Option<Uuid> {
    let mut next = levels.get(&group);
    let mut steps = 0;
    while let Some(level) = next.filter(|level| level.counts) {
        if targets.contains(&level.id) {
            return Some(level.id);
        }
        steps += 1;
        next = level.parent_id.filter(|_| steps <= levels.len()).and_then(|parent| levels.get(&parent));
    }
    None
}

/// All groups that one of `targets` covers, sorted.
pub fn covered(book: &Book, targets: &[Uuid]) -> Vec<Uuid> {
    let counts = |id: &Uuid| book.level(*id).is_some_and(|level| level.counts);
    let mut found: HashSet<Uuid> = HashSet::new();
    let mut next: Vec<Uuid> = targets.iter().copied().filter(counts).collect();
    while let Some(id) = next.pop() {
        if found.insert(id) {
            next.extend(book.children(id).iter().copied().filter(counts));
        }
    }
    let mut found: Vec<Uuid> = found.into_iter().collect();
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inheritance::level::Level;
    use crate::inheritance::own::Switches;
    use std::sync::Arc;

    /// `name parent`, the name in capitals where the group is inactive; the root is `all`.
    fn book(groups: &[&str]) -> Book {
        Book::new(groups.iter().map(|text| level(text)).collect())
    }

    fn level(text: &str) -> (Uuid, Arc<Level>) {
        let (name, parent) = text.split_once(' ').unwrap_or((text, ""));
        let level = Level {
            id: id(name),
            name: name.into(),
            parent_id: Some(parent).filter(|parent| !parent.is_empty()).map(id),
            counts: name.to_lowercase() == *name,
            // Switches are about settings.
            inherit: Switches { pricing: false, ..Switches::default() },
            ..Level::default()
        };
        (level.id, Arc::new(level))
    }

    fn id(name: &str) -> Uuid {
        Uuid::from_u128(name.bytes().fold(1, |n, b| n * 256 + u128::from(b)))
    }

    #[test]
    fn a_group_covers_its_subgroups_except_those_cut_off_by_an_inactive_one() {
        let book = book(&["all", "vip all", "plat vip", "REST vip", "below REST", "gold all"]);
        for (targets, expected) in [
            (&["vip"][..], &["vip", "plat"][..]),
            (&["plat"], &["plat"]),
            // An inactive target matches nobody; what stands below it can still be chosen itself.
            (&["REST"], &[]),
            (&["below"], &["below"]),
            // A deleted one isn't in the book at all.
            (&["gone"], &[]),
            (&["all"], &["all", "vip", "plat", "gold"]),
            (&["vip", "plat", "gold"], &["vip", "plat", "gold"]),
            (&[], &[]),
        ] {
            let targets: Vec<Uuid> = targets.iter().map(|name| id(name)).collect();
            let mut expected: Vec<Uuid> = expected.iter().map(|name| id(name)).collect();
            expected.sort_unstable();
            assert_eq!(covered(&book, &targets), expected, "{targets:?}");
            // Both ways to ask agree.
            for group in book.levels().keys() {
                let covers = covering(book.levels(), &targets, *group).is_some();
                assert_eq!(covers, expected.contains(group), "{targets:?} {group}");
            }
        }
    }

    #[test]
    fn a_circle_that_somebody_asks_about_ends() {
        let book = book(&["a b", "b a"]);
        assert_eq!(covering(book.levels(), &[id("c")], id("a")), None);
        assert_eq!(covered(&book, &[id("a")]).len(), 2);
    }
}

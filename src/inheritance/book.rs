//! All live groups with their own settings at one moment: what every resolver reads (SPEC 6).

use super::level::{Level, Levels};
use crate::groups::group::ROOT_ID;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// All live groups, and who stands below whom. It never changes: a change makes another book, which shares the groups
/// that stayed the same. So what *would* be is looked at exactly as what *is*.
#[derive(Clone, Debug, Default)]
pub struct Book {
    levels: Levels,
    children: Arc<HashMap<Uuid, Vec<Uuid>>>,
}

/// Where a group stands among the children of its parent.
fn place(level: &Level) -> (String, Uuid) {
    (level.name.to_lowercase(), level.id)
}

impl Book {
    /// A book of these groups.
    pub fn new(levels: Levels) -> Self {
        let mut children: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for level in levels.values() {
            if let Some(parent) = level.parent_id {
                children.entry(parent).or_default().push(level.id);
            }
        }
        for below in children.values_mut() {
            below.sort_by_cached_key(|id| levels.get(id).map(|level| place(level)));
        }
        Self { levels, children: Arc::new(children) }
    }

    /// This book with some groups as given, or gone (`None`). Only the children of groups that are concerned are put in
    /// order again: after every change of a setting there is a new book.
    pub fn with(&self, changed: impl IntoIterator<Item = (Uuid, Option<Arc<Level>>)>) -> Self {
        let mut levels = self.levels.clone();
        let (mut moved, mut parents) = (HashSet::new(), HashSet::new());
        for (id, level) in changed {
            let after = level.as_ref().map(|level| (level.parent_id, place(level)));
            let before = match level {
                Some(level) => levels.insert(id, level),
                None => levels.remove(&id),
            };
            let before = before.map(|level| (level.parent_id, place(&level)));
            if before != after {
                moved.insert(id);
                parents.extend([before, after].into_iter().flatten().filter_map(|(parent, _)| parent));
            }
        }
        let mut children = Arc::clone(&self.children);
        if !parents.is_empty() {
            let children = Arc::make_mut(&mut children);
            for parent in parents {
                let stays = self.children(parent).iter().filter(|id| !moved.contains(*id));
                let comes = moved.iter().filter(|id| levels.get(*id).is_some_and(|l| l.parent_id == Some(parent)));
                let mut below: Vec<Uuid> = stays.chain(comes).copied().collect();
                below.sort_by_cached_key(|id| levels.get(id).map(|level| place(level)));
                children.insert(parent, below);
            }
        }
        Self { levels, children }
    }

    /// This book without a group, whose child groups stand below `children_to` (`None` = its parent). `None` where that
    /// group isn't in the book, or stands below the one that goes.
    pub fn without(&self, id: Uuid, children_to: Option<Uuid>) -> Option<Self> {
        let target = children_to.or(self.level(id)?.parent_id).unwrap_or(ROOT_ID);
        if self.level(target).is_none() || self.subtree(id).contains(&target) {
            return None;
        }
        let children = self.children(id).iter().filter_map(|child| {
            let moved = Level { parent_id: Some(target), ..self.level(*child)?.clone() };
            Some((*child, Some(Arc::new(moved))))
        });
        Some(self.with(children.chain([(id, None)])))
    }

    /// All groups by id.
    pub fn levels(&self) -> &Levels {
        &self.levels
    }

    /// One group.
    pub fn level(&self, id: Uuid) -> Option<&Level> {
        self.levels.get(&id).map(Arc::as_ref)
    }

    /// All Customers.
    pub fn root(&self) -> Option<&Level> {
        self.level(ROOT_ID)
    }

    /// The groups right below one, by name.
    pub fn children(&self, id: Uuid) -> &[Uuid] {
        self.children.get(&id).map_or(&[], Vec::as_slice)
    }

    /// A group and all that stand below it, itself first.
    pub fn subtree(&self, id: Uuid) -> Vec<Uuid> {
        let mut found = vec![id];
        let mut next = 0;
        while let Some(id) = found.get(next) {
            // A live tree has no cycles; a book that is looked at for a change that would make one must end all the same.
            found.extend_from_slice(if found.len() > self.levels.len() { &[] } else { self.children(*id) });
            next += 1;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(id: u128, parent: u128, name: &str) -> (Uuid, Arc<Level>) {
        let id = Uuid::from_u128(id);
        let parent_id = (parent > 0).then(|| Uuid::from_u128(parent));
        (id, Arc::new(Level { id, name: name.into(), parent_id, ..Level::default() }))
    }

    fn ids(numbers: &[u128]) -> Vec<Uuid> {
        numbers.iter().copied().map(Uuid::from_u128).collect()
    }

    #[test]
    fn children_stand_by_name_and_the_subtree_begins_with_the_group() {
        let book = Book::new(Levels::from([
            group(1, 0, "All"),
            group(2, 1, "beta"),
            group(3, 1, "Alpha"),
            group(4, 2, "below beta"),
        ]));
        assert_eq!(book.children(Uuid::from_u128(1)), ids(&[3, 2]));
        assert_eq!(book.subtree(Uuid::from_u128(1)), ids(&[1, 3, 2, 4]));
        assert_eq!(book.subtree(Uuid::from_u128(4)), ids(&[4]));
    }

    #[test]
    fn a_change_leaves_the_book_that_it_starts_from_alone() {
        let before = Book::new(Levels::from([group(1, 0, "All"), group(2, 1, "A"), group(3, 1, "B")]));
        let after = before.with([(Uuid::from_u128(3), Some(group(3, 2, "B").1)), (Uuid::from_u128(4), None)]);
        assert_eq!(after.children(Uuid::from_u128(2)), ids(&[3]));
        assert_eq!(before.children(Uuid::from_u128(1)), ids(&[2, 3]));
        let gone = after.with([(Uuid::from_u128(2), None)]);
        assert!(gone.level(Uuid::from_u128(2)).is_none());
    }

    #[test]
    fn after_changes_everybody_stands_where_a_new_book_has_them() {
        let first = [group(1, 0, "All"), group(2, 1, "B"), group(3, 1, "A"), group(4, 3, "C"), group(5, 3, "D")];
        let before = Book::new(Levels::from(first));
        let gone = |id| (Uuid::from_u128(id), None);
        let there = |(id, level)| (id, Some(level));
        for changed in [
            vec![there(group(3, 1, "A"))],
            vec![there(group(3, 1, "Z"))],
            vec![there(group(4, 2, "C")), there(group(5, 2, "A"))],
            vec![there(group(6, 4, "New")), there(group(7, 6, "Below it"))],
            vec![gone(4), gone(5)],
            vec![gone(3), there(group(4, 1, "C")), there(group(5, 1, "D"))],
            vec![there(group(4, 2, "C")), there(group(4, 3, "C"))],
        ] {
            let after = before.with(changed.clone());
            let anew = Book::new(after.levels.clone());
            for id in (1..=7).map(Uuid::from_u128) {
                assert_eq!(after.children(id), anew.children(id), "{id} after {changed:?}");
            }
        }
    }

    #[test]
    fn without_a_group_its_children_stand_elsewhere() {
        let id = Uuid::from_u128;
        let book = Book::new(Levels::from([
            group(1, 0, "All"),
            group(2, 1, "Gone"),
            group(3, 2, "Child"),
            group(4, 3, "Grandchild"),
            group(5, 1, "Other"),
        ]));
        let parent = |book: &Book, child: u128| book.level(id(child)).unwrap().parent_id;
        let after = book.without(id(2), None).unwrap();
        assert!(after.level(id(2)).is_none());
        assert_eq!((parent(&after, 3), parent(&after, 4)), (Some(id(1)), Some(id(3))));
        assert_eq!(parent(&book.without(id(2), Some(id(5))).unwrap(), 3), Some(id(5)));
        // Nowhere, below itself, below its own child.
        for target in [9, 2, 4] {
            assert!(book.without(id(2), Some(id(target))).is_none(), "{target}");
        }
    }

    #[test]
    fn a_circle_that_somebody_asks_about_ends() {
        let book = Book::new(Levels::from([group(1, 2, "A"), group(2, 1, "B")]));
        assert!(book.subtree(Uuid::from_u128(1)).len() <= 4);
    }
}

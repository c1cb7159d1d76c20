//! What customers of a group see, in a form that two states of the settings can be compared by.

use crate::groups::group::ROOT_ID;
use crate::inheritance::book::Book;
use crate::inheritance::level::chain;
use crate::inheritance::own::{Access, Section};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// What somebody sees, in a form that is the same where what is seen is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sight {
    all: bool,
    sets: Vec<Uuid>,
    included: Vec<(Uuid, i64)>,
    excluded: Vec<(Uuid, i64)>,
    /// The groups that count.
    groups: Vec<Uuid>,
}

/// What is seen in two states, remembered by group.
pub(super) struct Sights<'a> {
    books: [&'a Book; 2],
    known: [HashMap<Uuid, Arc<Sight>>; 2],
    same: HashMap<Uuid, bool>,
}

impl<'a> Sights<'a> {
    pub(super) fn new(books: [&'a Book; 2]) -> Self {
        Self { books, known: [HashMap::new(), HashMap::new()], same: HashMap::new() }
    }

    /// What is seen before and after by those for whom these groups count; `None` where it is the same.
    pub(super) fn pair(&mut self, before: &[Uuid], after: &[Uuid]) -> Option<(Arc<Sight>, Arc<Sight>)> {
        let root = [ROOT_ID];
        let groups = |groups: &[Uuid]| if groups.is_empty() { root.to_vec() } else { groups.to_vec() };
        if before == after && groups(before).iter().all(|id| self.same(*id)) {
            return None;
        }
        let pair = (self.of_all(0, &groups(before)), self.of_all(1, &groups(after)));
        (!same_sight(&pair.0, &pair.1)).then_some(pair)
    }

    fn same(&mut self, group: Uuid) -> bool {
        if let Some(same) = self.same.get(&group) {
            return *same;
        }
        let same = same_sight(&self.of(0, group), &self.of(1, group));
        self.same.insert(group, same);
        same
    }

    fn of(&mut self, side: usize, group: Uuid) -> Arc<Sight> {
        let book = self.books[side];
        Arc::clone(self.known[side].entry(group).or_insert_with(|| Arc::new(sight(book, group))))
    }

    fn of_all(&mut self, side: usize, groups: &[Uuid]) -> Arc<Sight> {
        match groups {
            [only] => self.of(side, *only),
            several => {
                let each: Vec<Arc<Sight>> = several.iter().map(|id| self.of(side, *id)).collect();
                Arc::new(Sight::together(several, each.into_iter()))
            }
        }
    }
}

impl Sight {
    /// The groups that count, All Customers where none does.
    pub fn groups(&self) -> &[Uuid] {
        &self.groups
    }

    /// What customers of several groups see together, by what those of each see.
    fn together(groups: &[Uuid], each: impl Iterator<Item = Arc<Self>>) -> Self {
        let mut together = Self { groups: groups.to_vec(), ..Self::default() };
        for one in each {
            together.all |= one.all;
            together.sets.extend_from_slice(&one.sets);
            together.included.extend_from_slice(&one.included);
            together.excluded.extend_from_slice(&one.excluded);
        }
        together.tidy()
    }

    fn tidy(mut self) -> Self {
        if self.all {
            self.sets.clear();
            self.included.clear();
        }
        self.sets.sort_unstable();
        self.sets.dedup();
        for levels in [&mut self.included, &mut self.excluded] {
            levels.sort_unstable();
            levels.dedup();
        }
        self
    }
}

/// Whether two forms are of the same products, whoever shows them.
fn same_sight(one: &Sight, other: &Sight) -> bool {
    let of = |sight: &Sight| (sight.all, sight.sets.clone(), sight.included.clone(), sight.excluded.clone());
    of(one) == of(other)
}

fn sight(book: &Book, group: Uuid) -> Sight {
    let mut found = Sight { groups: vec![group], ..Sight::default() };
    let mut restricts = false;
    for level in chain(book.levels(), group, Section::Visibility) {
        let own = &level.visibility;
        restricts |= own.access.is_some();
        match &own.access {
            Some(Access::All) => found.all = true,
            Some(Access::VisibilityGroups(sets)) => found.sets.extend(sets.iter().map(|set| set.id)),
            Some(Access::ChosenProducts) | None => {}
        }
        found.included.extend((own.included > 0).then_some((level.id, own.included)));
        found.excluded.extend((own.excluded > 0).then_some((level.id, own.excluded)));
    }
    found.all |= !restricts;
    found.tidy()
}

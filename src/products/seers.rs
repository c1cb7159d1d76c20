//! Which groups see a product, and why: the resolver of visibility asked for every group of the book.

use crate::db::keyset::{Page, Place};
use crate::inheritance::level::Levels;
use crate::inheritance::own::Access;
use crate::visibility::sight::{Eyes, Shown};
use uuid::Uuid;

/// What a group makes of the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seer {
    /// The group.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its code.
    pub code: String,
    /// Whether the group takes part at all.
    pub counts: bool,
    /// Whether it sees the product.
    pub sees: bool,
    /// Why, as a sentence.
    pub reason: String,
}

impl Seer {
    /// The group's place in the list: by name, without case.
    pub fn cursor(&self) -> (String, Uuid) {
        (self.name.to_lowercase(), self.id)
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Part of a group's name or code, as typed.
    pub text: String,
    /// Only groups that see it, or only those that don't.
    pub sees: Option<bool>,
    /// Which page.
    pub place: Place<(String, Uuid)>,
}

/// The visibility groups that any of the groups shows: what must be known of the product to decide.
pub fn sets(levels: &Levels) -> Vec<Uuid> {
    let choices = levels.values().filter_map(|level| level.visibility.access.as_ref());
    let mut sets: Vec<Uuid> = choices
        .filter_map(|access| match access {
            Access::VisibilityGroups(sets) => Some(sets.iter().map(|set| set.id)),
            Access::All | Access::ChosenProducts => None,
        })
        .flatten()
        .collect();
    sets.sort_unstable();
    sets.dedup();
    sets
}

/// All groups by name, each with what it makes of the product.
pub fn seers(levels: &Levels, product: &Shown) -> Vec<Seer> {
    let mut seers: Vec<Seer> = levels
        .values()
        .map(|level| {
            let sight = Eyes::new(levels, &[level.id]).see(product);
            let reason = sight.reasons.first().map(|(_, reason)| reason.words(&level.name));
            Seer {
                id: level.id,
                name: level.name.clone(),
                code: level.code.clone(),
                counts: level.counts,
                sees: sight.visible,
                reason: reason.unwrap_or_default(),
            }
        })
        .collect();
    seers.sort_by_cached_key(Seer::cursor);
    seers
}

/// The page of those that are wanted.
pub fn page(seers: &[Seer], wanted: &Wanted, limit: usize) -> Page<Seer> {
    let text = wanted.text.to_lowercase();
    let fits = |seer: &&Seer| {
        wanted.sees.is_none_or(|sees| seer.sees == sees)
            && (seer.name.to_lowercase().contains(&text) || seer.code.to_lowercase().contains(&text))
    };
    let rows: Vec<Seer> = match &wanted.place {
        Place::Start => seers.iter().filter(fits).take(limit + 1).cloned().collect(),
        Place::After(key) => {
            seers.iter().filter(fits).filter(|seer| seer.cursor() > *key).take(limit + 1).cloned().collect()
        }
        Place::Before(key) => {
            seers.iter().rev().filter(fits).filter(|seer| seer.cursor() < *key).take(limit + 1).cloned().collect()
        }
    };
    Page::of(rows, &wanted.place, limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inheritance::level::Level;
    use crate::inheritance::own::{NamedSet, OwnVisibility};
    use std::sync::Arc;

    fn levels() -> Levels {
        let set = |n: u128| NamedSet { id: Uuid::from_u128(n), name: format!("Set {n}") };
        let group = |n: u128, name: &str, parent: u128, access: Option<Access>| {
            let level = Level {
                id: Uuid::from_u128(n),
                name: name.into(),
                code: name.to_uppercase(),
                parent_id: (parent > 0).then(|| Uuid::from_u128(parent)),
                counts: n != 4,
                visibility: OwnVisibility { access, ..OwnVisibility::default() },
                ..Level::default()
            };
            (level.id, Arc::new(level))
        };
        Levels::from([
            group(1, "All", 0, None),
            group(2, "vip", 1, Some(Access::VisibilityGroups(vec![set(7), set(8)]))),
            group(3, "Below vip", 2, None),
            group(4, "Dealers", 1, Some(Access::VisibilityGroups(vec![set(7), set(9)]))),
        ])
    }

    #[test]
    fn every_group_says_whether_and_why() {
        let levels = levels();
        assert_eq!(sets(&levels), [7, 8, 9].map(Uuid::from_u128));
        let shown = Shown { sets: vec![Uuid::from_u128(8)], ..Shown::default() };
        let found: Vec<(bool, bool, String)> =
            seers(&levels, &shown).into_iter().map(|seer| (seer.sees, seer.counts, seer.reason)).collect();
        assert_eq!(
            found,
            [
                (true, true, "All sees all products: nothing restricts them".into()),
                (true, true, "Below vip sees it: vip shows Set 8".into()),
                (false, false, "Dealers doesn't see it: nothing that the group may see has it".into()),
                (true, true, "vip sees it: it shows Set 8".into()),
            ]
        );
    }

    #[test]
    fn pages_are_filtered_and_go_both_ways() {
        let all = seers(&levels(), &Shown { sets: vec![Uuid::from_u128(8)], ..Shown::default() });
        let names = |wanted: Wanted| {
            let page = page(&all, &wanted, 2);
            (page.rows.into_iter().map(|seer| seer.name).collect::<Vec<_>>(), page.before, page.after)
        };
        let at = |place| Wanted { place, ..Wanted::default() };
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(names(at(Place::Start)), (list(&["All", "Below vip"]), false, true));
        assert_eq!(names(at(Place::After(all[1].cursor()))), (list(&["Dealers", "vip"]), true, false));
        assert_eq!(names(at(Place::Before(all[2].cursor()))), (list(&["All", "Below vip"]), false, true));
        assert_eq!(names(Wanted { text: "VIP".into(), ..Wanted::default() }).0, list(&["Below vip", "vip"]));
        assert_eq!(names(Wanted { sees: Some(false), ..Wanted::default() }).0, list(&["Dealers"]));
    }
}

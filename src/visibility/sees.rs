//! What a group sees as a condition on products, for counting and listing them in the database (SPEC 6).

use crate::inheritance::level::{Levels, chain};
use crate::inheritance::own::{Access, Section};
use uuid::Uuid;

/// A product is seen where `all` holds or one of `sets` has it or one of `groups` includes it, unless one of `groups`
/// excludes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sees {
    /// Nothing restricts, or some level shows all products.
    pub all: bool,
    /// The visibility groups that are shown, each once, sorted.
    pub sets: Vec<Uuid>,
    /// The chain: whose inclusions and exclusions hold.
    pub groups: Vec<Uuid>,
}

/// What a group sees.
pub fn sees(levels: &Levels, group: Uuid) -> Sees {
    let chain = chain(levels, group, Section::Visibility);
    let choices: Vec<&Access> = chain.iter().filter_map(|level| level.visibility.access.as_ref()).collect();
    let mut sets: Vec<Uuid> = choices
        .iter()
        .flat_map(|access| match access {
            Access::VisibilityGroups(sets) => sets.as_slice(),
            Access::All | Access::ChosenProducts => &[],
        })
        .map(|set| set.id)
        .collect();
    sets.sort_unstable();
    sets.dedup();
    Sees {
        all: choices.is_empty() || choices.iter().any(|access| matches!(access, Access::All)),
        sets,
        groups: chain.iter().map(|level| level.id).collect(),
    }
}

/// What somebody sees for whom all of these groups count: what any of them shows, unless one of them excludes it.
pub fn any_sees(levels: &Levels, groups: &[Uuid]) -> Sees {
    let mut together = Sees { all: false, sets: Vec::new(), groups: Vec::new() };
    for one in groups.iter().map(|group| sees(levels, *group)) {
        together.all |= one.all;
        together.sets.extend(one.sets);
        together.groups.extend(one.groups);
    }
    for ids in [&mut together.sets, &mut together.groups] {
        ids.sort_unstable();
        ids.dedup();
    }
    together
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inheritance::level::Level;
    use crate::inheritance::own::{NamedSet, OwnVisibility};
    use std::sync::Arc;

    #[test]
    fn choices_of_the_chain_add_up() {
        let (parent, child) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let set = |n| NamedSet { id: Uuid::from_u128(n), name: format!("{n}") };
        let sees_with = |top: Option<Access>, own: Option<Access>| {
            let level = |id, parent_id, access| {
                let visibility = OwnVisibility { access, ..OwnVisibility::default() };
                (id, Arc::new(Level { id, parent_id, counts: true, visibility, ..Level::default() }))
            };
            sees(&Levels::from([level(parent, None, top), level(child, Some(parent), own)]), child)
        };
        let sets = |numbers: &[u128]| Some(Access::VisibilityGroups(numbers.iter().map(|n| set(*n)).collect()));
        for (top, own, all, expected) in [
            (None, None, true, vec![]),
            (sets(&[9, 8]), sets(&[8, 7]), false, vec![7, 8, 9]),
            (Some(Access::All), sets(&[7]), true, vec![7]),
            (None, Some(Access::ChosenProducts), false, vec![]),
        ] {
            let got = sees_with(top, own);
            assert_eq!(got.all, all);
            assert_eq!(got.sets, expected.into_iter().map(Uuid::from_u128).collect::<Vec<_>>());
            assert_eq!(got.groups, [child, parent]);
        }
    }
}

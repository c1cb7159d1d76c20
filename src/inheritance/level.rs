//! A group as inheritance sees it, and the chain of groups that it inherits from.

use super::own::{OwnPortal, OwnPricing, OwnTerms, OwnVisibility, Section, Switches};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// A group as inheritance sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// The group.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The group above; `None` for All Customers.
    pub parent_id: Option<Uuid>,
    /// Live and active: one that doesn't count is left out of its descendants' chains with its settings and switches.
    pub counts: bool,
    /// Its inherit switches.
    pub inherit: Switches,
    /// Own pricing.
    pub pricing: OwnPricing,
    /// Own visibility.
    pub visibility: OwnVisibility,
    /// Own portal access.
    pub portal: OwnPortal,
    /// Own payment terms.
    pub terms: OwnTerms,
}

/// Groups by id: those asked for and everything above them. Cheap to clone, to look at what a change would do.
pub type Levels = HashMap<Uuid, Arc<Level>>;

/// The chain of a group for one section (SPEC 6): the group itself, its parent, … up to All Customers, without
/// ancestors that don't count, cut where a group of the chain doesn't inherit the section.
pub fn chain(levels: &Levels, id: Uuid, section: Section) -> Vec<&Level> {
    let mut chain = Vec::new();
    let mut next = levels.get(&id).map(Arc::as_ref);
    while let Some(level) = next {
        let belongs = chain.is_empty() || level.counts;
        if belongs {
            chain.push(level);
        }
        if (belongs && !level.inherit.of(section)) || chain.len() > levels.len() {
            break;
        }
        next = level.parent_id.and_then(|parent| levels.get(&parent)).map(Arc::as_ref);
    }
    chain
}

/// The groups above a group, the root first, All Customers left out: its place in the tree.
pub fn above(levels: &Levels, id: Uuid) -> Vec<&Level> {
    let mut groups = Vec::new();
    let parent = |level: &Level| level.parent_id.and_then(|parent| levels.get(&parent)).map(Arc::as_ref);
    let mut next = levels.get(&id).and_then(|level| parent(level));
    while let Some(level) = next {
        if level.parent_id.is_some() {
            groups.push(level);
        }
        next = parent(level).filter(|_| groups.len() <= levels.len());
    }
    groups.reverse();
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree `A → B → C …`, each given as (counts, inherits pricing), the root first.
    fn line(groups: &[(bool, bool)]) -> (Levels, Vec<Uuid>) {
        let ids: Vec<Uuid> = groups.iter().map(|_| Uuid::now_v7()).collect();
        let levels = groups
            .iter()
            .enumerate()
            .map(|(i, (counts, pricing))| {
                let level = Level {
                    id: ids[i],
                    name: format!("level {i}"),
                    parent_id: i.checked_sub(1).map(|above| ids[above]),
                    counts: *counts,
                    inherit: Switches { pricing: *pricing, ..Switches::default() },
                    ..Level::default()
                };
                (ids[i], Arc::new(level))
            })
            .collect();
        (levels, ids)
    }

    #[test]
    fn the_chain_skips_inactive_ancestors_and_ends_at_a_switch() {
        for (groups, expected) in [
            // All inherit: the whole line, the group first.
            (vec![(true, true), (true, true), (true, true)], vec![2, 1, 0]),
            // The group itself doesn't inherit.
            (vec![(true, true), (true, true), (true, false)], vec![2]),
            // Its parent doesn't inherit: the parent is still in.
            (vec![(true, true), (true, false), (true, true)], vec![2, 1]),
            // An inactive parent is left out with its switch.
            (vec![(true, true), (false, false), (true, true)], vec![2, 0]),
            // An inactive group still has its own chain to look at.
            (vec![(true, true), (true, true), (false, true)], vec![2, 1, 0]),
            (vec![(true, true), (true, true), (false, false)], vec![2]),
        ] {
            let (levels, ids) = line(&groups);
            let names: Vec<_> = chain(&levels, ids[2], Section::Pricing).iter().map(|l| l.name.clone()).collect();
            let expected: Vec<_> = expected.iter().map(|i| format!("level {i}")).collect();
            assert_eq!(names, expected, "{groups:?}");
        }
    }

    #[test]
    fn a_switch_cuts_its_own_section_only() {
        let (levels, ids) = line(&[(true, true), (true, false)]);
        assert_eq!(chain(&levels, ids[1], Section::Pricing).len(), 1);
        assert_eq!(chain(&levels, ids[1], Section::Portal).len(), 2);
    }

    #[test]
    fn the_place_names_the_ancestors_below_the_root() {
        let (levels, ids) = line(&[(true, true), (true, true), (false, true), (true, true)]);
        let names: Vec<_> = above(&levels, ids[3]).iter().map(|l| l.name.as_str()).collect();
        assert_eq!(names, ["level 1", "level 2"]);
        assert!(above(&levels, ids[0]).is_empty());
    }
}

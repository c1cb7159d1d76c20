//! The one resolver of visibility: what any access choice of a group's chain shows is visible, included products
//! besides; exclusions of the chain win over everything. Over several groups: visible if any shows it and none excludes it.

use crate::inheritance::level::{Level, Levels, chain};
use crate::inheritance::own::{Access, NamedSet, Section};
use uuid::Uuid;

/// What is known of a product.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The visibility groups that it is in.
    pub sets: Vec<Uuid>,
    /// The groups that include it one by one.
    pub included_by: Vec<Uuid>,
    /// The groups that exclude it one by one.
    pub excluded_by: Vec<Uuid>,
}

/// Why a product is or isn't visible; names the group whose setting it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason<'a> {
    /// No group of the chain restricts anything.
    NoChoice,
    /// This group shows all products.
    All(&'a Level),
    /// This group shows a visibility group that has the product.
    InSet(&'a Level, &'a NamedSet),
    /// This group includes it.
    Included(&'a Level),
    /// This group excludes it.
    Excluded(&'a Level),
    /// The group restricts what is seen, and nothing shows this product.
    NotShown,
}

impl Reason<'_> {
    /// Whether the product is seen for this reason.
    pub fn shows(&self) -> bool {
        !matches!(self, Self::Excluded(_) | Self::NotShown)
    }

    /// What the reason says of the group `name`: `sees all products`, `doesn't see it: VIP Customers excludes it`.
    pub fn words(&self, name: &str) -> String {
        let whose = |level: &Level| if level.name == name { "it".to_owned() } else { level.name.clone() };
        match self {
            Self::NoChoice => format!("{name} sees all products: nothing restricts them"),
            Self::All(level) => format!("{name} sees it: {} shows all products", whose(level)),
            Self::InSet(level, set) => format!("{name} sees it: {} shows {}", whose(level), set.name),
            Self::Included(level) => format!("{name} sees it: {} includes it", whose(level)),
            Self::Excluded(level) => format!("{name} doesn't see it: {} excludes it", whose(level)),
            Self::NotShown => format!("{name} doesn't see it: nothing that the group may see has it"),
        }
    }
}

/// What is decided about a product, with the reason for each group that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight<'a> {
    /// Whether the customer sees it.
    pub visible: bool,
    /// Each group that counts and what it says.
    pub reasons: Vec<(&'a Level, Reason<'a>)>,
}

/// The groups that count for a customer with their chains; for nobody's groups, All Customers alone (SPEC 6).
#[derive(Clone, Debug)]
pub struct Eyes<'a> {
    counting: Vec<Vec<&'a Level>>,
}

impl<'a> Eyes<'a> {
    /// The eyes of these groups, in their order. Groups that the book doesn't have are left out.
    pub fn new(levels: &'a Levels, groups: &[Uuid]) -> Self {
        let chains = groups.iter().map(|id| chain(levels, *id, Section::Visibility));
        Self { counting: chains.filter(|chain| !chain.is_empty()).collect() }
    }

    /// Whether a product is seen.
    pub fn see(&self, product: &Shown) -> Sight<'a> {
        let reasons: Vec<_> = self.counting.iter().map(|chain| (chain[0], look(chain, product))).collect();
        let excluded = reasons.iter().any(|(_, reason)| matches!(reason, Reason::Excluded(_)));
        let visible = !excluded && (reasons.is_empty() || reasons.iter().any(|(_, reason)| reason.shows()));
        Sight { visible, reasons }
    }
}

fn look<'a>(chain: &[&'a Level], product: &Shown) -> Reason<'a> {
    if let Some(level) = chain.iter().find(|level| product.excluded_by.contains(&level.id)) {
        return Reason::Excluded(level);
    }
    let choices = || chain.iter().filter_map(|level| level.visibility.access.as_ref().map(|access| (level, access)));
    let shown = choices().find_map(|(level, access)| match access {
        Access::All => Some(Reason::All(level)),
        Access::VisibilityGroups(sets) => {
            sets.iter().find(|set| product.sets.contains(&set.id)).map(|set| Reason::InSet(level, set))
        }
        Access::ChosenProducts => None,
    });
    let included = || chain.iter().find(|level| product.included_by.contains(&level.id));
    match (shown, included()) {
        (Some(reason), _) => reason,
        (None, Some(level)) => Reason::Included(level),
        (None, None) if choices().next().is_none() => Reason::NoChoice,
        (None, None) => Reason::NotShown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inheritance::own::{OwnVisibility, Switches};
    use std::sync::Arc;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn set(n: u128) -> NamedSet {
        NamedSet { id: id(100 + n), name: format!("Set {n}") }
    }

    fn sets(numbers: &[u128]) -> Option<Access> {
        Some(Access::VisibilityGroups(numbers.iter().map(|n| set(*n)).collect()))
    }

    fn group(n: u128, parent: u128, access: Option<Access>) -> Level {
        Level {
            id: id(n),
            name: format!("Group {n}"),
            parent_id: (parent > 0).then(|| id(parent)),
            counts: true,
            visibility: OwnVisibility { access, ..OwnVisibility::default() },
            ..Level::default()
        }
    }

    fn see(groups: Vec<Level>, counting: &[u128], product: &Shown) -> (bool, Vec<String>) {
        let levels: Levels = groups.into_iter().map(|level| (level.id, Arc::new(level))).collect();
        let ids: Vec<Uuid> = counting.iter().copied().map(id).collect();
        let sight = Eyes::new(&levels, &ids).see(product);
        (sight.visible, sight.reasons.iter().map(|(group, reason)| reason.words(&group.name)).collect())
    }

    fn in_set(n: u128) -> Shown {
        Shown { sets: vec![id(100 + n)], ..Shown::default() }
    }

    #[test]
    fn only_an_access_choice_restricts_and_choices_add_up() {
        let line = |top, own| vec![group(1, 0, top), group(2, 1, own)];
        for (top, own, product, expected) in [
            (None, None, Shown::default(), true),
            (Some(Access::All), sets(&[1]), Shown::default(), true),
            (sets(&[1]), sets(&[2]), in_set(1), true),
            (sets(&[1]), sets(&[2]), in_set(2), true),
            (sets(&[1]), sets(&[2]), in_set(3), false),
            // One with an empty set shows nothing.
            (None, sets(&[]), in_set(1), false),
            (None, Some(Access::ChosenProducts), in_set(1), false),
            (None, Some(Access::ChosenProducts), Shown { included_by: vec![id(2)], ..Shown::default() }, true),
            // Included products besides, also those of the parent; not those of another group.
            (None, sets(&[1]), Shown { included_by: vec![id(1)], ..Shown::default() }, true),
            (None, sets(&[1]), Shown { included_by: vec![id(9)], ..Shown::default() }, false),
            // An inclusion alone restricts nothing.
            (None, None, Shown { included_by: vec![id(9)], ..Shown::default() }, true),
            // Exclusions of the chain win over everything.
            (Some(Access::All), None, Shown { excluded_by: vec![id(1)], ..Shown::default() }, false),
            (None, None, Shown { included_by: vec![id(2)], excluded_by: vec![id(1)], ..Shown::default() }, false),
            (None, None, Shown { excluded_by: vec![id(9)], ..Shown::default() }, true),
        ] {
            assert_eq!(see(line(top.clone(), own.clone()), &[2], &product).0, expected, "{top:?} {own:?} {product:?}");
        }
    }

    #[test]
    fn a_switch_cuts_choices_and_exclusions_of_those_above() {
        let alone = Level { inherit: Switches { visibility: false, ..Switches::default() }, ..group(2, 1, sets(&[2])) };
        let product = Shown { sets: vec![id(102)], excluded_by: vec![id(1)], ..Shown::default() };
        assert!(see(vec![group(1, 0, Some(Access::All)), alone], &[2], &product).0);
    }

    #[test]
    fn over_groups_any_shows_and_none_excludes() {
        let groups = || vec![group(1, 0, sets(&[1])), group(2, 0, sets(&[2])), group(3, 0, None)];
        assert!(see(groups(), &[1, 2], &in_set(2)).0);
        assert!(!see(groups(), &[1, 2], &in_set(3)).0);
        let excluded = Shown { excluded_by: vec![id(2)], ..in_set(1) };
        assert!(!see(groups(), &[1, 2], &excluded).0);
        assert!(see(groups(), &[1, 3], &excluded).0);
    }

    #[test]
    fn reasons_read_as_sentences() {
        let groups = vec![group(1, 0, sets(&[1])), group(2, 1, None)];
        let (_, words) = see(groups.clone(), &[2, 1], &in_set(1));
        assert_eq!(words, ["Group 2 sees it: Group 1 shows Set 1", "Group 1 sees it: it shows Set 1"]);
        let (_, words) = see(groups, &[2], &Shown { excluded_by: vec![id(1)], ..Shown::default() });
        assert_eq!(words, ["Group 2 doesn't see it: Group 1 excludes it"]);
    }
}

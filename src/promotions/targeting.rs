//! Whom a promotion's targets reach, of the groups that count for a customer (SPEC 8).

use super::promotion::Targets;
use crate::inheritance::covering::covering;
use crate::inheritance::level::Levels;
use uuid::Uuid;

/// Whether targets reach a customer, and through what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nobody was ever chosen: everyone is.
    Everyone,
    /// This group that counts lies in this target.
    Through {
        /// The group that counts.
        group: Uuid,
        /// The target that covers it.
        target: Uuid,
    },
    /// No group counts for the customer, and groups are chosen.
    WithoutGroups,
    /// None of the groups that count lies in a target.
    NotIn,
    /// This group that counts lies in this target that is not meant.
    Excluded {
        /// The group that counts.
        group: Uuid,
        /// The target that covers it.
        target: Uuid,
    },
}

impl Reach {
    /// Whether the customer is reached.
    pub fn reaches(&self) -> bool {
        matches!(self, Self::Everyone | Self::Through { .. })
    }
}

/// Whether the targets reach a customer for whom these groups count. Being in a "not in" target wins over everything; a
/// customer without groups is in none.
pub fn reach(targets: &Targets, levels: &Levels, counting: &[Uuid]) -> Reach {
    let first = |chosen: &[Uuid]| counting.iter().find_map(|group| Some((*group, covering(levels, chosen, *group)?)));
    if let Some((group, target)) = first(&targets.groups_not_in) {
        return Reach::Excluded { group, target };
    }
    if targets.everyone {
        return Reach::Everyone;
    }
    match first(&targets.groups_in) {
        Some((group, target)) => Reach::Through { group, target },
        None if counting.is_empty() => Reach::WithoutGroups,
        None => Reach::NotIn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inheritance::level::Level;
    use std::sync::Arc;

    /// VIP > Platinum, VIP > REST (inactive) > Below, Gold.
    fn levels() -> Levels {
        let level = |id: u128, parent: u128, counts| {
            let id = Uuid::from_u128(id);
            let parent_id = (parent > 0).then(|| Uuid::from_u128(parent));
            (id, Arc::new(Level { id, parent_id, counts, ..Level::default() }))
        };
        Levels::from([
            level(ALL, 0, true),
            level(VIP, ALL, true),
            level(PLATINUM, VIP, true),
            level(REST, VIP, false),
            level(BELOW, REST, true),
            level(GOLD, ALL, true),
        ])
    }

    const ALL: u128 = 1;
    const VIP: u128 = 2;
    const PLATINUM: u128 = 3;
    const REST: u128 = 4;
    const BELOW: u128 = 5;
    const GOLD: u128 = 6;
    /// Not among the live groups.
    const DELETED: u128 = 7;

    #[test]
    fn the_targets_of_spec_8() {
        let ids = |numbers: &[u128]| numbers.iter().copied().map(Uuid::from_u128).collect::<Vec<_>>();
        for (says, everyone, groups_in, not_in, counting, reached) in [
            ("everyone is reached only if no in target was ever chosen", true, &[][..], &[][..], &[][..], true),
            ("the last target was removed: nobody", false, &[], &[], &[VIP], false),
            ("a target covers itself", false, &[VIP], &[], &[VIP], true),
            ("and its subgroups", false, &[VIP], &[], &[PLATINUM], true),
            ("not the group above", false, &[PLATINUM], &[], &[VIP], false),
            ("except those cut off by an inactive group between", false, &[VIP], &[], &[BELOW], false),
            ("an inactive target matches nobody", false, &[REST], &[], &[BELOW], false),
            ("a deleted target matches nobody", false, &[DELETED], &[], &[VIP], false),
            ("one group of several is enough", false, &[VIP], &[], &[GOLD, PLATINUM], true),
            ("one of several targets is enough", false, &[DELETED, GOLD], &[], &[GOLD], true),
            ("excluded if any group that counts lies in a not in target", true, &[], &[VIP], &[GOLD, PLATINUM], false),
            ("not in wins over in", false, &[VIP], &[PLATINUM], &[PLATINUM], false),
            ("an inactive not in target excludes nobody", true, &[], &[REST], &[BELOW], true),
            ("a customer without groups is in none, so never excluded", true, &[], &[ALL], &[], true),
            ("and never in one", false, &[ALL], &[], &[], false),
            ("everyone in a group lies in All Customers", false, &[ALL], &[], &[GOLD], true),
        ] {
            let targets = Targets { everyone, groups_in: ids(groups_in), groups_not_in: ids(not_in) };
            assert_eq!(reach(&targets, &levels(), &ids(counting)).reaches(), reached, "{says}");
        }
    }
}

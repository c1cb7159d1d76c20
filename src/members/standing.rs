//! How a customer stands to a group, and everything that keeps it from joining by hand (SPEC 9, "cannot add").

use super::refusal::{Cause, MOST_GROUPS};
use crate::groups::group::GroupType;

/// How a customer stands to a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The customer's status, as stored.
    pub status: String,
    /// Whether the customer is excluded from the group.
    pub is_excluded: bool,
    /// Whether it is in the group by hand.
    pub by_hand: bool,
    /// Whether it is in the group by rule.
    pub by_rule: bool,
    /// How many groups it is in.
    pub groups: i64,
    /// Whether the group is All Customers.
    pub is_root: bool,
    /// Whether the group is deleted.
    pub is_deleted: bool,
    /// Whether the group is active; an inactive one takes members.
    pub is_active: bool,
    /// The group's type.
    pub kind: GroupType,
    /// The most members the group can have.
    pub capacity: Option<i32>,
    /// How many it has.
    pub members: i32,
}

impl Standing {
    /// Everything that keeps the customer from being added by hand, in the order in which the plan would name it. `may`:
    /// whether whoever asks may change members.
    pub fn obstacles(&self, may: bool) -> Vec<Cause> {
        let is_member = self.by_hand || self.by_rule;
        [
            (self.is_deleted, Cause::GroupGone),
            (self.is_root, Cause::AllCustomers),
            (self.kind == GroupType::Automatic, Cause::Automatic),
            (!self.by_hand && self.status == "blocked", Cause::Blocked),
            (!self.by_hand && self.status == "inactive", Cause::Inactive),
            (!self.by_hand && self.is_excluded, Cause::Excluded),
            (!is_member && self.capacity.is_some_and(|capacity| self.members >= capacity), Cause::Full),
            (!is_member && self.groups >= MOST_GROUPS, Cause::TooManyGroups),
            (!may, Cause::NotPermitted),
        ]
        .into_iter()
        .filter_map(|(holds, cause)| holds.then_some(cause))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_named_and_none_that_does_not_hold() {
        let fine = Standing {
            status: "active".into(),
            is_excluded: false,
            by_hand: false,
            by_rule: false,
            groups: 3,
            is_root: false,
            is_deleted: false,
            is_active: true,
            kind: GroupType::Hybrid,
            capacity: Some(10),
            members: 9,
        };
        assert_eq!(fine.obstacles(true), []);
        assert_eq!(fine.obstacles(false), [Cause::NotPermitted]);
        let all = Standing {
            status: "blocked".into(),
            is_excluded: true,
            groups: 500,
            kind: GroupType::Automatic,
            members: 10,
            ..fine.clone()
        };
        assert_eq!(
            all.obstacles(true),
            [Cause::Automatic, Cause::Blocked, Cause::Excluded, Cause::Full, Cause::TooManyGroups]
        );
        // Who is there by rule takes no place; who is there by hand is hindered by nothing of its own.
        let pinned = Standing { by_rule: true, kind: GroupType::Hybrid, ..all.clone() };
        assert_eq!(pinned.obstacles(true), [Cause::Blocked, Cause::Excluded]);
        assert_eq!(Standing { by_hand: true, ..pinned }.obstacles(true), []);
        assert_eq!(
            Standing { is_root: true, is_deleted: true, ..fine }.obstacles(true),
            [Cause::GroupGone, Cause::AllCustomers]
        );
    }
}

//! Why a customer can't join or leave a group, and the way out (SPEC 4).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Why somebody doesn't join or leave. The numbers are those of the plan's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RefusalCause)]
pub enum Cause {
    /// There is no such customer (any more).
    UnknownCustomer = 1,
    /// The group is deleted, or there is none.
    GroupGone = 2,
    /// Every customer is in All Customers by definition.
    AllCustomers = 3,
    /// The group's members come by rule alone.
    Automatic = 4,
    /// The customer is blocked.
    Blocked = 5,
    /// The customer is inactive.
    Inactive = 6,
    /// The customer was removed by hand and stays out until that is lifted.
    Excluded = 7,
    /// The group has as many members as it can.
    Full = 8,
    /// The customer is in as many groups as one can be (SPEC 15).
    TooManyGroups = 9,
    /// The customer isn't in the group that it should leave.
    NotAMember = 10,
    /// The membership is no longer what the change that is being undone left.
    ChangedSince = 11,
    /// Whoever asks may not change members.
    NotPermitted = 12,
}

/// Most groups that a customer can be in (SPEC 15).
pub const MOST_GROUPS: i64 = 500;

impl Cause {
    /// All, in the order in which a list of them is read.
    pub const ALL: [Cause; 12] = [
        Self::UnknownCustomer,
        Self::GroupGone,
        Self::AllCustomers,
        Self::Automatic,
        Self::Blocked,
        Self::Inactive,
        Self::Excluded,
        Self::Full,
        Self::TooManyGroups,
        Self::NotAMember,
        Self::ChangedSince,
        Self::NotPermitted,
    ];

    /// The number in the plan's table.
    pub const fn number(self) -> i16 {
        self as i16
    }

    /// The cause of a number of the plan's table.
    pub fn of_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.number() == number)
    }
}

/// A cause with what its sentences name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Why.
    pub cause: Cause,
    /// The group's name.
    pub group: String,
    /// The group's capacity, where it has one.
    pub capacity: Option<i32>,
}

impl Refusal {
    /// Why not, as a sentence.
    pub fn sentence(&self) -> String {
        let group = &self.group;
        match self.cause {
            Cause::UnknownCustomer => "There is no such customer, or it was deleted.".into(),
            Cause::GroupGone => "The group doesn't exist or was deleted.".into(),
            Cause::AllCustomers => format!("Every customer is in {group} by definition."),
            Cause::Automatic => format!("{group} is automatic: its members come and go by its rule alone."),
            Cause::Blocked => "The customer is blocked.".into(),
            Cause::Inactive => "The customer is inactive.".into(),
            Cause::Excluded => format!("The customer is excluded from {group}."),
            Cause::Full => match self.capacity {
                Some(capacity) => format!("{group} is full (capacity {capacity})."),
                None => format!("{group} is full."),
            },
            Cause::TooManyGroups => format!("The customer is in {MOST_GROUPS} groups, the most there can be."),
            Cause::NotAMember => format!("The customer isn't a member of {group}."),
            Cause::ChangedSince => format!("The membership in {group} was changed by somebody else meanwhile."),
            Cause::NotPermitted => "Only editors and administrators may change members.".into(),
        }
    }

    /// What to do about it, as a sentence.
    pub fn way_out(&self) -> String {
        let group = &self.group;
        match self.cause {
            Cause::UnknownCustomer => "Search again, or create the customer.".into(),
            Cause::GroupGone => "Choose another group, or have this one restored.".into(),
            Cause::AllCustomers => "Choose a group below it.".into(),
            Cause::Automatic => "Change its rule, or make it a hybrid group.".into(),
            Cause::Blocked | Cause::Inactive => "Make the customer active first.".into(),
            Cause::Excluded => "Lift the exclusion first.".into(),
            Cause::Full => "Raise its capacity, or remove members first.".into(),
            Cause::TooManyGroups => "Take the customer out of another group first.".into(),
            Cause::NotAMember => "Reload the list of members.".into(),
            Cause::ChangedSince => format!("Look at the history of {group}, and change it by hand if need be."),
            Cause::NotPermitted => "Ask one of them to do it.".into(),
        }
    }

    /// What else can be done for a member who was to move and is refused where it was to go; nothing where it is refused
    /// for what it leaves.
    pub fn way_out_of_moving(&self) -> Option<String> {
        let group = &self.group;
        match self.cause {
            Cause::GroupGone
            | Cause::Automatic
            | Cause::Blocked
            | Cause::Inactive
            | Cause::Excluded
            | Cause::Full
            | Cause::TooManyGroups => Some(format!(
                "{group} refuses such a customer. To remove one without moving it, choose “Remove group assignment”."
            )),
            Cause::UnknownCustomer
            | Cause::AllCustomers
            | Cause::NotAMember
            | Cause::ChangedSince
            | Cause::NotPermitted => None,
        }
    }
}

/// A customer who was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The customer.
    pub customer_id: Uuid,
    /// Its name; empty where there is no such customer.
    pub name: String,
    /// Its code; empty where there is no such customer.
    pub code: String,
    /// The group it should join or leave.
    pub group_id: Uuid,
    /// Why, and the way out.
    pub refusal: Refusal,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_known_by_its_number() {
        for cause in Cause::ALL {
            assert_eq!(Cause::of_number(cause.number()), Some(cause));
        }
        assert_eq!((Cause::of_number(0), Cause::of_number(13)), (None, None));
    }

    #[test]
    fn a_refusal_names_cause_and_way_out() {
        let refusal = |cause, capacity| Refusal { cause, group: "VIP".into(), capacity };
        for (refusal, sentence, way_out) in [
            (
                refusal(Cause::Full, Some(3)),
                "VIP is full (capacity 3).",
                "Raise its capacity, or remove members first.",
            ),
            (refusal(Cause::Blocked, None), "The customer is blocked.", "Make the customer active first."),
            (refusal(Cause::Excluded, None), "The customer is excluded from VIP.", "Lift the exclusion first."),
            (
                refusal(Cause::Automatic, None),
                "VIP is automatic: its members come and go by its rule alone.",
                "Change its rule, or make it a hybrid group.",
            ),
            (refusal(Cause::NotAMember, None), "The customer isn't a member of VIP.", "Reload the list of members."),
        ] {
            assert_eq!((refusal.sentence().as_str(), refusal.way_out().as_str()), (sentence, way_out));
            let moving = refusal.way_out_of_moving();
            let of_the_target = moving.as_ref().is_some_and(|said| said.starts_with("VIP refuses such a customer."));
            assert_eq!(of_the_target, refusal.cause != Cause::NotAMember, "{moving:?}");
        }
    }
}

//! Which groups count for a customer, and why (SPEC 6, "Which groups count"). Prices, visibility, terms and the order
//! check all ask here: there is no second answer.

use crate::groups::group::Assignment;
use chrono::{DateTime, Utc};
use std::cmp::Reverse;
use uuid::Uuid;

/// What the customer is in: all that decides which groups count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The organization that the customer buys for.
    pub organization: Option<Organization>,
    /// Its own memberships, in any order.
    pub memberships: Vec<Membership>,
}

/// The customer's organization. Parent organizations are not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Its group, if it has one.
    pub group: Option<Group>,
}

/// A group as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Id.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Whether it takes part.
    pub state: State,
}

/// Whether a group takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Live and active.
    Active,
    /// As if it weren't there.
    Inactive,
    /// Deleted.
    Deleted,
}

/// A membership of the customer's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// In which group.
    pub group: Group,
    /// Since when, UTC.
    pub since: DateTime<Utc>,
    /// By hand, by rule, or both.
    pub assignment: Assignment,
    /// Whether it is the customer's primary group.
    pub is_primary: bool,
}

/// A group that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The group.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Why it counts.
    pub reason: Reason,
}

/// Why a group counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is the group of the customer's organization, named here.
    Organization(String),
    /// The customer is a member.
    Membership {
        /// By hand, by rule, or both.
        assignment: Assignment,
        /// Whether it is the primary group.
        is_primary: bool,
    },
}

impl Reason {
    /// As a sentence without its full stop: `Own membership by hand, the primary group`.
    pub fn sentence(&self) -> String {
        match self {
            Self::Organization(name) => format!("The group of the organization {name}"),
            Self::Membership { assignment, is_primary } => {
                let how = match assignment {
                    Assignment::Manual => "by hand",
                    Assignment::Rule => "by rule",
                    Assignment::RuleAndManual => "by rule and by hand",
                };
                let primary = if *is_primary { ", the primary group" } else { "" };
                format!("Own membership {how}{primary}")
            }
        }
    }
}

/// A group that the customer is in, or its organization has, and that doesn't count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The group.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Why it doesn't count.
    pub cause: Cause,
}

/// Why a group doesn't count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It is inactive.
    Inactive,
    /// It is deleted.
    Deleted,
    /// The customer's organization, named here, has a group that decides alone.
    OrganizationDecides(String),
    /// It is the group of the customer's organization, named here, and inactive or deleted: own memberships count.
    OrganizationsGroupRests(String),
}

impl Cause {
    /// As a sentence without its full stop: `The group is inactive`.
    pub fn sentence(&self) -> String {
        match self {
            Self::Inactive => "The group is inactive".into(),
            Self::Deleted => "The group was deleted".into(),
            Self::OrganizationDecides(name) => format!("The group of the organization {name} decides"),
            Self::OrganizationsGroupRests(name) => {
                format!("The group of the organization {name}, but it is inactive or deleted")
            }
        }
    }
}

/// The answer: which groups count, and which don't.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counting {
    /// Those that count. The first one decides single-valued settings: the primary group if it counts, otherwise the
    /// longest-standing membership (ties: group name).
    pub groups: Vec<Counted>,
    /// Those that don't, in the same order.
    pub left_out: Vec<LeftOut>,
}

impl Counting {
    /// The group from which portal access, payment terms and the minimum order come; `None` = All Customers.
    pub fn deciding(&self) -> Option<&Counted> {
        self.groups.first()
    }

    /// The answer in one sentence.
    pub fn sentence(&self) -> String {
        match self.groups.as_slice() {
            [] => "No group counts: base prices, and the settings of All Customers.".into(),
            [only] => match &only.reason {
                Reason::Organization(organization) => {
                    format!("Only {} counts: it is the group of the organization {organization}.", only.name)
                }
                Reason::Membership { .. } => format!("Only {} counts.", only.name),
            },
            [first, ..] => format!(
                "{} groups count: the lowest price wins, and what any of them shows is seen. {} decides the terms.",
                self.groups.len(),
                first.name
            ),
        }
    }
}

/// Decides which groups count (SPEC 6): the organization's group alone, where there is one that is live and active;
/// otherwise the customer's own live and active memberships; otherwise none.
pub fn which_groups_count(standing: &Standing) -> Counting {
    let mut memberships: Vec<&Membership> = standing.memberships.iter().collect();
    memberships.sort_by(|a, b| {
        let key = |m: &Membership| (Reverse(m.is_primary), m.since);
        key(a).cmp(&key(b)).then_with(|| a.group.name.cmp(&b.group.name))
    });
    let organization = standing.organization.as_ref();
    let its_group = organization.and_then(|organization| Some((organization, organization.group.as_ref()?)));
    let mut counting = Counting::default();
    match its_group {
        Some((organization, group)) if group.state == State::Active => {
            let reason = Reason::Organization(organization.name.clone());
            counting.groups.push(counted(group, reason));
            let cause = || Cause::OrganizationDecides(organization.name.clone());
            let others = memberships.iter().filter(|membership| membership.group.id != group.id);
            counting.left_out.extend(others.map(|membership| left_out(&membership.group, cause())));
            return counting;
        }
        Some((organization, group)) => {
            let cause = Cause::OrganizationsGroupRests(organization.name.clone());
            counting.left_out.push(left_out(group, cause));
        }
        None => {}
    }
    for Membership { group, assignment, is_primary, .. } in memberships {
        let cause = match group.state {
            State::Active => {
                let reason = Reason::Membership { assignment: *assignment, is_primary: *is_primary };
                counting.groups.push(counted(group, reason));
                continue;
            }
            State::Inactive => Cause::Inactive,
            State::Deleted => Cause::Deleted,
        };
        if counting.left_out.iter().all(|known| known.id != group.id) {
            counting.left_out.push(left_out(group, cause));
        }
    }
    counting
}

fn counted(group: &Group, reason: Reason) -> Counted {
    Counted { id: group.id, code: group.code.clone(), name: group.name.clone(), reason }
}

fn left_out(group: &Group, cause: Cause) -> LeftOut {
    LeftOut { id: group.id, code: group.code.clone(), name: group.name.clone(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn group(name: &str, state: State) -> Group {
        Group {
            id: Uuid::from_u128(name.bytes().fold(1, |n, b| n * 256 + u128::from(b))),
            code: name.into(),
            name: name.into(),
            state,
        }
    }

    /// A membership since that year; `*` marks the primary one, `-` an inactive group, `x` a deleted one.
    fn member(text: &str) -> Membership {
        let (name, year) = text.trim_end_matches(['*', '-', 'x']).split_once(' ').unwrap();
        let state = match () {
            () if text.contains('-') => State::Inactive,
            () if text.ends_with('x') => State::Deleted,
            () => State::Active,
        };
        Membership {
            group: group(name, state),
            since: Utc.with_ymd_and_hms(year.parse().unwrap(), 1, 1, 0, 0, 0).unwrap(),
            assignment: Assignment::Rule,
            is_primary: text.ends_with('*'),
        }
    }

    fn counting(organization: Option<Option<(&str, State)>>, memberships: &[&str]) -> Counting {
        which_groups_count(&Standing {
            organization: organization.map(|its| Organization {
                id: Uuid::nil(),
                name: "Acme".into(),
                group: its.map(|(name, state)| group(name, state)),
            }),
            memberships: memberships.iter().map(|text| member(text)).collect(),
        })
    }

    #[test]
    fn the_organizations_group_decides_alone_otherwise_own_ones_count() {
        use State::*;
        for (organization, memberships, counted, left_out) in [
            (None, &[][..], &[][..], &[][..]),
            (None, &["Gold 2024*"], &["Gold"], &[]),
            // The primary one first, then the longest-standing; of one day by name.
            (None, &["C 2024", "B 2020", "A 2024", "D 2025*"], &["D", "B", "A", "C"], &[]),
            // The primary one is inactive: the longest-standing of the others decides.
            (None, &["Gold 2020-*", "B 2024", "A 2023"], &["A", "B"], &["Gold: The group is inactive"]),
            (None, &["Gold 2020-*"], &[], &["Gold: The group is inactive"]),
            (None, &["Gold 2020x"], &[], &["Gold: The group was deleted"]),
            // An organization without a group says nothing.
            (Some(None), &["Gold 2024*"], &["Gold"], &[]),
            (
                Some(Some(("VIP", Active))),
                &["Gold 2024*", "Old 2020-"],
                &["VIP"],
                &[
                    "Gold: The group of the organization Acme decides",
                    "Old: The group of the organization Acme decides",
                ],
            ),
            // A member of it, too: it counts once.
            (Some(Some(("VIP", Active))), &["VIP 2024*"], &["VIP"], &[]),
            (Some(Some(("VIP", Active))), &[], &["VIP"], &[]),
            (
                Some(Some(("VIP", Inactive))),
                &["Gold 2024*"],
                &["Gold"],
                &["VIP: The group of the organization Acme, but it is inactive or deleted"],
            ),
            (
                Some(Some(("VIP", Deleted))),
                &[],
                &[],
                &["VIP: The group of the organization Acme, but it is inactive or deleted"],
            ),
            (
                Some(Some(("VIP", Inactive))),
                &["VIP 2024-*", "Gold 2025"],
                &["Gold"],
                &["VIP: The group of the organization Acme, but it is inactive or deleted"],
            ),
        ] {
            let got = counting(organization, memberships);
            let names: Vec<_> = got.groups.iter().map(|group| group.name.as_str()).collect();
            let others: Vec<_> =
                got.left_out.iter().map(|other| format!("{}: {}", other.name, other.cause.sentence())).collect();
            assert_eq!(names, counted, "{organization:?} {memberships:?}");
            assert_eq!(others, left_out, "{organization:?} {memberships:?}");
            assert_eq!(got.deciding().map(|group| group.name.as_str()), counted.first().copied());
        }
    }

    #[test]
    fn reasons_read_as_sentences() {
        let membership = |assignment, is_primary| Reason::Membership { assignment, is_primary }.sentence();
        assert_eq!(membership(Assignment::Manual, true), "Own membership by hand, the primary group");
        assert_eq!(membership(Assignment::RuleAndManual, false), "Own membership by rule and by hand");
        assert_eq!(Reason::Organization("Acme".into()).sentence(), "The group of the organization Acme");
        for (counting, sentence) in [
            (counting(None, &[]), "No group counts: base prices, and the settings of All Customers."),
            (counting(None, &["Gold 2024"]), "Only Gold counts."),
            (
                counting(Some(Some(("VIP", State::Active))), &["Gold 2024"]),
                "Only VIP counts: it is the group of the organization Acme.",
            ),
            (
                counting(None, &["Gold 2024", "New 2025*"]),
                "2 groups count: the lowest price wins, and what any of them shows is seen. New decides the terms.",
            ),
        ] {
            assert_eq!(counting.sentence(), sentence);
        }
    }
}

//! What a change of members did, and what it didn't.

use super::refusal::{Refusal, Refused};
use crate::money::format_count;
use serde::{Deserialize, Serialize};

/// What kind of change it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Customers were added.
    Added,
    /// Customers were removed.
    Removed,
    /// A change was undone.
    Undone,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 3] = [Self::Added, Self::Removed, Self::Undone];

    /// The stored name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Undone => "undone",
        }
    }

    /// The kind of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What a change did, and what it didn't.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// Customers who joined the group that the change is about.
    pub joined: i64,
    /// Customers who left it.
    pub left: i64,
    /// Members by rule who were pinned by hand.
    pub pinned: i64,
    /// Memberships in other groups that began.
    pub joined_elsewhere: i64,
    /// Memberships in other groups that ended.
    pub left_elsewhere: i64,
    /// Memberships in other groups that ended by hand and go on by rule.
    pub unpinned_elsewhere: i64,
    /// Memberships that were undone without ending or beginning: pins and primary marks.
    pub put_back: i64,
    /// Customers whose primary group it became.
    pub primary: i64,
    /// Customers for whom nothing had to change.
    pub unchanged: i64,
    /// How many were refused.
    pub refused: i64,
    /// Why, with how many for each cause, the most frequent first.
    pub causes: Vec<(Refusal, i64)>,
    /// The first of them by name.
    pub named: Vec<Refused>,
}

impl Outcome {
    /// Whether anything was changed.
    pub fn did_something(&self) -> bool {
        let elsewhere = self.joined_elsewhere + self.left_elsewhere + self.unpinned_elsewhere;
        self.joined + self.left + self.pinned + self.put_back + self.primary + elsewhere > 0
    }

    /// What was done to the group of this name: `12 customers joined VIP Customers. 3 were refused.`
    pub fn sentences(&self, group: &str) -> String {
        let mut said = Vec::new();
        let mut say = |n: i64, one: &str, many: &str| {
            if n == 1 {
                said.push(format!("1 {one}."));
            } else if n > 1 {
                said.push(format!("{} {many}.", format_count(n)));
            }
        };
        say(self.joined, &format!("customer joined {group}"), &format!("customers joined {group}"));
        say(self.left, &format!("customer left {group}"), &format!("customers left {group}"));
        say(self.pinned, "member by rule is pinned now", "members by rule are pinned now");
        say(self.joined_elsewhere, "joined another group", "joined another group");
        say(self.left_elsewhere, "membership in another group ended", "memberships in other groups ended");
        say(
            self.unpinned_elsewhere,
            "membership in another group goes on by rule only",
            "memberships in other groups go on by rule only",
        );
        say(self.put_back, "membership is as it was before", "memberships are as they were before");
        if self.joined == 0 {
            let made = format!("made {group} the primary group");
            say(self.primary, &format!("customer: {made}"), &format!("customers: {made}"));
        }
        say(self.unchanged, "was so already", "were so already");
        say(self.refused, "was refused", "were refused");
        if said.is_empty() { "Nothing had to change.".into() } else { said.join(" ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_says_what_was_done() {
        for (outcome, sentences) in [
            (Outcome::default(), "Nothing had to change."),
            (Outcome { joined: 1, ..Outcome::default() }, "1 customer joined VIP."),
            (
                Outcome { joined: 1200, refused: 3, unchanged: 1, ..Outcome::default() },
                "1,200 customers joined VIP. 1 was so already. 3 were refused.",
            ),
            (
                Outcome { left: 2, joined_elsewhere: 1, ..Outcome::default() },
                "2 customers left VIP. 1 joined another group.",
            ),
            (
                Outcome { pinned: 1, left_elsewhere: 4, ..Outcome::default() },
                "1 member by rule is pinned now. 4 memberships in other groups ended.",
            ),
            (
                Outcome { joined: 1, left_elsewhere: 1, unpinned_elsewhere: 1, ..Outcome::default() },
                "1 customer joined VIP. 1 membership in another group ended. 1 membership in another group goes on by rule only.",
            ),
            (Outcome { put_back: 2, ..Outcome::default() }, "2 memberships are as they were before."),
        ] {
            assert_eq!(outcome.sentences("VIP"), sentences);
        }
    }

    #[test]
    fn a_kind_is_known_by_its_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
    }
}

//! What a group costs and risks beside what it brings: who came and went, and what its members owe.

use uuid::Uuid;

/// Customers who came from a group, or went to one, in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Whether they came; otherwise they went.
    pub came: bool,
    /// The other group and its name; none where they were in no other, or are in none now.
    pub other: Option<(Uuid, String)>,
    /// How many.
    pub customers: i64,
}

/// What members owe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Credit {
    /// Orders with a due date that aren't paid, minor units.
    pub owed: i64,
    /// Members who owe something.
    pub owing: i64,
    /// The group's credit limit for each member, minor units.
    pub limit: Option<i64>,
    /// Members who owe more than it.
    pub over: i64,
}

/// Group economics (SPEC 10).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Economics {
    /// Members who came and went, the most first.
    pub moved: Vec<Moved>,
    /// What members owe.
    pub credit: Credit,
}

impl Economics {
    /// Who came, or who went.
    pub fn movements(&self, came: bool) -> impl Iterator<Item = &Moved> {
        self.moved.iter().filter(move |moved| moved.came == came)
    }
}

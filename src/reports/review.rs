//! What somebody who looks a group through wants to know (the seed's "Best Practices").

use super::people::Person;
use super::report::Report;
use chrono::NaiveDate;
use uuid::Uuid;

/// How many members a card names.
pub const NAMED: usize = 5;

/// Members who fit a better sibling group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BetterFit {
    /// The sibling.
    pub group: Uuid,
    /// Its name.
    pub name: String,
    /// Whether they match its rule; otherwise they buy as much as its members do.
    pub by_rule: bool,
    /// How many.
    pub members: i64,
    /// Some of them, by name.
    pub some: Vec<(Uuid, String)>,
}

/// A member whose membership has an anniversary soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anniversary {
    /// The customer.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The day.
    pub on: NaiveDate,
    /// How many years it is.
    pub years: i32,
}

/// The card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// The last 12 months of the group alone.
    pub report: Report,
    /// Who has stopped, who bought most first.
    pub at_risk: Vec<Person>,
    /// Better siblings, those that the most members fit first.
    pub better: Vec<BetterFit>,
    /// The next anniversaries.
    pub anniversaries: Vec<Anniversary>,
}

//! The customers that a report names: who buys most, and who has stopped.

use chrono::NaiveDate;
use uuid::Uuid;

/// How many of each a report names.
pub const NAMED: usize = 10;

/// A customer in a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Id.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Net revenue, minor units: in the period for who buys most, in the preceding one for who has stopped.
    pub revenue: i64,
    /// The store day of the last order.
    pub last_order_on: Option<NaiveDate>,
}

/// Whom a report names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// By net revenue in the period, the greatest first; then by name.
    pub top: Vec<Person>,
    /// Who bought in the preceding period and not in this one, by net revenue there.
    pub at_risk: Vec<Person>,
}

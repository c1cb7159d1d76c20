//! The whole impact of a change: whom it reaches and what it does to them.

use super::case::Case;
use crate::error::Result;
use crate::impact::differences::Difference;
use crate::impact::prices::PriceImpact;
use crate::impact::touched::TouchedGroup;
use crate::inheritance::book::Book;
use crate::pricing::facts::Question;
use crate::visibility::store::Seen;
use diesel::PgConnection;
use uuid::Uuid;

/// What a change would do. Money in minor units of the store's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impact {
    /// The groups whose settings or standing would be others, the nearest to the root first.
    pub groups: Vec<TouchedGroup>,
    /// Customers for whom one of them counts, exactly, organizations' customers included.
    pub customers: i64,
    /// The same customers who have no group at all and buy on All Customers' settings are among them.
    pub without_groups: bool,
    /// For whom `differences` and `visible` are told: the first of the groups, or the customers who follow another group.
    pub told_for: String,
    /// What changes for them, field by field.
    pub differences: Vec<Difference>,
    /// Whose portal access and payment terms customers follow, where that would be another group: most customers first.
    pub moves: Vec<Move>,
    /// Prices of a sample; nothing where no price can change.
    pub prices: Option<PriceImpact>,
    /// Active products that they see, today and then.
    pub visible: Option<(Seen, Seen)>,
    /// Credit limits of the customers reached.
    pub exposure: Option<Exposure>,
}

/// Customers for whom another group would decide what only one group can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Who decides today; All Customers where no group counts.
    pub from: String,
    /// Who would decide.
    pub to: String,
    /// For how many customers.
    pub customers: i64,
}

/// The credit limits of customers, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Σ of the limits today.
    pub before: i64,
    /// Σ of the limits then.
    pub after: i64,
    /// Customers without a limit today.
    pub unlimited_before: i64,
    /// Customers without a limit then.
    pub unlimited_after: i64,
}

impl Impact {
    /// Whether no group's settings or standing would be others.
    pub fn is_nothing(&self) -> bool {
        self.groups.is_empty()
    }

    /// Whether somebody would notice: a customer, or guests. Such a change is shown before it is saved.
    pub fn is_noticed(&self) -> bool {
        self.customers > 0 || self.without_groups
    }
}

/// What is looked at besides what the settings alone tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look<'a> {
    /// Groups that notice though their settings stay, such as those whose price list gets another price.
    pub groups: &'a [TouchedGroup],
    /// Products that the sample must have.
    pub products: &'a [Uuid],
}

/// Looks at what the change from `before` to `after` does to customers, on the store day and in the currency of
/// `question`.
pub fn assess(conn: &mut PgConnection, before: &Book, after: &Book, question: &Question) -> Result<Impact> {
    let case = Case::new(conn, before, after, question, Look::default())?;
    let (was, is) = (case.facts(conn, before)?, case.facts(conn, after)?);
    case.impact(conn, &was, &is)
}

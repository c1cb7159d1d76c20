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
    /// Customers for whom something results that isn't what results today, organizations' customers included.
    pub customers: i64,
    /// Whether `customers` is exact. In a large catalogue it can be the most that there can be: prices of so many products for
    /// so many customers aren't compared one by one.
    pub is_exact: bool,
    /// Customers for whom one of the groups counts: the ones above, and those who have the values from elsewhere.
    pub reached: i64,
    /// Guests, who buy on All Customers' settings, are affected.
    pub without_groups: bool,
    /// For whom `differences` and `visible` are told: the first of the groups, or the customers who follow another group.
    pub told_for: String,
    /// What changes for them, field by field.
    pub differences: Vec<Difference>,
    /// Whose portal access and payment terms customers follow, where that would be another group: most customers first.
    pub moves: Vec<Move>,
    /// Prices of a sample; nothing where no price can change.
    pub prices: Option<PriceImpact>,
    /// The lists whose products the sample favours, since the change is one of them.
    pub favoured: Option<Favoured>,
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

/// Products that a sample has because they are priced by the lists that the change is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Favoured {
    /// How many of the sample they are.
    pub products: usize,
    /// The names of the lists.
    pub lists: Vec<String>,
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
    /// The list that the change is about, where it is about one: its products come first in the sample. Where `products` are
    /// named besides, only their prices in it change.
    pub list: Option<Uuid>,
}

/// Looks at what the change from `before` to `after` does to customers, on the store day and in the currency of
/// `question`.
pub fn assess(conn: &mut PgConnection, before: &Book, after: &Book, question: &Question) -> Result<Impact> {
    let case = Case::new(conn, (before, after), question, Look::default(), &[])?;
    let (was, is) = (case.before(conn)?, case.after(conn)?);
    case.impact(conn, &was, &is)
}

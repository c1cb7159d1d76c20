//! What is wished for one membership.

use uuid::Uuid;

/// The columns of a query for [`super::plan::wish_all`], in this order, with their types: bundle `bigint` (NULL: none),
/// group and customer `uuid`, by hand and by rule `boolean` (NULL: as it is), as primary and exclude `boolean`.
pub const COLUMNS: &str = "bundle, group_id, customer_id, by_hand, by_rule, as_primary, exclude";

/// What is wished for a customer's membership in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Wishes of one bundle stand or fall together, and lower ones come first where places are few; `None` = alone.
    pub bundle: Option<i64>,
    /// The group.
    pub group: Uuid,
    /// The customer.
    pub customer: Uuid,
    /// Whether it shall be a membership by hand; `None` = as it is.
    pub by_hand: Option<bool>,
    /// Whether it shall be a membership by rule; `None` = as it is.
    pub by_rule: Option<bool>,
    /// Whether the group becomes the customer's primary one.
    pub as_primary: bool,
    /// Whether rule runs keep the customer out from now on.
    pub exclude: bool,
}

impl Wish {
    /// Changes nothing yet.
    pub fn of(group: Uuid, customer: Uuid) -> Self {
        Self { bundle: None, group, customer, by_hand: None, by_rule: None, as_primary: false, exclude: false }
    }

    /// In a bundle.
    pub fn bundle(self, bundle: i64) -> Self {
        Self { bundle: Some(bundle), ..self }
    }

    /// Put there by hand, or no longer.
    pub fn by_hand(self, by_hand: bool) -> Self {
        Self { by_hand: Some(by_hand), ..self }
    }

    /// Put there by the group's rule, or no longer.
    pub fn by_rule(self, by_rule: bool) -> Self {
        Self { by_rule: Some(by_rule), ..self }
    }
}

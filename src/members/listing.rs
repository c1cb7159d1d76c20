//! The lists of members and of customers to add: what is asked for.

use crate::db::keyset::{Key, Place};
use crate::groups::group::Assignment;
use crate::money::Currency;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How much somebody has bought, lifetime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purchases {
    /// Nothing.
    None,
    /// Anything.
    Some,
    /// At least so much, in major units of the store's currency.
    AtLeast(i64),
}

impl Purchases {
    /// What can be chosen.
    pub const ALL: [Purchases; 5] =
        [Self::None, Self::Some, Self::AtLeast(1_000), Self::AtLeast(10_000), Self::AtLeast(50_000)];

    /// The name in the address.
    pub fn name(self) -> String {
        match self {
            Self::None => "none".into(),
            Self::Some => "some".into(),
            Self::AtLeast(amount) => amount.to_string(),
        }
    }

    /// For people.
    pub fn label(self, currency: Currency) -> String {
        match self {
            Self::None => "Never bought anything".into(),
            Self::Some => "Bought something".into(),
            Self::AtLeast(amount) => {
                let minor = currency.minor(amount.into()).unwrap_or(i64::MAX);
                format!("Bought {} or more", currency.format_whole(minor))
            }
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purchases| purchases.name() == name)
    }
}

/// When somebody ordered last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastOrder {
    /// On one of the last so many days.
    Within(u32),
    /// Before the last so many days, or never.
    NotWithin(u32),
    /// Never.
    Never,
}

impl LastOrder {
    /// What can be chosen.
    pub const ALL: [LastOrder; 6] =
        [Self::Within(30), Self::Within(90), Self::Within(365), Self::NotWithin(90), Self::NotWithin(365), Self::Never];

    /// The name in the address.
    pub fn name(self) -> String {
        match self {
            Self::Within(days) => format!("within-{days}"),
            Self::NotWithin(days) => format!("before-{days}"),
            Self::Never => "never".into(),
        }
    }

    /// For people.
    pub fn label(self) -> String {
        match self {
            Self::Within(365) => "Ordered within 12 months".into(),
            Self::Within(days) => format!("Ordered within {days} days"),
            Self::NotWithin(365) => "No order for 12 months".into(),
            Self::NotWithin(days) => format!("No order for {days} days"),
            Self::Never => "Never ordered".into(),
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|last| last.name() == name)
    }
}

/// Customers' statuses, as stored.
pub const STATUSES: [(&str, &str); 3] = [("active", "Active"), ("inactive", "Inactive"), ("blocked", "Blocked")];

/// Which customers a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of a name, code or email, as typed.
    pub text: String,
    /// Only memberships that came about so; of customers to add: not used.
    pub assignment: Option<Assignment>,
    /// Only customers of this status, as stored.
    pub status: Option<&'static str>,
    /// Only customers who have bought so much.
    pub purchases: Option<Purchases>,
    /// Only customers who ordered last then.
    pub last_order: Option<LastOrder>,
}

impl Filter {
    /// Whether everybody is shown.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// What the parameters of an address or the fields of a form say, given by name. What they say wrongly is ignored.
    pub fn of<'a>(value: impl Fn(&str) -> &'a str) -> Self {
        let text: String = value("q").chars().filter(|c| *c != '\0').take(120).collect();
        Self {
            text: text.trim().to_owned(),
            assignment: ASSIGNMENTS.into_iter().find(|assignment| assignment.name() == value("assignment")),
            status: STATUSES.into_iter().map(|(name, _)| name).find(|name| *name == value("status")),
            purchases: Purchases::from_name(value("purchases")),
            last_order: LastOrder::from_name(value("last")),
        }
    }
}

/// How memberships come about, in the order of the filter.
pub const ASSIGNMENTS: [Assignment; 3] = [Assignment::Rule, Assignment::Manual, Assignment::RuleAndManual];

/// What the members can be sorted by. Ties go by the customer's id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Name, without case.
    #[default]
    Name,
    /// Since when.
    Since,
    /// Lifetime net.
    Purchases,
    /// Day of the last order; who never ordered comes first.
    LastOrder,
}

impl Sort {
    /// All, in the order of the columns.
    pub const ALL: [Sort; 4] = [Self::Name, Self::Since, Self::Purchases, Self::LastOrder];

    /// The name in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Since => "since",
            Self::Purchases => "purchases",
            Self::LastOrder => "last_order",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }
}

/// Which page of the members, in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub sort: Sort,
    /// The greatest first.
    pub descending: bool,
    /// Which page.
    pub place: Place<Cursor>,
}

impl Order {
    /// What the parameters of an address say; what they say wrongly is ignored.
    pub fn of<'a>(value: impl Fn(&str) -> &'a str, usual: Sort) -> Self {
        let text = value("sort");
        let (descending, column) = text.strip_prefix('-').map_or((false, text), |column| (true, column));
        let sort = Sort::from_name(column);
        Self {
            descending: descending && sort.is_some(),
            sort: sort.unwrap_or(usual),
            place: Place::of(value("after"), value("before")),
        }
    }
}

/// The sort key of a row, as an opaque text in the address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The value sorted by, as the database writes it.
    pub key: String,
    /// The customer.
    pub id: Uuid,
}

impl Key for Cursor {
    fn is_possible(&self) -> bool {
        !self.key.contains('\0')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> (Filter, Order) {
        let value = |name: &str| pairs.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| *value);
        // The values live as long as the pairs.
        (Filter::of(value), Order::of(value, Sort::Name))
    }

    #[test]
    fn an_address_says_what_is_wanted() {
        let (filter, order) = of(&[
            ("q", " acme "),
            ("assignment", "rule_manual"),
            ("status", "blocked"),
            ("purchases", "1000"),
            ("last", "before-365"),
            ("sort", "-purchases"),
        ]);
        assert_eq!(
            filter,
            Filter {
                text: "acme".into(),
                assignment: Some(Assignment::RuleAndManual),
                status: Some("blocked"),
                purchases: Some(Purchases::AtLeast(1000)),
                last_order: Some(LastOrder::NotWithin(365)),
            }
        );
        assert_eq!((order.sort, order.descending), (Sort::Purchases, true));
    }

    #[test]
    fn nonsense_is_ignored() {
        let (filter, order) = of(&[
            ("q", "\0"),
            ("assignment", "x"),
            ("status", "gone"),
            ("purchases", "-1"),
            ("last", "within-1"),
            ("sort", "-x"),
        ]);
        assert!(filter.is_plain());
        assert_eq!(order, Order::default());
    }
}

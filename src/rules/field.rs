//! What a condition asks about a customer, and which operators its type takes (SPEC 5).

/// The longest window of "last N days".
pub const MOST_DAYS: u32 = 3_660;
/// The most characters of a metadata key in a rule.
pub const KEY_CHARACTERS: usize = 100;

/// A field of a condition with its parameter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// Net revenue of completed orders, lifetime, minor units; 0 without orders.
    TotalPurchases,
    /// The same over the last so many store days, today included.
    PurchasesLastDays(u32),
    /// Completed orders, lifetime; credit notes are none.
    OrderCount,
    /// Completed orders over the last so many store days, today included.
    OrdersLastDays(u32),
    /// `TotalPurchases` / `OrderCount`; missing without orders.
    AverageOrderValue,
    /// Whole months since "customer since".
    AccountAgeMonths,
    /// Store days since the last completed order; missing without orders.
    DaysSinceLastOrder,
    /// Poor < fair < good < excellent; unknown is missing.
    PaymentHistory,
    /// Active, inactive or blocked.
    Status,
    /// ISO 3166 alpha-2.
    Country,
    /// Free text.
    Region,
    /// The organization's code.
    Organization,
    /// What stands behind the last `@` of the email, in small letters.
    EmailDomain,
    /// The customer's tags: never missing, there may be none.
    Tag,
    /// The value of this metadata key.
    Metadata(String),
    /// The live groups that the customer is in by hand.
    InGroup,
}

/// A field without its parameter: what the builder's select lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldName {
    /// The name in JSON; `metadata` stands for `metadata.KEY`.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Whether it needs `days`.
    pub has_days: bool,
}

/// What the values of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Minor units of the store's currency; a decimal string in JSON.
    Money,
    /// A whole number.
    Integer,
    /// Payment history, in its order.
    Level,
    /// The customer's status.
    Status,
    /// Text, compared exactly.
    Text,
    /// A set of texts.
    Tags,
    /// Text or a number, whichever the condition asks for.
    Scalar,
    /// A set of groups.
    Group,
}

const fn field(name: &'static str, label: &'static str, kind: Kind) -> FieldName {
    FieldName { name, label, kind, has_days: false }
}

/// All fields, in the order of the builder.
pub const FIELDS: [FieldName; 16] = [
    field("total_purchases", "Total purchases", Kind::Money),
    FieldName { name: "purchases_last_days", label: "Purchases in the last days", kind: Kind::Money, has_days: true },
    field("order_count", "Order count", Kind::Integer),
    FieldName { name: "orders_last_days", label: "Orders in the last days", kind: Kind::Integer, has_days: true },
    field("average_order_value", "Average order value", Kind::Money),
    field("account_age_months", "Account age (months)", Kind::Integer),
    field("days_since_last_order", "Days since last order", Kind::Integer),
    field("payment_history", "Payment history", Kind::Level),
    field("status", "Status", Kind::Status),
    field("country", "Country", Kind::Text),
    field("region", "Region", Kind::Text),
    field("organization", "Organization (code)", Kind::Text),
    field("email_domain", "Email domain", Kind::Text),
    field("tag", "Tag", Kind::Tags),
    field("metadata", "Metadata", Kind::Scalar),
    field("in_group", "In group (by hand)", Kind::Group),
];

impl FieldName {
    /// The field of a name, without its parameter.
    pub fn of(name: &str) -> Option<Self> {
        let name = if name.starts_with("metadata.") { "metadata" } else { name };
        FIELDS.into_iter().find(|field| field.name == name)
    }
}

impl Field {
    /// What the select of the builder shows.
    pub fn name(&self) -> FieldName {
        let at = match self {
            Self::TotalPurchases => 0,
            Self::PurchasesLastDays(_) => 1,
            Self::OrderCount => 2,
            Self::OrdersLastDays(_) => 3,
            Self::AverageOrderValue => 4,
            Self::AccountAgeMonths => 5,
            Self::DaysSinceLastOrder => 6,
            Self::PaymentHistory => 7,
            Self::Status => 8,
            Self::Country => 9,
            Self::Region => 10,
            Self::Organization => 11,
            Self::EmailDomain => 12,
            Self::Tag => 13,
            Self::Metadata(_) => 14,
            Self::InGroup => 15,
        };
        FIELDS[at]
    }

    /// What its values are.
    pub fn kind(&self) -> Kind {
        self.name().kind
    }

    /// The name in JSON: `metadata.channel`.
    pub fn json_name(&self) -> String {
        match self {
            Self::Metadata(key) => format!("metadata.{key}"),
            other => other.name().name.to_owned(),
        }
    }

    /// The `days` of JSON, where the field has them.
    pub fn days(&self) -> Option<u32> {
        match self {
            Self::PurchasesLastDays(days) | Self::OrdersLastDays(days) => Some(*days),
            _ => None,
        }
    }

    /// Whether a customer may lack it. Such a customer matches `is_empty` only.
    pub fn can_be_missing(&self) -> bool {
        !matches!(
            self,
            Self::TotalPurchases
                | Self::PurchasesLastDays(_)
                | Self::OrderCount
                | Self::OrdersLastDays(_)
                | Self::Status
                | Self::Tag
                | Self::InGroup
        )
    }

    /// At the beginning of a sentence's part: `purchases in the last 90 days`.
    pub fn words(&self) -> String {
        match self {
            Self::PurchasesLastDays(1) => "purchases today".into(),
            Self::PurchasesLastDays(days) => format!("purchases in the last {days} days"),
            Self::OrdersLastDays(1) => "orders today".into(),
            Self::OrdersLastDays(days) => format!("orders in the last {days} days"),
            Self::AccountAgeMonths => "account age".into(),
            Self::Organization => "organization".into(),
            Self::Metadata(key) => format!("metadata “{key}”"),
            Self::InGroup => "group by hand".into(),
            other => other.name().label.to_lowercase(),
        }
    }
}

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Equals; of tags and groups: has.
    Eq,
    /// Differs; of tags and groups: has not. A missing value doesn't match.
    Ne,
    /// Above.
    Gt,
    /// Above or equal.
    Gte,
    /// Below.
    Lt,
    /// Below or equal.
    Lte,
    /// From one value to another, both included.
    Between,
    /// One of several.
    In,
    /// None of several. A missing value doesn't match.
    NotIn,
    /// Has the text in it.
    Contains,
    /// Begins with the text.
    StartsWith,
    /// Missing.
    IsEmpty,
    /// Not missing.
    IsNotEmpty,
}

impl Op {
    /// All operators, in the order of SPEC 5.
    pub const ALL: [Self; 13] = [
        Self::Eq,
        Self::Ne,
        Self::Gt,
        Self::Gte,
        Self::Lt,
        Self::Lte,
        Self::Between,
        Self::In,
        Self::NotIn,
        Self::Contains,
        Self::StartsWith,
        Self::IsEmpty,
        Self::IsNotEmpty,
    ];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Between => "between",
            Self::In => "in",
            Self::NotIn => "not_in",
            Self::Contains => "contains",
            Self::StartsWith => "starts_with",
            Self::IsEmpty => "is_empty",
            Self::IsNotEmpty => "is_not_empty",
        }
    }

    /// The operator of a name in JSON.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|op| op.name() == name)
    }

    /// Whether fields of this kind take it.
    pub fn suits(self, kind: Kind) -> bool {
        use Op::*;
        match kind {
            Kind::Money | Kind::Integer | Kind::Level => !matches!(self, Contains | StartsWith),
            Kind::Status => matches!(self, Eq | Ne | In | NotIn | IsEmpty | IsNotEmpty),
            Kind::Text | Kind::Tags => !matches!(self, Gt | Gte | Lt | Lte | Between),
            Kind::Scalar => true,
            Kind::Group => matches!(self, Eq | Ne | In | NotIn),
        }
    }

    /// For people, in the builder's select.
    pub fn label(self, kind: Kind) -> &'static str {
        let set = matches!(kind, Kind::Tags | Kind::Group);
        match self {
            Self::Eq if set => "has",
            Self::Ne if set => "has not",
            Self::In if set => "has one of",
            Self::NotIn if set => "has none of",
            Self::Contains if set => "has one that contains",
            Self::StartsWith if set => "has one that starts with",
            Self::IsEmpty if set => "has none at all",
            Self::IsNotEmpty if set => "has any",
            Self::Eq => "is",
            Self::Ne => "is not",
            Self::Gt => "is greater than",
            Self::Gte => "is at least",
            Self::Lt => "is less than",
            Self::Lte => "is at most",
            Self::Between => "is between",
            Self::In => "is one of",
            Self::NotIn => "is none of",
            Self::Contains => "contains",
            Self::StartsWith => "starts with",
            Self::IsEmpty => "is empty",
            Self::IsNotEmpty => "is not empty",
        }
    }

    /// Whether `value` is a list in JSON.
    pub fn takes_list(self) -> bool {
        matches!(self, Self::Between | Self::In | Self::NotIn)
    }

    /// Whether it takes no value.
    pub fn takes_nothing(self) -> bool {
        matches!(self, Self::IsEmpty | Self::IsNotEmpty)
    }

    /// Whether people expect it to match a customer without the value, which it doesn't (SPEC 5): the screen says so.
    pub fn surprises(self, kind: Kind) -> bool {
        matches!(self, Self::Ne | Self::NotIn) && !matches!(kind, Kind::Tags | Kind::Group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_known_by_their_names() {
        for field in [
            Field::TotalPurchases,
            Field::PurchasesLastDays(30),
            Field::OrderCount,
            Field::OrdersLastDays(30),
            Field::AverageOrderValue,
            Field::AccountAgeMonths,
            Field::DaysSinceLastOrder,
            Field::PaymentHistory,
            Field::Status,
            Field::Country,
            Field::Region,
            Field::Organization,
            Field::EmailDomain,
            Field::Tag,
            Field::Metadata("a.b".into()),
            Field::InGroup,
        ] {
            let name = FieldName::of(&field.json_name()).unwrap();
            assert_eq!(name, field.name(), "{field:?}");
            assert_eq!(name.has_days, field.days().is_some(), "{field:?}");
        }
        assert_eq!(FieldName::of("shoe_size"), None);
    }

    #[test]
    fn operators_fit_their_types() {
        let of = |kind| -> Vec<&str> { Op::ALL.into_iter().filter(|op| op.suits(kind)).map(Op::name).collect() };
        let ordered = ["eq", "ne", "gt", "gte", "lt", "lte", "between", "in", "not_in", "is_empty", "is_not_empty"];
        assert_eq!(of(Kind::Money), ordered);
        assert_eq!(of(Kind::Level), ordered);
        assert_eq!(of(Kind::Status), ["eq", "ne", "in", "not_in", "is_empty", "is_not_empty"]);
        let text = ["eq", "ne", "in", "not_in", "contains", "starts_with", "is_empty", "is_not_empty"];
        assert_eq!(of(Kind::Text), text);
        assert_eq!(of(Kind::Group), ["eq", "ne", "in", "not_in"]);
        assert_eq!(of(Kind::Scalar).len(), Op::ALL.len());
        for op in Op::ALL {
            assert_eq!(Op::from_name(op.name()), Some(op));
        }
    }
}

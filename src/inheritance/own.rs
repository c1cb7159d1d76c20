//! What a group itself says: its own settings, section by section.

use crate::money::Currency;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use uuid::Uuid;

/// A single field of a section: what the group itself says about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Setting<T> {
    /// Says nothing: inherited.
    #[default]
    Unset,
    /// Says explicitly that there is none.
    ExplicitNone,
    /// Says this.
    Value(T),
}

impl<T> Setting<T> {
    /// A nullable column together with whether the field is marked as explicitly none.
    pub fn from_columns(value: Option<T>, none: bool) -> Self {
        match value {
            Some(value) => Self::Value(value),
            None if none => Self::ExplicitNone,
            None => Self::Unset,
        }
    }
}

/// The four sections, each with its own inherit switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Prices, minimum order, stacking.
    Pricing,
    /// Which products are seen.
    Visibility,
    /// What the portal allows.
    Portal,
    /// How and when is paid.
    PaymentTerms,
}

impl Section {
    /// All four, in the order of the inheritance page.
    pub const ALL: [Section; 4] = [Self::Pricing, Self::PaymentTerms, Self::Visibility, Self::Portal];

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pricing => "Pricing",
            Self::Visibility => "Visibility",
            Self::Portal => "Portal access",
            Self::PaymentTerms => "Payment terms",
        }
    }
}

/// The inherit switches of a group; on by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switches {
    /// Inherits pricing.
    pub pricing: bool,
    /// Inherits visibility.
    pub visibility: bool,
    /// Inherits portal access.
    pub portal: bool,
    /// Inherits payment terms.
    pub payment_terms: bool,
}

impl Switches {
    /// The switch of one section.
    pub fn of(self, section: Section) -> bool {
        match section {
            Section::Pricing => self.pricing,
            Section::Visibility => self.visibility,
            Section::Portal => self.portal,
            Section::PaymentTerms => self.payment_terms,
        }
    }
}

impl Default for Switches {
    fn default() -> Self {
        Self { pricing: true, visibility: true, portal: true, payment_terms: true }
    }
}

/// Which products a level's percentage or fixed adjustment is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Every product.
    All,
    /// Products of these categories, sorted.
    Categories(Vec<String>),
    /// This many chosen products.
    Products(i64),
}

/// What a level takes off the base price of products without an override.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Adjustment {
    /// No method chosen here.
    #[default]
    Unset,
    /// Explicitly no special pricing.
    ExplicitNone,
    /// Only the assigned lists.
    PriceLists,
    /// A percentage off the base price.
    Percentage {
        /// 0.00–100.00.
        percent: Decimal,
        /// Whether it adds to the inherited percentage instead of competing with it.
        adds: bool,
        /// For which products.
        scope: Scope,
    },
    /// An amount off, per unit.
    Fixed {
        /// Minor units of the store's currency, ≥ 0.
        amount: i64,
        /// For which products.
        scope: Scope,
    },
}

/// A price list assigned to a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignedList {
    /// The list.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Lower comes first.
    pub priority: i32,
    /// Whether the list is active; an inactive one prices nothing.
    pub active: bool,
    /// What its prices are in.
    pub currency: Currency,
    /// First store day on which it prices something; `None` = open.
    pub valid_from: Option<NaiveDate>,
    /// Last store day on which it prices something; `None` = open.
    pub valid_to: Option<NaiveDate>,
}

/// A visibility group that an access choice names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedSet {
    /// The visibility group.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// What an order must reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinimumOrder {
    /// Minor units of the store's currency.
    pub amount: Option<i64>,
    /// Units of goods.
    pub quantity: Option<i32>,
}

/// The pricing section as the group itself has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnPricing {
    /// The method and its value.
    pub adjustment: Adjustment,
    /// Assigned lists by priority, then name, then code.
    pub lists: Vec<AssignedList>,
    /// Whether promotions may come on top.
    pub stack_with_promotions: Option<bool>,
    /// The least that an order must reach.
    pub minimum_order: Setting<MinimumOrder>,
    /// The pricing rule in words.
    pub notes: String,
}

/// What a group's access choice shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// All products.
    All,
    /// The products of these visibility groups, sorted by name.
    VisibilityGroups(Vec<NamedSet>),
    /// The included products and no others.
    ChosenProducts,
}

/// The visibility section as the group itself has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnVisibility {
    /// The access choice; `None` restricts nothing by itself.
    pub access: Option<Access>,
    /// How many products are included one by one.
    pub included: i64,
    /// How many products are excluded one by one.
    pub excluded: i64,
}

/// How much of the shop or of the invoices is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Openness {
    /// Nothing.
    None,
    /// Some.
    Limited,
    /// Everything.
    Full,
}

impl Openness {
    /// All values, the least first.
    pub const ALL: [Openness; 3] = [Self::None, Self::Limited, Self::Full];

    /// The stored name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Limited => "limited",
            Self::Full => "full",
        }
    }

    /// The value of its stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|openness| openness.name() == name)
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Limited => "Limited",
            Self::Full => "Full",
        }
    }
}

/// The portal section as the group itself has it; `None` = unset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnPortal {
    /// May sign in.
    pub login: Option<bool>,
    /// What of the shop is open.
    pub shop: Option<Openness>,
    /// May ask for quotes.
    pub quotes: Option<bool>,
    /// May place orders.
    pub orders: Option<bool>,
    /// Which invoices are open.
    pub invoices: Option<Openness>,
}

/// A way to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PaymentMethod {
    /// Credit card.
    Card,
    /// ACH or bank transfer.
    Ach,
    /// Wire transfer.
    Wire,
    /// On account, within the net days.
    NetTerms,
    /// Cash or check.
    Cash,
}

impl PaymentMethod {
    /// All methods, in the order of the form.
    pub const ALL: [PaymentMethod; 5] = [Self::Card, Self::Ach, Self::Wire, Self::NetTerms, Self::Cash];

    /// The stored name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Ach => "ach",
            Self::Wire => "wire",
            Self::NetTerms => "net_terms",
            Self::Cash => "cash",
        }
    }

    /// The method of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Card => "Credit card",
            Self::Ach => "ACH/bank transfer",
            Self::Wire => "Wire transfer",
            Self::NetTerms => "Net terms",
            Self::Cash => "Cash/check",
        }
    }
}

/// A discount for paying early: one field, percent and days together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlyPayment {
    /// Above 0.00, up to 100.00.
    pub percent: Decimal,
    /// Days from the order within which it holds.
    pub days: i32,
}

/// The payment terms as the group itself has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnTerms {
    /// Accepted methods, one set.
    pub methods: Option<Vec<PaymentMethod>>,
    /// Days until payment is due.
    pub net_days: Setting<i32>,
    /// Minor units; 0 is a limit of 0.
    pub credit_limit: Setting<i64>,
    /// Orders below this are approved without asking; minor units.
    pub auto_approve_under: Setting<i64>,
    /// Whether an order needs a purchase order number.
    pub require_po: Option<bool>,
    /// Discount for paying early.
    pub early_payment: Setting<EarlyPayment>,
}

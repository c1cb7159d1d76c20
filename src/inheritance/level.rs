//! One group's own settings, and the chain of groups that it inherits from.

use rust_decimal::Decimal;
use std::collections::HashMap;
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every product.
    All,
    /// Products of these categories, sorted.
    Categories(Vec<String>),
    /// This many chosen products.
    Products(i64),
}

/// What a level takes off the base price of products without an override.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// The products of these visibility groups (names, sorted).
    VisibilityGroups(Vec<String>),
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
    /// The value of its stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "none" => Some(Self::None),
            "limited" => Some(Self::Limited),
            "full" => Some(Self::Full),
            _ => None,
        }
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

/// A group as inheritance sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// The group.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The group above; `None` for All Customers.
    pub parent_id: Option<Uuid>,
    /// Live and active: one that doesn't count is left out of its descendants' chains with its settings and switches.
    pub counts: bool,
    /// Its inherit switches.
    pub inherit: Switches,
    /// Own pricing.
    pub pricing: OwnPricing,
    /// Own visibility.
    pub visibility: OwnVisibility,
    /// Own portal access.
    pub portal: OwnPortal,
    /// Own payment terms.
    pub terms: OwnTerms,
}

/// Groups by id: those asked for and everything above them.
pub type Levels = HashMap<Uuid, Level>;

/// The chain of a group for one section (SPEC 6): the group itself, its parent, … up to All Customers, without
/// ancestors that don't count, cut where a group of the chain doesn't inherit the section.
pub fn chain(levels: &Levels, id: Uuid, section: Section) -> Vec<&Level> {
    let mut chain = Vec::new();
    let mut next = levels.get(&id);
    while let Some(level) = next {
        let belongs = chain.is_empty() || level.counts;
        if belongs {
            chain.push(level);
        }
        if (belongs && !level.inherit.of(section)) || chain.len() > levels.len() {
            break;
        }
        next = level.parent_id.and_then(|parent| levels.get(&parent));
    }
    chain
}

/// The groups above a group, the root first, All Customers left out: its place in the tree.
pub fn place(levels: &Levels, id: Uuid) -> Vec<&Level> {
    let mut above = Vec::new();
    let mut next = levels.get(&id).and_then(|level| level.parent_id).and_then(|parent| levels.get(&parent));
    while let Some(level) = next {
        if level.parent_id.is_some() {
            above.push(level);
        }
        next = level.parent_id.and_then(|parent| levels.get(&parent)).filter(|_| above.len() <= levels.len());
    }
    above.reverse();
    above
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree `A → B → C …`, each given as (counts, inherits pricing), the root first.
    fn line(groups: &[(bool, bool)]) -> (Levels, Vec<Uuid>) {
        let ids: Vec<Uuid> = groups.iter().map(|_| Uuid::now_v7()).collect();
        let levels = groups
            .iter()
            .enumerate()
            .map(|(i, (counts, pricing))| {
                let level = Level {
                    id: ids[i],
                    name: format!("level {i}"),
                    parent_id: i.checked_sub(1).map(|above| ids[above]),
                    counts: *counts,
                    inherit: Switches { pricing: *pricing, ..Switches::default() },
                    ..Level::default()
                };
                (ids[i], level)
            })
            .collect();
        (levels, ids)
    }

    #[test]
    fn the_chain_skips_inactive_ancestors_and_ends_at_a_switch() {
        for (groups, expected) in [
            // All inherit: the whole line, the group first.
            (vec![(true, true), (true, true), (true, true)], vec![2, 1, 0]),
            // The group itself doesn't inherit.
            (vec![(true, true), (true, true), (true, false)], vec![2]),
            // Its parent doesn't inherit: the parent is still in.
            (vec![(true, true), (true, false), (true, true)], vec![2, 1]),
            // An inactive parent is left out with its switch.
            (vec![(true, true), (false, false), (true, true)], vec![2, 0]),
            // An inactive group still has its own chain to look at.
            (vec![(true, true), (true, true), (false, true)], vec![2, 1, 0]),
            (vec![(true, true), (true, true), (false, false)], vec![2]),
        ] {
            let (levels, ids) = line(&groups);
            let names: Vec<_> = chain(&levels, ids[2], Section::Pricing).iter().map(|l| l.name.clone()).collect();
            let expected: Vec<_> = expected.iter().map(|i| format!("level {i}")).collect();
            assert_eq!(names, expected, "{groups:?}");
        }
    }

    #[test]
    fn a_switch_cuts_its_own_section_only() {
        let (levels, ids) = line(&[(true, true), (true, false)]);
        assert_eq!(chain(&levels, ids[1], Section::Pricing).len(), 1);
        assert_eq!(chain(&levels, ids[1], Section::Portal).len(), 2);
    }

    #[test]
    fn the_place_names_the_ancestors_below_the_root() {
        let (levels, ids) = line(&[(true, true), (true, true), (false, true), (true, true)]);
        let names: Vec<_> = place(&levels, ids[3]).iter().map(|l| l.name.as_str()).collect();
        assert_eq!(names, ["level 1", "level 2"]);
        assert!(place(&levels, ids[0]).is_empty());
    }
}

//! Visibility groups of the demo shop: which customers see which products (SPEC 1, 6).

use super::calendar::Calendar;
use super::catalogue::Product;
use super::chance::{Chance, Part};
use chrono::{DateTime, Months, Utc};
use uuid::Uuid;

/// Who sees a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Everybody.
    Open,
    /// VIP customers.
    Exclusive,
    /// VIP customers, ahead of everybody else.
    Early,
    /// Cases and pallets: wholesale and VIP customers.
    Bulk,
}

/// The visibility groups, in the order in which they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assortment {
    /// What All Customers see, and so everybody whose group adds nothing.
    Standard,
    /// What only VIP customers see.
    VipExclusive,
    /// New products, for VIP customers first.
    EarlyAccess,
    /// Cases and pallets. They are VIP Exclusive Products too: from VIP customers nothing is hidden.
    WholesaleOnly,
    /// What new customers see.
    Limited,
}

impl Assortment {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Standard, Self::VipExclusive, Self::EarlyAccess, Self::WholesaleOnly, Self::Limited];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "Standard Products",
            Self::VipExclusive => "VIP Exclusive Products",
            Self::EarlyAccess => "Early Access Products",
            Self::WholesaleOnly => "Wholesale Only",
            Self::Limited => "Limited",
        }
    }

    /// What it is for.
    pub fn description(self) -> &'static str {
        match self {
            Self::Standard => "The catalogue that every customer sees.",
            Self::VipExclusive => "Products that VIP customers see and the public catalogue does not.",
            Self::EarlyAccess => "New products, shown to VIP customers before they join the catalogue.",
            Self::WholesaleOnly => "Cases and pallets, for customers who sell on.",
            Self::Limited => "The starter range for accounts in their first months.",
        }
    }

    /// Whether a product is in it.
    pub fn holds(self, product: &Product) -> bool {
        match self {
            Self::Standard => product.shelf == Shelf::Open,
            Self::VipExclusive => matches!(product.shelf, Shelf::Exclusive | Shelf::Bulk),
            Self::EarlyAccess => product.shelf == Shelf::Early,
            Self::WholesaleOnly => product.shelf == Shelf::Bulk,
            Self::Limited => product.shelf == Shelf::Open && product.starter,
        }
    }
}

/// A visibility group to be written.
#[derive(Debug)]
pub struct VisibilityGroup {
    /// Its id.
    pub id: Uuid,
    /// Which one it is.
    pub assortment: Assortment,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// All visibility groups, in the order of [`Assortment::ALL`].
pub fn visibility_groups(calendar: &Calendar) -> Vec<VisibilityGroup> {
    let mut chance = Chance::of(Part::Groups, 2);
    let created_at = Calendar::midnight(calendar.today - Months::new(50));
    Assortment::ALL
        .into_iter()
        .map(|assortment| VisibilityGroup { id: chance.id(created_at), assortment, created_at })
        .collect()
}

//! The twelve groups of the demo shop as SPEC 16 codes them, and what a group's four sections hold (SPEC 3, 6).

use super::calendar::Calendar;
use super::chance::{Chance, Part};
use super::settings;
use super::shelves::Assortment;
use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

/// A group of the demo shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// VIP Customers.
    Vip,
    /// VIP Platinum, under VIP Customers.
    VipPlatinum,
    /// Tiered Customers: holds what the tiers share.
    Tiered,
    /// Gold Tier, under Tiered Customers.
    Gold,
    /// Silver Tier, under Tiered Customers.
    Silver,
    /// Bronze Tier, under Tiered Customers.
    Bronze,
    /// Wholesale.
    Wholesale,
    /// Distributor, under Wholesale.
    Distributor,
    /// Reseller, under Wholesale.
    Reseller,
    /// Retail, the store's default group.
    Retail,
    /// New Customers, under Retail.
    New,
    /// Returning Customers, under Retail.
    Returning,
}

impl Key {
    /// All groups, parents before their children.
    pub const ALL: [Self; 12] = [
        Self::Vip,
        Self::VipPlatinum,
        Self::Tiered,
        Self::Gold,
        Self::Silver,
        Self::Bronze,
        Self::Wholesale,
        Self::Distributor,
        Self::Reseller,
        Self::Retail,
        Self::New,
        Self::Returning,
    ];

    /// The code (SPEC 16).
    pub fn code(self) -> &'static str {
        match self {
            Self::Vip => "VIP",
            Self::VipPlatinum => "VIP-PLATINUM",
            Self::Tiered => "TIERED",
            Self::Gold => "GOLD",
            Self::Silver => "SILVER",
            Self::Bronze => "BRONZE",
            Self::Wholesale => "WHOLESALE",
            Self::Distributor => "DISTRIBUTOR",
            Self::Reseller => "RESELLER",
            Self::Retail => "RETAIL",
            Self::New => "NEW",
            Self::Returning => "RETURNING",
        }
    }

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vip => "VIP Customers",
            Self::VipPlatinum => "VIP Platinum",
            Self::Tiered => "Tiered Customers",
            Self::Gold => "Gold Tier",
            Self::Silver => "Silver Tier",
            Self::Bronze => "Bronze Tier",
            Self::Wholesale => "Wholesale",
            Self::Distributor => "Distributor",
            Self::Reseller => "Reseller",
            Self::Retail => "Retail",
            Self::New => "New Customers",
            Self::Returning => "Returning Customers",
        }
    }

    /// The parent; `None` stands for All Customers.
    pub fn parent(self) -> Option<Self> {
        match self {
            Self::VipPlatinum => Some(Self::Vip),
            Self::Gold | Self::Silver | Self::Bronze => Some(Self::Tiered),
            Self::Distributor | Self::Reseller => Some(Self::Wholesale),
            Self::New | Self::Returning => Some(Self::Retail),
            Self::Vip | Self::Tiered | Self::Wholesale | Self::Retail => None,
        }
    }

    /// When the group was made. VIP Customers is from January 1, 2024, whatever day it is today.
    pub fn created_on(self, calendar: &Calendar) -> NaiveDate {
        let vip = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or(calendar.first);
        let months = match self {
            Self::Vip => return vip,
            Self::VipPlatinum => return (calendar.today - Months::new(16)).max(vip + Days::new(30)),
            Self::Retail | Self::Wholesale => 74,
            Self::Distributor | Self::Reseller => 60,
            Self::Tiered | Self::Gold | Self::Silver | Self::Bronze => 56,
            Self::New | Self::Returning => 42,
        };
        calendar.today - Months::new(months)
    }
}

/// How a group prices (SPEC 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Explicitly no special pricing.
    None,
    /// Price lists only.
    PriceLists,
    /// Percent off in hundredths; `adds` to the inherited percentage.
    Percentage {
        /// 1500 is 15%.
        hundredths: i64,
        /// Whether it adds to what is inherited.
        adds: bool,
    },
    /// Cents off each unit.
    Fixed(i64),
}

/// The pricing section. Amounts in cents.
#[derive(Clone, Debug)]
pub struct Pricing {
    /// The method; `None` inherits.
    pub method: Option<Method>,
    /// The categories the method is for; empty means all products.
    pub categories: &'static [&'static str],
    /// Whether promotions stack; `None` inherits.
    pub stack: Option<bool>,
    /// The least an order must come to; `None` inherits.
    pub minimum_order: Option<i64>,
    /// Explicitly no minimum.
    pub no_minimum: bool,
    /// The pricing rule in words.
    pub notes: &'static str,
}

/// The portal section: each field, or inherited.
#[derive(Clone, Copy, Debug)]
pub struct Portal {
    /// May sign in.
    pub login: Option<bool>,
    /// `none`, `limited` or `full`.
    pub shop: Option<&'static str>,
    /// May ask for quotes.
    pub quotes: Option<bool>,
    /// May place orders.
    pub orders: Option<bool>,
    /// `none`, `limited` or `full`.
    pub invoices: Option<&'static str>,
}

/// The payment terms section: each field, or inherited. Amounts in cents.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms {
    /// The payment methods as one set.
    pub methods: Option<&'static [&'static str]>,
    /// Net days.
    pub net_days: Option<i32>,
    /// The credit limit.
    pub credit_limit: Option<i64>,
    /// Orders under it need no approval.
    pub auto_approve_under: Option<i64>,
    /// Whether a purchase order number is required.
    pub require_po: Option<bool>,
    /// Percent in hundredths, and the days within which it is granted.
    pub early: Option<(i64, i32)>,
    /// Fields that are explicitly none.
    pub explicit_none: &'static [&'static str],
}

/// What a group holds of its own.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `manual`, `automatic` or `hybrid`.
    pub kind: &'static str,
    /// What the group is for.
    pub description: &'static str,
    /// The most members it takes.
    pub capacity: Option<i32>,
    /// Whether visibility is inherited.
    pub inherit_visibility: bool,
    /// Pricing of its own.
    pub pricing: Option<Pricing>,
    /// The visibility groups of its access choice; empty inherits.
    pub assortments: &'static [Assortment],
    /// Portal access of its own.
    pub portal: Option<Portal>,
    /// Payment terms of its own.
    pub terms: Option<Terms>,
    /// Days since the last review.
    pub reviewed_days_ago: Option<i64>,
    /// Metadata: an object.
    pub metadata: Value,
}

/// A group to be written.
#[derive(Debug)]
pub struct Group {
    /// Its id.
    pub id: Uuid,
    /// Which group it is.
    pub key: Key,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// What it holds.
    pub settings: Settings,
}

/// All groups, in the order of [`Key::ALL`].
pub fn groups(calendar: &Calendar) -> Vec<Group> {
    let mut chance = Chance::of(Part::Groups, 0);
    Key::ALL
        .into_iter()
        .map(|key| {
            let created_at = Calendar::midnight(key.created_on(calendar)) + TimeDelta::hours(10);
            Group { id: chance.id(created_at), key, created_at, settings: settings::of(key) }
        })
        .collect()
}

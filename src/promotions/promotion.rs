//! The promotion (SPEC 8): what it gives, to whom and when, as the engine decides on it.

use super::campaigns::Campaign;
use super::window::{Phase, Window};
use crate::groups::group::Status;
use crate::money::{Currency, format_count, format_percent};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use uuid::Uuid;

/// A promotion with everything that decides whether and how it applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// Id.
    pub id: Uuid,
    /// Unique; ties of the priority go by it.
    pub code: String,
    /// Name.
    pub name: String,
    /// An inactive promotion is off.
    pub status: Status,
    /// The days on which it holds.
    pub window: Window,
    /// What it gives.
    pub offer: Offer,
    /// What the subtotal must reach, minor units of the store's currency.
    pub minimum_purchase: Option<i64>,
    /// Whether it may come on top of the group price.
    pub stacks: bool,
    /// Whether it may come together with other promotions.
    pub combinable: bool,
    /// Lower comes first.
    pub priority: i32,
    /// For whom.
    pub targets: Targets,
    /// The campaigns that it is in.
    pub campaigns: Vec<Campaign>,
}

impl Promotion {
    /// What its status and window make of it on a store day.
    pub fn phase(&self, day: NaiveDate) -> Phase {
        Phase::of(self.status, self.window, day)
    }
}

/// What a promotion gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// An additional discount of so many percent, two places, above 0 and at most 100.
    Percent(Decimal),
    /// An additional discount of an amount per order, minor units of the store's currency.
    Amount(i64),
    /// The shipping fee goes.
    FreeShipping,
    /// A product besides.
    FreeItem(FreeItem),
    /// Of each X + Y units of a line, Y are free.
    BuyGet {
        /// X.
        buy: i32,
        /// Y.
        get: i32,
    },
}

/// A product that comes for free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeItem {
    /// The product.
    pub product: Uuid,
    /// Its SKU.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// How many.
    pub quantity: i32,
    /// Whether it is still sold.
    pub active: bool,
}

impl Offer {
    /// In words: `10% off`, `Buy 2, get 1 free`.
    pub fn words(&self, currency: Currency) -> String {
        match self {
            Self::Percent(percent) => format!("{} off", format_percent(*percent)),
            Self::Amount(amount) => format!("{} off the order", currency.format(*amount)),
            Self::FreeShipping => "Free shipping".into(),
            Self::FreeItem(item) => format!("{} × {} free", format_count(item.quantity.into()), item.name),
            Self::BuyGet { buy, get } => {
                format!("Buy {}, get {} free", format_count((*buy).into()), format_count((*get).into()))
            }
        }
    }

    /// Whether it is worth an amount of money, which is in the store's currency.
    pub fn is_amount(&self) -> bool {
        matches!(self, Self::Amount(_))
    }
}

/// For whom a promotion is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// No "in" target was ever chosen: everyone is reached.
    pub everyone: bool,
    /// Groups whose customers are reached.
    pub groups_in: Vec<Uuid>,
    /// Groups whose customers are not, whatever else they are in.
    pub groups_not_in: Vec<Uuid>,
}

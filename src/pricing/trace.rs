//! Why a price is what it is: every candidate with its verdict, as data and as sentences (SPEC 7).

use crate::clock::long_day;
use crate::inheritance::level::Level;
use crate::inheritance::own::AssignedList;
use crate::money::{Currency, format_percent};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// What was decided about a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its price is the customer's.
    Won,
    /// Another candidate is lower.
    HigherPrice,
    /// Another candidate with the same price is nearer to the customer.
    SamePrice,
    /// It doesn't lower the base price, which stands.
    NotLower,
    /// The list is inactive.
    ListInactive,
    /// The list's window begins on this store day.
    NotYetValid(NaiveDate),
    /// The list's window ended with this store day.
    Expired(NaiveDate),
    /// The list is in this currency.
    OtherCurrency(Currency),
    /// The list doesn't have the product.
    NoEntry,
    /// The list has the product from this many units on.
    QuantityBelow(i32),
    /// A list of the same level that comes before decides this level.
    EarlierList,
    /// The base price doesn't compete with prices of lists.
    Overridden,
    /// A list of the same level has the product, so that the level's adjustment doesn't matter.
    ListDecides,
    /// The adjustment is for other products.
    OutOfScope,
    /// Adjustments are of base prices, and there is none in this currency.
    NoBasePrice(Currency),
    /// The group is inactive.
    GroupInactive,
    /// The customer's organization has a group, which alone counts.
    OrganizationDecides,
    /// No candidate at all, and no base price, in this currency.
    NoPrice(Currency),
}

impl Verdict {
    /// As the JSON API says it: `won`, `higher price`, `quantity below 10`.
    pub fn name(self) -> String {
        match self {
            Self::Won => "won".into(),
            Self::HigherPrice => "higher price".into(),
            Self::SamePrice => "same price, further away".into(),
            Self::NotLower => "not lower than the base price".into(),
            Self::ListInactive => "list inactive".into(),
            Self::NotYetValid(_) => "not yet valid".into(),
            Self::Expired(_) => "expired".into(),
            Self::OtherCurrency(_) => "other currency".into(),
            Self::NoEntry => "no entry".into(),
            Self::QuantityBelow(quantity) => format!("quantity below {quantity}"),
            Self::EarlierList => "an earlier list decides".into(),
            Self::Overridden => "overridden".into(),
            Self::ListDecides => "a price list decides".into(),
            Self::OutOfScope => "out of scope".into(),
            Self::NoBasePrice(currency) => format!("no base price in {}", currency.code()),
            Self::GroupInactive => "group inactive".into(),
            Self::OrganizationDecides => "organization's group decides".into(),
            Self::NoPrice(currency) => format!("no price in {}", currency.code()),
        }
    }

    /// The end of a sentence about the candidate.
    fn words(self) -> String {
        match self {
            Self::Won => "this is the price".into(),
            Self::HigherPrice => "another price is lower".into(),
            Self::SamePrice => "the same price comes from a group nearer to the customer".into(),
            Self::NotLower => "that doesn't lower the base price".into(),
            Self::ListInactive => "the list is inactive".into(),
            Self::NotYetValid(from) => format!("the list is valid from {} only", long_day(from)),
            Self::Expired(to) => format!("the list expired after {}", long_day(to)),
            Self::OtherCurrency(currency) => format!("the list is in {}", currency.code()),
            Self::NoEntry => "the list doesn't have this product".into(),
            Self::QuantityBelow(quantity) => format!("the list has this product from {quantity} units on"),
            Self::EarlierList => "a list with an earlier place decides for this group".into(),
            Self::Overridden => "a price list replaces it".into(),
            Self::ListDecides => "a price list of this group has the product".into(),
            Self::OutOfScope => "it is for other products".into(),
            Self::NoBasePrice(currency) => format!("there is no base price in {} to take it from", currency.code()),
            Self::GroupInactive => "the group is inactive".into(),
            Self::OrganizationDecides => "the group of the customer's organization decides alone".into(),
            Self::NoPrice(currency) => format!("there is no price in {}", currency.code()),
        }
    }
}

/// What kind of price a candidate offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer<'a> {
    /// The product's own price.
    Base,
    /// An entry of a price list, from so many units on (0 where none was found).
    List {
        /// The list.
        list: &'a AssignedList,
        /// The entry's minimum quantity.
        min_quantity: i32,
    },
    /// A percentage off the base price.
    Percentage {
        /// What the level itself says.
        own: Decimal,
        /// With what it adds to.
        total: Decimal,
    },
    /// An amount off the base price, minor units.
    Fixed {
        /// How much.
        amount: i64,
    },
    /// Nothing: the group doesn't count.
    Nothing,
}

impl Offer<'_> {
    /// As the JSON API says it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::List { .. } => "price_list",
            Self::Percentage { .. } => "percentage",
            Self::Fixed { .. } => "fixed",
            Self::Nothing => "group",
        }
    }
}

/// A candidate, or something that could have been one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// The group that counts for the customer; `None` for the base price.
    pub group: Option<&'a Level>,
    /// The group of its chain that offers this: itself, or one that it inherits from.
    pub level: Option<&'a Level>,
    /// What is offered.
    pub offer: Offer<'a>,
    /// For each unit, minor units of the currency asked for; `None` where it comes to no price.
    pub price: Option<i64>,
    /// What was decided.
    pub verdict: Verdict,
}

impl Step<'_> {
    /// What is offered in a few words: `15% off`, `Price list VIP Pricing`.
    pub fn title(&self, currency: Currency) -> String {
        match self.offer {
            Offer::Base | Offer::Nothing => "Base price".into(),
            Offer::List { list, .. } => format!("Price list {}", list.name),
            Offer::Percentage { total, .. } => format!("{} off", format_percent(total)),
            Offer::Fixed { amount } => format!("{} off", currency.format(amount)),
        }
    }

    /// The candidate as a sentence: `VIP Platinum: additional 5% (total 20%) makes $80.00. This is the price.`
    pub fn sentence(&self, currency: Currency) -> String {
        let offer = match self.offer {
            Offer::Base => "the base price".into(),
            Offer::List { list, min_quantity: 0 | 1 } => format!("price list {}", list.name),
            Offer::List { list, min_quantity } => format!("price list {} from {min_quantity} units on", list.name),
            Offer::Percentage { own, total } if own == total => format!("{} off the base price", format_percent(own)),
            Offer::Percentage { own, total } => {
                format!("additional {} (total {}) off the base price", format_percent(own), format_percent(total))
            }
            Offer::Fixed { amount } => format!("{} off the base price", currency.format(amount)),
            Offer::Nothing => return format!("{}: {}.", self.who(), self.verdict.words()),
        };
        let price = self.price.map(|price| format!(" makes {}", currency.format(price))).unwrap_or_default();
        let end = self.verdict.words();
        match self.offer {
            Offer::Base => match self.price {
                Some(price) => format!("The base price is {}: {end}.", currency.format(price)),
                None => format!("The base price: {end}."),
            },
            _ => format!("{}: {offer}{price}; {end}.", self.who()),
        }
    }

    /// The group, and from whom it has this.
    fn who(&self) -> String {
        match (self.group, self.level) {
            (Some(group), Some(level)) if group.id != level.id => {
                format!("{}, inherited from {}", group.name, level.name)
            }
            (Some(group), _) => group.name.clone(),
            (None, _) => String::new(),
        }
    }
}

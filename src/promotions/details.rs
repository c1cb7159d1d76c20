//! A promotion's fields as people type them, and checked.

use super::window::Window;
use crate::error::FieldError;
use crate::groups::group::Status;
use crate::money::Currency;
use crate::pricing::priority;
use crate::products::line;
use crate::segments::segment::{KnownGroups, read_groups};
use rust_decimal::Decimal;
use std::collections::HashMap;
use uuid::Uuid;

/// The most units of anything.
const MOST_UNITS: i32 = 1_000_000;

/// The kinds of promotions by their stored names.
pub const KINDS: [&str; 5] = ["percent", "amount", "free_shipping", "free_item", "bogo"];

/// A promotion's fields, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// 1–64 of `A–Z a–z 0–9 _ -`, unique; compares exactly.
    pub code: String,
    /// 1–120 characters.
    pub name: String,
    /// An inactive promotion is off.
    pub status: Status,
    /// What it gives.
    pub value: Given,
    /// What the subtotal must reach, minor units of the store's currency.
    pub minimum_purchase: Option<i64>,
    /// The days on which it holds.
    pub window: Window,
    /// Whether it may come on top of the group price.
    pub stacks: bool,
    /// Whether it may come together with other promotions.
    pub combinable: bool,
    /// Lower comes first.
    pub priority: i32,
    /// Groups whose customers are reached, sorted.
    pub groups_in: Vec<Uuid>,
    /// Groups whose customers are not, sorted.
    pub groups_not_in: Vec<Uuid>,
}

/// What a promotion gives, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// Percent off, two places.
    Percent(Decimal),
    /// An amount off the order, minor units.
    Amount(i64),
    /// No shipping fee.
    FreeShipping,
    /// So many of a product.
    FreeItem(Uuid, i32),
    /// Of each X + Y units, Y free.
    BuyGet(i32, i32),
}

impl Given {
    /// The stored name of its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Percent(_) => "percent",
            Self::Amount(_) => "amount",
            Self::FreeShipping => "free_shipping",
            Self::FreeItem(..) => "free_item",
            Self::BuyGet(..) => "bogo",
        }
    }
}

/// A promotion's fields as typed or sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
    /// `active` or `inactive`.
    pub status: String,
    /// One of [`KINDS`].
    pub kind: String,
    /// The percentage, or the amount in major units.
    pub discount: String,
    /// The free product, by SKU or id.
    pub free_item: String,
    /// How many of it.
    pub free_quantity: String,
    /// X.
    pub buy_quantity: String,
    /// Y.
    pub get_quantity: String,
    /// Major units; empty for none.
    pub minimum_purchase: String,
    /// First day.
    pub valid_from: String,
    /// Last day.
    pub valid_to: String,
    /// Whether it stacks on group prices.
    pub stacks: bool,
    /// Whether it combines with other promotions.
    pub combinable: bool,
    /// From 1 on.
    pub priority: String,
    /// Groups by id, code or name.
    pub groups_in: Vec<String>,
    /// Groups by id, code or name.
    pub groups_not_in: Vec<String>,
}

/// What the texts mean that name something.
#[derive(Clone, Debug)]
pub struct Known {
    /// The store's.
    pub currency: Currency,
    /// Groups.
    pub groups: KnownGroups,
    /// Products.
    pub products: HashMap<String, Uuid>,
}

impl Typed {
    /// Checks every field; all that is wrong is told at once.
    pub fn checked(&self, known: &Known) -> Result<Details, Vec<FieldError>> {
        let mut errors = Vec::new();
        let code = code(&self.code, &mut errors);
        let name = line::name("name", &self.name, 120).unwrap_or_else(|error| {
            errors.push(error);
            String::new()
        });
        let status = Status::from_name(&self.status);
        if status.is_none() {
            errors.push(FieldError::new("status", "Choose active or inactive."));
        }
        let value = self.value(known, &mut errors);
        let minimum_purchase = minimum(&self.minimum_purchase, known.currency, &mut errors);
        let window = Window::read(&self.valid_from, &self.valid_to, &mut errors);
        let priority = priority::parse(&self.priority).unwrap_or_else(|message| {
            errors.push(FieldError::new("priority", message));
            1
        });
        let (groups_in, groups_not_in) = read_groups(&self.groups_in, &self.groups_not_in, &known.groups, &mut errors);
        match (status, value) {
            (Some(status), Some(value)) if errors.is_empty() => Ok(Details {
                code,
                name,
                status,
                value,
                minimum_purchase,
                window,
                stacks: self.stacks,
                combinable: self.combinable,
                priority,
                groups_in,
                groups_not_in,
            }),
            _ => Err(errors),
        }
    }

    fn value(&self, known: &Known, errors: &mut Vec<FieldError>) -> Option<Given> {
        let mut wrong = |field: &str, message: String| {
            errors.push(FieldError::new(field, message));
            None
        };
        let discount = self.discount.trim();
        match self.kind.as_str() {
            "percent" => match percent(discount) {
                Ok(percent) => Some(Given::Percent(percent)),
                Err(message) => wrong("discount", message),
            },
            "amount" => match known.currency.parse(discount) {
                Ok(..1) => wrong("discount", "The amount must be more than 0.".into()),
                Ok(amount) => Some(Given::Amount(amount)),
                Err(error) => wrong("discount", format!("The amount {error}.")),
            },
            "free_shipping" => Some(Given::FreeShipping),
            "free_item" => {
                let quantity = units("free_quantity", &self.free_quantity, errors);
                match known.products.get(self.free_item.trim()) {
                    Some(product) => Some(Given::FreeItem(*product, quantity?)),
                    None => {
                        let message = "Choose the product that comes for free, by its SKU.";
                        errors.push(FieldError::new("free_item", message));
                        None
                    }
                }
            }
            "bogo" => {
                let buy = units("buy_quantity", &self.buy_quantity, errors);
                let get = units("get_quantity", &self.get_quantity, errors);
                Some(Given::BuyGet(buy?, get?))
            }
            _ => wrong("type", "Choose one of the kinds of promotions.".into()),
        }
    }
}

/// A code as promotions and campaigns have it.
pub fn code(text: &str, errors: &mut Vec<FieldError>) -> String {
    let code = text.trim().to_owned();
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if code.is_empty() {
        errors.push(FieldError::new("code", "Enter a code."));
    } else if code.len() > 64 || !code.bytes().all(good) {
        errors.push(FieldError::new("code", "Use 1 to 64 of the characters A–Z, a–z, 0–9, _ and -."));
    }
    code
}

fn percent(text: &str) -> Result<Decimal, String> {
    let plain = !text.is_empty() && text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let number: Option<Decimal> = if plain { text.parse().ok() } else { None };
    let Some(percent) = number else {
        return Err("The discount is not a percentage: write it like 10 or 2.5.".into());
    };
    if percent.normalize().scale() > 2 {
        return Err("A percentage has at most two decimals.".into());
    }
    if percent.is_zero() {
        return Err("The discount must be more than 0%.".into());
    }
    if percent > Decimal::ONE_HUNDRED {
        return Err("The discount is at most 100%.".into());
    }
    let mut percent = percent;
    percent.rescale(2);
    Ok(percent)
}

fn minimum(text: &str, currency: Currency, errors: &mut Vec<FieldError>) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    match currency.parse(text) {
        Ok(..0) => {
            errors.push(FieldError::new("minimum_purchase", "The minimum purchase can't be negative."));
            None
        }
        Ok(minimum) => Some(minimum),
        Err(error) => {
            errors.push(FieldError::new("minimum_purchase", format!("The minimum purchase {error}.")));
            None
        }
    }
}

fn units(field: &str, text: &str, errors: &mut Vec<FieldError>) -> Option<i32> {
    let units = text.trim().parse().ok().filter(|units| (1..=MOST_UNITS).contains(units));
    if units.is_none() {
        errors.push(FieldError::new(field, "Enter a whole number from 1 to 1,000,000."));
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let id = Uuid::from_u128;
        Known {
            currency: Currency::USD,
            groups: KnownGroups::from([
                ("VIP".into(), (id(1), "VIP Customers".into())),
                ("GOLD".into(), (id(2), "Gold Tier".into())),
            ]),
            products: HashMap::from([("MUG".into(), id(3))]),
        }
    }

    /// The seed's form.
    fn typed() -> Typed {
        Typed {
            code: "VIP-SPRING".into(),
            name: "VIP Spring Sale".into(),
            status: "active".into(),
            kind: "percent".into(),
            discount: "10".into(),
            minimum_purchase: "500".into(),
            valid_from: "2026-03-01".into(),
            valid_to: "2026-03-31".into(),
            stacks: true,
            priority: "1".into(),
            groups_in: vec!["VIP".into(), "GOLD".into()],
            ..Typed::default()
        }
    }

    #[test]
    fn the_seeds_form_is_read() {
        let details = typed().checked(&known()).unwrap();
        assert_eq!(details.value, Given::Percent("10.00".parse().unwrap()));
        assert_eq!((details.minimum_purchase, details.stacks, details.groups_in.len()), (Some(50_000), true, 2));
        let of = |kind: &str, change: fn(&mut Typed)| {
            let mut typed = Typed { kind: kind.into(), ..typed() };
            change(&mut typed);
            let value = typed.checked(&known()).unwrap().value;
            assert_eq!(value.kind(), kind);
            value
        };
        assert_eq!(of("amount", |t| t.discount = "25.50".into()), Given::Amount(2_550));
        assert_eq!(of("free_shipping", |t| t.discount = "".into()), Given::FreeShipping);
        let free = |t: &mut Typed| (t.free_item, t.free_quantity) = (" MUG ".into(), "2".into());
        assert_eq!(of("free_item", free), Given::FreeItem(Uuid::from_u128(3), 2));
        let bogo = |t: &mut Typed| (t.buy_quantity, t.get_quantity) = ("2".into(), "1".into());
        assert_eq!(of("bogo", bogo), Given::BuyGet(2, 1));
    }

    #[test]
    fn every_wrong_field_is_named() {
        for (change, fields) in [
            ((|t: &mut Typed| t.code = "".into()) as fn(&mut Typed), &["code"][..]),
            (|t| t.code = "a b".into(), &["code"]),
            (|t| t.name = " ".into(), &["name"]),
            (|t| t.status = "gone".into(), &["status"]),
            (|t| t.kind = "".into(), &["type"]),
            (|t| t.discount = "".into(), &["discount"]),
            (|t| t.discount = "0".into(), &["discount"]),
            (|t| t.discount = "100.01".into(), &["discount"]),
            (|t| t.discount = "-5".into(), &["discount"]),
            (|t| t.discount = "1.005".into(), &["discount"]),
            (|t| t.discount = "1e1".into(), &["discount"]),
            (|t| (t.kind, t.discount) = ("amount".into(), "0".into()), &["discount"]),
            (|t| (t.kind, t.discount) = ("amount".into(), "5.005".into()), &["discount"]),
            (|t| t.kind = "free_item".into(), &["free_quantity", "free_item"]),
            (|t| t.kind = "bogo".into(), &["buy_quantity", "get_quantity"]),
            (|t| (t.kind, t.buy_quantity, t.get_quantity) = ("bogo".into(), "0".into(), "1".into()), &["buy_quantity"]),
            (|t| t.minimum_purchase = "-1".into(), &["minimum_purchase"]),
            (|t| t.minimum_purchase = "much".into(), &["minimum_purchase"]),
            (|t| t.valid_to = "2026-02-28".into(), &["valid_to"]),
            (|t| t.priority = "0".into(), &["priority"]),
            (|t| t.groups_in = vec!["NONE".into()], &["groups_in"]),
            (|t| t.groups_not_in = vec!["VIP".into()], &["groups_not_in"]),
        ] {
            let mut typed = typed();
            change(&mut typed);
            let errors = typed.checked(&known()).unwrap_err();
            assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), fields, "{typed:?}");
        }
    }
}

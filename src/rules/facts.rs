//! What is known of one customer, as far as rules ask for it.

use super::condition::Level;
use super::field::Field;
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::str::FromStr;
use uuid::Uuid;

/// A customer with everything that a rule may ask about.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Id.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Active, inactive or blocked.
    pub status: String,
    /// ISO 3166 alpha-2.
    pub country: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// The organization's code.
    pub organization: Option<String>,
    /// The whole address.
    pub email: Option<String>,
    /// A store day.
    pub customer_since: Option<NaiveDate>,
    /// Payment history.
    pub payment_history: Option<Level>,
    /// Tags.
    pub tags: Vec<String>,
    /// The metadata object.
    pub metadata: Map<String, Value>,
    /// Lifetime net of completed orders in the store's currency, minor units.
    pub net: i64,
    /// Completed orders; credit notes are none.
    pub orders: i64,
    /// The store day of the last completed order.
    pub last_order_on: Option<NaiveDate>,
    /// Net (minor units) and orders over the last so many store days.
    pub windows: HashMap<u32, (i64, i64)>,
    /// The live groups that the customer is in by hand.
    pub groups: Vec<Uuid>,
    /// The store day on which all this holds.
    pub today: NaiveDate,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Actual {
    /// There is none.
    Missing,
    /// Minor units.
    Money(i64),
    /// An average in minor units that is not rounded; at least one order.
    Average {
        /// Minor units.
        net: i64,
        /// How many.
        orders: i64,
    },
    /// A count, months or days.
    Integer(i64),
    /// Payment history.
    Level(Level),
    /// Text.
    Text(String),
    /// A metadata value as text and, where it is one, as a number.
    Scalar {
        /// As text.
        text: String,
        /// As a number.
        number: Option<Decimal>,
    },
    /// Tags, maybe none.
    Tags(Vec<String>),
    /// Groups, maybe none.
    Groups(Vec<Uuid>),
}

impl Actual {
    /// A set with nothing in it, which is not a missing value.
    pub fn is_empty_set(&self) -> bool {
        matches!(self, Self::Tags(tags) if tags.is_empty()) || matches!(self, Self::Groups(groups) if groups.is_empty())
    }

    /// An average rounded half away from zero, minor units.
    pub fn average(&self) -> Option<i64> {
        let Self::Average { net, orders } = self else { return None };
        let exact = Decimal::from(*net) / Decimal::from(*orders);
        i64::try_from(exact.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero)).ok()
    }
}

impl Facts {
    /// The value of a field.
    pub fn actual(&self, field: &Field) -> Actual {
        match field {
            Field::TotalPurchases => Actual::Money(self.net),
            Field::PurchasesLastDays(days) => Actual::Money(self.window(*days).0),
            Field::OrderCount => Actual::Integer(self.orders),
            Field::OrdersLastDays(days) => Actual::Integer(self.window(*days).1),
            Field::AverageOrderValue if self.orders > 0 => Actual::Average { net: self.net, orders: self.orders },
            Field::AverageOrderValue => Actual::Missing,
            Field::AccountAgeMonths => {
                self.customer_since.map_or(Actual::Missing, |since| Actual::Integer(whole_months(since, self.today)))
            }
            Field::DaysSinceLastOrder => {
                self.last_order_on.map_or(Actual::Missing, |day| Actual::Integer((self.today - day).num_days()))
            }
            Field::PaymentHistory => self.payment_history.map_or(Actual::Missing, Actual::Level),
            Field::Status => Actual::Text(self.status.clone()),
            Field::Country => text(self.country.as_deref()),
            Field::Region => text(self.region.as_deref()),
            Field::Organization => text(self.organization.as_deref()),
            Field::EmailDomain => text(self.email.as_deref().and_then(domain).as_deref()),
            Field::Tag => Actual::Tags(self.tags.clone()),
            Field::Metadata(key) => self.metadata.get(key).map_or(Actual::Missing, scalar),
            Field::InGroup => Actual::Groups(self.groups.clone()),
        }
    }

    fn window(&self, days: u32) -> (i64, i64) {
        self.windows.get(&days).copied().unwrap_or_default()
    }
}

fn text(value: Option<&str>) -> Actual {
    match value {
        Some(value) if !value.is_empty() => Actual::Text(value.to_owned()),
        _ => Actual::Missing,
    }
}

/// What stands behind the last `@`, in small letters.
fn domain(email: &str) -> Option<String> {
    let (_, domain) = email.rsplit_once('@')?;
    Some(domain.to_ascii_lowercase())
}

/// Lists and objects are no value that a condition could compare with.
fn scalar(value: &Value) -> Actual {
    let text = match value {
        Value::Null | Value::Array(_) | Value::Object(_) => return Actual::Missing,
        Value::String(text) if text.is_empty() => return Actual::Missing,
        Value::String(text) => text.clone(),
        Value::Bool(yes) => yes.to_string(),
        Value::Number(number) => number.to_string(),
    };
    Actual::Scalar { number: plain_number(&text), text }
}

/// A plain decimal number of at most 15 digits before and 12 behind the point; anything else is text.
pub fn plain_number(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let good = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !good(whole, 15) || !fraction.is_none_or(|fraction| good(fraction, 12)) {
        return None;
    }
    Decimal::from_str(text).ok()
}

/// Whole months from a day to another, counted as calendars do: a month is over on the same day of the next one.
/// Negative where the day is still to come.
pub fn whole_months(since: NaiveDate, today: NaiveDate) -> i64 {
    let months = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month());
    months(today) - months(since) - i64::from(today.day() < since.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_whole_ones() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (since, today, months) in [
            ("2025-03-10", "2026-03-10", 12),
            ("2025-03-11", "2026-03-10", 11),
            ("2026-01-31", "2026-02-28", 0),
            ("2026-01-31", "2026-03-01", 1),
            ("2024-02-29", "2025-02-28", 11),
            ("2024-02-29", "2025-03-01", 12),
            ("2026-03-10", "2026-03-10", 0),
            ("2026-03-11", "2026-03-10", -1),
            ("2026-05-10", "2026-03-10", -2),
        ] {
            assert_eq!(whole_months(day(since), day(today)), months, "{since} {today}");
        }
    }

    #[test]
    fn plain_numbers_are_plain() {
        for (text, is_number) in [
            ("5", true),
            ("-5.50", true),
            ("007", true),
            ("123456789012345.123456789012", true),
            ("1234567890123456", false),
            ("1.", false),
            (".5", false),
            ("1e3", false),
            ("+5", false),
            ("-", false),
            ("", false),
            ("5 ", false),
        ] {
            assert_eq!(plain_number(text).is_some(), is_number, "{text:?}");
        }
    }

    #[test]
    fn domains_are_small_letters_behind_the_last_at() {
        for (email, domain_is) in
            [("Ann@Shop.Test", Some("shop.test")), ("\"a@b\"@c.test", Some("c.test")), ("none", None), ("a@", Some(""))]
        {
            assert_eq!(domain(email).as_deref(), domain_is, "{email}");
        }
    }
}

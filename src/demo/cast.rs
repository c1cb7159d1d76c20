//! The customers that the drawn screens name, and what they are like. What they bought is made of orders like
//! everybody's: the spend here is what their orders aim at, never what a page shows.

use super::calendar::Calendar;
use super::groups::Key;
use super::places::Place;
use super::roster::Seat;
use chrono::{NaiveDate, TimeDelta};

/// A day: fixed, or so many days before today.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// Year, month, day.
    On(i32, u32, u32),
    /// Days before today.
    DaysAgo(i64),
}

impl When {
    /// The day itself.
    pub fn day(self, calendar: &Calendar) -> NaiveDate {
        match self {
            Self::On(year, month, day) => NaiveDate::from_ymd_opt(year, month, day).unwrap_or(calendar.first),
            Self::DaysAgo(days) => calendar.today - TimeDelta::days(days),
        }
    }
}

/// A named customer.
#[derive(Debug)]
pub struct Character {
    /// The name.
    pub name: &'static str,
    /// The address.
    pub email: &'static str,
    /// Where it is.
    pub place: Place,
    /// The group it is at home in.
    pub home: Key,
    /// How it sits in VIP Customers, and since when.
    pub seat: Option<(Seat, When)>,
    /// Customer since.
    pub since: When,
    /// Payment history, where it is known.
    pub payment_history: Option<&'static str>,
    /// Cents that its orders aim at over the three years.
    pub spend: i64,
    /// How many orders.
    pub orders: i64,
    /// The day of the last order at the latest.
    pub until: When,
}

const fn us(region: &'static str, city: &'static str) -> Place {
    Place { country: "US", region, city }
}

/// All named customers.
pub const CAST: [Character; 9] = [
    Character {
        name: "Acme Corporation",
        email: "purchasing@acme-corporation.example",
        place: us("California", "Oakland"),
        home: Key::Vip,
        seat: Some((Seat::RuleAndHand, When::On(2024, 1, 15))),
        since: When::On(2021, 3, 8),
        payment_history: Some("excellent"),
        spend: 25_050_000,
        orders: 96,
        until: When::DaysAgo(0),
    },
    Character {
        name: "TechStart Inc",
        email: "office@techstart-inc.example",
        place: us("Texas", "Austin"),
        home: Key::Vip,
        seat: Some((Seat::Rule, When::On(2024, 3, 12))),
        since: When::On(2021, 11, 15),
        payment_history: Some("excellent"),
        spend: 19_350_000,
        orders: 78,
        until: When::DaysAgo(0),
    },
    Character {
        name: "Global Supplies",
        email: "orders@global-supplies.example",
        place: us("New York", "Buffalo"),
        home: Key::Vip,
        seat: Some((Seat::Hand, When::On(2024, 6, 3))),
        since: When::On(2022, 2, 21),
        payment_history: Some("good"),
        spend: 16_400_000,
        orders: 70,
        until: When::DaysAgo(0),
    },
    Character {
        name: "Enterprise Ltd",
        email: "procurement@enterprise-ltd.example",
        place: Place { country: "GB", region: "England", city: "Leeds" },
        home: Key::Vip,
        seat: Some((Seat::Rule, When::On(2024, 8, 20))),
        since: When::On(2022, 5, 9),
        payment_history: Some("excellent"),
        spend: 13_800_000,
        orders: 57,
        until: When::DaysAgo(0),
    },
    Character {
        name: "Old Customer Inc",
        email: "office@old-customer-inc.example",
        place: us("Ohio", "Dayton"),
        home: Key::Vip,
        seat: Some((Seat::Hand, When::On(2024, 2, 5))),
        since: When::On(2020, 6, 15),
        payment_history: Some("good"),
        spend: 3_150_000,
        orders: 16,
        until: When::DaysAgo(440),
    },
    Character {
        name: "DataFlow Corp",
        email: "accounts@dataflow-corp.example",
        place: us("Washington", "Bellevue"),
        home: Key::Gold,
        seat: None,
        since: When::On(2022, 9, 19),
        payment_history: Some("good"),
        spend: 9_250_000,
        orders: 52,
        until: When::DaysAgo(0),
    },
    Character {
        name: "InnoSystems",
        email: "purchasing@innosystems.example",
        place: us("Massachusetts", "Lowell"),
        home: Key::Silver,
        seat: None,
        since: When::DaysAgo(306),
        payment_history: Some("excellent"),
        spend: 8_050_000,
        orders: 41,
        until: When::DaysAgo(0),
    },
    Character {
        name: "SmartTech LLC",
        email: "hello@smarttech-llc.example",
        place: us("Colorado", "Denver"),
        home: Key::Retail,
        seat: None,
        since: When::DaysAgo(640),
        payment_history: Some("excellent"),
        spend: 4_780_000,
        orders: 44,
        until: When::DaysAgo(0),
    },
    Character {
        name: "BuildRight Inc",
        email: "site.office@buildright-inc.example",
        place: us("Arizona", "Mesa"),
        home: Key::New,
        seat: None,
        since: When::DaysAgo(131),
        payment_history: None,
        spend: 3_500_000,
        orders: 19,
        until: When::DaysAgo(0),
    },
];

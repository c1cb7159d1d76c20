//! How customers buy, by the group they are at home in: how often, how much at once, and how long they stay.

use super::calendar::Trade;
use super::groups::Key;
use super::names::NameKind;

/// The buying habits of a kind of customer. Each customer's own are drawn around these.
#[derive(Clone, Copy, Debug)]
pub struct Habit {
    /// Weight of orders per year against the others'.
    pub per_year: i64,
    /// Cents of a usual order.
    pub order: i64,
    /// Of a thousand customers, how many stop buying every month.
    pub leave: i64,
    /// Consumer or business.
    pub trade: Trade,
    /// What their names are.
    pub names: NameKind,
    /// Days since they became customers: quantiles.
    pub ages: &'static [i64],
    /// Of a hundred, how many belong to an organization.
    pub organized: i64,
    /// How they came: the metadata's `channel`.
    pub channel: &'static str,
}

/// Ages of accounts of companies that have been with the shop for long.
const SETTLED: &[i64] = &[430, 720, 980, 1_250, 1_520, 1_800, 2_150];
/// Ages of accounts that came in steadily.
const STEADY: &[i64] = &[210, 380, 560, 760, 1_000, 1_300, 1_700, 2_150];
/// Ages of accounts of a web shop that grows.
const GROWING: &[i64] = &[200, 290, 390, 500, 630, 780, 960, 1_180, 1_500, 2_100];
/// Ages of accounts of less than five and a half months.
const YOUNG: &[i64] = &[4, 30, 62, 98, 132, 164];

/// The habits of customers at home in a group; `None` are those in no group.
pub fn of(home: Option<Key>, young: bool) -> Habit {
    let business = Habit {
        per_year: 10,
        order: 60_000,
        leave: 18,
        trade: Trade::Business,
        names: NameKind::Company,
        ages: STEADY,
        organized: 0,
        channel: "sales team",
    };
    let habit = match home {
        Some(Key::Vip | Key::VipPlatinum) => {
            Habit { per_year: 16, order: 210_000, leave: 2, ages: SETTLED, ..business }
        }
        Some(Key::Gold) => Habit { per_year: 13, order: 112_000, leave: 10, ages: SETTLED, organized: 14, ..business },
        Some(Key::Silver | Key::Tiered) => Habit { per_year: 10, order: 70_000, leave: 27, organized: 14, ..business },
        Some(Key::Bronze) => Habit { per_year: 8, order: 40_000, leave: 38, channel: "web shop", ..business },
        Some(Key::Wholesale) => {
            Habit { per_year: 15, order: 52_000, leave: 16, names: NameKind::Dealer, organized: 44, ..business }
        }
        Some(Key::Distributor) => Habit {
            per_year: 20,
            order: 150_000,
            leave: 3,
            names: NameKind::Dealer,
            ages: SETTLED,
            organized: 30,
            ..business
        },
        Some(Key::Reseller) => {
            Habit { per_year: 14, order: 62_000, leave: 18, names: NameKind::Dealer, organized: 20, ..business }
        }
        Some(Key::Retail | Key::Returning | Key::New) => Habit {
            per_year: 12,
            order: 15_000,
            leave: 92,
            trade: Trade::Consumer,
            names: NameKind::Person,
            ages: GROWING,
            channel: "web shop",
            ..business
        },
        None => Habit { per_year: 3, order: 24_000, leave: 60, organized: 40, channel: "legacy import", ..business },
    };
    if young { Habit { ages: YOUNG, leave: 0, organized: 0, ..habit } } else { habit }
}

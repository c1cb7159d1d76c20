//! When things happened: customers came over six years, orders over three, with seasons and weekdays.

use super::shares::shares;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

/// Days with orders.
pub const ORDER_DAYS: usize = 1_096;
/// Days over which customers came.
const CUSTOMER_DAYS: usize = 2_192;

/// How much each month buys, January first: gifts before the holidays, little in summer.
const SEASONS: [f64; 12] = [0.8, 0.8, 0.95, 1.0, 1.05, 0.95, 0.8, 0.75, 1.05, 1.15, 1.6, 1.7];

/// The days that a shop has lived through.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    until: NaiveDate,
    customers: usize,
}

impl Calendar {
    /// The calendar of a shop with so many customers, whose last day is `until`.
    pub fn new(until: NaiveDate, customers: usize) -> Self {
        Self { until, customers: customers.max(1) }
    }

    fn days_before(&self, days: usize) -> NaiveDate {
        self.until.checked_sub_days(Days::new(days as u64)).unwrap_or(self.until)
    }

    /// Before the first customer: when groups, products and lists were made.
    pub fn opening(&self) -> DateTime<Utc> {
        self.days_before(CUSTOMER_DAYS).and_time(NaiveTime::MIN).and_utc()
    }

    /// The end of the last day, the latest moment of anything.
    pub fn close(&self) -> DateTime<Utc> {
        self.until.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(24)
    }

    /// When the `n`th customer came: one after the other, evenly.
    pub fn joined(&self, n: usize) -> DateTime<Utc> {
        let span = (CUSTOMER_DAYS as i64 - 1) * 86_400_000;
        let since = (i128::from(span) * n as i128 / self.customers as i128) as i64;
        self.opening() + TimeDelta::days(1) + TimeDelta::milliseconds(since)
    }

    /// How many customers there are on a day with orders (0: the first).
    pub fn customers_on(&self, day: usize) -> usize {
        let lived = CUSTOMER_DAYS - ORDER_DAYS + day;
        (self.customers * lived / CUSTOMER_DAYS).max(1)
    }

    /// The date of a day with orders (0: the first).
    pub fn order_day(&self, day: usize) -> NaiveDate {
        self.days_before(ORDER_DAYS - 1 - day)
    }

    /// How many of `orders` were placed on each day.
    pub fn orders_by_day(&self, orders: usize) -> Vec<usize> {
        let weights: Vec<f64> = (0..ORDER_DAYS).map(|day| weight(self.order_day(day), day)).collect();
        shares(orders, &weights, usize::MAX)
    }
}

/// How much a day buys: the shop doubles over the three years, and weekends are slow.
fn weight(date: NaiveDate, day: usize) -> f64 {
    let growth = 1.0 + day as f64 / ORDER_DAYS as f64;
    let weekday = match date.weekday() {
        Weekday::Sat => 0.6,
        Weekday::Sun => 0.5,
        Weekday::Mon => 1.2,
        _ => 1.0,
    };
    growth * weekday * SEASONS[date.month0() as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        Calendar::new(NaiveDate::from_ymd_opt(2026, 1, 31).unwrap(), 1_000)
    }

    #[test]
    fn orders_have_seasons_and_end_on_the_last_day() {
        let calendar = calendar();
        let by_day = calendar.orders_by_day(1_000_000);
        assert_eq!((by_day.len(), by_day.iter().sum::<usize>()), (ORDER_DAYS, 1_000_000));
        assert_eq!(calendar.order_day(ORDER_DAYS - 1), calendar.until);
        let of_month = |year, month| -> usize {
            (0..ORDER_DAYS)
                .filter(|day| (calendar.order_day(*day).year(), calendar.order_day(*day).month()) == (year, month))
                .map(|day| by_day[day])
                .sum()
        };
        assert!(of_month(2025, 12) > 2 * of_month(2025, 8) - of_month(2025, 8) / 4);
        assert!(of_month(2025, 12) > of_month(2024, 12));
    }

    #[test]
    fn customers_are_there_before_they_order() {
        let calendar = calendar();
        assert!(calendar.joined(999) < calendar.close());
        for day in [0, 1, 500, ORDER_DAYS - 1] {
            let last = calendar.customers_on(day) - 1;
            assert!(calendar.joined(last).date_naive() <= calendar.order_day(day), "day {day}");
        }
    }
}

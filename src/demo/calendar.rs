//! The days the demo shop has been selling, and how busy each was.

use super::chance::Chance;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc};

/// Who buys: companies in office hours and little in summer, consumers in the evening and before Christmas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trade {
    /// Companies.
    Business,
    /// Consumers.
    Consumer,
}

const BUSINESS_MONTHS: [u64; 12] = [92, 94, 107, 98, 99, 107, 90, 86, 108, 106, 111, 100];
const CONSUMER_MONTHS: [u64; 12] = [80, 82, 91, 93, 96, 92, 86, 101, 98, 99, 141, 146];
/// From Monday.
const BUSINESS_DAYS: [u64; 7] = [100, 109, 107, 103, 88, 9, 5];
const CONSUMER_DAYS: [u64; 7] = [96, 92, 91, 94, 98, 117, 122];
/// Hours of the day in UTC; most customers live five to eight hours behind it.
const BUSINESS_HOURS: [i64; 24] = [0, 0, 0, 0, 0, 0, 0, 2, 4, 5, 4, 4, 5, 9, 16, 20, 21, 18, 19, 18, 15, 10, 5, 0];
const CONSUMER_HOURS: [i64; 24] = [15, 16, 13, 8, 4, 2, 1, 1, 1, 2, 2, 2, 3, 5, 6, 7, 8, 9, 9, 9, 10, 11, 12, 14];

/// The three years of orders that end today, today included.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// The moment the shop is made.
    pub now: DateTime<Utc>,
    /// The store day of `now`.
    pub today: NaiveDate,
    /// The first day with orders.
    pub first: NaiveDate,
    business: Vec<u64>,
    consumer: Vec<u64>,
}

impl Calendar {
    /// The three years up to `now`. The store's zone is UTC.
    pub fn ending(now: DateTime<Utc>) -> Self {
        let today = now.date_naive();
        let first = today - Months::new(36) + Days::new(1);
        Self {
            now,
            today,
            first,
            business: cumulated(first, today, Trade::Business),
            consumer: cumulated(first, today, Trade::Consumer),
        }
    }

    /// The instant a day begins.
    pub fn midnight(day: NaiveDate) -> DateTime<Utc> {
        day.and_time(NaiveTime::MIN).and_utc()
    }

    /// So many days before today.
    pub fn days_ago(&self, days: i64) -> NaiveDate {
        self.today - TimeDelta::days(days)
    }

    /// Midnight after `day`, when rules run, but never in the future.
    pub fn next_run(&self, day: NaiveDate) -> DateTime<Utc> {
        Self::midnight((day + Days::new(1)).min(self.today))
    }

    /// A day between two days (both in, cut to the three years), busy days more often.
    pub fn day(&self, chance: &mut Chance, trade: Trade, from: NaiveDate, to: NaiveDate) -> NaiveDate {
        let sums = match trade {
            Trade::Business => &self.business,
            Trade::Consumer => &self.consumer,
        };
        let last = sums.len() - 2;
        let low = self.place(from).min(last);
        let high = self.place(to).clamp(low, last);
        let at = chance.between(sums[low] as i64, sums[high + 1] as i64 - 1) as u64;
        let place = sums.partition_point(|sum| *sum <= at).saturating_sub(1);
        self.first + Days::new(place as u64)
    }

    /// A time on that day when such customers order; today's lie before now.
    pub fn instant(&self, chance: &mut Chance, trade: Trade, day: NaiveDate) -> DateTime<Utc> {
        let hour = match trade {
            Trade::Business => chance.place(&BUSINESS_HOURS),
            Trade::Consumer => chance.place(&CONSUMER_HOURS),
        };
        let second = hour as i64 * 3_600 + chance.between(0, 3_599);
        let start = Self::midnight(day);
        if day < self.today {
            return start + TimeDelta::seconds(second);
        }
        let passed = (self.now - start).num_seconds();
        start + TimeDelta::seconds(passed * second / 86_400)
    }

    fn place(&self, day: NaiveDate) -> usize {
        (day - self.first).num_days().max(0) as usize
    }
}

/// Weight of all days before the nth; one entry more than days.
fn cumulated(first: NaiveDate, last: NaiveDate, trade: Trade) -> Vec<u64> {
    let days = (last - first).num_days() as u64 + 1;
    let mut sum = 0;
    let mut sums = vec![0];
    for (n, day) in first.iter_days().take(days as usize).enumerate() {
        let (months, weekdays) = match trade {
            Trade::Business => (&BUSINESS_MONTHS, &BUSINESS_DAYS),
            Trade::Consumer => (&CONSUMER_MONTHS, &CONSUMER_DAYS),
        };
        // A customer that stays buys a third more often at the end of the three years than at their beginning.
        let growth = 1_000 + 330 * n as u64 / days;
        sum += months[day.month0() as usize] * weekdays[day.weekday().num_days_from_monday() as usize] * growth;
        sums.push(sum);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::super::chance::Part;
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn three_years_end_today() {
        let calendar = Calendar::ending(at("2026-11-22T08:00:00Z"));
        assert_eq!((calendar.first, calendar.today), (date("2023-11-23"), date("2026-11-22")));
        let leap = Calendar::ending(at("2028-02-29T23:00:00Z"));
        assert_eq!((leap.first, leap.today), (date("2025-03-01"), date("2028-02-29")));
    }

    #[test]
    fn days_and_times_stay_inside_and_before_now() {
        for now in ["2026-11-22T00:00:00Z", "2026-11-22T08:30:00Z", "2026-11-22T23:59:59Z"] {
            let calendar = Calendar::ending(at(now));
            let mut chance = Chance::of(Part::Orders, 0);
            for trade in [Trade::Business, Trade::Consumer] {
                for _ in 0..500 {
                    let day = calendar.day(&mut chance, trade, date("2026-11-20"), date("2031-01-01"));
                    assert!((date("2026-11-20")..=calendar.today).contains(&day), "{day}");
                    let instant = calendar.instant(&mut chance, trade, day);
                    assert!(instant <= calendar.now && instant.date_naive() == day, "{instant}");
                }
                let early = calendar.day(&mut chance, trade, date("2001-01-01"), date("2001-02-01"));
                assert_eq!(early, calendar.first);
            }
        }
    }

    #[test]
    fn consumers_shop_before_christmas_and_companies_on_workdays() {
        let calendar = Calendar::ending(at("2026-11-22T08:30:00Z"));
        let mut chance = Chance::of(Part::Orders, 1);
        let mut count = |trade, wanted: fn(NaiveDate) -> bool| {
            let days = (0..4_000).map(|_| calendar.day(&mut chance, trade, calendar.first, calendar.today));
            days.filter(|day| wanted(*day)).count()
        };
        assert!(count(Trade::Consumer, |d| d.month() == 12) > count(Trade::Consumer, |d| d.month() == 1) * 3 / 2);
        assert!(count(Trade::Business, |d| d.weekday().num_days_from_monday() > 4) < 200);
    }
}

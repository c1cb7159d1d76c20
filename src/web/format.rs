//! Money, counts, dates and shares as people read them. The module [`filters`] is in scope of every template whose
//! struct stands beside `use crate::web::format::filters;`.

use crate::clock::store_day;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use std::fmt;

/// What stands where there is nothing to show.
pub const NOTHING: &str = "—";

/// A whole number in any of the sizes that templates meet, by value or by reference.
pub trait Whole {
    /// The number.
    fn whole(&self) -> i64;
}

macro_rules! whole {
    ($($ty:ty),*) => { $(impl Whole for $ty {
        fn whole(&self) -> i64 { i64::try_from(*self).unwrap_or(i64::MAX) }
    })* };
}
whole!(i64, i32, u64, u32, usize);

impl<T: Whole + ?Sized> Whole for &T {
    fn whole(&self) -> i64 {
        (**self).whole()
    }
}

pub use crate::clock::long_day;

/// A month for people: `Jan 2024`.
pub fn short_month(day: NaiveDate) -> String {
    day.format("%b %Y").to_string()
}

/// An instant on the store's clock: `January 1, 2024, 14:02`.
pub fn day_and_time(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%B %-d, %Y, %H:%M").to_string()
}

/// How long ago `at` was, seen from `now`, in the coarsest unit that says something; a week back it is the day.
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> String {
    let seconds = (now - at).num_seconds();
    let some = |n: i64, unit: &str| if n == 1 { format!("1 {unit} ago") } else { format!("{n} {unit}s ago") };
    match seconds {
        ..0 => day_and_time(at, zone),
        0..60 => "just now".into(),
        60..3_600 => some(seconds / 60, "minute"),
        3_600..86_400 => some(seconds / 3_600, "hour"),
        86_400..604_800 => some(seconds / 86_400, "day"),
        _ => long_day(store_day(at, zone)),
    }
}

/// A number with its noun: `1 customer`, `1,169 customers`.
pub fn counted(n: i64, one: &str, many: &str) -> String {
    format!("{} {}", crate::money::format_count(n), if n == 1 { one } else { many })
}

/// An instant as an HTML `<time>`: machines read UTC, people the text, and the whole instant on hovering.
fn time_element(at: DateTime<Utc>, zone: Tz, text: &str) -> impl fmt::Display {
    let machine = at.format("%Y-%m-%dT%H:%M:%SZ");
    format!(r#"<time datetime="{machine}" title="{} ({zone})">{text}</time>"#, day_and_time(at, zone))
}

/// Askama filters. Amounts are minor units of their currency, instants UTC, days the store's.
#[allow(missing_docs, reason = "what the attribute generates has none")]
pub mod filters {
    use super::{Whole, ago as ago_text, counted as counted_text, day_and_time, long_day, short_month, time_element};
    use crate::clock::store_day;
    use crate::money::{Currency, format_count, format_percent};
    use askama::filters::Safe;
    use askama::{Result, Values, filter_fn};
    use chrono::{DateTime, NaiveDate, Utc};
    use chrono_tz::Tz;
    use rust_decimal::Decimal;
    use std::borrow::Borrow;

    /// `24567850|money(currency)`: `$245,678.50`.
    #[filter_fn]
    pub fn money<C: Borrow<Currency>>(minor: impl Whole, _: &dyn Values, currency: C) -> Result<String> {
        Ok(currency.borrow().format(minor.whole()))
    }

    /// `24567850|whole_money(currency)`: `$245,679`, where cents are noise.
    #[filter_fn]
    pub fn whole_money<C: Borrow<Currency>>(minor: impl Whole, _: &dyn Values, currency: C) -> Result<String> {
        Ok(currency.borrow().format_whole(minor.whole()))
    }

    /// `1169|count`: `1,169`.
    #[filter_fn]
    pub fn count(n: impl Whole, _: &dyn Values) -> Result<String> {
        Ok(format_count(n.whole()))
    }

    /// `2|counted("customer", "customers")`: `2 customers`.
    #[filter_fn]
    pub fn counted(n: impl Whole, _: &dyn Values, one: &str, many: &str) -> Result<String> {
        Ok(counted_text(n.whole(), one, many))
    }

    /// `15.00|percent`: `15%`.
    #[filter_fn]
    pub fn percent(percent: impl Borrow<Decimal>, _: &dyn Values) -> Result<String> {
        Ok(format_percent(*percent.borrow()))
    }

    /// `at|date(zone)`: the day in the store's zone, `January 1, 2024`, as a `<time>`.
    #[filter_fn]
    pub fn date<Z: Borrow<Tz>>(at: impl Borrow<DateTime<Utc>>, _: &dyn Values, zone: Z) -> Result<Safe<String>> {
        let (at, zone) = (*at.borrow(), *zone.borrow());
        Ok(Safe(time_element(at, zone, &long_day(store_day(at, zone))).to_string()))
    }

    /// `at|month(zone)`: `Jan 2024`, as a `<time>`.
    #[filter_fn]
    pub fn month<Z: Borrow<Tz>>(at: impl Borrow<DateTime<Utc>>, _: &dyn Values, zone: Z) -> Result<Safe<String>> {
        let (at, zone) = (*at.borrow(), *zone.borrow());
        Ok(Safe(time_element(at, zone, &short_month(store_day(at, zone))).to_string()))
    }

    /// `at|instant(zone)`: `January 1, 2024, 14:02`, as a `<time>`.
    #[filter_fn]
    pub fn instant<Z: Borrow<Tz>>(at: impl Borrow<DateTime<Utc>>, _: &dyn Values, zone: Z) -> Result<Safe<String>> {
        let (at, zone) = (*at.borrow(), *zone.borrow());
        Ok(Safe(time_element(at, zone, &day_and_time(at, zone)).to_string()))
    }

    /// `at|ago(now, zone)`: `3 hours ago`, as a `<time>`.
    #[filter_fn]
    pub fn ago<N: Borrow<DateTime<Utc>>, Z: Borrow<Tz>>(
        at: impl Borrow<DateTime<Utc>>,
        _: &dyn Values,
        now: N,
        zone: Z,
    ) -> Result<Safe<String>> {
        let (at, zone) = (*at.borrow(), *zone.borrow());
        Ok(Safe(time_element(at, zone, &ago_text(at, *now.borrow(), zone)).to_string()))
    }

    /// `day|day`: `January 1, 2024`, of a day that is stored as one.
    #[filter_fn]
    pub fn day(day: impl Borrow<NaiveDate>, _: &dyn Values) -> Result<Safe<String>> {
        let day = *day.borrow();
        Ok(Safe(format!(r#"<time datetime="{day}">{}</time>"#, long_day(day))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use askama::Template;
    use chrono::{Duration, TimeZone as _};
    use rust_decimal::Decimal;

    #[test]
    fn how_long_ago() {
        let now = Utc.with_ymd_and_hms(2026, 3, 10, 12, 0, 0).unwrap();
        for (seconds, text) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (3_599, "59 minutes ago"),
            (3_600, "1 hour ago"),
            (86_399, "23 hours ago"),
            (86_400, "1 day ago"),
            (604_799, "6 days ago"),
            (604_800, "March 3, 2026"),
            (-60, "March 10, 2026, 12:01"),
        ] {
            assert_eq!(ago(now - Duration::seconds(seconds), now, Tz::UTC), text, "{seconds}");
        }
    }

    #[test]
    fn filters_read_as_people_write() {
        #[derive(Template)]
        #[template(
            ext = "html",
            source = "{{ n|count }} {{ n|counted(\"group\", \"groups\") }} {{ minor|money(currency) }} \
                      {{ minor|whole_money(currency) }} {{ share|percent }} {{ at|date(zone) }} {{ at|month(zone) }} \
                      {{ day|day }}"
        )]
        struct Sample {
            n: usize,
            minor: i64,
            currency: Currency,
            share: Decimal,
            at: DateTime<Utc>,
            zone: Tz,
            day: NaiveDate,
        }
        let sample = Sample {
            n: 1169,
            minor: -123_456,
            currency: Currency::USD,
            share: Decimal::new(1250, 2),
            // Still the 31st in New York.
            at: Utc.with_ymd_and_hms(2024, 1, 1, 2, 0, 0).unwrap(),
            zone: Tz::America__New_York,
            day: NaiveDate::from_ymd_opt(2024, 6, 9).unwrap(),
        };
        let hover = r#"<time datetime="2024-01-01T02:00:00Z" title="December 31, 2023, 21:00 (America/New_York)">"#;
        assert_eq!(
            sample.render().unwrap(),
            format!(
                "1,169 1,169 groups −$1,234.56 −$1,235 12.5% {hover}December 31, 2023</time> {hover}Dec 2023</time> \
                 <time datetime=\"2024-06-09\">June 9, 2024</time>"
            )
        );
    }
}

//! The time, as an argument: whoever decides by the time is given it, so that a test can say what time it is.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, SubsecRound, TimeZone, Utc};
use chrono_tz::Tz;
use std::sync::{Arc, Mutex, PoisonError};

/// Where the program reads the time. Cloning shares the clock.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    fixed: Option<Arc<Mutex<DateTime<Utc>>>>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still at `at` until it is moved with [`Clock::advance`].
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self { fixed: Some(Arc::new(Mutex::new(at))) }
    }

    /// Now, in UTC, to the microsecond: what PostgreSQL keeps, so that a stored instant equals itself.
    pub fn now(&self) -> DateTime<Utc> {
        match &self.fixed {
            Some(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
            None => Utc::now().trunc_subsecs(6),
        }
    }

    /// Moves a fixed clock forward; the machine's clock stays as it is.
    pub fn advance(&self, by: Duration) {
        if let Some(at) = &self.fixed {
            *at.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}

/// A day for people, as every sentence and page writes it: `January 1, 2024`.
pub fn long_day(day: NaiveDate) -> String {
    day.format("%B %-d, %Y").to_string()
}

/// The instant at which a day begins in the store's zone: its midnight, the first of two, or the first moment of the
/// day where the clocks skip midnight.
pub fn day_begins(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    // Clocks are put forward by minutes or hours, once by a whole day.
    let moments = (0..=24 * 60).map(|minutes| midnight + Duration::minutes(minutes));
    let first = moments.filter_map(|local| zone.from_local_datetime(&local).earliest()).next();
    first.map_or_else(|| midnight.and_utc(), |at| at.with_timezone(&Utc))
}

/// The day of an instant in the store's zone (SPEC 1).
pub fn store_day(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_the_stores_midnight() {
        for (day, zone, begins) in [
            ("2026-03-10", Tz::UTC, "2026-03-10T00:00:00Z"),
            ("2026-03-10", Tz::America__New_York, "2026-03-10T04:00:00Z"),
            // The clocks go from 00:00 to 01:00.
            ("2018-11-04", Tz::America__Sao_Paulo, "2018-11-04T03:00:00Z"),
            // Midnight comes twice, an hour apart.
            ("2026-11-01", Tz::America__Havana, "2026-11-01T04:00:00Z"),
            // Samoa left this day out: it begins, and ends, with the next.
            ("2011-12-30", Tz::Pacific__Apia, "2011-12-30T10:00:00Z"),
            ("2011-12-31", Tz::Pacific__Apia, "2011-12-30T10:00:00Z"),
        ] {
            let begun = day_begins(day.parse().unwrap(), zone);
            assert_eq!(begun, begins.parse::<DateTime<Utc>>().unwrap(), "{day} {zone}");
            if day != "2011-12-30" {
                assert_eq!(store_day(begun, zone).to_string(), day);
            }
        }
    }
}

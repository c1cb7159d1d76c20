//! The days that a report covers, and those that it is compared with (SPEC 10).

use crate::error::FieldError;
use chrono::{Datelike, Days, Months, NaiveDate};
use rust_decimal::Decimal;

/// The first day that a period may have.
const FIRST: NaiveDate = match NaiveDate::from_ymd_opt(1900, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};
/// The most months of a chosen period: what a chart by month can show.
const MOST_MONTHS: u32 = 240;

/// The ways to name a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    /// The 30 days ending today.
    Last30Days,
    /// The 90 days ending today.
    Last90Days,
    /// The 12 months ending today.
    #[default]
    Last12Months,
    /// From January 1 to today.
    YearToDate,
    /// Two days that somebody chose.
    Chosen,
}

impl Span {
    /// All, in the order in which the picker lists them.
    pub const ALL: [Self; 5] = [Self::Last30Days, Self::Last90Days, Self::Last12Months, Self::YearToDate, Self::Chosen];

    /// The name in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Last30Days => "30d",
            Self::Last90Days => "90d",
            Self::Last12Months => "12m",
            Self::YearToDate => "ytd",
            Self::Chosen => "days",
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Last30Days => "Last 30 days",
            Self::Last90Days => "Last 90 days",
            Self::Last12Months => "Last 12 months",
            Self::YearToDate => "Year to date",
            Self::Chosen => "Chosen days",
        }
    }

    /// The span of a name in an address.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|span| span.name() == name)
    }
}

/// Whole store days, both ends in; it has at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

impl Period {
    /// The period that a span names today; of chosen days there is none to tell.
    pub fn of(span: Span, today: NaiveDate) -> Option<Self> {
        let from = match span {
            Span::Last30Days => back(today, 29),
            Span::Last90Days => back(today, 89),
            Span::Last12Months => months_back(next(today), 12),
            Span::YearToDate => NaiveDate::from_ymd_opt(today.year(), 1, 1).unwrap_or(today),
            Span::Chosen => return None,
        };
        Some(Self { from, to: today })
    }

    /// The period from one chosen day to another, as typed. A day left out: the last one is today, the first one twelve
    /// months before the last.
    ///
    /// # Errors
    /// At `from` or `to`: no day, an end before the beginning, a day that is still to come, a period too long to show.
    pub fn parse(from: &str, to: &str, today: NaiveDate) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut day = |field: &str, text: &str| match text.trim() {
            "" => None,
            text => {
                let day = text.parse::<NaiveDate>().ok().filter(|day| (0..=9999).contains(&day.year()));
                if day.is_none() {
                    errors.push(FieldError::new(field, "Enter a day as YYYY-MM-DD, such as 2026-01-31."));
                }
                day
            }
        };
        let (first, last) = (day("from", from), day("to", to));
        if !errors.is_empty() {
            return Err(errors);
        }
        let last = last.unwrap_or(today);
        let period = Self { from: first.unwrap_or_else(|| months_back(next(last), 12)), to: last };
        let refused = |field: &str, text: String| Err(vec![FieldError::new(field, text)]);
        if period.from > today {
            return refused("from", format!("The period lies in the future: today is {}.", long_day(today)));
        }
        if period.to > today {
            return refused("to", format!("The period can't end after today, {}.", long_day(today)));
        }
        if period.to < period.from {
            return refused("to", format!("The period ends before it begins on {}.", long_day(period.from)));
        }
        if period.from < FIRST {
            return refused("from", format!("The period can't begin before {}.", long_day(FIRST)));
        }
        if months_back(period.end(), MOST_MONTHS) > period.from {
            return refused("from", format!("A period is at most {} years long.", MOST_MONTHS / 12));
        }
        Ok(period)
    }

    /// The day after the last one.
    pub fn end(&self) -> NaiveDate {
        next(self.to)
    }

    /// How many days it has.
    pub fn days(&self) -> i64 {
        (self.end() - self.from).num_days()
    }

    /// How many whole months it has, where it is nothing but whole months: from any day of a month to the day before
    /// the same day of another. "The 12 months ending today" are twelve.
    pub fn whole_months(&self) -> Option<u32> {
        let end = self.end();
        let months = (end.year() - self.from.year()) * 12 + end.month0() as i32 - self.from.month0() as i32;
        let months = u32::try_from(months).ok().filter(|months| *months > 0)?;
        let forward = self.from.checked_add_months(Months::new(months));
        // Where a month has no such day, its last one stands in.
        (forward == Some(end) || months_back(end, months) == self.from).then_some(months)
    }

    /// The period before it (SPEC 10): whole months shift by months, others by days.
    pub fn preceding(&self) -> Self {
        let to = back(self.from, 1);
        match self.whole_months() {
            Some(months) => Self { from: months_back(self.from, months), to },
            None => Self { from: back(self.from, self.days().unsigned_abs()), to },
        }
    }

    /// Its length in years: months / 12, otherwise days / 365.
    pub fn years(&self) -> Decimal {
        match self.whole_months() {
            Some(months) => Decimal::from(months) / Decimal::from(12),
            None => Decimal::from(self.days()) / Decimal::from(365),
        }
    }

    /// The first days of the months that it touches.
    pub fn months(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let (first, to) = (month_of(self.from), self.to);
        (0..).map_while(move |n| first.checked_add_months(Months::new(n)).filter(|month| *month <= to))
    }

    /// For people: `November 23, 2025 to November 22, 2026`.
    pub fn told(&self) -> String {
        if self.from == self.to {
            long_day(self.from)
        } else {
            format!("{} to {}", long_day(self.from), long_day(self.to))
        }
    }
}

/// A day for people: `January 1, 2024`.
fn long_day(day: NaiveDate) -> String {
    day.format("%B %-d, %Y").to_string()
}

/// The first day of a day's month.
pub fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// The first day of the month after a day's.
pub fn next_month(day: NaiveDate) -> NaiveDate {
    month_of(day).checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX)
}

fn next(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

fn back(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

fn months_back(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_sub_months(Months::new(months)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(from: &str, to: &str) -> Period {
        Period { from: day(from), to: day(to) }
    }

    #[test]
    fn spans_end_today() {
        for (span, today, from) in [
            (Span::Last30Days, "2026-11-22", "2026-10-24"),
            (Span::Last90Days, "2026-03-01", "2025-12-02"),
            (Span::Last12Months, "2026-11-22", "2025-11-23"),
            (Span::Last12Months, "2026-12-31", "2026-01-01"),
            (Span::Last12Months, "2028-02-28", "2027-02-28"),
            (Span::YearToDate, "2026-01-01", "2026-01-01"),
            (Span::YearToDate, "2026-11-22", "2026-01-01"),
        ] {
            assert_eq!(Period::of(span, day(today)), Some(period(from, today)), "{span:?} {today}");
        }
        assert_eq!(Period::of(Span::Chosen, day("2026-11-22")), None);
    }

    #[test]
    fn whole_months_shift_by_months_and_others_by_days() {
        for (from, to, months, before_from, before_to) in [
            ("2026-01-01", "2026-01-31", Some(1), "2025-12-01", "2025-12-31"),
            ("2026-03-01", "2026-03-31", Some(1), "2026-02-01", "2026-02-28"),
            ("2026-01-01", "2026-12-31", Some(12), "2025-01-01", "2025-12-31"),
            ("2028-01-01", "2028-12-31", Some(12), "2027-01-01", "2027-12-31"),
            ("2025-11-23", "2026-11-22", Some(12), "2024-11-23", "2025-11-22"),
            ("2026-01-15", "2026-04-14", Some(3), "2025-10-15", "2026-01-14"),
            // A leap day: 366 days are twelve months all the same.
            ("2027-02-28", "2028-02-28", Some(12), "2026-02-28", "2027-02-27"),
            ("2026-01-01", "2026-11-22", None, "2025-02-09", "2025-12-31"),
            ("2026-10-24", "2026-11-22", None, "2026-09-24", "2026-10-23"),
            ("2026-05-05", "2026-05-05", None, "2026-05-04", "2026-05-04"),
        ] {
            let period = period(from, to);
            assert_eq!(period.whole_months(), months, "{from} {to}");
            assert_eq!(period.preceding(), self::period(before_from, before_to), "{from} {to}");
            assert_eq!(period.preceding().end(), period.from);
        }
    }

    #[test]
    fn years_are_months_or_days() {
        assert_eq!(period("2027-02-28", "2028-02-28").years(), Decimal::ONE);
        assert_eq!(period("2026-01-01", "2026-03-31").years(), Decimal::new(25, 2));
        assert_eq!(period("2026-10-20", "2026-12-31").years(), Decimal::new(2, 1));
    }

    #[test]
    fn months_that_are_touched() {
        let months: Vec<String> = period("2025-12-31", "2026-02-01").months().map(|day| day.to_string()).collect();
        assert_eq!(months, ["2025-12-01", "2026-01-01", "2026-02-01"]);
    }

    #[test]
    fn chosen_days_are_read_or_refused_at_their_field() {
        let today = day("2026-11-22");
        for (from, to, expected) in [
            ("2026-01-01", "2026-03-31", Ok(period("2026-01-01", "2026-03-31"))),
            (" 2026-11-22 ", "", Ok(period("2026-11-22", "2026-11-22"))),
            ("", "2025-12-31", Ok(period("2025-01-01", "2025-12-31"))),
            ("", "", Ok(period("2025-11-23", "2026-11-22"))),
            ("2026-03-31", "2026-01-01", Err("to")),
            ("2026-11-23", "2026-11-30", Err("from")),
            ("2026-11-01", "2026-11-30", Err("to")),
            ("1899-12-31", "1900-01-31", Err("from")),
            ("2006-11-21", "2026-11-21", Err("from")),
            ("yesterday", "2026-01-01", Err("from")),
            ("2026-02-30", "2026-13-01", Err("from")),
            ("2026-01-01", "+262142-01-01", Err("to")),
        ] {
            let got = Period::parse(from, to, today).map_err(|errors| errors[0].field.clone());
            assert_eq!(got, expected.map_err(str::to_owned), "{from} {to}");
        }
    }
}

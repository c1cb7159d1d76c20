//! Where the figures of a report are found: whole months in the roll-ups, the ragged days at the ends of periods in the
//! orders (DESIGN, "Speed is designed in").

use super::period::{Period, month_of, next_month};
use chrono::NaiveDate;

/// A period, the one before it and the one before that, which follow each other without a gap: what retention in a
/// period and in the one it is compared with looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The period itself, the preceding one, and the one before that.
    pub periods: [Period; 3],
    /// Whole months: the first day of the first one, and the first day after the last one.
    pub months: (NaiveDate, NaiveDate),
    /// Months between those that a period begins in the middle of: their days are in `days`.
    pub split: Vec<NaiveDate>,
    /// Days that no whole month covers: from the first to before the second, in order, without gaps or overlaps.
    pub days: Vec<(NaiveDate, NaiveDate)>,
}

impl Frame {
    /// The frame of a period.
    pub fn of(period: Period) -> Self {
        let preceding = period.preceding();
        let first = preceding.preceding();
        let (from, end) = (first.from, period.end());
        let mut split: Vec<NaiveDate> = [first.from, preceding.from, period.from, end]
            .into_iter()
            .filter(|day| *day != month_of(*day))
            .map(month_of)
            .collect();
        split.dedup();
        let mut days: Vec<(NaiveDate, NaiveDate)> = Vec::new();
        for month in &split {
            let (begin, stop) = ((*month).max(from), next_month(*month).min(end));
            match days.last_mut() {
                Some(last) if last.1 == begin => last.1 = stop,
                _ => days.push((begin, stop)),
            }
        }
        Self { periods: [period, preceding, first], months: (month_of(from), month_of(end)), split, days }
    }

    /// Where each of the periods begins, the latest first.
    pub fn begins(&self) -> [NaiveDate; 3] {
        self.periods.map(|period| period.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(from: &str, to: &str) -> Frame {
        Frame::of(Period { from: from.parse().unwrap(), to: to.parse().unwrap() })
    }

    fn told(days: &[(NaiveDate, NaiveDate)]) -> Vec<String> {
        days.iter().map(|(begin, stop)| format!("{begin}..{stop}")).collect()
    }

    #[test]
    fn whole_months_need_no_orders() {
        let frame = frame("2026-01-01", "2026-12-31");
        assert!(frame.days.is_empty() && frame.split.is_empty());
        assert_eq!(
            (frame.months.0.to_string(), frame.months.1.to_string()),
            ("2024-01-01".into(), "2027-01-01".into())
        );
    }

    #[test]
    fn ragged_ends_are_looked_up_by_day() {
        let frame = frame("2025-11-23", "2026-11-22");
        assert_eq!(
            told(&frame.days),
            ["2023-11-23..2023-12-01", "2024-11-01..2024-12-01", "2025-11-01..2025-12-01", "2026-11-01..2026-11-23"]
        );
    }

    #[test]
    fn short_periods_are_days_alone() {
        assert_eq!(told(&frame("2026-05-05", "2026-05-05").days), ["2026-05-03..2026-05-06"]);
        // The 30 days before are a whole month, whose own preceding period is one, too.
        assert_eq!(told(&frame("2026-10-24", "2026-11-22").days), ["2026-08-24..2026-11-23"]);
    }

    /// Every day of the three periods is counted once: in a whole month or in the orders.
    #[test]
    fn no_day_is_left_out_or_counted_twice() {
        for (from, to) in [
            ("2025-11-23", "2026-11-22"),
            ("2026-01-01", "2026-11-22"),
            ("2026-02-10", "2026-02-20"),
            ("2026-01-31", "2026-02-28"),
            ("2024-02-29", "2024-02-29"),
            ("2026-01-01", "2026-03-31"),
            ("2026-08-25", "2026-11-22"),
        ] {
            let frame = frame(from, to);
            let [last, _, first] = frame.periods;
            let beyond = month_of(first.from)..=next_month(last.to);
            for day in beyond.start().iter_days().take_while(|day| day <= beyond.end()) {
                let month = month_of(day);
                let in_month = month >= frame.months.0 && month < frame.months.1 && !frame.split.contains(&month);
                let in_days = frame.days.iter().filter(|(begin, stop)| day >= *begin && day < *stop).count();
                let wanted = usize::from(day >= first.from && day <= last.to);
                assert_eq!(usize::from(in_month) + in_days, wanted, "{day} of {from} {to}");
            }
        }
    }
}

//! What a report looks at: its period, and those before it.

use super::period::Period;
use chrono::NaiveDate;

/// A period, the one before it and the one before that, which follow each other without a gap: what retention in a
/// period and in the one it is compared with looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The period itself, the preceding one, and the one before that.
    pub periods: [Period; 3],
}

impl Frame {
    /// The frame of a period.
    pub fn of(period: Period) -> Self {
        let preceding = period.preceding();
        Self { periods: [period, preceding, preceding.preceding()] }
    }

    /// Where each of the periods begins, the latest first.
    pub fn begins(&self) -> [NaiveDate; 3] {
        self.periods.map(|period| period.from)
    }

    /// The last days before each of the periods, the earliest first, and the last day of the period itself: between two
    /// neighbours lies one period.
    pub fn borders(&self) -> [NaiveDate; 4] {
        let [last, before, first] = self.begins().map(|day| day.pred_opt().unwrap_or(day));
        [first, before, last, self.periods[0].to]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every day of the three periods lies between two neighbours, and no day between others.
    #[test]
    fn periods_lie_between_their_borders() {
        for (from, to) in [
            ("2025-11-23", "2026-11-22"),
            ("2026-01-01", "2026-11-22"),
            ("2026-02-10", "2026-02-20"),
            ("2026-01-31", "2026-02-28"),
            ("2024-02-29", "2024-02-29"),
            ("2026-01-01", "2026-03-31"),
        ] {
            let frame = Frame::of(Period { from: from.parse().unwrap(), to: to.parse().unwrap() });
            let borders = frame.borders();
            for (place, period) in frame.periods.iter().rev().enumerate() {
                assert_eq!(borders[place].succ_opt().unwrap(), period.from, "{from} {to}");
                assert_eq!(borders[place + 1], period.to, "{from} {to}");
            }
        }
    }
}

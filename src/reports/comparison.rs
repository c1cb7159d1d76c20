//! Groups side by side (the seed's "Group Comparison"): its rows, and which value of each is the best.

use super::chart::Point;
use super::report::Report;
use crate::error::FieldError;
use crate::money::Currency;
use crate::table::{Cell, Table};
use crate::table::{minor, rounded};
use rust_decimal::Decimal;

/// How many groups are compared at least and at most (SPEC 10).
pub const GROUPS: std::ops::RangeInclusive<usize> = 2..=6;

/// Which value of a row is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Best {
    /// The greatest.
    Greatest,
    /// The least: what is given away.
    Least,
}

/// A row: a figure of each group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is called.
    pub label: &'static str,
    /// How it is made.
    pub meaning: &'static str,
    /// Each group's.
    pub cells: Vec<Cell>,
    /// The places of the best ones; none where no value is better than another.
    pub best: Vec<usize>,
}

impl Row {
    fn of(
        label: &'static str,
        meaning: &'static str,
        best: Best,
        reports: &[Report],
        cell: fn(&Report) -> Cell,
    ) -> Self {
        let cells: Vec<Cell> = reports.iter().map(cell).collect();
        let values: Vec<Option<Decimal>> = cells.iter().map(value).collect();
        let known = || values.iter().flatten();
        let (least, most) = (known().min(), known().max());
        let wanted = if best == Best::Greatest { most } else { least };
        let places = values.iter().enumerate().filter(|(_, value)| value.as_ref() == wanted && wanted.is_some());
        let best = if least == most { Vec::new() } else { places.map(|(place, _)| place).collect() };
        Self { label, meaning, cells, best }
    }

    /// Its figures as the bars of a chart, under the groups' names.
    pub fn points(&self, names: &[String], currency: Currency) -> Vec<Point> {
        let point = |(name, cell): (&String, &Cell)| Point {
            label: name.clone(),
            value: value(cell).map_or(0, |value| minor(value * Decimal::from(10_000))),
            told: cell.told(currency),
        };
        names.iter().zip(&self.cells).map(point).collect()
    }
}

/// What a cell is compared by: what is shown, not more, so that what looks the same is equally good.
fn value(cell: &Cell) -> Option<Decimal> {
    match cell {
        Cell::Money(amount) | Cell::Count(amount) => Some(Decimal::from(*amount)),
        Cell::Share(share) => Some(rounded(*share, 3)),
        Cell::Number(number) => Some(rounded(*number, 1)),
        _ => None,
    }
}

/// The seed's rows, in its order.
pub fn rows(reports: &[Report]) -> Vec<Row> {
    use Best::{Greatest, Least};
    let row = |label, meaning, best, cell| Row::of(label, meaning, best, reports, cell);
    vec![
        row("Customers", "Distinct customers now", Greatest, |report| Cell::Count(report.members)),
        row("Revenue", "Net of completed orders, credit notes taken off", Greatest, |report| {
            Cell::Money(report.metrics.revenue)
        }),
        row("Avg Order Value", "Revenue divided by orders", Greatest, |report| {
            Cell::amount(report.metrics.average_order_value)
        }),
        row("Orders/Customer", "Orders of a member in a year", Greatest, |report| {
            Cell::number(report.metrics.order_frequency)
        }),
        row("Retention Rate", "Of those who ordered in the preceding period, who did again", Greatest, |report| {
            Cell::share(report.metrics.retention_rate)
        }),
        row("Discount Given", "What is paid less than list prices; the least is best", Least, |report| {
            Cell::share(report.metrics.discount_rate)
        }),
        row("Net Margin", "What is left of revenue after cost", Greatest, |report| {
            Cell::share(report.metrics.net_margin)
        }),
    ]
}

/// The comparison as a table for machines.
pub fn table(names: &[String], reports: &[Report]) -> Table {
    let mut table = Table::new("Comparison", std::iter::once("Metric").chain(names.iter().map(String::as_str)));
    for row in rows(reports) {
        table.push(std::iter::once(Cell::text(row.label)).chain(row.cells).collect());
    }
    table
}

/// Refuses too few and too many.
///
/// # Errors
/// At `groups`.
pub fn check(count: usize) -> Result<(), Vec<FieldError>> {
    let (least, most) = (GROUPS.start(), GROUPS.end());
    let text = match count {
        count if count < *least => format!(
            "Choose at least {least} groups to compare; now there {}.",
            match count {
                0 => "is none".to_owned(),
                _ => format!("is {count}"),
            }
        ),
        count if count > *most => format!("Compare at most {most} groups at once; now there are {count}. Remove some."),
        _ => return Ok(()),
    };
    Err(vec![FieldError::new("groups", text)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::metrics::{Figures, Ground, Returned, Sums};
    use crate::reports::period::Period;

    fn report(members: i64, net: i64, gross: i64, returned: (i64, i64)) -> Report {
        let period = Period { from: "2026-01-01".parse().unwrap(), to: "2026-12-31".parse().unwrap() };
        let sums = Sums { net, gross, cost: 0, orders: 10 };
        let returned = Returned { before: returned.0, again: returned.1 };
        let own = Figures { now: Ground { members, lifetime: 0, sums, returned }, ..Figures::default() };
        Report::of(period, own, &Figures::default())
    }

    #[test]
    fn the_best_is_the_greatest_but_for_what_is_given_away() {
        let reports = [report(10, 1_000, 1_250, (4, 3)), report(20, 1_000, 1_000, (4, 1)), report(20, -5, 0, (0, 0))];
        let rows = rows(&reports);
        let best = |label: &str| rows.iter().find(|row| row.label == label).unwrap().best.clone();
        assert_eq!(best("Customers"), [1, 2]);
        assert_eq!(best("Revenue"), [0, 1]);
        assert_eq!(best("Retention Rate"), [0], "nothing is not the best");
        assert_eq!(best("Discount Given"), [1]);
        assert!(best("Net Margin").is_empty(), "all are the same");
    }

    #[test]
    fn two_to_six_are_compared() {
        for (count, good) in [(0, false), (1, false), (2, true), (6, true), (7, false)] {
            assert_eq!(check(count).is_ok(), good, "{count}");
        }
    }
}

//! Tables of typed cells: the page, the CSV and the workbook of a report or list show the same ones.

use crate::money::{Currency, format_count};
use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};
use std::borrow::Cow;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing to show: a dash for people, an empty cell for machines.
    Nothing,
    /// Words.
    Text(String),
    /// Minor units of the store's currency.
    Money(i64),
    /// A whole number.
    Count(i64),
    /// A share as a fraction: 0.35 is shown as 35.0%.
    Share(Decimal),
    /// A number with up to two decimals.
    Number(Decimal),
    /// A store day.
    Day(NaiveDate),
    /// A month, by its first day.
    Month(NaiveDate),
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An amount of unrounded minor units, where there is one.
    pub fn amount(amount: Option<Decimal>) -> Self {
        amount.map_or(Self::Nothing, |amount| Self::Money(minor(amount)))
    }

    /// A share, where there is one.
    pub fn share(share: Option<Decimal>) -> Self {
        share.map_or(Self::Nothing, Self::Share)
    }

    /// A number, where there is one.
    pub fn number(number: Option<Decimal>) -> Self {
        number.map_or(Self::Nothing, Self::Number)
    }

    /// A day, where there is one.
    pub fn day(day: Option<NaiveDate>) -> Self {
        day.map_or(Self::Nothing, Self::Day)
    }

    /// For people: amounts in whole units, shares in percent with one decimal, so that they stand below each other.
    pub fn told(&self, currency: Currency) -> String {
        match self {
            Self::Nothing => "—".to_owned(),
            Self::Text(text) => text.clone(),
            Self::Money(minor) => currency.format_whole(*minor),
            Self::Count(count) => format_count(*count),
            Self::Share(share) => {
                let percent = rounded(*share * Decimal::ONE_HUNDRED, 1);
                format!("{percent:.1}%").replace('-', "\u{2212}")
            }
            Self::Number(number) => rounded(*number, 1).to_string().replace('-', "\u{2212}"),
            Self::Day(day) => day.format("%B %-d, %Y").to_string(),
            Self::Month(month) => month.format("%b %Y").to_string(),
        }
    }

    /// For machines: exact amounts in major units, shares as fractions, days as ISO 8601.
    pub fn plain(&self, currency: Currency) -> Cow<'_, str> {
        if let Self::Text(text) = self {
            return text.into();
        }
        let plain = match self {
            Self::Nothing | Self::Text(_) => String::new(),
            Self::Money(minor) => currency.major(*minor).to_string(),
            Self::Count(count) => count.to_string(),
            Self::Share(share) => rounded(*share, 6).to_string(),
            Self::Number(number) => rounded(*number, 4).to_string(),
            Self::Day(day) => day.to_string(),
            Self::Month(month) => month.format("%Y-%m").to_string(),
        };
        plain.into()
    }

    /// Whether it stands at the right of its column.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Money(_) | Self::Count(_) | Self::Share(_) | Self::Number(_) | Self::Nothing)
    }
}

/// A table with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub title: String,
    /// The columns' headings.
    pub columns: Vec<String>,
    /// The rows, each as long as the headings.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table with these headings.
    pub fn new<'a>(title: impl Into<String>, columns: impl IntoIterator<Item = &'a str>) -> Self {
        Self { title: title.into(), columns: columns.into_iter().map(str::to_owned).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }
}

/// An amount of whole minor units, halves away from zero.
pub fn minor(amount: Decimal) -> i64 {
    rounded(amount, 0).try_into().unwrap_or(i64::MAX)
}

/// A figure with so many decimals at most, halves away from zero.
pub fn rounded(figure: Decimal, decimals: u32) -> Decimal {
    figure.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero).normalize()
}

/// A fraction for people: `35%`, `12.5%`, `−3%`.
pub fn percent(share: Decimal) -> String {
    format!("{}%", rounded(share * Decimal::ONE_HUNDRED, 1)).replace('-', "\u{2212}")
}

/// How far a figure is from another in words, from the share by which it is more: `+45% higher`, `12% lower`.
pub fn compared(change: Option<Decimal>) -> String {
    directed(change.map(|change| rounded(change * Decimal::ONE_HUNDRED, 0)), "%")
}

/// How far a share is from another in words: `+5 points higher`.
pub fn points(own: Option<Decimal>, other: Option<Decimal>) -> String {
    let apart = own.zip(other).map(|(own, other)| rounded((own - other) * Decimal::ONE_HUNDRED, 1));
    directed(apart, if apart.is_some_and(|apart| apart.abs() == Decimal::ONE) { " point" } else { " points" })
}

fn directed(by: Option<Decimal>, unit: &str) -> String {
    match by {
        None => "—".to_owned(),
        Some(by) if by.is_zero() => "the same".to_owned(),
        Some(by) if by > Decimal::ZERO => format!("+{by}{unit} higher"),
        Some(by) => format!("{}{unit} lower", by.abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn cells_read_for_people_and_for_machines() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        for (cell, told, plain) in [
            (Cell::Money(123_456_750), "$1,234,568", "1234567.50"),
            (Cell::Money(-50), "\u{2212}$1", "-0.50"),
            (Cell::Count(1234), "1,234", "1234"),
            (Cell::Share(decimal("0.35")), "35.0%", "0.35"),
            (Cell::Share(decimal("-0.0301")), "\u{2212}3.0%", "-0.0301"),
            (Cell::Share(decimal("-0.0001")), "0.0%", "-0.0001"),
            (Cell::Share(decimal("0.12549")), "12.5%", "0.12549"),
            (Cell::Number(decimal("10.1333333")), "10.1", "10.1333"),
            (Cell::Day(day), "March 1, 2026", "2026-03-01"),
            (Cell::Month(day), "Mar 2026", "2026-03"),
            (Cell::Nothing, "—", ""),
            (Cell::amount(Some(decimal("270733.5"))), "$2,707", "2707.34"),
            (Cell::amount(None), "—", ""),
        ] {
            assert_eq!(
                (cell.told(Currency::USD).as_str(), cell.plain(Currency::USD).as_ref()),
                (told, plain),
                "{cell:?}"
            );
        }
    }

    #[test]
    fn comparisons_say_which_way() {
        for (change, told) in
            [(Some("0.45"), "+45% higher"), (Some("-0.124"), "12% lower"), (Some("0.004"), "the same"), (None, "—")]
        {
            assert_eq!(compared(change.map(decimal)), told);
        }
        for (own, other, told) in [
            (Some("0.95"), Some("0.82"), "+13 points higher"),
            (Some("0.81"), Some("0.82"), "1 point lower"),
            (Some("0.5"), Some("0.5"), "the same"),
            (Some("0.5"), None, "—"),
        ] {
            assert_eq!(points(own.map(decimal), other.map(decimal)), told);
        }
    }

    #[test]
    fn halves_go_away_from_zero() {
        for (text, decimals, expected) in
            [("2500.5", 0, "2501"), ("-2500.5", 0, "-2501"), ("0.12345", 4, "0.1235"), ("0.30", 4, "0.3")]
        {
            assert_eq!(rounded(text.parse().unwrap(), decimals).to_string(), expected);
        }
        assert_eq!(minor("1234.5".parse().unwrap()), 1235);
    }
}

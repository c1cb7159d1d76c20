//! One row of a file on its way to staging: its cells, and what turns out to be wrong with them.

use super::copy::Line;
use super::instants;
use super::kind::Kind;
use super::mapping::{Mapping, Origin};
use super::problem::{Problem, Warnings};
use super::records::Record;
use super::values::Fault;
use crate::money::Currency;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// What rows are read in the light of.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The store's currency: what an amount is in where the file names none.
    pub currency: Currency,
    /// The store's zone: what a time without offset is in.
    pub zone: Tz,
    /// Now, UTC.
    pub now: DateTime<Utc>,
}

/// A value of the file under the kind's name for it.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    column: &'static str,
    text: &'a str,
}

/// The cells of one record.
#[derive(Clone, Copy, Debug)]
pub struct Cells<'a> {
    kind: Kind,
    mapping: &'a Mapping,
    record: &'a Record,
}

impl<'a> Cells<'a> {
    /// The cells of `record` as `mapping` has them.
    pub fn new(kind: Kind, mapping: &'a Mapping, record: &'a Record) -> Self {
        Self { kind, mapping, record }
    }

    /// All cells, in the order of [`Kind::columns`].
    pub fn all<const N: usize>(&self) -> [Cell<'a>; N] {
        std::array::from_fn(|place| Cell {
            column: self.kind.columns().get(place).map_or("", |column| column.name),
            text: match self.mapping.origins.get(place) {
                Some(Origin::Field(field)) => self.record.field(*field),
                Some(Origin::Constant(value)) => value,
                Some(Origin::Absent) | None => "",
            },
        })
    }
}

impl<'a> Cell<'a> {
    /// Its text; `None` where it is empty or its column is absent.
    pub fn text(self) -> Option<&'a str> {
        (!self.text.is_empty()).then_some(self.text)
    }
}

/// The row being read: collects its problems, so that a file can be mended in one go.
pub struct Row<'a> {
    /// Its number; the header is row 1.
    pub number: u64,
    /// What else is needed to read it.
    pub context: &'a Context,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// What is only odd about it.
    pub warnings: &'a mut Warnings,
}

impl Row<'_> {
    /// The value of a cell that may be empty.
    pub fn optional<'c, T>(&mut self, cell: Cell<'c>, read: impl FnOnce(&'c str) -> Result<T, Fault>) -> Option<T> {
        let text = cell.text()?;
        match read(text) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.problems.push(Problem { column: cell.column, cause: fault.cause, message: fault.message });
                None
            }
        }
    }

    /// The value of a cell that must not be empty.
    pub fn required<'c, T>(&mut self, cell: Cell<'c>, read: impl FnOnce(&'c str) -> Result<T, Fault>) -> Option<T> {
        if cell.text().is_none() {
            self.problems.push(Problem { column: cell.column, cause: "is empty", message: "is empty".into() });
        }
        self.optional(cell, read)
    }

    /// An instant in the store's zone; one that came twice that day is the first, with a warning.
    pub fn instant(&mut self, cell: Cell<'_>) -> Option<DateTime<Utc>> {
        let zone = self.context.zone;
        let moment = self.optional(cell, |text| instants::instant(text, zone))?;
        if moment.ambiguous {
            let number = self.number;
            self.warnings.add("times came twice that day, as the clocks went back; the first is taken", || {
                format!("row {number}: {}", cell.text)
            });
        }
        Some(moment.at)
    }

    /// [`Row::instant`] of a cell that must not be empty.
    pub fn required_instant(&mut self, cell: Cell<'_>) -> Option<DateTime<Utc>> {
        self.required(cell, Ok)?;
        self.instant(cell)
    }

    /// A day in the store's zone.
    pub fn day(&mut self, cell: Cell<'_>) -> Option<NaiveDate> {
        let zone = self.context.zone;
        self.optional(cell, |text| instants::day(text, zone))
    }
}

/// Reads one row of its kind into a line for its staging table; problems and warnings go to `row`. Returns the row's
/// natural key as far as it can be read, so that rows which belong together are found even when one is bad.
pub type Parse = for<'a> fn(&Cells<'a>, &mut Row<'_>, &mut Line) -> Option<&'a str>;

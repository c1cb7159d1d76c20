//! Rows in PostgreSQL's COPY text format, on their way to a table.

use crate::error::{Error, Result};
use chrono::{DateTime, NaiveDate, Utc};
use std::io::Write;
use uuid::Uuid;

/// Bytes that are handed over at a time.
const CHUNK: usize = 64 * 1024;
/// Rows between two words about progress.
const WORD: usize = 10_000;

/// A table's rows being written, column by column in the order that the statement names.
pub struct Rows<'a> {
    out: &'a mut dyn Write,
    progress: &'a dyn Fn(usize),
    bytes: Vec<u8>,
    row_begun: bool,
    untold: usize,
}

impl<'a> Rows<'a> {
    /// Writes to `out`, and tells `progress` how many rows more there are every now and then.
    pub fn new(out: &'a mut dyn Write, progress: &'a dyn Fn(usize)) -> Self {
        Self { out, progress, bytes: Vec::with_capacity(CHUNK + 1024), row_begun: false, untold: 0 }
    }

    fn column(&mut self) {
        if self.row_begun {
            self.bytes.push(b'\t');
        }
        self.row_begun = true;
    }

    fn display(&mut self, value: impl std::fmt::Display) {
        // Writing into memory can't fail.
        let _ = write!(self.bytes, "{value}");
    }

    /// NULL.
    pub fn null(&mut self) {
        self.column();
        self.bytes.extend_from_slice(b"\\N");
    }

    /// An id.
    pub fn id(&mut self, id: Uuid) {
        self.column();
        let mut text = Uuid::encode_buffer();
        self.bytes.extend_from_slice(id.simple().encode_lower(&mut text).as_bytes());
    }

    /// An id or NULL.
    pub fn maybe_id(&mut self, id: Option<Uuid>) {
        match id {
            Some(id) => self.id(id),
            None => self.null(),
        }
    }

    /// A text of this module's making: without tabs, line ends and backslashes.
    pub fn text(&mut self, text: &str) {
        debug_assert!(!text.contains(['\t', '\n', '\r', '\\']), "{text:?} would need escaping");
        self.column();
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// A text or NULL.
    pub fn maybe_text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.null(),
        }
    }

    /// A whole number.
    pub fn number(&mut self, number: i64) {
        self.column();
        self.display(number);
    }

    /// A whole number or NULL.
    pub fn maybe_number(&mut self, number: Option<i64>) {
        match number {
            Some(number) => self.number(number),
            None => self.null(),
        }
    }

    /// Yes or no.
    pub fn flag(&mut self, flag: bool) {
        self.column();
        self.bytes.push(if flag { b't' } else { b'f' });
    }

    /// A day or NULL.
    pub fn day(&mut self, day: Option<NaiveDate>) {
        match day {
            Some(day) => {
                self.column();
                self.display(day);
            }
            None => self.null(),
        }
    }

    /// An instant.
    pub fn instant(&mut self, at: DateTime<Utc>) {
        self.column();
        self.display(at.naive_utc());
        self.bytes.push(b'Z');
    }

    /// An instant or NULL.
    pub fn maybe_instant(&mut self, at: Option<DateTime<Utc>>) {
        match at {
            Some(at) => self.instant(at),
            None => self.null(),
        }
    }

    /// Ends the row.
    ///
    /// # Errors
    /// The database no longer takes rows.
    pub fn end(&mut self) -> Result<()> {
        self.bytes.push(b'\n');
        self.row_begun = false;
        self.untold += 1;
        if self.untold == WORD {
            (self.progress)(std::mem::take(&mut self.untold));
        }
        if self.bytes.len() >= CHUNK { self.hand_over() } else { Ok(()) }
    }

    /// Ends the table.
    ///
    /// # Errors
    /// As [`Rows::end`].
    pub fn finish(mut self) -> Result<()> {
        (self.progress)(self.untold);
        self.hand_over()
    }

    fn hand_over(&mut self) -> Result<()> {
        self.out.write_all(&self.bytes).map_err(Error::internal)?;
        self.bytes.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn rows_say_what_copy_reads() {
        let (mut out, told) = (Vec::new(), Cell::new(0));
        let count = |rows| told.set(told.get() + rows);
        let mut rows = Rows::new(&mut out, &count);
        rows.id(Uuid::nil());
        rows.text("a b");
        rows.maybe_text(None);
        rows.number(-5);
        rows.maybe_number(Some(7));
        rows.flag(true);
        rows.end().unwrap();
        rows.day(NaiveDate::from_ymd_opt(2026, 1, 31));
        rows.instant("2026-01-31T08:00:00.5Z".parse().unwrap());
        rows.maybe_instant(None);
        rows.maybe_id(None);
        rows.end().unwrap();
        rows.finish().unwrap();
        let expected = concat!(
            "00000000000000000000000000000000\ta b\t\\N\t-5\t7\tt\n",
            "2026-01-31\t2026-01-31 08:00:00.500Z\t\\N\t\\N\n"
        );
        assert_eq!((String::from_utf8(out).unwrap().as_str(), told.get()), (expected, 2));
    }
}

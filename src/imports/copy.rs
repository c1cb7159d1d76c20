//! A line of PostgreSQL's COPY text format.

use chrono::{DateTime, NaiveDate, Utc};
use std::io::Write;

/// One row on its way to the staging table. Values are added in the table's order of columns.
#[derive(Debug, Default)]
pub struct Line {
    bytes: Vec<u8>,
}

impl Line {
    /// Begins a new row with its number, forgetting the one before.
    pub fn begin(&mut self, row: u64) {
        self.bytes.clear();
        self.display(row);
    }

    /// The finished row.
    pub fn finish(&mut self) -> &[u8] {
        self.bytes.push(b'\n');
        &self.bytes
    }

    /// A text, or NULL.
    pub fn text(&mut self, value: Option<&str>) {
        self.bytes.push(b'\t');
        match value {
            Some(text) => escape(text.as_bytes(), &mut self.bytes),
            None => self.null(),
        }
    }

    /// A number, or NULL.
    pub fn number(&mut self, value: Option<impl Into<i64>>) {
        self.bytes.push(b'\t');
        match value {
            Some(number) => self.display(number.into()),
            None => self.null(),
        }
    }

    /// A day, or NULL.
    pub fn day(&mut self, value: Option<NaiveDate>) {
        self.bytes.push(b'\t');
        match value {
            Some(day) => self.display(day),
            None => self.null(),
        }
    }

    /// An instant, or NULL.
    pub fn instant(&mut self, value: Option<DateTime<Utc>>) {
        self.bytes.push(b'\t');
        match value {
            Some(at) => {
                self.display(at.naive_utc());
                self.bytes.push(b'Z');
            }
            None => self.null(),
        }
    }

    /// Yes or no, or NULL.
    pub fn flag(&mut self, value: Option<bool>) {
        self.bytes.push(b'\t');
        match value {
            Some(flag) => self.bytes.push(if flag { b't' } else { b'f' }),
            None => self.null(),
        }
    }

    /// An array of texts.
    pub fn texts(&mut self, values: impl IntoIterator<Item: AsRef<str>>) {
        self.bytes.push(b'\t');
        let mut array = Vec::from(b"{");
        for (place, value) in values.into_iter().enumerate() {
            if place > 0 {
                array.push(b',');
            }
            array.push(b'"');
            for byte in value.as_ref().bytes() {
                if byte == b'"' || byte == b'\\' {
                    array.push(b'\\');
                }
                array.push(byte);
            }
            array.push(b'"');
        }
        array.push(b'}');
        escape(&array, &mut self.bytes);
    }

    fn null(&mut self) {
        self.bytes.extend_from_slice(b"\\N");
    }

    fn display(&mut self, value: impl std::fmt::Display) {
        // Writing into memory can't fail.
        let _ = write!(self.bytes, "{value}");
    }
}

fn escape(text: &[u8], into: &mut Vec<u8>) {
    for byte in text {
        match byte {
            b'\\' => into.extend_from_slice(b"\\\\"),
            b'\n' => into.extend_from_slice(b"\\n"),
            b'\r' => into.extend_from_slice(b"\\r"),
            b'\t' => into.extend_from_slice(b"\\t"),
            other => into.push(*other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_copy_reads() {
        let mut line = Line::default();
        line.begin(7);
        line.text(Some("tab\there, back\\slash\nnew"));
        line.text(None);
        line.number(Some(-5i32));
        line.number(None::<i64>);
        line.day(NaiveDate::from_ymd_opt(2026, 1, 31));
        line.instant("2026-01-31T08:00:00.5Z".parse().ok());
        line.flag(Some(true));
        line.texts(["a\"b", "c\\d", "e,f"]);
        let expected = concat!(
            "7\ttab\\there, back\\\\slash\\nnew\t\\N\t-5\t\\N\t2026-01-31\t2026-01-31 08:00:00.500Z\tt\t",
            "{\"a\\\\\"b\",\"c\\\\\\\\d\",\"e,f\"}\n"
        );
        assert_eq!(String::from_utf8_lossy(line.finish()), expected);
    }
}

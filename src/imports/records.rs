//! Reads CSV strictly: a record at a time, in bounded memory, with what is wrong about it.
//!
//! The rules are RFC 4180's. A reader that guesses what a stray quote may have meant swallows the rows after it; this
//! one calls the line bad and goes on with the next (docs/adr/0007).

use super::problem::Problem;
use super::shopify::Export;
use std::io::{self, Read};

/// A record longer than this is the sign of a quote that was opened and never closed.
const MAX_RECORD: usize = 1 << 20;

const CHUNK: usize = 1 << 16;

/// One record: its fields, or why it has none.
#[derive(Debug, Default)]
pub struct Record {
    /// Its place in the file; the header is row 1, as a spreadsheet counts.
    pub row: u64,
    text: String,
    ends: Vec<usize>,
    /// What is wrong with the record as a whole. Its fields are then as near as they can be read.
    pub fault: Option<Problem>,
}

impl Record {
    /// How many fields it has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        self.text.bytes().all(|byte| byte == b' ')
    }

    /// The field at `place`, without the spaces around it; empty beyond the last.
    pub fn field(&self, place: usize) -> &str {
        self.raw(place).trim()
    }

    /// Puts other fields in the place of these.
    pub(super) fn replace(&mut self, fields: &[String]) {
        self.text.clear();
        self.ends.clear();
        for field in fields {
            self.text.push_str(field);
            self.ends.push(self.text.len());
        }
    }

    /// The field at `place` as it stands in the file.
    pub fn raw(&self, place: usize) -> &str {
        let Some(end) = self.ends.get(place) else { return "" };
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.text[start..*end]
    }
}

/// The records of a file.
pub struct Records<R> {
    input: R,
    /// How many bytes are read at a time.
    chunk: usize,
    buffer: Vec<u8>,
    start: usize,
    at_end: bool,
    /// What broke reading off, told when the rows before it are read.
    broken: Option<io::Error>,
    row: u64,
    /// Whose export this is, where it isn't in our columns.
    export: Option<Export>,
}

enum Scan {
    /// The record ends before this place of the buffer; the next one starts there.
    Record(usize),
    /// The buffer ends within the record; whether in a quoted field.
    Cut(bool),
    /// The buffer ends within the end of its line.
    HalfEnd,
    /// The line can't be split into fields.
    Stray(&'static str),
}

impl<R: Read> Records<R> {
    /// Reads records from `input`, after its UTF-8 byte order mark if it has one.
    ///
    /// # Errors
    /// Where the input can't be read, or is UTF-16.
    pub fn new(input: R) -> io::Result<Self> {
        Self::with_chunk(input, CHUNK)
    }

    fn with_chunk(input: R, chunk: usize) -> io::Result<Self> {
        let buffer = Vec::with_capacity(chunk);
        let mut records = Self { input, chunk, buffer, start: 0, at_end: false, broken: None, row: 0, export: None };
        records.fill()?;
        if records.buffer.starts_with(&[0xEF, 0xBB, 0xBF]) {
            records.start = 3;
        } else if records.buffer.starts_with(&[0xFF, 0xFE]) || records.buffer.starts_with(&[0xFE, 0xFF]) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "The file is UTF-16. Save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\").",
            ));
        }
        Ok(records)
    }

    /// From here on, records are another program's and become ours.
    pub fn translate(&mut self, export: Export) {
        self.export = Some(export);
    }

    /// The row that was read last; 0 before the header.
    pub fn row(&self) -> u64 {
        self.row
    }

    /// Reads the next record into `record`; `false` after the last one.
    ///
    /// # Errors
    /// Where the input can't be read any further. Faults of the record itself are in [`Record::fault`].
    pub fn next(&mut self, record: &mut Record) -> io::Result<bool> {
        record.fault = None;
        loop {
            if self.start == self.buffer.len() && self.at_end {
                return Ok(false);
            }
            let mut bytes = std::mem::take(&mut record.text).into_bytes();
            let scan = scan(&self.buffer[self.start..], self.at_end, &mut bytes, &mut record.ends);
            let (length, fault) = match scan {
                Scan::Record(length) => (length, None),
                Scan::HalfEnd => {
                    self.fill()?;
                    continue;
                }
                Scan::Cut(_) if self.buffer.len() - self.start <= MAX_RECORD => {
                    self.fill()?;
                    continue;
                }
                Scan::Cut(quoted) => {
                    let fault = if quoted { UNCLOSED } else { TOO_LONG };
                    (self.split_line(&mut bytes, &mut record.ends), Some(fault))
                }
                Scan::Stray(_) if !self.has_whole_line() => {
                    self.fill()?;
                    continue;
                }
                Scan::Stray(message) => (self.split_line(&mut bytes, &mut record.ends), Some(message)),
            };
            self.start += length;
            self.row += 1;
            record.row = self.row;
            let cause = |message| if message == TOO_LONG { "is too long" } else { "has a stray quote" };
            record.fault = fault.map(|message| Problem::of_row(cause(message), message));
            if fault == Some(TOO_LONG) {
                self.skip_line()?;
            }
            self.text(record, bytes);
            if let Some(export) = &mut self.export
                && record.fault.is_none()
                && !record.is_empty()
            {
                export.translate(record);
            }
            return Ok(true);
        }
    }

    /// Whether the line at hand is in the buffer up to its end, as far as lines may be long.
    fn has_whole_line(&self) -> bool {
        let rest = &self.buffer[self.start..];
        let end = rest.iter().position(|byte| *byte == b'\n' || *byte == b'\r');
        // After a carriage return the line feed must be seen as well.
        self.at_end || rest.len() > MAX_RECORD || end.is_some_and(|end| rest[end] == b'\n' || end + 1 < rest.len())
    }

    /// The line at hand, cut at its commas: what can be shown of a record whose quotes don't add up.
    fn split_line(&self, bytes: &mut Vec<u8>, ends: &mut Vec<usize>) -> usize {
        let rest = &self.buffer[self.start..];
        let line = rest.iter().position(|byte| *byte == b'\n' || *byte == b'\r').unwrap_or(rest.len());
        bytes.clear();
        ends.clear();
        for field in rest[..line].split(|byte| *byte == b',') {
            bytes.extend_from_slice(field);
            ends.push(bytes.len());
        }
        line + line_end(&rest[line..])
    }

    /// Leaves out what is left of a line, however long it is.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let rest = &self.buffer[self.start..];
            let end = rest.iter().position(|byte| *byte == b'\n' || *byte == b'\r');
            match end {
                // After a carriage return the line feed must be seen as well.
                Some(end) if self.at_end || rest[end] == b'\n' || end + 1 < rest.len() => {
                    self.start += end + line_end(&rest[end..]);
                    return Ok(());
                }
                Some(end) => self.start += end,
                None => self.start = self.buffer.len(),
            }
            if self.at_end {
                return Ok(());
            }
            self.fill()?;
        }
    }

    fn text(&self, record: &mut Record, bytes: Vec<u8>) {
        match first_broken(&bytes, &record.ends) {
            None => record.text = String::from_utf8(bytes).unwrap_or_default(),
            Some(place) => {
                record.fault = Some(Problem::of_row(
                    "is not UTF-8",
                    format!(
                        "is not UTF-8: byte 0x{:02X} in field {}. Save the file as UTF-8 (it may be Windows-1252)",
                        bytes[place],
                        record.ends.iter().filter(|end| **end <= place).count() + 1
                    ),
                ));
                record.text = lossy(&bytes, &mut record.ends);
            }
        }
        if record.fault.is_none() && record.text.bytes().any(|byte| byte < b' ' && !b"\t\r\n".contains(&byte)) {
            record.fault = Some(match record.text.contains('\0') {
                true => Problem::of_row("holds a NUL byte", "holds a NUL byte: remove it"),
                false => Problem::of_row("holds a control character", "holds a control character: remove it"),
            });
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        if let Some(error) = self.broken.take() {
            return Err(error);
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let before = self.buffer.len();
        // A long record is read in ever larger bites, so that it is not scanned anew for each small one.
        let bite = self.chunk.max(before);
        match (&mut self.input).take(bite as u64).read_to_end(&mut self.buffer) {
            Ok(length) => self.at_end = length < bite,
            Err(error) if self.buffer.len() == before => return Err(error),
            Err(error) => self.broken = Some(error),
        }
        Ok(())
    }
}

const UNCLOSED: &str = "opens a quote that is not closed: close it, or double it where it is part of the text";
const TOO_LONG: &str = "is longer than 1 MiB: no row that can be taken is";
const AFTER_QUOTE: &str =
    "has text after a closing quote: a quote that is part of the text is doubled, and the whole field quoted";
const WITHIN: &str = "has a quote inside a field that is not quoted: double it, and put the whole field into quotes";

fn line_end(rest: &[u8]) -> usize {
    match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

/// Splits the record at the start of `rest` into `bytes` and `ends`.
fn scan(rest: &[u8], at_end: bool, bytes: &mut Vec<u8>, ends: &mut Vec<usize>) -> Scan {
    bytes.clear();
    ends.clear();
    let mut at = 0;
    loop {
        if rest.get(at) == Some(&b'"') {
            at += 1;
            loop {
                let Some(length) = rest[at..].iter().position(|byte| *byte == b'"') else {
                    return if at_end { Scan::Stray(UNCLOSED) } else { Scan::Cut(true) };
                };
                bytes.extend_from_slice(&rest[at..at + length]);
                at += length + 1;
                match rest.get(at) {
                    Some(b'"') => {
                        bytes.push(b'"');
                        at += 1;
                    }
                    _ => break,
                }
            }
        } else {
            let plain = |byte: &u8| matches!(byte, b',' | b'\n' | b'\r' | b'"');
            let length = rest[at..].iter().position(plain).unwrap_or(rest.len() - at);
            bytes.extend_from_slice(&rest[at..at + length]);
            at += length;
            if rest.get(at) == Some(&b'"') {
                return Scan::Stray(WITHIN);
            }
        }
        match rest.get(at) {
            Some(b',') => {
                ends.push(bytes.len());
                at += 1;
            }
            // The byte after a carriage return tells how long the line's end is.
            Some(b'\r') if at + 1 == rest.len() && !at_end => return Scan::HalfEnd,
            Some(b'\r' | b'\n') => {
                ends.push(bytes.len());
                return Scan::Record(at + line_end(&rest[at..]));
            }
            Some(_) => return Scan::Stray(AFTER_QUOTE),
            None if at_end => {
                ends.push(bytes.len());
                return Scan::Record(at);
            }
            None => return Scan::Cut(false),
        }
    }
}

/// The place of the first byte that is not UTF-8. Bytes of two fields don't make up a character together.
fn first_broken(bytes: &[u8], ends: &[usize]) -> Option<usize> {
    match std::str::from_utf8(bytes) {
        Ok(text) => ends.iter().find(|end| !text.is_char_boundary(**end)).map(|end| end - 1),
        Err(error) => Some(error.valid_up_to()),
    }
}

/// The text with a replacement character for what is not UTF-8, its field ends moved along.
fn lossy(bytes: &[u8], ends: &mut [usize]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut start = 0;
    for end in ends {
        text.push_str(&String::from_utf8_lossy(&bytes[start..*end]));
        start = *end;
        *end = text.len();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Seen = (u64, Vec<String>, Option<String>);

    fn read(bytes: &[u8]) -> Vec<Seen> {
        read_in_chunks(bytes, CHUNK)
    }

    fn read_in_chunks(bytes: &[u8], chunk: usize) -> Vec<Seen> {
        let mut records = Records::with_chunk(bytes, chunk).unwrap();
        let mut record = Record::default();
        let mut seen = Vec::new();
        while records.next(&mut record).unwrap() {
            let fields = (0..record.len()).map(|place| record.raw(place).to_owned()).collect();
            seen.push((record.row, fields, record.fault.take().map(|fault| fault.message)));
        }
        seen
    }

    fn fields(bytes: &[u8]) -> Vec<Vec<String>> {
        read(bytes).into_iter().inspect(|seen| assert_eq!(seen.2, None)).map(|seen| seen.1).collect()
    }

    #[test]
    fn plain_files_are_read_as_they_stand() {
        let cases: &[(&str, &[&[&str]])] = &[
            ("a,b\n1,2\n", &[&["a", "b"], &["1", "2"]]),
            ("a,b\r\n1,2", &[&["a", "b"], &["1", "2"]]),
            ("a\rb\r", &[&["a"], &["b"]]),
            ("\u{feff}a,b\n", &[&["a", "b"]]),
            ("a,\n,\n", &[&["a", ""], &["", ""]]),
            ("\"a,b\",\"c\"\"d\",\"\"\n", &[&["a,b", "c\"d", ""]]),
            ("\"two\nlines\",x\n", &[&["two\nlines", "x"]]),
            ("a\n\nb\n", &[&["a"], &[""], &["b"]]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(fields(text.as_bytes()), *expected, "{text:?}");
        }
    }

    #[test]
    fn a_stray_quote_spoils_its_own_line_only() {
        let cases = [
            ("a,b\nx,5\" pipe\ny,2\n", "inside a field that is not quoted"),
            ("a,b\nx,\"5\" pipe\ny,2\n", "after a closing quote"),
            ("a,b\nx,\"5 inch\ny,2\n", "not closed"),
            ("a,b\nx,\"5 inch\ny,\"2\"\n", "after a closing quote"),
        ];
        for (text, expected) in cases {
            let seen = read(text.as_bytes());
            assert_eq!(seen.len(), 3, "{text:?}");
            assert_eq!(seen[1].0, 2);
            assert!(seen[1].2.as_ref().unwrap().contains(expected), "{text:?}: {:?}", seen[1].2);
            assert_eq!(seen[1].1[0], "x");
            assert_eq!((seen[2].0, &seen[2].1[0], &seen[2].2), (3, &"y".to_owned(), &None));
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_does_not_swallow_a_long_file() {
        let mut text = String::from("a,b\n\"open,1\n");
        for _ in 0..300_000 {
            text.push_str("x,22222\n");
        }
        let seen = read(text.as_bytes());
        assert_eq!(seen.len(), 300_002);
        assert!(seen[1].2.as_ref().unwrap().contains("not closed"));
        assert!(seen[2..].iter().all(|seen| seen.2.is_none()));
    }

    #[test]
    fn a_row_that_is_too_long_is_one_bad_row() {
        for end in ["\n", "\r\n", "\r", ""] {
            // Of what is a little longer the buffer happens to hold the end.
            for length in [3 * MAX_RECORD, 5_000_000] {
                let text = format!("a,b{end}x,{}{end}y,2", "0".repeat(length));
                let text = if end.is_empty() { format!("a,b\nx,{}", "0".repeat(length)) } else { text };
                let seen = read(text.as_bytes());
                assert_eq!(seen.len(), if end.is_empty() { 2 } else { 3 }, "{length} bytes, {end:?}");
                assert_eq!(seen[1].2.as_deref(), Some(TOO_LONG));
                if let Some(next) = seen.get(2) {
                    assert_eq!(*next, (3, vec!["y".to_owned(), "2".to_owned()], None));
                }
            }
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_named_with_their_row_and_field() {
        let seen = read(b"a,b\nx,caf\xe9\ny,\x00\nz,\x07\nw,1\n");
        assert!(seen[1].2.as_ref().unwrap().contains("byte 0xE9 in field 2"), "{:?}", seen[1].2);
        assert_eq!(seen[1].1, ["x", "caf\u{fffd}"]);
        assert!(seen[2].2.as_ref().unwrap().contains("NUL"));
        assert!(seen[3].2.as_ref().unwrap().contains("control character"));
        assert_eq!(seen[4].2, None);
        let error = Records::new(&b"\xff\xfea\0b\0"[..]).err().unwrap();
        assert!(error.to_string().contains("UTF-16"));
    }

    #[test]
    fn all_rows_before_a_break_are_read() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("broken"))
            }
        }
        let mut records = Records::new(b"a\nb\nhal".chain(Broken)).unwrap();
        let mut record = Record::default();
        assert!(records.next(&mut record).unwrap() && records.next(&mut record).unwrap());
        assert_eq!(records.next(&mut record).unwrap_err().to_string(), "broken");
        assert_eq!(records.row(), 2);
    }

    #[test]
    fn halves_of_a_character_in_two_fields_are_no_text() {
        let seen = read(b"\xc3,\xa9\n");
        assert!(seen[0].2.as_ref().unwrap().contains("byte 0xC3 in field 1"), "{:?}", seen[0].2);
    }

    proptest! {
        #[test]
        fn what_a_csv_writer_writes_is_read_back(
            rows in prop::collection::vec(prop::collection::vec("[a-z\",\n\r é]{0,6}", 3), 0..20), chunk in 4usize..40
        ) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let bytes = writer.into_inner().unwrap();
            let read: Vec<_> = read_in_chunks(&bytes, chunk).into_iter().map(|seen| seen.1).collect();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn the_bytes_decide_not_the_chunks_they_come_in(
            bytes in prop::collection::vec(prop::sample::select(b"ab,\"\n\r\xc3\xa9\0".to_vec()), 0..80), chunk in 4usize..40
        ) {
            let seen = read(&bytes);
            prop_assert!(seen.iter().zip(1..).all(|(seen, row)| seen.0 == row));
            prop_assert_eq!(seen, read_in_chunks(&bytes, chunk));
        }
    }
}

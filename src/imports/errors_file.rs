//! The rows that were not imported, as a CSV to mend: the file's own columns, the row's number and its reasons.

use super::records::{Record, Records};
use super::source;
use super::store::problems::{self, BadRow};
use crate::error::{Error, Result};
use diesel::pg::PgConnection;
use std::cell::Cell;
use std::io::{Read, Seek, Write};
use std::rc::Rc;

/// The columns that are added, and left out again when the mended file comes back.
pub const ADDED: [&str; 2] = ["import_row", "import_reason"];

/// How many bad rows are fetched at a time.
const PAGE: i64 = 5_000;

/// Writes the bad rows of `file`, which is read a second time: nothing of it is kept in memory.
pub fn write<R: Read + Seek>(conn: &mut PgConnection, file: &mut R, out: &mut dyn Write) -> Result<()> {
    problems::index(conn)?;
    let text = source::open(file, Rc::new(Cell::new(0))).map_err(Error::internal)?;
    let mut records = Records::new(text).map_err(Error::internal)?;
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(out);
    let mut record = Record::default();
    if !records.next(&mut record).map_err(Error::internal)? {
        return Ok(());
    }
    let added: Vec<_> = (0..record.len()).filter(|place| ADDED.contains(&record.field(*place))).collect();
    let width = record.len();
    write_record(&mut writer, &record, width, &added, ADDED)?;
    let mut after = 0;
    loop {
        let bad = problems::page(conn, after, PAGE)?;
        let Some(last) = bad.last() else { break };
        after = last.number;
        for BadRow { number: row, reason } in &bad {
            let number = u64::try_from(*row).unwrap_or_default();
            while record.row < number && records.next(&mut record).map_err(Error::internal)? {}
            write_record(&mut writer, &record, width, &added, [&row.to_string(), reason])?;
        }
    }
    writer.flush().map_err(Error::internal)
}

/// A row that is too short is filled up, so that what is added stands under its header.
fn write_record(
    writer: &mut csv::Writer<&mut dyn Write>,
    record: &Record,
    width: usize,
    without: &[usize],
    added: [&str; 2],
) -> Result<()> {
    let own = (0..record.len().max(width)).filter(|place| !without.contains(place)).map(|place| record.raw(place));
    writer.write_record(own.chain(added)).map_err(Error::internal)
}

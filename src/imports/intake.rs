//! Reading a file row by row: good rows become lines for staging, bad ones are put aside with their reasons.

use super::copy::Line;
use super::kind::Kind;
use super::mapping::Mapping;
use super::problem::{Problem, Warnings};
use super::records::{Record, Records};
use super::row::{Cells, Context, Parse, Row};
use super::{rows, source};
use crate::error::{Error, Result};
use std::cell::Cell;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::rc::Rc;
use tempfile::SpooledTempFile;

/// Rows between two reports of progress.
const STEP: u64 = 2_000;

/// Bytes gathered before they go to the database, or for problems to the disk.
const BATCH: usize = 1 << 16;

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Rows are read: how many, and how many bytes of the file.
    Reading {
        /// Rows so far.
        rows: u64,
        /// Bytes of the file so far, packed as they may be.
        bytes: u64,
    },
    /// All rows are checked against each other and the database.
    Checking,
    /// The good ones are written.
    Writing,
    /// Purchases are rolled up anew.
    RollingUp,
    /// Rules look at the customers that changed.
    RunningRules,
    /// The bad rows are written to their file.
    WritingErrors,
}

/// A file being read.
pub struct Intake<'a> {
    kind: Kind,
    mapping: &'a Mapping,
    context: &'a Context,
    parse: Parse,
    records: Records<Box<dyn Read + 'a>>,
    bytes: Rc<Cell<u64>>,
    progress: &'a mut dyn FnMut(Progress),
    /// Problems on their way to the database, as lines of COPY text: in memory as long as they are few.
    problems: SpooledTempFile,
    /// Rows read, without the header and blank lines.
    pub rows: u64,
    /// What is odd about them.
    pub warnings: Warnings,
    /// Why reading broke off. The database only says that it did.
    pub failure: Option<Error>,
}

impl<'a> Intake<'a> {
    /// Goes on reading `records` after the header.
    pub fn new(
        kind: Kind,
        mapping: &'a Mapping,
        context: &'a Context,
        records: Records<Box<dyn Read + 'a>>,
        bytes: Rc<Cell<u64>>,
        progress: &'a mut dyn FnMut(Progress),
    ) -> Self {
        Self {
            kind,
            mapping,
            context,
            parse: rows::parse(kind),
            records,
            bytes,
            progress,
            problems: SpooledTempFile::new(1 << 20),
            rows: 0,
            warnings: Warnings::default(),
            failure: None,
        }
    }

    /// Reads to the end of the file, good rows into `sink`.
    ///
    /// # Errors
    /// Where the file can't be read to its end; why is in [`Intake::failure`], naming the row it breaks off after.
    pub fn feed(&mut self, sink: &mut dyn Write) -> Result<()> {
        self.read_all(sink).map_err(|error| {
            let text = error.to_string();
            self.failure = Some(error);
            Error::Malformed(text)
        })
    }

    fn read_all(&mut self, sink: &mut dyn Write) -> Result<()> {
        let mut record = Record::default();
        let mut line = Line::default();
        let mut batch = Vec::with_capacity(BATCH + 1024);
        let mut bad = Vec::new();
        loop {
            match self.records.next(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return Err(Error::Malformed(source::explain(&error, self.records.row()))),
            }
            if record.fault.is_none() && record.is_empty() {
                continue;
            }
            self.rows += 1;
            match self.read(&record, &mut line) {
                Ok(()) => batch.extend_from_slice(line.finish()),
                Err((key, problems)) => put_aside(&mut bad, &mut line, record.row, key.as_deref(), &problems),
            }
            if batch.len() >= BATCH {
                sink.write_all(&batch).map_err(Error::internal)?;
                batch.clear();
            }
            if bad.len() >= BATCH {
                self.problems.write_all(&bad).map_err(Error::internal)?;
                bad.clear();
            }
            if self.rows.is_multiple_of(STEP) {
                (self.progress)(Progress::Reading { rows: self.rows, bytes: self.bytes.get() });
            }
        }
        sink.write_all(&batch).map_err(Error::internal)?;
        self.problems.write_all(&bad).map_err(Error::internal)?;
        (self.progress)(Progress::Reading { rows: self.rows, bytes: self.bytes.get() });
        Ok(())
    }

    /// Writes the problems that were put aside into `sink`.
    pub fn feed_problems(&mut self, sink: &mut dyn Write) -> Result<()> {
        self.problems.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
        let mut reader = BufReader::with_capacity(BATCH, &mut self.problems);
        std::io::copy(&mut reader, sink).map_err(Error::internal)?;
        Ok(())
    }

    /// Tells how far the import is.
    pub fn tell(&mut self, progress: Progress) {
        (self.progress)(progress);
    }

    fn read(&mut self, record: &Record, line: &mut Line) -> std::result::Result<(), (Option<String>, Vec<Problem>)> {
        let cells = Cells::new(self.kind, self.mapping, record);
        let width = self.mapping.width;
        let fault = record.fault.clone().or_else(|| {
            (record.len() != width).then(|| {
                let message =
                    format!("has {} fields where the header has {width}: check its commas and quotes", record.len());
                Problem::of_row("has another number of fields than the header", message)
            })
        });
        if let Some(fault) = fault {
            // The key is the first column of its kind: good enough to hold back the rest of the order.
            let [key] = cells.all();
            let key = key.text().filter(|text| !text.contains('\0'));
            return Err((key.map(str::to_owned), vec![fault]));
        }
        let mut row =
            Row { number: record.row, context: self.context, problems: Vec::new(), warnings: &mut self.warnings };
        line.begin(record.row);
        let key = (self.parse)(&cells, &mut row, line);
        if row.problems.is_empty() { Ok(()) } else { Err((key.map(str::to_owned), row.problems)) }
    }
}

fn put_aside(bad: &mut Vec<u8>, line: &mut Line, row: u64, key: Option<&str>, problems: &[Problem]) {
    for problem in problems {
        line.begin(row);
        line.text(key);
        line.text(Some(problem.column));
        line.text(Some(problem.cause));
        line.text(Some(&problem.message));
        bad.extend_from_slice(line.finish());
    }
}

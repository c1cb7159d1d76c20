//! The beginning of a file: its columns and a few of its rows, for choosing what is what before anything is imported.

use super::kind::Kind;
use super::records::{Record, Records};
use super::shopify::Export;
use super::source;
use crate::error::{Error, Result};
use std::cell::Cell;
use std::io::{Read, Seek};
use std::rc::Rc;

/// How many rows are looked at.
const ROWS: usize = 3;
/// How much of a field is shown.
const SHOWN: usize = 60;

/// What stands at the beginning of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// Its columns; of another program's export, what they become.
    pub header: Vec<String>,
    /// The fields of its first rows, shortened. A row that can't be read is left out.
    pub samples: Vec<Vec<String>>,
    /// What the rows are, where the file is an export of a program that is known.
    pub exported: Option<Kind>,
}

/// Reads the beginning of `file`.
///
/// # Errors
/// A file that is empty, damaged at its beginning, or none of text.
pub fn beginning<R: Read + Seek>(file: &mut R) -> Result<Beginning> {
    let unreadable = |error: std::io::Error| Error::Malformed(source::explain(&error, 0));
    let text = source::open(file, Rc::new(Cell::new(0))).map_err(unreadable)?;
    let mut records = Records::new(text).map_err(unreadable)?;
    let mut header = header(&mut records, "Its first row names the columns.")?;
    let export = Export::of(&header);
    let exported = export.as_ref().map(Export::kind);
    if let Some(export) = export {
        header = export.columns();
        records.translate(export);
    }
    let mut samples = Vec::new();
    let mut record = Record::default();
    while samples.len() < ROWS {
        match records.next(&mut record) {
            Ok(true) if record.fault.is_none() && !record.is_empty() => samples.push(shown(&record)),
            Ok(true) => {}
            // The import itself will tell.
            Ok(false) | Err(_) => break,
        }
    }
    Ok(Beginning { header, samples, exported })
}

fn shown(record: &Record) -> Vec<String> {
    (0..record.len()).map(|place| record.field(place).chars().take(SHOWN).collect()).collect()
}

/// The columns of the header, which is read. `wanted` is said besides where there is none.
///
/// # Errors
/// A file that is empty, or whose header can't be read.
pub fn header(records: &mut Records<Box<dyn Read + '_>>, wanted: &str) -> Result<Vec<String>> {
    let mut record = Record::default();
    loop {
        let more = records.next(&mut record);
        if !more.map_err(|error| Error::Malformed(source::explain(&error, records.row())))? {
            return Err(Error::Malformed(format!("The file is empty. {wanted}")));
        }
        if let Some(fault) = &record.fault {
            return Err(Error::Malformed(format!("The header, row {}, {}.", record.row, fault.message)));
        }
        // Blank lines before the header are no reason to complain.
        if !record.is_empty() || record.len() > 1 {
            break;
        }
    }
    Ok((0..record.len()).map(|place| record.field(place).to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn a_file_is_known_by_its_beginning() {
        let of = |text: &[u8]| beginning(&mut Cursor::new(text.to_vec()));
        let found = of(b"\n\ncode, name\nA,Ann\nB,\"Bo\n").unwrap();
        assert_eq!((found.header.join("|").as_str(), found.samples.len()), ("code|name", 1));
        assert_eq!(found.samples[0], ["A", "Ann"]);
        let long = format!("code\n{}\n", "x".repeat(100));
        assert_eq!(of(long.as_bytes()).unwrap().samples[0][0].len(), SHOWN);
        for (text, told) in [
            (&b""[..], "The file is empty. Its first row"),
            (&b"\n\n"[..], "The file is empty."),
            (&b"a,b\"c\n1,2\n"[..], "The header, row 1, has a quote inside"),
            (&b"n\xE4me\n"[..], "is not UTF-8"),
            (&b"a\0b\n"[..], "holds a NUL byte"),
            (&b"PK\x03\x04"[..], "The file is a ZIP archive"),
            (&b"\xFF\xFEa"[..], "The file is UTF-16."),
        ] {
            let error = of(text).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}

//! The bytes of a file: plain or gzip, told by its first bytes, counted as they are read.

use flate2::read::MultiGzDecoder;
use std::cell::Cell;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::rc::Rc;

/// Counts the bytes that go through, as they lie in the file.
struct Counting<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(into)?;
        self.count.set(self.count.get() + length as u64);
        Ok(length)
    }
}

/// The text of `file` from its beginning, unpacked where it is gzip. `count` goes up by the bytes read from the file.
///
/// # Errors
/// Where the file can't be read, or is an archive or a spreadsheet.
pub fn open<'a, R: Read + Seek>(file: &'a mut R, count: Rc<Cell<u64>>) -> io::Result<Box<dyn Read + 'a>> {
    file.seek(SeekFrom::Start(0))?;
    let mut magic = Vec::with_capacity(4);
    file.by_ref().take(4).read_to_end(&mut magic)?;
    file.seek(SeekFrom::Start(0))?;
    if magic.starts_with(b"PK\x03\x04") {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "The file is a ZIP archive or a spreadsheet. Export it as CSV (UTF-8).",
        ));
    }
    let bytes = BufReader::with_capacity(1 << 16, Counting { inner: file, count });
    if magic.starts_with(&[0x1f, 0x8b]) { Ok(Box::new(MultiGzDecoder::new(bytes))) } else { Ok(Box::new(bytes)) }
}

/// What went wrong with reading, as a sentence that says after which row.
pub fn explain(error: &io::Error, row: u64) -> String {
    let place = if row == 0 { "at its beginning".to_owned() } else { format!("after row {row}") };
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            format!("The file is cut off {place}: its gzip data ends too early. Copy or download it again.")
        }
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => match error.to_string() {
            text if text.starts_with("The file") => text,
            text => format!("The file is damaged {place} ({text}). Copy or download it again."),
        },
        _ => format!("The file can't be read {place}: {error}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::{Cursor, Write};

    fn packed(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: Vec<u8>) -> io::Result<(String, u64)> {
        let count = Rc::new(Cell::new(0));
        let mut text = String::new();
        open(&mut Cursor::new(bytes), Rc::clone(&count))?.read_to_string(&mut text)?;
        Ok((text, count.get()))
    }

    #[test]
    fn gzip_is_told_by_its_bytes_not_its_name() {
        let text = "code,name\n".repeat(1000);
        assert_eq!(read(text.clone().into_bytes()).unwrap(), (text.clone(), 10_000));
        let bytes = packed(&text);
        let size = bytes.len() as u64;
        assert_eq!(read(bytes.clone()).unwrap(), (text.clone(), size));
        // Two members one after the other are one file.
        let twice = [bytes.clone(), bytes].concat();
        assert_eq!(read(twice).unwrap().0, text.repeat(2));
    }

    #[test]
    fn what_can_not_be_read_says_why() {
        let bytes = packed(&"code,name\n".repeat(1000));
        let cut = read(bytes[..bytes.len() - 12].to_vec()).unwrap_err();
        assert!(explain(&cut, 17).contains("cut off after row 17"), "{cut}");
        let mut broken = bytes.clone();
        for byte in &mut broken[12..40] {
            *byte = 0xFF;
        }
        let broken = read(broken).unwrap_err();
        assert!(explain(&broken, 0).contains("damaged at its beginning"), "{broken}");
        let archive = read(b"PK\x03\x04....".to_vec()).unwrap_err();
        assert!(explain(&archive, 0).starts_with("The file is a ZIP archive"));
    }
}

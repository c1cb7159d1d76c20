//! Tables that are downloaded as a workbook (XLSX): typed cells, number formats, a heading that stays in sight. Rows go
//! to a file as they come, so that memory doesn't grow with them.

use crate::db::Db;
use crate::error::{Error, Result};
use crate::money::Currency;
use crate::table::{Cell, Table};
use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::web::{self, Bytes};
use chrono::{Datelike, NaiveDate};
use diesel::PgConnection;
use futures_util::stream;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use std::fs::File;
use std::future::Future;
use std::io::{BufWriter, Read, Seek, Write};

/// Rows of a sheet below its heading; more go on in another sheet.
const SHEET_ROWS: u32 = 1_048_575;
/// Bytes that are sent at a time.
const CHUNK: usize = 256 * 1024;
/// What programs know a workbook by.
const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A workbook that is being written.
pub struct Book {
    workbook: Workbook,
    formats: Formats,
    currency: Currency,
    /// The sheet that is written.
    sheet: usize,
    title: String,
    columns: Vec<String>,
    /// The next row of it.
    row: u32,
}

/// One of each, since every format that is used is kept.
struct Formats {
    head: Format,
    text: Format,
    money: Format,
    count: Format,
    share: Format,
    number: Format,
    day: Format,
    month: Format,
}

impl Formats {
    fn of(currency: Currency) -> Self {
        let decimals = usize::from(currency.decimals());
        let money = if decimals == 0 { "#,##0".to_owned() } else { format!("#,##0.{}", "0".repeat(decimals)) };
        let number = |code: &str| Format::new().set_num_format(code);
        Self {
            head: Format::new().set_bold(),
            text: Format::new(),
            money: number(&money),
            count: number("#,##0"),
            share: number("0.0%"),
            number: number("#,##0.00"),
            day: number("yyyy-mm-dd"),
            month: number("mmm yyyy"),
        }
    }
}

impl Book {
    /// An empty workbook with amounts in this currency.
    pub fn new(currency: Currency) -> Self {
        Self {
            workbook: Workbook::new(),
            formats: Formats::of(currency),
            currency,
            sheet: 0,
            title: String::new(),
            columns: Vec::new(),
            row: 0,
        }
    }

    /// Begins a sheet with these headings, and stays there for [`Book::rows`].
    ///
    /// # Errors
    /// The disk is full.
    pub fn sheet(&mut self, title: &str, columns: &[String]) -> Result<()> {
        (self.title, self.columns) = (sheet_name(title), columns.to_vec());
        self.begin(&self.title.clone())
    }

    fn begin(&mut self, name: &str) -> Result<()> {
        let sheet = self.workbook.add_worksheet_with_constant_memory().map_err(Error::internal)?;
        let write = |sheet: &mut Worksheet| -> Result<(), XlsxError> {
            sheet.set_name(name)?.set_freeze_panes(1, 0)?;
            for (n, column) in (0u16..).zip(&self.columns) {
                sheet.set_column_width(n, if n == 0 { 28.0 } else { 18.0 })?;
                sheet.write_string_with_format(0, n, column, &self.formats.head)?;
            }
            Ok(())
        };
        write(sheet).map_err(Error::internal)?;
        self.sheet = self.workbook.worksheets().len() - 1;
        self.row = 1;
        Ok(())
    }

    /// Writes rows below those that are there.
    ///
    /// # Errors
    /// The disk is full.
    pub fn rows(&mut self, rows: &[Vec<Cell>]) -> Result<()> {
        rows.iter().try_for_each(|row| self.row(row))
    }

    /// Writes one row.
    ///
    /// # Errors
    /// The disk is full.
    pub fn row(&mut self, cells: &[Cell]) -> Result<()> {
        if self.row > SHEET_ROWS {
            let name = format!("{} ({})", self.title.chars().take(24).collect::<String>(), self.sheet + 1);
            self.begin(&name)?;
        }
        let sheet = self.workbook.worksheet_from_index(self.sheet).map_err(Error::internal)?;
        for (n, cell) in (0u16..).zip(cells) {
            write(sheet, (self.row, n), cell, &self.formats, self.currency).map_err(Error::internal)?;
        }
        self.row += 1;
        Ok(())
    }

    /// Adds a whole table.
    ///
    /// # Errors
    /// The disk is full.
    pub fn table(&mut self, table: &Table) -> Result<()> {
        self.sheet(&table.title, &table.columns)?;
        self.rows(&table.rows)
    }

    /// The finished file, at its beginning.
    ///
    /// # Errors
    /// The disk is full.
    pub fn finish(mut self) -> Result<File> {
        let mut file = BufWriter::new(tempfile::tempfile().map_err(Error::internal)?);
        self.workbook.save_to_writer(&mut file).map_err(Error::internal)?;
        file.flush().map_err(Error::internal)?;
        let mut file = file.into_inner().map_err(|fault| Error::internal(fault.to_string()))?;
        file.rewind().map_err(Error::internal)?;
        Ok(file)
    }
}

/// Text is written as text: nothing in a workbook is taken for a formula that isn't written as one.
fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    formats: &Formats,
    currency: Currency,
) -> Result<(), XlsxError> {
    let number = |figure: rust_decimal::Decimal| figure.to_f64().unwrap_or_default();
    let day = |day: &NaiveDate| {
        let year = u16::try_from(day.year()).unwrap_or(1900);
        ExcelDateTime::from_ymd(year, day.month() as u8, day.day() as u8)
    };
    match cell {
        Cell::Nothing => return Ok(()),
        Cell::Text(text) => {
            // A cell takes 32,767 characters.
            let text: String = text.chars().take(32_000).collect();
            sheet.write_string_with_format(row, column, text, &formats.text)?
        }
        Cell::Money(minor) => {
            sheet.write_number_with_format(row, column, number(currency.major(*minor)), &formats.money)?
        }
        Cell::Count(count) => sheet.write_number_with_format(row, column, *count as f64, &formats.count)?,
        Cell::Share(share) => sheet.write_number_with_format(row, column, number(*share), &formats.share)?,
        Cell::Number(figure) => sheet.write_number_with_format(row, column, number(*figure), &formats.number)?,
        Cell::Day(date) => sheet.write_datetime_with_format(row, column, &day(date)?, &formats.day)?,
        Cell::Month(date) => sheet.write_datetime_with_format(row, column, &day(date)?, &formats.month)?,
    };
    Ok(())
}

/// A name that a sheet takes: at most 31 characters, none of `[]:*?/\`.
fn sheet_name(title: &str) -> String {
    let allowed = |c: &char| !"[]:*?/\\'".contains(*c) && !c.is_control();
    let name: String = title.chars().filter(allowed).take(31).collect();
    if name.trim().is_empty() { "Sheet".to_owned() } else { name }
}

/// Tables as one workbook, a sheet each.
///
/// # Errors
/// The disk is full.
pub async fn of_tables(file: &str, currency: Currency, tables: Vec<Table>) -> Result<HttpResponse> {
    let work = move || {
        let mut book = Book::new(currency);
        tables.iter().try_for_each(|table| book.table(table))?;
        book.finish()
    };
    sent(file, web::block(work).await.map_err(|_| Error::Busy)??)
}

/// A list as a workbook. `chunk` is asked for rows as [`crate::web::csv::download`] asks for text.
///
/// # Errors
/// Those of `chunk`, or the disk is full.
pub async fn of_list<P, F, Fut>(
    file: &str,
    currency: Currency,
    heading: Table,
    start: P,
    chunk: F,
) -> Result<HttpResponse>
where
    F: Fn(P) -> Fut,
    Fut: Future<Output = Result<(Vec<Vec<Cell>>, Option<P>)>>,
{
    let mut book = Book::new(currency);
    book.sheet(&heading.title, &heading.columns)?;
    let mut place = Some(start);
    while let Some(here) = place {
        let (rows, next) = chunk(here).await?;
        place = next;
        let work = move || book.rows(&rows).map(|()| book);
        book = web::block(work).await.map_err(|_| Error::Busy)??;
    }
    sent(file, web::block(move || book.finish()).await.map_err(|_| Error::Busy)??)
}

/// All rows that one statement gives as a workbook: as [`crate::web::csv::of_query`].
///
/// # Errors
/// Those of `each`, or the disk is full.
pub async fn of_query<Q>(file: &str, currency: Currency, heading: Table, db: &Db, each: Q) -> Result<HttpResponse>
where
    Q: FnOnce(&mut PgConnection, &mut dyn FnMut(&[Cell]) -> Result<()>) -> Result<()> + Send + 'static,
{
    let work = move |conn: &mut PgConnection| {
        let mut book = Book::new(currency);
        book.sheet(&heading.title, &heading.columns)?;
        each(conn, &mut |cells| book.row(cells))?;
        book.finish()
    };
    sent(file, db.read(work).await?)
}

fn sent(name: &str, file: File) -> Result<HttpResponse> {
    let length = file.metadata().map_err(Error::internal)?.len();
    let chunks = stream::try_unfold(file, |mut file| async move {
        let read = move || -> std::io::Result<_> {
            let mut chunk = Vec::with_capacity(CHUNK);
            Read::by_ref(&mut file).take(CHUNK as u64).read_to_end(&mut chunk)?;
            Ok((chunk, file))
        };
        let (chunk, file) = web::block(read).await.map_err(|_| Error::Busy)?.map_err(Error::internal)?;
        Ok::<_, Error>((!chunk.is_empty()).then_some((Bytes::from(chunk), file)))
    });
    Ok(HttpResponse::Ok()
        .content_type(MEDIA_TYPE)
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .body(SizedStream::new(length, Box::pin(chunks))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_takes_its_name() {
        let long = "x".repeat(40);
        for (title, name) in [
            ("By month", "By month"),
            ("a/b:c[d]*?'\\", "abcd"),
            ("///", "Sheet"),
            (long.as_str(), "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        ] {
            assert_eq!(sheet_name(title), name);
        }
    }

    #[test]
    fn a_book_is_a_zip_file_with_its_sheets() {
        let mut book = Book::new(Currency::USD);
        let mut table = Table::new("Members", ["Name", "Purchases"]);
        table.push(vec![Cell::text("=1+1"), Cell::Money(12_345)]);
        book.table(&table).unwrap();
        book.table(&Table { title: "Empty".into(), ..table }).unwrap();
        let mut bytes = Vec::new();
        book.finish().unwrap().read_to_end(&mut bytes).unwrap();
        assert!(bytes.starts_with(b"PK") && bytes.len() > 1_000);
    }
}

//! Tables that are downloaded as CSV, a few rows at a time, and opened in spreadsheets.

use super::spool::{Pen, spooled};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::money::Currency;
use crate::table::{Cell, Table};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};
use diesel::PgConnection;
use futures_util::stream::{self, Stream};
use std::borrow::Cow;
use std::future::Future;
use std::io::Write;

/// Rows as CSV text.
pub fn rows<R, C>(rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>>
where
    R: IntoIterator<Item = C>,
    C: AsRef<str>,
{
    let mut csv = csv::Writer::from_writer(Vec::new());
    for row in rows {
        csv.write_record(row.into_iter().map(|cell| plain_cell(cell.as_ref()).into_owned()))
            .map_err(Error::internal)?;
    }
    csv.into_inner().map_err(|error| Error::internal(error.to_string()))
}

/// A spreadsheet takes a cell that begins like a formula for one: an apostrophe keeps it text. A number below zero is
/// none.
fn plain_cell(cell: &str) -> Cow<'_, str> {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let number = cell.strip_prefix('-').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    if formula && !number { format!("'{cell}").into() } else { cell.into() }
}

/// Tables one below the other, each under its title.
///
/// # Errors
/// None that a user can mend.
pub fn of_tables(file: &str, currency: Currency, tables: &[Table]) -> Result<HttpResponse> {
    let mut text = Vec::new();
    for (n, table) in tables.iter().enumerate() {
        if n > 0 {
            text.push(b'\n');
        }
        text.extend(rows([[table.title.as_str()]])?);
        text.extend(rows([&table.columns])?);
        text.extend(rows(table.rows.iter().map(|row| row.iter().map(|cell| cell.plain(currency))))?);
    }
    Ok(saved_as(file).body(text))
}

/// A list of typed cells under its headings: as [`download`], of rows.
pub fn of_list<P, F, Fut>(file: &str, currency: Currency, heading: Table, start: P, chunk: F) -> HttpResponse
where
    P: 'static,
    F: Fn(P) -> Fut + 'static,
    Fut: Future<Output = Result<(Vec<Vec<Cell>>, Option<P>)>> + 'static,
{
    download(file, (start, Some(heading.columns)), move |(place, heading)| {
        let piece = chunk(place);
        async move {
            let (cells, next) = piece.await?;
            let plain = cells.iter().map(|row| row.iter().map(|cell| cell.plain(currency)).collect::<Vec<_>>());
            let heading = heading.into_iter().map(|columns| columns.into_iter().map(Cow::from).collect());
            let text = rows(heading.chain(plain))?;
            Ok((text, next.map(|place| (place, None))))
        }
    })
}

/// All rows that one statement gives, under their headings, however many they are. `each` runs with a connection of its own
/// and gives one row after the other.
///
/// # Errors
/// No temporary file can be made.
pub fn of_query<Q>(file: &str, currency: Currency, heading: Table, db: &Db, each: Q) -> Result<HttpResponse>
where
    Q: FnOnce(&mut PgConnection, &mut dyn FnMut(&[Cell]) -> Result<()>) -> Result<()> + Send + 'static,
{
    let db = db.clone();
    let write = move |conn: &mut PgConnection, pen: Pen| -> Result<()> {
        let mut csv = csv::Writer::from_writer(pen);
        csv.write_record(&heading.columns).map_err(Error::internal)?;
        each(conn, &mut |cells| {
            for cell in cells {
                csv.write_field(plain_cell(&cell.plain(currency)).as_bytes()).map_err(Error::internal)?;
            }
            csv.write_record(None::<&[u8]>).map_err(Error::internal)
        })?;
        let mut pen = csv.into_inner().map_err(|fault| Error::internal(fault.to_string()))?;
        pen.flush().map_err(Error::internal)
    };
    let pieces = spooled(move |pen| async move { db.read(move |conn| write(conn, pen)).await })?;
    Ok(saved_as(file).streaming(Box::pin(pieces)))
}

fn saved_as(file: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{file}\"")));
    response
}

/// The answer that a browser saves as `file`. `chunk` is asked for one piece of text after the other: given where to
/// go on, it gives the text and where the next piece begins, if there is one.
pub fn download<P, F, Fut>(file: &str, start: P, chunk: F) -> HttpResponse
where
    P: 'static,
    F: Fn(P) -> Fut + 'static,
    Fut: Future<Output = Result<(Vec<u8>, Option<P>)>> + 'static,
{
    saved_as(file).streaming(chunks(start, chunk))
}

fn chunks<P, F, Fut>(start: P, chunk: F) -> impl Stream<Item = Result<Bytes>>
where
    F: Fn(P) -> Fut,
    Fut: Future<Output = Result<(Vec<u8>, Option<P>)>>,
{
    stream::try_unfold(Some(start), move |place| {
        let next = place.map(&chunk);
        async move {
            let Some(next) = next else { return Ok(None) };
            let (text, rest) = next.await?;
            Ok(Some((Bytes::from(text), rest)))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;
    use std::future::ready;

    #[test]
    fn a_cell_is_never_a_formula() {
        for (cell, plain) in [
            ("=1+1", "'=1+1"),
            ("@x", "'@x"),
            ("-1+1", "'-1+1"),
            ("-5.00", "-5.00"),
            ("VIP", "VIP"),
            ("", ""),
            ("\u{2212}$5.00", "\u{2212}$5.00"),
        ] {
            assert_eq!(plain_cell(cell), plain);
        }
        assert_eq!(rows([["a", "=b"], ["c,d", "e\"f"]]).unwrap(), b"a,'=b\n\"c,d\",\"e\"\"f\"\n");
    }

    #[actix_web::test]
    async fn pieces_come_one_after_the_other_until_there_is_no_more() {
        let count = |n: u32| ready(Ok((vec![b'0' + n as u8], (n < 3).then_some(n + 1))));
        let pieces: Vec<Bytes> = chunks(1, count).map(|piece| piece.unwrap()).collect().await;
        assert_eq!(pieces.concat(), b"123");
    }

    #[actix_web::test]
    async fn a_fault_ends_it() {
        let fail = |n: u32| ready(if n == 1 { Ok((vec![b'1'], Some(2))) } else { Err(Error::Busy) });
        let pieces: Vec<Result<Bytes>> = chunks(1, fail).collect().await;
        assert!(matches!(&pieces[..], [Ok(_), Err(Error::Busy)]));
    }
}

//! Tables that are downloaded as CSV, a few rows at a time, and opened in spreadsheets.

use crate::error::{Error, Result};
use crate::money::Currency;
use crate::table::{Cell, Table};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};
use futures_util::stream::{self, Stream};
use std::future::Future;

/// Rows as CSV text.
pub fn rows<R, C>(rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>>
where
    R: IntoIterator<Item = C>,
    C: AsRef<str>,
{
    let mut csv = csv::Writer::from_writer(Vec::new());
    for row in rows {
        csv.write_record(row.into_iter().map(|cell| plain_cell(cell.as_ref()))).map_err(Error::internal)?;
    }
    csv.into_inner().map_err(|error| Error::internal(error.to_string()))
}

/// A spreadsheet takes a cell that begins like a formula for one: an apostrophe keeps it text. A number below zero is
/// none.
fn plain_cell(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let number = cell.strip_prefix('-').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    if formula && !number { format!("'{cell}") } else { cell.to_owned() }
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
            let plain = cells.iter().map(|row| row.iter().map(|cell| cell.plain(currency)).collect::<Vec<String>>());
            let text = rows(heading.into_iter().chain(plain))?;
            Ok((text, next.map(|place| (place, None))))
        }
    })
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

//! All groups at a glance: `/reports/portfolio`, and as files.

use super::notes;
use super::{Asking, Ground, Reader};
use crate::db::Db;
use crate::db::keyset::{Page, Place};
use crate::error::{Error, Result};
use crate::money::Currency;
use crate::reports::forms::{Asked, Picker};
use crate::reports::frame::Frame;
use crate::reports::portfolio::{Overlap, Row, Wanted, file_row, heading};
use crate::reports::store::at_one_moment;
use crate::reports::store::everyone::of_everyone;
use crate::reports::store::portfolio::{Closure, overlaps, page};
use crate::table::Cell;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::forms::Choice;
use crate::web::htmx::Hx;
use crate::web::query::{Pager, Query};
use crate::web::shell::Shell;
use crate::web::{csv, respond, workbook};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use diesel::PgConnection;

/// Rows on a page.
const ROWS: usize = 50;
/// Rows that an export fetches at a time: each piece computes all groups.
const EXPORT_ROWS: usize = 10_000;
/// Pairs of overlapping groups that are shown.
const OVERLAPS: i64 = 10;

#[derive(Template)]
#[template(path = "reports/portfolio.html", blocks = ["results", "overlaps"])]
struct PortfolioPage {
    shell: Shell,
    query: Query,
    picker: Picker,
    currency: Currency,
    notes: Vec<String>,
    /// `None`: the period can't be taken.
    shown: Option<Shown>,
    pager: Pager,
    /// `None`: they follow the page.
    overlaps: Option<Vec<Overlap>>,
}

struct Shown {
    rows: Vec<Row>,
    /// All customers' revenue, minor units.
    total: i64,
    /// The days, for people.
    told: String,
}

impl PortfolioPage {
    fn shows(&self) -> Vec<Choice> {
        vec![Choice::new("empty", "Groups without members")]
    }

    fn overlaps_path(&self) -> String {
        self.query.with("part", "overlaps").url()
    }

    fn export_path(&self, format: &str) -> String {
        self.query.export(&format!("/reports/portfolio.{format}"))
    }
}

/// A page of the portfolio with all customers' revenue.
fn load(
    conn: &mut PgConnection,
    asked: &Asked,
    closure: Option<Closure>,
    wanted: &Wanted,
    limit: usize,
) -> Result<(Page<Row>, i64)> {
    at_one_moment(conn, |conn| {
        let frame = Frame::of(asked.period);
        let total = of_everyone(conn, &frame, false)?.now.sums.net;
        Ok((page(conn, &frame, closure, wanted, limit)?, total))
    })
}

async fn ground(reader: &Reader, query: &Query) -> Result<(Ground, Option<Closure>)> {
    let subgroups = Asked::with_subgroups(query).unwrap_or(true);
    reader
        .main(move |conn, live, ground| {
            let closure = if subgroups { Some(Closure::of(&*live.now(conn)?)) } else { None };
            Ok((ground, closure))
        })
        .await
}

/// `GET /reports/portfolio`; `part=overlaps`: the pairs of groups that share customers.
pub async fn show(asking: Asking, shell: Shell, hx: Hx, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let reader = Reader::of(asking)?;
    let query = Query::new("/reports/portfolio", request.query_string());
    let (ground, closure) = ground(&reader, &query).await?;
    let asked = Asked::of(&query, ground.today);
    let picker = Picker::of(&query, &asked, true);
    let wanted = Wanted::of(|name| query.get(name));
    let with_overlaps = query.get("part") == "overlaps";
    let query = query.without("part");
    let told = asked.as_ref().map(|asked| asked.period.told()).unwrap_or_default();
    let (found, notes) = match asked {
        Ok(asked) => {
            let ask = move |conn: &mut PgConnection| {
                let found = load(conn, &asked, closure, &wanted, ROWS)?;
                Ok((found, if with_overlaps { Some(overlaps(conn, OVERLAPS)?) } else { None }))
            };
            let (found, origin) = reader.report(&ground, ask).await?;
            (Some(found), notes::told(origin, reader.now(), ground.store.time_zone).into_iter().collect())
        }
        Err(_) => (None, Vec::new()),
    };
    let status = if found.is_some() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut pager = Pager::default();
    let mut overlaps = None;
    let shown = found.map(|((page, total), found)| {
        let summary = counted(i64::try_from(page.rows.len()).unwrap_or_default(), "group", "groups") + " on this page";
        pager = Pager::of(&query, &page, |row| (row.key.clone(), row.id), summary);
        overlaps = found;
        Shown { rows: page.rows, total, told }
    });
    let currency = ground.store.currency;
    let page = PortfolioPage { shell, query, picker, currency, notes, shown, pager, overlaps };
    Ok(if with_overlaps && hx.wants("overlaps") {
        respond::page(&page.as_overlaps())?
    } else if hx.wants("results") && status == StatusCode::OK {
        respond::page(&page.as_results())?
    } else {
        respond::html(status, &page)?
    })
}

/// `GET /reports/portfolio.csv`, `.xlsx`: all groups.
pub async fn export(asking: Asking, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let reader = Reader::of(asking)?;
    let query = Query::new("", request.query_string());
    let (ground, closure) = ground(&reader, &query).await?;
    let asked = Asked::of(&query, ground.today).map_err(Error::Invalid)?;
    let wanted = Wanted { place: Place::Start, ..Wanted::of(|name| query.get(name)) };
    let (currency, written) = (ground.store.currency, ground.written);
    let db = Db::clone(&reader.db);
    let rows = move |wanted: Wanted| {
        let (db, written, closure) = (db.clone(), written.clone(), closure.clone());
        async move {
            let here = wanted.clone();
            let ask = move |conn: &mut PgConnection| load(conn, &asked, closure, &here, EXPORT_ROWS);
            let ((page, total), _) = db.report(written, ask).await?;
            let next = page.rows.last().filter(|_| page.after).map(|row| Place::After((row.key.clone(), row.id)));
            let cells: Vec<Vec<Cell>> = page.rows.iter().map(|row| file_row(row, total)).collect();
            Ok((cells, next.map(|place| Wanted { place, ..wanted })))
        }
    };
    let name = format!("portfolio-{}-{}", asked.period.from, asked.period.to);
    if request.path().ends_with(".xlsx") {
        Ok(workbook::of_list(&format!("{name}.xlsx"), currency, heading(), wanted, rows).await?)
    } else {
        Ok(csv::of_list(&format!("{name}.csv"), currency, heading(), wanted, rows))
    }
}

//! The list of segments, and segments for a field that chooses one.

use super::super::store::list::{self as stored, Row};
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::db::keyset::Place;
use crate::error::Result;
use crate::products::listing::searched;
use crate::web::errors::PageError;
use crate::web::find::{FoundOption, Options};
use crate::web::format::{counted, filters};
use crate::web::htmx::Hx;
use crate::web::query::{Chip, Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// Rows on a page of the list.
const ROWS: usize = 50;
/// How many segments a field suggests.
const HITS: usize = 8;

#[derive(Template)]
#[template(path = "segments/list.html", blocks = ["results"])]
struct ListPage {
    shell: Shell,
    query: Query,
    chips: Vec<Chip>,
    rows: Vec<Row>,
    pager: Pager,
    may_edit: bool,
}

/// `GET /segments`: the page, or its results alone.
pub async fn list(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let query = Query::new("/segments", request.query_string());
    let text = searched(query.get("q"));
    let place = Place::of(query.get("after"), query.get("before"));
    let asked = text.clone();
    let page = db.read(move |conn| stored::page(conn, &asked, &place, ROWS)).await?;
    let shown = i64::try_from(page.rows.len()).unwrap_or_default();
    let page = ListPage {
        chips: if text.is_empty() { Vec::new() } else { vec![query.chip("q", "Search", &text)] },
        pager: Pager::of(&query, &page, Row::cursor, counted(shown, "segment on this page", "segments on this page")),
        rows: page.rows,
        may_edit: actor.may(Permission::EditPromotions),
        shell,
        query,
    };
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

/// What a field searches.
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

/// `GET /segments/options`: segments for a field that chooses one.
pub async fn options(db: web::Data<Db>, actor: Actor, asked: web::Query<Asked>) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let text = searched(&asked.q);
    let found = db.read(move |conn| stored::page(conn, &text, &Place::Start, HITS)).await?;
    let option =
        |row: Row| FoundOption { id: row.segment.id.to_string(), label: row.segment.name, hint: String::new() };
    Ok(respond::page(&Options { options: found.rows.into_iter().map(option).collect() })?)
}

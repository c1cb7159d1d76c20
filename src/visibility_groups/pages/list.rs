//! The list of visibility groups.

use super::super::listing::{Params, Wanted};
use super::super::store::list::{self as stored, Row};
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::error::Result;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::htmx::Hx;
use crate::web::query::{Chip, Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// Rows on a page of the list.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "visibility_groups/list.html", blocks = ["results"])]
struct ListPage {
    shell: Shell,
    query: Query,
    chips: Vec<Chip>,
    rows: Vec<Row>,
    pager: Pager,
    may_create: bool,
}

/// `GET /visibility-groups`: the page, or its results alone.
pub async fn list(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    params: web::Query<Params>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let query = Query::new("/visibility-groups", request.query_string());
    let wanted = Wanted::from(params.into_inner());
    let text = wanted.text.clone();
    let page = db.read(move |conn| stored::page(conn, &wanted, ROWS)).await?;
    let shown = i64::try_from(page.rows.len()).unwrap_or_default();
    let summary = counted(shown, "visibility group on this page", "visibility groups on this page");
    let page = ListPage {
        chips: if text.is_empty() { Vec::new() } else { vec![query.chip("q", "Search", &text)] },
        pager: Pager::of(&query, &page, Row::cursor, summary),
        rows: page.rows,
        may_create: actor.may(Permission::EditCatalogue),
        shell,
        query,
    };
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

//! The product list, and products for a field that chooses one.

use super::super::listing::{Params, Wanted, searched};
use super::super::store::list::{self as stored, Row};
use super::super::store::{self};
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::error::Result;
use crate::groups::group::Status;
use crate::web::errors::PageError;
use crate::web::find::{FoundOption, Options};
use crate::web::format::{counted, filters};
use crate::web::forms::Choice;
use crate::web::htmx::Hx;
use crate::web::query::{Chip, Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// Rows on a page of the list.
const ROWS: usize = 50;
/// How many categories the filter offers.
const CATEGORIES: i64 = 200;
/// How many products a field suggests.
const HITS: i64 = 8;

#[derive(Template)]
#[template(path = "products/list.html", blocks = ["results"])]
struct ListPage {
    shell: Shell,
    query: Query,
    chips: Vec<Chip>,
    categories: Vec<Choice>,
    filtered: bool,
    rows: Vec<Row>,
    pager: Pager,
    may_create: bool,
}

impl ListPage {
    fn statuses(&self) -> Vec<Choice> {
        Status::ALL.iter().map(|status| Choice::new(status.name(), status.label())).collect()
    }
}

/// `GET /products`: the page, or its results alone.
pub async fn list(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    params: web::Query<Params>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let query = Query::new("/products", request.query_string());
    let wanted = Wanted::from(params.into_inner());
    let asked = wanted.clone();
    let (page, mut categories) =
        db.read(move |conn| Ok((stored::page(conn, &asked, ROWS)?, stored::categories(conn, CATEGORIES)?))).await?;
    // The one that is filtered by is a choice even where there are too many to offer all.
    categories.extend(wanted.category.clone().filter(|category| !categories.contains(category)));
    let shown = i64::try_from(page.rows.len()).unwrap_or_default();
    let page = ListPage {
        chips: chips(&query, &wanted),
        categories: categories.into_iter().map(|category| Choice::new(category.clone(), category)).collect(),
        filtered: !wanted.text.is_empty() || wanted.category.is_some() || wanted.status.is_some(),
        pager: Pager::of(&query, &page, Row::cursor, counted(shown, "product on this page", "products on this page")),
        rows: page.rows,
        may_create: actor.may(Permission::EditCatalogue),
        shell,
        query,
    };
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

fn chips(query: &Query, wanted: &Wanted) -> Vec<Chip> {
    let mut chips = Vec::new();
    if !wanted.text.is_empty() {
        chips.push(query.chip("q", "Search", &wanted.text));
    }
    if let Some(category) = &wanted.category {
        chips.push(query.chip("category", "Category", category));
    }
    if let Some(status) = wanted.status {
        chips.push(query.chip("status", "Status", status.label()));
    }
    chips
}

/// What a field searches.
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

/// `GET /products/options`: products for a field that chooses one, by SKU.
pub async fn options(db: web::Data<Db>, actor: Actor, asked: web::Query<Asked>) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let text = searched(&asked.q);
    let found = db.read(move |conn| store::search(conn, &text, HITS)).await?;
    let option =
        |product: store::Found| FoundOption { id: product.id.to_string(), label: product.sku, hint: product.name };
    Ok(respond::page(&Options { options: found.into_iter().map(option).collect() })?)
}

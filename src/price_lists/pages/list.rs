//! The list of price lists, and price lists for a field that chooses one.

use super::super::listing::{Params, Wanted};
use super::super::store::list::{self as stored, Row};
use super::super::store::{PriceList, users};
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::db::keyset::Page;
use crate::error::Result;
use crate::groups::group::Status;
use crate::products::listing::searched;
use crate::store_settings::store as store_settings;
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
use chrono::NaiveDate;
use diesel::PgConnection;
use serde::Deserialize;
use std::collections::HashMap;
use uuid::Uuid;

/// Rows on a page of the list.
const ROWS: usize = 50;
/// How many lists a field suggests.
const HITS: i64 = 8;

#[derive(Template)]
#[template(path = "price_lists/list.html", blocks = ["results"])]
struct ListPage {
    shell: Shell,
    query: Query,
    chips: Vec<Chip>,
    currencies: Vec<String>,
    filtered: bool,
    rows: Vec<Row>,
    /// Groups that use a list and have none that prices anything today, by list.
    idle: HashMap<Uuid, i64>,
    today: NaiveDate,
    pager: Pager,
    may_create: bool,
}

impl ListPage {
    fn statuses(&self) -> Vec<Choice> {
        Status::ALL.iter().map(|status| Choice::new(status.name(), status.label())).collect()
    }

    fn currency_choices(&self) -> Vec<Choice> {
        self.currencies.iter().map(|code| Choice::new(code.clone(), code.clone())).collect()
    }

    fn idle_groups(&self, list: &PriceList) -> i64 {
        self.idle.get(&list.id).copied().unwrap_or_default()
    }
}

struct Loaded {
    page: Page<Row>,
    idle: HashMap<Uuid, i64>,
    today: NaiveDate,
    currencies: Vec<String>,
}

fn load(conn: &mut PgConnection, wanted: &Wanted, clock: &Clock) -> Result<Loaded> {
    let today = store_day(clock.now(), store_settings::load(conn)?.time_zone);
    let page = stored::page(conn, wanted, ROWS)?;
    // Only a list that prices nothing can be among lists that all price nothing.
    let out: Vec<Uuid> = page.rows.iter().filter(|row| !row.list.force(today).holds()).map(|row| row.list.id).collect();
    let idle = if out.is_empty() { HashMap::new() } else { users::without_force(conn, &out, today)? };
    Ok(Loaded { page, idle, today, currencies: stored::currencies(conn)? })
}

/// `GET /price-lists`: the page, or its results alone.
pub async fn list(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    params: web::Query<Params>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let query = Query::new("/price-lists", request.query_string());
    let wanted = Wanted::from(params.into_inner());
    let (asked, clock) = (wanted.clone(), Clock::clone(&clock));
    let Loaded { page, idle, today, currencies } = db.read(move |conn| load(conn, &asked, &clock)).await?;
    let shown = i64::try_from(page.rows.len()).unwrap_or_default();
    let summary = counted(shown, "price list on this page", "price lists on this page");
    let page = ListPage {
        chips: chips(&query, &wanted),
        filtered: !wanted.text.is_empty() || wanted.status.is_some() || wanted.currency.is_some(),
        pager: Pager::of(&query, &page, Row::cursor, summary),
        rows: page.rows,
        may_create: actor.may(Permission::EditCatalogue),
        shell,
        query,
        currencies,
        idle,
        today,
    };
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

fn chips(query: &Query, wanted: &Wanted) -> Vec<Chip> {
    let mut chips = Vec::new();
    if !wanted.text.is_empty() {
        chips.push(query.chip("q", "Search", &wanted.text));
    }
    if let Some(status) = wanted.status {
        chips.push(query.chip("status", "Status", status.label()));
    }
    if let Some(currency) = wanted.currency {
        chips.push(query.chip("currency", "Currency", currency.code()));
    }
    chips
}

/// What a field searches.
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

/// `GET /price-lists/options`: price lists for a field that chooses one, by code.
pub async fn options(db: web::Data<Db>, actor: Actor, asked: web::Query<Asked>) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let text = searched(&asked.q);
    let found = db.read(move |conn| stored::search(conn, &text, HITS)).await?;
    let option = |list: PriceList| FoundOption {
        hint: format!("{} · {}", list.name, list.currency()),
        id: list.id.to_string(),
        label: list.code,
    };
    Ok(respond::page(&Options { options: found.into_iter().map(option).collect() })?)
}

//! The list of promotions, and promotions for a field that chooses one.

use super::super::listing::{Params, Wanted};
use super::super::store::PromotionRow;
use super::super::store::list::{self as stored, Row};
use super::super::window::Phase;
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::error::Result;
use crate::money::Currency;
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
use serde::Deserialize;

/// Rows on a page of the list.
const ROWS: usize = 50;
/// How many promotions a field suggests.
const HITS: i64 = 8;

#[derive(Template)]
#[template(path = "promotions/list.html", blocks = ["results"])]
struct ListPage {
    shell: Shell,
    query: Query,
    chips: Vec<Chip>,
    filtered: bool,
    rows: Vec<Row>,
    today: NaiveDate,
    currency: Currency,
    pager: Pager,
    may_edit: bool,
}

impl ListPage {
    fn phases(&self) -> Vec<Choice> {
        Phase::NAMES.iter().map(|(name, label)| Choice::new(*name, *label)).collect()
    }
}

/// `GET /promotions`: the page, or its results alone.
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
    let query = Query::new("/promotions", request.query_string());
    let wanted = Wanted::from(params.into_inner());
    let (asked, now) = (wanted.clone(), clock.now());
    let (page, settings, today) = db
        .read(move |conn| {
            let settings = store_settings::load(conn)?;
            let today = store_day(now, settings.time_zone);
            Ok((stored::page(conn, &asked, today, ROWS)?, settings, today))
        })
        .await?;
    let shown = i64::try_from(page.rows.len()).unwrap_or_default();
    let summary = counted(shown, "promotion on this page", "promotions on this page");
    let page = ListPage {
        chips: chips(&query, &wanted),
        filtered: !wanted.text.is_empty() || wanted.phase.is_some(),
        pager: Pager::of(&query, &page, Row::cursor, summary),
        rows: page.rows,
        may_edit: actor.may(Permission::EditPromotions),
        currency: settings.currency,
        shell,
        query,
        today,
    };
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

fn chips(query: &Query, wanted: &Wanted) -> Vec<Chip> {
    let mut chips = Vec::new();
    if !wanted.text.is_empty() {
        chips.push(query.chip("q", "Search", &wanted.text));
    }
    if let Some((_, label)) = Phase::NAMES.iter().find(|(name, _)| Some(*name) == wanted.phase) {
        chips.push(query.chip("status", "Status", label));
    }
    chips
}

/// What a field searches.
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

/// `GET /promotions/options`: promotions for a field that chooses one.
pub async fn options(db: web::Data<Db>, actor: Actor, asked: web::Query<Asked>) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let text = searched(&asked.q);
    let found = db.read(move |conn| stored::search(conn, &text, HITS)).await?;
    let option = |row: PromotionRow| FoundOption { id: row.id.to_string(), label: row.name, hint: row.code };
    Ok(respond::page(&Options { options: found.into_iter().map(option).collect() })?)
}

//! The list of campaigns.

use super::super::store::{self, Row};
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::error::Result;
use crate::promotions::listing::{Params, Wanted};
use crate::promotions::window::Phase;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::forms::Choice;
use crate::web::htmx::Hx;
use crate::web::query::{Chip, Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

/// Rows on a page of the list.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "campaigns/list.html", blocks = ["results"])]
struct ListPage {
    shell: Shell,
    query: Query,
    chips: Vec<Chip>,
    filtered: bool,
    rows: Vec<Row>,
    today: NaiveDate,
    pager: Pager,
    may_edit: bool,
}

impl ListPage {
    fn phases(&self) -> Vec<Choice> {
        Phase::NAMES.iter().map(|(name, label)| Choice::new(*name, *label)).collect()
    }
}

/// `GET /campaigns`: the page, or its results alone.
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
    let query = Query::new("/campaigns", request.query_string());
    let wanted = Wanted::from(params.into_inner());
    let (asked, now) = (wanted.clone(), clock.now());
    let (page, today) = db
        .read(move |conn| {
            let today = store_day(now, store_settings::load(conn)?.time_zone);
            Ok((store::page(conn, &asked, today, ROWS)?, today))
        })
        .await?;
    let shown = i64::try_from(page.rows.len()).unwrap_or_default();
    let summary = counted(shown, "campaign on this page", "campaigns on this page");
    let page = ListPage {
        chips: chips(&query, &wanted),
        filtered: !wanted.text.is_empty() || wanted.phase.is_some(),
        pager: Pager::of(&query, &page, Row::cursor, summary),
        rows: page.rows,
        may_edit: actor.may(Permission::EditPromotions),
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

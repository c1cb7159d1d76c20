//! The groups that use a price list, with its priority in each.

use super::super::store::users::{self, User};
use super::super::store::{self, PriceList};
use super::{Tab, parse_id, tabs};
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::db::keyset::{Page, Place};
use crate::error::Result;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::htmx::Hx;
use crate::web::query::{Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use diesel::PgConnection;
use uuid::Uuid;

/// Groups on a page.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "price_lists/groups.html", blocks = ["results"])]
struct UsersPage {
    shell: Shell,
    tabs: Vec<Tab>,
    list: PriceList,
    today: NaiveDate,
    rows: Vec<User>,
    /// Those of them whose lists all price nothing today.
    idle: Vec<Uuid>,
    pager: Pager,
}

struct Loaded {
    list: PriceList,
    today: NaiveDate,
    page: Page<User>,
    idle: Vec<Uuid>,
    groups: i64,
}

fn load(conn: &mut PgConnection, id: Uuid, place: &Place<(String, Uuid)>, clock: &Clock) -> Result<Loaded> {
    let list = store::get(conn, id)?;
    let today = store_day(clock.now(), store_settings::load(conn)?.time_zone);
    let page = users::page(conn, id, place, ROWS)?;
    let ids: Vec<Uuid> = page.rows.iter().map(|group| group.id).collect();
    Ok(Loaded { idle: users::idle(conn, &ids, today)?, groups: users::groups(conn, id)?, today, page, list })
}

/// `GET /price-lists/{id}/groups`.
pub async fn show(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let query = Query::new(format!("/price-lists/{id}/groups"), request.query_string());
    let place = Place::of(query.get("after"), query.get("before"));
    let clock = Clock::clone(&clock);
    let Loaded { list, today, page, idle, groups } = db.read(move |conn| load(conn, id, &place, &clock)).await?;
    let page = UsersPage {
        tabs: tabs(&list, "Groups"),
        pager: Pager::of(&query, &page, User::cursor, counted(groups, "group uses it", "groups use it")),
        rows: page.rows,
        shell,
        list,
        today,
        idle,
    };
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

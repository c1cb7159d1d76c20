//! The groups that use a price list, with its priority in each.

use super::super::store::users::{self, User};
use super::super::store::{self, PriceList};
use super::{Tab, parse_id, tabs};
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::db::keyset::{Page, Place};
use crate::error::Result;
use crate::inheritance::own::AssignedList;
use crate::inheritance::store::live::LiveSettings;
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
use std::collections::HashMap;
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
    /// By group, the lists that have the same priority there as this one.
    rivals: HashMap<Uuid, Vec<String>>,
    pager: Pager,
}

impl UsersPage {
    fn rivals(&self, group: &Uuid) -> Option<String> {
        self.rivals.get(group).map(|names| names.join(", "))
    }
}

struct Loaded {
    list: PriceList,
    today: NaiveDate,
    page: Page<User>,
    idle: Vec<Uuid>,
    rivals: HashMap<Uuid, Vec<String>>,
    groups: i64,
}

fn load(
    conn: &mut PgConnection,
    live: &LiveSettings,
    id: Uuid,
    place: &Place<(String, Uuid)>,
    clock: &Clock,
) -> Result<Loaded> {
    let list = store::get(conn, id)?;
    let today = store_day(clock.now(), store_settings::load(conn)?.time_zone);
    let page = users::page(conn, id, place, ROWS)?;
    let ids: Vec<Uuid> = page.rows.iter().map(|group| group.id).collect();
    let book = live.now(conn)?;
    let rivals =
        ids.iter().filter_map(|group| Some((*group, rivals(&book.level(*group)?.pricing.lists, id)?))).collect();
    let idle = users::idle(conn, &ids, today)?;
    Ok(Loaded { idle, rivals, groups: users::groups(conn, id)?, today, page, list })
}

/// The other lists of a group that have the priority of `list`.
fn rivals(lists: &[AssignedList], list: Uuid) -> Option<Vec<String>> {
    let own = lists.iter().find(|assigned| assigned.id == list)?;
    let others = lists.iter().filter(|other| other.id != list && other.priority == own.priority);
    let names: Vec<String> = others.map(|other| other.name.clone()).collect();
    (!names.is_empty()).then_some(names)
}

/// `GET /price-lists/{id}/groups`.
pub async fn show(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
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
    let Loaded { list, today, page, idle, rivals, groups } =
        db.read(move |conn| load(conn, &live, id, &place, &clock)).await?;
    let page = UsersPage {
        tabs: tabs(&list, "Groups"),
        pager: Pager::of(&query, &page, User::cursor, counted(groups, "group uses it", "groups use it")),
        rows: page.rows,
        shell,
        list,
        today,
        idle,
        rivals,
    };
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

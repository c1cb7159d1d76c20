//! What happened to a group: its changes, and who joined and left.

use super::super::store::history::{self, MembershipEvent};
use super::super::store::{self, Group};
use super::{Tab, parse_id, tabs};
use crate::audit::event::Event;
use crate::audit::filter::Filter;
use crate::audit::store as audit;
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::db::keyset::{Page, Place};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::filters;
use crate::web::htmx::Hx;
use crate::web::query::{Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "groups/history.html", blocks = ["events"])]
struct HistoryPage {
    shell: Shell,
    tabs: Vec<Tab>,
    group: Group,
    store: StoreSettings,
    /// Whether joins and leaves are shown, instead of changes.
    members: bool,
    changes: Vec<Event>,
    joins: Vec<MembershipEvent>,
    pager: Pager,
}

/// The page that was asked for.
enum Shown {
    Changes(Page<Event>),
    Joins(Page<MembershipEvent>),
}

/// `GET /groups/{id}/history`: changes, or with `show=members` joins and leaves.
pub async fn show(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let query = Query::new(format!("/groups/{id}/history"), request.query_string());
    let members = query.get("show") == "members";
    let place = Place::of(query.get("after"), query.get("before"));
    let (group, store, shown) = db
        .read(move |conn| {
            let group = store::any(conn, id)?.ok_or_else(store::gone)?;
            let shown = if members {
                Shown::Joins(history::page(conn, id, &place, ROWS)?)
            } else {
                let filter = Filter { group_id: Some(id), ..Filter::default() };
                Shown::Changes(audit::page(conn, &filter, &place, ROWS)?)
            };
            Ok((group, store_settings::load(conn)?, shown))
        })
        .await?;
    let summary = "The newest first";
    let (changes, joins, pager) = match shown {
        Shown::Changes(page) => {
            let pager = Pager::of(&query, &page, |event| (event.at, event.id), summary);
            (page.rows, Vec::new(), pager)
        }
        Shown::Joins(page) => {
            let pager = Pager::of(&query, &page, |event| (event.at, event.id), summary);
            (Vec::new(), page.rows, pager)
        }
    };
    let page = HistoryPage { tabs: tabs(group.id, "History"), pager, shell, group, store, members, changes, joins };
    Ok(if hx.wants("events") { respond::page(&page.as_events())? } else { respond::page(&page)? })
}

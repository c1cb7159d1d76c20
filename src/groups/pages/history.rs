//! What happened to a group: its changes, and who joined and left.

use super::super::history::{self, MembershipEvent};
use super::super::store::{self, Group};
use super::{Tab, parse_id, tabs};
use crate::audit::event::Event;
use crate::audit::store::{self as audit, After, Filter};
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
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
    let after = After::decode(query.get("after"));
    let (group, store, mut changes, mut joins) = db
        .read(move |conn| {
            let group = store::any(conn, id)?.ok_or_else(store::gone)?;
            let store = store_settings::load(conn)?;
            let limit = i64::try_from(ROWS).unwrap_or_default() + 1;
            Ok(if members {
                let joins = history::page(conn, id, after.map(|after| (after.at, after.id)), limit)?;
                (group, store, Vec::new(), joins)
            } else {
                let filter = Filter { group_id: Some(id), ..Filter::default() };
                (group, store, audit::page(conn, &filter, after, limit)?, Vec::new())
            })
        })
        .await?;
    let more = changes.len() > ROWS || joins.len() > ROWS;
    changes.truncate(ROWS);
    joins.truncate(ROWS);
    let last_change = changes.last().map(|event| After { at: event.at, id: event.id });
    let last = last_change.or(joins.last().map(|event| After { at: event.at, id: event.id }));
    let page = HistoryPage {
        tabs: tabs(&group, "History"),
        pager: Pager {
            summary: "The newest first".into(),
            // The way back is the newest page: the log only grows, and older pages are reached one by one.
            previous: after.map(|_| query.without("after").url()),
            next: last.filter(|_| more).map(|last| query.after(&last.encode())),
        },
        shell,
        group,
        store,
        members,
        changes,
        joins,
    };
    Ok(if hx.wants("events") { respond::page(&page.as_events())? } else { respond::page(&page)? })
}

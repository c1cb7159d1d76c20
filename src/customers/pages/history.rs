//! What happened to a customer: groups joined and left, and changes of its fields.

use super::{Tab, parse_id, tabs};
use crate::audit::event::{Action, Event};
use crate::audit::filter::Filter;
use crate::audit::store as audit;
use crate::auth::role::{Actor, Permission};
use crate::customers::customer::Status;
use crate::customers::store::history::{self, MembershipEvent};
use crate::customers::store::{self, Customer};
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
#[template(path = "customers/history.html", blocks = ["events"])]
struct HistoryPage {
    shell: Shell,
    tabs: Vec<Tab>,
    customer: Customer,
    store: StoreSettings,
    /// Whether changes of the fields are shown, instead of joins and leaves.
    fields: bool,
    changes: Vec<Event>,
    joins: Vec<MembershipEvent>,
    pager: Pager,
}

/// The page that was asked for.
enum Shown {
    Changes(Page<Event>),
    Joins(Page<MembershipEvent>),
}

/// `GET /customers/{id}/history`: joins and leaves, or with `show=changes` changes of its fields.
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
    let query = Query::new(format!("/customers/{id}/history"), request.query_string());
    let fields = query.get("show") == "changes";
    let place = Place::of(query.get("after"), query.get("before"));
    let (customer, store, shown) = db
        .read(move |conn| {
            let customer = store::one(conn, id)?;
            let shown = if fields {
                let subject = Some((Action::CustomerChanged.subject_kind(), id));
                let filter = Filter { subject, ..Filter::default() };
                Shown::Changes(audit::page(conn, &filter, &place, ROWS)?)
            } else {
                Shown::Joins(history::page(conn, id, &place, ROWS)?)
            };
            Ok((customer, store_settings::load(conn)?, shown))
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
    let page = HistoryPage { tabs: tabs(&customer, "History"), pager, shell, customer, store, fields, changes, joins };
    Ok(if hx.wants("events") { respond::page(&page.as_events())? } else { respond::page(&page)? })
}

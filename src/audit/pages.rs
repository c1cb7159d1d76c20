//! The log as a page and as CSV (SPEC 14).

use super::asked::{Asked, Meant};
use super::event::{Action, Event};
use super::filter::Filter;
use super::store::{self, EventKey};
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::db::keyset::{Page, Place};
use crate::error::Result;
use crate::groups::store as groups;
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::csv;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::forms::Choice;
use crate::web::htmx::Hx;
use crate::web::query::{Chip, Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::SecondsFormat;
use diesel::PgConnection;

const ROWS: usize = 50;
/// Rows that the CSV export fetches at a time.
const EXPORT_ROWS: usize = 1000;
/// How many names the field for the actor suggests.
const NAMES: i64 = 100;

/// The routes, inside of the guard.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/audit").route(web::get().to(list)))
        .service(web::resource("/audit.csv").route(web::get().to(export)));
}

#[derive(Template)]
#[template(path = "audit/list.html", blocks = ["results"])]
struct LogPage {
    shell: Shell,
    query: Query,
    asked: Asked,
    meant: Meant,
    chips: Vec<Chip>,
    events: Vec<Event>,
    actors: Vec<String>,
    pager: Pager,
    store: StoreSettings,
}

impl LogPage {
    fn actions(&self) -> Vec<Choice> {
        Action::ALL.iter().map(|action| Choice::new(action.name(), action.label())).collect()
    }

    /// What stands in the field for the group.
    fn group_text(&self) -> &str {
        match &self.meant {
            Meant::Any => "",
            Meant::Group { name, .. } | Meant::Unknown(name) => name,
        }
    }

    /// The id beside it.
    fn group_id(&self) -> String {
        match &self.meant {
            Meant::Group { id, .. } => id.to_string(),
            Meant::Any | Meant::Unknown(_) => String::new(),
        }
    }

    /// The log of what one actor did, with the other filters that are on.
    fn by(&self, event: &Event) -> String {
        self.query.with("actor", &event.actor_name).url()
    }
}

/// `GET /audit`.
pub async fn list(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let query = Query::new("/audit", request.query_string());
    let asked = Asked::of(&query);
    let place = Place::of(query.get("after"), query.get("before"));
    let wanted = asked.clone();
    let (store, meant, page, actors) = db
        .read(move |conn| {
            let store = store_settings::load(conn)?;
            let meant = meant(conn, &wanted)?;
            let page = match wanted.filter(&meant, store.time_zone) {
                Some(filter) => store::page(conn, &filter, &place, ROWS)?,
                None => Page::of(Vec::new(), &Place::<EventKey>::Start, ROWS),
            };
            Ok((store, meant, page, store::actor_names(conn, NAMES)?))
        })
        .await?;
    let page = LogPage {
        shell,
        chips: asked.chips(&query, &meant),
        pager: Pager::of(&query, &page, |event| (event.at, event.id), summary(page.rows.len())),
        query,
        asked,
        meant,
        events: page.rows,
        actors,
        store,
    };
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

fn summary(rows: usize) -> String {
    let events = counted(i64::try_from(rows).unwrap_or_default(), "event", "events");
    format!("{events} on this page, the newest first")
}

fn meant(conn: &mut PgConnection, asked: &Asked) -> Result<Meant> {
    // Two questions, one connection: the first is answered before the second is asked.
    let name = match asked.group.id {
        Some(id) => groups::any(conn, id)?.map(|group| group.name),
        None => None,
    };
    asked.group.meant(|_| Ok(name), |text| groups::naming::by_name_or_code(conn, text))
}

/// `GET /audit.csv`: all events that match, a few at a time.
pub async fn export(db: web::Data<Db>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let asked = Asked::of(&Query::new("/audit.csv", request.query_string()));
    let filter = db
        .read(move |conn| {
            let meant = meant(conn, &asked)?;
            Ok(asked.filter(&meant, store_settings::load(conn)?.time_zone))
        })
        .await?;
    let db = Db::clone(&db);
    Ok(csv::download("audit.csv", Place::Start, move |place| {
        let (db, filter) = (db.clone(), filter.clone());
        async move { db.read(move |conn| export_chunk(conn, filter.as_ref(), &place)).await }
    }))
}

const HEADER: [&str; 9] =
    ["at", "actor", "actor_kind", "action", "subject", "sentence", "before", "after", "request_id"];

fn export_chunk(
    conn: &mut PgConnection,
    filter: Option<&Filter>,
    place: &Place<EventKey>,
) -> Result<(Vec<u8>, Option<Place<EventKey>>)> {
    let page = match filter {
        Some(filter) => store::page(conn, filter, place, EXPORT_ROWS)?,
        None => Page::of(Vec::new(), place, EXPORT_ROWS),
    };
    let rest = page.rows.last().filter(|_| page.after).map(|event| Place::After((event.at, event.id)));
    let header = (*place == Place::Start).then(|| HEADER.map(str::to_owned));
    let rows = header.into_iter().chain(page.rows.iter().map(cells));
    Ok((csv::rows(rows)?, rest))
}

fn cells(event: &Event) -> [String; 9] {
    let json = |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string).unwrap_or_default();
    [
        event.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        event.actor_name.clone(),
        event.actor_kind.clone(),
        event.action.clone(),
        event.subject_name.clone(),
        event.told(),
        json(&event.before),
        json(&event.after),
        event.request_id.clone().unwrap_or_default(),
    ]
}

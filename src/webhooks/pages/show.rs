//! One webhook with its deliveries.

use super::super::delivery::State;
use super::super::store::deliveries::{self, Delivery, DeliveryKey, Filter};
use super::super::store::{self, Endpoint, Standing, parse_id};
use crate::auth::role::{Actor, Permission};
use crate::clock::Clock;
use crate::db::Db;
use crate::db::keyset::Place;
use crate::outbox::kind::Kind;
use crate::store_settings::settings::StoreSettings;
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
use chrono::{DateTime, Utc};

const ROWS: usize = 50;
/// Up to how many deliveries are counted ([`Standing`]).
const MOST_COUNTED: i64 = 1000;

#[derive(Template)]
#[template(path = "webhooks/show.html", blocks = ["results"])]
struct ShowPage {
    shell: Shell,
    endpoint: Endpoint,
    standing: Standing,
    deliveries: Vec<Delivery>,
    query: Query,
    chips: Vec<Chip>,
    pager: Pager,
    store: StoreSettings,
    now: DateTime<Utc>,
}

impl ShowPage {
    fn states(&self) -> Vec<Choice> {
        State::ALL.iter().map(|state| Choice::new(state.name(), state.label())).collect()
    }

    fn kinds(&self) -> Vec<Choice> {
        Kind::ALL.iter().chain([&Kind::Test]).map(|kind| Choice::new(kind.name(), kind.name())).collect()
    }

    /// Whether the secret before still signs as well.
    fn overlaps(&self) -> Option<DateTime<Utc>> {
        self.endpoint.previous_until.filter(|until| *until > self.now)
    }

    fn waiting(&self) -> String {
        match self.standing.waiting {
            MOST_COUNTED.. => "1,000 deliveries or more".into(),
            waiting => counted(waiting, "delivery", "deliveries"),
        }
    }

    fn failed(&self) -> String {
        match self.standing.dead {
            MOST_COUNTED.. => "1,000 deliveries or more have failed".into(),
            1 => "1 delivery has failed".into(),
            dead => format!("{} have failed", counted(dead, "delivery", "deliveries")),
        }
    }
}

fn chips(query: &Query, filter: Filter) -> Vec<Chip> {
    let state = filter.state.map(|state| query.chip("state", "State", state.label()));
    state.into_iter().chain(filter.kind.map(|kind| query.chip("event", "Event", kind.name()))).collect()
}

/// `GET /settings/webhooks/{id}`.
pub async fn show(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManageWebhooks)?;
    let (id, now) = (parse_id(&id)?, clock.now());
    let query = Query::new(format!("/settings/webhooks/{id}"), request.query_string());
    // What is no state or event filters nothing: an old bookmark shows the whole list.
    let filter = Filter { state: State::from_name(query.get("state")), kind: Kind::from_name(query.get("event")) };
    let place: Place<DeliveryKey> = Place::of(query.get("after"), query.get("before"));
    let page = db
        .read(move |conn| {
            let endpoint = store::get(conn, id)?;
            let standing = store::standings(conn, &[id])?.remove(&id).unwrap_or_default();
            let found = deliveries::page(conn, id, filter, &place, ROWS)?;
            let shown = i64::try_from(found.rows.len()).unwrap_or_default();
            let summary = format!("{} on this page, the newest first", counted(shown, "delivery", "deliveries"));
            let pager = Pager::of(&query, &found, |delivery| (delivery.created_at, delivery.id), summary);
            let (chips, store, deliveries) = (chips(&query, filter), store_settings::load(conn)?, found.rows);
            Ok(ShowPage { shell, endpoint, standing, deliveries, query, chips, pager, store, now })
        })
        .await?;
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

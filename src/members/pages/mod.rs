//! The pages of a group's members (SPEC 4, 12).

mod add;
mod cannot_add;
mod changes;
mod export;
mod list;
mod remove;

use super::actions::Asked;
use super::listing::{ASSIGNMENTS, Filter, LastOrder, Purchases, STATUSES};
use super::selection::Seen;
use super::store::list::Measure;
use crate::auth::role::Actor;
use crate::groups::store::parse_id;
use crate::money::Currency;
use crate::store_settings::settings::StoreSettings;
use crate::web::forms::Choice;
use crate::web::query::{Chip, Query};
use actix_web::web;
use chrono::{DateTime, Utc};

/// The routes of the members' pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/groups/{id}/members").route(web::get().to(list::show)))
        .service(web::resource("/groups/{id}/members.csv").route(web::get().to(export::export)))
        .service(web::resource("/groups/{id}/members.xlsx").route(web::get().to(export::export)))
        .service(
            web::resource("/groups/{id}/members/add").route(web::get().to(add::show)).route(web::post().to(add::add)),
        )
        .service(
            web::resource("/groups/{id}/members/remove")
                .route(web::get().to(remove::show))
                .route(web::post().to(remove::remove)),
        )
        .service(web::resource("/groups/{id}/members/change").route(web::get().to(changes::show)))
        .service(web::resource("/groups/{id}/members/undo").route(web::post().to(changes::undo)))
        .service(web::resource("/groups/{id}/members/primary").route(web::post().to(changes::choose_primary)))
        .service(web::resource("/groups/{id}/members/exclusion").route(web::post().to(changes::lift_exclusion)))
        .service(web::resource("/tools/cannot-add").route(web::get().to(cannot_add::show)))
        .service(web::resource("/tools/cannot-add/customers").route(web::get().to(cannot_add::customers)));
}

/// Rows on a page.
const ROWS: usize = 50;

fn measure(store: &StoreSettings, now: DateTime<Utc>) -> Measure {
    Measure::at(store.currency, store.time_zone, now)
}

fn asked<'a>(actor: &'a Actor, reason: &'a str, measure: &'a Measure, now: DateTime<Utc>) -> Asked<'a> {
    Asked { actor, reason, now, measure }
}

fn filter(query: &Query) -> Filter {
    Filter::of(|name| query.get(name))
}

/// "All N that match", counted, or where it is counted.
enum Matching {
    /// So many.
    Counted(Seen),
    /// Not yet: it is fetched after the page.
    Later,
}

/// What the filters of both lists can be.
struct Choices {
    assignments: Vec<Choice>,
    statuses: Vec<Choice>,
    purchases: Vec<Choice>,
    last_orders: Vec<Choice>,
}

impl Choices {
    fn of(currency: Currency) -> Self {
        Self {
            assignments: ASSIGNMENTS.iter().map(|by| Choice::new(by.name(), by.label())).collect(),
            statuses: STATUSES.iter().map(|(name, label)| Choice::new(*name, *label)).collect(),
            purchases: Purchases::ALL.iter().map(|p| Choice::new(p.name(), p.label(currency))).collect(),
            last_orders: LastOrder::ALL.iter().map(|last| Choice::new(last.name(), last.label())).collect(),
        }
    }
}

/// The filters that are on.
fn chips(query: &Query, filter: &Filter, currency: Currency) -> Vec<Chip> {
    let mut chips = Vec::new();
    let mut add = |name: &str, label: &str, value: Option<&str>| {
        chips.extend(value.map(|value| query.chip(name, label, value)));
    };
    add("q", "Search", Some(filter.text.as_str()).filter(|text| !text.is_empty()));
    add("assignment", "Assignment", filter.assignment.map(|by| by.label()));
    let status = STATUSES.iter().find(|(name, _)| Some(*name) == filter.status);
    add("status", "Status", status.map(|(_, label)| *label));
    add("purchases", "Purchases", filter.purchases.map(|p| p.label(currency)).as_deref());
    add("last", "Last order", filter.last_order.map(LastOrder::label).as_deref());
    chips
}

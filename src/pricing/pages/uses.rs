//! How often a group's pricing, or a price list, won a price of a shop in the last days: one sentence, put into the group's
//! and the list's page after they are shown.

use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::error::Result;
use crate::groups::store as groups;
use crate::price_lists::store as lists;
use crate::pricing::store::usage;
use crate::pricing::usage::{DAYS, Uses};
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::counted;
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::PgConnection;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "pricing/uses.html", blocks = ["uses"])]
struct UsesPage {
    shell: Shell,
    name: String,
    path: String,
    sentence: String,
}

fn sentence(prices: i64) -> String {
    match prices {
        0 => format!("Priced nothing for shops in the last {DAYS} days."),
        prices => format!("Priced {} for shops in the last {DAYS} days.", counted(prices, "item", "items")),
    }
}

/// The first of the days that are told.
fn since(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<NaiveDate> {
    let today = store_day(now, store_settings::load(conn)?.time_zone);
    Ok(today.checked_sub_days(Days::new(DAYS.unsigned_abs() - 1)).unwrap_or(today))
}

fn answer(page: &UsesPage, hx: &Hx) -> Result<HttpResponse, PageError> {
    Ok(if hx.wants("uses") { respond::page(&page.as_uses())? } else { respond::page(page)? })
}

/// `GET /groups/{id}/pricing/uses`.
pub async fn of_group(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    uses: web::Data<Uses>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let (id, now) = (groups::parse_id(&id)?, clock.now());
    let page = db
        .read(move |conn| {
            let (group, since) = (groups::live(conn, id)?, since(conn, now)?);
            // What this node hasn't written yet was counted, too.
            let prices = usage::of_group(conn, id, since)? + uses.of_group(id, since);
            let path = format!("/groups/{id}/pricing");
            Ok(UsesPage { shell, name: group.name, path, sentence: sentence(prices) })
        })
        .await?;
    answer(&page, &hx)
}

/// `GET /price-lists/{id}/uses`.
pub async fn of_list(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    uses: web::Data<Uses>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let (id, now) = (Uuid::try_parse(&id).map_err(|_| lists::gone())?, clock.now());
    let page = db
        .read(move |conn| {
            let (list, since) = (lists::get(conn, id)?, since(conn, now)?);
            let prices = usage::of_list(conn, id, since)? + uses.of_list(id, since);
            let path = format!("/price-lists/{id}");
            Ok(UsesPage { shell, name: list.name, path, sentence: sentence(prices) })
        })
        .await?;
    answer(&page, &hx)
}

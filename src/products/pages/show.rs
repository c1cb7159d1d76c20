//! A product's overview: its fields, and which price lists price it.

use super::super::store::priced::{self, PricedIn};
use super::super::store::{self, Product};
use super::{Tab, parse_id, tabs};
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::db::keyset::{Page, Place};
use crate::error::Result;
use crate::groups::group::Status;
use crate::money::Currency;
use crate::price_lists::list::Force;
use crate::price_lists::store::users::{UsedBy, used_by};
use crate::store_settings::settings::StoreSettings;
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

/// Price lists on a page.
const LISTS: usize = 25;
/// How many groups are named beside a list.
const NAMED: i64 = 3;

/// A price list that has the product, with its prices and users.
struct ListRow {
    list: PricedIn,
    currency: Currency,
    force: Force,
    /// (minimum quantity, price in minor units).
    breaks: Vec<(i32, i64)>,
    groups: Vec<UsedBy>,
}

impl ListRow {
    fn further_groups(&self) -> i64 {
        self.list.groups - i64::try_from(self.groups.len()).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "products/show.html", blocks = ["lists"])]
struct ShowPage {
    shell: Shell,
    tabs: Vec<Tab>,
    product: Product,
    store: StoreSettings,
    rows: Vec<ListRow>,
    pager: Pager,
    may_edit: bool,
}

struct Loaded {
    product: Product,
    store: StoreSettings,
    page: Page<ListRow>,
    lists: i64,
}

fn load(conn: &mut PgConnection, id: Uuid, place: &Place<(String, Uuid)>, clock: &Clock) -> Result<Loaded> {
    let product = store::get(conn, id)?;
    let store = store_settings::load(conn)?;
    let today = store_day(clock.now(), store.time_zone);
    let found = priced::lists(conn, id, place, LISTS)?;
    let ids: Vec<Uuid> = found.rows.iter().map(|list| list.id).collect();
    let mut breaks = priced::breaks(conn, id, &ids)?;
    let mut groups: HashMap<Uuid, Vec<UsedBy>> = HashMap::new();
    for used in used_by(conn, &ids, NAMED)? {
        groups.entry(used.list).or_default().push(used);
    }
    let row = |list: PricedIn| ListRow {
        currency: Currency::from_code(&list.currency).unwrap_or(store.currency),
        force: force(&list, today),
        breaks: breaks.remove(&list.id).unwrap_or_default(),
        groups: groups.remove(&list.id).unwrap_or_default(),
        list,
    };
    let page = Page { rows: found.rows.into_iter().map(row).collect(), before: found.before, after: found.after };
    Ok(Loaded { lists: priced::count(conn, id)?, product, store, page })
}

fn force(list: &PricedIn, today: NaiveDate) -> Force {
    let status = Status::from_name(&list.status).unwrap_or(Status::Inactive);
    Force::of(status, list.valid_from, list.valid_to, today)
}

/// `GET /products/{id}`.
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
    let query = Query::new(format!("/products/{id}"), request.query_string());
    let place = Place::of(query.get("after"), query.get("before"));
    let clock = Clock::clone(&clock);
    let Loaded { product, store, page, lists } = db.read(move |conn| load(conn, id, &place, &clock)).await?;
    let page = ShowPage {
        tabs: tabs(&product, "Overview"),
        pager: Pager::of(&query, &page, |row| row.list.cursor(), counted(lists, "price list", "price lists")),
        rows: page.rows,
        may_edit: actor.may(Permission::EditCatalogue),
        shell,
        product,
        store,
    };
    Ok(if hx.wants("lists") { respond::page(&page.as_lists())? } else { respond::page(&page)? })
}

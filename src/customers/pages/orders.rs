//! A customer's orders, and one of them with its lines.

use super::{Tab, parse_id, tabs};
use crate::auth::role::{Actor, Permission};
use crate::customers::customer::Status;
use crate::customers::store::orders::{self, Line, LineKey, Order};
use crate::customers::store::{self, Customer};
use crate::db::Db;
use crate::db::keyset::Place;
use crate::error::{Error, Result};
use crate::orders::snapshot::Snapshot;
use crate::orders::store as sent;
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{NOTHING, filters};
use crate::web::htmx::Hx;
use crate::web::query::{Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Orders on a page.
const ORDERS: usize = 25;
/// Lines on a page of an order.
const LINES: usize = 100;

#[derive(Template)]
#[template(path = "customers/orders.html", blocks = ["orders"])]
struct OrdersPage {
    shell: Shell,
    tabs: Vec<Tab>,
    customer: Customer,
    store: StoreSettings,
    orders: Vec<Order>,
    pager: Pager,
}

/// `GET /customers/{id}/orders`.
pub async fn list(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let query = Query::new(format!("/customers/{id}/orders"), request.query_string());
    let place = Place::of(query.get("after"), query.get("before"));
    let (customer, store, page) = db
        .read(move |conn| {
            Ok((store::one(conn, id)?, store_settings::load(conn)?, orders::page(conn, id, &place, ORDERS)?))
        })
        .await?;
    let page = OrdersPage {
        tabs: tabs(&customer, "Orders"),
        pager: Pager::of(&query, &page, |order| (order.placed_at, order.id), "The newest first"),
        orders: page.rows,
        shell,
        customer,
        store,
    };
    Ok(if hx.wants("orders") { respond::page(&page.as_orders())? } else { respond::page(&page)? })
}

#[derive(Template)]
#[template(path = "customers/order.html", blocks = ["lines"])]
struct OrderPage {
    shell: Shell,
    tabs: Vec<Tab>,
    customer: Customer,
    store: StoreSettings,
    order: Order,
    lines: Vec<Line>,
    pager: Pager,
    /// What would have priced it when it came in, and when that was; nothing for orders of imported files.
    pricing: Option<(DateTime<Utc>, Snapshot)>,
}

impl OrderPage {
    fn money(&self, amount: &Option<i64>) -> String {
        amount.map_or_else(|| NOTHING.to_owned(), |amount| self.order.currency.format(amount))
    }
}

/// `GET /orders/{id}`: leads to the order's page, whosever it is.
pub async fn find(db: web::Data<Db>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let gone = || Error::NotFound("There is no such order.".into());
    let order = Uuid::try_parse(&id).map_err(|_| gone())?;
    let customer = db.read(move |conn| sent::customer_of(conn, order)).await?.ok_or_else(gone)?;
    let path = format!("/customers/{customer}/orders/{order}");
    Ok(HttpResponse::SeeOther().insert_header(("Location", path)).finish())
}

/// `GET /customers/{id}/orders/{order}`.
pub async fn show(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    ids: web::Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let (customer, order) = ids.into_inner();
    let id = parse_id(&customer)?;
    let order = Uuid::try_parse(&order).map_err(|_| Error::NotFound("This customer has no such order.".into()))?;
    let query = Query::new(format!("/customers/{id}/orders/{order}"), request.query_string());
    let place = Place::of(query.get("after"), query.get("before"));
    let (customer, store, pricing, order, page) = db
        .read(move |conn| {
            let (customer, store) = (store::one(conn, id)?, store_settings::load(conn)?);
            let (header, pricing) = (orders::one(conn, id, order)?, sent::snapshot(conn, order)?);
            Ok((customer, store, pricing, header, orders::lines(conn, order, &place, LINES)?))
        })
        .await?;
    let page = OrderPage {
        tabs: tabs(&customer, "Orders"),
        pager: Pager::of(&query, &page, |line| LineKey(line.line), "Lines in their order"),
        lines: page.rows,
        shell,
        customer,
        store,
        order,
        pricing,
    };
    Ok(if hx.wants("lines") { respond::page(&page.as_lines())? } else { respond::page(&page)? })
}

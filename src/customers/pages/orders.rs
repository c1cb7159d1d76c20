//! A customer's orders, and one of them with its lines.

use super::{Tab, parse_id, tabs};
use crate::auth::role::{Actor, Permission};
use crate::customers::customer::Status;
use crate::customers::store::orders::{self, Line, LineKey, Order};
use crate::customers::store::{self, Customer};
use crate::db::Db;
use crate::db::keyset::Place;
use crate::error::{Error, Result};
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
    let (customer, store, order, page) = db
        .read(move |conn| {
            let (customer, store) = (store::one(conn, id)?, store_settings::load(conn)?);
            Ok((customer, store, orders::one(conn, id, order)?, orders::lines(conn, order, &place, LINES)?))
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
    };
    Ok(if hx.wants("lines") { respond::page(&page.as_lines())? } else { respond::page(&page)? })
}

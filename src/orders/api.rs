//! `POST /admin/orders` (SPEC 13): one order or a batch.

use super::actions::{Ingested, ingest};
use super::sent::{Line, Order};
use crate::api::body::{Amount, Body};
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::auth::role::Actor;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::inheritance::store::live::LiveSettings;
use actix_web::rt::time::{Instant, sleep, timeout};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

/// The routes of the call, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/orders").route(web::post().to(take_in)));
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(take_in))]
pub struct Calls;

/// One order, or some under `orders`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = OrdersSent)]
struct Sent {
    orders: Option<Vec<OrderSent>>,
    #[serde(alias = "order_number")]
    order_number: Option<String>,
    #[serde(alias = "placed_at")]
    placed_at: Option<String>,
    #[serde(alias = "customer_code")]
    customer_code: Option<String>,
    /// `completed`, `open` or `cancelled`; `completed` where it is left out.
    status: Option<String>,
    currency: Option<String>,
    #[serde(alias = "paid_at")]
    paid_at: Option<String>,
    #[serde(alias = "due_at")]
    due_at: Option<String>,
    lines: Option<Vec<LineSent>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OrderSent {
    #[serde(default, alias = "order_number")]
    #[schema(required)]
    order_number: String,
    #[serde(default, alias = "placed_at")]
    #[schema(required)]
    placed_at: String,
    #[serde(default, alias = "customer_code")]
    #[schema(required)]
    customer_code: String,
    /// `completed`, `open` or `cancelled`; `completed` where it is left out.
    status: Option<String>,
    currency: Option<String>,
    #[serde(alias = "paid_at")]
    paid_at: Option<String>,
    #[serde(alias = "due_at")]
    due_at: Option<String>,
    #[serde(default)]
    #[schema(required)]
    lines: Vec<LineSent>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = OrderLineSent)]
struct LineSent {
    #[serde(default)]
    #[schema(required)]
    sku: String,
    /// Negative for a return.
    #[schema(value_type = i64)]
    quantity: Option<serde_json::Number>,
    #[serde(default, alias = "unit_price")]
    #[schema(required)]
    unit_price: Amount,
    #[serde(alias = "list_price")]
    list_price: Option<Amount>,
    #[serde(alias = "unit_cost")]
    unit_cost: Option<Amount>,
}

impl Sent {
    /// The orders, and whether it was one by itself.
    fn orders(self) -> Result<(Vec<Order>, bool)> {
        let is_one = self.order_number.is_some() || self.lines.is_some();
        match (self.orders, is_one) {
            (Some(orders), false) => Ok((orders.into_iter().map(OrderSent::order).collect(), false)),
            (Some(_), true) => Err(Error::field("orders", "Send one order, or some under orders, not both.")),
            (None, _) => {
                let one = OrderSent {
                    order_number: self.order_number.unwrap_or_default(),
                    placed_at: self.placed_at.unwrap_or_default(),
                    customer_code: self.customer_code.unwrap_or_default(),
                    status: self.status,
                    currency: self.currency,
                    paid_at: self.paid_at,
                    due_at: self.due_at,
                    lines: self.lines.unwrap_or_default(),
                };
                Ok((vec![one.order()], true))
            }
        }
    }
}

impl OrderSent {
    fn order(self) -> Order {
        let amount = |amount: Option<Amount>| amount.map(|amount| amount.0).unwrap_or_default();
        let line = |line: LineSent| Line {
            sku: line.sku,
            quantity: line.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
            unit_price: line.unit_price.0,
            list_price: amount(line.list_price),
            unit_cost: amount(line.unit_cost),
        };
        Order {
            number: self.order_number,
            placed_at: self.placed_at,
            customer_code: self.customer_code,
            status: self.status.unwrap_or_default(),
            currency: self.currency.unwrap_or_default(),
            paid_at: self.paid_at.unwrap_or_default(),
            due_at: self.due_at.unwrap_or_default(),
            lines: self.lines.into_iter().map(line).collect(),
        }
    }
}

/// What became of the orders.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OrdersTaken)]
struct Taken {
    created: i64,
    updated: i64,
    unchanged: i64,
    orders: Vec<TakenOrder>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OrderTaken)]
struct TakenOrder {
    id: Uuid,
    order_number: String,
}

/// How many calls of a node are let into the database to write orders. They take turns there, also with imports, and
/// whoever waits in the database holds a connection that others need.
const AT_ONCE: usize = 2;
/// How often one of them looks whether it is its turn.
const LOOKING: Duration = Duration::from_millis(25);

/// Where calls with orders wait.
#[derive(Debug)]
pub struct Gate(Semaphore);

impl Default for Gate {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

/// Takes in one order, or some under `orders`: all of them or none; one that is known is replaced.
///
/// While a file of orders is imported, it may be answered 503: send it again then.
#[utoipa::path(
    post,
    path = "/admin/orders",
    tag = "Orders",
    request_body = Sent,
    responses((status = 201, body = Taken), (status = 200, body = Taken))
)]
async fn take_in(
    call: Call,
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    gate: web::Data<Gate>,
    body: Body<Sent>,
) -> Result<HttpResponse, Problem> {
    let (orders, is_one) = body.0.orders()?;
    let orders = Arc::new(orders);
    let until = Instant::now() + db.patience();
    let place = timeout(db.patience(), gate.0.acquire()).await;
    let _place = place.map_err(|_| Error::Busy)?.map_err(Error::internal)?;
    loop {
        let (orders, live) = (Arc::clone(&orders), live.clone());
        let work = move |conn: &mut PgConnection, actor: &Actor, now| take(conn, &live, actor, (&orders, is_one), now);
        match call.clone().once(work).await {
            Err(Problem(Error::Busy)) if Instant::now() < until => sleep(LOOKING).await,
            done => return done,
        }
    }
}

fn take(
    conn: &mut PgConnection,
    live: &LiveSettings,
    actor: &Actor,
    (orders, is_one): (&[Order], bool),
    now: DateTime<Utc>,
) -> Result<Reply> {
    let done = ingest(conn, live, actor, orders, now);
    let Ingested { counts, ids } = done.map_err(|error| if is_one { without_place(error) } else { error })?;
    let taken = ids.into_iter().zip(orders);
    let body = Taken {
        created: counts.created,
        updated: counts.updated,
        unchanged: counts.unchanged,
        orders: taken.map(|(id, order)| TakenOrder { id, order_number: order.number.clone() }).collect(),
    };
    Ok(Reply::done(&body)?.created(body.created > 0))
}

/// Fields of the only order, which has no place in a list.
fn without_place(error: Error) -> Error {
    let Error::Invalid(errors) = error else { return error };
    let renamed = |error: FieldError| {
        let field = error.field.strip_prefix("orders[0].").unwrap_or(&error.field);
        FieldError::new(field, error.message)
    };
    Error::Invalid(errors.into_iter().map(renamed).collect())
}

//! What was sent to a webhook, and sending it again.

use super::super::actions;
use super::super::delivery::State;
use super::super::store::deliveries::{self, Attempt, Delivery, DeliveryKey, Filter};
use super::super::store::{self, parse_id};
use crate::api::call::Call;
use crate::api::page::{Items, limit};
use crate::api::problem::Problem;
use crate::api::query::Params;
use crate::api::reply::Reply;
use crate::auth::role::Permission;
use crate::db::keyset::{self, Place};
use crate::error::{Error, Result};
use crate::outbox::kind::Kind;
use crate::outbox::store as outbox;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

/// The routes, under `/admin`.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/webhooks/{id}/deliveries").route(web::get().to(list)))
        .service(web::resource("/webhooks/{id}/deliveries/{delivery}").route(web::get().to(show)))
        .service(web::resource("/webhooks/{id}/deliveries/{delivery}/replay").route(web::post().to(replay)))
        .service(web::resource("/webhooks/{id}/replay").route(web::post().to(replay_dead)))
        .service(web::resource("/webhooks/{id}/test").route(web::post().to(test)))
        .service(web::resource("/webhook-events/{id}/customers").route(web::get().to(customers)));
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(list, show, replay, replay_dead, test, customers))]
pub struct DeliveryCalls;

/// A delivery as the API gives it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookDelivery)]
struct DeliveryBody {
    id: Uuid,
    event_id: Uuid,
    /// The event's type, such as `group.updated`.
    r#type: String,
    /// `pending`, `retrying`, `delivered` or `dead`.
    state: &'static str,
    /// Attempts since it was made or replayed.
    attempts: i32,
    /// When it is sent next.
    next_attempt_at: Option<DateTime<Utc>>,
    /// The status of the last answer.
    last_status: Option<i32>,
    /// Why the last attempt failed.
    last_error: Option<String>,
    created_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    /// What is sent; with one delivery only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    payload: Option<Value>,
    /// The last attempts, the newest first; with one delivery only.
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<Vec<AttemptBody>>,
}

/// An attempt to deliver.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookAttempt)]
struct AttemptBody {
    number: i32,
    at: DateTime<Utc>,
    status: Option<i32>,
    error: Option<String>,
    /// The beginning of the answer.
    answer: String,
    duration_ms: i32,
}

fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

impl From<Delivery> for DeliveryBody {
    fn from(delivery: Delivery) -> Self {
        Self {
            state: delivery.state().name(),
            next_attempt_at: delivery.next_at,
            id: delivery.id,
            event_id: delivery.event_id,
            r#type: delivery.kind,
            attempts: delivery.attempts,
            last_status: delivery.last_status,
            last_error: filled(delivery.last_error),
            created_at: delivery.created_at,
            ended_at: delivery.ended_at,
            payload: None,
            log: None,
        }
    }
}

impl From<Attempt> for AttemptBody {
    fn from(attempt: Attempt) -> Self {
        Self {
            number: attempt.number,
            at: attempt.at,
            status: attempt.status,
            error: filled(attempt.error),
            answer: attempt.answer,
            duration_ms: attempt.duration_ms,
        }
    }
}

fn one(conn: &mut diesel::PgConnection, endpoint: Uuid, id: Uuid) -> Result<DeliveryBody> {
    let (delivery, event) = deliveries::get(conn, endpoint, id)?;
    let log = deliveries::attempts(conn, id)?.into_iter().map(AttemptBody::from).collect();
    Ok(DeliveryBody { payload: Some(event.json()), log: Some(log), ..DeliveryBody::from(delivery) })
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListParams {
    /// `pending`, `retrying`, `delivered` or `dead`.
    #[serde(default)]
    state: String,
    /// The events' type, such as `group.updated`.
    #[serde(default)]
    r#type: String,
    /// The `nextCursor` of the page before.
    #[serde(default)]
    cursor: String,
    /// How many items, 50 where it is left out.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

impl ListParams {
    fn filter(&self) -> Result<Filter> {
        let unknown = |field: &'static str, sentence: &str| Error::field(field, sentence);
        let state = match self.state.as_str() {
            "" => None,
            name => Some(
                State::from_name(name)
                    .ok_or_else(|| unknown("state", "state is pending, retrying, delivered or dead."))?,
            ),
        };
        let kind = match self.r#type.as_str() {
            "" => None,
            name => Some(
                Kind::from_name(name)
                    .ok_or_else(|| unknown("type", "type is the type of an event, such as group.updated."))?,
            ),
        };
        Ok(Filter { state, kind })
    }
}

/// What was sent to a webhook or waits for it, the newest first.
#[utoipa::path(
    get,
    path = "/admin/webhooks/{id}/deliveries",
    tag = "Webhooks",
    params(ListParams),
    responses((status = 200, body = Items<DeliveryBody>))
)]
async fn list(call: Call, id: web::Path<String>, params: Params<ListParams>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let items = call
        .read(move |conn, actor| {
            actor.require(Permission::ManageWebhooks)?;
            let place: Place<DeliveryKey> = Place::of(&params.cursor, "");
            if !params.cursor.is_empty() && place == Place::Start {
                return Err(Error::field("cursor", "Send the nextCursor of the page before, unchanged."));
            }
            let (filter, limit) = (params.filter()?, limit(params.limit.as_deref())?);
            store::get(conn, id)?;
            let page = deliveries::page(conn, id, filter, &place, limit)?;
            let last = page.rows.last().filter(|_| page.after);
            let next_cursor = last.map(|row| keyset::encode(&(row.created_at, row.id)));
            Ok(Items { items: page.rows.into_iter().map(DeliveryBody::from).collect(), next_cursor })
        })
        .await?;
    Ok(HttpResponse::Ok().json(items))
}

/// One delivery with what it carries and its last attempts.
#[utoipa::path(
    get,
    path = "/admin/webhooks/{id}/deliveries/{delivery}",
    tag = "Webhooks",
    responses((status = 200, body = DeliveryBody))
)]
async fn show(call: Call, path: web::Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (id, delivery) = (parse_id(&path.0)?, deliveries::parse_id(&path.1)?);
    let body = call
        .read(move |conn, actor| {
            actor.require(Permission::ManageWebhooks)?;
            one(conn, id, delivery)
        })
        .await?;
    Ok(HttpResponse::Ok().json(body))
}

/// Sends a delivery again that has arrived or was given up.
#[utoipa::path(
    post,
    path = "/admin/webhooks/{id}/deliveries/{delivery}/replay",
    tag = "Webhooks",
    responses((status = 200, body = DeliveryBody))
)]
async fn replay(call: Call, path: web::Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (id, delivery) = (parse_id(&path.0)?, deliveries::parse_id(&path.1)?);
    call.once(move |conn, actor, now| {
        actions::replay(conn, actor, id, delivery, now)?;
        Reply::done(&one(conn, id, delivery)?)
    })
    .await
}

/// How many deliveries are sent again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookReplay)]
struct Replayed {
    replayed: usize,
}

/// Sends all deliveries of a webhook again that were given up.
#[utoipa::path(
    post,
    path = "/admin/webhooks/{id}/replay",
    tag = "Webhooks",
    responses((status = 200, body = Replayed))
)]
async fn replay_dead(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    call.once(move |conn, actor, now| {
        let replayed = actions::replay_dead(conn, actor, id, now)?;
        Reply::done(&Replayed { replayed })
    })
    .await
}

/// Sends a test event, also to a paused webhook.
#[utoipa::path(
    post,
    path = "/admin/webhooks/{id}/test",
    tag = "Webhooks",
    responses((status = 201, body = DeliveryBody))
)]
async fn test(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    call.once(move |conn, actor, now| {
        let delivery = actions::send_test(conn, actor, id, now)?;
        let reply = Reply::done(&one(conn, id, delivery)?)?.created(true);
        Ok(Reply { location: Some(format!("/admin/webhooks/{id}/deliveries/{delivery}")), ..reply })
    })
    .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PageParams {
    /// The `nextCursor` of the page before.
    #[serde(default)]
    cursor: String,
    /// How many items, 50 where it is left out.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

/// A customer who joined or left.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookCustomer)]
struct CustomerBody {
    id: Uuid,
    code: String,
    name: String,
}

/// All customers of an event that tells of members; the event itself names the first 100.
#[utoipa::path(
    get,
    path = "/admin/webhook-events/{id}/customers",
    tag = "Webhooks",
    params(PageParams),
    responses((status = 200, body = Items<CustomerBody>))
)]
async fn customers(call: Call, id: web::Path<String>, params: Params<PageParams>) -> Result<HttpResponse, Problem> {
    let gone = || Error::NotFound("There is no such event about members any more.".into());
    let id = Uuid::try_parse(&id).map_err(|_| gone())?;
    let items = call
        .read(move |conn, actor| {
            actor.require(Permission::ManageWebhooks)?;
            let after = match params.cursor.as_str() {
                "" => None,
                cursor => Some(
                    Uuid::try_parse(cursor)
                        .map_err(|_| Error::field("cursor", "Send the nextCursor of the page before, unchanged."))?,
                ),
            };
            let limit = limit(params.limit.as_deref())?;
            let mut found = outbox::members(conn, id, after, keyset::one_more(limit))?.ok_or_else(gone)?;
            let more = found.len() > limit;
            found.truncate(limit);
            let next_cursor = found.last().filter(|_| more).map(|last| last.step.to_string());
            let items = found.into_iter().map(|one| CustomerBody { id: one.id, code: one.code, name: one.name });
            Ok(Items { items: items.collect(), next_cursor })
        })
        .await?;
    Ok(HttpResponse::Ok().json(items))
}

//! `/admin/webhooks`: list, create, show, change, delete, over the same actions as the pages. Beside it: deliveries.

mod deliveries;

pub use self::deliveries::DeliveryCalls;

use super::actions;
use super::address::Networks;
use super::endpoint::Typed;
use super::signature::Secret;
use super::store::{self, Endpoint, parse_id};
use crate::api::body::{Body, given, never_null};
use crate::api::call::{Call, entity_tag};
use crate::api::page::Items;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::auth::role::Permission;
use crate::error::Result;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

/// The routes of the webhook calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/webhooks").route(web::get().to(list)).route(web::post().to(create)))
        .service(
            web::resource("/webhooks/{id}")
                .route(web::get().to(show))
                .route(web::patch().to(change))
                .route(web::delete().to(delete)),
        )
        .service(web::resource("/webhooks/{id}/secret").route(web::post().to(replace_secret)))
        .configure(deliveries::routes);
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(list, create, show, change, delete, replace_secret))]
pub struct Calls;

/// A webhook as the API gives it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook)]
struct WebhookBody {
    id: Uuid,
    /// Where events are sent.
    url: String,
    description: String,
    /// Which events, such as `group.updated`.
    events: Vec<&'static str>,
    /// Whether events are sent.
    active: bool,
    /// Why the program itself paused it, where it did.
    paused_because: Option<String>,
    created_by: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i32,
    /// What requests are signed with. Given only when it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl WebhookBody {
    fn of(endpoint: Endpoint, secret: Option<&Secret>) -> Self {
        Self {
            events: endpoint.kinds().into_iter().map(|kind| kind.name()).collect(),
            id: endpoint.id,
            url: endpoint.url,
            description: endpoint.description,
            active: endpoint.active,
            paused_because: Some(endpoint.paused_because).filter(|text| !text.is_empty()),
            created_by: endpoint.created_by,
            created_at: endpoint.created_at,
            updated_at: endpoint.updated_at,
            version: endpoint.version,
            secret: secret.map(Secret::reveal),
        }
    }
}

/// All webhooks, the oldest first; there are at most 20.
#[utoipa::path(
    get,
    path = "/admin/webhooks",
    tag = "Webhooks",
    responses((status = 200, body = Items<WebhookBody>))
)]
async fn list(call: Call) -> Result<HttpResponse, Problem> {
    let items = call
        .read(|conn, actor| {
            actor.require(Permission::ManageWebhooks)?;
            let items = store::all(conn)?.into_iter().map(|endpoint| WebhookBody::of(endpoint, None)).collect();
            Ok(Items { items, next_cursor: None })
        })
        .await?;
    Ok(HttpResponse::Ok().json(items))
}

/// One webhook.
#[utoipa::path(
    get,
    path = "/admin/webhooks/{id}",
    tag = "Webhooks",
    responses((status = 200, body = WebhookBody))
)]
async fn show(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let body = call
        .read(move |conn, actor| {
            actor.require(Permission::ManageWebhooks)?;
            Ok(WebhookBody::of(store::get(conn, id)?, None))
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body))
}

/// A webhook as it is sent: a field that is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = WebhookSent)]
struct Sent {
    /// Where to; `https` or `http`, not into private networks.
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false, max_length = 2000)]
    url: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(max_length = 200)]
    description: Option<Option<String>>,
    /// Which events, at least one.
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    events: Option<Vec<String>>,
    /// `false` pauses it: nothing is queued for it, and what was queued waits.
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    active: Option<bool>,
}

impl Sent {
    fn over(self, typed: Typed) -> Typed {
        Typed {
            url: self.url.unwrap_or(typed.url),
            description: self.description.map_or(typed.description, Option::unwrap_or_default),
            events: self.events.unwrap_or(typed.events),
            active: self.active.unwrap_or(typed.active),
        }
    }
}

/// Makes a webhook; `url` and `events` are required. The answer has its `secret`, this once.
#[utoipa::path(
    post,
    path = "/admin/webhooks",
    tag = "Webhooks",
    request_body = Sent,
    responses((status = 201, body = WebhookBody))
)]
async fn create(call: Call, networks: web::Data<Networks>, sent: Body<Sent>) -> Result<HttpResponse, Problem> {
    call.once(move |conn, actor, now| {
        let typed = sent.0.over(Typed { active: true, ..Typed::default() });
        let (made, secret) = actions::create(conn, actor, &typed, **networks, now)?;
        let body = WebhookBody::of(made, Some(&secret));
        Reply::made("/admin/webhooks", body.id, body.version, &body)
    })
    .await
}

/// Changes a webhook, pauses or resumes it.
#[utoipa::path(
    patch,
    path = "/admin/webhooks/{id}",
    tag = "Webhooks",
    request_body = Sent,
    responses((status = 200, body = WebhookBody))
)]
async fn change(
    call: Call,
    networks: web::Data<Networks>,
    id: web::Path<String>,
    sent: Body<Sent>,
) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let body = call
        .write(move |conn, actor, now| {
            actor.require(Permission::ManageWebhooks)?;
            let typed = sent.0.over(Typed::from(&store::lock(conn, id)?.details()));
            Ok(WebhookBody::of(actions::edit(conn, actor, id, version, &typed, **networks, now)?, None))
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body))
}

/// Deletes a webhook with its deliveries.
#[utoipa::path(
    delete,
    path = "/admin/webhooks/{id}",
    tag = "Webhooks",
    responses((status = 204))
)]
async fn delete(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    call.write(move |conn, actor, now| actions::delete(conn, actor, id, version, now)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Gives a webhook another secret, which the answer has, this once. Requests are signed with both for 24 hours.
#[utoipa::path(
    post,
    path = "/admin/webhooks/{id}/secret",
    tag = "Webhooks",
    responses((status = 200, body = WebhookBody))
)]
async fn replace_secret(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    call.once(move |conn, actor, now| {
        let (endpoint, secret) = actions::replace_secret(conn, actor, id, now)?;
        let body = WebhookBody::of(endpoint, Some(&secret));
        Ok(Reply::done(&body)?.of_version(body.version))
    })
    .await
}

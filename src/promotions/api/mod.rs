//! `/admin/promotions` (SPEC 13): list, create, show, change, delete, over the same actions as the pages.

mod shape;

use super::actions;
use super::details::Typed;
use super::listing::asked;
use super::store::{self, list as rows, parse_id};
use crate::api::body::Body;
use crate::api::call::{Call, entity_tag};
use crate::api::page::{Items, limit};
use crate::api::problem::Problem;
use crate::api::query::Params;
use crate::api::reply::Reply;
use crate::auth::role::Permission;
use crate::clock::store_day;
use crate::db::keyset;
use crate::store_settings::store as store_settings;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use shape::{PromotionBody, Sent, as_json_fields, bodies, only};
use utoipa::{IntoParams, OpenApi};

/// The routes of the promotion calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/promotions").route(web::get().to(list)).route(web::post().to(create))).service(
        web::resource("/promotions/{id}")
            .route(web::get().to(show))
            .route(web::patch().to(change))
            .route(web::delete().to(delete)),
    );
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(list, show, create, change, delete))]
pub struct Calls;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListParams {
    /// A part of what names it.
    #[serde(default)]
    #[param(max_length = 120)]
    q: String,
    status: Option<String>,
    /// The `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many items, 50 where it is left out.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

/// Promotions by name.
#[utoipa::path(
    get,
    path = "/admin/promotions",
    tag = "Promotions",
    params(ListParams),
    responses((status = 200, body = Items<PromotionBody>))
)]
async fn list(call: Call, params: Params<ListParams>) -> Result<HttpResponse, Problem> {
    let now = call.now();
    let items = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let settings = store_settings::load(conn)?;
            let today = store_day(now, settings.time_zone);
            let page = rows::page(
                conn,
                &asked(&params.q, params.status.as_deref(), params.cursor.as_deref())?,
                today,
                limit(params.limit.as_deref())?,
            )?;
            let next_cursor = page.rows.last().filter(|_| page.after).map(|row| keyset::encode(&row.cursor()));
            let found = page.rows.into_iter().map(|row| row.promotion).collect();
            Ok(Items { items: bodies(conn, found, &settings, today)?, next_cursor })
        })
        .await?;
    Ok(HttpResponse::Ok().json(items))
}

/// One promotion.
#[utoipa::path(
    get,
    path = "/admin/promotions/{id}",
    tag = "Promotions",
    responses((status = 200, body = PromotionBody))
)]
async fn show(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let now = call.now();
    let body = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let row = store::get(conn, id)?;
            only(conn, row, now)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body))
}

/// Makes a promotion; code, name and type are required.
#[utoipa::path(
    post,
    path = "/admin/promotions",
    tag = "Promotions",
    request_body = Sent,
    responses((status = 201, body = PromotionBody))
)]
async fn create(call: Call, sent: Body<Sent>) -> Result<HttpResponse, Problem> {
    call.once(move |conn, actor, now| {
        actor.require(Permission::EditPromotions)?;
        let fresh = Typed {
            status: "active".into(),
            stacks: true,
            combinable: true,
            priority: "10".into(),
            ..Typed::default()
        };
        let typed = sent.0.over(fresh)?;
        let row = actions::create(conn, actor, &typed, now).map_err(|error| as_json_fields(error, &typed.kind))?;
        let body = only(conn, row, now)?;
        Reply::made("/admin/promotions", body.id, body.version, &body)
    })
    .await
}

/// Changes a promotion.
#[utoipa::path(
    patch,
    path = "/admin/promotions/{id}",
    tag = "Promotions",
    request_body = Sent,
    responses((status = 200, body = PromotionBody))
)]
async fn change(call: Call, id: web::Path<String>, sent: Body<Sent>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let body = call
        .write(move |conn, actor, now| {
            actor.require(Permission::EditPromotions)?;
            let row = store::lock(conn, id)?;
            let currency = store_settings::load(conn)?.currency;
            let stored = store::details(conn, &row)?;
            let typed = sent.0.over(store::typed(conn, &stored, currency)?)?;
            let row = actions::edit(conn, actor, id, version, &typed, now);
            only(conn, row.map_err(|error| as_json_fields(error, &typed.kind))?, now)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body))
}

/// Deletes a promotion.
#[utoipa::path(
    delete,
    path = "/admin/promotions/{id}",
    tag = "Promotions",
    responses((status = 204))
)]
async fn delete(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    call.write(move |conn, actor, now| actions::delete(conn, actor, id, version, now)).await?;
    Ok(HttpResponse::NoContent().finish())
}

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
use crate::auth::role::Permission;
use crate::clock::store_day;
use crate::db::keyset;
use crate::store_settings::store as store_settings;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use shape::{Sent, as_json_fields, bodies, only};

/// The routes of the promotion calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/promotions").route(web::get().to(list)).route(web::post().to(create))).service(
        web::resource("/promotions/{id}")
            .route(web::get().to(show))
            .route(web::patch().to(change))
            .route(web::delete().to(delete)),
    );
}

#[derive(Debug, Deserialize)]
struct ListParams {
    #[serde(default)]
    q: String,
    status: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

async fn list(call: Call, params: web::Query<ListParams>) -> Result<HttpResponse, Problem> {
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

async fn create(call: Call, sent: Body<Sent>) -> Result<HttpResponse, Problem> {
    let body = call
        .write(move |conn, actor, now| {
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
            only(conn, row, now)
        })
        .await?;
    let location = format!("/admin/promotions/{}", body.id);
    Ok(HttpResponse::Created().insert_header(("Location", location)).insert_header(entity_tag(body.version)).json(body))
}

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

async fn delete(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    call.write(move |conn, actor, now| actions::delete(conn, actor, id, version, now)).await?;
    Ok(HttpResponse::NoContent().finish())
}

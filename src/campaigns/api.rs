//! `/admin/campaigns` (SPEC 13): list, create, show, change, delete, over the same actions as the pages.

use super::actions;
use super::campaign::{Details, Typed};
use super::store::{self, CampaignRow, Part, parse_id};
use crate::api::body::{Body, given, never_null};
use crate::api::call::{Call, entity_tag};
use crate::api::page::{Items, limit};
use crate::api::problem::Problem;
use crate::auth::role::Permission;
use crate::clock::store_day;
use crate::db::keyset;
use crate::error::{Error, Result};
use crate::promotions::listing::asked;
use crate::store_settings::store as store_settings;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The routes of the campaign calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/campaigns").route(web::get().to(list)).route(web::post().to(create))).service(
        web::resource("/campaigns/{id}")
            .route(web::get().to(show))
            .route(web::patch().to(change))
            .route(web::delete().to(delete)),
    );
}

/// A campaign as the API gives it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CampaignBody {
    id: Uuid,
    code: String,
    name: String,
    status: &'static str,
    /// What status and dates make of it today.
    phase: &'static str,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    segments: Vec<SegmentBody>,
    promotions: Vec<PromotionBody>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i32,
}

#[derive(Debug, Serialize)]
struct SegmentBody {
    id: Uuid,
    name: String,
}

#[derive(Debug, Serialize)]
struct PromotionBody {
    id: Uuid,
    code: String,
    name: String,
}

fn body(conn: &mut PgConnection, row: CampaignRow, today: NaiveDate) -> Result<CampaignBody> {
    let details = store::details(conn, &row)?;
    let segment = |part: Part| SegmentBody { id: part.id, name: part.name };
    let promotion = |part: Part| PromotionBody { id: part.id, code: part.code, name: part.name };
    Ok(CampaignBody {
        status: row.status().name(),
        phase: row.phase(today).name(),
        valid_from: details.window.from,
        valid_to: details.window.to,
        segments: store::segments_of(conn, &details.segments)?.into_iter().map(segment).collect(),
        promotions: store::promotions_of(conn, &details.promotions)?.into_iter().map(promotion).collect(),
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
        id: row.id,
        code: row.code,
        name: row.name,
    })
}

fn today(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<NaiveDate> {
    Ok(store_day(now, store_settings::load(conn)?.time_zone))
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
            let today = today(conn, now)?;
            let page = store::page(
                conn,
                &asked(&params.q, params.status.as_deref(), params.cursor.as_deref())?,
                today,
                limit(params.limit.as_deref())?,
            )?;
            let next_cursor = page.rows.last().filter(|_| page.after).map(|row| keyset::encode(&row.cursor()));
            let items = page.rows.into_iter().map(|row| body(conn, row.campaign, today)).collect::<Result<Vec<_>>>()?;
            Ok(Items { items, next_cursor })
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
            let today = today(conn, now)?;
            body(conn, row, today)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body))
}

/// A campaign as it is sent: a field that is left out stays as it is; `null` opens an end of the window.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Sent {
    #[serde(default, deserialize_with = "never_null")]
    code: Option<String>,
    #[serde(default, deserialize_with = "never_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "never_null")]
    status: Option<String>,
    #[serde(default, alias = "valid_from", deserialize_with = "given")]
    valid_from: Option<Option<String>>,
    #[serde(default, alias = "valid_to", deserialize_with = "given")]
    valid_to: Option<Option<String>>,
    /// Ids or names.
    #[serde(default, deserialize_with = "never_null")]
    segments: Option<Vec<String>>,
    /// Ids or codes.
    #[serde(default, deserialize_with = "never_null")]
    promotions: Option<Vec<String>>,
}

impl Sent {
    fn over(self, typed: Typed) -> Typed {
        Typed {
            code: self.code.unwrap_or(typed.code),
            name: self.name.unwrap_or(typed.name),
            status: self.status.unwrap_or(typed.status),
            valid_from: self.valid_from.map_or(typed.valid_from, Option::unwrap_or_default),
            valid_to: self.valid_to.map_or(typed.valid_to, Option::unwrap_or_default),
            segments: self.segments.unwrap_or(typed.segments),
            promotions: self.promotions.unwrap_or(typed.promotions),
        }
    }
}

fn typed(stored: Details) -> Typed {
    let texts = |ids: &[Uuid]| ids.iter().map(Uuid::to_string).collect();
    let (valid_from, valid_to) = stored.window.typed();
    Typed {
        segments: texts(&stored.segments),
        promotions: texts(&stored.promotions),
        status: stored.status.name().into(),
        code: stored.code,
        name: stored.name,
        valid_from,
        valid_to,
    }
}

async fn create(call: Call, sent: Body<Sent>) -> Result<HttpResponse, Problem> {
    let body = call
        .write(move |conn, actor, now| {
            let fresh = Typed { status: "active".into(), ..Typed::default() };
            let row = actions::create(conn, actor, &sent.0.over(fresh), now).map_err(as_json_fields)?;
            let today = today(conn, now)?;
            body(conn, row, today)
        })
        .await?;
    let location = format!("/admin/campaigns/{}", body.id);
    Ok(HttpResponse::Created().insert_header(("Location", location)).insert_header(entity_tag(body.version)).json(body))
}

async fn change(call: Call, id: web::Path<String>, sent: Body<Sent>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let body = call
        .write(move |conn, actor, now| {
            actor.require(Permission::EditPromotions)?;
            let row = store::lock(conn, id)?;
            let stored = typed(store::details(conn, &row)?);
            let row = actions::edit(conn, actor, id, version, &sent.0.over(stored), now).map_err(as_json_fields)?;
            let today = today(conn, now)?;
            body(conn, row, today)
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

/// Fields of the form, by their names in JSON.
fn as_json_fields(error: Error) -> Error {
    error.with_names(&[("valid_from", "validFrom"), ("valid_to", "validTo")])
}

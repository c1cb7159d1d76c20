//! `/admin/campaigns` (SPEC 13): list, create, show, change, delete, over the same actions as the pages.

use super::actions;
use super::campaign::{Details, Typed};
use super::store::{self, CampaignRow, Part, parse_id};
use crate::api::body::{Body, given, never_null};
use crate::api::call::{Call, entity_tag};
use crate::api::page::{Items, limit};
use crate::api::problem::Problem;
use crate::api::query::Params;
use crate::api::reply::Reply;
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
use utoipa::{IntoParams, OpenApi, ToSchema};
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

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(list, show, create, change, delete))]
pub struct Calls;

/// A campaign as the API gives it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Campaign)]
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

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NamedSegment)]
struct SegmentBody {
    id: Uuid,
    name: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NamedPromotion)]
struct PromotionBody {
    id: Uuid,
    code: String,
    name: String,
}

/// Campaigns as they are given, with a few queries for all of them.
fn bodies(conn: &mut PgConnection, rows: Vec<CampaignRow>, today: NaiveDate) -> Result<Vec<CampaignBody>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let (mut segments, mut promotions) = (store::segments_of_all(conn, &ids)?, store::promotions_of_all(conn, &ids)?);
    let segment = |part: Part| SegmentBody { id: part.id, name: part.name };
    let promotion = |part: Part| PromotionBody { id: part.id, code: part.code, name: part.name };
    let body = |row: CampaignRow| CampaignBody {
        status: row.status().name(),
        phase: row.phase(today).name(),
        valid_from: row.window().from,
        valid_to: row.window().to,
        segments: segments.remove(&row.id).unwrap_or_default().into_iter().map(segment).collect(),
        promotions: promotions.remove(&row.id).unwrap_or_default().into_iter().map(promotion).collect(),
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
        id: row.id,
        code: row.code,
        name: row.name,
    };
    Ok(rows.into_iter().map(body).collect())
}

/// One campaign as it is given.
fn only(conn: &mut PgConnection, row: CampaignRow, now: DateTime<Utc>) -> Result<CampaignBody> {
    let today = today(conn, now)?;
    bodies(conn, vec![row], today)?.pop().ok_or_else(store::gone)
}

fn today(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<NaiveDate> {
    Ok(store_day(now, store_settings::load(conn)?.time_zone))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListParams {
    /// A part of what names it.
    #[serde(default)]
    #[param(max_length = 120)]
    q: String,
    /// `active` or `inactive`.
    status: Option<String>,
    /// The `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many items, 50 where it is left out.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

/// Campaigns by name.
#[utoipa::path(
    get,
    path = "/admin/campaigns",
    tag = "Campaigns",
    params(ListParams),
    responses((status = 200, body = Items<CampaignBody>))
)]
async fn list(call: Call, params: Params<ListParams>) -> Result<HttpResponse, Problem> {
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
            let found = page.rows.into_iter().map(|row| row.campaign).collect();
            Ok(Items { items: bodies(conn, found, today)?, next_cursor })
        })
        .await?;
    Ok(HttpResponse::Ok().json(items))
}

/// One campaign.
#[utoipa::path(
    get,
    path = "/admin/campaigns/{id}",
    tag = "Campaigns",
    responses((status = 200, body = CampaignBody))
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

/// A campaign as it is sent: a field that is left out stays as it is; `null` opens an end of the window.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CampaignSent)]
struct Sent {
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    code: Option<String>,
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    name: Option<String>,
    /// `active` or `inactive`.
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    status: Option<String>,
    #[serde(default, alias = "valid_from", deserialize_with = "given")]
    valid_from: Option<Option<String>>,
    #[serde(default, alias = "valid_to", deserialize_with = "given")]
    valid_to: Option<Option<String>>,
    /// Ids or names.
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    segments: Option<Vec<String>>,
    /// Ids or codes.
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
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

/// Makes a campaign; code and name are required.
#[utoipa::path(
    post,
    path = "/admin/campaigns",
    tag = "Campaigns",
    request_body = Sent,
    responses((status = 201, body = CampaignBody))
)]
async fn create(call: Call, sent: Body<Sent>) -> Result<HttpResponse, Problem> {
    call.once(move |conn, actor, now| {
        let fresh = Typed { status: "active".into(), ..Typed::default() };
        let row = actions::create(conn, actor, &sent.0.over(fresh), now).map_err(as_json_fields)?;
        let body = only(conn, row, now)?;
        Reply::made("/admin/campaigns", body.id, body.version, &body)
    })
    .await
}

/// Changes a campaign.
#[utoipa::path(
    patch,
    path = "/admin/campaigns/{id}",
    tag = "Campaigns",
    request_body = Sent,
    responses((status = 200, body = CampaignBody))
)]
async fn change(call: Call, id: web::Path<String>, sent: Body<Sent>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let body = call
        .write(move |conn, actor, now| {
            actor.require(Permission::EditPromotions)?;
            let row = store::lock(conn, id)?;
            let stored = typed(store::details(conn, &row)?);
            let row = actions::edit(conn, actor, id, version, &sent.0.over(stored), now).map_err(as_json_fields)?;
            only(conn, row, now)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body))
}

/// Deletes a campaign.
#[utoipa::path(
    delete,
    path = "/admin/campaigns/{id}",
    tag = "Campaigns",
    responses((status = 204))
)]
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

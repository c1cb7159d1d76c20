//! `/admin/segments` (SPEC 13): list, create, show, change, delete, over the same actions as the pages.

use super::actions;
use super::segment::Typed;
use super::store::audience::{self, Audience, Frame};
use super::store::groups::{self, ChosenGroup};
use super::store::{self, SegmentRow, list as rows, parse_id};
use crate::api::body::{Body, given, never_null};
use crate::api::call::{Call, entity_tag};
use crate::api::page::{Items, limit};
use crate::api::problem::Problem;
use crate::api::query::Params;
use crate::api::reply::Reply;
use crate::auth::role::Permission;
use crate::clock::store_day;
use crate::db::keyset::{self, Place};
use crate::error::{Error, FieldError, Result};
use crate::inheritance::store::live::LiveSettings;
use crate::store_settings::store as store_settings;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

/// The routes of the segment calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/segments").route(web::get().to(list)).route(web::post().to(create))).service(
        web::resource("/segments/{id}")
            .route(web::get().to(show))
            .route(web::patch().to(change))
            .route(web::delete().to(delete)),
    );
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(list, show, create, change, delete))]
pub struct Calls;

/// A segment as the API gives it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Segment)]
struct SegmentBody {
    id: Uuid,
    name: String,
    description: String,
    groups_in: Vec<GroupBody>,
    groups_not_in: Vec<GroupBody>,
    rule: Option<Value>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i32,
    /// How many customers are in it, with `include=count`.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<i64>,
}

/// A group that a segment names.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SegmentCustomerGroup)]
struct GroupBody {
    id: Uuid,
    code: String,
    name: String,
}

/// Segments as they are given, with a few queries for all of them.
fn bodies(conn: &mut PgConnection, rows: Vec<SegmentRow>) -> Result<Vec<SegmentBody>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let chosen = store::groups_of_all(conn, &ids)?;
    let all: Vec<(Uuid, bool)> = chosen.iter().map(|(_, group, _)| (*group, true)).collect();
    // By name.
    let named: Vec<ChosenGroup> = groups::named(conn, &all)?;
    let chosen: HashSet<(Uuid, Uuid, bool)> = chosen.into_iter().collect();
    let body = |row: SegmentRow| {
        let side = |wanted: bool| {
            let groups = named.iter().filter(|group| chosen.contains(&(row.id, group.id, wanted)));
            groups.map(|g| GroupBody { id: g.id, code: g.code.clone(), name: g.name.clone() }).collect()
        };
        SegmentBody {
            groups_in: side(true),
            groups_not_in: side(false),
            id: row.id,
            name: row.name,
            description: row.description,
            rule: row.rule,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            count: None,
        }
    };
    Ok(rows.into_iter().map(body).collect())
}

/// One segment as it is given.
fn only(conn: &mut PgConnection, row: SegmentRow) -> Result<SegmentBody> {
    bodies(conn, vec![row])?.pop().ok_or_else(store::gone)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListParams {
    /// A part of what names it.
    #[serde(default)]
    #[param(max_length = 120)]
    q: String,
    /// The `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many items, 50 where it is left out.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

/// Segments by name.
#[utoipa::path(
    get,
    path = "/admin/segments",
    tag = "Segments",
    params(ListParams),
    responses((status = 200, body = Items<SegmentBody>))
)]
async fn list(call: Call, params: Params<ListParams>) -> Result<HttpResponse, Problem> {
    let items = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let cursor = params.cursor.as_deref().unwrap_or_default();
            let place = Place::of(cursor, "");
            let mut errors = Vec::new();
            if !cursor.is_empty() && place == Place::Start {
                errors.push(FieldError::new("cursor", "Send the nextCursor of the page before, unchanged."));
            }
            if params.q.chars().count() > 120 || params.q.contains('\0') {
                errors.push(FieldError::new("q", "q is at most 120 characters, without the NUL character."));
            }
            if !errors.is_empty() {
                return Err(Error::Invalid(errors));
            }
            let page = rows::page(conn, &params.q, &place, limit(params.limit.as_deref())?)?;
            let next_cursor = page.rows.last().filter(|_| page.after).map(|row| keyset::encode(&row.cursor()));
            let found = page.rows.into_iter().map(|row| row.segment).collect();
            Ok(Items { items: bodies(conn, found)?, next_cursor })
        })
        .await?;
    Ok(HttpResponse::Ok().json(items))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ShowParams {
    #[serde(default)]
    include: String,
}

/// One segment; with `include=count` how many customers are in it.
#[utoipa::path(
    get,
    path = "/admin/segments/{id}",
    tag = "Segments",
    params(ShowParams),
    responses((status = 200, body = SegmentBody))
)]
async fn show(
    call: Call,
    live: web::Data<LiveSettings>,
    id: web::Path<String>,
    params: Params<ShowParams>,
) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let now = call.now();
    let body = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let row = store::get(conn, id)?;
            let body = only(conn, row)?;
            match params.include.as_str() {
                "" => Ok(body),
                "count" => Ok(SegmentBody { count: Some(count(conn, &live, id, now)?), ..body }),
                _ => Err(Error::field("include", "include can be count.")),
            }
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body))
}

fn count(conn: &mut PgConnection, live: &LiveSettings, id: Uuid, now: DateTime<Utc>) -> Result<i64> {
    let settings = store_settings::load(conn)?;
    let segment = store::load(conn, &[id], settings.currency)?.pop().ok_or_else(store::gone)?;
    let book = live.now(conn)?;
    let frame = Frame { book: &book, currency: settings.currency, today: store_day(now, settings.time_zone) };
    audience::count(conn, &Audience::of(&segment), &frame)
}

/// A segment as it is sent: a field that is left out stays as it is; `null` takes the rule away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = SegmentSent)]
struct Sent {
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    description: Option<Option<String>>,
    /// Ids or codes.
    #[serde(default, alias = "groups_in", deserialize_with = "never_null")]
    #[schema(nullable = false)]
    groups_in: Option<Vec<String>>,
    #[serde(default, alias = "groups_not_in", deserialize_with = "never_null")]
    #[schema(nullable = false)]
    groups_not_in: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    rule: Option<Option<Value>>,
}

impl Sent {
    fn over(self, typed: Typed) -> Typed {
        Typed {
            name: self.name.unwrap_or(typed.name),
            description: self.description.map_or(typed.description, Option::unwrap_or_default),
            groups_in: self.groups_in.unwrap_or(typed.groups_in),
            groups_not_in: self.groups_not_in.unwrap_or(typed.groups_not_in),
            rule: self.rule.unwrap_or(typed.rule),
        }
    }
}

/// Makes a segment; only `name` is required.
#[utoipa::path(
    post,
    path = "/admin/segments",
    tag = "Segments",
    request_body = Sent,
    responses((status = 201, body = SegmentBody))
)]
async fn create(call: Call, sent: Body<Sent>) -> Result<HttpResponse, Problem> {
    call.once(move |conn, actor, now| {
        let typed = sent.0.over(Typed::default());
        let row = actions::create(conn, actor, &typed, now).map_err(as_json_fields)?;
        let body = only(conn, row)?;
        Reply::made("/admin/segments", body.id, body.version, &body)
    })
    .await
}

/// Changes a segment.
#[utoipa::path(
    patch,
    path = "/admin/segments/{id}",
    tag = "Segments",
    request_body = Sent,
    responses((status = 200, body = SegmentBody))
)]
async fn change(call: Call, id: web::Path<String>, sent: Body<Sent>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let body = call
        .write(move |conn, actor, now| {
            actor.require(Permission::EditPromotions)?;
            let row = store::lock(conn, id)?;
            let stored = store::details(conn, &row)?;
            let texts = |ids: &[Uuid]| ids.iter().map(Uuid::to_string).collect();
            let typed = Typed {
                groups_in: texts(&stored.groups_in),
                groups_not_in: texts(&stored.groups_not_in),
                name: stored.name,
                description: stored.description,
                rule: stored.rule,
            };
            let row = actions::edit(conn, actor, id, version, &sent.0.over(typed), now).map_err(as_json_fields)?;
            only(conn, row)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body))
}

/// Deletes a segment.
#[utoipa::path(
    delete,
    path = "/admin/segments/{id}",
    tag = "Segments",
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
    error.with_names(&[("groups_in", "groupsIn"), ("groups_not_in", "groupsNotIn")])
}

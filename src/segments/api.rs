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

/// A segment as the API gives it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
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
#[derive(Debug, Serialize)]
struct GroupBody {
    id: Uuid,
    code: String,
    name: String,
}

fn body(conn: &mut PgConnection, row: SegmentRow) -> Result<SegmentBody> {
    let details = store::details(conn, &row)?;
    let mut side = |ids: &[Uuid]| -> Result<Vec<GroupBody>> {
        let chosen: Vec<(Uuid, bool)> = ids.iter().map(|id| (*id, true)).collect();
        let body = |group: ChosenGroup| GroupBody { id: group.id, code: group.code, name: group.name };
        Ok(groups::named(conn, &chosen)?.into_iter().map(body).collect())
    };
    Ok(SegmentBody {
        groups_in: side(&details.groups_in)?,
        groups_not_in: side(&details.groups_not_in)?,
        id: row.id,
        name: row.name,
        description: row.description,
        rule: row.rule,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
        count: None,
    })
}

#[derive(Debug, Deserialize)]
struct ListParams {
    #[serde(default)]
    q: String,
    cursor: Option<String>,
    limit: Option<String>,
}

async fn list(call: Call, params: web::Query<ListParams>) -> Result<HttpResponse, Problem> {
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
            let items = page.rows.into_iter().map(|row| body(conn, row.segment)).collect::<Result<Vec<_>>>()?;
            Ok(Items { items, next_cursor })
        })
        .await?;
    Ok(HttpResponse::Ok().json(items))
}

#[derive(Debug, Deserialize)]
struct ShowParams {
    #[serde(default)]
    include: String,
}

async fn show(
    call: Call,
    live: web::Data<LiveSettings>,
    id: web::Path<String>,
    params: web::Query<ShowParams>,
) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let now = call.now();
    let body = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let row = store::get(conn, id)?;
            let body = body(conn, row)?;
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
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Sent {
    #[serde(default, deserialize_with = "never_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    description: Option<Option<String>>,
    /// Ids or codes.
    #[serde(default, alias = "groups_in", deserialize_with = "never_null")]
    groups_in: Option<Vec<String>>,
    #[serde(default, alias = "groups_not_in", deserialize_with = "never_null")]
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

async fn create(call: Call, sent: Body<Sent>) -> Result<HttpResponse, Problem> {
    let body = call
        .write(move |conn, actor, now| {
            let typed = sent.0.over(Typed::default());
            let row = actions::create(conn, actor, &typed, now).map_err(as_json_fields)?;
            body(conn, row)
        })
        .await?;
    let location = format!("/admin/segments/{}", body.id);
    Ok(HttpResponse::Created().insert_header(("Location", location)).insert_header(entity_tag(body.version)).json(body))
}

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
            body(conn, row)
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
    error.with_names(&[("groups_in", "groupsIn"), ("groups_not_in", "groupsNotIn")])
}

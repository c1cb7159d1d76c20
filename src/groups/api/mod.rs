//! `/admin/pricing/customer-groups` (SPEC 13): list, create, show, change, delete, over the same actions as the pages.

mod answers;
mod members;

use self::answers::{GroupBody, bodies, body_of, body_with};
use self::members::WithMembers;
use crate::api::body::{Body, given, never_null};
use crate::api::call::{Call, entity_tag};
use crate::api::page::{Items, limit};
use crate::api::problem::Problem;
use crate::auth::role::{Actor, Permission};
use crate::db::keyset::{self, Place};
use crate::error::{Error, FieldError, Result};
use crate::groups::group::{Details, GroupType, Status};
use crate::groups::listing::{Sort, Wanted};
use crate::groups::store::{self, Group, list as rows, parse_id, standing};
use crate::groups::{actions, metadata, removal};
use crate::pricing::actions::{Wish, assign_list};
use crate::rules::actions::{hold, rule_of_body};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

/// The routes of the group calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/pricing/customer-groups").route(web::get().to(list)).route(web::post().to(create)))
        .service(
            web::resource("/pricing/customer-groups/{id}")
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
    #[serde(rename = "type")]
    kind: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

impl ListParams {
    fn wanted(&self) -> Result<Wanted> {
        let mut errors = Vec::new();
        let mut known = |field: &str, message: &str, good: bool| {
            if !good {
                errors.push(FieldError::new(field, message));
            }
        };
        let status = self.status.as_deref().map(Status::from_name);
        known("status", "status is active or inactive.", status != Some(None));
        let kind = self.kind.as_deref().map(GroupType::from_name);
        known("type", "type is manual, automatic or hybrid.", kind != Some(None));
        let cursor = self.cursor.as_deref().unwrap_or_default();
        let place = Place::of(cursor, "");
        let good_cursor = cursor.is_empty() || place != Place::Start;
        known("cursor", "Send the nextCursor of the page before, unchanged.", good_cursor);
        let good_text = self.q.chars().count() <= 120 && !self.q.contains('\0');
        known("q", "q is at most 120 characters, without the NUL character.", good_text);
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        Ok(Wanted {
            text: self.q.trim().to_owned(),
            status: status.flatten(),
            kind: kind.flatten(),
            place,
            ..Wanted::default()
        })
    }
}

async fn list(call: Call, params: web::Query<ListParams>) -> Result<HttpResponse, Problem> {
    let params = params.into_inner();
    let items = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let page = rows::page(conn, &params.wanted()?, limit(params.limit.as_deref())?)?;
            let ids: Vec<Uuid> = page.rows.iter().map(|row| row.id).collect();
            let last = page.rows.last().filter(|_| page.after);
            let next_cursor = last.map(|row| keyset::encode(&row.cursor(Sort::Name)));
            let groups = store::by_ids(conn, &ids)?;
            Ok(Items { items: bodies(conn, groups)?, next_cursor })
        })
        .await?;
    Ok(HttpResponse::Ok().json(items))
}

/// What is included in a group, and which page of it.
#[derive(Debug, Deserialize)]
struct ShowParams {
    #[serde(default)]
    include: String,
    #[serde(default)]
    cursor: String,
    limit: Option<String>,
}

async fn show(call: Call, id: web::Path<String>, params: web::Query<ShowParams>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let now = call.now();
    let body = call
        .read_along(
            move |conn, token| store::with_token(conn, token, id),
            move |conn, actor, (group, lists)| {
                actor.require(Permission::Read)?;
                let limit = limit(params.limit.as_deref())?;
                let group = body_with(conn, group.ok_or_else(store::gone)?, lists)?;
                let wanted = params.include.split(',').any(|part| part.trim() == "customers");
                let customers = wanted.then(|| members::included(conn, id, &params.cursor, limit, now)).transpose()?;
                Ok(WithMembers { group, customers, refused: None })
            },
        )
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.group.version)).json(body))
}

/// A new group: only `name` is required.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewGroup {
    #[serde(default)]
    name: String,
    code: Option<String>,
    description: Option<String>,
    #[serde(alias = "is_active")]
    is_active: Option<bool>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(alias = "parent_id")]
    parent_id: Option<Uuid>,
    capacity: Option<i32>,
    metadata: Option<Value>,
    #[serde(alias = "price_lists")]
    price_lists: Option<Vec<NewAssignment>>,
    rule: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewAssignment {
    /// A list's id or its code.
    #[serde(alias = "price_list_id")]
    price_list_id: String,
    priority: i32,
}

async fn create(call: Call, body: Body<NewGroup>) -> Result<HttpResponse, Problem> {
    let new = body.0;
    let body = call.write(move |conn, actor, now| create_group(conn, actor, new, now)).await?;
    let location = format!("/admin/pricing/customer-groups/{}", body.id);
    Ok(HttpResponse::Created().insert_header(("Location", location)).insert_header(entity_tag(body.version)).json(body))
}

fn create_group(conn: &mut PgConnection, actor: &Actor, new: NewGroup, now: DateTime<Utc>) -> Result<GroupBody> {
    let mut details = Details::named(&new.name);
    details.code = new.code;
    details.description = new.description.unwrap_or_default();
    details.status = status_of(new.is_active.unwrap_or(true));
    details.kind = new.kind.as_deref().map(kind_of).transpose()?.unwrap_or(GroupType::Manual);
    details.parent_id = new.parent_id;
    details.capacity = new.capacity;
    let metadata = object_of(new.metadata.unwrap_or_else(|| Value::Object(serde_json::Map::new())))?;
    let mut group = actions::create(conn, actor, details, &metadata, "api", now).map_err(as_json_fields)?;
    for (i, assignment) in new.price_lists.unwrap_or_default().iter().enumerate() {
        let at = format!("priceLists[{i}].");
        let wish = Wish { list: &assignment.price_list_id, priority: Some(assignment.priority), at: &at };
        group = assign_list(conn, actor, group.id, None, wish, now)?.group;
    }
    if let Some(rule) = new.rule {
        rule_of_body(conn, actor, group.id, &rule, now)?;
    }
    let group = store::live(conn, group.id)?;
    body_of(conn, group)
}

fn status_of(active: bool) -> Status {
    if active { Status::Active } else { Status::Inactive }
}

fn kind_of(text: &str) -> Result<GroupType> {
    GroupType::from_name(text).ok_or_else(|| Error::field("type", "type is manual, automatic or hybrid."))
}

fn object_of(value: Value) -> Result<serde_json::Map<String, Value>> {
    metadata::check(&value).map_err(|e| Error::Invalid(vec![e]))?;
    match value {
        Value::Object(object) => Ok(object),
        _ => Ok(serde_json::Map::new()),
    }
}

/// A change of a group: a field that is left out stays as it is; `null` takes a description, parent or capacity away.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GroupPatch {
    #[serde(default, deserialize_with = "never_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "never_null")]
    code: Option<String>,
    #[serde(default, deserialize_with = "given")]
    description: Option<Option<String>>,
    #[serde(default, alias = "is_active", deserialize_with = "never_null")]
    is_active: Option<bool>,
    #[serde(default, rename = "type", deserialize_with = "never_null")]
    kind: Option<String>,
    #[serde(default, alias = "parent_id", deserialize_with = "given")]
    parent_id: Option<Option<Uuid>>,
    #[serde(default, deserialize_with = "given")]
    capacity: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    metadata: Option<Option<Value>>,
    #[serde(default, deserialize_with = "given")]
    rule: Option<Option<Value>>,
    #[serde(default, alias = "customer_ids", deserialize_with = "never_null")]
    customer_ids: Option<Vec<Uuid>>,
    #[serde(default, alias = "customer_ids_to_remove", deserialize_with = "never_null")]
    customer_ids_to_remove: Option<Vec<Uuid>>,
}

impl GroupPatch {
    fn apply(self, group: &Group) -> Result<(Details, Option<serde_json::Map<String, Value>>)> {
        let mut details = group.details();
        if let Some(name) = self.name {
            details.name = name;
        }
        if let Some(code) = self.code {
            if code.trim().is_empty() {
                return Err(Error::field("code", "Use 1 to 32 of the characters A–Z, 0–9, _ and -."));
            }
            details.code = Some(code);
        }
        if let Some(description) = self.description {
            details.description = description.unwrap_or_default();
        }
        if let Some(active) = self.is_active {
            details.status = status_of(active);
        }
        if let Some(kind) = self.kind {
            details.kind = kind_of(&kind)?;
        }
        if let Some(parent) = self.parent_id {
            details.parent_id = parent;
        }
        if let Some(capacity) = self.capacity {
            details.capacity = capacity;
        }
        let metadata =
            self.metadata.map(|given| given.map_or_else(|| Ok(serde_json::Map::new()), object_of)).transpose()?;
        Ok((details, metadata))
    }
}

async fn change(call: Call, id: web::Path<String>, body: Body<GroupPatch>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let body = call
        .write(move |conn, actor, now| {
            actor.require(Permission::EditGroups)?;
            let mut patch = body.0;
            let rule = patch.rule.take();
            let (attach, detach) = (patch.customer_ids.take(), patch.customer_ids_to_remove.take());
            let moves_members = attach.is_some() || detach.is_some();
            // Whoever writes memberships holds the totals first and the group after them.
            if rule.is_some() {
                hold(conn, id)?;
            } else if moves_members {
                store::hold_tree(conn)?;
                standing::hold_totals(conn)?;
            }
            let group = store::lock(conn, id)?;
            if group.deleted_at.is_some() {
                return Err(store::gone());
            }
            let (details, metadata) = patch.apply(&group)?;
            actions::edit(conn, actor, id, version, details, metadata, now).map_err(as_json_fields)?;
            let (attach, detach) = (attach.unwrap_or_default(), detach.unwrap_or_default());
            let members = || members::change(conn, actor, id, &attach, &detach, now);
            let refused = moves_members.then(members).transpose()?;
            if let Some(rule) = rule {
                rule_of_body(conn, actor, id, &rule.unwrap_or_default(), now)?;
            }
            let group = store::live(conn, id)?;
            Ok(WithMembers { group: body_of(conn, group)?, customers: None, refused })
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.group.version)).json(body))
}

async fn delete(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    call.write(move |conn, actor, now| removal::delete(conn, actor, id, version, None, now)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Fields of the form, by their names in JSON.
fn as_json_fields(error: Error) -> Error {
    error.with_names(&[("parent", "parentId"), ("status", "isActive")])
}

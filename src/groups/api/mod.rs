//! `/admin/pricing/customer-groups` (SPEC 13): list, create, show, change, delete, over the same actions as the pages.

mod answers;
mod bulk;
mod input;
mod members;

pub use self::answers::{GroupBody, body_of};
use self::answers::{bodies, body_with, plain_body};
use self::input::{GroupPatch, NewGroup, kind_of, object_of, status_of};
use self::members::WithMembers;
use crate::api::body::Body;
use crate::api::call::{Asked, Call, entity_tag};
use crate::api::page::{Items, limit};
use crate::api::problem::Problem;
use crate::api::query::Params;
use crate::api::reply::Reply;
use crate::auth::role::{Actor, Permission};
use crate::db::keyset::{self, Place};
use crate::error::{Error, FieldError, Result};
use crate::group_cache::api::part_of;
use crate::group_cache::kept::GroupCache;
use crate::group_cache::value::Part;
use crate::groups::group::{Details, GroupType, ROOT_ID, Status};
use crate::groups::listing::{Sort, Wanted};
use crate::groups::store::{self, WithLists, list as rows, parse_id, standing};
use crate::groups::{actions, removal};
use crate::inheritance::store::live::LiveSettings;
use crate::pricing::actions::{Wish, assign_list};
use crate::rules::actions::{hold, rule_of_body};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

/// The routes of the group calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/pricing/customer-groups").route(web::get().to(list)).route(web::post().to(create)))
        .service(web::resource("/pricing/customer-groups/bulk").route(web::post().to(bulk::write)))
        .service(
            web::resource("/pricing/customer-groups/{id}")
                .route(web::get().to(show))
                .route(web::patch().to(change))
                .route(web::delete().to(delete)),
        );
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(list, show, create, change, delete, bulk::write))]
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
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many items, 50 where it is left out.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
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

/// Customer groups by name, All Customers included.
#[utoipa::path(
    get,
    path = "/admin/pricing/customer-groups",
    tag = "Customer groups",
    params(ListParams),
    responses((status = 200, body = Items<GroupBody>))
)]
async fn list(call: Call, params: Params<ListParams>) -> Result<HttpResponse, Problem> {
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

/// Groups that calls ask for, each by its id.
pub type GroupsAsked = Asked<Uuid, WithLists>;

/// What is included in a group, and which page of it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ShowParams {
    #[serde(default)]
    include: String,
    /// The `nextCursor` of the page before.
    #[serde(default)]
    cursor: String,
    /// How many items, 50 where it is left out.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

impl ShowParams {
    /// Whether nothing but the group is asked for.
    fn is_plain(&self) -> bool {
        self.cursor.is_empty() && self.limit.is_none() && matches!(with_customers(&self.include), Ok(false))
    }
}

/// Whether members are wanted; the lists are always there.
fn with_customers(include: &str) -> Result<bool> {
    let parts = || include.split(',').map(str::trim).filter(|part| !part.is_empty());
    if parts().any(|part| !["customers", "priceLists", "price_lists"].contains(&part)) {
        return Err(Error::field("include", "include takes customers and priceLists."));
    }
    Ok(parts().any(|part| part == "customers"))
}

/// One group; with `include=customers` a page of its members.
#[utoipa::path(
    get,
    path = "/admin/pricing/customer-groups/{id}",
    tag = "Customer groups",
    params(ShowParams),
    responses((status = 200, body = WithMembers))
)]
async fn show(
    call: Call,
    cache: web::Data<GroupCache>,
    live: web::Data<LiveSettings>,
    asked: web::Data<GroupsAsked>,
    id: web::Path<String>,
    params: Params<ShowParams>,
) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let now = call.now();
    // How many All Customers has is a question of its own.
    if !cache.is_used() && params.is_plain() && id != ROOT_ID {
        let answer = |actor: &Actor, (group, lists): WithLists| {
            actor.require(Permission::Read)?;
            Ok(plain_body(group.ok_or_else(store::gone)?, lists))
        };
        let body = call.read_together(&asked, id, answer).await?;
        return Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body));
    }
    let find = move |conn: &mut PgConnection, token: &[u8]| store::with_token(conn, token, id);
    if params.is_plain() {
        let shared = (GroupCache::clone(&cache), LiveSettings::clone(&live));
        let answer = move |conn: &mut PgConnection, _: &Actor, (group, lists): WithLists| {
            let group = body_with(conn, group.ok_or_else(store::gone)?, lists)?;
            Ok((group.version, group))
        };
        return part_of(call, shared, (id, Part::Group), find, answer).await;
    }
    let body = call
        .read_along(find, move |conn, actor, (group, lists)| {
            actor.require(Permission::Read)?;
            let limit = limit(params.limit.as_deref())?;
            let group = body_with(conn, group.ok_or_else(store::gone)?, lists)?;
            let wanted = with_customers(&params.include)?;
            let customers = wanted.then(|| members::included(conn, id, &params.cursor, limit, now)).transpose()?;
            Ok(WithMembers { group, customers, refused: None })
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.group.version)).json(body))
}

/// Makes a group; only `name` is required.
#[utoipa::path(
    post,
    path = "/admin/pricing/customer-groups",
    tag = "Customer groups",
    request_body = NewGroup,
    responses((status = 201, body = GroupBody))
)]
async fn create(call: Call, body: Body<NewGroup>) -> Result<HttpResponse, Problem> {
    let new = body.0;
    call.once(move |conn, actor, now| {
        let body = create_group(conn, actor, new, now)?;
        Reply::made("/admin/pricing/customer-groups", body.id, body.version, &body)
    })
    .await
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
        let assigned = assign_list(conn, actor, group.id, None, wish, now)?;
        if !assigned.is_new {
            return Err(Error::field(format!("{at}priceListId"), "This list is there twice: name each once."));
        }
        group = assigned.group;
    }
    if let Some(rule) = new.rule {
        rule_of_body(conn, actor, group.id, &rule, now)?;
    }
    let group = store::live(conn, group.id)?;
    body_of(conn, group)
}

/// Changes a group, attaches customers and detaches others.
#[utoipa::path(
    patch,
    path = "/admin/pricing/customer-groups/{id}",
    tag = "Customer groups",
    request_body = GroupPatch,
    responses((status = 200, body = WithMembers))
)]
async fn change(call: Call, id: web::Path<String>, body: Body<GroupPatch>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let body = call.write(move |conn, actor, now| change_group(conn, actor, id, version, body.0, now)).await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.group.version)).json(body))
}

fn change_group(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    mut patch: GroupPatch,
    now: DateTime<Utc>,
) -> Result<WithMembers> {
    actor.require(Permission::EditGroups)?;
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
}

/// Deletes a group softly: it can be restored in the console.
#[utoipa::path(
    delete,
    path = "/admin/pricing/customer-groups/{id}",
    tag = "Customer groups",
    responses((status = 204))
)]
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

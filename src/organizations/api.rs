//! `/admin/organizations` (SPEC 13): list, create, show, change, over the same actions as the pages.

use crate::api::body::{Body, given, never_null};
use crate::api::call::{Call, entity_tag};
use crate::api::page::{Items, limit};
use crate::api::problem::Problem;
use crate::api::query::Params;
use crate::api::reply::Reply;
use crate::auth::role::Permission;
use crate::db::keyset::{self, Place};
use crate::error::{Error, FieldError, Result};
use crate::organizations::actions;
use crate::organizations::listing::Wanted;
use crate::organizations::organization::Details;
use crate::organizations::store::parse_id;
use crate::organizations::store::{self, Organization, list as rows};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

/// The routes of the organization calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/organizations").route(web::get().to(list)).route(web::post().to(create)))
        .service(web::resource("/organizations/{id}").route(web::get().to(show)).route(web::patch().to(change)));
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(list, show, create, change))]
pub struct Calls;

/// An organization as the API gives it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Organization)]
struct OrganizationBody {
    id: Uuid,
    code: String,
    name: String,
    parent_id: Option<Uuid>,
    group_id: Option<Uuid>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i32,
}

impl From<Organization> for OrganizationBody {
    fn from(row: Organization) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name: row.name,
            parent_id: row.parent_id,
            group_id: row.group_id,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
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

impl ListParams {
    fn wanted(&self) -> Result<Wanted> {
        let mut errors = Vec::new();
        let cursor = self.cursor.as_deref().unwrap_or_default();
        let place = Place::of(cursor, "");
        if !cursor.is_empty() && place == Place::Start {
            errors.push(FieldError::new("cursor", "Send the nextCursor of the page before, unchanged."));
        }
        if self.q.chars().count() > 120 || self.q.contains('\0') {
            errors.push(FieldError::new("q", "q is at most 120 characters, without the NUL character."));
        }
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        Ok(Wanted { text: self.q.trim().to_owned(), place, ..Wanted::default() })
    }
}

/// Organizations by name.
#[utoipa::path(
    get,
    path = "/admin/organizations",
    tag = "Organizations",
    params(ListParams),
    responses((status = 200, body = Items<OrganizationBody>))
)]
async fn list(call: Call, params: Params<ListParams>) -> Result<HttpResponse, Problem> {
    let params = params.into_inner();
    let items = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let page = rows::page(conn, &params.wanted()?, limit(params.limit.as_deref())?)?;
            let ids: Vec<Uuid> = page.rows.iter().map(|row| row.id).collect();
            let next_cursor = page.rows.last().filter(|_| page.after).map(|row| keyset::encode(&row.key()));
            let items = store::by_ids(conn, &ids)?.into_iter().map(OrganizationBody::from).collect();
            Ok(Items { items, next_cursor })
        })
        .await?;
    Ok(HttpResponse::Ok().json(items))
}

/// One organization.
#[utoipa::path(
    get,
    path = "/admin/organizations/{id}",
    tag = "Organizations",
    responses((status = 200, body = OrganizationBody))
)]
async fn show(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let body = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            store::one(conn, id).map(OrganizationBody::from)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body))
}

/// A new organization: `code` and `name` are required.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewOrganization {
    #[serde(default)]
    #[schema(required)]
    code: String,
    #[serde(default)]
    #[schema(required)]
    name: String,
    #[serde(alias = "parent_id")]
    parent_id: Option<Uuid>,
    #[serde(alias = "group_id")]
    group_id: Option<Uuid>,
}

/// Makes an organization.
#[utoipa::path(
    post,
    path = "/admin/organizations",
    tag = "Organizations",
    request_body = NewOrganization,
    responses((status = 201, body = OrganizationBody))
)]
async fn create(call: Call, body: Body<NewOrganization>) -> Result<HttpResponse, Problem> {
    let NewOrganization { code, name, parent_id, group_id } = body.0;
    let details = Details { code, name, parent_id, group_id };
    call.once(move |conn, actor, now| {
        let body = OrganizationBody::from(actions::create(conn, actor, details, now).map_err(as_json_fields)?);
        Reply::made("/admin/organizations", body.id, body.version, &body)
    })
    .await
}

/// A change of an organization: a field that is left out stays as it is; `null` takes the parent or the group away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OrganizationPatch {
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    code: Option<String>,
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    name: Option<String>,
    #[serde(default, alias = "parent_id", deserialize_with = "given")]
    parent_id: Option<Option<Uuid>>,
    #[serde(default, alias = "group_id", deserialize_with = "given")]
    group_id: Option<Option<Uuid>>,
}

/// Changes an organization.
#[utoipa::path(
    patch,
    path = "/admin/organizations/{id}",
    tag = "Organizations",
    request_body = OrganizationPatch,
    responses((status = 200, body = OrganizationBody))
)]
async fn change(call: Call, id: web::Path<String>, body: Body<OrganizationPatch>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let patch = body.0;
    let body = call
        .write(move |conn, actor, now| {
            actor.require(Permission::EditCustomers)?;
            store::hold_tree(conn)?;
            let mut details = store::lock(conn, id)?.details();
            details.code = patch.code.unwrap_or(details.code);
            details.name = patch.name.unwrap_or(details.name);
            details.parent_id = patch.parent_id.unwrap_or(details.parent_id);
            details.group_id = patch.group_id.unwrap_or(details.group_id);
            let changed = actions::edit(conn, actor, id, version, details, now);
            changed.map(OrganizationBody::from).map_err(as_json_fields)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body))
}

/// Fields of the form, by their names in JSON.
fn as_json_fields(error: Error) -> Error {
    error.with_names(&[("parent", "parentId"), ("group", "groupId")])
}

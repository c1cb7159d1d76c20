//! `/admin/customers` (SPEC 13): list, create, show, change, over the same actions as the pages.

mod answers;
mod bulk;
mod input;

use self::answers::{CustomerBody, bodies, body_of};
use self::input::{CustomerPatch, NewCustomer, as_json_fields, status_of};
use crate::api::body::Body;
use crate::api::call::{Call, entity_tag};
use crate::api::page::{Items, limit};
use crate::api::problem::Problem;
use crate::api::query::Params;
use crate::api::reply::Reply;
use crate::auth::role::Permission;
use crate::customers::listing::{Key, Sort, Wanted};
use crate::customers::store::parse_id;
use crate::customers::store::{self, Customer, list as rows};
use crate::customers::{actions, country};
use crate::db::keyset::{self, Place};
use crate::error::{Error, FieldError, Result};
use crate::store_settings::store as store_settings;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

/// The routes of the customer calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/customers").route(web::get().to(list)).route(web::post().to(create)))
        .service(web::resource("/customers/bulk").route(web::post().to(bulk::write)))
        .service(web::resource("/customers/{id}").route(web::get().to(show)).route(web::patch().to(change)));
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(list, show, create, change, bulk::write))]
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
    country: Option<String>,
    tag: Option<String>,
    /// Id of a group.
    group: Option<String>,
    /// Id of an organization.
    organization: Option<String>,
    /// The `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many items, 50 where it is left out.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    include: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ShowParams {
    include: Option<String>,
}

/// Whether the memberships are wanted beside the names of the groups.
fn with_groups(include: Option<&str>) -> Result<bool> {
    let mut parts = include.unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty());
    let unknown = parts.clone().find(|part| !matches!(*part, "customerGroups" | "customer_groups"));
    match unknown {
        Some(_) => Err(Error::field("include", "include takes customerGroups.")),
        None => Ok(parts.next().is_some()),
    }
}

impl ListParams {
    fn wanted(&self) -> Result<Wanted> {
        let mut errors = Vec::new();
        let mut known = |field: &str, message: &str, good: bool| {
            if !good {
                errors.push(FieldError::new(field, message));
            }
        };
        let status = self.status.as_deref().map(status_of);
        known("status", "status is active, inactive or blocked.", !matches!(status, Some(Err(_))));
        let country = self.country.as_deref().map(country::code_of);
        known("country", "country is two letters of ISO 3166, such as DE.", country != Some(None));
        let id = |text: &Option<String>| text.as_deref().map(|text| Uuid::try_parse(text).ok());
        let (group, organization) = (id(&self.group), id(&self.organization));
        known("group", "group is the id of a group.", group != Some(None));
        known("organization", "organization is the id of an organization.", organization != Some(None));
        let cursor = self.cursor.as_deref().unwrap_or_default();
        let place: Place<Key> = Place::of(cursor, "");
        let good_cursor = cursor.is_empty() || place.key().is_some_and(|key| key.key.is_some());
        known("cursor", "Send the nextCursor of the page before, unchanged.", good_cursor);
        let plain = |text: &str, most: usize| text.chars().count() <= most && !text.contains('\0');
        known("q", "q is at most 120 characters, without the NUL character.", plain(&self.q, 120));
        let tag = self.tag.as_deref().unwrap_or_default();
        known("tag", "tag is at most 64 characters, without the NUL character.", plain(tag, 64));
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        Ok(Wanted {
            text: self.q.trim().to_owned(),
            status: status.and_then(Result::ok),
            country: country.flatten().map(str::to_owned),
            group: group.flatten(),
            organization: organization.flatten(),
            tag: Some(tag.to_owned()).filter(|tag| !tag.is_empty()),
            sort: Sort::Name,
            place,
            ..Wanted::default()
        })
    }
}

/// Customers by name.
#[utoipa::path(
    get,
    path = "/admin/customers",
    tag = "Customers",
    params(ListParams),
    responses((status = 200, body = Items<CustomerBody>))
)]
async fn list(call: Call, params: Params<ListParams>) -> Result<HttpResponse, Problem> {
    let params = params.into_inner();
    let items = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let (wanted, with_groups) = (params.wanted()?, with_groups(params.include.as_deref())?);
            let currency = store_settings::load(conn)?.currency;
            let page = rows::page(conn, &wanted, currency, limit(params.limit.as_deref())?)?;
            let ids: Vec<Uuid> = page.rows.iter().map(|row| row.id).collect();
            let next_cursor = page.rows.last().filter(|_| page.after).map(keyset::encode);
            let customers = store::by_ids(conn, &ids)?;
            Ok(Items { items: bodies(conn, customers, with_groups)?, next_cursor })
        })
        .await?;
    Ok(HttpResponse::Ok().json(items))
}

/// One customer.
#[utoipa::path(
    get,
    path = "/admin/customers/{id}",
    tag = "Customers",
    params(ShowParams),
    responses((status = 200, body = CustomerBody))
)]
async fn show(call: Call, id: web::Path<String>, params: Params<ShowParams>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let body = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let with_groups = with_groups(params.include.as_deref())?;
            let customer = store::one(conn, id)?;
            body_of(conn, customer, with_groups)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body))
}

/// Makes a customer; `customerGroups` names its groups, which are made where they are missing.
#[utoipa::path(
    post,
    path = "/admin/customers",
    tag = "Customers",
    request_body = NewCustomer,
    responses((status = 201, body = CustomerBody))
)]
async fn create(call: Call, body: Body<NewCustomer>) -> Result<HttpResponse, Problem> {
    call.once(move |conn, actor, now| {
        let made = body.0.typed().and_then(|typed| actions::create(conn, actor, typed, now));
        let body = body_of(conn, made.map_err(as_json_fields)?, false)?;
        Reply::made("/admin/customers", body.id, body.version, &body)
    })
    .await
}

/// Changes a customer; the groups that it is in by hand become exactly `customerGroups`.
#[utoipa::path(
    patch,
    path = "/admin/customers/{id}",
    tag = "Customers",
    request_body = CustomerPatch,
    responses((status = 200, body = CustomerBody))
)]
async fn change(call: Call, id: web::Path<String>, body: Body<CustomerPatch>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let body = call
        .write(move |conn, actor, now| {
            let typed = |customer: &Customer| body.0.apply(customer);
            let changed = actions::edit(conn, actor, id, version, typed, now).map_err(as_json_fields)?;
            body_of(conn, changed, false)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body))
}

//! `/admin/price-lists` (SPEC 13): list, create, show, change, delete, over the same actions as the pages. Beside it: the
//! entries.

mod entries;
mod input;

pub use self::entries::EntryCalls;
use self::input::{ListPatch, NewList};

use super::actions;
use super::list::Typed;
use super::listing::Wanted;
use super::store::users::{self, UsedBy};
use super::store::{self, PriceList, list as rows};
use crate::api::body::Body;
use crate::api::call::{Call, entity_tag};
use crate::api::page::{Items, limit};
use crate::api::problem::Problem;
use crate::api::query::Params;
use crate::api::reply::Reply;
use crate::auth::role::Permission;
use crate::db::keyset::{self, Place};
use crate::error::{Error, FieldError, Result};
use crate::groups::group::Status;
use crate::money::Currency;
use crate::price_lists::store::parse_id;
use crate::store_settings::store as store_settings;
use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

/// The most groups that come with a list with `include=customerGroups`. Each group names all its lists.
const GROUPS: i64 = 1000;

/// The routes of the price list calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/price-lists").route(web::get().to(list)).route(web::post().to(create)))
        .service(
            web::resource("/price-lists/{id}")
                .route(web::get().to(show))
                .route(web::patch().to(change))
                .route(web::delete().to(delete)),
        )
        .service(
            web::resource("/price-lists/{id}/entries")
                .route(web::get().to(entries::list))
                .route(web::post().to(entries::put))
                .route(web::delete().to(entries::remove)),
        );
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(list, show, create, change, delete))]
pub struct Calls;

/// A price list as the API gives it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PriceList)]
struct ListBody {
    id: Uuid,
    code: String,
    name: String,
    currency: &'static str,
    status: &'static str,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    entry_count: i32,
    version: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_groups: Option<Vec<GroupBody>>,
}

/// A group that uses a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UsingCustomerGroup)]
struct GroupBody {
    id: Uuid,
    code: String,
    name: String,
    is_active: bool,
    priority: i32,
}

impl From<PriceList> for ListBody {
    fn from(list: PriceList) -> Self {
        Self {
            currency: list.currency().code(),
            status: list.status().name(),
            id: list.id,
            code: list.code,
            name: list.name,
            valid_from: list.valid_from,
            valid_to: list.valid_to,
            entry_count: list.entry_count,
            version: list.version,
            customer_groups: None,
        }
    }
}

/// Lists as they are given, with the groups that use them where those are asked for.
fn bodies(conn: &mut PgConnection, lists: Vec<PriceList>, include: &str) -> Result<Vec<ListBody>> {
    let mut wished = include.split(',').map(str::trim).filter(|name| !name.is_empty());
    if wished.clone().any(|name| !["customerGroups", "customer_groups"].contains(&name)) {
        return Err(Error::field("include", "include can be customerGroups."));
    }
    if wished.next().is_none() {
        return Ok(lists.into_iter().map(ListBody::from).collect());
    }
    let ids: Vec<Uuid> = lists.iter().map(|list| list.id).collect();
    let mut groups: HashMap<Uuid, Vec<GroupBody>> = HashMap::new();
    for used in users::used_by(conn, &ids, GROUPS)? {
        let UsedBy { list, group: id, code, name, active: is_active, priority } = used;
        groups.entry(list).or_default().push(GroupBody { id, code, name, is_active, priority });
    }
    let with_groups = |list: PriceList| ListBody {
        customer_groups: Some(groups.remove(&list.id).unwrap_or_default()),
        ..ListBody::from(list)
    };
    Ok(lists.into_iter().map(with_groups).collect())
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListParams {
    /// A part of what names it.
    #[serde(default)]
    #[param(max_length = 120)]
    q: String,
    status: Option<String>,
    currency: Option<String>,
    #[serde(default)]
    include: String,
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
        let currency = self.currency.as_deref().map(Currency::from_code);
        known("currency", "currency is an ISO 4217 code such as USD.", currency != Some(None));
        let cursor = self.cursor.as_deref().unwrap_or_default();
        let place = Place::of(cursor, "");
        known(
            "cursor",
            "Send the nextCursor of the page before, unchanged.",
            cursor.is_empty() || place != Place::Start,
        );
        let good_text = self.q.chars().count() <= 120 && !self.q.contains('\0');
        known("q", "q is at most 120 characters, without the NUL character.", good_text);
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        let text = self.q.trim().to_owned();
        Ok(Wanted { text, status: status.flatten(), currency: currency.flatten(), place, ..Wanted::default() })
    }
}

/// Price lists by name.
#[utoipa::path(
    get,
    path = "/admin/price-lists",
    tag = "Price lists",
    params(ListParams),
    responses((status = 200, body = Items<ListBody>))
)]
async fn list(call: Call, params: Params<ListParams>) -> Result<HttpResponse, Problem> {
    let items = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let page = rows::page(conn, &params.wanted()?, limit(params.limit.as_deref())?)?;
            let next_cursor = page.rows.last().filter(|_| page.after).map(|row| keyset::encode(&row.cursor()));
            let lists = page.rows.into_iter().map(|row| row.list).collect();
            Ok(Items { items: bodies(conn, lists, &params.include)?, next_cursor })
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

/// One price list; with `include=customerGroups` the groups that use it.
#[utoipa::path(
    get,
    path = "/admin/price-lists/{id}",
    tag = "Price lists",
    params(ShowParams),
    responses((status = 200, body = ListBody))
)]
async fn show(call: Call, id: web::Path<String>, params: Params<ShowParams>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let body = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let list = store::get(conn, id)?;
            bodies(conn, vec![list], &params.include)?.pop().ok_or_else(store::gone)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body))
}

/// Makes a price list.
#[utoipa::path(
    post,
    path = "/admin/price-lists",
    tag = "Price lists",
    request_body = NewList,
    responses((status = 201, body = ListBody))
)]
async fn create(call: Call, body: Body<NewList>) -> Result<HttpResponse, Problem> {
    let new = body.0;
    call.once(move |conn, actor, now| {
        actor.require(Permission::EditCatalogue)?;
        let currency = match new.currency {
            Some(currency) => currency,
            None => store_settings::load(conn)?.currency.code().to_owned(),
        };
        let typed = Typed {
            code: new.code,
            name: new.name,
            currency,
            status: new.status.unwrap_or_else(|| "active".into()),
            valid_from: new.valid_from.unwrap_or_default(),
            valid_to: new.valid_to.unwrap_or_default(),
        };
        let body = ListBody::from(actions::create(conn, actor, &typed, now).map_err(as_json_fields)?);
        Reply::made("/admin/price-lists", body.id, body.version, &body)
    })
    .await
}

/// Changes a price list.
#[utoipa::path(
    patch,
    path = "/admin/price-lists/{id}",
    tag = "Price lists",
    request_body = ListPatch,
    responses((status = 200, body = ListBody))
)]
async fn change(call: Call, id: web::Path<String>, body: Body<ListPatch>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let list = call
        .write(move |conn, actor, now| {
            actor.require(Permission::EditCatalogue)?;
            let typed = body.0.apply(store::lock(conn, id)?.typed()?);
            actions::edit(conn, actor, id, version, &typed, now).map_err(as_json_fields)
        })
        .await?;
    let body = ListBody::from(list);
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body))
}

/// Deletes a price list.
#[utoipa::path(
    delete,
    path = "/admin/price-lists/{id}",
    tag = "Price lists",
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

//! `/admin/visibility-groups` (SPEC 13): list, create, show, change, delete, and their products.

use super::actions;
use super::listing::Wanted;
use super::set::Details;
use super::store::products;
use super::store::{self, VisibilityGroup, list as rows};
use crate::api::body::{Body, given, never_null};
use crate::api::call::{Call, entity_tag};
use crate::api::page::{Items, limit};
use crate::api::problem::Problem;
use crate::api::query::Params;
use crate::api::reply::Reply;
use crate::auth::role::{Actor, Permission};
use crate::db::keyset::{self, Key, Place};
use crate::error::{Error, FieldError, Result};
use crate::products::choosing::{Chosen, MOST_NAMED, Search, Side};
use crate::products::store::by_skus;
use crate::visibility_groups::store::parse_id;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

/// The routes of the visibility group calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/visibility-groups").route(web::get().to(list)).route(web::post().to(create)))
        .service(
            web::resource("/visibility-groups/{id}")
                .route(web::get().to(show))
                .route(web::patch().to(change))
                .route(web::delete().to(delete)),
        )
        .service(web::resource("/visibility-groups/{id}/products").route(web::get().to(list_products)));
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(list, show, list_products, create, change, delete))]
pub struct Calls;

/// A visibility group as the API gives it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VisibilityGroup)]
struct SetBody {
    id: Uuid,
    name: String,
    description: String,
    product_count: i32,
    version: i32,
}

impl From<VisibilityGroup> for SetBody {
    fn from(set: VisibilityGroup) -> Self {
        Self {
            id: set.id,
            name: set.name,
            description: set.description,
            product_count: set.product_count,
            version: set.version,
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
    /// Text and place, checked.
    fn asked<K: Key + PartialEq>(&self) -> Result<(String, Place<K>)> {
        let mut errors = Vec::new();
        let cursor = self.cursor.as_deref().unwrap_or_default();
        let place = Place::of(cursor, "");
        if !cursor.is_empty() && place == Place::Start {
            errors.push(FieldError::new("cursor", "Send the nextCursor of the page before, unchanged."));
        }
        if self.q.chars().count() > 120 || self.q.contains('\0') {
            errors.push(FieldError::new("q", "q is at most 120 characters, without the NUL character."));
        }
        if errors.is_empty() { Ok((self.q.trim().to_owned(), place)) } else { Err(Error::Invalid(errors)) }
    }
}

/// Visibility groups by name.
#[utoipa::path(
    get,
    path = "/admin/visibility-groups",
    tag = "Visibility groups",
    params(ListParams),
    responses((status = 200, body = Items<SetBody>))
)]
async fn list(call: Call, params: Params<ListParams>) -> Result<HttpResponse, Problem> {
    let items = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let (text, place) = params.asked()?;
            let wanted = Wanted { text, place, ..Wanted::default() };
            let page = rows::page(conn, &wanted, limit(params.limit.as_deref())?)?;
            let next_cursor = page.rows.last().filter(|_| page.after).map(|row| keyset::encode(&row.cursor()));
            Ok(Items { items: page.rows.into_iter().map(|row| SetBody::from(row.set)).collect(), next_cursor })
        })
        .await?;
    Ok(HttpResponse::Ok().json(items))
}

/// One visibility group.
#[utoipa::path(
    get,
    path = "/admin/visibility-groups/{id}",
    tag = "Visibility groups",
    responses((status = 200, body = SetBody))
)]
async fn show(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let set = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            store::get(conn, id)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(set.version)).json(SetBody::from(set)))
}

/// A product of a visibility group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VisibleProduct)]
struct ProductBody {
    id: Uuid,
    sku: String,
    name: String,
}

/// The products of a visibility group.
#[utoipa::path(
    get,
    path = "/admin/visibility-groups/{id}/products",
    tag = "Visibility groups",
    params(ListParams),
    responses((status = 200, body = Items<ProductBody>))
)]
async fn list_products(call: Call, id: web::Path<String>, params: Params<ListParams>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let items = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let (text, place) = params.asked()?;
            let limit = limit(params.limit.as_deref())?;
            store::get(conn, id)?;
            let search = Search { text, category: None };
            let page = products::page(conn, id, Side::In, &search, &place, limit)?;
            let last = page.rows.last().filter(|_| page.after);
            let next_cursor = last.map(|product| keyset::encode(&(&product.sku, product.id)));
            let body = |product: crate::products::store::Product| ProductBody {
                id: product.id,
                sku: product.sku,
                name: product.name,
            };
            Ok(Items { items: page.rows.into_iter().map(body).collect(), next_cursor })
        })
        .await?;
    Ok(HttpResponse::Ok().json(items))
}

/// A new visibility group: only the name is required.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewVisibilityGroup)]
struct NewSet {
    #[serde(default)]
    #[schema(required)]
    name: String,
    description: Option<String>,
    /// Products to begin with.
    skus: Option<Vec<String>>,
}

/// Makes a visibility group.
#[utoipa::path(
    post,
    path = "/admin/visibility-groups",
    tag = "Visibility groups",
    request_body = NewSet,
    responses((status = 201, body = SetBody))
)]
async fn create(call: Call, body: Body<NewSet>) -> Result<HttpResponse, Problem> {
    let new = body.0;
    call.once(move |conn, actor, now| {
        let typed = Details { name: new.name, description: new.description.unwrap_or_default() };
        let set = actions::create(conn, actor, &typed, now)?;
        let change = Changed { from: Side::Out, field: "skus", skus: new.skus };
        move_products(conn, actor, set.id, change, now)?;
        let body = SetBody::from(store::get(conn, set.id)?);
        Reply::made("/admin/visibility-groups", body.id, body.version, &body)
    })
    .await
}

/// A change: a field that is left out stays as it is; products are added and removed by SKU, up to 10,000 at a time.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = VisibilityGroupPatch)]
struct SetPatch {
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    description: Option<Option<String>>,
    skus: Option<Vec<String>>,
    #[serde(alias = "skus_to_remove")]
    skus_to_remove: Option<Vec<String>>,
}

struct Changed {
    from: Side,
    field: &'static str,
    skus: Option<Vec<String>>,
}

fn move_products(conn: &mut PgConnection, actor: &Actor, id: Uuid, change: Changed, now: DateTime<Utc>) -> Result<()> {
    let Some(skus) = change.skus.filter(|skus| !skus.is_empty()) else { return Ok(()) };
    if skus.len() > MOST_NAMED {
        return Err(Error::field(change.field, "Name at most 10,000 products at a time."));
    }
    let known = by_skus(conn, &skus)?;
    let unknown = skus.iter().enumerate().find(|(_, sku)| !known.contains_key(*sku));
    if let Some((at, _)) = unknown {
        return Err(Error::field(format!("{}[{at}]", change.field), "There is no product with this SKU."));
    }
    let chosen = Chosen::Some(known.into_values().collect());
    actions::change_products(conn, actor, id, None, change.from, &chosen, now)?;
    Ok(())
}

/// Changes a visibility group, adds products and takes others out.
#[utoipa::path(
    patch,
    path = "/admin/visibility-groups/{id}",
    tag = "Visibility groups",
    request_body = SetPatch,
    responses((status = 200, body = SetBody))
)]
async fn change(call: Call, id: web::Path<String>, body: Body<SetPatch>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let set = call
        .write(move |conn, actor, now| {
            actor.require(Permission::EditCatalogue)?;
            let patch = body.0;
            let old = store::lock(conn, id)?.details();
            let typed = Details {
                name: patch.name.unwrap_or(old.name),
                description: patch.description.map_or(old.description, Option::unwrap_or_default),
            };
            actions::edit(conn, actor, id, version, &typed, now)?;
            let removed = Changed { from: Side::In, field: "skusToRemove", skus: patch.skus_to_remove };
            move_products(conn, actor, id, removed, now)?;
            move_products(conn, actor, id, Changed { from: Side::Out, field: "skus", skus: patch.skus }, now)?;
            store::get(conn, id)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(set.version)).json(SetBody::from(set)))
}

/// Deletes a visibility group.
#[utoipa::path(
    delete,
    path = "/admin/visibility-groups/{id}",
    tag = "Visibility groups",
    responses((status = 204))
)]
async fn delete(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    call.write(move |conn, actor, now| actions::delete(conn, actor, id, version, now)).await?;
    Ok(HttpResponse::NoContent().finish())
}

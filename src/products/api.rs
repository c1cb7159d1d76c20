//! `/admin/products` (SPEC 13): list, create, show, change. A product is not deleted: orders refer to it for good.

mod bulk;

use super::actions;
use super::listing::Wanted;
use super::product::Typed;
use super::store::{self, Product, list as rows};
use crate::api::body::{Amount, Body, given, never_null};
use crate::api::call::{Call, entity_tag};
use crate::api::page::{Items, limit};
use crate::api::problem::Problem;
use crate::api::query::Params;
use crate::api::reply::Reply;
use crate::auth::role::{Actor, Permission};
use crate::db::keyset::{self, Place};
use crate::error::{Error, FieldError, Result};
use crate::groups::group::Status;
use crate::products::store::parse_id;
use crate::store_settings::store as store_settings;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

/// The routes of the product calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/products").route(web::get().to(list)).route(web::post().to(create)))
        .service(web::resource("/products/bulk").route(web::post().to(bulk::write)))
        .service(web::resource("/products/{id}").route(web::get().to(show)).route(web::patch().to(change)));
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(list, show, create, change, bulk::write))]
pub struct Calls;

/// A product as the API gives it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Product)]
struct ProductBody {
    id: Uuid,
    sku: String,
    name: String,
    category: Option<String>,
    base_price: String,
    cost: Option<String>,
    currency: &'static str,
    status: &'static str,
    version: i32,
}

impl From<Product> for ProductBody {
    fn from(product: Product) -> Self {
        let currency = product.currency();
        Self {
            base_price: currency.major(product.base_price).to_string(),
            cost: product.cost.map(|cost| currency.major(cost).to_string()),
            currency: currency.code(),
            status: product.status().name(),
            id: product.id,
            sku: product.sku,
            name: product.name,
            category: Some(product.category).filter(|category| !category.is_empty()),
            version: product.version,
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
    category: Option<String>,
    /// `active` or `inactive`.
    status: Option<String>,
    /// The `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many items, 50 where it is left out.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

impl ListParams {
    fn wanted(&self) -> Result<Wanted> {
        let mut errors = Vec::new();
        let status = self.status.as_deref().map(Status::from_name);
        if status == Some(None) {
            errors.push(FieldError::new("status", "status is active or inactive."));
        }
        let cursor = self.cursor.as_deref().unwrap_or_default();
        let place = Place::of(cursor, "");
        if !cursor.is_empty() && place == Place::Start {
            errors.push(FieldError::new("cursor", "Send the nextCursor of the page before, unchanged."));
        }
        for (field, text) in [("q", Some(&self.q)), ("category", self.category.as_ref())] {
            if text.is_some_and(|text| text.chars().count() > 120 || text.contains('\0')) {
                let message = format!("{field} is at most 120 characters, without the NUL character.");
                errors.push(FieldError::new(field, message));
            }
        }
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        let (text, category) = (self.q.trim().to_owned(), self.category.clone().filter(|text| !text.is_empty()));
        Ok(Wanted { text, category, status: status.flatten(), place, ..Wanted::default() })
    }
}

/// Products by name.
#[utoipa::path(
    get,
    path = "/admin/products",
    tag = "Products",
    params(ListParams),
    responses((status = 200, body = Items<ProductBody>))
)]
async fn list(call: Call, params: Params<ListParams>) -> Result<HttpResponse, Problem> {
    let items = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let page = rows::page(conn, &params.wanted()?, limit(params.limit.as_deref())?)?;
            let next_cursor = page.rows.last().filter(|_| page.after).map(|row| keyset::encode(&row.cursor()));
            let items: Vec<ProductBody> = page.rows.into_iter().map(|row| row.product.into()).collect();
            Ok(Items { items, next_cursor })
        })
        .await?;
    Ok(HttpResponse::Ok().json(items))
}

/// One product.
#[utoipa::path(
    get,
    path = "/admin/products/{id}",
    tag = "Products",
    responses((status = 200, body = ProductBody))
)]
async fn show(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let product = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            store::get(conn, id)
        })
        .await?;
    Ok(answer(HttpResponse::Ok(), product))
}

fn answer(mut response: actix_web::HttpResponseBuilder, product: Product) -> HttpResponse {
    response.insert_header(entity_tag(product.version)).json(ProductBody::from(product))
}

/// A new product: SKU, name and base price are required.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewProduct {
    #[serde(default)]
    #[schema(required)]
    sku: String,
    #[serde(default)]
    #[schema(required)]
    name: String,
    category: Option<String>,
    #[serde(default, alias = "base_price")]
    #[schema(required)]
    base_price: Amount,
    cost: Option<Amount>,
    /// The store's, where it is left out.
    currency: Option<String>,
    /// `active` or `inactive`.
    status: Option<String>,
}

/// Makes a product.
#[utoipa::path(
    post,
    path = "/admin/products",
    tag = "Products",
    request_body = NewProduct,
    responses((status = 201, body = ProductBody))
)]
async fn create(call: Call, body: Body<NewProduct>) -> Result<HttpResponse, Problem> {
    call.once(move |conn, actor, now| {
        let body = create_product(conn, actor, body.0, now)?;
        Reply::made("/admin/products", body.id, body.version, &body)
    })
    .await
}

fn create_product(conn: &mut PgConnection, actor: &Actor, new: NewProduct, now: DateTime<Utc>) -> Result<ProductBody> {
    actor.require(Permission::EditCatalogue)?;
    let currency = match new.currency {
        Some(currency) => currency,
        None => store_settings::load(conn)?.currency.code().to_owned(),
    };
    let typed = Typed {
        sku: new.sku,
        name: new.name,
        category: new.category.unwrap_or_default(),
        base_price: new.base_price.0,
        cost: new.cost.unwrap_or_default().0,
        currency,
        status: new.status.unwrap_or_else(|| "active".into()),
    };
    actions::create(conn, actor, &typed, now).map(ProductBody::from).map_err(as_json_fields)
}

/// A change of a product: a field that is left out stays as it is; `null` takes a category or cost away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProductPatch {
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    sku: Option<String>,
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    category: Option<Option<String>>,
    #[serde(default, alias = "base_price", deserialize_with = "never_null")]
    #[schema(nullable = false)]
    base_price: Option<Amount>,
    #[serde(default, deserialize_with = "given")]
    cost: Option<Option<Amount>>,
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    currency: Option<String>,
    /// `active` or `inactive`.
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    status: Option<String>,
}

impl ProductPatch {
    fn apply(self, typed: Typed) -> Typed {
        Typed {
            sku: self.sku.unwrap_or(typed.sku),
            name: self.name.unwrap_or(typed.name),
            category: self.category.map_or(typed.category, Option::unwrap_or_default),
            base_price: self.base_price.map_or(typed.base_price, |amount| amount.0),
            cost: self.cost.map_or(typed.cost, |cost| cost.unwrap_or_default().0),
            currency: self.currency.unwrap_or(typed.currency),
            status: self.status.unwrap_or(typed.status),
        }
    }
}

/// Changes a product.
#[utoipa::path(
    patch,
    path = "/admin/products/{id}",
    tag = "Products",
    request_body = ProductPatch,
    responses((status = 200, body = ProductBody))
)]
async fn change(call: Call, id: web::Path<String>, body: Body<ProductPatch>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let product = call
        .write(move |conn, actor, now| {
            actor.require(Permission::EditCatalogue)?;
            let typed = body.0.apply(store::lock(conn, id)?.typed()?);
            actions::edit(conn, actor, id, version, &typed, now).map_err(as_json_fields)
        })
        .await?;
    Ok(answer(HttpResponse::Ok(), product))
}

/// Fields of the form, by their names in JSON.
fn as_json_fields(error: Error) -> Error {
    error.with_names(&[("base_price", "basePrice")])
}

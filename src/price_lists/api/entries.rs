//! `/admin/price-lists/{id}/entries`: pages of entries, adding and replacing, removing.

use super::super::actions::{NewEntry, put_entries, replace_entries};
use super::super::entry::Break;
use super::super::store::{self, entries as stored};
use super::parse_id;
use crate::api::body::{Amount, Body};
use crate::api::call::{Call, entity_tag};
use crate::api::page::{Items, limit};
use crate::api::problem::Problem;
use crate::api::query::Params;
use crate::api::reply::Reply;
use crate::auth::role::Permission;
use crate::db::keyset::{self, Key, Place};
use crate::error::{Error, Result};
use crate::products::actions::refuse_stale;
use crate::products::store as products;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(list, put, remove))]
pub struct EntryCalls;

/// An entry as the API gives it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PriceListEntry)]
struct EntryBody {
    sku: String,
    min_quantity: i32,
    price: String,
}

/// The key of an entry within its list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct EntryKey(String, i32);

impl Key for EntryKey {
    fn is_possible(&self) -> bool {
        !self.0.contains('\0')
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ListParams {
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

/// The prices of a list by SKU and minimum quantity.
#[utoipa::path(
    get,
    path = "/admin/price-lists/{id}/entries",
    tag = "Price lists",
    params(ListParams),
    responses((status = 200, body = Items<EntryBody>))
)]
pub(super) async fn list(
    call: Call,
    id: web::Path<String>,
    params: Params<ListParams>,
) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let (version, items) = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let limit = limit(params.limit.as_deref())?;
            let cursor = params.cursor.as_deref().unwrap_or_default();
            let place = Place::<EntryKey>::of(cursor, "");
            if !cursor.is_empty() && place == Place::Start {
                return Err(Error::field("cursor", "Send the nextCursor of the page before, unchanged."));
            }
            if params.q.chars().count() > 120 || params.q.contains('\0') {
                return Err(Error::field("q", "q is at most 120 characters, without the NUL character."));
            }
            let list = store::get(conn, id)?;
            let after = place.key().map(|key| (key.0.clone(), key.1));
            let more = keyset::one_more(limit);
            let found = stored::in_order(conn, id, params.q.trim(), after.as_ref(), more)?;
            let page = keyset::Page::of(found, &place, limit);
            let last = page.rows.last().filter(|_| page.after);
            let next_cursor = last.map(|entry| keyset::encode(&EntryKey(entry.sku.clone(), entry.min_quantity)));
            let currency = list.currency();
            let body = |entry: stored::Entry| EntryBody {
                sku: entry.sku,
                min_quantity: entry.min_quantity,
                price: currency.major(entry.price).to_string(),
            };
            Ok((list.version, Items { items: page.rows.into_iter().map(body).collect(), next_cursor }))
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(version)).json(items))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPriceListEntries)]
pub(super) struct NewEntries {
    entries: Vec<EntryInput>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewPriceListEntry)]
struct EntryInput {
    #[serde(default)]
    #[schema(required)]
    sku: String,
    /// 1, where it is left out.
    #[serde(alias = "min_quantity")]
    min_quantity: Option<i64>,
    #[serde(default)]
    #[schema(required)]
    price: Amount,
    /// The list's, where it is told.
    currency: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EntriesWritten)]
struct WrittenBody {
    created: i64,
    updated: i64,
    unchanged: i64,
    entry_count: i32,
}

/// Adds prices to a list or replaces them; all or nothing.
#[utoipa::path(
    post,
    path = "/admin/price-lists/{id}/entries",
    tag = "Price lists",
    request_body = NewEntries,
    responses((status = 200, body = WrittenBody))
)]
pub(super) async fn put(call: Call, id: web::Path<String>, body: Body<NewEntries>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    call.once(move |conn, actor, now| {
        let sent: Vec<NewEntry> = body
            .0
            .entries
            .into_iter()
            .map(|entry| NewEntry {
                sku: entry.sku,
                min_quantity: entry.min_quantity.unwrap_or(1),
                price: entry.price.0,
                currency: entry.currency,
            })
            .collect();
        let count = i64::try_from(sent.len()).unwrap_or(i64::MAX);
        let (list, written) = put_entries(conn, actor, id, version, &sent, now)?;
        let (created, updated) = (written.created, written.updated);
        let unchanged = count - created - updated;
        let body = WrittenBody { created, updated, unchanged, entry_count: list.entry_count };
        Ok(Reply::done(&body)?.of_version(list.version))
    })
    .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct RemoveParams {
    #[serde(default)]
    #[param(required)]
    sku: String,
    #[serde(rename = "minQuantity", alias = "min_quantity")]
    #[param(value_type = Option<i32>)]
    min_quantity: Option<String>,
}

/// Takes a product's prices out of a list.
#[utoipa::path(
    delete,
    path = "/admin/price-lists/{id}/entries",
    tag = "Price lists",
    params(RemoveParams),
    responses((status = 204))
)]
pub(super) async fn remove(
    call: Call,
    id: web::Path<String>,
    params: Params<RemoveParams>,
) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let version = call
        .write(move |conn, actor, now| {
            actor.require(Permission::EditCatalogue)?;
            let list = store::lock(conn, id)?;
            refuse_stale(&list.name, list.version, version)?;
            let product = products::by_sku(conn, &params.sku)?;
            let product = product.ok_or_else(|| Error::field("sku", "There is no product with this SKU."))?;
            let quantity = params.min_quantity.as_deref().map(str::parse::<i32>).transpose();
            let quantity =
                quantity.map_err(|_| Error::field("minQuantity", "minQuantity is a whole number from 1 on."))?;
            let old = stored::breaks_of(conn, id, product)?;
            let goes = |entry: &Break| quantity.is_none_or(|quantity| quantity == entry.min_quantity);
            let (gone, kept): (Vec<Break>, Vec<Break>) = old.into_iter().partition(goes);
            if gone.is_empty() {
                return Err(Error::NotFound("The list has no such entry.".into()));
            }
            Ok(replace_entries(conn, actor, id, product, None, &kept, now)?.version)
        })
        .await?;
    Ok(HttpResponse::NoContent().insert_header(entity_tag(version)).finish())
}

//! `/admin/price-lists/{id}/entries`: pages of entries, adding and replacing, removing.

use super::super::actions::{NewEntry, put_entries, replace_entries};
use super::super::entry::Break;
use super::super::store::{self, entries as stored};
use super::parse_id;
use crate::api::body::{Amount, Body};
use crate::api::call::{Call, entity_tag};
use crate::api::page::{Items, limit};
use crate::api::problem::Problem;
use crate::auth::role::Permission;
use crate::db::keyset::{self, Key, Place};
use crate::error::{Error, Result};
use crate::products::actions::refuse_stale;
use crate::products::store as products;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

/// An entry as the API gives it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
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

#[derive(Debug, Deserialize)]
pub(super) struct ListParams {
    #[serde(default)]
    q: String,
    cursor: Option<String>,
    limit: Option<String>,
}

/// `GET`: entries by SKU and minimum quantity; `q` is a part of a SKU or name.
pub(super) async fn list(
    call: Call,
    id: web::Path<String>,
    params: web::Query<ListParams>,
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewEntries {
    entries: Vec<EntryInput>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EntryInput {
    #[serde(default)]
    sku: String,
    /// 1, where it is left out.
    #[serde(alias = "min_quantity")]
    min_quantity: Option<i64>,
    #[serde(default)]
    price: Amount,
    /// The list's, where it is told.
    currency: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenBody {
    created: i64,
    updated: i64,
    unchanged: i64,
    entry_count: i32,
}

/// `POST`: adds entries, or replaces their prices; all or nothing.
pub(super) async fn put(call: Call, id: web::Path<String>, body: Body<NewEntries>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let (version, body) = call
        .write(move |conn, actor, now| {
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
            Ok((list.version, WrittenBody { created, updated, unchanged, entry_count: list.entry_count }))
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(version)).json(body))
}

#[derive(Debug, Deserialize)]
pub(super) struct RemoveParams {
    #[serde(default)]
    sku: String,
    #[serde(rename = "minQuantity", alias = "min_quantity")]
    min_quantity: Option<String>,
}

/// `DELETE`: removes a product's prices from a list: `?sku=`, and only one of them with `&minQuantity=`.
pub(super) async fn remove(
    call: Call,
    id: web::Path<String>,
    params: web::Query<RemoveParams>,
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

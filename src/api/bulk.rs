//! Many things in one call: each goes through the action of a single call in a savepoint of its own, so that what is
//! refused is told and undone, and the others go through; all of it is one transaction.

use super::call::Call;
use super::problem::{self, Problem, face};
use super::reply::Reply;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use diesel::{Connection, PgConnection};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::marker::PhantomData;
use utoipa::ToSchema;
use uuid::Uuid;

/// The most items of a call.
const MOST: usize = 1_000;

/// Up to 1,000 things of a kind. Each is read by itself, so that one that doesn't fit spoils no other.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, bound = "")]
pub struct Bulk<T> {
    /// 1 to 1,000 of them.
    #[schema(value_type = Vec<T>, min_items = 1, max_items = 1000)]
    items: Vec<Value>,
    #[serde(skip)]
    kind: PhantomData<T>,
}

/// What became of them.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = BulkOutcome)]
pub struct BulkBody {
    made: usize,
    changed: usize,
    refused: usize,
    /// In the order in which they were sent.
    items: Vec<ItemBody>,
}

/// What became of one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkItemOutcome)]
struct ItemBody {
    /// Its place, from 0 on.
    index: usize,
    /// The status that a call for it alone would have had: 201 made, 200 changed, or that of its problem.
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    id: Option<Uuid>,
    /// Why it was refused: a problem document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<Object>)]
    problem: Option<Value>,
}

/// What a bulk call does with things of a kind, each by the action of a single call.
#[derive(Clone, Copy)]
pub struct Writes {
    /// What the caller must be allowed.
    pub permission: Permission,
    /// The field that tells whether a thing is known.
    pub key: &'static str,
    /// The thing with this key.
    pub known: fn(&mut PgConnection, &str) -> Result<Option<Uuid>>,
    /// Changes the thing that is known.
    pub change: fn(&mut PgConnection, &Actor, Uuid, Value, DateTime<Utc>) -> Result<()>,
    /// Makes one.
    pub make: fn(&mut PgConnection, &Actor, Value, DateTime<Utc>) -> Result<Uuid>,
}

/// Makes or changes each item of a call; a retry with the same `Idempotency-Key` doesn't do it again.
///
/// # Errors
/// None of the items, or too many; what isn't an item's fault, such as a database that is busy, ends all of it.
pub async fn write<T: Send + 'static>(
    call: Call,
    bulk: Bulk<T>,
    writes: Writes,
) -> std::result::Result<HttpResponse, Problem> {
    call.once(move |conn, actor, now| {
        actor.require(writes.permission)?;
        let done = each(conn, bulk.items, |conn, item| {
            match text_of(&item, writes.key).map(|key| (writes.known)(conn, key)).transpose()?.flatten() {
                Some(id) => (writes.change)(conn, actor, id, item, now).map(|()| (false, id)),
                None => Ok((true, (writes.make)(conn, actor, item, now)?)),
            }
        })?;
        Reply::done(&done)
    })
    .await
}

/// A text of an item, where it has one.
fn text_of<'a>(item: &'a Value, field: &str) -> Option<&'a str> {
    item.get(field).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty() && !text.contains('\0'))
}

/// Does `one` for each item; it says whether the thing is new, and its id.
fn each(
    conn: &mut PgConnection,
    items: Vec<Value>,
    mut one: impl FnMut(&mut PgConnection, Value) -> Result<(bool, Uuid)>,
) -> Result<BulkBody> {
    if items.is_empty() || items.len() > MOST {
        return Err(Error::field("items", format!("Send 1 to 1,000 items at once; these are {}.", items.len())));
    }
    let mut body = BulkBody::default();
    for (index, item) in items.into_iter().enumerate() {
        let (status, id, problem) = match conn.transaction(|conn| one(conn, item)) {
            Ok((true, id)) => {
                body.made += 1;
                (201, Some(id), None)
            }
            Ok((false, id)) => {
                body.changed += 1;
                (200, Some(id), None)
            }
            Err(fault @ (Error::Internal(_) | Error::Busy | Error::Unauthenticated)) => return Err(fault),
            Err(refusal) => {
                body.refused += 1;
                (face(&refusal).0.as_u16(), None, Some(problem::told(&refusal)?))
            }
        };
        body.items.push(ItemBody { index, status, id, problem });
    }
    Ok(body)
}

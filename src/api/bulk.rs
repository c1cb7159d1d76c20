//! Many things in one call: each goes through the action of a single call in a savepoint of its own, so that what is
//! refused is told and undone, and the others go through; all of it is one transaction.

use super::body::read_value;
use super::problem::{self, face};
use crate::error::{Error, Result};
use diesel::{Connection, PgConnection};
use serde::de::DeserializeOwned;
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

/// A text of an item, where it has one.
pub fn text_of<'a>(item: &'a Value, field: &str) -> Option<&'a str> {
    item.get(field).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty() && !text.contains('\0'))
}

/// An item as what it should be.
///
/// # Errors
/// The field that doesn't fit.
pub fn typed<T: DeserializeOwned>(item: Value) -> Result<T> {
    read_value(item)
}

/// Does `one` for each item; it says whether the thing is new, and its id.
///
/// # Errors
/// None of the items, or too many; what isn't an item's fault, such as a database that is busy, ends all of it.
pub fn each<T>(
    conn: &mut PgConnection,
    bulk: Bulk<T>,
    mut one: impl FnMut(&mut PgConnection, Value) -> Result<(bool, Uuid)>,
) -> Result<BulkBody> {
    if bulk.items.is_empty() || bulk.items.len() > MOST {
        return Err(Error::field("items", format!("Send 1 to 1,000 items at once; these are {}.", bulk.items.len())));
    }
    let mut body = BulkBody::default();
    for (index, item) in bulk.items.into_iter().enumerate() {
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

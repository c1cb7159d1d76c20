//! What the API takes for groups: camelCase, and snake_case as well (SPEC 13).

use crate::api::body::{given, never_null};
use crate::error::{Error, Result};
use crate::groups::group::{Details, GroupType, Status};
use crate::groups::metadata;
use crate::groups::store::Group;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A new group: only `name` is required.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewCustomerGroup)]
pub(super) struct NewGroup {
    #[serde(default)]
    #[schema(required, min_length = 1, max_length = 120)]
    pub(super) name: String,
    pub(super) code: Option<String>,
    pub(super) description: Option<String>,
    #[serde(alias = "is_active")]
    pub(super) is_active: Option<bool>,
    /// `manual`, `automatic` or `hybrid`.
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(alias = "parent_id")]
    pub(super) parent_id: Option<Uuid>,
    pub(super) capacity: Option<i32>,
    pub(super) metadata: Option<Value>,
    #[serde(alias = "price_lists")]
    pub(super) price_lists: Option<Vec<NewAssignment>>,
    /// As the description of this document says.
    pub(super) rule: Option<Value>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewAssignedPriceList)]
pub(super) struct NewAssignment {
    /// A list's id or its code.
    #[serde(alias = "price_list_id")]
    pub(super) price_list_id: String,
    pub(super) priority: i32,
}

/// A change of a group: a field that is left out stays as it is; `null` takes a description, parent or capacity away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CustomerGroupPatch)]
pub(super) struct GroupPatch {
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    pub(super) code: Option<String>,
    #[serde(default, deserialize_with = "given")]
    pub(super) description: Option<Option<String>>,
    #[serde(default, alias = "is_active", deserialize_with = "never_null")]
    #[schema(nullable = false)]
    pub(super) is_active: Option<bool>,
    /// `manual`, `automatic` or `hybrid`.
    #[serde(default, rename = "type", deserialize_with = "never_null")]
    #[schema(nullable = false)]
    pub(super) kind: Option<String>,
    #[serde(default, alias = "parent_id", deserialize_with = "given")]
    pub(super) parent_id: Option<Option<Uuid>>,
    #[serde(default, deserialize_with = "given")]
    pub(super) capacity: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    pub(super) metadata: Option<Option<Value>>,
    #[serde(default, deserialize_with = "given")]
    pub(super) rule: Option<Option<Value>>,
    #[serde(default, alias = "customer_ids", deserialize_with = "never_null")]
    #[schema(nullable = false)]
    pub(super) customer_ids: Option<Vec<Uuid>>,
    #[serde(default, alias = "customer_ids_to_remove", deserialize_with = "never_null")]
    #[schema(nullable = false)]
    pub(super) customer_ids_to_remove: Option<Vec<Uuid>>,
}

impl GroupPatch {
    pub(super) fn apply(self, group: &Group) -> Result<(Details, Option<serde_json::Map<String, Value>>)> {
        let mut details = group.details();
        if let Some(name) = self.name {
            details.name = name;
        }
        if let Some(code) = self.code {
            if code.trim().is_empty() {
                return Err(Error::field("code", "Use 1 to 32 of the characters A–Z, 0–9, _ and -."));
            }
            details.code = Some(code);
        }
        if let Some(description) = self.description {
            details.description = description.unwrap_or_default();
        }
        if let Some(active) = self.is_active {
            details.status = status_of(active);
        }
        if let Some(kind) = self.kind {
            details.kind = kind_of(&kind)?;
        }
        if let Some(parent) = self.parent_id {
            details.parent_id = parent;
        }
        if let Some(capacity) = self.capacity {
            details.capacity = capacity;
        }
        let metadata =
            self.metadata.map(|given| given.map_or_else(|| Ok(serde_json::Map::new()), object_of)).transpose()?;
        Ok((details, metadata))
    }
}

pub(super) fn status_of(active: bool) -> Status {
    if active { Status::Active } else { Status::Inactive }
}

pub(super) fn kind_of(text: &str) -> Result<GroupType> {
    GroupType::from_name(text).ok_or_else(|| Error::field("type", "type is manual, automatic or hybrid."))
}

pub(super) fn object_of(value: Value) -> Result<serde_json::Map<String, Value>> {
    metadata::check(&value).map_err(|e| Error::Invalid(vec![e]))?;
    match value {
        Value::Object(object) => Ok(object),
        _ => Ok(serde_json::Map::new()),
    }
}

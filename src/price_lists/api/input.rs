//! What the API takes for price lists: camelCase, and snake_case as well (SPEC 13).

use crate::api::body::{given, never_null};
use crate::price_lists::list::Typed;
use serde::Deserialize;
use utoipa::ToSchema;

/// A new list: code and name are required.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewPriceList)]
pub(super) struct NewList {
    #[serde(default)]
    #[schema(required)]
    pub(super) code: String,
    #[serde(default)]
    #[schema(required)]
    pub(super) name: String,
    /// The store's, where it is left out.
    pub(super) currency: Option<String>,
    /// `active` or `inactive`.
    pub(super) status: Option<String>,
    #[serde(alias = "valid_from")]
    pub(super) valid_from: Option<String>,
    #[serde(alias = "valid_to")]
    pub(super) valid_to: Option<String>,
}

/// A change of a list: a field that is left out stays as it is; `null` opens an end of the window.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PriceListPatch)]
pub(super) struct ListPatch {
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    code: Option<String>,
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    name: Option<String>,
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    currency: Option<String>,
    /// `active` or `inactive`.
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    status: Option<String>,
    #[serde(default, alias = "valid_from", deserialize_with = "given")]
    valid_from: Option<Option<String>>,
    #[serde(default, alias = "valid_to", deserialize_with = "given")]
    valid_to: Option<Option<String>>,
}

impl ListPatch {
    pub(super) fn apply(self, typed: Typed) -> Typed {
        Typed {
            code: self.code.unwrap_or(typed.code),
            name: self.name.unwrap_or(typed.name),
            currency: self.currency.unwrap_or(typed.currency),
            status: self.status.unwrap_or(typed.status),
            valid_from: self.valid_from.map_or(typed.valid_from, Option::unwrap_or_default),
            valid_to: self.valid_to.map_or(typed.valid_to, Option::unwrap_or_default),
        }
    }
}

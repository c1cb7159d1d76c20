//! What the API takes for customers: camelCase, and snake_case as well (SPEC 13).

use crate::api::body::{given, never_null};
use crate::customers::customer::{Details, PaymentHistory, Status};
use crate::customers::grouping::Typed;
use crate::customers::store::Customer;
use crate::error::{Error, Result};
use crate::groups::metadata;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// A new customer: only `code` and `name` are required.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewCustomer {
    #[serde(default)]
    #[schema(required)]
    code: String,
    #[serde(default)]
    #[schema(required)]
    name: String,
    email: Option<String>,
    /// `active`, `inactive` or `blocked`.
    status: Option<String>,
    country: Option<String>,
    region: Option<String>,
    #[serde(alias = "customer_since")]
    customer_since: Option<String>,
    /// `excellent`, `good`, `fair`, `poor` or `unknown`.
    #[serde(alias = "payment_history")]
    payment_history: Option<String>,
    #[serde(alias = "organization_id")]
    organization_id: Option<Uuid>,
    #[serde(alias = "customer_groups")]
    customer_groups: Option<Vec<String>>,
    tags: Option<Vec<String>>,
    metadata: Option<Value>,
}

impl NewCustomer {
    pub(super) fn typed(self) -> Result<Typed> {
        let details = Details {
            code: self.code,
            name: self.name,
            email: self.email,
            status: self.status.as_deref().map(status_of).transpose()?.unwrap_or_default(),
            country: self.country,
            region: self.region,
            customer_since: self.customer_since.as_deref().map(day_of).transpose()?,
            payment_history: self.payment_history.as_deref().map(rating_of).transpose()?.flatten(),
            organization_id: self.organization_id,
            tags: self.tags.unwrap_or_default(),
        };
        let metadata = self.metadata.map(object_of).transpose()?;
        Ok(Typed { details, metadata, groups: self.customer_groups })
    }
}

/// A change of a customer: a field that is left out stays as it is; `null` takes an optional one away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CustomerPatch {
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    code: Option<String>,
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    email: Option<Option<String>>,
    /// `active`, `inactive` or `blocked`.
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    status: Option<String>,
    #[serde(default, deserialize_with = "given")]
    country: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    region: Option<Option<String>>,
    #[serde(default, alias = "customer_since", deserialize_with = "given")]
    customer_since: Option<Option<String>>,
    /// `excellent`, `good`, `fair`, `poor` or `unknown`.
    #[serde(default, alias = "payment_history", deserialize_with = "given")]
    payment_history: Option<Option<String>>,
    #[serde(default, alias = "organization_id", deserialize_with = "given")]
    organization_id: Option<Option<Uuid>>,
    #[serde(default, alias = "customer_groups", deserialize_with = "never_null")]
    #[schema(nullable = false)]
    customer_groups: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    tags: Option<Option<Vec<String>>>,
    #[serde(default, deserialize_with = "given")]
    metadata: Option<Option<Value>>,
}

impl CustomerPatch {
    /// The customer's fields with what is given over them.
    pub(super) fn apply(&self, customer: &Customer) -> Result<Typed> {
        let mut details = customer.details();
        if let Some(code) = &self.code {
            details.code.clone_from(code);
        }
        if let Some(name) = &self.name {
            details.name.clone_from(name);
        }
        if let Some(email) = &self.email {
            details.email.clone_from(email);
        }
        if let Some(status) = &self.status {
            details.status = status_of(status)?;
        }
        if let Some(country) = &self.country {
            details.country.clone_from(country);
        }
        if let Some(region) = &self.region {
            details.region.clone_from(region);
        }
        if let Some(since) = &self.customer_since {
            details.customer_since = since.as_deref().map(day_of).transpose()?;
        }
        if let Some(history) = &self.payment_history {
            details.payment_history = history.as_deref().map(rating_of).transpose()?.flatten();
        }
        if let Some(organization) = self.organization_id {
            details.organization_id = organization;
        }
        if let Some(tags) = &self.tags {
            details.tags = tags.clone().unwrap_or_default();
        }
        let object = |given: &Option<Value>| given.clone().map_or_else(|| Ok(Map::new()), object_of);
        let metadata = self.metadata.as_ref().map(object).transpose()?;
        Ok(Typed { details, metadata, groups: self.customer_groups.clone() })
    }
}

pub(super) fn status_of(text: &str) -> Result<Status> {
    Status::from_name(text).ok_or_else(|| Error::field("status", "status is active, inactive or blocked."))
}

/// `unknown` is what the absence of a rating is called (SPEC 1).
fn rating_of(text: &str) -> Result<Option<PaymentHistory>> {
    match PaymentHistory::from_name(text) {
        None if text != "unknown" => {
            Err(Error::field("payment_history", "paymentHistory is excellent, good, fair, poor, unknown or null."))
        }
        rating => Ok(rating),
    }
}

fn day_of(text: &str) -> Result<NaiveDate> {
    text.parse().map_err(|_| Error::field("customer_since", "customerSince is a day such as 2024-01-31."))
}

fn object_of(value: Value) -> Result<Map<String, Value>> {
    metadata::check(&value).map_err(|e| Error::Invalid(vec![e]))?;
    match value {
        Value::Object(object) => Ok(object),
        _ => Ok(Map::new()),
    }
}

/// Fields of the form, by their names in JSON.
pub(super) fn as_json_fields(error: Error) -> Error {
    error.with_names(&[
        ("customer_since", "customerSince"),
        ("payment_history", "paymentHistory"),
        ("organization", "organizationId"),
        ("groups", "customerGroups"),
    ])
}

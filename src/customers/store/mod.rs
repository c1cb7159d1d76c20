//! Customers in the database: one customer's row. Its neighbours: the list, finding, memberships, purchases and orders,
//! history.

mod filter;
pub mod finding;
pub mod history;
pub mod list;
pub mod memberships;
pub mod orders;
pub mod purchases;

use super::customer::{Details, PaymentHistory, Status};
use crate::error::{Error, Result};
use crate::schema::customers;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A customer as stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = customers)]
pub struct Customer {
    /// Id.
    pub id: Uuid,
    /// Unique.
    pub code: String,
    /// Not unique.
    pub name: String,
    /// Not unique.
    pub email: Option<String>,
    status: String,
    /// ISO 3166 alpha-2.
    pub country: Option<String>,
    /// Up to 120 characters.
    pub region: Option<String>,
    /// A store day.
    pub customer_since: Option<NaiveDate>,
    payment_history: Option<String>,
    /// The organization that it buys for.
    pub organization_id: Option<Uuid>,
    tags: Vec<Option<String>>,
    /// A JSON object.
    pub metadata: Value,
    /// For optimistic locking.
    pub version: i32,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC.
    pub updated_at: DateTime<Utc>,
}

impl Customer {
    /// Whether it may order.
    pub fn status(&self) -> Status {
        Status::from_name(&self.status).unwrap_or(Status::Inactive)
    }

    /// How well it has paid.
    pub fn payment_history(&self) -> Option<PaymentHistory> {
        self.payment_history.as_deref().and_then(PaymentHistory::from_name)
    }

    /// Its tags.
    pub fn tags(&self) -> Vec<String> {
        self.tags.iter().flatten().cloned().collect()
    }

    /// The metadata object.
    pub fn metadata(&self) -> Map<String, Value> {
        self.metadata.as_object().cloned().unwrap_or_default()
    }

    /// The fields that people type.
    pub fn details(&self) -> Details {
        Details {
            code: self.code.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            status: self.status(),
            country: self.country.clone(),
            region: self.region.clone(),
            customer_since: self.customer_since,
            payment_history: self.payment_history(),
            organization_id: self.organization_id,
            tags: self.tags(),
        }
    }
}

/// How a missing customer is told.
pub fn gone() -> Error {
    Error::NotFound("This customer doesn't exist or was deleted.".into())
}

/// The id of the customer with this code.
pub fn by_code(conn: &mut PgConnection, code: &str) -> Result<Option<Uuid>> {
    Ok(customers::table.filter(customers::code.eq(code)).select(customers::id).first(conn).optional()?)
}

/// An id as an address or a call has it. One that is none names nothing.
pub fn parse_id(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| gone())
}

/// The customer of this id.
///
/// # Errors
/// [`Error::NotFound`].
pub fn one(conn: &mut PgConnection, id: Uuid) -> Result<Customer> {
    customers::table.find(id).select(Customer::as_select()).first(conn).optional()?.ok_or_else(gone)
}

/// The customers of these ids, in this order; ids that are none are left out.
pub fn by_ids(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Customer>> {
    let rows = customers::table.filter(customers::id.eq_any(ids)).select(Customer::as_select());
    let mut found: Vec<Customer> = rows.load(conn)?;
    found.sort_by_key(|customer| ids.iter().position(|id| *id == customer.id));
    Ok(found)
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// [`Error::NotFound`].
pub fn lock(conn: &mut PgConnection, id: Uuid) -> Result<Customer> {
    let row = customers::table.find(id).select(Customer::as_select()).for_no_key_update();
    row.first(conn).optional()?.ok_or_else(gone)
}

/// Whether another customer has this code.
pub fn code_taken(conn: &mut PgConnection, except: Option<Uuid>, code: &str) -> Result<bool> {
    let same: Option<Uuid> =
        customers::table.filter(customers::code.eq(code)).select(customers::id).first(conn).optional()?;
    Ok(same.is_some_and(|id| Some(id) != except))
}

type Written<'a> = (
    diesel::dsl::Eq<customers::code, &'a str>,
    diesel::dsl::Eq<customers::name, &'a str>,
    diesel::dsl::Eq<customers::email, Option<&'a str>>,
    diesel::dsl::Eq<customers::status, &'static str>,
    diesel::dsl::Eq<customers::country, Option<&'a str>>,
    diesel::dsl::Eq<customers::region, Option<&'a str>>,
    diesel::dsl::Eq<customers::customer_since, Option<NaiveDate>>,
    diesel::dsl::Eq<customers::payment_history, Option<&'static str>>,
    diesel::dsl::Eq<customers::organization_id, Option<Uuid>>,
    diesel::dsl::Eq<customers::tags, Vec<Option<&'a str>>>,
    diesel::dsl::Eq<customers::metadata, Value>,
);

fn columns<'a>(details: &'a Details, metadata: &Map<String, Value>) -> Written<'a> {
    (
        customers::code.eq(details.code.as_str()),
        customers::name.eq(details.name.as_str()),
        customers::email.eq(details.email.as_deref()),
        customers::status.eq(details.status.name()),
        customers::country.eq(details.country.as_deref()),
        customers::region.eq(details.region.as_deref()),
        customers::customer_since.eq(details.customer_since),
        customers::payment_history.eq(details.payment_history.map(PaymentHistory::name)),
        customers::organization_id.eq(details.organization_id),
        customers::tags.eq(details.tags.iter().map(|tag| Some(tag.as_str())).collect::<Vec<_>>()),
        customers::metadata.eq(json!(metadata)),
    )
}

/// Inserts a customer.
pub fn insert(
    conn: &mut PgConnection,
    id: Uuid,
    details: &Details,
    metadata: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(customers::table)
        .values((
            customers::id.eq(id),
            columns(details, metadata),
            customers::created_at.eq(now),
            customers::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

/// Writes a customer's fields and metadata; its version goes up by one.
pub fn update(
    conn: &mut PgConnection,
    id: Uuid,
    details: &Details,
    metadata: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::update(customers::table.find(id))
        .set((columns(details, metadata), customers::version.eq(customers::version + 1), customers::updated_at.eq(now)))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

/// What the database's own constraints refuse, as errors at the field: two writers at once find it here.
fn refused(error: diesel::result::Error) -> Error {
    match Error::constraint(&error) {
        Some("customers_code") => Error::field("code", "Another customer has this code."),
        Some("customers_organization_id_fkey") => Error::field("organization", "This organization doesn't exist."),
        _ => error.into(),
    }
}

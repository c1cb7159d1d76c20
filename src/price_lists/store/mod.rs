//! Price lists in the database: one list's row. Beside it: the list of lists, entries, and the groups that use one.

pub mod entries;
pub mod list;
pub mod users;

use super::list::{Details, Force, Typed};
use crate::error::{Error, Result};
use crate::groups::group::Status;
use crate::money::Currency;
use crate::schema::price_lists;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// A price list as stored.
#[derive(Clone, Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = price_lists)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct PriceList {
    /// Id.
    pub id: Uuid,
    /// Unique.
    pub code: String,
    /// Name.
    pub name: String,
    currency: String,
    status: String,
    /// First store day on which it holds.
    pub valid_from: Option<NaiveDate>,
    /// Last store day on which it holds.
    pub valid_to: Option<NaiveDate>,
    /// For optimistic locking; entries count, too.
    pub version: i32,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC.
    pub updated_at: DateTime<Utc>,
    /// Kept by the database, never counted.
    pub entry_count: i32,
}

impl PriceList {
    /// Active or inactive.
    pub fn status(&self) -> Status {
        Status::from_name(&self.status).unwrap_or(Status::Inactive)
    }

    /// What its prices are in.
    pub fn currency(&self) -> Currency {
        Currency::from_code(&self.currency).unwrap_or(Currency::USD)
    }

    /// Whether it prices anything on a store day.
    pub fn force(&self, day: NaiveDate) -> Force {
        Force::of(self.status(), self.valid_from, self.valid_to, day)
    }

    /// Its window for people; empty where it has none.
    pub fn window(&self) -> String {
        let day = |day: NaiveDate| day.format("%B %-d, %Y").to_string();
        match (self.valid_from.map(day), self.valid_to.map(day)) {
            (Some(from), Some(to)) => format!("{from} to {to}"),
            (Some(from), None) => format!("from {from}"),
            (None, Some(to)) => format!("until {to}"),
            (None, None) => String::new(),
        }
    }

    /// The fields that people type.
    pub fn details(&self) -> Result<Details> {
        let currency = Currency::from_code(&self.currency)
            .ok_or_else(|| Error::internal(format!("price list {} has no known currency", self.code)))?;
        Ok(Details {
            code: self.code.clone(),
            name: self.name.clone(),
            currency,
            status: self.status(),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        })
    }

    /// The fields as a form shows them.
    pub fn typed(&self) -> Result<Typed> {
        Ok(Typed::from(&self.details()?))
    }
}

/// How a missing price list is told.
pub fn gone() -> Error {
    Error::NotFound("This price list doesn't exist or was deleted.".into())
}

/// An id as an address or a call has it. One that is none names nothing.
pub fn parse_id(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| gone())
}

/// A price list.
pub fn get(conn: &mut PgConnection, id: Uuid) -> Result<PriceList> {
    price_lists::table.find(id).select(PriceList::as_select()).first(conn).optional()?.ok_or_else(gone)
}

/// A price list, locked until the transaction ends: its currency stays what prices are written in.
pub fn lock(conn: &mut PgConnection, id: Uuid) -> Result<PriceList> {
    let found = price_lists::table.find(id).select(PriceList::as_select()).for_update().first(conn).optional()?;
    found.ok_or_else(gone)
}

/// Inserts a price list.
pub fn insert(conn: &mut PgConnection, id: Uuid, details: &Details, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(price_lists::table)
        .values((
            price_lists::id.eq(id),
            price_lists::code.eq(&details.code),
            price_lists::name.eq(&details.name),
            price_lists::currency.eq(details.currency.code()),
            price_lists::status.eq(details.status.name()),
            price_lists::valid_from.eq(details.valid_from),
            price_lists::valid_to.eq(details.valid_to),
            price_lists::created_at.eq(now),
            price_lists::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

/// Writes a list's fields; its version goes up by one.
pub fn update(conn: &mut PgConnection, id: Uuid, details: &Details, now: DateTime<Utc>) -> Result<()> {
    diesel::update(price_lists::table.find(id))
        .set((
            price_lists::code.eq(&details.code),
            price_lists::name.eq(&details.name),
            price_lists::currency.eq(details.currency.code()),
            price_lists::status.eq(details.status.name()),
            price_lists::valid_from.eq(details.valid_from),
            price_lists::valid_to.eq(details.valid_to),
            price_lists::version.eq(price_lists::version + 1),
            price_lists::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

/// The version goes up by one, for entries that changed.
pub fn touch(conn: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    diesel::update(price_lists::table.find(id))
        .set((price_lists::version.eq(price_lists::version + 1), price_lists::updated_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

/// Deletes a list with its entries and assignments.
pub fn delete(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    diesel::delete(price_lists::table.find(id)).execute(conn)?;
    Ok(())
}

fn refused(error: diesel::result::Error) -> Error {
    match Error::constraint(&error) {
        Some("price_lists_code") => Error::field("code", "Another price list has this code."),
        _ => error.into(),
    }
}

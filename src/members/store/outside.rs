//! Who isn't a member and still concerns a group: customers who count there through their organization, and those who
//! are excluded.

use crate::db::functions::lower;
use crate::db::keyset::{Page, Place, one_more};
use crate::error::Result;
use crate::members::listing::Cursor;
use crate::schema::{customers, membership_exclusions, organizations};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// A customer who counts in a group only through its organization (SPEC 4, 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Through {
    /// The customer.
    pub customer_id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The organization's name.
    pub organization: String,
    lower_name: String,
}

impl Through {
    /// The row's key.
    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.lower_name.clone(), id: self.customer_id }
    }
}

type ThroughRow = (Uuid, String, String, String, String);

/// A page of the customers whose organization's group this is, by name.
pub fn through_organizations(
    conn: &mut PgConnection,
    group: Uuid,
    place: &Place<Cursor>,
    limit: usize,
) -> Result<Page<Through>> {
    let mut query = customers::table
        .inner_join(organizations::table)
        .filter(organizations::group_id.eq(group))
        .select((customers::id, customers::code, customers::name, organizations::name, lower(customers::name)))
        .into_boxed();
    let name = || lower(customers::name);
    query = match place.key() {
        None => query,
        Some(key) if place.is_backwards() => {
            query.filter(name().le(key.key.clone())).filter(name().lt(key.key.clone()).or(customers::id.lt(key.id)))
        }
        Some(key) => {
            query.filter(name().ge(key.key.clone())).filter(name().gt(key.key.clone()).or(customers::id.gt(key.id)))
        }
    };
    query = if place.is_backwards() {
        query.order((name().desc(), customers::id.desc()))
    } else {
        query.order((name().asc(), customers::id.asc()))
    };
    let rows: Vec<ThroughRow> = query.limit(one_more(limit)).load(conn)?;
    let through = |(customer_id, code, name, organization, lower_name)| Through {
        customer_id,
        code,
        name,
        organization,
        lower_name,
    };
    Ok(Page::of(rows.into_iter().map(through).collect(), place, limit))
}

/// A customer who stays out of a group until that is lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excluded {
    /// The customer.
    pub customer_id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Since when, UTC.
    pub since: DateTime<Utc>,
    /// Why, where somebody said.
    pub reason: String,
}

/// What exclusions are sorted by: since when, then the customer's id; the newest first.
pub type ExcludedKey = (DateTime<Utc>, Uuid);

type ExcludedRow = (Uuid, String, String, DateTime<Utc>, String);

/// A page of a group's exclusions, the newest first.
pub fn excluded(
    conn: &mut PgConnection,
    group: Uuid,
    place: &Place<ExcludedKey>,
    limit: usize,
) -> Result<Page<Excluded>> {
    let (since, customer_id) = (membership_exclusions::since, membership_exclusions::customer_id);
    let mut query = membership_exclusions::table
        .inner_join(customers::table)
        .filter(membership_exclusions::group_id.eq(group))
        .select((customers::id, customers::code, customers::name, since, membership_exclusions::reason))
        .into_boxed();
    query = match place.key().copied() {
        None => query,
        Some((at, id)) if place.is_backwards() => {
            query.filter(since.ge(at)).filter(since.gt(at).or(customer_id.gt(id)))
        }
        Some((at, id)) => query.filter(since.le(at)).filter(since.lt(at).or(customer_id.lt(id))),
    };
    query = if place.is_backwards() {
        query.order((since.asc(), customer_id.asc()))
    } else {
        query.order((since.desc(), customer_id.desc()))
    };
    let rows: Vec<ExcludedRow> = query.limit(one_more(limit)).load(conn)?;
    let excluded =
        |(customer_id, code, name, since, reason): ExcludedRow| Excluded { customer_id, code, name, since, reason };
    Ok(Page::of(rows.into_iter().map(excluded).collect(), place, limit))
}

/// Lifts an exclusion; whether there was one.
pub fn lift(conn: &mut PgConnection, group: Uuid, customer: Uuid) -> Result<bool> {
    Ok(diesel::delete(membership_exclusions::table.find((group, customer))).execute(conn)? > 0)
}

//! The members of a group, a page at a time, the longest-standing first.

use crate::db::keyset::{Page, Place, one_more};
use crate::error::Result;
use crate::groups::group::Assignment;
use crate::schema::{customer_purchases, customers, memberships};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// A row of the members table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The customer.
    pub customer_id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Since when, UTC.
    pub since: DateTime<Utc>,
    /// Lifetime net of completed orders, minor units of the store's currency.
    pub purchases: i64,
    /// By rule, by hand, or both.
    pub assignment: Assignment,
    /// Whether this is the customer's primary group.
    pub is_primary: bool,
}

type MemberRow = (Uuid, String, String, DateTime<Utc>, Option<i64>, bool, bool, bool);

/// What members are sorted by: since when, then the customer's id.
pub type MemberKey = (DateTime<Utc>, Uuid);

/// A page of the group's members, the longest-standing first. All Customers has none: its members have no rows.
pub fn page(conn: &mut PgConnection, group: Uuid, place: &Place<MemberKey>, limit: usize) -> Result<Page<Member>> {
    let mut query = memberships::table
        .inner_join(customers::table)
        .left_join(customer_purchases::table.on(customer_purchases::customer_id.eq(memberships::customer_id)))
        .filter(memberships::group_id.eq(group))
        .select((
            customers::id,
            customers::code,
            customers::name,
            memberships::since,
            customer_purchases::net.nullable(),
            memberships::by_hand,
            memberships::by_rule,
            memberships::is_primary,
        ))
        .into_boxed();
    // The first condition alone lets the index begin at the right place.
    query = match place.key().copied() {
        None => query,
        Some((since, id)) if place.is_backwards() => query
            .filter(memberships::since.le(since))
            .filter(memberships::since.lt(since).or(memberships::customer_id.lt(id))),
        Some((since, id)) => query
            .filter(memberships::since.ge(since))
            .filter(memberships::since.gt(since).or(memberships::customer_id.gt(id))),
    };
    query = if place.is_backwards() {
        query.order((memberships::since.desc(), memberships::customer_id.desc()))
    } else {
        query.order((memberships::since.asc(), memberships::customer_id.asc()))
    };
    let rows: Vec<MemberRow> = query.limit(one_more(limit)).load(conn)?;
    Ok(Page::of(rows.into_iter().map(member).collect(), place, limit))
}

fn member((customer_id, code, name, since, purchases, by_hand, by_rule, is_primary): MemberRow) -> Member {
    let assignment = Assignment::of(by_hand, by_rule);
    Member { customer_id, code, name, since, purchases: purchases.unwrap_or(0), assignment, is_primary }
}

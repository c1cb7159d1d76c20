//! Who joined and left a group, the newest first.

use crate::db::keyset::{Page, Place, one_more};
use crate::error::Result;
use crate::schema::{customers, membership_events};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// A join or a leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipEvent {
    /// Time-ordered id.
    pub id: Uuid,
    /// When, UTC.
    pub at: DateTime<Utc>,
    /// `true` for a join.
    pub joined: bool,
    /// The customer's name.
    pub customer: String,
    /// The customer's code.
    pub customer_code: String,
    /// Who, or which rule run or import.
    pub actor_name: String,
    /// Why, where somebody said.
    pub reason: String,
}

type EventRow = (Uuid, DateTime<Utc>, String, String, String, String, String);

/// What the events are sorted by: when, then id; the newest first.
pub type EventKey = (DateTime<Utc>, Uuid);

/// A page of a group's joins and leaves, the newest first.
pub fn page(
    conn: &mut PgConnection,
    group: Uuid,
    place: &Place<EventKey>,
    limit: usize,
) -> Result<Page<MembershipEvent>> {
    let mut query = membership_events::table
        .inner_join(customers::table)
        .filter(membership_events::group_id.eq(group))
        .select((
            membership_events::id,
            membership_events::at,
            membership_events::kind,
            customers::name,
            customers::code,
            membership_events::actor_name,
            membership_events::reason,
        ))
        .into_boxed();
    // The bound on the time alone is what an index can begin at; the rest sorts out events of the same instant.
    query = match place.key().copied() {
        None => query,
        Some((at, id)) if place.is_backwards() => query
            .filter(membership_events::at.ge(at))
            .filter(membership_events::at.gt(at).or(membership_events::id.gt(id))),
        Some((at, id)) => query
            .filter(membership_events::at.le(at))
            .filter(membership_events::at.lt(at).or(membership_events::id.lt(id))),
    };
    query = if place.is_backwards() {
        query.order((membership_events::at.asc(), membership_events::id.asc()))
    } else {
        query.order((membership_events::at.desc(), membership_events::id.desc()))
    };
    let rows: Vec<EventRow> = query.limit(one_more(limit)).load(conn)?;
    let events = rows
        .into_iter()
        .map(|(id, at, kind, customer, customer_code, actor_name, reason)| MembershipEvent {
            id,
            at,
            joined: kind == "joined",
            customer,
            customer_code,
            actor_name,
            reason,
        })
        .collect();
    Ok(Page::of(events, place, limit))
}

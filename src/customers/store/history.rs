//! Which groups a customer joined and left, the newest first.

use crate::db::keyset::{Page, Place, one_more};
use crate::error::Result;
use crate::schema::{groups, membership_events};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// A join or a leave.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct MembershipEvent {
    /// Time-ordered id.
    pub id: Uuid,
    /// When, UTC.
    pub at: DateTime<Utc>,
    /// `joined` or `left`.
    kind: String,
    /// The group.
    pub group_id: Uuid,
    /// Its name.
    pub group: String,
    /// Whether it is deleted.
    pub group_is_deleted: bool,
    /// Who, or which rule run or import.
    pub actor_name: String,
    /// Why, where somebody said.
    pub reason: String,
}

impl MembershipEvent {
    /// Whether it is a join.
    pub fn joined(&self) -> bool {
        self.kind == "joined"
    }
}

/// What the events are sorted by: when, then id; the newest first.
pub type EventKey = (DateTime<Utc>, Uuid);

/// A page of a customer's joins and leaves, the newest first.
pub fn page(
    conn: &mut PgConnection,
    customer: Uuid,
    place: &Place<EventKey>,
    limit: usize,
) -> Result<Page<MembershipEvent>> {
    let mut query = membership_events::table
        .inner_join(groups::table)
        .filter(membership_events::customer_id.eq(customer))
        .select((
            membership_events::id,
            membership_events::at,
            membership_events::kind,
            groups::id,
            groups::name,
            groups::deleted_at.is_not_null(),
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
    let rows: Vec<MembershipEvent> = query.limit(one_more(limit)).load(conn)?;
    Ok(Page::of(rows, place, limit))
}

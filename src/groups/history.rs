//! Who joined and left a group, the newest first.

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

/// The newest events of a group after `after` (time, id).
pub fn page(
    conn: &mut PgConnection,
    group: Uuid,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<MembershipEvent>> {
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
    if let Some((at, id)) = after {
        query = query
            .filter(membership_events::at.lt(at).or(membership_events::at.eq(at).and(membership_events::id.lt(id))));
    }
    let rows: Vec<EventRow> =
        query.order((membership_events::at.desc(), membership_events::id.desc())).limit(limit).load(conn)?;
    Ok(rows
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
        .collect())
}

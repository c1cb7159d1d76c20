//! The members of a group, a page at a time, the longest-standing first.

use super::group::Assignment;
use crate::error::Result;
use crate::schema::{customer_purchases, customers, memberships};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
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

/// The last row of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    since: DateTime<Utc>,
    id: Uuid,
}

impl Cursor {
    /// For the address.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// `None` where it isn't one.
    pub fn decode(text: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
    }
}

type MemberRow = (Uuid, String, String, DateTime<Utc>, Option<i64>, bool, bool, bool);

/// A page of members after `after`, and where the next one begins. A group without rows (All Customers) has none.
pub fn page(
    conn: &mut PgConnection,
    group: Uuid,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<(Vec<Member>, Option<Cursor>)> {
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
    if let Some(Cursor { since, id }) = after {
        // The first condition alone lets the index begin at the right place.
        query = query
            .filter(memberships::since.ge(*since))
            .filter(memberships::since.gt(*since).or(memberships::customer_id.gt(*id)));
    }
    let wanted = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
    let rows: Vec<MemberRow> =
        query.order((memberships::since.asc(), memberships::customer_id.asc())).limit(wanted).load(conn)?;
    let more = rows.len() > limit;
    let members: Vec<Member> = rows.into_iter().take(limit).map(member).collect();
    let next = members.last().filter(|_| more).map(|last| Cursor { since: last.since, id: last.customer_id });
    Ok((members, next))
}

fn member((customer_id, code, name, since, purchases, by_hand, by_rule, is_primary): MemberRow) -> Member {
    let assignment = Assignment::of(by_hand, by_rule);
    Member { customer_id, code, name, since, purchases: purchases.unwrap_or(0), assignment, is_primary }
}

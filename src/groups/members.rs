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

/// A page of members and the way to its neighbours.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The members, the longest-standing first.
    pub members: Vec<Member>,
    /// For the page before; `None` on the first one.
    pub previous: Option<Cursor>,
    /// For the page after; `None` on the last one.
    pub next: Option<Cursor>,
}

/// Which page of members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// The first.
    #[default]
    Start,
    /// The one after this member.
    After(Cursor),
    /// The one before this member.
    Before(Cursor),
}

/// A page of the group's members. All Customers has none: its members have no rows.
pub fn page(conn: &mut PgConnection, group: Uuid, from: &From, limit: usize) -> Result<Page> {
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
    query = match from {
        From::Start => query,
        From::After(Cursor { since, id }) => query
            .filter(memberships::since.ge(*since))
            .filter(memberships::since.gt(*since).or(memberships::customer_id.gt(*id))),
        From::Before(Cursor { since, id }) => query
            .filter(memberships::since.le(*since))
            .filter(memberships::since.lt(*since).or(memberships::customer_id.lt(*id))),
    };
    query = match from {
        From::Before(_) => query.order((memberships::since.desc(), memberships::customer_id.desc())),
        _ => query.order((memberships::since.asc(), memberships::customer_id.asc())),
    };
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
    let rows: Vec<MemberRow> = query.limit(one_more).load(conn)?;
    let more = rows.len() > limit;
    let mut members: Vec<Member> = rows.into_iter().take(limit).map(member).collect();
    let (before, after) = match from {
        From::Start => (false, more),
        From::After(_) => (true, more),
        From::Before(_) => {
            members.reverse();
            (more, true)
        }
    };
    let cursor = |member: &Member| Cursor { since: member.since, id: member.customer_id };
    let previous = members.first().filter(|_| before).map(cursor);
    let next = members.last().filter(|_| after).map(cursor);
    Ok(Page { members, previous, next })
}

fn member((customer_id, code, name, since, purchases, by_hand, by_rule, is_primary): MemberRow) -> Member {
    let assignment = Assignment::of(by_hand, by_rule);
    Member { customer_id, code, name, since, purchases: purchases.unwrap_or(0), assignment, is_primary }
}

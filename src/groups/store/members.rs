//! The members of a group, a page at a time, the longest-standing first.

use crate::db::keyset::{Page, Place};
use crate::db::statement::statement;
use crate::error::Result;
use crate::groups::group::Assignment;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
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

/// Members on a page.
pub const MEMBERS: usize = 25;

/// What members are sorted by: since when, then the customer's id.
pub type MemberKey = (DateTime<Utc>, Uuid);

/// Of a page, and one more that tells whether there is another page. The limit stands in the text: a bound one makes
/// PostgreSQL plan anew at every call, which takes longer than the answer.
macro_rules! members {
    ($more:literal, $direction:literal) => {
        concat!($more, " ORDER BY m.since ", $direction, ", m.customer_id ", $direction, " LIMIT 26")
    };
}

/// A page of the group's members, the longest-standing first. All Customers has none: its members have no rows.
pub fn page(conn: &mut PgConnection, group: Uuid, place: &Place<MemberKey>) -> Result<Page<Member>> {
    let from = statement(
        "SELECT c.id, c.code, c.name, m.since, p.net, m.by_hand, m.by_rule, m.is_primary
         FROM memberships m
         JOIN customers c ON c.id = m.customer_id
         LEFT JOIN customer_purchases p ON p.customer_id = m.customer_id
         WHERE m.group_id = ",
    )
    .bind::<SqlUuid, _>(group);
    let rows: Vec<Row> = match place.key().copied() {
        None => from.sql(members!("", "ASC")).load(conn)?,
        Some((since, id)) if place.is_backwards() => from
            .sql(" AND (m.since, m.customer_id) < (")
            .bind::<Timestamptz, _>(since)
            .sql(", ")
            .bind::<SqlUuid, _>(id)
            .sql(members!(")", "DESC"))
            .load(conn)?,
        Some((since, id)) => from
            .sql(" AND (m.since, m.customer_id) > (")
            .bind::<Timestamptz, _>(since)
            .sql(", ")
            .bind::<SqlUuid, _>(id)
            .sql(members!(")", "ASC"))
            .load(conn)?,
    };
    Ok(Page::of(rows.into_iter().map(Member::from).collect(), place, MEMBERS))
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Timestamptz)]
    since: DateTime<Utc>,
    #[diesel(sql_type = Nullable<BigInt>)]
    net: Option<i64>,
    #[diesel(sql_type = Bool)]
    by_hand: bool,
    #[diesel(sql_type = Bool)]
    by_rule: bool,
    #[diesel(sql_type = Bool)]
    is_primary: bool,
}

impl From<Row> for Member {
    fn from(row: Row) -> Self {
        Self {
            customer_id: row.id,
            code: row.code,
            name: row.name,
            since: row.since,
            purchases: row.net.unwrap_or(0),
            assignment: Assignment::of(row.by_hand, row.by_rule),
            is_primary: row.is_primary,
        }
    }
}

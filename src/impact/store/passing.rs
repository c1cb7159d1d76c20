//! The customers whom a change reaches, passing by one after the other.

use crate::error::Result;
use crate::impact::stands::Stands;
use chrono::{DateTime, Utc};
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Nullable, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    organization: Option<Uuid>,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    own: Option<Vec<Uuid>>,
    #[diesel(sql_type = Nullable<Array<Timestamptz>>)]
    since: Option<Vec<DateTime<Utc>>>,
    #[diesel(sql_type = Nullable<Bool>)]
    has_primary: Option<bool>,
}

/// Whom to go through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// The groups that notice.
    pub(super) groups: &'a [Uuid],
    /// Those of them that begin or end to count.
    pub(super) unsteady: &'a [Uuid],
    /// All customers, because All Customers notices: those for whom no group counts as well.
    pub(super) everybody: bool,
    /// There are so many members that all customers whose organization decides are found first.
    pub(super) many: bool,
}

/// What of a customer's own groups is told, in the order of its index.
const OWN: &str = "array_agg(m.group_id) AS own, array_agg(m.since) AS since, bool_or(m.is_primary) AS has_primary";
const IN_ORDER: &str = "ORDER BY m.customer_id, m.is_primary DESC, m.since";

/// Gives `meet` each customer that stands in one of the groups, or whose organization does; own groups only where they can
/// count. Nothing is kept.
pub(super) fn each(conn: &mut PgConnection, asked: Asked<'_>, mut meet: impl FnMut(Uuid, &Stands)) -> Result<()> {
    let text = if asked.everybody { everybody() } else { members(asked.many) };
    let query = sql_query(text).bind::<Array<SqlUuid>, _>(asked.unsteady);
    let rows = match asked.everybody {
        true => query.load_iter::<Row, PgRowByRowLoadingMode>(conn)?,
        false => query.bind::<Array<SqlUuid>, _>(asked.groups).load_iter::<Row, PgRowByRowLoadingMode>(conn)?,
    };
    for row in rows {
        let row = row?;
        let stands = Stands {
            organization: row.organization,
            own: row.own.unwrap_or_default(),
            since: row.since.unwrap_or_default(),
            has_primary: row.has_primary.unwrap_or_default(),
        };
        meet(row.id, &stands);
    }
    Ok(())
}

/// Organizations whose group decides, or would with the change.
const DECIDING: &str = "(o.group_id IN (SELECT id FROM groups WHERE deleted_at IS NULL AND status = 'active')
    OR o.group_id = ANY ($1))";

fn everybody() -> String {
    format!(
        "SELECT c.id, d.group_id AS organization, w.own, w.since, w.has_primary
         FROM customers c
         LEFT JOIN (
             SELECT m.customer_id, {OWN} FROM (SELECT * FROM memberships m {IN_ORDER}) m GROUP BY 1
         ) w ON w.customer_id = c.id
         LEFT JOIN (SELECT o.id, o.group_id FROM organizations o WHERE {DECIDING}) d ON d.id = c.organization_id"
    )
}

/// Of few members each one's organization is looked up; of many, the customers of all organizations that decide are one set.
fn members(many: bool) -> String {
    let each = if many { "" } else { "OFFSET 0" };
    format!(
        "WITH reached AS (
             SELECT c.id, o.group_id AS organization FROM organizations o JOIN customers c ON c.organization_id = o.id
             WHERE o.group_id = ANY ($2)
             UNION ALL
             SELECT m.customer_id, NULL FROM (SELECT DISTINCT customer_id FROM memberships WHERE group_id = ANY ($2)) m
             WHERE NOT EXISTS (
                 SELECT FROM customers c JOIN organizations o ON o.id = c.organization_id
                 WHERE c.id = m.customer_id AND (o.group_id = ANY ($2) OR {DECIDING}) {each}
             )
         )
         SELECT r.id, r.organization, w.own, w.since, w.has_primary
         FROM reached r LEFT JOIN LATERAL (
             SELECT {OWN} FROM (SELECT * FROM memberships m WHERE m.customer_id = r.id {IN_ORDER}) m
         ) w ON r.organization IS NULL OR r.organization = ANY ($1)"
    )
}

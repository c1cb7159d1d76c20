//! Credit that customers have, by the group that decides their payment terms (SPEC 6, 9).

use super::REACHED;
use crate::error::Result;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Uuid as SqlUuid};
use uuid::Uuid;

/// Customers whose payment terms come from one group today and from one then. Without a group, All Customers decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub struct Deciding {
    /// Whose terms hold today.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub before: Option<Uuid>,
    /// Whose would hold.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub after: Option<Uuid>,
    /// How many customers.
    #[diesel(sql_type = BigInt)]
    pub customers: i64,
}

/// What is asked about: the customers reached by `groups`, when `stops` no longer count and `starts` do.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The groups that are touched.
    pub groups: &'a [Uuid],
    /// Also customers for whom no group counts.
    pub without_groups: bool,
    /// Groups that count today and wouldn't.
    pub stops: &'a [Uuid],
    /// Groups that would count and don't today.
    pub starts: &'a [Uuid],
}

/// Whose payment terms hold for the customers that are reached, before and after: the organization's group, else the
/// primary group if it counts, else the longest-standing membership that counts (ties: group name).
pub fn deciding(conn: &mut PgConnection, asked: &Asked<'_>) -> Result<Vec<Deciding>> {
    Ok(sql_query(format!(
        "WITH asked AS (
             SELECT $1::uuid[] AS groups, $2::boolean AS without_groups, $3::uuid[] AS stops, $4::uuid[] AS starts
         ), {REACHED},
         standing AS (
                 SELECT g.id, g.name, g.deleted_at IS NULL AND g.status = 'active' AS before,
                        (g.deleted_at IS NULL AND g.status = 'active' AND g.id <> ALL (a.stops)) OR g.id = ANY (a.starts)
                            AS after
                 FROM groups g, asked a
             ), own AS (
                 SELECT m.customer_id,
                        (array_agg(m.group_id ORDER BY m.is_primary DESC, m.since, s.name) FILTER (WHERE s.before))[1] AS before,
                        (array_agg(m.group_id ORDER BY m.is_primary DESC, m.since, s.name) FILTER (WHERE s.after))[1] AS after
                 FROM memberships m JOIN standing s ON s.id = m.group_id
                 WHERE m.customer_id IN (SELECT id FROM reached)
                 GROUP BY m.customer_id
             )
             SELECT coalesce(CASE WHEN s.before THEN s.id END, own.before) AS before,
                    coalesce(CASE WHEN s.after THEN s.id END, own.after) AS after, count(*) AS customers
             FROM reached r
             JOIN customers c ON c.id = r.id
             LEFT JOIN organizations o ON o.id = c.organization_id
             LEFT JOIN standing s ON s.id = o.group_id
             LEFT JOIN own ON own.customer_id = r.id
             GROUP BY 1, 2"
    ))
    .bind::<Array<SqlUuid>, _>(asked.groups)
    .bind::<Bool, _>(asked.without_groups)
    .bind::<Array<SqlUuid>, _>(asked.stops)
    .bind::<Array<SqlUuid>, _>(asked.starts)
    .load(conn)?)
}

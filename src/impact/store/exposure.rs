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
///
/// Most customers' primary group counts, so that the others' memberships alone are sorted.
pub fn deciding(conn: &mut PgConnection, asked: &Asked<'_>) -> Result<Vec<Deciding>> {
    Ok(sql_query(format!(
        "WITH asked AS (
             SELECT $1::uuid[] AS groups, $2::boolean AS without_groups, $3::uuid[] AS stops, $4::uuid[] AS starts
         ), {REACHED},
         standing AS (
                 SELECT g.id, g.deleted_at IS NULL AND g.status = 'active' AS before,
                        (g.deleted_at IS NULL AND g.status = 'active' AND g.id <> ALL (a.stops)) OR g.id = ANY (a.starts)
                            AS after
                 FROM groups g, asked a
             ), decided AS (
                 SELECT CASE WHEN s.before THEN s.id WHEN p.before THEN p.id ELSE (
                            SELECT n.group_id FROM memberships n JOIN groups g ON g.id = n.group_id
                            WHERE n.customer_id = r.id AND g.deleted_at IS NULL AND g.status = 'active'
                            ORDER BY n.since, g.name LIMIT 1
                        ) END AS before,
                        CASE WHEN s.after THEN s.id WHEN p.after THEN p.id ELSE (
                            SELECT n.group_id FROM memberships n JOIN groups g ON g.id = n.group_id, asked a
                            WHERE n.customer_id = r.id
                              AND ((g.deleted_at IS NULL AND g.status = 'active' AND g.id <> ALL (a.stops))
                                   OR g.id = ANY (a.starts))
                            ORDER BY n.since, g.name LIMIT 1
                        ) END AS after
                 FROM reached r
                 JOIN customers c ON c.id = r.id
                 LEFT JOIN organizations o ON o.id = c.organization_id
                 LEFT JOIN standing s ON s.id = o.group_id
                 LEFT JOIN memberships m ON m.customer_id = r.id AND m.is_primary
                 LEFT JOIN standing p ON p.id = m.group_id
             )
             SELECT before, after, count(*) AS customers FROM decided GROUP BY 1, 2"
    ))
    .bind::<Array<SqlUuid>, _>(asked.groups)
    .bind::<Bool, _>(asked.without_groups)
    .bind::<Array<SqlUuid>, _>(asked.stops)
    .bind::<Array<SqlUuid>, _>(asked.starts)
    .load(conn)?)
}

//! The customers whom a change reaches, by the groups that they stand in.

use super::REACHED;
use crate::error::Result;
use crate::impact::affected::Cohort;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Uuid as SqlUuid};
use uuid::Uuid;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    organization: Option<Uuid>,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    own: Option<Vec<Uuid>>,
    #[diesel(sql_type = BigInt)]
    customers: i64,
}

/// The customers for whom one of `groups` counts, or no group at all, by what they stand in: their organization's group, and
/// their own memberships in the order in which one of them decides (SPEC 6).
pub fn cohorts(conn: &mut PgConnection, groups: &[Uuid], without_groups: bool) -> Result<Vec<Cohort>> {
    let rows: Vec<Row> = sql_query(format!(
        "WITH asked AS (SELECT $1::uuid[] AS groups, $2::boolean AS without_groups), {REACHED}, own AS (
             SELECT m.customer_id, array_agg(m.group_id ORDER BY m.is_primary DESC, m.since, g.name) AS groups
             FROM memberships m JOIN groups g ON g.id = m.group_id
             WHERE m.customer_id IN (SELECT id FROM reached) GROUP BY 1
         )
         SELECT o.group_id AS organization, w.groups AS own, count(*) AS customers
         FROM reached r JOIN customers c ON c.id = r.id LEFT JOIN organizations o ON o.id = c.organization_id
         LEFT JOIN own w ON w.customer_id = r.id
         GROUP BY 1, 2"
    ))
    .bind::<Array<SqlUuid>, _>(groups)
    .bind::<Bool, _>(without_groups)
    .load(conn)?;
    let cohort = |row: Row| Cohort {
        organization: row.organization,
        own: row.own.unwrap_or_default(),
        customers: row.customers,
    };
    Ok(rows.into_iter().map(cohort).collect())
}

/// The same customers by the group alone that decides their terms, where no group begins or ends to count: cheaper, since
/// most customers' primary group counts.
pub fn by_decider(conn: &mut PgConnection, groups: &[Uuid], without_groups: bool) -> Result<Vec<Cohort>> {
    #[derive(QueryableByName)]
    struct Decided {
        #[diesel(sql_type = Nullable<SqlUuid>)]
        group_id: Option<Uuid>,
        #[diesel(sql_type = BigInt)]
        customers: i64,
    }
    let rows: Vec<Decided> = sql_query(format!(
        "WITH asked AS (SELECT $1::uuid[] AS groups, $2::boolean AS without_groups), {REACHED},
         standing AS (SELECT id FROM groups WHERE deleted_at IS NULL AND status = 'active'),
         decided AS (
             SELECT coalesce(s.id, p.id, (
                        SELECT n.group_id FROM memberships n JOIN groups g ON g.id = n.group_id
                        WHERE n.customer_id = r.id AND g.deleted_at IS NULL AND g.status = 'active'
                        ORDER BY n.since, g.name LIMIT 1
                    )) AS group_id
             FROM reached r
             JOIN customers c ON c.id = r.id
             LEFT JOIN organizations o ON o.id = c.organization_id
             LEFT JOIN standing s ON s.id = o.group_id
             LEFT JOIN memberships m ON m.customer_id = r.id AND m.is_primary
             LEFT JOIN standing p ON p.id = m.group_id
         )
         SELECT group_id, count(*) AS customers FROM decided GROUP BY 1"
    ))
    .bind::<Array<SqlUuid>, _>(groups)
    .bind::<Bool, _>(without_groups)
    .load(conn)?;
    let cohort =
        |row: Decided| Cohort { organization: None, own: row.group_id.into_iter().collect(), customers: row.customers };
    Ok(rows.into_iter().map(cohort).collect())
}

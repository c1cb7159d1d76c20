//! Who a plan refuses, and why.

use crate::error::Result;
use crate::members::refusal::{Cause, Refusal, Refused};
use diesel::pg::PgConnection;
use diesel::sql_types::{BigInt, Integer, Nullable, SmallInt, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

#[derive(QueryableByName)]
struct RefusedRow {
    #[diesel(sql_type = SqlUuid)]
    customer_id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = SqlUuid)]
    group_id: Uuid,
    #[diesel(sql_type = Text)]
    group_name: String,
    #[diesel(sql_type = Nullable<Integer>)]
    capacity: Option<i32>,
    #[diesel(sql_type = SmallInt)]
    cause: i16,
}

/// The first `limit` who are refused, in the order of their bundles. Who falls with another wish isn't told again.
pub fn refused(conn: &mut PgConnection, limit: i64) -> Result<Vec<Refused>> {
    let rows: Vec<RefusedRow> = sql_query(
        "SELECT p.customer_id, coalesce(c.name, '') AS name, coalesce(c.code, '') AS code, p.group_id,
                coalesce(g.name, 'The group') AS group_name, g.capacity, p.cause
         FROM membership_plan p
         LEFT JOIN customers c ON c.id = p.customer_id
         LEFT JOIN groups g ON g.id = p.group_id
         WHERE p.cause <> 0 ORDER BY p.bundle, p.customer_id LIMIT $1",
    )
    .bind::<BigInt, _>(limit)
    .load(conn)?;
    let told = |row: RefusedRow| {
        let cause = Cause::of_number(row.cause)?;
        let refusal = Refusal { cause, group: row.group_name, capacity: row.capacity };
        Some(Refused { customer_id: row.customer_id, name: row.name, code: row.code, group_id: row.group_id, refusal })
    };
    Ok(rows.into_iter().filter_map(told).collect())
}

#[derive(QueryableByName)]
struct CauseRow {
    #[diesel(sql_type = SmallInt)]
    cause: i16,
    #[diesel(sql_type = Text)]
    group_name: String,
    #[diesel(sql_type = Nullable<Integer>)]
    capacity: Option<i32>,
    #[diesel(sql_type = BigInt)]
    customers: i64,
}

/// Why customers are refused, and how many for each cause and group, the most frequent first.
pub fn refused_by_cause(conn: &mut PgConnection) -> Result<Vec<(Refusal, i64)>> {
    let rows: Vec<CauseRow> = sql_query(
        "SELECT p.cause, coalesce(g.name, 'The group') AS group_name, g.capacity, p.customers
         FROM (SELECT cause, group_id, count(*) AS customers FROM membership_plan WHERE cause <> 0 GROUP BY 1, 2) p
         LEFT JOIN groups g ON g.id = p.group_id
         ORDER BY p.customers DESC, p.cause, g.name LIMIT 100",
    )
    .load(conn)?;
    let told = |row: CauseRow| {
        let cause = Cause::of_number(row.cause)?;
        Some((Refusal { cause, group: row.group_name, capacity: row.capacity }, row.customers))
    };
    Ok(rows.into_iter().filter_map(told).collect())
}

//! What a run would do: whom the rule matches against who is in the group. Found in one statement, kept for the
//! transaction, and turned into wishes for the members.

use super::compile::Compiled;
use super::sql::{Value, Values};
use crate::error::Result;
use crate::groups::group::GroupType;
use crate::groups::store::Group;
use crate::members::store::plan;
use crate::members::store::wish::COLUMNS;
use crate::rules::run::Tally;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

/// Empty after each transaction, and made once in a connection.
const TABLE: &str = r#"
    SET LOCAL client_min_messages = warning;
    CREATE TEMP TABLE IF NOT EXISTS rule_difference (customer_id uuid NOT NULL, change "char" NOT NULL) ON COMMIT DELETE ROWS;
    DELETE FROM rule_difference;
"#;

/// One row per customer who matches or is a member, with what becomes of the membership: `j`oins, is also by `r`ule
/// from now on, is by `h`and only, `l`eaves, or is refused for the `s`tatus; nothing where it stays as it is.
fn judged(compiled: &Compiled, values: &mut Values, group: &Group) -> String {
    let Compiled { from, people, people_of_memberships, matches, .. } = compiled;
    let id = values.place(Value::Id(group.id));
    // In an automatic group nobody is a member by hand.
    let (automatic, marks) = match group.kind() {
        GroupType::Automatic => ("true", "WHEN m.by_hand OR NOT m.by_rule THEN 'r'"),
        _ => ("false", "WHEN NOT m.by_rule THEN 'r'"),
    };
    format!(
        "SELECT coalesce(x.id, m.customer_id) AS customer_id, x.id IS NOT NULL AS matched,
                e.customer_id IS NOT NULL AS excluded,
                CASE WHEN x.id IS NOT NULL AND e.customer_id IS NULL THEN
                         CASE WHEN m.customer_id IS NULL THEN CASE x.status WHEN 'active' THEN 'j' ELSE 's' END {marks} END
                     WHEN m.customer_id IS NOT NULL THEN
                         CASE WHEN {automatic} OR NOT m.by_hand THEN 'l' WHEN m.by_rule THEN 'h' END
                END AS change
         FROM (SELECT c.id, c.status FROM {from} WHERE {people} AND {matches}) x
         FULL JOIN (SELECT m.customer_id, m.by_hand, m.by_rule FROM memberships m
                    WHERE m.group_id = {id} AND {people_of_memberships}) m ON m.customer_id = x.id
         LEFT JOIN membership_exclusions e ON e.group_id = {id} AND e.customer_id = coalesce(x.id, m.customer_id)"
    )
}

#[derive(QueryableByName)]
struct Counts {
    #[diesel(sql_type = BigInt)]
    matched: i64,
    #[diesel(sql_type = BigInt)]
    joins: i64,
    #[diesel(sql_type = BigInt)]
    leaves: i64,
    #[diesel(sql_type = BigInt)]
    refused: i64,
    #[diesel(sql_type = BigInt)]
    excluded: i64,
}

/// Finds the difference for a group, keeps it until the transaction ends, and tells what is in it. Who finds the group
/// full is only known when the members are planned.
pub fn find(conn: &mut PgConnection, compiled: &Compiled, group: &Group) -> Result<Tally> {
    conn.batch_execute(TABLE)?;
    let mut values = compiled.values.clone();
    let judged = judged(compiled, &mut values, group);
    let counts: Counts = values
        .query(&format!(
            "WITH judged AS MATERIALIZED ({judged}),
                  kept AS (INSERT INTO rule_difference SELECT customer_id, change FROM judged WHERE change <> 's')
             SELECT count(*) FILTER (WHERE matched) AS matched, count(*) FILTER (WHERE change = 'j') AS joins,
                    count(*) FILTER (WHERE change = 'l') AS leaves, count(*) FILTER (WHERE change = 's') AS refused,
                    count(*) FILTER (WHERE matched AND excluded) AS excluded
             FROM judged"
        ))
        .get_result(conn)?;
    Ok(Tally {
        matched: counts.matched,
        joined: counts.joins,
        left: counts.leaves,
        refused_capacity: 0,
        refused_status: counts.refused,
        excluded: counts.excluded,
    })
}

/// Wishes that the members become as the difference says.
pub fn wish(conn: &mut PgConnection, group: &Group) -> Result<usize> {
    let by_hand = (group.kind() == GroupType::Automatic).then_some(false);
    // The columns of wishes, in their order.
    debug_assert_eq!(COLUMNS.split(", ").count(), 7);
    let query = sql_query(
        "SELECT NULL::bigint, $1, customer_id, $2::boolean, change IN ('j', 'r'), false, false FROM rule_difference",
    )
    .bind::<SqlUuid, _>(group.id)
    .bind::<Nullable<Bool>, _>(by_hand);
    plan::wish_all(conn, query)
}

/// Keeps who would leave beside a held run.
pub fn keep_leaves(conn: &mut PgConnection, run: Uuid) -> Result<usize> {
    Ok(sql_query(
        "INSERT INTO rule_run_leaves (run_id, customer_id) SELECT $1, customer_id FROM rule_difference WHERE change = 'l'",
    )
    .bind::<SqlUuid, _>(run)
    .execute(conn)?)
}

/// Keeps these customers beside a held run: they would leave.
pub fn keep_these_leaves(conn: &mut PgConnection, run: Uuid, customers: &[Uuid]) -> Result<usize> {
    Ok(sql_query("INSERT INTO rule_run_leaves (run_id, customer_id) SELECT $1, c FROM unnest($2) c")
        .bind::<SqlUuid, _>(run)
        .bind::<Array<SqlUuid>, _>(customers)
        .execute(conn)?)
}

/// How many would leave who are not on the list of a held run.
pub fn leaves_beyond(conn: &mut PgConnection, run: Uuid) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        beyond: i64,
    }
    let row: Row = sql_query(
        "SELECT count(*) AS beyond FROM rule_difference d
         WHERE d.change = 'l'
           AND NOT EXISTS (SELECT FROM rule_run_leaves l WHERE l.run_id = $1 AND l.customer_id = d.customer_id)",
    )
    .bind::<SqlUuid, _>(run)
    .get_result(conn)?;
    Ok(row.beyond)
}

//! Who came and went, and what members owe.

use super::Scope;
use super::facts::members;
use crate::clock::day_begins;
use crate::db::composed::sql;
use crate::error::Result;
use crate::reports::economics::{Credit, Economics, Moved};
use crate::reports::period::Period;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// What a group's report says beside its figures: who came to the group itself and went, and what the members of the scope
/// owe against its credit limit.
pub fn economics(
    conn: &mut PgConnection,
    group: Uuid,
    scope: &Scope,
    period: Period,
    zone: Tz,
    limit: Option<i64>,
) -> Result<Economics> {
    let (begin, stop) = (day_begins(period.from, zone), day_begins(period.end(), zone));
    Ok(Economics { moved: moved(conn, group, begin, stop)?, credit: credit(conn, scope, limit)? })
}

/// Customers who are in a group since a stretch of time and weren't before, or the other way round, by the groups that
/// they left or joined meanwhile. Somebody who left two groups came from both.
fn moved(conn: &mut PgConnection, group: Uuid, begin: DateTime<Utc>, stop: DateTime<Utc>) -> Result<Vec<Moved>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        came: bool,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        other: Option<Uuid>,
        #[diesel(sql_type = Nullable<Text>)]
        name: Option<String>,
        #[diesel(sql_type = BigInt)]
        customers: i64,
    }
    let during = || sql("at >= ").instant(begin).sql(" AND at < ").instant(stop);
    let rows: Vec<Row> = sql(
        "WITH e AS (
             SELECT customer_id, group_id, sum(CASE kind WHEN 'joined' THEN 1 ELSE -1 END) AS net
             FROM membership_events
             WHERE customer_id IN (SELECT customer_id FROM membership_events WHERE group_id = ",
    )
    .id(group)
    .sql(" AND ")
    .then(during())
    .sql(") AND ")
    .then(during())
    .sql(
        " GROUP BY 1, 2 HAVING sum(CASE kind WHEN 'joined' THEN 1 ELSE -1 END) <> 0
         )
         SELECT h.net > 0 AS came, o.group_id AS other, g.name, count(*) AS customers
         FROM e h LEFT JOIN e o ON o.customer_id = h.customer_id AND o.group_id <> h.group_id AND sign(o.net) = -sign(h.net)
         LEFT JOIN groups g ON g.id = o.group_id
         WHERE h.group_id = ",
    )
    .id(group)
    .sql(" GROUP BY 1, 2, 3 ORDER BY customers DESC, g.name NULLS LAST LIMIT 40")
    .load(conn)?;
    let moved = |row: Row| Moved { came: row.came, other: row.other.zip(row.name), customers: row.customers };
    Ok(rows.into_iter().map(moved).collect())
}

/// What the members of a scope owe (SPEC 9, open balance), against a limit that each of them has.
fn credit(conn: &mut PgConnection, scope: &Scope, limit: Option<i64>) -> Result<Credit> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        owed: i64,
        #[diesel(sql_type = BigInt)]
        owing: i64,
        #[diesel(sql_type = BigInt)]
        over: i64,
    }
    let unpaid = "o.due_at IS NOT NULL AND o.paid_at IS NULL AND o.status <> 'cancelled'
                  AND o.currency = (SELECT currency FROM store_settings)";
    let each = match scope {
        Scope::Everyone => sql("SELECT o.customer_id, sum(o.net) AS owed FROM orders o WHERE "),
        Scope::Groups(_) => sql("SELECT o.customer_id, sum(o.net) AS owed FROM (")
            .then(members(std::slice::from_ref(scope)))
            .sql(") m JOIN orders o ON o.customer_id = m.customer_id WHERE "),
    };
    let row: Row = sql("SELECT coalesce(sum(owed), 0)::bigint AS owed, count(*) FILTER (WHERE owed > 0) AS owing,
                count(*) FILTER (WHERE owed > ")
    .number(limit.unwrap_or(i64::MAX))
    .sql(") AS over FROM (")
    .then(each)
    .sql(unpaid)
    .sql(" GROUP BY o.customer_id) b")
    .get_result(conn)?;
    Ok(Credit { owed: row.owed, owing: row.owing, limit, over: row.over })
}

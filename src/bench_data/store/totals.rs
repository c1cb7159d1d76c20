//! What surrounds the rows: the session's settings, the counts and roll-ups that are kept, and the proof of them.

use crate::bench_data::sizes::Sizes;
use crate::error::{Error, Result};
use crate::schema::audit_events;
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde_json::json;
use uuid::Uuid;

/// Readies the transaction: nobody else writes, memory for sorting, no wait for the disk at its end.
pub fn prepare(conn: &mut PgConnection) -> Result<()> {
    for statement in [
        "SET LOCAL maintenance_work_mem = '512MB'",
        "SET LOCAL work_mem = '256MB'",
        "SET LOCAL synchronous_commit = off",
    ] {
        diesel::sql_query(statement).execute(conn)?;
    }
    Ok(())
}

/// Counts what triggers would have counted: members of each group, customers, distinct customers in groups,
/// entries of each price list.
pub fn count(conn: &mut PgConnection) -> Result<()> {
    diesel::sql_query(
        "UPDATE groups g SET member_count = m.members
         FROM (SELECT group_id, count(*) AS members FROM memberships GROUP BY group_id) m WHERE m.group_id = g.id",
    )
    .execute(conn)?;
    diesel::sql_query(
        "UPDATE price_lists l SET entry_count = e.entries
         FROM (SELECT price_list_id, count(*) AS entries FROM price_list_entries GROUP BY price_list_id) e
         WHERE e.price_list_id = l.id",
    )
    .execute(conn)?;
    diesel::sql_query(
        "UPDATE store_totals SET customers = (SELECT count(*) FROM customers),
             grouped_customers = (SELECT count(DISTINCT customer_id) FROM memberships)",
    )
    .execute(conn)?;
    Ok(())
}

/// Rolls up the purchases.
pub fn roll_up(conn: &mut PgConnection) -> Result<()> {
    diesel::sql_query("ANALYZE orders").execute(conn)?;
    diesel::sql_query("SELECT rebuild_purchases()").execute(conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    what: String,
    #[diesel(sql_type = BigInt)]
    wanted: i64,
    #[diesel(sql_type = BigInt)]
    found: i64,
}

/// Proves what was written: every table as large as asked for, headers equal to their lines, counts and roll-ups equal
/// to what they were made from, one primary group for each customer in any.
///
/// # Errors
/// [`Error::Internal`], which names the first figure that is wrong.
pub fn check(conn: &mut PgConnection, sizes: &Sizes) -> Result<()> {
    let findings: Vec<Finding> = diesel::sql_query(
        "SELECT 'customers' AS what, $1 AS wanted, count(*) AS found FROM customers
         UNION ALL SELECT 'orders', $2, count(*) FROM orders
         UNION ALL SELECT 'memberships', $3, count(*) FROM memberships
         UNION ALL SELECT 'joins', $3, count(*) FROM membership_events
         UNION ALL SELECT 'entries', $4, count(*) FROM price_list_entries
         UNION ALL SELECT 'groups', $5, count(*) FROM groups WHERE parent_id IS NOT NULL
         UNION ALL SELECT 'members of groups', $3, sum(member_count)::bigint FROM groups
         UNION ALL SELECT 'primary groups', (SELECT grouped_customers FROM store_totals), count(*)
             FROM memberships WHERE is_primary
         UNION ALL (
             WITH totals AS (
                 SELECT order_id, count(*) AS lines, sum(quantity::bigint * unit_price) AS net,
                        sum(quantity::bigint * list_price) AS gross, sum(quantity::bigint * unit_cost) AS cost
                 FROM order_lines GROUP BY order_id
             ), compared AS (
                 SELECT sum(t.lines)::bigint AS lines,
                        count(*) FILTER (WHERE (t.net, t.gross, t.cost) IS DISTINCT FROM (o.net, o.gross, o.cost)) AS off
                 FROM orders o LEFT JOIN totals t ON t.order_id = o.id
             )
             SELECT what, wanted, found FROM compared
                 CROSS JOIN LATERAL (VALUES ('lines', $6, lines), ('orders unlike their lines', 0, off)) v (what, wanted, found)
         )
         UNION ALL SELECT 'net in ' || r.name, o.net, r.net
             FROM (SELECT sum(net)::bigint AS net FROM orders WHERE status = 'completed' AND currency = 'USD') o,
                  LATERAL (VALUES ('purchases', (SELECT sum(net)::bigint FROM customer_purchases)),
                                  ('running totals', (SELECT sum(net[cardinality(net)])::bigint FROM customer_running_totals)),
                                  ('store days', (SELECT sum(net)::bigint FROM store_days))) r (name, net)",
    )
    .bind::<BigInt, _>(sizes.customers as i64)
    .bind::<BigInt, _>(sizes.orders as i64)
    .bind::<BigInt, _>(sizes.memberships as i64)
    .bind::<BigInt, _>(sizes.entries as i64)
    .bind::<BigInt, _>(sizes.groups as i64)
    .bind::<BigInt, _>(sizes.lines as i64)
    .load(conn)?;
    match findings.into_iter().find(|finding| finding.wanted != finding.found) {
        Some(Finding { what, wanted, found }) => {
            Err(Error::internal(format!("the bench shop's {what} are {found}, not {wanted}")))
        }
        None => Ok(()),
    }
}

/// Says in the audit log that the bench shop was loaded, and how large it is.
pub fn note(conn: &mut PgConnection, sizes: &Sizes, now: DateTime<Utc>) -> Result<()> {
    let sizes = json!({
        "customers": sizes.customers, "orders": sizes.orders, "lines": sizes.lines, "groups": sizes.groups,
        "memberships": sizes.memberships, "products": sizes.products, "price_lists": sizes.price_lists,
        "entries": sizes.entries, "until": sizes.until,
    });
    diesel::insert_into(audit_events::table)
        .values((
            audit_events::id.eq(Uuid::now_v7()),
            audit_events::at.eq(now),
            audit_events::actor_kind.eq("command_line"),
            audit_events::actor_name.eq("clientele bench-data"),
            audit_events::action.eq("demo.loaded"),
            audit_events::subject_kind.eq("demo"),
            audit_events::subject_name.eq("Bench shop"),
            audit_events::after.eq(Some(sizes)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Tells the planner what is there, and which pages everybody sees, as PostgreSQL does by itself in time. Outside of
/// the transaction.
pub fn settle(conn: &mut PgConnection) -> Result<()> {
    diesel::sql_query("VACUUM (ANALYZE)").execute(conn)?;
    Ok(())
}

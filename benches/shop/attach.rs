//! A shop's call that puts 10,000 customers into a group, against the bare statements with the history rows.

use crate::bench::{Bench, Stage};
use crate::floors::Outcome;
use crate::table::Line;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use serde_json::json;
use std::time::Instant;
use uuid::Uuid;

/// As many as one call takes (SPEC 13); a small shop has fewer.
const CUSTOMERS: i64 = 10_000;
/// How often each is done.
const ROUNDS: usize = 3;

/// Ours and the bare statements in turns, each with customers and a group of its own.
pub fn measure(bench: &mut Bench, stage: &mut Stage<'_>) -> Outcome<()> {
    let (mut took, mut least, mut attached) = (Vec::new(), Vec::new(), 0);
    for round in 0..ROUNDS * 2 {
        let (group, customers) = (new_group(&mut stage.conn)?, customers(&mut stage.conn, round)?);
        let begun = Instant::now();
        if round % 2 == 0 {
            let path = format!("/admin/pricing/customer-groups/{group}");
            let answer = stage.browser.api_patch(&path, &stage.visitor.token, &json!({"customerIds": customers}))?;
            took.push(begun.elapsed().as_secs_f64());
            attached = customers.len();
            if answer["memberCount"] != attached {
                return Err(format!("not all were attached: {answer}").into());
            }
        } else {
            stage.conn.transaction(|conn| bare(conn, group, &customers))?;
            least.push(begun.elapsed().as_secs_f64());
        }
        forget(&mut stage.conn, group)?;
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let (ours, floor) = (median(&mut took), median(&mut least));
    bench.add(Line {
        scenario: format!("API: {attached} customers attached in one call"),
        ours: format!("{:.0} ms", ours * 1e3),
        floor: format!("{:.0} ms", floor * 1e3),
        ratio: format!("{:.1} ×", ours / floor),
        goal: "≤ 2 ×".into(),
        met: Some(ours / floor <= 2.0),
        ..Line::default()
    });
    Ok(())
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

fn new_group(conn: &mut PgConnection) -> Outcome<Uuid> {
    let id = Uuid::now_v7();
    diesel::sql_query(
        "INSERT INTO groups (id, code, name, parent_id)
         VALUES ($1, 'BENCH-ATTACH', 'Bench attach', '01900000-0000-7000-8000-000000000000')",
    )
    .bind::<SqlUuid, _>(id)
    .execute(conn)?;
    Ok(id)
}

/// Active customers, others in each round.
fn customers(conn: &mut PgConnection, round: usize) -> Outcome<Vec<Uuid>> {
    let rows: Vec<Id> =
        diesel::sql_query("SELECT id FROM customers WHERE status = 'active' ORDER BY id LIMIT $1 OFFSET $2")
            .bind::<BigInt, _>(CUSTOMERS)
            .bind::<BigInt, _>(CUSTOMERS * i64::try_from(round)?)
            .load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

fn bare(conn: &mut PgConnection, group: Uuid, customers: &[Uuid]) -> Outcome<()> {
    diesel::sql_query(
        "INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule, is_primary)
         SELECT $1, c.id, now(), true, false,
                NOT EXISTS (SELECT FROM memberships m WHERE m.customer_id = c.id AND m.is_primary)
         FROM customers c WHERE c.id = ANY ($2) AND c.status = 'active'",
    )
    .bind::<SqlUuid, _>(group)
    .bind::<Array<SqlUuid>, _>(customers)
    .execute(conn)?;
    diesel::sql_query(
        "INSERT INTO membership_events (id, at, group_id, customer_id, kind, assignment, actor_kind, actor_name)
         SELECT uuid_v7(), now(), $1, c.id, 'joined', 'manual', 'user', 'Bench' FROM customers c WHERE c.id = ANY ($2)",
    )
    .bind::<SqlUuid, _>(group)
    .bind::<Array<SqlUuid>, _>(customers)
    .execute(conn)?;
    Ok(())
}

/// The shop is as it was, but for the history.
fn forget(conn: &mut PgConnection, group: Uuid) -> Outcome<()> {
    diesel::sql_query("DELETE FROM memberships WHERE group_id = $1").bind::<SqlUuid, _>(group).execute(conn)?;
    diesel::sql_query("UPDATE groups SET deleted_at = now() WHERE id = $1").bind::<SqlUuid, _>(group).execute(conn)?;
    Ok(())
}

//! Undoing a change: each membership becomes what it was before, unless it is no longer what the change left.

use super::plan::UNKNOWN_TO_THE_PLANNER;
use super::write::Change;
use crate::error::Result;
use crate::groups::store::standing::elected;
use crate::members::refusal::{Cause, MOST_GROUPS};
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};
use uuid::Uuid;

/// What the memberships that a change touched were before it, and what it left of them. Wishes and plan are of no use
/// here: what comes back has its old date, and nothing is decided anew.
const TABLE: &str = r#"
    CREATE TEMP TABLE IF NOT EXISTS membership_undo (
        group_id uuid NOT NULL, customer_id uuid NOT NULL,
        was_since timestamptz, was_by_hand boolean NOT NULL, was_by_rule boolean NOT NULL, was_primary boolean NOT NULL,
        is_since timestamptz, is_by_hand boolean NOT NULL, is_by_rule boolean NOT NULL, is_primary boolean NOT NULL,
        cause smallint
    ) ON COMMIT DELETE ROWS;
    DELETE FROM membership_undo;
"#;

/// Prepares the undoing of a batch, after [`super::plan::begin`]: locks what it touched, and puts into the plan's table
/// what will be done and who is refused, so that [`super::batch::outcome`] tells it as of any change.
pub fn prepare(conn: &mut PgConnection, batch: Uuid) -> Result<()> {
    conn.batch_execute(TABLE)?;
    let touched = sql_query(
        "INSERT INTO membership_undo
         SELECT f.group_id, f.customer_id, f.was_since, f.was_by_hand, f.was_by_rule, f.was_primary,
                l.is_since, l.is_by_hand, l.is_by_rule, l.is_primary
         FROM (SELECT DISTINCT ON (group_id, customer_id) * FROM membership_batch_steps WHERE batch_id = $1
               ORDER BY group_id, customer_id, id) f
         JOIN (SELECT DISTINCT ON (group_id, customer_id) * FROM membership_batch_steps WHERE batch_id = $1
               ORDER BY group_id, customer_id, id DESC) l USING (group_id, customer_id)",
    )
    .bind::<SqlUuid, _>(batch)
    .execute(conn)?;
    if touched > UNKNOWN_TO_THE_PLANNER {
        conn.batch_execute("ANALYZE membership_undo")?;
    }
    for table in ["groups", "customers"] {
        let id = table.trim_end_matches('s');
        sql_query(format!(
            "SELECT count(*) FROM (
                 SELECT FROM {table} WHERE id IN (SELECT {id}_id FROM membership_undo) ORDER BY id FOR NO KEY UPDATE
             ) t"
        ))
        .execute(conn)?;
    }
    judge(conn)?;
    plan(conn)
}

fn judge(conn: &mut PgConnection) -> Result<()> {
    use Cause::*;
    sql_query(format!(
        "UPDATE membership_undo u SET cause = j.cause
         FROM (
             SELECT u.group_id, u.customer_id,
                    CASE WHEN c.id IS NULL THEN {unknown}
                         WHEN g.deleted_at IS NOT NULL THEN {gone}
                         WHEN (m.since, coalesce(m.by_hand, false), coalesce(m.by_rule, false), coalesce(m.is_primary, false))
                              IS DISTINCT FROM (u.is_since, u.is_by_hand, u.is_by_rule, u.is_primary) THEN {changed}
                         WHEN u.was_by_hand AND NOT u.is_by_hand AND g.type = 'automatic' THEN {automatic}
                         -- Another group became the primary one since.
                         WHEN u.was_primary AND p.group_id IS NOT NULL AND NOT EXISTS (
                             SELECT FROM membership_undo o WHERE o.group_id = p.group_id AND o.customer_id = u.customer_id
                         ) THEN {changed}
                    END AS cause
             FROM membership_undo u
             JOIN groups g ON g.id = u.group_id
             LEFT JOIN customers c ON c.id = u.customer_id
             LEFT JOIN LATERAL (
                 SELECT * FROM memberships m WHERE m.group_id = u.group_id AND m.customer_id = u.customer_id OFFSET 0
             ) m ON true
             LEFT JOIN memberships p ON p.customer_id = u.customer_id AND p.is_primary
         ) j
         WHERE j.cause IS NOT NULL AND u.group_id = j.group_id AND u.customer_id = j.customer_id",
        unknown = UnknownCustomer.number(),
        gone = GroupGone.number(),
        changed = ChangedSince.number(),
        automatic = Automatic.number(),
    ))
    .execute(conn)?;
    drop_customers(conn)?;
    while refuse_full(conn)? + refuse_too_many(conn)? > 0 {
        drop_customers(conn)?;
    }
    Ok(())
}

/// All of a customer is undone, or nothing.
fn drop_customers(conn: &mut PgConnection) -> Result<usize> {
    Ok(sql_query(
        "UPDATE membership_undo SET cause = 0
         WHERE cause IS NULL AND customer_id IN (SELECT customer_id FROM membership_undo WHERE cause IS NOT NULL)",
    )
    .execute(conn)?)
}

/// Of those who come back to a group with a capacity, the ones beyond its free places; the longest-standing come first.
fn refuse_full(conn: &mut PgConnection) -> Result<usize> {
    Ok(sql_query(format!(
        "UPDATE membership_undo u SET cause = {full}
         FROM (
             SELECT b.group_id, b.customer_id, g.capacity, g.member_count,
                    row_number() OVER (PARTITION BY b.group_id ORDER BY b.was_since, b.customer_id) AS turn
             FROM membership_undo b JOIN groups g ON g.id = b.group_id AND g.capacity IS NOT NULL
             WHERE b.cause IS NULL AND b.was_since IS NOT NULL AND b.is_since IS NULL
         ) n
         LEFT JOIN (
             SELECT group_id, count(*) AS gone FROM membership_undo
             WHERE cause IS NULL AND was_since IS NULL AND is_since IS NOT NULL GROUP BY group_id
         ) l ON l.group_id = n.group_id
         WHERE u.group_id = n.group_id AND u.customer_id = n.customer_id
           AND n.member_count - coalesce(l.gone, 0) + n.turn > n.capacity",
        full = Cause::Full.number()
    ))
    .execute(conn)?)
}

fn refuse_too_many(conn: &mut PgConnection) -> Result<usize> {
    Ok(sql_query(format!(
        "UPDATE membership_undo u SET cause = {too_many}
         FROM (
             SELECT customer_id, count(*) FILTER (WHERE is_since IS NULL) - count(*) FILTER (WHERE was_since IS NULL) AS more
             FROM membership_undo WHERE cause IS NULL GROUP BY customer_id
         ) n
         WHERE n.more > 0 AND u.customer_id = n.customer_id AND u.was_since IS NOT NULL AND u.is_since IS NULL
           AND (SELECT count(*) FROM memberships m WHERE m.customer_id = n.customer_id) + n.more > $1",
        too_many = Cause::TooManyGroups.number()
    ))
    .bind::<BigInt, _>(MOST_GROUPS)
    .execute(conn)?)
}

/// The undoing as a plan: what is told, and the history, come from there.
fn plan(conn: &mut PgConnection) -> Result<()> {
    sql_query(
        "INSERT INTO membership_plan
         SELECT NULL, group_id, customer_id, is_since, is_by_hand, is_by_rule, is_primary, was_by_hand, was_by_rule, false,
                false, false,
                CASE WHEN was_since IS NULL AND is_since IS NULL THEN '-' WHEN was_since IS NULL THEN 'l'
                     WHEN is_since IS NULL THEN 'j' ELSE 'm' END,
                cause
         FROM membership_undo",
    )
    .execute(conn)?;
    Ok(())
}

/// Puts back what was prepared. Exclusions that the batch made are lifted.
pub fn write(conn: &mut PgConnection, batch: Uuid, change: &Change<'_>) -> Result<()> {
    let on = "u.cause IS NULL AND m.group_id = u.group_id AND m.customer_id = u.customer_id";
    for statement in [
        format!("DELETE FROM memberships m USING membership_undo u WHERE {on} AND u.was_since IS NULL"),
        // A customer never has two primary groups: the mark goes before it comes.
        format!(
            "UPDATE memberships m SET by_hand = u.was_by_hand, by_rule = u.was_by_rule,
                                      is_primary = m.is_primary AND u.was_primary
             FROM membership_undo u WHERE {on} AND u.was_since IS NOT NULL AND u.is_since IS NOT NULL"
        ),
        "INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule, is_primary)
         SELECT group_id, customer_id, was_since, was_by_hand, was_by_rule, was_primary FROM membership_undo
         WHERE cause IS NULL AND was_since IS NOT NULL AND is_since IS NULL"
            .to_owned(),
        format!(
            "UPDATE memberships m SET is_primary = true FROM membership_undo u
             WHERE {on} AND u.was_primary AND u.is_since IS NOT NULL AND NOT m.is_primary"
        ),
        // Who joined another group since may be without a primary one now.
        format!(
            "UPDATE memberships m SET is_primary = true FROM ({}) e
             WHERE m.customer_id = e.customer_id AND m.group_id = e.group_id",
            elected(
                "SELECT customer_id, group_id FROM membership_undo WHERE cause IS NULL AND is_primary AND NOT was_primary"
            )
        ),
    ] {
        sql_query(statement).execute(conn)?;
    }
    sql_query(
        "DELETE FROM membership_exclusions e USING membership_undo u
         WHERE e.batch_id = $1 AND u.cause IS NULL AND e.group_id = u.group_id AND e.customer_id = u.customer_id",
    )
    .bind::<SqlUuid, _>(batch)
    .execute(conn)?;
    super::write::tell(conn, change, false)?;
    sql_query("UPDATE membership_batches SET undone_at = $1 WHERE id = $2")
        .bind::<Timestamptz, _>(change.now)
        .bind::<SqlUuid, _>(batch)
        .execute(conn)?;
    Ok(())
}

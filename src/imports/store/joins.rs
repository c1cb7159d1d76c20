//! Customers joining and leaving groups by hand, as a set: refusals, capacity, history, primary groups (SPEC 4).

use super::{Job, number, run, staging};
use crate::audit::event::actor_columns;
use crate::error::Result;
use diesel::pg::PgConnection;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};

/// Most groups that a customer can be in (SPEC 15).
const MOST_GROUPS: i64 = 500;

/// Makes the empty tables of joins and leaves. `import_joins` gets a row for each membership by hand that the file
/// asks for and that isn't there: `is_new` where there is none at all, otherwise one by rule becomes one by hand too.
/// `status` is the customer's as it will be. `place` orders joins of one instant: the first becomes primary.
pub(super) fn prepare(conn: &mut PgConnection) -> Result<()> {
    staging::temporary(
        conn,
        "import_joins",
        "row bigint, column_name text, customer_id uuid, status text, group_id uuid, since timestamptz, place integer,
         is_new boolean",
    )?;
    staging::temporary(conn, "import_leaves", "row bigint, customer_id uuid, group_id uuid")
}

/// Finds the joins that SPEC 4 refuses. Rows with problems lose all their joins and leaves.
pub(super) fn refuse(conn: &mut PgConnection) -> Result<()> {
    run(conn, "CREATE INDEX ON import_joins (customer_id)")?;
    staging::analyze(conn, "import_joins")?;
    staging::analyze(conn, "import_leaves")?;
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT j.row, NULL, j.column_name, 'names an automatic group',
                format('names %s, an automatic group: its members come by rule, not by hand', g.name)
         FROM import_joins j JOIN groups g ON g.id = j.group_id WHERE g.type = 'automatic'",
    )?;
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT j.row, NULL, j.column_name, 'the customer is ' || j.status,
                format('can''t be joined: the customer is %s. Make the customer active first', j.status)
         FROM import_joins j WHERE j.status <> 'active'",
    )?;
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT j.row, NULL, j.column_name, 'the customer is excluded',
                format('the customer is excluded from %s: lift the exclusion first', g.name)
         FROM import_joins j
         JOIN membership_exclusions e ON e.group_id = j.group_id AND e.customer_id = j.customer_id
         JOIN groups g ON g.id = j.group_id",
    )?;
    forget_bad_rows(conn)?;
    // Who is refused doesn't leave other groups either, which may fill those again: until nobody more is refused.
    while find_full(conn)? + find_too_many(conn)? > 0 {
        forget_bad_rows(conn)?;
    }
    Ok(())
}

fn forget_bad_rows(conn: &mut PgConnection) -> Result<()> {
    super::problems::drop_from(conn, "import_joins")?;
    super::problems::drop_from(conn, "import_leaves")
}

/// Of the joins to a group with a capacity, those beyond its free places, in the file's order.
fn find_full(conn: &mut PgConnection) -> Result<usize> {
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT n.row, NULL, n.column_name, 'the group is full',
                format('the group %s is full (capacity %s): raise its capacity or remove members first', g.name, g.capacity)
         FROM (SELECT row, column_name, group_id, row_number() OVER (PARTITION BY group_id ORDER BY row) AS turn
               FROM import_joins WHERE is_new) n
         JOIN groups g ON g.id = n.group_id
         LEFT JOIN (SELECT group_id, count(*) AS gone FROM import_leaves GROUP BY group_id) l ON l.group_id = g.id
         WHERE g.capacity IS NOT NULL AND g.member_count - coalesce(l.gone, 0) + n.turn > g.capacity",
    )
}

fn find_too_many(conn: &mut PgConnection) -> Result<usize> {
    run(
        conn,
        &format!(
            "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
             SELECT DISTINCT j.row, NULL, j.column_name, 'the customer is in too many groups',
                    'the customer would be in more than {MOST_GROUPS} groups'
             FROM import_joins j
             JOIN (
                 SELECT n.customer_id, count(*)
                        + (SELECT count(*) FROM memberships m WHERE m.customer_id = n.customer_id)
                        - (SELECT count(*) FROM import_leaves l WHERE l.customer_id = n.customer_id) AS total
                 FROM import_joins n WHERE n.is_new GROUP BY n.customer_id
                 HAVING count(*) + (SELECT count(*) FROM memberships m WHERE m.customer_id = n.customer_id)
                        > {MOST_GROUPS}
             ) t ON t.customer_id = j.customer_id AND t.total > {MOST_GROUPS}"
        ),
    )
}

/// How many join and leave.
pub(super) fn counts(conn: &mut PgConnection) -> Result<(i64, i64)> {
    Ok((
        number(conn, "SELECT count(*) AS number FROM import_joins WHERE is_new")?,
        number(conn, "SELECT count(*) AS number FROM import_leaves")?,
    ))
}

/// Writes joins and leaves with their history. The groups are locked by now.
pub(super) fn write(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    run(
        conn,
        "SELECT id FROM customers WHERE id IN (SELECT customer_id FROM import_joins UNION SELECT customer_id FROM import_leaves)
         ORDER BY id FOR NO KEY UPDATE",
    )?;
    run(
        conn,
        "DELETE FROM memberships m USING import_leaves l WHERE m.group_id = l.group_id AND m.customer_id = l.customer_id",
    )?;
    run(
        conn,
        "UPDATE memberships m SET by_hand = true FROM import_joins j
         WHERE m.group_id = j.group_id AND m.customer_id = j.customer_id AND NOT j.is_new",
    )?;
    // Who was in no group gets the primary one right away: the one joined first, of one instant the one named first.
    run(
        conn,
        "INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule, is_primary)
         SELECT j.group_id, j.customer_id, j.since, true, false,
                row_number() OVER (PARTITION BY j.customer_id ORDER BY j.since, j.place, g.name) = 1
                    AND NOT EXISTS (SELECT FROM memberships o WHERE o.customer_id = j.customer_id)
         FROM import_joins j JOIN groups g ON g.id = j.group_id
         WHERE j.is_new ORDER BY j.group_id, j.row",
    )?;
    let joined = number(conn, "SELECT count(*) AS number FROM import_joins WHERE is_new")?;
    staging::analyze_grown(conn, &["memberships"], joined)?;
    let (_, actor_id, actor_name) = actor_columns(job.actor);
    sql_query(
        "INSERT INTO membership_events (id, at, group_id, customer_id, kind, assignment, actor_kind, actor_id, actor_name,
                                        reason, batch_id)
         SELECT uuid_v7(), $1, group_id, customer_id, kind, 'manual', 'import', $2, $3, '', $4
         FROM (SELECT row, group_id, customer_id, 'left' AS kind FROM import_leaves
               UNION ALL
               SELECT row, group_id, customer_id, 'joined' FROM import_joins WHERE is_new) e
         ORDER BY row",
    )
    .bind::<Timestamptz, _>(job.now)
    .bind::<Nullable<SqlUuid>, _>(actor_id)
    .bind::<Text, _>(actor_name)
    .bind::<SqlUuid, _>(job.id)
    .execute(conn)?;
    Ok(())
}

/// Gives the customers who joined or left, and have no primary group, their longest-standing one (ties: the one named
/// first in the file, then by name).
pub(super) fn elect_primaries(conn: &mut PgConnection) -> Result<()> {
    run(
        conn,
        "UPDATE memberships m SET is_primary = true
         FROM (
             SELECT DISTINCT ON (m.customer_id) m.customer_id, m.group_id
             FROM (SELECT customer_id FROM import_joins UNION SELECT customer_id FROM import_leaves) t
             JOIN memberships m ON m.customer_id = t.customer_id
             JOIN groups g ON g.id = m.group_id AND g.deleted_at IS NULL
             LEFT JOIN import_joins j ON j.customer_id = m.customer_id AND j.group_id = m.group_id
             WHERE NOT EXISTS (SELECT FROM memberships o WHERE o.customer_id = t.customer_id AND o.is_primary)
             ORDER BY m.customer_id, m.since, j.place NULLS FIRST, g.name
         ) first
         WHERE m.customer_id = first.customer_id AND m.group_id = first.group_id",
    )?;
    Ok(())
}

//! Customers joining and leaving groups by hand, as a set: refusals, capacity, history, primary groups (SPEC 4).

use super::{Job, number, run, staging};
use crate::error::Result;
use crate::groups::store::hold_tree;
use crate::groups::store::standing::elected;
use crate::members::refusal::MOST_GROUPS;
use crate::members::store::plan::{self, Counts};
use crate::members::store::write::{self as members, Change};
use diesel::pg::PgConnection;

/// Holds other writers of memberships off, before any group is locked: in the order in which everybody does.
/// `makes_groups`: groups may be made later in this transaction.
pub(super) fn begin(conn: &mut PgConnection, makes_groups: bool) -> Result<()> {
    if makes_groups {
        hold_tree(conn)?;
    }
    plan::begin(conn)
}

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

/// Writes joins and leaves with their history, as [`crate::members::store`] writes them for everybody. The groups are
/// locked by now.
pub(super) fn write(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    run(
        conn,
        "SELECT count(*) FROM (
             SELECT FROM customers
             WHERE id IN (SELECT customer_id FROM import_joins UNION SELECT customer_id FROM import_leaves)
             ORDER BY id FOR NO KEY UPDATE
         ) c",
    )?;
    let leaves = run(
        conn,
        "INSERT INTO membership_plan
         SELECT l.row, l.group_id, l.customer_id, m.since, m.by_hand, m.by_rule, m.is_primary, false, false, false, false,
                false, 'l'
         FROM import_leaves l JOIN memberships m ON m.group_id = l.group_id AND m.customer_id = l.customer_id",
    )?;
    // Who stays in another group has, or gets, that one as the primary one.
    let joins = run(
        conn,
        "INSERT INTO membership_plan
         SELECT j.place, j.group_id, j.customer_id, NULL, false, false, false, true, false, false, false,
                EXISTS (SELECT FROM memberships o WHERE o.customer_id = j.customer_id
                            AND NOT EXISTS (SELECT FROM import_leaves l
                                            WHERE l.group_id = o.group_id AND l.customer_id = o.customer_id)),
                'j', NULL, j.since
         FROM import_joins j WHERE j.is_new",
    )?;
    let marked = run(
        conn,
        "INSERT INTO membership_plan
         SELECT j.row, j.group_id, j.customer_id, m.since, m.by_hand, m.by_rule, m.is_primary, true, m.by_rule, false,
                false, true, 'm'
         FROM import_joins j JOIN memberships m ON m.group_id = j.group_id AND m.customer_id = j.customer_id
         WHERE NOT j.is_new",
    )?;
    let number = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
    let counts = Counts { joins: number(joins), leaves: number(leaves), marked: number(marked), ..Counts::default() };
    let change = Change { actor_kind: "import", ..Change::by(job.actor, job.id, "", job.now) };
    members::write(conn, &change, &counts)?;
    staging::analyze_grown(conn, &["memberships"], counts.joins)
}

/// Gives the customers who joined or left, and have no primary group, their longest-standing one (ties: group name).
pub(super) fn elect_primaries(conn: &mut PgConnection) -> Result<()> {
    // Whichever group they joined or left, all that they are in now can be it.
    let customers = "SELECT customer_id, '00000000-0000-0000-0000-000000000000'::uuid AS group_id
                     FROM (SELECT customer_id FROM import_joins UNION SELECT customer_id FROM import_leaves) t";
    run(
        conn,
        &format!(
            "UPDATE memberships m SET is_primary = true FROM ({}) first
             WHERE m.customer_id = first.customer_id AND m.group_id = first.group_id",
            elected(customers)
        ),
    )?;
    Ok(())
}

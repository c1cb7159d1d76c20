//! Price lists of groups, with their priorities (SPEC 6).

use super::{Counts, Job, history, planned, problems, run, staging};
use crate::error::Result;
use diesel::pg::PgConnection;
use diesel::sql_types::Timestamptz;
use diesel::{RunQueryDsl, sql_query};

pub(super) fn check(conn: &mut PgConnection) -> Result<()> {
    run(
        conn,
        "SELECT id FROM groups WHERE deleted_at IS NULL AND code IN (SELECT group_code FROM import_group_price_lists)
         ORDER BY id FOR UPDATE",
    )?;
    problems::find_repeated(conn, "import_group_price_lists", "group_code, price_list_code", "price_list_code")?;
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT s.row, NULL, 'group_code',
                CASE WHEN g.id IS NULL THEN 'names an unknown group' ELSE 'names All Customers' END,
                CASE WHEN g.id IS NULL THEN format('names “%s”, but there is no such group', s.group_code)
                     ELSE 'names All Customers, which has no price lists: without a group, base prices hold' END
         FROM import_group_price_lists s LEFT JOIN groups g ON g.code = s.group_code AND g.deleted_at IS NULL
         WHERE g.id IS NULL OR g.parent_id IS NULL",
    )?;
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT s.row, NULL, 'price_list_code', 'names an unknown price list',
                format('names “%s”, but there is no such price list', s.price_list_code)
         FROM import_group_price_lists s LEFT JOIN price_lists l ON l.code = s.price_list_code WHERE l.id IS NULL",
    )?;
    problems::drop_from(conn, "import_group_price_lists")?;
    plan(conn)
}

/// A row without a priority keeps that of a known assignment; new ones get the next of 1, 10, 100 … after the
/// highest that the group has, in the file's order.
fn plan(conn: &mut PgConnection) -> Result<()> {
    staging::temporary(
        conn,
        "import_assignment_plan",
        "row bigint, group_id uuid, price_list_id uuid, priority integer, is_new boolean, is_changed boolean",
    )?;
    run(
        conn,
        "INSERT INTO import_assignment_plan
         SELECT row, group_id, price_list_id, priority, is_new, is_new OR priority <> old_priority
         FROM (
             SELECT s.row, s.group_id, s.price_list_id, s.old_priority, s.old_priority IS NULL AS is_new,
                    coalesce(s.priority, s.old_priority,
                             (10 ^ least(9, coalesce(length(h.highest::text), 0) + s.turn - 1))::integer) AS priority
             FROM (
                 SELECT s.row, g.id AS group_id, l.id AS price_list_id, s.priority, a.priority AS old_priority,
                        row_number() OVER (PARTITION BY g.id, s.priority IS NULL AND a.priority IS NULL
                                           ORDER BY s.row) AS turn
                 FROM import_group_price_lists s
                 JOIN groups g ON g.code = s.group_code AND g.deleted_at IS NULL
                 JOIN price_lists l ON l.code = s.price_list_code
                 LEFT JOIN group_price_lists a ON a.group_id = g.id AND a.price_list_id = l.id
             ) s
             LEFT JOIN (
                 SELECT group_id, max(priority) AS highest
                 FROM (SELECT group_id, priority FROM group_price_lists
                       UNION ALL
                       SELECT g.id, s.priority FROM import_group_price_lists s
                       JOIN groups g ON g.code = s.group_code AND g.deleted_at IS NULL
                       WHERE s.priority IS NOT NULL) p
                 GROUP BY group_id
             ) h ON h.group_id = s.group_id
         ) n",
    )?;
    staging::analyze(conn, "import_assignment_plan")
}

pub(super) fn counts(conn: &mut PgConnection) -> Result<Counts> {
    planned(conn, "import_assignment_plan")
}

pub(super) fn merge(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    staging::temporary(conn, "import_audited", "id uuid")?;
    run(conn, "INSERT INTO import_audited SELECT DISTINCT group_id FROM import_assignment_plan WHERE is_changed")?;
    history::note(conn)?;
    run(
        conn,
        "INSERT INTO group_price_lists (group_id, price_list_id, priority)
         SELECT group_id, price_list_id, priority FROM import_assignment_plan WHERE is_changed ORDER BY row
         ON CONFLICT (group_id, price_list_id) DO UPDATE SET priority = excluded.priority",
    )?;
    // Assigning a list to a group whose method is "none" makes it "price lists" (SPEC 6).
    run(
        conn,
        "INSERT INTO group_pricing (group_id, method)
         SELECT DISTINCT group_id, 'price_lists' FROM import_assignment_plan WHERE is_new
         ON CONFLICT (group_id) DO UPDATE SET method = 'price_lists'
         WHERE group_pricing.method IS NULL OR group_pricing.method = 'none'",
    )?;
    sql_query("UPDATE groups g SET version = g.version + 1, updated_at = $1 FROM import_audited a WHERE g.id = a.id")
        .bind::<Timestamptz, _>(job.now)
        .execute(conn)?;
    history::record(conn, job)
}

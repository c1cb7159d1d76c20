//! Groups: new ones and changes of known ones, their tree included (SPEC 3).

use super::{Counts, Job, find_beyond, history, planned, problems, run, staging, tree};
use crate::auth::role::Permission;
use crate::error::Result;
use crate::groups::group::{MAX_DEPTH, ROOT_ID};
use diesel::pg::PgConnection;
use diesel::sql_types::{Array, Bool, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};

/// Most live groups (SPEC 15).
pub(super) const MOST_GROUPS: i64 = 10_000;

pub(super) fn check(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    lock(conn)?;
    problems::find_repeated(conn, "import_groups", "code", "code")?;
    problems::find_repeated(conn, "import_groups", "lower(name)", "name")?;
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT row, code, 'code', 'is All Customers',
                'is All Customers, which the program makes and which no file changes: leave the row out'
         FROM import_groups WHERE code = 'ALL'",
    )?;
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT s.row, s.code, 'name', 'is taken by another group',
                format('is taken by the group %s: rename that one first', g.code)
         FROM import_groups s JOIN groups g ON lower(g.name) = lower(s.name) AND g.deleted_at IS NULL
         WHERE g.code <> s.code",
    )?;
    problems::drop_from(conn, "import_groups")?;
    plan(conn, job)?;
    find_forbidden(conn, job)?;
    let live = "SELECT count(*) AS number FROM groups WHERE deleted_at IS NULL";
    find_beyond(conn, "import_group_plan", live, MOST_GROUPS, "groups")?;
    tree::prepare(conn)?;
    run(
        conn,
        "INSERT INTO import_tree (code, parent_code, old_parent_code, row, is_stored)
         SELECT coalesce(n.code, g.code), CASE WHEN n.row IS NULL THEN p.code ELSE n.parent_code END,
                p.code, n.row, g.id IS NOT NULL
         FROM (SELECT * FROM groups WHERE deleted_at IS NULL) g
         LEFT JOIN groups p ON p.id = g.parent_id
         FULL JOIN import_group_plan n ON n.id = g.id",
    )?;
    tree::settle(conn, "group", i32::try_from(MAX_DEPTH).unwrap_or(i32::MAX))?;
    problems::drop_from(conn, "import_group_plan")
}

/// The groups of the file and their parents, which mustn't be deleted meanwhile, then the tree: in this order the
/// console's actions lock as well.
fn lock(conn: &mut PgConnection) -> Result<()> {
    run(
        conn,
        "SELECT id FROM groups
         WHERE deleted_at IS NULL AND code IN (SELECT code FROM import_groups UNION SELECT parent_code FROM import_groups)
         ORDER BY id FOR UPDATE",
    )?;
    run(conn, "SELECT pg_advisory_xact_lock(7300001)")?;
    Ok(())
}

fn plan(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    staging::temporary(
        conn,
        "import_group_plan",
        "row bigint, id uuid, is_new boolean, is_changed boolean, is_moved boolean, code text, name text,
         parent_code text, type text, status text, description text, old_type text, old_status text",
    )?;
    sql_query(
        "INSERT INTO import_group_plan
         SELECT row, id, is_new,
                is_new OR (name, parent_code, type, status, description)
                    IS DISTINCT FROM (old_name, old_parent_code, old_type, old_status, old_description),
                NOT is_new AND parent_code <> old_parent_code,
                code, name, parent_code, type, status, description, old_type, old_status
         FROM (
             SELECT s.row, coalesce(g.id, uuid_v7()) AS id, g.id IS NULL AS is_new, s.code, s.name,
                    CASE WHEN 'parent_code' = ANY ($1) OR g.id IS NULL THEN coalesce(s.parent_code, 'ALL')
                         ELSE p.code END AS parent_code,
                    CASE WHEN 'type' = ANY ($1) OR g.id IS NULL THEN coalesce(s.type, 'manual')
                         ELSE g.type END AS type,
                    CASE WHEN 'status' = ANY ($1) OR g.id IS NULL THEN coalesce(s.status, 'active')
                         ELSE g.status END AS status,
                    CASE WHEN 'description' = ANY ($1) OR g.id IS NULL THEN coalesce(s.description, '')
                         ELSE g.description END AS description,
                    g.name AS old_name, p.code AS old_parent_code, g.type AS old_type, g.status AS old_status,
                    g.description AS old_description
             FROM import_groups s
             LEFT JOIN groups g ON g.code = s.code AND g.deleted_at IS NULL
             LEFT JOIN groups p ON p.id = g.parent_id
         ) n",
    )
    .bind::<Array<Text>, _>(job.present)
    .execute(conn)?;
    staging::analyze(conn, "import_group_plan")
}

/// What no import may do to the store's default group, and what only administrators may do (SPEC 2).
fn find_forbidden(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT n.row, n.code, CASE n.status WHEN 'inactive' THEN 'status' ELSE 'type' END,
                'changes the default group',
                'can''t be that: it is the store''s default group, which is active and not automatic. Choose another '
                'default group in the store settings first'
         FROM import_group_plan n JOIN store_settings s ON s.default_group_id = n.id
         WHERE n.status = 'inactive' OR n.type = 'automatic'",
    )?;
    sql_query(
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT row, code, CASE WHEN is_moved THEN 'parent_code' ELSE 'status' END,
                'is changed by administrators only',
                'differs from what is stored, and only administrators move groups and change their status'
         FROM import_group_plan WHERE NOT $1 AND NOT is_new AND (is_moved OR status <> old_status)",
    )
    .bind::<Bool, _>(job.actor.may(Permission::ShapeTree))
    .execute(conn)?;
    Ok(())
}

pub(super) fn counts(conn: &mut PgConnection) -> Result<Counts> {
    planned(conn, "import_group_plan")
}

pub(super) fn merge(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    staging::temporary(conn, "import_audited", "id uuid")?;
    run(conn, "INSERT INTO import_audited SELECT id FROM import_group_plan WHERE is_changed")?;
    history::note(conn)?;
    sql_query(
        "INSERT INTO groups (id, code, name, description, status, type, parent_id, origin, created_at, updated_at)
         SELECT n.id, n.code, n.name, n.description, n.status, n.type, coalesce(up.id, p.id), 'import', $1, $1
         FROM import_group_plan n
         JOIN import_tree t ON t.code = n.code
         LEFT JOIN import_group_plan up ON up.code = n.parent_code AND up.is_new
         LEFT JOIN groups p ON p.code = n.parent_code AND p.deleted_at IS NULL
         WHERE n.is_new ORDER BY t.depth, n.row",
    )
    .bind::<Timestamptz, _>(job.now)
    .execute(conn)?;
    move_groups(conn)?;
    sql_query(
        "UPDATE groups g
         SET name = n.name, description = n.description, status = n.status, type = n.type,
             version = g.version + 1, updated_at = $1
         FROM import_group_plan n WHERE g.id = n.id AND n.is_changed AND NOT n.is_new",
    )
    .bind::<Timestamptz, _>(job.now)
    .execute(conn)?;
    // A group that turns manual keeps its members: by hand from now on (SPEC 3).
    run(
        conn,
        "UPDATE memberships m SET by_hand = true, by_rule = false
         FROM import_group_plan n
         WHERE m.group_id = n.id AND m.by_rule AND NOT n.is_new AND n.type = 'manual' AND n.old_type <> 'manual'",
    )?;
    history::record(conn, job)
}

/// First to the top, then level by level to where they belong: no step on the way makes a circle or goes too deep.
fn move_groups(conn: &mut PgConnection) -> Result<()> {
    let moved =
        sql_query("UPDATE groups g SET parent_id = $1 FROM import_group_plan n WHERE g.id = n.id AND n.is_moved")
            .bind::<SqlUuid, _>(ROOT_ID)
            .execute(conn)?;
    if moved == 0 {
        return Ok(());
    }
    for depth in 1..=MAX_DEPTH {
        sql_query(
            "UPDATE groups g SET parent_id = p.id
             FROM import_group_plan n
             JOIN import_tree t ON t.code = n.code AND t.depth = $1
             JOIN groups p ON p.code = n.parent_code AND p.deleted_at IS NULL
             WHERE g.id = n.id AND n.is_moved AND g.parent_id <> p.id",
        )
        .bind::<Integer, _>(i32::try_from(depth).unwrap_or(i32::MAX))
        .execute(conn)?;
    }
    Ok(())
}

/// Makes the groups of `import_named_groups` that are missing: manual, active, under All Customers.
pub(super) fn make_named(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    staging::temporary(conn, "import_audited", "id uuid")?;
    run(conn, "INSERT INTO import_audited SELECT group_id FROM import_named_groups WHERE is_new")?;
    history::note(conn)?;
    sql_query(
        "INSERT INTO groups (id, code, name, parent_id, origin, created_at, updated_at)
         SELECT group_id, code, name, $2, 'import', $1, $1 FROM import_named_groups WHERE is_new ORDER BY first_row",
    )
    .bind::<Timestamptz, _>(job.now)
    .bind::<SqlUuid, _>(ROOT_ID)
    .execute(conn)?;
    history::record(conn, job)
}

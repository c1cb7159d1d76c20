//! Organizations: their parents may stand anywhere in the file.

use super::{Counts, Job, planned, problems, run, staging, tree, update_planned};
use crate::error::Result;
use diesel::pg::PgConnection;
use diesel::sql_types::{Array, Text, Timestamptz};
use diesel::{RunQueryDsl, sql_query};

/// No rule limits the depth of organizations.
const DEEPEST: i32 = i32::MAX;

pub(super) fn check(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    problems::find_repeated(conn, "import_organizations", "code", "code")?;
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT s.row, s.code, 'group_code',
                CASE WHEN g.id IS NULL THEN 'names an unknown group' ELSE 'names All Customers' END,
                CASE WHEN g.id IS NULL THEN format('names “%s”, but there is no such group', s.group_code)
                     ELSE 'names All Customers, which every customer is in: leave it empty' END
         FROM import_organizations s LEFT JOIN groups g ON g.code = s.group_code AND g.deleted_at IS NULL
         WHERE s.group_code IS NOT NULL AND (g.id IS NULL OR g.parent_id IS NULL)",
    )?;
    problems::drop_from(conn, "import_organizations")?;
    plan(conn, job)?;
    tree::prepare(conn)?;
    run(
        conn,
        "INSERT INTO import_tree (code, parent_code, old_parent_code, row, is_stored)
         SELECT coalesce(n.code, o.code), CASE WHEN n.row IS NULL THEN p.code ELSE n.parent_code END,
                p.code, n.row, o.id IS NOT NULL
         FROM organizations o
         LEFT JOIN organizations p ON p.id = o.parent_id
         FULL JOIN import_organization_plan n ON n.id = o.id",
    )?;
    tree::settle(conn, "organization", DEEPEST)?;
    problems::drop_from(conn, "import_organization_plan")
}

fn plan(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    staging::temporary(
        conn,
        "import_organization_plan",
        "row bigint, id uuid, is_new boolean, is_changed boolean, code text, name text, parent_code text, group_id uuid,
         version integer",
    )?;
    sql_query(
        "INSERT INTO import_organization_plan
         SELECT row, id, is_new,
                is_new OR (name, parent_code, group_id) IS DISTINCT FROM (old_name, old_parent_code, old_group_id),
                code, name, parent_code, group_id, version
         FROM (
             SELECT s.row, coalesce(o.id, uuid_v7()) AS id, o.id IS NULL AS is_new, s.code, s.name,
                    CASE WHEN 'parent_code' = ANY ($1) THEN s.parent_code ELSE p.code END AS parent_code,
                    CASE WHEN 'group_code' = ANY ($1) THEN g.id ELSE o.group_id END AS group_id,
                    o.name AS old_name, p.code AS old_parent_code, o.group_id AS old_group_id, o.version
             FROM import_organizations s
             LEFT JOIN organizations o ON o.code = s.code
             LEFT JOIN organizations p ON p.id = o.parent_id
             LEFT JOIN groups g ON g.code = s.group_code AND g.deleted_at IS NULL
         ) n",
    )
    .bind::<Array<Text>, _>(job.present)
    .execute(conn)?;
    staging::analyze(conn, "import_organization_plan")
}

pub(super) fn counts(conn: &mut PgConnection) -> Result<Counts> {
    planned(conn, "import_organization_plan")
}

pub(super) fn merge(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    // Parents of the same file get their ids in the second statement, when all of them are there.
    sql_query(
        "INSERT INTO organizations (id, code, name, group_id, created_at, updated_at)
         SELECT id, code, name, group_id, $1, $1 FROM import_organization_plan WHERE is_new ORDER BY row",
    )
    .bind::<Timestamptz, _>(job.now)
    .execute(conn)?;
    run(
        conn,
        "UPDATE organizations o SET parent_id = p.id
         FROM import_organization_plan n JOIN organizations p ON p.code = n.parent_code WHERE o.id = n.id AND n.is_new",
    )?;
    update_planned(
        conn,
        "import_organization_plan",
        job.now,
        "UPDATE organizations o
         SET name = n.name, group_id = n.group_id, parent_id = p.id, updated_at = $1, version = o.version + 1
         FROM import_organization_plan n LEFT JOIN organizations p ON p.code = n.parent_code
         WHERE o.id = n.id AND n.is_changed AND NOT n.is_new AND o.version = n.version",
    )
}

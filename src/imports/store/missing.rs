//! Organizations that customers name and that don't exist: refused, or made with `--create-missing`.

use super::{Job, run, staging};
use crate::error::Result;
use diesel::pg::PgConnection;
use diesel::sql_types::Timestamptz;
use diesel::{RunQueryDsl, sql_query};

/// Finds the unknown organizations of staged customers; with `create` they get an id, otherwise their rows are bad.
pub(super) fn find_organizations(conn: &mut PgConnection, create: bool) -> Result<()> {
    staging::temporary(conn, "import_new_organizations", "id uuid, code text")?;
    if create {
        run(
            conn,
            "INSERT INTO import_new_organizations
             SELECT uuid_v7(), s.organization_code
             FROM (SELECT DISTINCT organization_code FROM import_customers WHERE organization_code IS NOT NULL) s
             WHERE NOT EXISTS (SELECT FROM organizations o WHERE o.code = s.organization_code)",
        )?;
        return staging::analyze(conn, "import_new_organizations");
    }
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT s.row, s.code, 'organization_code', 'names an unknown organization',
                format('names “%s”, but there is no such organization: import it first, or let the import create it',
                       s.organization_code)
         FROM import_customers s LEFT JOIN organizations o ON o.code = s.organization_code
         WHERE s.organization_code IS NOT NULL AND o.id IS NULL",
    )?;
    Ok(())
}

/// Forgets the new organizations that only bad rows named.
pub(super) fn keep_wanted_organizations(conn: &mut PgConnection) -> Result<()> {
    run(
        conn,
        "DELETE FROM import_new_organizations n
         WHERE NOT EXISTS (SELECT FROM import_customers s WHERE s.organization_code = n.code)",
    )?;
    Ok(())
}

/// Makes them: the code is the name until someone writes a better one.
pub(super) fn make_organizations(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    sql_query(
        "INSERT INTO organizations (id, code, name, created_at, updated_at)
         SELECT id, code, code, $1, $1 FROM import_new_organizations ORDER BY code",
    )
    .bind::<Timestamptz, _>(job.now)
    .execute(conn)?;
    Ok(())
}

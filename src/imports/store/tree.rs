//! Trees as they will be once a file is in: parents anywhere in it, no unknown ones, no circles, not too deep.
//!
//! Works for groups and organizations on one temporary table, `import_tree`: every node by its code, the file's rows
//! over what is stored.

use super::{problems, run, staging};
use crate::error::Result;
use diesel::pg::PgConnection;
use diesel::sql_types::{Integer, Text};
use diesel::{RunQueryDsl, sql_query};

/// Makes the empty tree. Its user fills it: stored nodes have `is_stored` and their parent in `old_parent_code`,
/// nodes of the file their `row`; a node without parent is a top.
pub(super) fn prepare(conn: &mut PgConnection) -> Result<()> {
    staging::temporary(
        conn,
        "import_tree",
        "code text, parent_code text, old_parent_code text, row bigint, is_stored boolean, depth integer",
    )
}

/// Finds the rows that can't stand where they say, and what falls with them, until the rest makes a tree. Leaves in
/// `import_tree` the nodes as they will be with their depth (a top's is 0).
pub(super) fn settle(conn: &mut PgConnection, noun: &'static str, deepest: i32) -> Result<()> {
    run(conn, "CREATE INDEX ON import_tree (code)")?;
    run(conn, "CREATE INDEX ON import_tree (parent_code)")?;
    staging::analyze(conn, "import_tree")?;
    loop {
        take_back_bad_rows(conn)?;
        if find_unknown_parents(conn, noun)? > 0 {
            continue;
        }
        measure(conn)?;
        if find_circles(conn)? + find_too_deep(conn, deepest)? == 0 {
            return Ok(());
        }
    }
}

/// A bad row's node stays where it is stored, or isn't there.
fn take_back_bad_rows(conn: &mut PgConnection) -> Result<()> {
    run(
        conn,
        "UPDATE import_tree t SET parent_code = t.old_parent_code, row = NULL
         FROM import_problems p WHERE p.row = t.row AND t.is_stored",
    )?;
    problems::drop_from(conn, "import_tree")
}

/// Rows whose parent is neither stored nor in the file, and all new ones below them.
fn find_unknown_parents(conn: &mut PgConnection, noun: &'static str) -> Result<usize> {
    Ok(sql_query(
        "WITH RECURSIVE fallen AS (
             SELECT t.code, t.row, t.parent_code, t.is_stored FROM import_tree t
             WHERE t.row IS NOT NULL AND t.parent_code IS NOT NULL
               AND NOT EXISTS (SELECT FROM import_tree p WHERE p.code = t.parent_code)
             UNION
             SELECT c.code, c.row, c.parent_code, c.is_stored
             FROM fallen f JOIN import_tree c ON c.parent_code = f.code
             WHERE NOT f.is_stored AND c.row IS NOT NULL
         )
         INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT f.row, f.code, 'parent_code',
                CASE WHEN b.natural_key IS NULL AND up.code IS NULL THEN 'names an unknown parent'
                     ELSE 'names a parent whose own row is bad' END,
                CASE WHEN b.natural_key IS NULL AND up.code IS NULL
                     THEN format('names “%s”, but there is no such %s, neither stored nor in the file', f.parent_code, $1)
                     ELSE format('names “%s”, whose own row in this file is bad', f.parent_code) END
         FROM fallen f
         LEFT JOIN fallen up ON up.code = f.parent_code
         LEFT JOIN (SELECT DISTINCT natural_key FROM import_problems) b ON b.natural_key = f.parent_code",
    )
    .bind::<Text, _>(noun)
    .execute(conn)?)
}

fn measure(conn: &mut PgConnection) -> Result<()> {
    run(conn, "UPDATE import_tree SET depth = NULL WHERE depth IS NOT NULL")?;
    run(
        conn,
        "WITH RECURSIVE reached AS (
             SELECT code, 0 AS depth FROM import_tree WHERE parent_code IS NULL
             UNION ALL
             SELECT t.code, r.depth + 1 FROM reached r JOIN import_tree t ON t.parent_code = r.code
         )
         UPDATE import_tree t SET depth = r.depth FROM reached r WHERE r.code = t.code",
    )?;
    Ok(())
}

/// What can't be reached from any top lies on a circle or below one; only the rows that this file moves there are at
/// fault.
fn find_circles(conn: &mut PgConnection) -> Result<usize> {
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT row, code, 'parent_code', 'leads round in a circle',
                format('names “%s”, from where the parents lead round in a circle', parent_code)
         FROM import_tree
         WHERE row IS NOT NULL AND depth IS NULL AND (NOT is_stored OR parent_code IS DISTINCT FROM old_parent_code)",
    )
}

/// From each node that stands too deep, the nearest one at or above it that this file puts where it is.
fn find_too_deep(conn: &mut PgConnection, deepest: i32) -> Result<usize> {
    Ok(sql_query(
        "WITH RECURSIVE up AS (
             SELECT code, parent_code, row, row IS NOT NULL
                    AND (NOT is_stored OR parent_code IS DISTINCT FROM old_parent_code) AS is_moved
             FROM import_tree WHERE depth > $1
             UNION
             SELECT t.code, t.parent_code, t.row, t.row IS NOT NULL
                    AND (NOT t.is_stored OR t.parent_code IS DISTINCT FROM t.old_parent_code)
             FROM up JOIN import_tree t ON t.code = up.parent_code WHERE NOT up.is_moved
         )
         INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT row, code, 'parent_code', 'stands too deep',
                format('names “%s”: that would be more than %s levels deep, for it or for what stands under it',
                       parent_code, $1)
         FROM up WHERE is_moved",
    )
    .bind::<Integer, _>(deepest)
    .execute(conn)?)
}

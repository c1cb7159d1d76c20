//! Memberships by hand (SPEC 4).

use super::{Counts, Job, joins, planned, problems, run, staging};
use crate::error::Result;
use diesel::pg::PgConnection;
use diesel::sql_types::Timestamptz;
use diesel::{RunQueryDsl, sql_query};

pub(super) fn check(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    joins::begin(conn, false)?;
    run(
        conn,
        "SELECT id FROM groups WHERE deleted_at IS NULL AND code IN (SELECT group_code FROM import_memberships)
         ORDER BY id FOR UPDATE",
    )?;
    problems::find_repeated(conn, "import_memberships", "group_code, customer_code", "customer_code")?;
    find_unknown(conn)?;
    problems::drop_from(conn, "import_memberships")?;
    find_second_primaries(conn)?;
    problems::drop_from(conn, "import_memberships")?;
    plan(conn)?;
    joins::prepare(conn)?;
    sql_query(
        "INSERT INTO import_joins
         SELECT n.row, 'group_code', n.customer_id, n.status, n.group_id, coalesce(n.since, $1), NULL, n.is_new
         FROM import_membership_plan n WHERE n.is_new OR NOT n.was_by_hand",
    )
    .bind::<Timestamptz, _>(job.now)
    .execute(conn)?;
    joins::refuse(conn)?;
    problems::drop_from(conn, "import_membership_plan")
}

fn find_unknown(conn: &mut PgConnection) -> Result<()> {
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT s.row, NULL, 'group_code',
                CASE WHEN g.id IS NULL THEN 'names an unknown group' ELSE 'names All Customers' END,
                CASE WHEN g.id IS NULL THEN format('names “%s”, but there is no such group', s.group_code)
                     ELSE 'names All Customers, which every customer is in by definition: leave the row out' END
         FROM import_memberships s LEFT JOIN groups g ON g.code = s.group_code AND g.deleted_at IS NULL
         WHERE g.id IS NULL OR g.parent_id IS NULL",
    )?;
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT s.row, NULL, 'customer_code', 'names an unknown customer',
                format('names “%s”, but there is no such customer', s.customer_code)
         FROM import_memberships s LEFT JOIN customers c ON c.code = s.customer_code WHERE c.id IS NULL",
    )?;
    Ok(())
}

fn find_second_primaries(conn: &mut PgConnection) -> Result<()> {
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT row, NULL, 'primary', 'is a second primary group',
                format('makes a second primary group of one customer: row %s has the first', first_row)
         FROM (SELECT row, min(row) OVER (PARTITION BY customer_code) AS first_row
               FROM import_memberships WHERE is_primary) p
         WHERE row <> first_row",
    )?;
    Ok(())
}

/// An empty `since` leaves the date of a known membership; `primary` = no doesn't take a primary group away, as one
/// of a customer's groups always is.
fn plan(conn: &mut PgConnection) -> Result<()> {
    staging::temporary(
        conn,
        "import_membership_plan",
        "row bigint, group_id uuid, customer_id uuid, status text, since timestamptz, wants_primary boolean,
         was_by_hand boolean, is_new boolean, is_changed boolean",
    )?;
    run(
        conn,
        "INSERT INTO import_membership_plan
         SELECT s.row, g.id, c.id, c.status, coalesce(s.since, m.since), coalesce(s.is_primary, false),
                coalesce(m.by_hand, false), m.group_id IS NULL,
                m.group_id IS NULL OR NOT m.by_hand OR m.since <> coalesce(s.since, m.since)
                    OR (coalesce(s.is_primary, false) AND NOT m.is_primary)
         FROM import_memberships s
         JOIN groups g ON g.code = s.group_code AND g.deleted_at IS NULL
         JOIN customers c ON c.code = s.customer_code
         LEFT JOIN memberships m ON m.group_id = g.id AND m.customer_id = c.id",
    )?;
    staging::analyze(conn, "import_membership_plan")
}

pub(super) fn counts(conn: &mut PgConnection) -> Result<Counts> {
    planned(conn, "import_membership_plan")
}

pub(super) fn merge(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    joins::write(conn, job)?;
    run(
        conn,
        "UPDATE memberships m SET since = n.since FROM import_membership_plan n
         WHERE m.group_id = n.group_id AND m.customer_id = n.customer_id AND NOT n.is_new AND m.since <> n.since",
    )?;
    // First the old primary groups, then the new ones: a customer never has two.
    run(
        conn,
        "UPDATE memberships m SET is_primary = false FROM import_membership_plan n
         WHERE n.wants_primary AND m.customer_id = n.customer_id AND m.group_id <> n.group_id AND m.is_primary",
    )?;
    run(
        conn,
        "UPDATE memberships m SET is_primary = true FROM import_membership_plan n
         WHERE n.wants_primary AND m.customer_id = n.customer_id AND m.group_id = n.group_id AND NOT m.is_primary",
    )?;
    joins::elect_primaries(conn)
}

//! Customers with the groups they name: what a file says of a customer's groups becomes exactly so (SPEC 11, 13).

use super::groups::MOST_GROUPS;
use super::{Counts, Job, groups, joins, missing, number, planned, problems, run, staging, update_planned};
use crate::error::Result;
use crate::groups::group::suggest_code;
use crate::imports::kind::Missing;
use diesel::pg::PgConnection;
use diesel::sql_types::{Array, Text, Timestamptz};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use std::collections::HashSet;

pub(super) fn check(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    problems::find_repeated(conn, "import_customers", "code", "code")?;
    missing::find_organizations(conn, job.creates(Missing::Organizations))?;
    problems::drop_from(conn, "import_customers")?;
    plan(conn, job)?;
    name_groups(conn, job)?;
    lock(conn)?;
    plan_joins(conn, job)?;
    joins::refuse(conn)?;
    problems::drop_from(conn, "import_customers")?;
    problems::drop_from(conn, "import_customer_plan")?;
    problems::drop_from(conn, "import_customer_groups")?;
    // What only bad rows asked for isn't made.
    run(
        conn,
        "DELETE FROM import_named_groups n WHERE n.is_new
             AND NOT EXISTS (SELECT FROM import_customer_groups c WHERE c.folded = n.folded)",
    )?;
    missing::keep_wanted_organizations(conn)
}

fn plan(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    staging::temporary(
        conn,
        "import_customer_plan",
        "row bigint, id uuid, is_new boolean, is_changed boolean, code text, name text, email text, status text,
         country text, region text, customer_since date, payment_history text, organization_id uuid, tags text[],
         version integer",
    )?;
    sql_query(
        "INSERT INTO import_customer_plan
         SELECT n.row, n.id, c.id IS NULL,
                c.id IS NULL OR (n.name, n.email, n.status, n.country, n.region, n.customer_since, n.payment_history,
                                 n.organization_id, n.tags)
                    IS DISTINCT FROM (c.name, c.email, c.status, c.country, c.region, c.customer_since,
                                      c.payment_history, c.organization_id, c.tags),
                n.code, n.name, n.email, n.status, n.country, n.region, n.customer_since, n.payment_history,
                n.organization_id, n.tags, c.version
         FROM (
             SELECT s.row, coalesce(c.id, uuid_v7()) AS id, s.code, s.name,
                    CASE WHEN 'email' = ANY ($1) THEN s.email ELSE c.email END AS email,
                    CASE WHEN 'status' = ANY ($1) OR c.id IS NULL THEN coalesce(s.status, 'active')
                         ELSE c.status END AS status,
                    CASE WHEN 'country' = ANY ($1) THEN s.country ELSE c.country END AS country,
                    CASE WHEN 'region' = ANY ($1) THEN s.region ELSE c.region END AS region,
                    CASE WHEN 'customer_since' = ANY ($1) THEN s.customer_since ELSE c.customer_since END AS customer_since,
                    CASE WHEN 'payment_history' = ANY ($1) THEN s.payment_history
                         ELSE c.payment_history END AS payment_history,
                    CASE WHEN 'organization_code' = ANY ($1) THEN coalesce(o.id, w.id)
                         ELSE c.organization_id END AS organization_id,
                    CASE WHEN 'tags' = ANY ($1) OR c.id IS NULL THEN s.tags ELSE c.tags END AS tags
             FROM import_customers s
             LEFT JOIN customers c ON c.code = s.code
             LEFT JOIN organizations o ON o.code = s.organization_code
             LEFT JOIN import_new_organizations w ON w.code = s.organization_code
         ) n
         LEFT JOIN customers c ON c.id = n.id",
    )
    .bind::<Array<Text>, _>(job.present)
    .execute(conn)?;
    staging::analyze(conn, "import_customer_plan")
}

/// Finds the groups that the file names, and gives those that don't exist an id and a code.
fn name_groups(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    staging::temporary(conn, "import_customer_groups", "row bigint, place integer, name text, folded text")?;
    staging::temporary(
        conn,
        "import_named_groups",
        "folded text, name text, first_row bigint, group_id uuid, code text, is_new boolean",
    )?;
    if !job.has("groups") {
        return Ok(());
    }
    run(
        conn,
        "INSERT INTO import_customer_groups
         SELECT DISTINCT ON (s.row, lower(n.name)) s.row, n.place, n.name, lower(n.name)
         FROM import_customers s CROSS JOIN unnest(s.groups) WITH ORDINALITY n(name, place)
         ORDER BY s.row, lower(n.name), n.place",
    )?;
    staging::analyze(conn, "import_customer_groups")?;
    run(
        conn,
        "INSERT INTO import_named_groups
         SELECT n.folded, n.name, n.row, g.id, g.code, g.id IS NULL
         FROM (SELECT DISTINCT ON (folded) folded, name, row FROM import_customer_groups ORDER BY folded, row) n
         LEFT JOIN groups g ON lower(g.name) = n.folded AND g.deleted_at IS NULL",
    )?;
    let new = number(conn, "SELECT count(*) AS number FROM import_named_groups WHERE is_new")?;
    if new > 0 {
        let live = number(conn, "SELECT count(*) AS number FROM groups WHERE deleted_at IS NULL")?;
        if new + live > MOST_GROUPS {
            return refuse_new_groups(conn);
        }
        give_codes(conn)?;
    }
    Ok(())
}

/// A file whose group names make more groups than there may be has most likely another column there.
fn refuse_new_groups(conn: &mut PgConnection) -> Result<()> {
    run(
        conn,
        &format!(
            "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
             SELECT DISTINCT c.row, NULL, 'groups', 'names a new group beyond the limit',
                    'names a group that doesn''t exist; with all new ones of the file there would be more than \
                     {MOST_GROUPS} groups'
             FROM import_customer_groups c JOIN import_named_groups n ON n.folded = c.folded WHERE n.is_new"
        ),
    )?;
    problems::drop_from(conn, "import_customer_groups")?;
    run(conn, "DELETE FROM import_named_groups WHERE is_new")?;
    Ok(())
}

#[derive(QueryableByName)]
struct NamedGroup {
    #[diesel(sql_type = Text)]
    folded: String,
    #[diesel(sql_type = Text)]
    name: String,
}

fn give_codes(conn: &mut PgConnection) -> Result<()> {
    let mut taken: HashSet<String> =
        super::words(conn, "SELECT code AS word FROM groups WHERE deleted_at IS NULL")?.into_iter().collect();
    let new: Vec<NamedGroup> =
        sql_query("SELECT folded, name FROM import_named_groups WHERE is_new ORDER BY first_row, folded").load(conn)?;
    let mut codes = Vec::with_capacity(new.len());
    for group in &new {
        let code = suggest_code(&group.name, |code| taken.contains(code));
        taken.insert(code.clone());
        codes.push(code);
    }
    let folded: Vec<_> = new.into_iter().map(|group| group.folded).collect();
    sql_query(
        "UPDATE import_named_groups n SET group_id = uuid_v7(), code = c.code
         FROM unnest($1, $2) c(folded, code) WHERE n.folded = c.folded",
    )
    .bind::<Array<Text>, _>(folded)
    .bind::<Array<Text>, _>(codes)
    .execute(conn)?;
    Ok(())
}

/// The groups that the customers of the file are in or come into, so that their members stand still.
fn lock(conn: &mut PgConnection) -> Result<()> {
    run(
        conn,
        "SELECT g.id FROM groups g
         WHERE g.id IN (SELECT group_id FROM import_named_groups)
            OR g.id IN (SELECT m.group_id FROM memberships m JOIN import_customer_plan n ON n.id = m.customer_id)
         ORDER BY g.id FOR UPDATE",
    )?;
    Ok(())
}

/// Memberships by hand in manual groups become those that the file names; a named hybrid group pins its member.
fn plan_joins(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    joins::prepare(conn)?;
    if !job.has("groups") {
        return Ok(());
    }
    sql_query(
        "INSERT INTO import_joins
         SELECT n.row, 'groups', n.id, n.status, w.group_id, $1, c.place, m.group_id IS NULL
         FROM import_customer_plan n
         JOIN import_customer_groups c ON c.row = n.row
         JOIN import_named_groups w ON w.folded = c.folded
         LEFT JOIN groups g ON g.id = w.group_id
         LEFT JOIN memberships m ON m.group_id = w.group_id AND m.customer_id = n.id
         WHERE (m.group_id IS NULL OR NOT m.by_hand) AND (w.is_new OR g.parent_id IS NOT NULL)",
    )
    .bind::<Timestamptz, _>(job.now)
    .execute(conn)?;
    run(
        conn,
        "INSERT INTO import_leaves
         SELECT n.row, m.customer_id, m.group_id
         FROM import_customer_plan n
         JOIN memberships m ON m.customer_id = n.id AND m.by_hand
         JOIN groups g ON g.id = m.group_id AND g.type = 'manual' AND g.deleted_at IS NULL
         WHERE NOT EXISTS (
             SELECT FROM import_customer_groups c JOIN import_named_groups w ON w.folded = c.folded
             WHERE c.row = n.row AND w.group_id = m.group_id
         )",
    )?;
    Ok(())
}

pub(super) fn counts(conn: &mut PgConnection) -> Result<Counts> {
    // A customer whose groups change is changed, though its row isn't.
    run(
        conn,
        "UPDATE import_customer_plan n SET is_changed = true
         WHERE NOT n.is_changed AND (EXISTS (SELECT FROM import_joins j WHERE j.row = n.row)
                                     OR EXISTS (SELECT FROM import_leaves l WHERE l.row = n.row))",
    )?;
    let mut counts = planned(conn, "import_customer_plan")?;
    let (joined, left) = joins::counts(conn)?;
    counts.add("groups made", number(conn, "SELECT count(*) AS number FROM import_named_groups WHERE is_new")?);
    counts.add("organizations made", number(conn, "SELECT count(*) AS number FROM import_new_organizations")?);
    counts.add("memberships begun", joined);
    counts.add("memberships ended", left);
    Ok(counts)
}

pub(super) fn merge(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    groups::make_named(conn, job)?;
    missing::make_organizations(conn, job)?;
    sql_query(
        "INSERT INTO customers (id, code, name, email, status, country, region, customer_since, payment_history,
                                organization_id, tags, created_at, updated_at)
         SELECT id, code, name, email, status, country, region, customer_since, payment_history, organization_id, tags,
                $1, $1
         FROM import_customer_plan WHERE is_new ORDER BY row",
    )
    .bind::<Timestamptz, _>(job.now)
    .execute(conn)?;
    update_planned(
        conn,
        "import_customer_plan",
        job.now,
        "UPDATE customers c
         SET name = n.name, email = n.email, status = n.status, country = n.country, region = n.region,
             customer_since = n.customer_since, payment_history = n.payment_history,
             organization_id = n.organization_id, tags = n.tags, version = c.version + 1, updated_at = $1
         FROM import_customer_plan n WHERE c.id = n.id AND n.is_changed AND NOT n.is_new AND c.version = n.version",
    )?;
    joins::write(conn, job)?;
    joins::elect_primaries(conn)
}

//! Price lists, without their entries.

use super::{Counts, Job, find_beyond, planned, problems, run, staging, told, update_planned};
use crate::error::Result;
use crate::outbox::kind::Kind;
use diesel::pg::PgConnection;
use diesel::sql_types::{Array, Text, Timestamptz};
use diesel::{RunQueryDsl, sql_query};

/// Most price lists (SPEC 15).
const MOST_LISTS: i64 = 10_000;

pub(super) fn check(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    problems::find_repeated(conn, "import_price_lists", "code", "code")?;
    problems::drop_from(conn, "import_price_lists")?;
    plan(conn, job)?;
    let stored = "SELECT count(*) AS number FROM price_lists";
    find_beyond(conn, "import_price_list_plan", stored, MOST_LISTS, "price lists")?;
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT row, code, 'valid_to', 'ends before it begins',
                format('%s lies before %s, where the list begins', valid_to, valid_from)
         FROM import_price_list_plan WHERE valid_to < valid_from",
    )?;
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT n.row, n.code, 'currency', 'changes under the entries',
                format('changes from %s to %s, but the list has prices in %s: make a new list', l.currency, n.currency,
                       l.currency)
         FROM import_price_list_plan n JOIN price_lists l ON l.id = n.id
         WHERE l.currency <> n.currency AND EXISTS (SELECT FROM price_list_entries e WHERE e.price_list_id = l.id)",
    )?;
    problems::drop_from(conn, "import_price_list_plan")
}

fn plan(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    staging::temporary(
        conn,
        "import_price_list_plan",
        "row bigint, id uuid, is_new boolean, is_changed boolean, code text, name text, currency text, status text,
         valid_from date, valid_to date, version integer",
    )?;
    sql_query(
        "INSERT INTO import_price_list_plan
         SELECT n.row, n.id, l.id IS NULL,
                l.id IS NULL OR (n.name, n.currency, n.status, n.valid_from, n.valid_to)
                    IS DISTINCT FROM (l.name, l.currency, l.status, l.valid_from, l.valid_to),
                n.code, n.name, n.currency, n.status, n.valid_from, n.valid_to, l.version
         FROM (
             SELECT s.row, coalesce(l.id, uuid_v7()) AS id, s.code, s.name,
                    CASE WHEN 'currency' = ANY ($1) OR l.id IS NULL THEN coalesce(s.currency, $2)
                         ELSE l.currency END AS currency,
                    CASE WHEN 'status' = ANY ($1) OR l.id IS NULL THEN coalesce(s.status, 'active')
                         ELSE l.status END AS status,
                    CASE WHEN 'valid_from' = ANY ($1) THEN s.valid_from ELSE l.valid_from END AS valid_from,
                    CASE WHEN 'valid_to' = ANY ($1) THEN s.valid_to ELSE l.valid_to END AS valid_to
             FROM import_price_lists s LEFT JOIN price_lists l ON l.code = s.code
         ) n
         LEFT JOIN price_lists l ON l.id = n.id",
    )
    .bind::<Array<Text>, _>(job.present)
    .bind::<Text, _>(job.currency.code())
    .execute(conn)?;
    staging::analyze(conn, "import_price_list_plan")
}

pub(super) fn counts(conn: &mut PgConnection) -> Result<Counts> {
    planned(conn, "import_price_list_plan")
}

pub(super) fn merge(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    sql_query(
        "INSERT INTO price_lists (id, code, name, currency, status, valid_from, valid_to, created_at, updated_at)
         SELECT id, code, name, currency, status, valid_from, valid_to, $1, $1
         FROM import_price_list_plan WHERE is_new ORDER BY row",
    )
    .bind::<Timestamptz, _>(job.now)
    .execute(conn)?;
    update_planned(
        conn,
        "import_price_list_plan",
        job.now,
        "UPDATE price_lists l
         SET name = n.name, currency = n.currency, status = n.status, valid_from = n.valid_from, valid_to = n.valid_to,
             version = l.version + 1, updated_at = $1
         FROM import_price_list_plan n WHERE l.id = n.id AND n.is_changed AND NOT n.is_new AND l.version = n.version",
    )?;
    let lists = "SELECT id, is_new FROM import_price_list_plan WHERE is_changed ORDER BY row";
    told::lists(conn, job, lists, Kind::PriceListUpdated)
}

//! The SQL of imports: rows are staged with COPY, checked as a set, and merged as a set.
//!
//! [`check`] finds what only the database can tell (unknown references, duplicates, full groups …), adds it to the
//! problems and leaves a plan of good rows in temporary tables; it writes nothing else. [`merge`] writes the plan.

mod assignments;
mod customers;
mod entries;
pub mod export;
pub mod files;
mod groups;
mod history;
mod joins;
mod memberships;
mod missing;
mod orders;
mod organizations;
mod price_lists;
pub mod problems;
mod products;
pub mod purchases;
pub mod remembered;
pub mod running;
pub mod staging;
mod tables;
pub mod tasks;
mod told;
mod tree;

use super::kind::{Kind, Missing};
use super::problem::Warnings;
use super::report::Counts;
use crate::auth::role::Actor;
use crate::error::{Error, Result};
use crate::money::Currency;
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

/// What the statements of one import share.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The import's id: the batch of its membership events, the subject of its audit event.
    pub id: Uuid,
    /// Now, UTC.
    pub now: DateTime<Utc>,
    /// Who imports.
    pub actor: &'a Actor,
    /// The store's currency.
    pub currency: Currency,
    /// The kind's columns that the file has: an update leaves the others as they are.
    pub present: &'a [String],
    /// What may be made where it is missing.
    pub create: &'a [Missing],
}

impl Job<'_> {
    fn creates(&self, missing: Missing) -> bool {
        self.create.contains(&missing)
    }

    fn has(&self, column: &str) -> bool {
        self.present.iter().any(|name| name == column)
    }
}

/// Checks the staged rows of a kind against each other and the database, and plans the merge of the good ones.
pub fn check(conn: &mut PgConnection, kind: Kind, job: &Job<'_>, warnings: &mut Warnings) -> Result<()> {
    match kind {
        Kind::Organizations => organizations::check(conn, job),
        Kind::Groups => groups::check(conn, job),
        Kind::Customers => customers::check(conn, job),
        Kind::Products => products::check(conn, job),
        Kind::Orders => orders::check(conn, job, warnings),
        Kind::PriceLists => price_lists::check(conn, job),
        Kind::PriceListEntries => entries::check(conn),
        Kind::GroupPriceLists => assignments::check(conn),
        Kind::Memberships => memberships::check(conn, job),
    }
}

/// What the merge of the plan will have changed.
pub fn counts(conn: &mut PgConnection, kind: Kind) -> Result<Counts> {
    match kind {
        Kind::Organizations => organizations::counts(conn),
        Kind::Groups => groups::counts(conn),
        Kind::Customers => customers::counts(conn),
        Kind::Products => products::counts(conn),
        Kind::Orders => orders::counts(conn),
        Kind::PriceLists => price_lists::counts(conn),
        Kind::PriceListEntries => entries::counts(conn),
        Kind::GroupPriceLists => assignments::counts(conn),
        Kind::Memberships => memberships::counts(conn),
    }
}

/// Writes the plan, of which [`counts`] told `counts`.
pub fn merge(conn: &mut PgConnection, kind: Kind, job: &Job<'_>, counts: &Counts) -> Result<()> {
    let tables: &[&'static str] = match kind {
        Kind::Organizations => {
            organizations::merge(conn, job)?;
            &["organizations"]
        }
        Kind::Groups => {
            groups::merge(conn, job)?;
            &["groups"]
        }
        Kind::Customers => {
            customers::merge(conn, job)?;
            &["customers", "membership_events"]
        }
        Kind::Products => {
            products::merge(conn, job)?;
            &["products"]
        }
        Kind::Orders => {
            orders::merge(conn, job)?;
            &["orders", "order_lines", "customers", "products"]
        }
        Kind::PriceLists => {
            price_lists::merge(conn, job)?;
            &["price_lists"]
        }
        Kind::PriceListEntries => {
            entries::merge(conn, job)?;
            &["price_list_entries"]
        }
        Kind::GroupPriceLists => {
            assignments::merge(conn, job)?;
            &["group_price_lists"]
        }
        Kind::Memberships => {
            memberships::merge(conn, job)?;
            &["membership_events"]
        }
    };
    staging::analyze_grown(conn, tables, counts.created + counts.updated)
}

/// Waits for another import to end, so that two never decide by the same state. What an import reads afterwards
/// about groups, customers and the store stays so until its transaction ends, as far as it locks it.
pub fn take_turn(conn: &mut PgConnection) -> Result<()> {
    run(conn, "SELECT pg_advisory_xact_lock(7300002)")?;
    Ok(())
}

/// The same where no import is under way; whether it was so.
pub fn take_turn_if_free(conn: &mut PgConnection) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::sql::<Bool>("pg_try_advisory_xact_lock(7300002)")).get_result(conn)?)
}

/// Keeps the store's currency and zone as they are until the transaction ends.
pub fn hold_settings(conn: &mut PgConnection) -> Result<()> {
    run(conn, "SELECT 1 FROM store_settings FOR SHARE")?;
    Ok(())
}

/// Gives the statements of this transaction room to sort and hash in memory, up to a fixed size.
pub fn use_memory(conn: &mut PgConnection) -> Result<()> {
    run(conn, "SET LOCAL work_mem = '64MB'")?;
    // Of the temporary tables a rough idea is enough.
    run(conn, "SET LOCAL default_statistics_target = 10")?;
    Ok(())
}

/// Runs a statement of this program's own that has no parameters.
fn run(conn: &mut PgConnection, sql: &str) -> Result<usize> {
    sql_query(sql).execute(conn).map_err(refused)
}

/// How a change that somebody else made at the same moment is told: the import can be repeated.
pub const MEANWHILE: &str = "Somebody changed the same data while the import ran. Nothing was imported: run it again.";

/// Updates all known rows that a plan changes. The statement takes now as `$1` and compares the version that was planned
/// with: a row that somebody changed since is not overwritten, but ends the import.
fn update_planned(
    conn: &mut PgConnection,
    plan: &'static str,
    now: DateTime<Utc>,
    statement: &'static str,
) -> Result<()> {
    let planned = number(conn, &format!("SELECT count(*) AS number FROM {plan} WHERE is_changed AND NOT is_new"))?;
    let updated = sql_query(statement).bind::<Timestamptz, _>(now).execute(conn).map_err(refused)?;
    if i64::try_from(updated).is_ok_and(|updated| updated == planned) {
        return Ok(());
    }
    Err(Error::Conflict(MEANWHILE.into()))
}

/// Finds the new rows of a plan beyond a limit of SPEC 15. `stored` counts what is there.
fn find_beyond(
    conn: &mut PgConnection,
    plan: &'static str,
    stored: &'static str,
    limit: i64,
    noun: &'static str,
) -> Result<()> {
    let stored = number(conn, stored)?;
    sql_query(format!(
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT row, NULL, '', 'is beyond the limit', format('is beyond the limit: there can be %s %s', $1, $2)
         FROM (SELECT row, row_number() OVER (ORDER BY row) AS turn FROM {plan} WHERE is_new) n WHERE turn + $3 > $1"
    ))
    .bind::<BigInt, _>(limit)
    .bind::<Text, _>(noun)
    .bind::<BigInt, _>(stored)
    .execute(conn)?;
    Ok(())
}

/// How many rows of a plan are written at a time. The database remembers each row that it inserts until the
/// statement's end, to check what the row refers to: that memory must not grow with the file.
const CHUNK: i64 = 200_000;

/// Runs a statement for one range of a plan's numbers after the other: above `$1`, up to `$2`.
fn in_chunks(conn: &mut PgConnection, plan: &'static str, by: &'static str, statement: &'static str) -> Result<()> {
    let last = number(conn, &format!("SELECT coalesce(max({by}), 0) AS number FROM {plan}"))?;
    if last > CHUNK {
        run(conn, &format!("CREATE INDEX ON {plan} ({by})"))?;
        staging::analyze(conn, plan)?;
    }
    let mut from = 0;
    while from < last {
        sql_query(statement).bind::<BigInt, _>(from).bind::<BigInt, _>(from + CHUNK).execute(conn).map_err(refused)?;
        from += CHUNK;
    }
    Ok(())
}

/// Numbers that are too large together, though each row's fits, are the file's fault and not ours.
fn refused(error: diesel::result::Error) -> Error {
    match &error {
        diesel::result::Error::DatabaseError(_, info) if info.message().contains("out of range") => Error::Conflict(
            "The amounts of this file, with those already stored, add up to more than can be kept. Nothing was changed."
                .into(),
        ),
        _ => error.into(),
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The one number that a query gives under the name `number`.
fn number(conn: &mut PgConnection, sql: &str) -> Result<i64> {
    Ok(sql_query(sql).get_result::<Number>(conn)?.number)
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

/// The texts that a query gives under the name `word`.
fn words(conn: &mut PgConnection, sql: &str) -> Result<Vec<String>> {
    Ok(sql_query(sql).load::<Word>(conn)?.into_iter().map(|row| row.word).collect())
}

#[derive(QueryableByName)]
struct Planned {
    #[diesel(sql_type = BigInt)]
    created: i64,
    #[diesel(sql_type = BigInt)]
    updated: i64,
    #[diesel(sql_type = BigInt)]
    unchanged: i64,
}

/// Counts a plan by its `is_new` and `is_changed`.
fn planned(conn: &mut PgConnection, plan: &'static str) -> Result<Counts> {
    let counts: Planned = sql_query(format!(
        "SELECT count(*) FILTER (WHERE is_new) AS created,
                count(*) FILTER (WHERE NOT is_new AND is_changed) AS updated,
                count(*) FILTER (WHERE NOT is_new AND NOT is_changed) AS unchanged
         FROM {plan}"
    ))
    .get_result(conn)?;
    Ok(Counts { created: counts.created, updated: counts.updated, unchanged: counts.unchanged, besides: Vec::new() })
}

//! The schema's migrations, embedded in the program.

use crate::error::{Error, Result};
use diesel::migration::Migration;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

/// Every migration of this program, in order of its version.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// What the advisory lock is called, so that it can be recognized in `pg_locks`: "clientel" in ASCII.
const LOCK: i64 = i64::from_be_bytes(*b"clientel");

/// Brings the schema up to date and answers the names of the migrations that it ran, in order.
///
/// Several nodes may start together: they wait for each other, and the later ones find nothing left to do. Each
/// migration is one transaction; a failing one leaves those before it applied and changes nothing itself.
pub fn migrate(conn: &mut PgConnection) -> Result<Vec<String>> {
    diesel::sql_query("SELECT pg_advisory_lock($1)").bind::<diesel::sql_types::BigInt, _>(LOCK).execute(conn)?;
    let outcome = run_pending(conn);
    let released =
        diesel::sql_query("SELECT pg_advisory_unlock($1)").bind::<diesel::sql_types::BigInt, _>(LOCK).execute(conn);
    let names = outcome?;
    released?;
    Ok(names)
}

fn run_pending(conn: &mut PgConnection) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for migration in conn.pending_migrations(MIGRATIONS).map_err(Error::Internal)? {
        let name = migration.name().to_string();
        tracing::info!(migration = name, "migrating");
        conn.run_migration(&migration)
            .map_err(|fault| Error::Internal(format!("The migration {name} failed: {fault}").into()))?;
        names.push(name);
    }
    Ok(names)
}

/// The names of the migrations that the database lacks, in order; changes nothing but may make diesel's own table.
pub fn pending(conn: &mut PgConnection) -> Result<Vec<String>> {
    let pending: Vec<Box<dyn Migration<Pg>>> = conn.pending_migrations(MIGRATIONS).map_err(Error::Internal)?;
    Ok(pending.iter().map(|migration| migration.name().to_string()).collect())
}

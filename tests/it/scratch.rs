//! Stands in for the tests' own cluster until that is merged: the same names over the server in `TEST_DATABASE_URL`.

use diesel::prelude::*;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A database that is built once in a run and copied for every test that wants one like it.
pub struct Template {
    name: &'static str,
    build: fn(&str),
    built: OnceLock<String>,
}

static MIGRATED: Template = Template::new("migrated", |url| migrate(&mut PgConnection::establish(url).unwrap()));

/// Brings the schema up to date.
pub fn migrate(conn: &mut PgConnection) {
    conn.run_pending_migrations(FileBasedMigrations::find_migrations_directory().unwrap()).unwrap();
}

impl Template {
    /// A template that `build` fills, given the address of an empty database.
    pub const fn new(name: &'static str, build: fn(&str)) -> Self {
        Self { name, build, built: OnceLock::new() }
    }

    fn database(&self) -> &str {
        self.built.get_or_init(|| {
            let name = format!("scratch_{}_{}", std::process::id(), self.name);
            execute(&format!("CREATE DATABASE {name}"));
            (self.build)(&url(&name));
            name
        })
    }
}

/// One test's own database; it goes when this value does.
pub struct TestDb {
    name: String,
}

impl TestDb {
    /// A migrated, empty database.
    pub fn new() -> Self {
        Self::like(&MIGRATED)
    }

    /// A copy of a template.
    pub fn like(template: &Template) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("scratch_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        execute(&format!("CREATE DATABASE {name} TEMPLATE {}", template.database()));
        Self { name }
    }

    /// A connection to it.
    pub fn conn(&self) -> PgConnection {
        PgConnection::establish(&url(&self.name)).unwrap()
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn url(database: &str) -> String {
    format!("{}/{database}", std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL").trim_end_matches('/'))
}

fn execute(statement: &str) {
    diesel::sql_query(statement).execute(&mut PgConnection::establish(&url("postgres")).unwrap()).unwrap();
}

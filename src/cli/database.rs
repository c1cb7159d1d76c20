//! The database of a command: the one that `DATABASE_URL` names, or the embedded one, which runs as long as this
//! value lives.

use crate::config::Config;
use crate::db::cluster::Cluster;
use crate::db::cluster::tools::running;
use crate::db::{Db, migrations};
use crate::error::{Error, Result};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use std::time::Duration;

/// How long a request may wait for a connection of an exhausted pool.
const PATIENCE: Duration = Duration::from_secs(2);
/// The oldest PostgreSQL that will do, as `server_version_num` counts.
const OLDEST: i32 = 140_000;

/// An open database.
#[derive(Debug)]
pub(super) struct Database {
    server: Server,
    pool_size: u32,
}

#[derive(Debug)]
enum Server {
    Embedded(Box<Cluster>),
    Elsewhere(crate::config::Secret),
    /// The embedded one, which another program runs just now.
    Running(String),
}

impl Database {
    /// Opens the database; starts the embedded one where none is named.
    ///
    /// # Errors
    /// A server that can't be started or reached: a sentence that says what to do.
    pub(super) fn open(config: &Config) -> Result<Self> {
        let server = match &config.database_url {
            None => Server::Embedded(Box::new(Cluster::start(&config.data_dir)?)),
            Some(url) => Server::Elsewhere(url.clone()),
        };
        let database = Self { server, pool_size: config.pool_size };
        check_version(&mut database.connection()?)?;
        Ok(database)
    }

    /// As [`Database::open`], but the embedded one may be another program's: the console goes on while it is read.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub(super) fn open_shared(config: &Config) -> Result<Self> {
        match running(&config.data_dir).filter(|_| config.database_url.is_none()) {
            Some(url) => Ok(Self { server: Server::Running(url), pool_size: config.pool_size }),
            None => Self::open(config),
        }
    }

    /// Whether there is nothing in it yet, not even our tables.
    ///
    /// # Errors
    /// As [`Database::connection`].
    pub(super) fn is_empty(&self) -> Result<bool> {
        let none = diesel::dsl::sql::<diesel::sql_types::Bool>(
            "NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p'))",
        );
        Ok(diesel::select(none).get_result(&mut self.connection()?)?)
    }

    /// One connection, for a command that does one thing after another.
    ///
    /// # Errors
    /// The server can't be reached, or refuses.
    pub(super) fn connection(&self) -> Result<PgConnection> {
        PgConnection::establish(&self.url()).map_err(|fault| {
            let fault = fault.to_string();
            let cause = fault.lines().next().unwrap_or_default().trim_end_matches('.');
            Error::Internal(format!("The database can't be reached: {cause}.").into())
        })
    }

    /// The pool of a program that does many things at once.
    ///
    /// # Errors
    /// As [`Database::connection`].
    pub(super) fn pool(&self) -> Result<Db> {
        Db::connect(&self.url(), self.pool_size, PATIENCE)
    }

    /// Applies the migrations that are missing and answers their names.
    ///
    /// # Errors
    /// As [`Database::connection`], or a migration that fails.
    pub(super) fn migrate(&self) -> Result<Vec<String>> {
        migrations::migrate(&mut self.connection()?)
    }

    /// Whether the server still runs, where it is ours to know.
    pub(super) fn runs(&mut self) -> bool {
        match &mut self.server {
            Server::Embedded(cluster) => cluster.runs(),
            Server::Elsewhere(_) | Server::Running(_) => true,
        }
    }

    /// Its address.
    pub(super) fn url(&self) -> String {
        match &self.server {
            Server::Embedded(cluster) => cluster.url(),
            Server::Elsewhere(url) => url.expose().to_owned(),
            Server::Running(url) => url.clone(),
        }
    }
}

/// Refuses a server that is too old. One that doesn't tell its version in PostgreSQL's way is taken as it is.
fn check_version(conn: &mut PgConnection) -> Result<()> {
    let version = diesel::dsl::sql::<Nullable<Text>>("current_setting('server_version_num', true)");
    let version: Option<String> = diesel::select(version).get_result(conn)?;
    match version.and_then(|number| number.parse::<i32>().ok()) {
        Some(number) if number < OLDEST => Err(Error::Conflict(format!(
            "The database that DATABASE_URL names is PostgreSQL {}: 14 or newer is needed.",
            number / 10_000
        ))),
        _ => Ok(()),
    }
}

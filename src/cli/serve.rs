//! `clientele serve`

use super::database::Database;
use crate::app;
use crate::clock::Clock;
use crate::config::{Config, ServeConfig, SessionKey};
use crate::error::Result;

/// Run the console and the API
///
/// Opens the database (the embedded PostgreSQL, or the one in DATABASE_URL), brings its schema up to date, prints the
/// address, and serves until it is stopped with Ctrl-C or SIGTERM.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

/// Runs the command.
pub(super) fn run(_: &Arguments, config: &Config) -> Result<()> {
    let serve = ServeConfig::from_env()?;
    // That the data folder is in use is told before a second start finds the address taken, too.
    let mut database = Database::open(config)?;
    let listener = app::listen(serve.bind)?;
    database.migrate()?;
    let session_key = serve.session_key.map_or_else(|| SessionKey::kept_in(&config.data_dir), Ok)?;
    let settings = app::Settings { workers: serve.workers, https: serve.https, session_key };
    app::run(listener, database.pool()?, Clock::system(), &settings, move || database.runs())
}

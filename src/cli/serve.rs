//! `clientele serve`

use super::database::Database;
use crate::app;
use crate::clock::Clock;
use crate::config::{Config, ServeConfig};
use crate::error::Result;

/// Run the console and the API
///
/// Opens the database (the embedded PostgreSQL, or the one in DATABASE_URL), brings its schema up to date, prints the
/// address, and serves until it is stopped with Ctrl-C or SIGTERM.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

/// Runs the command.
pub(super) fn run(_: &Arguments, config: &Config) -> Result<()> {
    // That the data folder is in use is told before anything else that may be wrong with a second start.
    let mut database = Database::open(config)?;
    let serve = ServeConfig::from_env(&config.data_dir)?;
    let listener = app::listen(serve.bind)?;
    database.migrate()?;
    let settings = app::Settings { workers: serve.workers, https: serve.https, session_key: serve.session_key };
    app::run(listener, database.pool()?, Clock::system(), &settings, move || database.runs())
}

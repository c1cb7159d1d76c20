//! `clientele migrate`

use super::database::Database;
use crate::config::Config;
use crate::error::{Error, Result};
use std::io::Write;

/// Bring the database's schema up to date
///
/// Prints the migrations that it ran. Several programs may do this at the same time.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

/// Runs the command.
pub(super) fn run(_: &Arguments, config: &Config) -> Result<()> {
    let names = Database::open(config)?.migrate()?;
    let mut out = std::io::stdout().lock();
    let told = if names.is_empty() {
        writeln!(out, "The database is up to date.")
    } else {
        names.iter().try_for_each(|name| writeln!(out, "{name}"))
    };
    told.map_err(Error::internal)
}

//! `clientele backup FILE` and `clientele restore FILE`: the whole database as one file, by PostgreSQL's own programs.

use super::complete::beside;
use super::database::Database;
use crate::config::Config;
use crate::db::cluster::tools::tool;
use crate::error::{Error, Result};
use crate::inheritance::store::live;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

/// Write the whole database to a file
///
/// The file is what pg_dump calls a custom archive. The console may run meanwhile: what is written is the state of one
/// moment. A file that exists is not overwritten, and one that is there is complete.
#[derive(Debug, clap::Args)]
pub(super) struct BackupArguments {
    /// The file to make.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Fill an empty database from a file that `backup` made
///
/// All of it or nothing. A database that holds anything is refused: name an empty one with DATABASE_URL, or another data
/// folder with DATA_DIR. The schema is brought up to date afterwards.
#[derive(Debug, clap::Args)]
pub(super) struct RestoreArguments {
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Runs `backup`.
pub(super) fn backup(arguments: &BackupArguments, config: &Config) -> Result<()> {
    let path = std::path::absolute(&arguments.file).map_err(Error::internal)?;
    if path.exists() {
        return Err(Error::Conflict(format!("{} exists. Choose another name.", path.display())));
    }
    let unwritable = |fault: std::io::Error| Error::Conflict(format!("{} can't be written: {fault}.", path.display()));
    let written = beside(&path).map_err(unwritable)?;
    let database = Database::open_shared(config)?;
    let mut command = tool("pg_dump", &config.data_dir, &database.url())?;
    command.args(["--format=custom", "--no-owner", "--no-privileges"]);
    command.stdout(written.reopen().map_err(unwritable)?);
    run(&mut command, "pg_dump")?;
    written.as_file().sync_all().map_err(unwritable)?;
    let bytes = written.as_file().metadata().map_err(unwritable)?.len();
    written.persist_noclobber(&path).map_err(|fault| unwritable(fault.error))?;
    writeln!(std::io::stdout(), "{} ({bytes} bytes)", path.display()).map_err(Error::internal)
}

/// Runs `restore`.
pub(super) fn restore(arguments: &RestoreArguments, config: &Config) -> Result<()> {
    let path = std::path::absolute(&arguments.file).map_err(Error::internal)?;
    let file =
        File::open(&path).map_err(|fault| Error::NotFound(format!("{} can't be read: {fault}.", path.display())))?;
    let database = Database::open(config)?;
    if !database.is_empty()? {
        return Err(Error::Conflict(
            "The database holds something already, and nothing was changed. Restore into an empty one: name it with \
             DATABASE_URL, or another data folder with DATA_DIR."
                .into(),
        ));
    }
    let mut command = tool("pg_restore", &config.data_dir, &database.url())?;
    command.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-comments"]);
    command.stdin(file);
    run(&mut command, "pg_restore")?;
    let migrated = database.migrate()?;
    live::forget(&mut database.connection()?)?;
    let told = format!("Restored from {}.", path.display());
    super::lines(std::iter::once(told).chain(migrated.iter().map(|name| format!("Migrated: {name}"))))
}

fn run(command: &mut Command, name: &str) -> Result<()> {
    let output = command.output().map_err(|fault| Error::Internal(format!("{name} can't be run: {fault}").into()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or("it doesn't say why").to_owned();
    Err(Error::Conflict(format!("{name} could not do it, and nothing was changed: {said}")))
}

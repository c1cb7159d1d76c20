//! The command line (SPEC 16): results on standard output, progress and log lines on standard error, exit status 0
//! only when what was asked is done. One file per command.

mod backup;
mod bench_data;
mod complete;
mod database;
mod demo;
mod export;
mod import;
mod migrate;
mod rules;
mod serve;
mod token;
mod user;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::logging;
use clap::{Parser, Subcommand};
use diesel::{Connection, PgConnection};
use std::io::Write;
use std::process::ExitCode;

/// Clientele: an admin console for customer groups.
#[derive(Debug, Parser)]
#[command(name = "clientele", version, arg_required_else_help = true, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Arguments),
    Demo(demo::Arguments),
    Import(import::ImportArgs),
    Export(export::Arguments),
    Migrate(migrate::Arguments),
    User(user::Arguments),
    Token(token::Arguments),
    Rules(rules::Arguments),
    Backup(backup::BackupArguments),
    Restore(backup::RestoreArguments),
    BenchData(bench_data::Arguments),
}

/// Runs the command that the program was called with. A failure is a sentence on standard error and exit status 1;
/// arguments that can't be read give 2.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where even this can't be written there is nobody left to tell.
            let _ = writeln!(std::io::stderr(), "clientele: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let config = Config::from_env()?;
    logging::start(&config)?;
    match command {
        Command::Serve(arguments) => serve::run(&arguments, &config),
        Command::Demo(arguments) => demo::run(&arguments, &config),
        Command::Import(arguments) => import::run(&arguments, &config),
        Command::Export(arguments) => export::run(&arguments, &config),
        Command::Migrate(arguments) => migrate::run(&arguments, &config),
        Command::User(arguments) => user::run(&arguments, &config),
        Command::Token(arguments) => token::run(&arguments, &config),
        Command::Rules(arguments) => rules::run(&arguments, &config),
        Command::Backup(arguments) => backup::backup(&arguments, &config),
        Command::Restore(arguments) => backup::restore(&arguments, &config),
        Command::BenchData(arguments) => bench_data::run(&arguments, &config),
    }
}

/// Writes results, a line each, to standard output.
fn lines<L: std::fmt::Display>(lines: impl IntoIterator<Item = L>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    lines.into_iter().try_for_each(|line| writeln!(out, "{line}")).map_err(Error::internal)
}

/// Does what an action does, or nothing.
fn transaction<T>(conn: &mut PgConnection, action: impl FnOnce(&mut PgConnection) -> Result<T>) -> Result<T> {
    conn.transaction(action)
}

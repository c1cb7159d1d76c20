//! `clientele demo`: loads the demo shop and says how to sign in.

use super::database::Database;
use crate::auth::password;
use crate::auth::store::user_by_email;
use crate::clock::Clock;
use crate::config::Config;
use crate::demo::{self, DemoOptions, Outcome, Step};
use crate::error::{Error, Result};
use crate::money::format_count;
use diesel::pg::PgConnection;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, Write};

/// Load the demo shop into an empty database
///
/// 1,200 customers in the groups of the manual, 300 products and 30,000 orders over three years that end today.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Do nothing, and succeed, where the database already holds something.
    #[arg(long)]
    if_empty: bool,
    /// The password of the three demo sign-ins; a random one is made and printed once where there is none.
    #[arg(long, env = "DEMO_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    password: Option<String>,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, config: &Config) -> Result<()> {
    let database = Database::open(config)?;
    database.migrate()?;
    let given = arguments.password.as_deref().filter(|password| !password.is_empty());
    load(&mut database.connection()?, given, arguments.if_empty).map(|_| ())
}

/// Loads the demo shop with the given password for its sign-ins, or a random one. The sign-ins, and the password where
/// it was made here, go to standard output, progress to standard error. Tells whether it was loaded.
///
/// # Errors
/// A password that is too weak, and those of [`demo::load`]; nothing is changed then.
pub(super) fn load(conn: &mut PgConnection, given: Option<&str>, if_empty: bool) -> Result<bool> {
    if let Some(Err(error)) = given.map(password::check) {
        return Err(Error::Malformed(format!("DEMO_PASSWORD can't be used: {}", error.message)));
    }
    let password = given.map_or_else(password::random, |password| Ok(password.to_owned()))?;
    let options = DemoOptions { now: Clock::system().now(), if_empty };
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("[{pos}/{len}] {msg}") {
        bar.set_style(style);
    }
    let outcome = demo::load(conn, options, || password::hash(&password), &mut |step: Step| {
        if bar.is_hidden() {
            // No terminal: a log wants lines. Where standard error is gone, progress is nobody's loss.
            let _ = writeln!(io::stderr(), "[{}/{}] {}", step.number, step.of, step.text);
        }
        bar.set_length(step.of);
        bar.set_position(step.number);
        bar.set_message(step.text);
    });
    bar.finish_and_clear();
    let Outcome::Loaded(loaded) = outcome? else { return Ok(false) };
    let mut out = io::stdout().lock();
    let count = |n: usize| format_count(n as i64);
    writeln!(
        out,
        "The demo shop is loaded: {} groups, {} customers, {} products, {} orders.",
        count(loaded.groups),
        count(loaded.customers),
        count(loaded.products),
        count(loaded.orders)
    )
    .and_then(|()| {
        for (email, role) in demo::sign_ins() {
            writeln!(out, "  {email:<18} {role}")?;
        }
        match given {
            Some(_) => writeln!(out, "  password           the one you gave (DEMO_PASSWORD)"),
            None => writeln!(out, "  password           {password}  (shown only now)"),
        }
    })
    .map_err(Error::internal)?;
    Ok(true)
}

/// Says who signs in to a demo shop that was loaded before. Its password is known to whoever saw it then.
pub(super) fn remind(conn: &mut PgConnection) -> Result<()> {
    let mut out = io::stdout().lock();
    let mut known = 0;
    for (email, role) in demo::sign_ins() {
        if user_by_email(conn, email)?.is_some() {
            writeln!(out, "  {email:<18} {role}").map_err(Error::internal)?;
            known += 1;
        }
    }
    if known > 0 {
        writeln!(out, "  password           the one that was printed or given when the shop was loaded")
            .map_err(Error::internal)?;
    }
    Ok(())
}

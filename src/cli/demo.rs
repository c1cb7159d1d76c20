//! `clientele demo`: loads the demo shop and says how to sign in.

use crate::demo::{self, DemoOptions, Outcome, Step};
use crate::error::{Error, Result};
use crate::money::format_count;
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, Write};

/// Loads the demo shop into an empty database: 1,200 customers in the groups of the manual, 300 products and 30,000
/// orders over three years that end today.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// Do nothing, and succeed, where the database already holds something.
    #[arg(long)]
    pub if_empty: bool,
    /// The password of the three demo sign-ins; a random one is made and printed once where there is none.
    #[arg(long, env = "DEMO_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    pub password: Option<String>,
}

/// Loads the demo shop as of `now` into a migrated database. `hash` hashes the password for storing. The sign-ins, and
/// the password where it was made here, go to standard output, progress to standard error.
///
/// # Errors
/// Those of [`demo::load`] and of `hash`; nothing is changed then.
pub fn run(
    args: &DemoArgs,
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    hash: impl FnOnce(&str) -> Result<String>,
) -> Result<()> {
    let given = args.password.as_deref().filter(|password| !password.is_empty());
    let password = match given {
        Some(password) => password.to_owned(),
        None => random_password()?,
    };
    let options = DemoOptions { password_hash: hash(&password)?, now, if_empty: args.if_empty };
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("[{pos}/{len}] {msg}") {
        bar.set_style(style);
    }
    let outcome = demo::load(conn, &options, &mut |step: Step| {
        bar.set_length(step.of);
        bar.set_position(step.number);
        bar.set_message(step.text);
    });
    bar.finish_and_clear();
    let Outcome::Loaded(loaded) = outcome? else { return Ok(()) };
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
    .map_err(Error::internal)
}

/// Twenty letters and digits that are hard to mistake for one another: 100 random bits.
fn random_password() -> Result<String> {
    const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(bytes.iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_random_and_can_be_read_aloud() {
        let (one, other) = (random_password().unwrap(), random_password().unwrap());
        assert_eq!(one.len(), 20);
        assert_ne!(one, other);
        assert!(one.chars().all(|c| c.is_ascii_alphanumeric() && !"lo01".contains(c)), "{one}");
    }
}

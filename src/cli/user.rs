//! `clientele user`: the people who may sign in.

use super::database::Database;
use super::{lines, transaction};
use crate::auth::actions;
use crate::auth::password::{self, Hashed};
use crate::auth::role::{Actor, Role};
use crate::auth::store;
use crate::auth::user::NewUser;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::keyset::Place;
use crate::error::{Error, FieldError, Result};
use clap::{Args, Subcommand};
use std::io::{self, IsTerminal, Read};

/// Users fetched at a time.
const ROWS: usize = 500;
/// The most bytes read from standard input for a password.
const INPUT_BYTES: u64 = 4096;

/// Manage the people who may sign in
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a user
    Create(Create),
    /// Give a user a new password, and end all of the user's sessions
    Password(NewPassword),
    /// List the users: email, name, role, access, last sign-in (UTC), separated by tabs
    List,
}

#[derive(Debug, Args)]
struct Create {
    /// What the user signs in with
    #[arg(long)]
    email: String,
    /// As the audit log shows it
    #[arg(long)]
    name: String,
    /// What the user may do
    #[arg(long, value_enum)]
    role: Role,
    #[command(flatten)]
    password: PasswordFrom,
}

#[derive(Debug, Args)]
struct NewPassword {
    /// Whose
    #[arg(long)]
    email: String,
    #[command(flatten)]
    password: PasswordFrom,
}

/// Where the password comes from. Never an argument: other users of the machine could read it.
#[derive(Clone, Copy, Debug, Args)]
#[group(multiple = false)]
struct PasswordFrom {
    /// Read the password from standard input instead of asking for it
    #[arg(long)]
    password_stdin: bool,
    /// Make a random password and print it, this once
    #[arg(long)]
    random_password: bool,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, config: &Config) -> Result<()> {
    match &arguments.command {
        Command::Create(create) => self::create(create, config),
        Command::Password(new) => set_password(new, config),
        Command::List => list(config),
    }
}

fn create(arguments: &Create, config: &Config) -> Result<()> {
    let new = NewUser::parse(&arguments.email, &arguments.name, arguments.role.name()).map_err(Error::Invalid)?;
    let database = Database::open(config)?;
    database.migrate()?;
    let mut conn = database.connection()?;
    // Told before a password is asked for.
    if store::user_by_email(&mut conn, &new.email)?.is_some() {
        return Err(Error::field("email", "Somebody else already signs in with this email."));
    }
    let password = arguments.password.get()?;
    let hashed = Hashed::of(&password)?;
    let now = Clock::system().now();
    transaction(&mut conn, |conn| actions::create_user(conn, &Actor::command_line(), &new, &hashed, now))?;
    arguments.password.tell(&password)
}

fn set_password(arguments: &NewPassword, config: &Config) -> Result<()> {
    let database = Database::open(config)?;
    database.migrate()?;
    let mut conn = database.connection()?;
    let user = store::user_by_email(&mut conn, &arguments.email)?
        .ok_or_else(|| Error::NotFound(format!("Nobody signs in with {}.", arguments.email)))?;
    let password = arguments.password.get()?;
    let hashed = Hashed::of(&password)?;
    let now = Clock::system().now();
    transaction(&mut conn, |conn| actions::set_password(conn, &Actor::command_line(), user.id, &hashed, now))?;
    arguments.password.tell(&password)
}

fn list(config: &Config) -> Result<()> {
    let database = Database::open(config)?;
    database.migrate()?;
    let mut conn = database.connection()?;
    let mut place = Place::Start;
    loop {
        let page = store::users_page(&mut conn, &place, ROWS)?;
        lines(page.rows.iter().map(|(user, _)| line(user)))?;
        match page.rows.into_iter().next_back() {
            Some((_, key)) if page.after => place = Place::After(key),
            _ => return Ok(()),
        }
    }
}

fn line(user: &store::User) -> String {
    let access = if user.disabled_at.is_none() { "enabled" } else { "disabled" };
    let seen =
        user.last_sign_in_at.map_or_else(|| "never".to_owned(), |at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    [&user.email, &user.name, user.role().name(), access, &seen].join("\t")
}

impl PasswordFrom {
    /// Asks twice at a terminal, unless told otherwise.
    fn get(self) -> Result<String> {
        if self.random_password {
            return password::random();
        }
        if self.password_stdin {
            return from_input(&mut io::stdin().lock());
        }
        if !io::stdin().is_terminal() {
            return Err(Error::Malformed(
                "There is no terminal to ask for the password at: use --password-stdin or --random-password.".into(),
            ));
        }
        let ask = |prompt: &str| rpassword::prompt_password(prompt).map_err(Error::internal);
        let password = ask("Password (at least 12 characters): ")?;
        password::check(&password).map_err(|error| Error::Invalid(vec![error]))?;
        if ask("The same again: ")? != password {
            return Err(Error::Invalid(vec![FieldError::new("password", "The two passwords differ.")]));
        }
        Ok(password)
    }

    /// Prints a password that was made here: nobody knows it yet.
    fn tell(self, password: &str) -> Result<()> {
        if self.random_password { lines([password]) } else { Ok(()) }
    }
}

/// What is typed or piped in, without the line end.
fn from_input(input: &mut impl Read) -> Result<String> {
    let mut text = String::new();
    input.take(INPUT_BYTES).read_to_string(&mut text).map_err(|_| {
        Error::Malformed("The password on standard input can't be read: it must be text in UTF-8.".into())
    })?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.contains(['\n', '\r']) {
        return Err(Error::Malformed("Standard input has more than one line: it must be the password alone.".into()));
    }
    Ok(password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_one_line_of_input() {
        for (input, password) in [
            ("four words of it\n", Some("four words of it")),
            ("four words of it\r\n", Some("four words of it")),
            (" spaces count ", Some(" spaces count ")),
            ("", Some("")),
            ("two\nlines\n", None),
        ] {
            assert_eq!(from_input(&mut input.as_bytes()).ok().as_deref(), password, "{input:?}");
        }
        assert!(from_input(&mut &b"\xff\xfe"[..]).is_err());
    }
}

//! `clientele token`: what other programs call the API with.

use super::database::Database;
use super::{lines, transaction};
use crate::auth::actions;
use crate::auth::role::{Actor, Role};
use crate::auth::store::{self, Token};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::keyset::Place;
use crate::error::{Error, Result};
use clap::{Args, Subcommand};
use diesel::PgConnection;
use uuid::Uuid;

/// Tokens fetched at a time.
const ROWS: usize = 500;

/// Manage API tokens
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a token and print it, this once
    Create(Create),
    /// Make a token worthless
    Revoke(Which),
    /// List the tokens, the newest first: id, name, role, created by, created (UTC), last used, status, separated by tabs
    List,
}

#[derive(Debug, Args)]
struct Create {
    /// What it is for; the audit log shows it
    #[arg(long)]
    name: String,
    /// What its holder may do
    #[arg(long, value_enum)]
    role: Role,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// The token of this name, where only one active token has it
    #[arg(long)]
    name: Option<String>,
    /// The token with this id
    #[arg(long)]
    id: Option<Uuid>,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, config: &Config) -> Result<()> {
    let database = Database::open(config)?;
    database.migrate()?;
    let mut conn = database.connection()?;
    let (actor, now) = (Actor::command_line(), Clock::system().now());
    match &arguments.command {
        Command::Create(create) => {
            let (_, secret) =
                transaction(&mut conn, |conn| actions::create_token(conn, &actor, &create.name, create.role, now))?;
            lines([secret.reveal()])
        }
        Command::Revoke(which) => transaction(&mut conn, |conn| {
            let id = which.find(conn)?;
            actions::revoke_token(conn, &actor, id, now)
        }),
        Command::List => list(&mut conn),
    }
}

impl Which {
    fn find(&self, conn: &mut PgConnection) -> Result<Uuid> {
        if let Some(id) = self.id {
            return Ok(store::token(conn, id)?.id);
        }
        let name = self.name.as_deref().unwrap_or_default().trim();
        match store::active_tokens_named(conn, name)?.as_slice() {
            [] => Err(Error::NotFound(format!("There is no active token of the name {name}."))),
            [id] => Ok(*id),
            ids => {
                let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
                Err(Error::Conflict(format!(
                    "{} active tokens have the name {name}: revoke one of them with --id ({}).",
                    ids.len(),
                    ids.join(", ")
                )))
            }
        }
    }
}

fn list(conn: &mut PgConnection) -> Result<()> {
    let mut place = Place::Start;
    loop {
        let page = store::tokens_page(conn, &place, ROWS)?;
        lines(page.rows.iter().map(line))?;
        match page.rows.last() {
            Some(token) if page.after => place = Place::After((token.created_at, token.id)),
            _ => return Ok(()),
        }
    }
}

fn line(token: &Token) -> String {
    let used = token.last_used_on.map_or_else(|| "never".to_owned(), |day| day.to_string());
    let status = if token.revoked_at.is_none() { "active" } else { "revoked" };
    let created = token.created_at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    [&token.id.to_string(), &token.name, token.role().name(), &token.created_by, &created, &used, status].join("\t")
}

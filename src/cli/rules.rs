//! `clientele rules`: the rules of automatic and hybrid groups.

use super::database::Database;
use super::{lines, transaction};
use crate::auth::role::Actor;
use crate::clock::Clock;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::groups::store::naming;
use crate::jobs::scheduler;
use crate::rules::actions;
use crate::rules::store::runs::Run;
use crate::rules::store::schedule::{self, Listed};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

/// Groups fetched at a time.
const ROWS: i64 = 500;

/// List and run the rules of automatic and hybrid groups
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the groups that have a rule: code, name, type, how often it runs, last evaluated and next run (UTC),
    /// separated by tabs
    List,
    /// Run the rules of groups now: code, outcome, matched, joined, left, refused, milliseconds, separated by tabs
    Run(RunNow),
    /// Run what is due, as the console does by itself, and end
    Due,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct RunNow {
    /// The codes of the groups
    #[arg(value_name = "CODE")]
    codes: Vec<String>,
    /// All automatic and hybrid groups that have a rule
    #[arg(long)]
    all: bool,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, config: &Config) -> Result<()> {
    let database = Database::open(config)?;
    database.migrate()?;
    let conn = &mut database.connection()?;
    match &arguments.command {
        Command::List => lines(listed(conn)?.iter().map(line)),
        Command::Due => {
            while scheduler::tick(conn, Clock::system().now())? {}
            Ok(())
        }
        Command::Run(RunNow { codes, all }) => {
            let runs = |one: &Listed| one.kind != "manual";
            let codes =
                if *all { listed(conn)?.into_iter().filter(runs).map(|one| one.code).collect() } else { codes.clone() };
            for code in &codes {
                let group = naming::by_name_or_code(conn, code)?
                    .ok_or_else(|| Error::NotFound(format!("There is no group with the code {code}.")))?;
                let now = Clock::system().now();
                let run = transaction(conn, |conn| actions::run_now(conn, &Actor::command_line(), group, now))?;
                lines([told(code, &run)])?;
            }
            Ok(())
        }
    }
}

fn listed(conn: &mut diesel::PgConnection) -> Result<Vec<Listed>> {
    let mut all: Vec<Listed> = Vec::new();
    loop {
        let after = all.last().map(|one| one.code.clone()).unwrap_or_default();
        let page = schedule::list(conn, &after, ROWS)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

fn line(one: &Listed) -> String {
    let at = |at: Option<DateTime<Utc>>| {
        at.map_or_else(|| "never".to_owned(), |at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string())
    };
    let schedule = one.schedule.as_ref();
    let (every, evaluated, next) = match schedule {
        Some(schedule) => (schedule.every().name(), at(schedule.evaluated_at), at(schedule.next_run_at)),
        None => ("never", at(None), at(None)),
    };
    [&one.code, &one.name, &one.kind, every, &evaluated, &next].join("\t")
}

fn told(code: &str, run: &Run) -> String {
    let tally = run.tally();
    let numbers = [tally.matched, tally.joined, tally.left, tally.refused(), run.duration_ms].map(|n| n.to_string());
    format!("{code}\t{}\t{}", run.outcome().name(), numbers.join("\t"))
}

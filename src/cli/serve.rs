//! `clientele serve`

use super::database::Database;
use super::demo;
use crate::app;
use crate::clock::Clock;
use crate::config::{Config, ServeConfig, SessionKey};
use crate::db::replica::Replica;
use crate::error::Result;
use crate::imports::actions::worker::Worker;
use crate::jobs::scheduler::Scheduler;
use crate::webhooks::address::Networks;
use crate::webhooks::sending::{PATIENCE, Sender};
use crate::webhooks::worker::Deliverer;

/// Run the console and the API
///
/// Opens the database (the embedded PostgreSQL, or the one in DATABASE_URL), brings its schema up to date, prints the
/// address, and serves until it is stopped with Ctrl-C or SIGTERM.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Load the demo shop first where the database is empty.
    #[arg(long)]
    demo_if_empty: bool,
    /// The password of the demo's sign-ins; a random one is made and printed once where there is none.
    #[arg(long, env = "DEMO_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    demo_password: Option<String>,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, config: &Config) -> Result<()> {
    let serve = ServeConfig::from_env()?;
    // That the data folder is in use is told before a second start finds the address taken, too.
    let mut database = Database::open(config)?;
    let listener = app::listen(serve.bind)?;
    database.migrate()?;
    if arguments.demo_if_empty {
        let given = arguments.demo_password.as_deref().filter(|password| !password.is_empty());
        let conn = &mut database.connection()?;
        if !demo::load(conn, given, true)? {
            demo::remind(conn)?;
        }
    }
    let session_key = serve.session_key.map_or_else(|| SessionKey::kept_in(&config.data_dir), Ok)?;
    let networks = if serve.webhooks_private_networks { Networks::All } else { Networks::Public };
    let settings = app::Settings {
        workers: serve.workers,
        https: serve.https,
        session_key,
        metrics_token: serve.metrics_token,
        api_rate_limit: serve.api_rate_limit,
        redis: serve.redis,
        webhook_networks: networks,
    };
    let pool = match &serve.reports_database_url {
        Some(url) => database.pool()?.with_replica(Replica::new(url.expose(), config.pool_size)),
        None => database.pool()?,
    };
    let scheduler = Scheduler::start(pool.clone(), Clock::system())?;
    let worker = Worker::start(pool.clone(), Clock::system())?;
    let deliverer = Deliverer::start(&pool, &Clock::system(), &Sender::new(networks, PATIENCE))?;
    let served = app::run(listener, pool, Clock::system(), &settings, move || database.runs());
    drop(deliverer);
    drop(worker);
    drop(scheduler);
    served
}

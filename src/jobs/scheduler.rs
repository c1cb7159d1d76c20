//! The scheduler: a thread that looks once a second for rules that are due and for customers whom an import left to
//! them, and tidies up once a day. Any number of nodes may run one; a row's lock decides who does what, and what a killed node had begun is
//! rolled back and due again.

use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::inheritance::store::live;
use crate::pricing::store::usage;
use crate::rules::actions::{DueRun, catch_up, run_due};
use crate::rules::run::Outcome;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::PgConnection;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long it is kept how often groups and lists priced something; pages tell of the last 30 days.
const KEPT_USES: TimeDelta = TimeDelta::days(60);
/// How long it rests where nothing is due.
const REST: Duration = Duration::from_secs(1);

/// The running scheduler. It stops when this value goes, after the run that it is in.
#[derive(Debug)]
pub struct Scheduler {
    /// Closed to stop the thread.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Scheduler {
    /// Starts the thread.
    ///
    /// # Errors
    /// A machine that gives no thread.
    pub fn start(db: Db, clock: Clock) -> Result<Self> {
        let (stop, stopped) = channel::<()>();
        let work = move || {
            let mut rest = Duration::ZERO;
            let mut tidied: Option<DateTime<Utc>> = None;
            while stopped.recv_timeout(rest) == Err(RecvTimeoutError::Timeout) {
                let now = clock.now();
                let done = db.connection().and_then(|mut conn| {
                    if tidied.is_none_or(|at| now - at >= TimeDelta::days(1)) {
                        live::tidy(&mut conn)?;
                        usage::tidy(&mut conn, (now - KEPT_USES).date_naive())?;
                        tidied = Some(now);
                    }
                    tick(&mut conn, now)
                });
                rest = match done {
                    Ok(true) => Duration::ZERO,
                    Ok(false) => REST,
                    Err(error) => {
                        tracing::warn!(%error, "the scheduler could not look for what is due");
                        REST
                    }
                };
            }
        };
        let thread = std::thread::Builder::new().name("scheduler".into()).spawn(work).map_err(Error::internal)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // It can only have ended before by a panic, which has been told.
            let _ = thread.join();
        }
    }
}

/// Does one thing that is due at `now`. Returns whether there was any.
///
/// # Errors
/// Where the database can't be asked.
pub fn tick(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<bool> {
    let caught_up = catch_up(conn, now)? > 0;
    let due = run_due(conn, now)?;
    if let Some(DueRun::Ran(outcome)) = due {
        tracing::info!(outcome = Outcome::name(outcome), "a rule ran on schedule");
    }
    Ok(caught_up || due.is_some())
}

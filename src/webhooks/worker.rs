//! Delivers what is due, in a few threads of each node. Any number of nodes may do so: a delivery is leased by one of
//! them at a time, and what a killed one had taken is taken by another when the lease is over.

use super::actions;
use super::retries::{Verdict, decide};
use super::sending::Sender;
use super::signature;
use super::store::queue;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::metrics;
use crate::outbox::store as outbox;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::Connection;
use std::sync::mpsc::{RecvTimeoutError, Sender as Channel, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How many deliveries a node has on their way at a time.
const THREADS: usize = 4;
/// How long the first thread rests where nothing is due.
const REST: Duration = Duration::from_secs(1);
/// How long the others do: the first one sees what is new, and they help while there is much.
const LONG_REST: Duration = Duration::from_secs(5);
/// How often what is left to do is counted.
const COUNTING: Duration = Duration::from_secs(15);
/// How often what is old is forgotten.
const TIDYING: TimeDelta = TimeDelta::days(1);
/// How long deliveries are kept that have arrived.
const KEPT: TimeDelta = TimeDelta::days(30);
/// How long deliveries are kept that were given up.
const KEPT_DEAD: TimeDelta = TimeDelta::days(90);

/// The running threads. They stop when this value goes, each after the delivery that it is in.
#[derive(Debug)]
pub struct Deliverer {
    threads: Vec<(Channel<()>, JoinHandle<()>)>,
}

impl Deliverer {
    /// Starts the threads.
    ///
    /// # Errors
    /// A machine that gives no thread.
    pub fn start(db: &Db, clock: &Clock, sender: &Sender) -> Result<Self> {
        let mut threads = Vec::with_capacity(THREADS);
        for place in 0..THREADS {
            let (stop, stopped) = channel::<()>();
            let (db, clock, sender) = (db.clone(), clock.clone(), sender.clone());
            let mut chores = (place == 0).then(Chores::default);
            let pause = if place == 0 { REST } else { LONG_REST };
            let work = move || {
                let mut rest = Duration::ZERO;
                while stopped.recv_timeout(rest) == Err(RecvTimeoutError::Timeout) {
                    let done = match &mut chores {
                        Some(chores) => chores.look(&db, clock.now()).and_then(|()| step(&db, &clock, &sender)),
                        None => step(&db, &clock, &sender),
                    };
                    rest = match done {
                        Ok(true) => Duration::ZERO,
                        Ok(false) => pause,
                        Err(error) => {
                            tracing::warn!(%error, "webhooks could not be looked after");
                            pause
                        }
                    };
                }
            };
            let thread = std::thread::Builder::new().name("webhooks".into()).spawn(work).map_err(Error::internal)?;
            threads.push((stop, thread));
        }
        Ok(Self { threads })
    }
}

impl Drop for Deliverer {
    fn drop(&mut self) {
        // All are told to stop before any is waited for.
        let threads: Vec<JoinHandle<()>> = self.threads.drain(..).map(|(_, thread)| thread).collect();
        for thread in threads {
            // It can only have ended before by a panic, which has been told.
            let _ = thread.join();
        }
    }
}

/// What one thread does besides.
#[derive(Debug, Default)]
struct Chores {
    counted: Option<Instant>,
    tidied: Option<DateTime<Utc>>,
}

impl Chores {
    fn look(&mut self, db: &Db, now: DateTime<Utc>) -> Result<()> {
        if self.tidied.is_none_or(|at| now - at >= TIDYING) {
            outbox::tidy(&mut *db.connection()?, now - KEPT, now - KEPT_DEAD)?;
            self.tidied = Some(now);
        }
        if self.counted.is_none_or(|at| at.elapsed() >= COUNTING) {
            let left = queue::left(&mut *db.connection()?)?;
            metrics::webhooks_left(left.waiting, left.dead);
            self.counted = Some(Instant::now());
        }
        Ok(())
    }
}

/// Sends the delivery that has been due the longest, and keeps what came of it. Returns whether there was one. No
/// connection is held while the receiver is waited for.
///
/// # Errors
/// Where the database can't be asked. What goes wrong with a receiver is kept with the delivery.
pub fn step(db: &Db, clock: &Clock, sender: &Sender) -> Result<bool> {
    let now = clock.now();
    let Some(taken) = queue::take(&mut *db.connection()?, now)? else { return Ok(false) };
    let body = taken.event.body();
    let headers = signature::headers(&taken.secrets, taken.event.id, &body, now)?;
    let answer = sender.send(&taken.url, &headers, &body, now);
    let at = clock.now();
    let verdict = decide(taken.id, taken.attempt, &answer, at);
    let mut conn = db.connection()?;
    let counts = conn.transaction(|conn| {
        let counts = queue::settle(conn, &taken, &answer, verdict, at)?;
        if counts && verdict == Verdict::Gone {
            actions::pause_gone(conn, taken.endpoint, at)?;
        }
        Ok::<_, Error>(counts)
    })?;
    let outcome = match verdict {
        _ if !counts => "overtaken",
        Verdict::Delivered => "delivered",
        Verdict::Again(_) => "retried",
        Verdict::Dead | Verdict::Gone => "dead",
    };
    metrics::webhook(outcome);
    tracing::debug!(delivery = %taken.id, outcome, status = answer.status, "a webhook was called");
    Ok(true)
}

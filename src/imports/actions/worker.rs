//! Does the imports that wait, one after the other on each node, in a thread of its own. Any number of nodes may have
//! one: an import is held by one of them, and what a killed one had begun is undone and told as interrupted.

use super::{Request, import_with};
use crate::auth::role::Actor;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::imports::intake::Progress;
use crate::imports::report::{Outcome, Report};
use crate::imports::store::files::{self, Part};
use crate::imports::store::running;
use crate::imports::store::tasks as store;
use crate::imports::task::{Stage, Task};
use crate::metrics;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::PgConnection;
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::tempfile;
use uuid::Uuid;

/// How long it rests where nothing waits.
const REST: Duration = Duration::from_secs(1);
/// How often a running import says how far it is.
const TELLING: Duration = Duration::from_millis(400);
/// How long files are kept that nobody went on with.
const KEPT: TimeDelta = TimeDelta::days(7);

/// The running worker. It stops when this value goes; an import that it is in is stopped and undone.
pub struct Worker {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    db: Db,
    doing: Doing,
}

/// The import that a worker is in.
type Doing = Arc<Mutex<Option<Uuid>>>;

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    /// A machine that gives no thread.
    pub fn start(db: Db, clock: Clock) -> Result<Self> {
        let (stop, stopped) = channel::<()>();
        let doing = Doing::default();
        let (pool, shown) = (db.clone(), Arc::clone(&doing));
        let work = move || {
            let mut rest = Duration::ZERO;
            let mut tidied: Option<DateTime<Utc>> = None;
            while stopped.recv_timeout(rest) == Err(RecvTimeoutError::Timeout) {
                rest = match tick(&pool, &clock, &shown, &mut tidied) {
                    Ok(true) => Duration::ZERO,
                    Ok(false) => REST,
                    Err(error) => {
                        tracing::warn!(%error, "the worker could not look for imports");
                        REST
                    }
                };
            }
        };
        let thread = std::thread::Builder::new().name("imports".into()).spawn(work).map_err(Error::internal)?;
        Ok(Self { stop: Some(stop), thread: Some(thread), db, doing })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop = None;
        let Some(thread) = self.thread.take() else { return };
        while !thread.is_finished() {
            let doing = *self.doing.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(id) = doing
                && let Err(error) = self.db.connection().and_then(|mut conn| running::stop(&mut conn, id))
            {
                tracing::warn!(%error, "an import could not be stopped");
            }
            std::thread::park_timeout(Duration::from_millis(100));
        }
        // It can only have ended before by a panic, which has been told.
        let _ = thread.join();
    }
}

fn tick(db: &Db, clock: &Clock, doing: &Doing, tidied: &mut Option<DateTime<Utc>>) -> Result<bool> {
    let now = clock.now();
    if tidied.is_none_or(|at| now - at >= TimeDelta::days(1)) {
        store::tidy(&mut *db.connection()?, now - KEPT)?;
        *tidied = Some(now);
    }
    let show = |id| *doing.lock().unwrap_or_else(PoisonError::into_inner) = id;
    let done = run_next(db, clock, &show);
    show(None);
    done
}

/// Does the import that has waited the longest, if there is one. `show` is told which it is.
///
/// # Errors
/// Where the database can't be asked. What is wrong with an import is kept with it and is no error here.
pub fn run_next(db: &Db, clock: &Clock, show: &dyn Fn(Option<Uuid>)) -> Result<bool> {
    let now = clock.now();
    let mut pooled = db.connection()?;
    let conn: &mut PgConnection = &mut pooled;
    if running::find_interrupted(conn, now)? > 0 {
        tracing::warn!("an import was interrupted");
    }
    let Some((task, actor)) = running::take(conn, now)? else { return Ok(false) };
    show(Some(task.id));
    tracing::info!(id = %task.id, kind = task.kind.name(), dry_run = task.dry_run, "an import begins");
    let ended = run(db, conn, &task, &actor, (clock, now));
    let ended = ended.or_else(|error| give_up(conn, task.id, &error, clock.now()));
    // Where the connection is gone the lock went with it, and the next look marks the import.
    running::release(conn, task.id)?;
    ended?;
    Ok(true)
}

fn run(
    db: &Db,
    conn: &mut PgConnection,
    task: &Task,
    actor: &Actor,
    (clock, now): (&Clock, DateTime<Utc>),
) -> Result<()> {
    let mut file = BufWriter::new(tempfile().map_err(Error::internal)?);
    files::copy(conn, task.id, Part::File, &mut file)?;
    let mut file = file.into_inner().map_err(|fault| Error::internal(fault.into_error()))?;
    let mut bad_rows = tempfile().map_err(Error::internal)?;
    let mut kept = bad_rows.try_clone().map_err(Error::internal)?;
    let request = Request {
        kind: task.kind,
        file: &task.file,
        wishes: task.options.wishes(),
        create: task.options.creates(task.kind)?,
        dry_run: task.dry_run,
        good_rows: task.options.good_rows,
        actor,
        now,
    };
    let mut teller = Teller { db, id: task.id, told: None, read: (0, 0) };
    let report = import_with(
        conn,
        &mut file,
        &request,
        Some(&mut bad_rows as &mut dyn Write),
        &mut |progress| teller.tell(progress),
        // With the import itself: it is in, and is said to be in, or neither.
        &mut |conn, report| finish(conn, task.id, report, &mut kept, clock.now()),
    )?;
    if report.outcome != Outcome::Imported {
        finish(conn, task.id, &report, &mut kept, clock.now())?;
    }
    metrics::import(report.outcome.name(), report.rows);
    tracing::info!(id = %task.id, rows = report.rows, bad_rows = report.bad_rows, "an import ended");
    Ok(())
}

fn finish(conn: &mut PgConnection, id: Uuid, report: &Report, bad_rows: &mut File, now: DateTime<Utc>) -> Result<()> {
    bad_rows.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
    let bytes = files::keep(conn, id, Part::BadRows, bad_rows)?;
    running::finish(conn, id, report, bytes, now)
}

/// Keeps why an import didn't go through. An error here means that the connection is gone, too.
fn give_up(conn: &mut PgConnection, id: Uuid, error: &Error, now: DateTime<Utc>) -> Result<()> {
    let (stage, fault) = match error {
        Error::Internal(_) if running::is_stopping(conn, id)? => (Stage::Interrupted, None),
        Error::Internal(fault) => {
            tracing::error!(%id, %fault, "an import failed");
            (Stage::Failed, Some(format!("A fault of the program or the machine; it is in the log under {id}.")))
        }
        Error::Busy => (Stage::Interrupted, None),
        error => (Stage::Failed, Some(error.to_string())),
    };
    metrics::import(stage.name(), 0);
    running::end(conn, id, stage, fault.as_deref(), now).map(drop)
}

/// Says how far an import is, over another connection: its own says nothing before it is through.
struct Teller<'a> {
    db: &'a Db,
    id: Uuid,
    told: Option<Instant>,
    /// Rows and bytes read so far.
    read: (i64, i64),
}

impl Teller<'_> {
    fn tell(&mut self, progress: Progress) {
        let phase = match progress {
            Progress::Reading { rows, bytes } => {
                let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
                self.read = (whole(rows), whole(bytes));
                if self.told.is_some_and(|told| told.elapsed() < TELLING) {
                    return;
                }
                "Reading"
            }
            Progress::Checking => "Checking",
            Progress::Writing => "Writing",
            Progress::RollingUp => "Adding up purchases",
            // The import is in, and says so.
            Progress::RunningRules => return,
            Progress::WritingErrors => "Writing down the rows with errors",
        };
        self.told = Some(Instant::now());
        let told = self.db.connection().and_then(|mut conn| running::tell(&mut conn, self.id, phase, self.read));
        if let Err(error) = told {
            tracing::debug!(%error, "an import could not say how far it is");
        }
    }
}

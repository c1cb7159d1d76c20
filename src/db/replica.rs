//! The replica that reports are read from (`REPORTS_DATABASE_URL`, SPEC 14): a second pool, and what is known of how far
//! it is behind. Reports don't depend on it: while it doesn't answer they are read from the database itself.

use super::Pooled;
use crate::error::Result;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use diesel::sql_types::{Bool, Nullable, Text, Timestamptz};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a report waits for a connection to the replica.
const PATIENCE: Duration = Duration::from_millis(700);
/// How long a replica that didn't answer is left alone.
const REST: Duration = Duration::from_secs(5);

/// Where the figures of a report come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The database itself.
    Main,
    /// The replica, which has everything that was written before the question.
    Replica,
    /// The replica, which hasn't everything yet: as of this moment, if it tells.
    Behind(Option<DateTime<Utc>>),
    /// The database itself, because the replica doesn't answer.
    ReplicaDown,
}

/// A pool on the replica. Cloning shares it.
#[derive(Clone)]
pub struct Replica {
    pool: Pool<ConnectionManager<PgConnection>>,
    /// Until when it isn't asked.
    resting: Arc<Mutex<Option<Instant>>>,
}

#[derive(QueryableByName)]
struct State {
    #[diesel(sql_type = Bool)]
    behind: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    replayed: Option<DateTime<Utc>>,
}

impl Replica {
    /// A pool of up to `size` connections. The replica needn't be there yet.
    pub fn new(url: &str, size: u32) -> Self {
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .connection_timeout(PATIENCE)
            .test_on_check_out(false)
            .build_unchecked(ConnectionManager::<PgConnection>::new(url));
        Self { pool, resting: Arc::default() }
    }

    /// A connection to the replica that answers, and how far it is; none while it doesn't.
    pub(super) fn connection(&self, written: Option<&str>) -> Option<(Pooled, Origin)> {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        if resting.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        *resting = None;
        drop(resting);
        let found = self.pool.get().ok().and_then(|mut conn| Some((state(&mut conn, written)?, conn)));
        match found {
            Some((origin, conn)) => Some((conn, origin)),
            None => {
                tracing::warn!("the replica for reports doesn't answer");
                *self.resting.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + REST);
                None
            }
        }
    }
}

/// How often, and for how long each time, a replica is waited for that hasn't everything yet: it usually is only
/// milliseconds behind, which nobody needs to be told.
const LOOKS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(50);

/// Where a replica is, given a few moments to catch up.
fn state(conn: &mut PgConnection, written: Option<&str>) -> Option<Origin> {
    let mut found = look(conn, written)?;
    for _ in 1..LOOKS {
        if !matches!(found, Origin::Behind(_)) {
            break;
        }
        std::thread::sleep(PAUSE);
        found = look(conn, written)?;
    }
    Some(found)
}

/// A connection that answers tells where the replica is. A database that is no replica is taken as one that has
/// everything.
fn look(conn: &mut PgConnection, written: Option<&str>) -> Option<Origin> {
    let state = diesel::sql_query(
        "SELECT coalesce(pg_is_in_recovery() AND pg_wal_lsn_diff($1::pg_lsn, pg_last_wal_replay_lsn()) > 0, false)
                    AS behind,
                pg_last_xact_replay_timestamp() AS replayed",
    )
    .bind::<Nullable<Text>, _>(written)
    .get_result::<State>(conn);
    match state {
        Ok(State { behind: true, replayed }) => Some(Origin::Behind(replayed)),
        Ok(_) => Some(Origin::Replica),
        Err(fault) => {
            tracing::warn!(%fault, "the replica for reports");
            None
        }
    }
}

/// The place in the log of the database itself up to which everything is written: what a replica is compared with.
///
/// # Errors
/// The database doesn't answer.
pub fn written(conn: &mut PgConnection) -> Result<Option<String>> {
    let place = diesel::dsl::sql::<Nullable<Text>>(
        "CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_lsn()::text END",
    );
    Ok(diesel::select(place).get_result(conn)?)
}

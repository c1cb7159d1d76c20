//! The database: the pool and the hop from async handlers to blocking queries, and migrations.

pub mod among;
pub mod cluster;
pub mod composed;
pub mod functions;
pub mod kept;
pub mod keyset;
pub mod migrations;
pub mod replica;
pub mod sorting;
pub mod statement;
pub mod together;
mod turn;

use self::replica::{Origin, Replica};
use crate::error::{Error, Result};
use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Error as PoolError, Pool, PooledConnection};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// A connection out of the pool.
pub type Pooled = PooledConnection<ConnectionManager<PgConnection>>;

/// The connection pool. Cloning shares it.
#[derive(Clone)]
pub struct Db {
    pool: Pool<ConnectionManager<PgConnection>>,
    replica: Option<Replica>,
    written: Arc<Notify>,
}

/// What every connection is told: compiling a query takes PostgreSQL longer than any of ours runs.
#[derive(Debug)]
struct Habits;

impl CustomizeConnection<PgConnection, PoolError> for Habits {
    fn on_acquire(&self, conn: &mut PgConnection) -> std::result::Result<(), PoolError> {
        conn.batch_execute("SET jit = off").map_err(PoolError::QueryError)
    }
}

impl Db {
    /// Opens a pool of up to `size` connections; fails where the server can't be reached within `patience`.
    pub fn connect(url: &str, size: u32, patience: Duration) -> Result<Self> {
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .connection_timeout(patience)
            .test_on_check_out(false)
            .connection_customizer(Box::new(Habits))
            .build(ConnectionManager::<PgConnection>::new(url))
            .map_err(Error::internal)?;
        Ok(Self { pool, replica: None, written: Arc::default() })
    }

    /// A connection for code that is already blocking: the command line, jobs, tests.
    pub fn connection(&self) -> Result<Pooled> {
        self.pool.get().map_err(|fault| {
            tracing::warn!(%fault, "no database connection");
            Error::Busy
        })
    }

    /// The most connections.
    pub fn size(&self) -> u32 {
        self.pool.max_size()
    }

    /// The connections that there are, and how many of them rest.
    pub fn connections(&self) -> (u32, u32) {
        let state = self.pool.state();
        (state.connections, state.idle_connections)
    }

    /// How long a request may wait for a thread, and how long for a connection.
    pub fn patience(&self) -> Duration {
        self.pool.connection_timeout()
    }

    /// Runs queries that change nothing, off the async threads. One hop a request.
    pub async fn read<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    {
        let db = self.clone();
        turn::blocking(self.patience(), move || f(&mut *db.connection()?)).await
    }

    /// The same database, with reports read from a replica of it.
    pub fn with_replica(self, replica: Replica) -> Self {
        Self { replica: Some(replica), ..self }
    }

    /// Runs the queries of a report, off the async threads: on the replica where there is one that answers, otherwise
    /// here. `written` is the place in the log that the replica is compared with ([`replica::written`]).
    pub async fn report<T, F>(&self, written: Option<String>, f: F) -> Result<(T, Origin)>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    {
        let db = self.clone();
        let work = move || {
            let Some(replica) = &db.replica else { return Ok((f(&mut *db.connection()?)?, Origin::Main)) };
            match replica.connection(written.as_deref()) {
                Some((mut conn, origin)) => Ok((f(&mut conn)?, origin)),
                None => Ok((f(&mut *db.connection()?)?, Origin::ReplicaDown)),
            }
        };
        turn::blocking(self.patience(), work).await
    }

    /// Whether reports are read from a replica.
    pub fn has_replica(&self) -> bool {
        self.replica.is_some()
    }

    /// Runs one action in one transaction, off the async threads: an error rolls everything back.
    pub async fn write<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T> + Send + 'static,
    {
        let db = self.clone();
        let work = move || {
            let mut pooled = db.connection()?;
            let conn: &mut PgConnection = &mut pooled;
            let done = conn.transaction(f);
            db.written.notify_one();
            done
        };
        turn::blocking(self.patience(), work).await
    }

    /// Waits until an action on this node has ended that wasn't waited for yet. One task may wait.
    pub async fn written(&self) {
        self.written.notified().await;
    }
}

//! The Redis server: short questions, and no waiting for one that doesn't answer.

use super::breaker::Breaker;
use crate::error::{Error, Result};
use crate::metrics;
use redis::{Client, Cmd, Connection, FromRedisValue, RedisError, RedisResult};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long connecting may take.
const CONNECTING: Duration = Duration::from_millis(100);
/// How long a question may take. What takes longer is as if it hadn't been answered: the database would have been
/// quicker.
const PATIENCE: Duration = Duration::from_millis(50);
/// How many keys are removed in one question.
const AT_ONCE: usize = 1_000;

/// A Redis server. Cloning shares it and its connections. It is asked from blocking threads.
#[derive(Clone)]
pub struct Redis(Arc<Server>);

struct Server {
    client: Client,
    /// Connections that nobody uses: never more than there are threads.
    idle: Mutex<Vec<Connection>>,
    breaker: Breaker,
    begun: Instant,
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redis")
    }
}

impl Redis {
    /// The server at this address. It isn't asked yet, and needn't be there.
    ///
    /// # Errors
    /// What is no address.
    pub fn at(url: &str) -> Result<Self> {
        let client = Client::open(url).map_err(|fault| Error::Malformed(fault.to_string()))?;
        metrics::redis(true);
        let server = Server { client, idle: Mutex::default(), breaker: Breaker::default(), begun: Instant::now() };
        Ok(Self(Arc::new(server)))
    }

    /// What lies under a key: nothing within where there is nothing, nothing at all where the server doesn't answer.
    pub fn get(&self, key: &str) -> Option<Option<Vec<u8>>> {
        self.ask(redis::cmd("GET").arg(key))
    }

    /// Puts something under a key, whatever lies there, for a time.
    pub fn set(&self, key: &str, value: &[u8], kept: Duration) {
        // Who can't keep it makes it again.
        let _: Option<()> = self.ask(redis::cmd("SET").arg(key).arg(value).arg("EX").arg(kept.as_secs()));
    }

    /// Removes what lies under these keys; whether that was done.
    pub fn remove(&self, keys: &[String]) -> bool {
        keys.chunks(AT_ONCE).all(|keys| self.ask::<u64>(redis::cmd("UNLINK").arg(keys)).is_some())
    }

    /// Asks a question, unless the server failed a moment ago. Nothing where it doesn't answer, or with an error.
    pub(super) fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        let server = &*self.0;
        if !server.breaker.may_ask(server.now()) {
            return None;
        }
        let begun = Instant::now();
        let (value, fault) = match server.answer(command) {
            Ok(value) => (Some(value), None),
            // The server is well; what lies under the key isn't what is asked for.
            Err(fault) if fault.code() == Some("WRONGTYPE") => (None, None),
            Err(fault) => (None, Some(fault.to_string())),
        };
        let slow = || (begun.elapsed() > CONNECTING + PATIENCE).then(|| "it took too long".to_owned());
        match fault.or_else(slow) {
            Some(fault) => server.failed(&fault),
            None => server.answered(),
        }
        match value {
            Some(value) => T::from_redis_value(value).ok(),
            None => T::from_redis_value(redis::Value::Nil).ok(),
        }
    }
}

impl Server {
    fn now(&self) -> u64 {
        // 0 is no moment but "never".
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    /// On a connection that is there, or on a new one where that was closed meanwhile.
    fn answer(&self, command: &Cmd) -> RedisResult<redis::Value> {
        let there = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(connection) = there {
            match self.answer_on(connection, command) {
                // The server has ended, or was started anew: the others are as dead.
                Err(fault) if closed(&fault) => self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear(),
                answered => return answered,
            }
        }
        let connection = self.client.get_connection_with_timeout(CONNECTING)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.set_write_timeout(Some(PATIENCE))?;
        self.answer_on(connection, command)
    }

    fn answer_on(&self, mut connection: Connection, command: &Cmd) -> RedisResult<redis::Value> {
        let answered = command.query(&mut connection);
        // After a fault on the way the next answer could be this one's, which comes late.
        if answered.as_ref().is_ok_and(|_| true) || answered.as_ref().is_err_and(|fault| fault.code().is_some()) {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        answered
    }

    fn failed(&self, fault: &str) {
        metrics::redis(false);
        if self.breaker.failed(self.now()) {
            tracing::warn!(fault, "Redis does not answer; going on without it");
        }
    }

    fn answered(&self) {
        if self.breaker.answered() {
            metrics::redis(true);
            tracing::info!("Redis answers again");
        }
    }
}

/// Whether the connection was closed, in contrast to a server that takes too long.
fn closed(fault: &RedisError) -> bool {
    fault.is_io_error() && !fault.is_timeout()
}

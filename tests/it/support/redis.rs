//! A Redis server of a test's own, on a socket in a folder of its own.

use super::process::{Guarded, eventually, signal};
use clientele::cache::Redis;
use redis::{Client, Connection, ToRedisArgs, cmd};
use rustix::process::Signal;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

/// How long an answer may take here; the product waits much shorter.
const PATIENCE: Duration = Duration::from_secs(30);

/// The server; it ends with this value.
pub struct RedisServer {
    process: Option<Guarded>,
    folder: TempDir,
}

impl RedisServer {
    /// Starts one, empty, and waits until it answers.
    pub fn start() -> Self {
        let mut server = Self { process: None, folder: tempfile::tempdir().unwrap() };
        server.start_again();
        server
    }

    /// Starts it again with what it saved last.
    pub fn start_again(&mut self) {
        let folder = self.folder.path().to_str().unwrap();
        let socket = self.socket();
        let settings = ["--port", "0", "--unixsocket", socket.to_str().unwrap(), "--dir", folder, "--save", ""];
        self.process = Some(Guarded::start("redis-server", &settings));
        eventually(|| self.try_client().is_some_and(|mut client| cmd("PING").exec(&mut client).is_ok()));
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// As the product has it.
    pub fn redis(&self) -> Redis {
        Redis::at(&self.url()).unwrap()
    }

    fn try_client(&self) -> Option<Connection> {
        let connection = Client::open(self.url()).unwrap().get_connection_with_timeout(PATIENCE).ok()?;
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        Some(connection)
    }

    /// A question to it.
    pub fn ask<T: redis::FromRedisValue>(&self, name: &str, arguments: impl ToRedisArgs) -> T {
        cmd(name).arg(arguments).query(&mut self.try_client().unwrap()).unwrap()
    }

    /// What lies under a key.
    pub fn get(&self, key: &str) -> Option<String> {
        self.ask("GET", key)
    }

    /// All keys.
    pub fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.ask("KEYS", "*");
        keys.sort();
        keys
    }

    /// It stands still: it is there, and doesn't answer.
    pub fn freeze(&self) {
        signal(self.process.as_ref().unwrap().pid, Signal::STOP);
    }

    /// It goes on.
    pub fn thaw(&self) {
        signal(self.process.as_ref().unwrap().pid, Signal::CONT);
    }

    /// It is gone from one moment to the next.
    pub fn kill(&mut self) {
        self.process = None;
    }
}

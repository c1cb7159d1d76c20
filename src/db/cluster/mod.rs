//! The embedded PostgreSQL: a private server of our own, from the binaries that are installed.
//!
//! It listens on a Unix socket in a folder that only its owner may enter, on no network address, and lives no longer
//! than this program. `docs/adr/0001-embedded-postgresql.md` says why it is built like this.

mod account;
mod binaries;
mod data;
mod error;
mod folder;
mod pid_file;
mod server;
pub mod tools;

pub use error::ClusterError;

use account::Account;
use binaries::Binaries;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use folder::{Folder, Lock};
use server::{Purpose, Server};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Our database, and the role that owns it.
const NAME: &str = "clientele";
/// The server's superuser: makes the role and the database, and nothing else.
const SUPERUSER: &str = "postgres";
/// How the folders of throw-away servers are named.
const THROW_AWAY: &str = "clientele-test-";

/// A running private server. Dropping it stops the server.
#[derive(Debug)]
pub struct Cluster {
    // In the order in which they must go: the server, its socket's folder, its data, the hold on the folder.
    server: Server,
    socket: PathBuf,
    _short_socket: Option<TempDir>,
    folder: Folder,
    _temporary: Option<TempDir>,
    _lock: Lock,
}

impl Cluster {
    /// Starts the server on the data in `data_dir`, which is made where there is none, and our database in it.
    ///
    /// # Errors
    /// No binaries, a folder that can't be used or that another program holds, a server that doesn't start: each
    /// a sentence that says what to do.
    pub fn start(data_dir: &Path) -> Result<Self, ClusterError> {
        let cluster = Self::open(data_dir, Purpose::Keep, None)?;
        cluster.provide_database()?;
        Ok(cluster)
    }

    /// Starts a server for a test run: fast, careless of crashes, and removed when it is dropped or this process
    /// ends, even by `kill -9`. Servers that such runs left nevertheless are removed first.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn throw_away() -> Result<Self, ClusterError> {
        let account = Account::usual()?;
        let base = throw_away_base(account.as_ref());
        sweep(&base, account.as_ref());
        let temporary = folder::temporary(&base, THROW_AWAY)?;
        let root = temporary.path().to_owned();
        Self::open(&root, Purpose::ThrowAway, Some(temporary))
    }

    fn open(data_dir: &Path, purpose: Purpose, temporary: Option<TempDir>) -> Result<Self, ClusterError> {
        let account = Account::for_data(&data_dir.join("postgres"))?;
        let account = account.as_ref();
        let folder = Folder::prepare(data_dir, account)?;
        let lock = folder.lock()?;
        let binaries = Binaries::find(&folder.data())?;
        server::stop_leftover(&folder.data(), purpose)?;
        data::create(&binaries, &folder, account, purpose)?;
        let (socket, short_socket) = folder.socket(account)?;
        let remove = temporary.as_ref().or(short_socket.as_ref()).map(TempDir::path);
        let server = Server::start(&binaries, &folder, &socket, account, purpose, remove)?;
        tracing::debug!(pid = server.pid(), socket = %socket.display(), "the private PostgreSQL runs");
        Ok(Self { server, socket, _short_socket: short_socket, folder, _temporary: temporary, _lock: lock })
    }

    /// Makes our role and database where they are missing: a role that may do nothing beyond its own database, so
    /// that not even a hole in a query leads to the machine.
    fn provide_database(&self) -> Result<(), ClusterError> {
        let refused = |fault: &dyn std::fmt::Display| ClusterError::Refused(fault.to_string());
        let mut conn = PgConnection::establish(&self.superuser_url("postgres")).map_err(|fault| refused(&fault))?;
        let missing = |conn: &mut PgConnection, query: &str| {
            diesel::select(sql::<Bool>(query).bind::<Text, _>(NAME).sql(")")).get_result::<bool>(conn)
        };
        let mut provide = || {
            if missing(&mut conn, "NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ")? {
                diesel::sql_query("CREATE ROLE clientele LOGIN").execute(&mut conn)?;
            }
            if missing(&mut conn, "NOT EXISTS (SELECT FROM pg_database WHERE datname = ")? {
                diesel::sql_query("CREATE DATABASE clientele OWNER clientele").execute(&mut conn)?;
            }
            Ok::<(), diesel::result::Error>(())
        };
        provide().map_err(|fault| refused(&fault))
    }

    /// The address of our database, in the form of `DATABASE_URL`.
    pub fn url(&self) -> String {
        url(&self.socket)
    }

    /// The address of any database on this server for its superuser: for tests, which make databases.
    pub fn superuser_url(&self, database: &str) -> String {
        address(SUPERUSER, database, &self.socket)
    }

    /// The server's process, as the operating system counts.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// The data folder, with all links resolved.
    pub fn folder(&self) -> &Path {
        self.folder.root()
    }

    /// Whether the server still runs: nothing restarts one that was ended from outside.
    pub fn runs(&mut self) -> bool {
        self.server.runs()
    }
}

/// The address of our database behind the socket in this folder.
fn url(socket: &Path) -> String {
    address(NAME, NAME, socket)
}

fn address(role: &str, database: &str, socket: &Path) -> String {
    format!("postgresql://{role}@/{database}?host={}", percent_encoded(socket))
}

/// Everything but what needs no encoding anywhere in an address.
fn percent_encoded(path: &Path) -> String {
    let mut text = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => text.push(char::from(*byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// Where throw-away servers live: the folder for temporary files, if their account may enter and a socket fits.
fn throw_away_base(account: Option<&Account>) -> PathBuf {
    let usual = std::env::temp_dir();
    let open = account.is_none_or(|account| account.closed_folder(&usual).is_none());
    if open && folder::socket_fits(&usual.join("clientele-test-123456/run")) { usual } else { PathBuf::from("/tmp") }
}

/// Removes the throw-away servers of dead test runs. A folder that can't be opened or locked belongs to somebody.
fn sweep(base: &Path, account: Option<&Account>) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        if !entry.file_name().as_encoded_bytes().starts_with(THROW_AWAY.as_bytes()) {
            continue;
        }
        let Some((folder, _lock)) = Folder::abandoned(&entry.path(), account) else { continue };
        let removed = server::stop_leftover(&folder.data(), Purpose::ThrowAway)
            .and_then(|()| error::at(folder.root(), fs::remove_dir_all(folder.root())));
        if let Err(fault) = removed {
            tracing::debug!(%fault, "the server of a dead test run stays");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_address_of_a_socket() {
        let socket = Path::new("/home/Zoë/my data/run");
        assert_eq!(url(socket), "postgresql://clientele@/clientele?host=/home/Zo%C3%AB/my%20data/run");
    }
}

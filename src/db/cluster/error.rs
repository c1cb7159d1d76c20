//! Why the private PostgreSQL doesn't run, as sentences that say what to do.

use std::io;
use std::path::{Path, PathBuf};

/// The outcome of a private PostgreSQL that can't be started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No server binaries, or only old ones. The text is how to install them here.
    #[error(
        "PostgreSQL 14 or newer is not installed{}: {hint}, or set DATABASE_URL to a database elsewhere.",
        found.map(|major| format!(" (only {major})")).unwrap_or_default()
    )]
    NotInstalled {
        /// The major version of the newest server found.
        found: Option<u32>,
        /// What to run.
        hint: String,
    },
    /// The data was made by a major version that is no longer installed.
    #[error("The data in {} was made by PostgreSQL {made_by}, which is not installed: {hint}.", data.display())]
    OtherVersion {
        /// The server's data folder.
        data: PathBuf,
        /// The major version that made it.
        made_by: u32,
        /// What to run.
        hint: String,
    },
    /// Started by root, with nobody to hand the server to.
    #[error(
        "PostgreSQL does not run as root, and there is no user `postgres` here: create it (useradd --system postgres), \
         or start Clientele as an ordinary user."
    )]
    NoAccount,
    /// The account that runs the server can't get to the data folder.
    #[error(
        "The data folder {} can't be used: PostgreSQL runs as the user `{account}`, who may not enter {}. \
         Set DATA_DIR to a folder that every user can reach, such as /var/lib/clientele.",
        wanted.display(), closed.display()
    )]
    Unreachable {
        /// Who runs the server.
        account: String,
        /// The folder that is closed to them.
        closed: PathBuf,
        /// The data folder asked for.
        wanted: PathBuf,
    },
    /// Another program holds the data folder.
    #[error("{}", taken(folder, *holder, url.as_deref()))]
    Taken {
        /// The data folder.
        folder: PathBuf,
        /// The process that holds it, where it is known.
        holder: Option<i32>,
        /// How to reach the server that this process runs.
        url: Option<String>,
    },
    /// A server from before doesn't stop.
    #[error("The PostgreSQL server of an earlier run (process {0}) does not stop: end it, then start again.")]
    Stuck(i32),
    /// A tool of PostgreSQL failed.
    #[error("{tool} failed: {output}")]
    Tool {
        /// Its name.
        tool: &'static str,
        /// What it said last.
        output: String,
    },
    /// The server ended while it was starting.
    #[error("PostgreSQL did not start: {output} (see {})", log.display())]
    Ended {
        /// The last lines of its log.
        output: String,
        /// The log.
        log: PathBuf,
    },
    /// The server runs but refuses us.
    #[error("The private PostgreSQL does not answer: {0}")]
    Refused(String),
    /// A file or process operation failed.
    #[error("{} can't be used: {source}.", path.display())]
    Io {
        /// What it was about.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Puts the path to an I/O error.
pub(super) fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, ClusterError> {
    result.map_err(|source| ClusterError::Io { path: path.to_owned(), source })
}

fn taken(folder: &Path, holder: Option<i32>, url: Option<&str>) -> String {
    let who = holder.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"));
    let beside = url.map(|url| format!(", or work beside it with DATABASE_URL='{url}'")).unwrap_or_default();
    format!(
        "Clientele already runs on the data folder {} ({who}): stop it first, or set another DATA_DIR{beside}.",
        folder.display()
    )
}

impl From<ClusterError> for crate::error::Error {
    fn from(error: ClusterError) -> Self {
        Self::internal(error)
    }
}

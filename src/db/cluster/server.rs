//! The server's process: started, watched, stopped.

use super::account::{Account, command};
use super::binaries::Binaries;
use super::error::{ClusterError, at};
use super::folder::{Folder, SHORT_SOCKET};
use super::pid_file::{self, PidFile};
use rustix::process::Signal;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How often the end or the readiness of a server is looked for.
const STEP: Duration = Duration::from_millis(5);
/// How long a server may take to write everything out and stop, before it is made to stop at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a server is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// People's data: everything committed survives a crash.
    Keep,
    /// A test run: fast, and gone with it.
    ThrowAway,
}

impl Purpose {
    /// Settings for a small machine that does other work besides; nothing here grabs memory before it is needed.
    fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Keep => &[
                "shared_buffers=256MB",
                "effective_cache_size=2GB",
                "work_mem=16MB",
                "maintenance_work_mem=256MB",
                "max_wal_size=2GB",
                "max_connections=100",
            ],
            Self::ThrowAway => &[
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
                "wal_level=minimal",
                "max_wal_senders=0",
                // A worker that looks into a template would hold up the copying of it.
                "autovacuum=off",
                "max_connections=200",
            ],
        }
    }

    /// A stop that writes everything out, or one that doesn't bother.
    fn stop_signal(self) -> Signal {
        match self {
            Self::Keep => Signal::INT,
            Self::ThrowAway => Signal::QUIT,
        }
    }
}

/// A running server that is our child, with the guardian that stops it should we be killed.
#[derive(Debug)]
pub(super) struct Server {
    process: Child,
    guardian: Child,
    purpose: Purpose,
}

/// Stops the server that an earlier, killed program left on this folder. We hold the folder's lock, so it is nobody's.
pub(super) fn stop_leftover(data: &Path, purpose: Purpose) -> Result<(), ClusterError> {
    let Some(leftover) = PidFile::read(data) else { return Ok(()) };
    if pid_file::serves(leftover.pid, data) {
        tracing::info!(pid = leftover.pid, "stopping the server of an earlier run");
        pid_file::signal(leftover.pid, purpose.stop_signal());
        if !wait(PATIENCE, || !pid_file::serves(leftover.pid, data)) {
            pid_file::signal(leftover.pid, Signal::QUIT);
            if !wait(PATIENCE, || !pid_file::serves(leftover.pid, data)) {
                return Err(ClusterError::Stuck(leftover.pid));
            }
        }
    } else if pid_file::exists(leftover.pid) {
        // The number went to another process, which PostgreSQL would take for a server of its own.
        let path = data.join(pid_file::NAME);
        at(&path, fs::remove_file(&path))?;
    }
    let short = leftover.socket.file_name().is_some_and(|name| name.to_string_lossy().starts_with(SHORT_SOCKET));
    if short && leftover.socket.exists() {
        at(&leftover.socket, fs::remove_dir_all(&leftover.socket))?;
    }
    Ok(())
}

impl Server {
    /// Starts the server and waits until it takes connections, however long a recovery needs.
    /// `remove` goes with the server should this process be killed.
    pub(super) fn start(
        binaries: &Binaries,
        folder: &Folder,
        socket: &Path,
        account: Option<&Account>,
        purpose: Purpose,
        remove: Option<&Path>,
    ) -> Result<Self, ClusterError> {
        let data = folder.data();
        let (log_path, log) = folder.log()?;
        let program = binaries.program("postgres");
        let mut postgres = command(program.as_os_str(), account);
        postgres.arg("-D").arg(&data);
        let socket = format!("unix_socket_directories={}", quoted(socket));
        let fixed = ["listen_addresses=", &socket, "unix_socket_permissions=0700", "port=5432", "timezone=UTC"];
        let habits = ["jit=off", "random_page_cost=1.1", "lc_messages=C", "log_timezone=UTC", "log_checkpoints=off"];
        for setting in fixed.iter().chain(&habits).chain(purpose.settings()) {
            postgres.args(["-c", setting]);
        }
        // A group of its own: Ctrl-C is for us, who stop the server when the last request is answered.
        postgres.process_group(0).stdout(at(&log_path, log.try_clone())?).stderr(log);
        let mut process = at(&program, postgres.spawn())?;
        let guardian = match guardian(process.id(), &data, account, purpose, remove).spawn() {
            Ok(guardian) => guardian,
            Err(source) => {
                stop(&mut process, purpose);
                return Err(ClusterError::Io { path: PathBuf::from("/bin/sh"), source });
            }
        };
        let mut server = Self { process, guardian, purpose };
        server.wait_until_ready(&data, &log_path)?;
        Ok(server)
    }

    fn wait_until_ready(&mut self, data: &Path, log: &Path) -> Result<(), ClusterError> {
        let begun = Instant::now();
        let mut told = false;
        loop {
            if let Some(status) = at(log, self.process.try_wait())? {
                let text = fs::read_to_string(log).unwrap_or_default();
                let output = if text.is_empty() { status.to_string() } else { last_lines(&text) };
                return Err(ClusterError::Ended { output, log: log.to_owned() });
            }
            if PidFile::read(data).is_some_and(|file| file.ready && u32::try_from(file.pid) == Ok(self.process.id())) {
                return Ok(());
            }
            if !told && begun.elapsed() > Duration::from_secs(3) {
                tracing::info!("PostgreSQL is recovering what the last run left; this can take a while");
                told = true;
            }
            std::thread::sleep(STEP);
        }
    }

    /// Whether it still runs.
    pub(super) fn runs(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// The server's process.
    pub(super) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Stops the server and dismisses the guardian.
    fn stop(&mut self) {
        stop(&mut self.process, self.purpose);
        // Any line tells it that there is nothing left to do; without its input it would look for itself.
        if let Some(mut word) = self.guardian.stdin.take()
            && let Err(fault) = word.write_all(b"done\n")
        {
            tracing::debug!(%fault, "the server's guardian was gone");
        }
        if let Err(fault) = self.guardian.wait() {
            tracing::debug!(%fault, "the server's guardian was gone");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn stop(process: &mut Child, purpose: Purpose) {
    let Ok(pid) = i32::try_from(process.id()) else { return };
    for (signal, patience) in
        [(purpose.stop_signal(), PATIENCE), (Signal::QUIT, PATIENCE / 6), (Signal::KILL, PATIENCE / 6)]
    {
        if !matches!(process.try_wait(), Ok(None)) {
            return;
        }
        pid_file::signal(pid, signal);
        if wait(patience, || !matches!(process.try_wait(), Ok(None))) {
            return;
        }
    }
}

/// A small shell that reads from a pipe of ours. When the pipe ends without a word, we were killed: it stops the
/// server (if that is still the one it was told of) and removes what should not stay.
fn guardian(pid: u32, data: &Path, account: Option<&Account>, purpose: Purpose, remove: Option<&Path>) -> Command {
    const SCRIPT: &str = r#"
        trap '' HUP INT TERM
        read -r word && exit 0
        file=$1/postmaster.pid
        if read -r now <"$file" && [ "$now" = "$2" ]; then
            kill -s "$3" "$2"
            tries=0
            while [ -e "$file" ] && [ $tries -lt 600 ]; do sleep 0.1; tries=$((tries + 1)); done
        fi
        [ -z "$4" ] || rm -rf -- "$4"
    "#;
    let mut guardian = command(OsStr::new("/bin/sh"), account);
    guardian.args(["-c", SCRIPT, "clientele-guardian"]).arg(data).arg(pid.to_string());
    guardian.arg(match purpose {
        Purpose::Keep => "INT",
        Purpose::ThrowAway => "QUIT",
    });
    guardian.arg(remove.unwrap_or(Path::new("")));
    guardian.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    guardian
}

fn wait(patience: Duration, mut done: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    while !done() {
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(STEP);
    }
    true
}

/// A folder as one entry of PostgreSQL's list of folders.
fn quoted(folder: &Path) -> String {
    format!("\"{}\"", folder.display().to_string().replace('"', "\"\""))
}

/// The end of a log, in one line.
pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(3)..].join(" / ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_a_folder_for_a_list_of_folders() {
        assert_eq!(quoted(Path::new("/a, b/\"c\"")), "\"/a, b/\"\"c\"\"\"");
    }

    #[test]
    fn tells_the_end_of_a_log_in_one_line() {
        assert_eq!(last_lines("one\ntwo\n\n  three\nfour\n"), "two / three / four");
        assert_eq!(last_lines(""), "");
    }
}

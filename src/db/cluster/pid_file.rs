//! `postmaster.pid`: what a server says of itself, and whether its process still lives.

use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The file's name in the server's data folder.
pub(super) const NAME: &str = "postmaster.pid";

/// What the server wrote at its start.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PidFile {
    /// The server's process.
    pub(super) pid: i32,
    /// The folder of its socket.
    pub(super) socket: PathBuf,
    /// Whether it takes connections.
    pub(super) ready: bool,
}

impl PidFile {
    /// Reads it; nothing where there is no (complete) file.
    pub(super) fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(data.join(NAME)).ok()?)
    }

    /// Lines: process, data folder, start, port, socket folder, listen address, shared memory, state.
    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        Some(Self {
            pid: lines.first()?.parse().ok().filter(|pid| *pid > 0)?,
            socket: PathBuf::from(lines.get(4).copied().unwrap_or_default()),
            ready: lines.get(7) == Some(&"ready"),
        })
    }
}

/// Whether process `pid` is a PostgreSQL server on this very data folder: numbers are given anew after a restart.
pub(super) fn serves(pid: i32, data: &Path) -> bool {
    command_line(pid).is_some_and(|line| names_server_of(&line, data)) || works_in(pid, data)
}

/// Whether there is any process of this number.
pub(super) fn exists(pid: i32) -> bool {
    // Without permission to signal it, it exists.
    Pid::from_raw(pid).is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

/// Sends a signal. A process that is gone, or isn't ours, is left to whoever waits for its end.
pub(super) fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid)
        && let Err(fault) = kill_process(pid, signal)
    {
        tracing::debug!(%fault, pid = pid.as_raw_pid(), "signal not delivered");
    }
}

/// The words of a process's command line with blanks between them; nothing for a dead one that waits to be reaped.
fn command_line(pid: i32) -> Option<String> {
    let line = if cfg!(target_os = "linux") {
        let words = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        String::from_utf8_lossy(&words).replace('\0', " ")
    } else {
        let ps = Command::new("ps").args(["-ww", "-o", "args=", "-p", &pid.to_string()]).stdin(Stdio::null()).output();
        String::from_utf8_lossy(&ps.ok()?.stdout).into_owned()
    };
    (!line.trim().is_empty()).then_some(line)
}

fn names_server_of(line: &str, data: &Path) -> bool {
    let program = line.split(" -").next().unwrap_or_default().trim_end();
    program.ends_with("postgres") && format!("{} ", line.trim_end()).contains(&format!(" -D {} ", data.display()))
}

/// A server's working folder is its data folder, also after that was moved. Not everyone may look.
fn works_in(pid: i32, data: &Path) -> bool {
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_server_wrote() {
        let text = "4711\n/d/postgres\n1700000000\n5432\n/d/run\n\n  5432001         3\nready   \n";
        let expected = PidFile { pid: 4711, socket: PathBuf::from("/d/run"), ready: true };
        assert_eq!(PidFile::parse(text), Some(expected));
        let starting = PidFile::parse(&text.replace("ready   ", "starting")).unwrap();
        assert!(!starting.ready);
        assert!(!PidFile::parse("4711\n/d/postgres\n").unwrap().ready);
        for broken in ["", "\n", "none\n", "-1\n", "0\n"] {
            assert_eq!(PidFile::parse(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn knows_a_server_by_its_command_line() {
        let data = Path::new("/d/my data/postgres");
        for (line, expected) in [
            ("/usr/lib/postgresql/15/bin/postgres -D /d/my data/postgres -c listen_addresses= ", true),
            ("/usr/lib/postgresql/15/bin/postgres -D /d/my data/postgres", true),
            ("/usr/lib/postgresql/15/bin/postgres -D /d/my data/postgres2 -c port=1", false),
            ("/usr/lib/postgresql/15/bin/postgres -D /d", false),
            ("postgres: checkpointer ", false),
            ("vim -D /d/my data/postgres ", false),
        ] {
            assert_eq!(names_server_of(line, data), expected, "{line}");
        }
    }

    #[test]
    fn our_own_process_exists_and_is_no_server() {
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(exists(own));
        assert!(!serves(own, Path::new("/d/postgres")));
    }
}

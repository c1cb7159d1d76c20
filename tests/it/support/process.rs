//! Processes that tests start, watch and end.

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn number(pid: u32) -> Pid {
    Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()
}

/// Sends a signal to a process that must be there.
pub fn signal(pid: u32, with: Signal) {
    kill_process(number(pid), with).unwrap();
}

/// Whether there is such a process.
pub fn exists(pid: u32) -> bool {
    test_kill_process(number(pid)) != Err(rustix::io::Errno::SRCH)
}

/// Waits for something that another process does on its own.
pub fn eventually(happened: impl Fn() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not happen");
        std::thread::yield_now();
    }
}

/// A program that serves a test; it is killed when this value goes, and when the test's process does.
pub struct Guarded {
    guardian: Child,
    /// The program's process.
    pub pid: u32,
}

/// Starts a program, tells its process, and holds a pipe from this process. When that is closed, be it because this
/// process was killed, it ends the program.
const GUARDIAN: &str = "\"$0\" \"$@\" > /dev/null 2>&1 & echo $!
cat > /dev/null
kill -KILL $! 2> /dev/null";

impl Guarded {
    /// Starts a program that is installed.
    pub fn start(program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", GUARDIAN, program]).args(arguments);
        // Where servers lie that people don't start by hand.
        command.env("PATH", format!("{}:/usr/sbin:/usr/local/sbin", std::env::var("PATH").unwrap_or_default()));
        let mut guardian = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(guardian.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { guardian, pid: line.trim().parse().unwrap() }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        self.guardian.wait().unwrap();
    }
}

/// A program that runs as the owner of a file.
pub fn of_owner(path: &Path, program: &str) -> Command {
    let owner = fs::metadata(path).unwrap();
    let mut command = Command::new(program);
    command.current_dir("/").uid(owner.uid()).gid(owner.gid());
    command
}

/// The children of a process.
#[cfg(target_os = "linux")]
pub fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let listed = threads.map(|thread| fs::read_to_string(thread.unwrap().path().join("children")).unwrap());
    listed.flat_map(|pids| pids.split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<u32>>()).collect()
}

/// A test of this binary that holds a throw-away server in a process of its own.
pub struct HeldServer {
    process: Child,
    /// The server's process.
    pub server: u32,
    /// The server's folder.
    pub folder: PathBuf,
}

impl HeldServer {
    /// Starts the test of this name, which prints `HOLDS <process> <folder>`.
    pub fn start(test: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let told = lines.map(Result::unwrap).find_map(|line| line.strip_prefix("HOLDS ").map(str::to_owned)).unwrap();
        let (server, folder) = told.split_once(' ').unwrap();
        Self { process, server: server.parse().unwrap(), folder: PathBuf::from(folder) }
    }

    /// The process that holds the server.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for HeldServer {
    fn drop(&mut self) {
        // Ended processes can't be killed; nothing else can go wrong here.
        let _ = self.process.kill();
        self.process.wait().unwrap();
    }
}

//! The built program, run as people run it.

use super::process::signal;
use rustix::process::Signal;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

/// A running `clientele serve`; killed, if need be, when this value goes.
pub struct Program {
    child: Child,
    address: String,
}

impl Program {
    /// The program with this data folder, any free address, and nothing else configured.
    pub fn command(data_dir: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clientele"));
        for name in ["DATABASE_URL", "SESSION_KEY", "DB_POOL_SIZE", "WORKERS", "HTTPS", "LOG_FORMAT", "METRICS_TOKEN"] {
            command.env_remove(name);
        }
        for name in ["REDIS_URL", "API_RATE_LIMIT", "REPORTS_DATABASE_URL"] {
            command.env_remove(name);
        }
        command.env("DATA_DIR", data_dir).env("BIND", "127.0.0.1:0").env("LOG", "error").stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(data_dir: &Path, arguments: &[&str]) -> Output {
        Self::command(data_dir).args(arguments).output().unwrap()
    }

    /// Starts `serve` and waits until it prints its address.
    pub fn serve(data_dir: &Path) -> Self {
        Self::started(Self::command(data_dir).arg("serve"))
    }

    /// As [`Program::serve`], from a command of its own making.
    pub fn started(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some((_, address)) = line.trim().split_once("http://") else {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            child.wait().unwrap();
            panic!("serve printed {line:?} and said: {said}");
        };
        Self { child, address: address.to_owned() }
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A page's header.
    pub fn header(&self, path: &str, name: &str) -> String {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let response = agent.get(format!("http://{}{path}", self.address)).call().unwrap();
        response.headers()[name].to_str().unwrap().to_owned()
    }

    /// The status and the body of a page.
    pub fn get(&self, path: &str) -> (u16, String) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut response = agent.get(format!("http://{}{path}", self.address)).call().unwrap();
        (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
    }

    /// Sends a signal and waits for the end; what it said on standard error besides.
    pub fn end(mut self, with: Signal) -> (ExitStatus, String) {
        signal(self.pid(), with);
        self.wait()
    }

    /// Waits for the end; what it said on standard error besides.
    pub fn wait(&mut self) -> (ExitStatus, String) {
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap(), said)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Ended programs can't be killed; nothing else can go wrong here.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }
}

//! Times: of closures over connections, and of HTTP requests that `wrk` sends.

use crate::floors::Outcome;
use diesel::prelude::*;
use std::io::Write;
use std::process::Command;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// One run's figures: milliseconds, and how many in a second.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run {
    pub p50: f64,
    pub p99: f64,
    pub per_second: f64,
}

/// Several runs: the middle one's figures, and the extremes of the median or the rate.
#[derive(Clone, Debug)]
pub struct Runs(pub Vec<Run>);

impl Runs {
    fn middle(&self, of: impl Fn(&Run) -> f64) -> f64 {
        let mut all: Vec<f64> = self.0.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or_default()
    }

    pub fn p50(&self) -> f64 {
        self.middle(|run| run.p50)
    }

    pub fn p99(&self) -> f64 {
        self.middle(|run| run.p99)
    }

    pub fn per_second(&self) -> f64 {
        self.middle(|run| run.per_second)
    }

    /// Least and greatest of a figure.
    pub fn between(&self, of: impl Fn(&Run) -> f64) -> (f64, f64) {
        let all = self.0.iter().map(of);
        all.fold((f64::MAX, f64::MIN), |(least, most), one| (least.min(one), most.max(one)))
    }
}

/// Runs `work` on so many connections at once for a while, after a short warm-up.
pub fn queries(
    url: &str,
    connections: usize,
    lasting: Duration,
    work: &(dyn Fn(&mut PgConnection) -> Outcome<()> + Sync),
) -> Outcome<Run> {
    let begin = Barrier::new(connections);
    let one = || -> Outcome<Vec<f64>> {
        let ready = PgConnection::establish(url).map_err(Into::into).and_then(|mut conn| {
            // Six executions: PostgreSQL chooses a generic plan after five.
            (0..6).try_for_each(|_| work(&mut conn)).map(|()| conn)
        });
        begin.wait();
        let mut conn: PgConnection = ready?;
        let (end, mut times) = (Instant::now() + lasting, Vec::new());
        while Instant::now() < end {
            let start = Instant::now();
            work(&mut conn)?;
            times.push(start.elapsed().as_secs_f64() * 1000.0);
        }
        Ok(times)
    };
    let mut times = Vec::new();
    thread::scope(|scope| -> Outcome<()> {
        let threads: Vec<_> = (0..connections).map(|_| scope.spawn(one)).collect();
        for thread in threads {
            times.extend(thread.join().map_err(|_| "a measuring thread panicked")??);
        }
        Ok(())
    })?;
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    Ok(Run { p50: at(0.5), p99: at(0.99), per_second: times.len() as f64 / lasting.as_secs_f64() })
}

/// A request that is sent over and over.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub url: String,
    pub headers: Vec<(String, String)>,
    /// Sent with POST where there is one.
    pub form: Option<String>,
}

/// Lets `wrk` send a request over so many connections for a while.
pub fn requests(request: &Request, connections: usize, lasting: Duration) -> Outcome<Run> {
    let mut script = tempfile::NamedTempFile::with_suffix(".lua")?;
    for (name, value) in &request.headers {
        writeln!(script, "wrk.headers[{name:?}] = {value:?}")?;
    }
    if let Some(form) = &request.form {
        writeln!(script, "wrk.method = \"POST\"\nwrk.body = {form:?}")?;
    }
    // wrk rounds its own figures; these are microseconds.
    writeln!(
        script,
        "done = function(summary, latency)\n  local e = summary.errors\n  io.write(string.format(\"RESULT %d %d %d %d %d\\n\", \
         latency:percentile(50), latency:percentile(99), summary.requests, summary.duration, \
         e.connect + e.read + e.write + e.status + e.timeout))\nend"
    )?;
    let output = Command::new("wrk")
        .args(["--latency", "-t1", &format!("-c{connections}"), &format!("-d{}s", lasting.as_secs())])
        .arg("-s")
        .arg(script.path())
        .arg(&request.url)
        .output()
        .map_err(|fault| format!("wrk can't be run: {fault}"))?;
    let told = String::from_utf8_lossy(&output.stdout);
    let figures: Vec<f64> = told
        .lines()
        .find_map(|line| line.strip_prefix("RESULT "))
        .map(|line| line.split(' ').filter_map(|figure| figure.parse().ok()).collect())
        .unwrap_or_default();
    match figures[..] {
        [p50, p99, requests, duration, errors] if errors == 0.0 && requests > 0.0 => {
            Ok(Run { p50: p50 / 1000.0, p99: p99 / 1000.0, per_second: requests * 1e6 / duration })
        }
        _ => {
            Err(format!("{} was not answered well:\n{told}{}", request.url, String::from_utf8_lossy(&output.stderr))
                .into())
        }
    }
}

/// Lets `pgbench` run a script, prepared, over so many connections for a while.
pub fn pgbench(url: &str, script: &str, connections: usize, lasting: Duration) -> Outcome<Run> {
    let mut file = tempfile::NamedTempFile::with_suffix(".sql")?;
    file.write_all(script.as_bytes())?;
    let log = tempfile::tempdir()?;
    let output = Command::new("pgbench")
        .args(["-n", "-M", "prepared", "-j", "1", "-c", &connections.to_string(), "-T", &lasting.as_secs().to_string()])
        .arg("--log")
        .arg("--log-prefix")
        .arg(log.path().join("t"))
        .arg("-f")
        .arg(file.path())
        .arg(url)
        .output()
        .map_err(|fault| format!("pgbench can't be run: {fault}"))?;
    let told = String::from_utf8_lossy(&output.stdout);
    let rate = told.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    let Some(per_second) = rate.filter(|_| output.status.success()) else {
        return Err(format!("pgbench failed:\n{told}{}", String::from_utf8_lossy(&output.stderr)).into());
    };
    // A line each: client, number, microseconds, …
    let mut times = Vec::new();
    for entry in std::fs::read_dir(log.path())? {
        let text = std::fs::read_to_string(entry?.path())?;
        times.extend(text.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<f64>().ok()));
    }
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times.get(((times.len().max(1) - 1) as f64 * part) as usize).map_or(0.0, |us| us / 1000.0);
    Ok(Run { p50: at(0.5), p99: at(0.99), per_second })
}

//! Configuration by environment variables. Each is read once, at the start; one that can't be used ends the program
//! with a sentence that names it. A variable that is empty counts as not set.

mod session_key;

pub use session_key::SessionKey;

use crate::cache::Redis;
use crate::error::{Error, Result};
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use tracing_subscriber::EnvFilter;

/// What is logged unless `LOG` says otherwise: what we do, and what goes wrong elsewhere.
const DEFAULT_LOG: &str = "warn,clientele=info";
/// The least characters of a token that opens something.
const LEAST_TOKEN: usize = 16;
/// How many connections the embedded PostgreSQL leaves to one program.
const EMBEDDED_POOL_LIMIT: u32 = 80;

/// A text that is never shown: it prints as dots.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How log lines are written to standard error (`LOG_FORMAT`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// `text`: lines for people.
    Text,
    /// `json`: one object a line, for machines.
    Json,
}

/// When cookies are marked `Secure` (`HTTPS`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Https {
    /// `auto`: when the request came over HTTPS, as the proxy in front says in `X-Forwarded-Proto`.
    Auto,
    /// `on`: always.
    On,
    /// `off`: never.
    Off,
}

/// What every command needs.
#[derive(Clone, Debug)]
pub struct Config {
    /// `DATABASE_URL`: a PostgreSQL elsewhere; without it, the embedded one.
    pub database_url: Option<Secret>,
    /// `DATA_DIR`: the data folder, absolute.
    pub data_dir: PathBuf,
    /// `DB_POOL_SIZE`: connections in the pool at most (16).
    pub pool_size: u32,
    /// `LOG`: which log lines are written, as a `tracing` filter (`warn,clientele=info`).
    pub log: String,
    /// `LOG_FORMAT`: `text` or `json`.
    pub log_format: LogFormat,
}

/// What `serve` needs besides.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// `BIND`: the address to listen on (127.0.0.1:8080).
    pub bind: SocketAddr,
    /// `WORKERS`: threads that answer requests (one per core).
    pub workers: u32,
    /// `HTTPS`: whether cookies are marked `Secure`.
    pub https: Https,
    /// `REPORTS_DATABASE_URL`: a replica of the database, from which reports are read.
    pub reports_database_url: Option<Secret>,
    /// `METRICS_TOKEN`: who brings it along may read the counts; without it, the machine itself alone.
    pub metrics_token: Option<Secret>,
    /// `SESSION_KEY`; without it, [`SessionKey::kept_in`] the data folder.
    pub session_key: Option<SessionKey>,
    /// `API_RATE_LIMIT`: calls of the API a minute and token; without it, no limit.
    pub api_rate_limit: Option<NonZeroU32>,
    /// `REDIS_URL`: what the nodes share besides the database; without it, each is on its own.
    pub redis: Option<Redis>,
    /// `WEBHOOKS_PRIVATE_NETWORKS`: whether webhooks may lead into private networks and to this machine.
    pub webhooks_private_networks: bool,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// A setting that can't be used: a sentence that names it.
    pub fn from_env() -> Result<Self> {
        Self::read(&environment)
    }

    /// Reads from any source of variables.
    ///
    /// # Errors
    /// As [`Config::from_env`].
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let settings = Settings(variable);
        let database_url = settings.database("DATABASE_URL")?;
        let pool_size = settings.number("DB_POOL_SIZE", 16, 1..=1000)?;
        if database_url.is_none() && pool_size > EMBEDDED_POOL_LIMIT {
            return refuse(&format!(
                "DB_POOL_SIZE is {pool_size}, but the embedded PostgreSQL takes {EMBEDDED_POOL_LIMIT} connections at \
                 most: set a lower number."
            ));
        }
        let log = settings.text("LOG").unwrap_or_else(|| DEFAULT_LOG.to_owned());
        if EnvFilter::try_new(&log).is_err() {
            return refuse(&format!(
                "LOG is \"{log}\": write a level (error, warn, info, debug, trace) or a filter such as \
                 info,clientele=debug."
            ));
        }
        Ok(Self {
            database_url,
            data_dir: settings.data_dir(rustix::process::geteuid().is_root(), std::env::consts::OS)?,
            pool_size,
            log,
            log_format: settings.choice("LOG_FORMAT", &[("text", LogFormat::Text), ("json", LogFormat::Json)])?,
        })
    }
}

impl ServeConfig {
    /// Reads the environment.
    ///
    /// # Errors
    /// A setting that can't be used: a sentence that names it.
    pub fn from_env() -> Result<Self> {
        Self::read(&environment)
    }

    /// Reads from any source of variables.
    ///
    /// # Errors
    /// As [`ServeConfig::from_env`].
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let settings = Settings(variable);
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let bind = settings.bind()?;
        let cores = u32::try_from(cores).unwrap_or(1);
        let workers = settings.number("WORKERS", cores, 1..=1024)?;
        let https = settings.choice("HTTPS", &[("auto", Https::Auto), ("on", Https::On), ("off", Https::Off)])?;
        let session_key = settings.text("SESSION_KEY").map(|text| SessionKey::from_text(&text)).transpose()?;
        let reports_database_url = settings.database("REPORTS_DATABASE_URL")?;
        let metrics_token = settings.text("METRICS_TOKEN").map(Secret);
        if metrics_token.as_ref().is_some_and(|token| token.expose().len() < LEAST_TOKEN) {
            return refuse(&format!("METRICS_TOKEN is too short: write {LEAST_TOKEN} characters or more."));
        }
        // 0 is what it is without the variable.
        let api_rate_limit = NonZeroU32::new(settings.number("API_RATE_LIMIT", 0, 0..=1_000_000)?);
        let redis = settings.redis()?;
        let webhooks_private_networks = settings.number("WEBHOOKS_PRIVATE_NETWORKS", 0, 0..=1)? == 1;
        Ok(Self {
            bind,
            workers,
            https,
            reports_database_url,
            metrics_token,
            session_key,
            api_rate_limit,
            redis,
            webhooks_private_networks,
        })
    }
}

/// A source of variables, with what they are read as.
struct Settings<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Settings<'_> {
    fn text(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    /// The address of a database.
    fn database(&self, name: &str) -> Result<Option<Secret>> {
        let Some(url) = self.text(name) else { return Ok(None) };
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return refuse(&format!(
                "{name} is not the address of a PostgreSQL database: write it like \
                 postgresql://user:password@host:5432/database."
            ));
        }
        Ok(Some(Secret(url)))
    }

    fn redis(&self) -> Result<Option<Redis>> {
        let Some(url) = self.text("REDIS_URL") else { return Ok(None) };
        let known = ["redis://", "redis+unix://"].iter().any(|scheme| url.starts_with(scheme));
        match Redis::at(&url) {
            Ok(redis) if known => Ok(Some(redis)),
            _ => refuse(
                "REDIS_URL is not the address of a Redis server: write it like redis://:password@host:6379/0 or \
                 redis+unix:///run/redis/redis.sock (TLS is left to a tunnel).",
            ),
        }
    }

    fn number(&self, name: &str, default: u32, range: RangeInclusive<u32>) -> Result<u32> {
        let Some(text) = self.text(name) else { return Ok(default) };
        match text.trim().parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            _ => refuse(&format!(
                "{name} is \"{text}\": write a whole number from {} to {}.",
                range.start(),
                range.end()
            )),
        }
    }

    /// One of several words, the first of which is the default.
    fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<T> {
        let text = self.text(name).unwrap_or_else(|| choices[0].0.to_owned());
        let chosen = choices.iter().find(|(word, _)| *word == text.trim().to_lowercase());
        chosen.map(|(_, value)| *value).map_or_else(
            || {
                let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
                refuse(&format!("{name} is \"{text}\": write one of {}.", words.join(", ")))
            },
            Ok,
        )
    }

    fn bind(&self) -> Result<SocketAddr> {
        let text = self.text("BIND").unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        let address = text.strip_prefix("localhost:").map_or_else(|| text.clone(), |port| format!("127.0.0.1:{port}"));
        address.parse().or_else(|_| {
            refuse(&format!("BIND is \"{text}\": write an IP address and a port, such as 127.0.0.1:8080 or [::]:8080."))
        })
    }

    /// `DATA_DIR`, or where programs keep their data on this system.
    fn data_dir(&self, root: bool, os: &str) -> Result<PathBuf> {
        if let Some(given) = self.text("DATA_DIR") {
            if given.contains(char::REPLACEMENT_CHARACTER) {
                return refuse("DATA_DIR is not UTF-8: choose a folder whose name is.");
            }
            return std::path::absolute(&given)
                .or_else(|fault| refuse(&format!("DATA_DIR is \"{given}\", which can't be used: {fault}.")));
        }
        if root {
            return Ok(PathBuf::from("/var/lib/clientele"));
        }
        let home = self.text("HOME").map(PathBuf::from);
        let base = match os {
            "macos" => home.map(|home| home.join("Library/Application Support")),
            _ => self
                .text("XDG_DATA_HOME")
                .map(PathBuf::from)
                .filter(|base| base.is_absolute())
                .or_else(|| home.map(|home| home.join(".local/share"))),
        };
        base.map_or_else(
            || refuse("There is no home folder for the data (HOME is not set): set DATA_DIR."),
            |base| Ok(base.join("clientele")),
        )
    }
}

fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

fn refuse<T>(sentence: &str) -> Result<T> {
    Err(Error::Malformed(sentence.to_owned()))
}

#[cfg(test)]
mod tests;

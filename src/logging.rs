//! Log lines, to standard error: standard output is for results.

use crate::config::{Config, LogFormat};
use crate::error::{Error, Result};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Starts writing log lines as `LOG` and `LOG_FORMAT` say. Once per process.
///
/// # Errors
/// Logging has been started before.
pub fn start(config: &Config) -> Result<()> {
    let filter = EnvFilter::try_new(&config.log).map_err(Error::internal)?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => {
            lines.with_ansi(std::io::stderr().is_terminal()).with_target(false).try_init().map_err(Error::Internal)
        }
        LogFormat::Json => lines.json().flatten_event(true).try_init().map_err(Error::Internal),
    }
}

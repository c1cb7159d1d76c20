//! Calling a receiver: one POST, with limits on everything that it may do with us. No redirects, no proxy, no
//! connections kept; the address is looked at when it is resolved, so that a name can't lead into a private network.

use super::address::Networks;
use super::delivery::KEPT_ANSWER;
use super::retries::{Answer, retry_after};
use super::signature::Headers;
use chrono::{DateTime, Utc};
use std::fmt;
use std::io::Read;
use std::time::{Duration, Instant};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error, Timeout};

/// How long a receiver may take from the first packet to the last.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to let us in.
const TO_CONNECT: Duration = Duration::from_secs(5);
/// The most bytes that are read of an answer's body, and of its headers.
const MOST_BYTES: u64 = 4096;
const MOST_HEADER_BYTES: usize = 16 * 1024;

/// Whoever calls receivers.
#[derive(Clone, Debug)]
pub struct Sender {
    agent: Agent,
}

impl Sender {
    /// One that calls into these networks and waits for `patience` ([`PATIENCE`]).
    pub fn new(networks: Networks, patience: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .user_agent(concat!("Clientele/", env!("CARGO_PKG_VERSION")))
            .max_response_header_size(MOST_HEADER_BYTES)
            .max_idle_connections(0)
            .timeout_global(Some(patience))
            .timeout_connect(Some(TO_CONNECT.min(patience)))
            .build();
        let resolver = Guarded { networks, names: DefaultResolver::default() };
        Self { agent: Agent::with_parts(config, DefaultConnector::default(), resolver) }
    }

    /// Sends a signed body at `now`, and tells what came of it.
    pub fn send(&self, url: &str, headers: &Headers, body: &str, now: DateTime<Utc>) -> Answer {
        let begun = Instant::now();
        let mut request = self.agent.post(url).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = match request.send(body) {
            Ok(mut response) => {
                let status = response.status().as_u16();
                let header = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
                let wait = header.and_then(|text| retry_after(text, now));
                let mut bytes = Vec::new();
                // What has come of it until then is enough.
                let _ = response.body_mut().as_reader().take(MOST_BYTES).read_to_end(&mut bytes);
                Answer {
                    status: Some(status),
                    error: refusal(status),
                    retry_after: wait,
                    body: text(&bytes),
                    took_ms: 0,
                }
            }
            Err(fault) => Answer { error: words(&fault), ..Answer::default() },
        };
        Answer { took_ms: i32::try_from(begun.elapsed().as_millis()).unwrap_or(i32::MAX), ..answer }
    }
}

/// Why a status counts as failed; empty where it doesn't.
fn refusal(status: u16) -> String {
    match status {
        200..=299 => String::new(),
        300..=399 => format!("The receiver answered {status}: it leads elsewhere, where nothing is sent."),
        410 => "The receiver answered 410: it is gone for good.".into(),
        _ => format!("The receiver answered {status}."),
    }
}

/// The beginning of a body as text that can be kept and shown.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().filter(|c| !c.is_control() || *c == '\n').take(KEPT_ANSWER).collect()
}

/// What went wrong, in words; nothing of the request's own.
fn words(fault: &Error) -> String {
    match fault {
        Error::Timeout(Timeout::Connect | Timeout::Resolve) => "The receiver could not be reached in time.".into(),
        Error::Timeout(_) => "The receiver took too long to answer.".into(),
        Error::HostNotFound => "There is no such host.".into(),
        Error::ConnectionFailed => "The receiver refused the connection.".into(),
        Error::LargeResponseHeader(..) => "The receiver's answer has too many headers.".into(),
        Error::Other(fault) if fault.is::<Private>() => {
            "The address lies in a private network, where nothing is sent to.".into()
        }
        Error::Io(fault) => {
            let fault: String = fault.to_string().chars().take(200).collect();
            format!("The connection failed: {fault}.")
        }
        other => {
            let fault: String = other.to_string().chars().take(200).collect();
            format!("The request failed: {fault}.")
        }
    }
}

/// A host all of whose addresses are private.
#[derive(Debug)]
struct Private;

impl fmt::Display for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a private address")
    }
}

impl std::error::Error for Private {}

/// Resolves names, and leaves out addresses that aren't called. What it gives is what is connected to: a name that
/// leads elsewhere a moment later changes nothing.
#[derive(Debug)]
struct Guarded {
    networks: Networks,
    names: DefaultResolver,
}

impl Resolver for Guarded {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        let mut taken = self.empty();
        for address in found.iter().filter(|address| self.networks.take(address.ip())) {
            taken.push(*address);
        }
        if taken.is_empty() { Err(Error::Other(Box::new(Private))) } else { Ok(taken) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_an_answer_can_be_stored_and_shown() {
        assert_eq!(text(b"ok\n\0\x1b[31mred\xff"), "ok\n[31mred\u{fffd}");
        assert_eq!(text("é".repeat(2000).as_bytes()).chars().count(), KEPT_ANSWER);
    }

    #[test]
    fn every_status_but_success_is_a_failure() {
        for (status, fails) in
            [(200, false), (204, false), (299, false), (301, true), (404, true), (410, true), (500, true)]
        {
            assert_eq!(!refusal(status).is_empty(), fails, "{status}");
        }
    }
}

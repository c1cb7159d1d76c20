//! Signing requests, as the Standard Webhooks convention has it: an HMAC over id, time and body.

use crate::error::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use uuid::Uuid;

/// What every secret begins with.
const PREFIX: &str = "whsec_";
/// Random bytes of a secret.
const BYTES: usize = 32;
/// How long the secret before the last one signs as well.
pub const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// What requests to one receiver are signed with. It can't be printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// A new random one.
    pub fn random() -> Result<Self> {
        let mut bytes = vec![0u8; BYTES];
        getrandom::fill(&mut bytes).map_err(Error::internal)?;
        Ok(Self(bytes))
    }

    /// One that is stored.
    pub fn stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text to show, once.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// The signature of a request: `v1,` and the HMAC-SHA-256 of `id.seconds.body` in base64.
    fn signature(&self, id: Uuid, seconds: i64, body: &str) -> Result<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(Error::internal)?;
        mac.update(format!("{id}.{seconds}.{body}").as_bytes());
        Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The headers of a signed request, each with its value.
pub type Headers = [(&'static str, String); 3];

/// Signs a body that goes out at `now` with each of the secrets.
///
/// # Errors
/// None that a secret of ours can have.
pub fn headers(secrets: &[Secret], id: Uuid, body: &str, now: DateTime<Utc>) -> Result<Headers> {
    let seconds = now.timestamp();
    let signatures = secrets.iter().map(|secret| secret.signature(id, seconds, body)).collect::<Result<Vec<_>>>()?;
    Ok([
        ("webhook-id", id.to_string()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_only_when_asked() {
        let secret = Secret::stored(b"abcdefghijklmnopqrstuvwxyz123456".to_vec());
        assert_eq!(secret.reveal(), "whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY=");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_ne!(Secret::random().unwrap(), Secret::random().unwrap());
    }

    #[test]
    fn a_request_is_signed_with_every_secret_that_holds() {
        let secrets = [Secret::stored(vec![1; 32]), Secret::stored(vec![2; 32])];
        let now = "2026-03-10T12:00:00Z".parse().unwrap();
        let [id, at, signature] = headers(&secrets, Uuid::from_u128(5), "{}", now).unwrap();
        assert_eq!(id, ("webhook-id", "00000000-0000-0000-0000-000000000005".to_owned()));
        assert_eq!(at, ("webhook-timestamp", "1773144000".to_owned()));
        let parts: Vec<&str> = signature.1.split(' ').collect();
        assert_eq!(parts.len(), 2);
        assert!(parts.iter().all(|part| part.starts_with("v1,") && part.len() == 3 + 44), "{parts:?}");
        assert_ne!(parts[0], parts[1]);
    }
}

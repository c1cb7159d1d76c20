//! API tokens: 256 random bits, shown once, kept as their SHA-256 (SPEC 13).

use crate::error::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// What every token begins with, so that a leaked one is recognized in logs and repositories.
const PREFIX: &str = "clt_";

/// A token as its owner holds it. It can't be printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new random token.
    pub fn random() -> Result<Self> {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(Error::internal)?;
        Ok(Self(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// The token of an `Authorization` header: `Bearer <token>`.
    pub fn from_header(header: &str) -> Option<Self> {
        let (scheme, token) = header.split_once(' ')?;
        let token = token.trim();
        (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= 200).then(|| Self(token.into()))
    }

    /// What is stored and looked up. Equality of hashes is decided by an index on a digest of high-entropy
    /// input, so the time it takes tells nothing about the token.
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }

    /// The text to show its owner, once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_carries_a_token() {
        let secret = Secret::random().unwrap();
        assert_eq!(Secret::from_header(&format!("Bearer {}", secret.reveal())), Some(secret.clone()));
        assert_eq!(Secret::from_header(&format!("bearer  {}", secret.reveal())), Some(secret.clone()));
        assert_eq!(Secret::from_header(secret.reveal()), None);
        assert_eq!(Secret::from_header("Basic dXNlcjpwYXNz"), None);
        assert_eq!(Secret::from_header("Bearer "), None);
    }

    #[test]
    fn a_token_does_not_print_itself() {
        let secret = Secret::random().unwrap();
        assert!(!format!("{secret:?}").contains(secret.reveal()));
        assert_eq!(secret.hash().len(), 32);
    }
}

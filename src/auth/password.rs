//! Passwords: argon2id with the library's current defaults (19 MiB, 2 passes), never stored, never logged.

use crate::error::{Error, FieldError, Result};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use std::sync::OnceLock;

/// The least number of characters of a password.
pub const LEAST: usize = 12;
const MOST: usize = 200;

/// Refuses a password that is too short, too long or one character over and over.
pub fn check(password: &str) -> Result<(), FieldError> {
    let length = password.chars().count();
    let error = |message: &str| Err(FieldError::new("password", message));
    if length < LEAST {
        return error("Use at least 12 characters; a few words are easiest to remember.");
    }
    if length > MOST {
        return error("Use at most 200 characters.");
    }
    let first = password.chars().next();
    if password.chars().all(|c| Some(c) == first) {
        return error("Use more than one character over and over.");
    }
    Ok(())
}

/// The PHC string to store for a password.
pub fn hash(password: &str) -> Result<String> {
    Ok(Argon2::default().hash_password(password.as_bytes()).map_err(Error::internal)?.to_string())
}

/// A password that was found good enough, as it is stored. Only such a one can be given to a person.
#[derive(Clone, Debug)]
pub struct Hashed(String);

impl Hashed {
    /// Checks and hashes. This takes its time by design: do it before a connection is taken.
    ///
    /// # Errors
    /// What [`check`] refuses, as [`Error::Invalid`].
    pub fn of(password: &str) -> Result<Self> {
        check(password).map_err(|error| Error::Invalid(vec![error]))?;
        Ok(Self(hash(password)?))
    }

    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the password belongs to the stored hash. Without a hash (no such account) it takes as long and
/// answers no, so that the time doesn't tell which accounts exist.
pub fn verify(password: &str, stored: Option<&str>) -> bool {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let stand_in = NOBODY.get_or_init(|| hash("nobody has this password").unwrap_or_default());
    let Ok(parsed) = PasswordHash::new(stored.unwrap_or(stand_in)) else { return false };
    let right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
    right && stored.is_some()
}

/// A password for people to copy: 20 letters and digits that can't be mistaken for each other (over 110 bits).
pub fn random() -> Result<String> {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0u8; 24];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    let letters: Vec<char> = bytes.iter().map(|b| char::from(ALPHABET[usize::from(b & 31)])).collect();
    Ok(letters.chunks(6).map(|word| word.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_another_is_not() {
        let stored = hash("correct horse battery").unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify("correct horse battery", Some(&stored)));
        assert!(!verify("correct horse batterY", Some(&stored)));
        assert!(!verify("nobody has this password", None));
        assert!(!verify("anything", Some("not a hash")));
    }

    #[test]
    fn weak_passwords_are_refused() {
        for (password, good) in [
            ("short", false),
            ("aaaaaaaaaaaaaaaa", false),
            ("eleven char", false),
            ("twelve chars", true),
            (&"ab".repeat(101), false),
        ] {
            assert_eq!(check(password).is_ok(), good, "{password}");
        }
        assert!(check(&random().unwrap()).is_ok());
        assert_ne!(random().unwrap(), random().unwrap());
    }
}

//! Passwords: argon2id with the library's current defaults (19 MiB, 2 passes), never stored, never logged.

use crate::error::{Error, FieldError, Result};
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use subtle::ConstantTimeEq;

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
    let mut salt = [0u8; Salt::RECOMMENDED_LENGTH];
    getrandom::fill(&mut salt).map_err(Error::internal)?;
    let mut out = [0u8; Params::DEFAULT_OUTPUT_LEN];
    let hasher = Argon2::default();
    digest(&hasher, password, &salt, &mut out).map_err(Error::internal)?;
    let hash = PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(hasher.params()).map_err(Error::internal)?,
        salt: Some(Salt::new(&salt).map_err(Error::internal)?),
        hash: Some(Output::new(&out).map_err(Error::internal)?),
    };
    Ok(hash.to_string())
}

/// How many passwords are hashed at a time: more than this many sign-ins wait for each other. Each takes 19 MiB, and a
/// processor for as long as it lasts.
pub const AT_ONCE: usize = 2;
/// Hashes in one of a few pieces of memory, which stay. Memory of its own for each thread that ever hashed, which the
/// allocator doesn't give back, would be most of what the program holds.
fn digest(hasher: &Argon2<'_>, password: &str, salt: &[u8], out: &mut [u8]) -> argon2::Result<()> {
    static MEMORY: [Mutex<Vec<Block>>; AT_ONCE] = [const { Mutex::new(Vec::new()) }; AT_ONCE];
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let free = MEMORY.iter().find_map(|memory| memory.try_lock().ok());
    let mut memory = free.unwrap_or_else(|| {
        let next = NEXT.fetch_add(1, Ordering::Relaxed) % AT_ONCE;
        MEMORY[next].lock().unwrap_or_else(PoisonError::into_inner)
    });
    memory.resize(hasher.params().block_count(), Block::new());
    let done = hasher.hash_password_into_with_memory(password.as_bytes(), salt, out, memory.as_mut_slice());
    // Nothing made from a password stays.
    memory.fill(Block::new());
    done
}

/// Whether a password gives the stored hash, with the parameters that are stored with it.
fn matches(password: &str, stored: &PasswordHash) -> argon2::password_hash::Result<bool> {
    use argon2::password_hash::Error as Fault;
    let (Some(salt), Some(wanted)) = (&stored.salt, &stored.hash) else { return Ok(false) };
    let version = stored.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let algorithm = Algorithm::try_from(stored.algorithm.as_str())?;
    let hasher = Argon2::new(algorithm, version, Params::try_from(stored)?);
    let mut out = vec![0; wanted.len()];
    digest(&hasher, password, salt, &mut out).map_err(|_| Fault::Crypto)?;
    Ok(out.ct_eq(wanted.as_bytes()).into())
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
    let right = matches(password, &parsed).unwrap_or(false);
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

//! The key that signs session cookies (SPEC 16).

use crate::error::{Error, Result};
use std::fmt;
use std::fmt::Write as _;
use std::fs::{self, DirBuilder};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// How long a key has to be, in bytes.
const LEAST: usize = 64;
/// The file in the data folder that keeps the key.
const FILE: &str = "session.key";

/// A key of 64 bytes or more. It prints as dots.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKey(Vec<u8>);

impl SessionKey {
    /// The bytes of a text.
    ///
    /// # Errors
    /// A text of less than 64 bytes.
    pub fn from_text(text: &str) -> Result<Self> {
        if text.len() < LEAST {
            let sentence = format!("SESSION_KEY has {} bytes: it needs {LEAST} or more.", text.len());
            return Err(Error::Malformed(sentence));
        }
        Ok(Self(text.as_bytes().to_vec()))
    }

    /// The key kept in the data folder; made at random, for the owner's eyes only, where there is none.
    ///
    /// # Errors
    /// A folder that can't be read or written, or a damaged key.
    pub fn kept_in(data_dir: &Path) -> Result<Self> {
        let path = data_dir.join(FILE);
        let refused =
            |fault: &dyn fmt::Display| Error::Internal(format!("{} can't be used: {fault}.", path.display()).into());
        match fs::read_to_string(&path) {
            Ok(text) if text.trim().len() >= LEAST => return Ok(Self(text.trim().as_bytes().to_vec())),
            Ok(_) => return Err(refused(&"it is damaged; remove it to have a new one made (everyone signs in again)")),
            Err(fault) if fault.kind() == ErrorKind::NotFound => {}
            Err(fault) => return Err(refused(&fault)),
        }
        DirBuilder::new().recursive(true).mode(0o700).create(data_dir).map_err(|fault| refused(&fault))?;
        let made = Self::random()?;
        // Written aside and put in place whole: of two programs that start together, both use the key of the first.
        let mut aside =
            tempfile::Builder::new().prefix("session.key-").tempfile_in(data_dir).map_err(|fault| refused(&fault))?;
        aside.write_all(&made.0).and_then(|()| aside.as_file().sync_all()).map_err(|fault| refused(&fault))?;
        match aside.persist_noclobber(&path) {
            Ok(_) => Ok(made),
            Err(fault) if fault.error.kind() == ErrorKind::AlreadyExists => Self::kept_in(data_dir),
            Err(fault) => Err(refused(&fault.error)),
        }
    }

    /// A key of 512 random bits, as hexadecimal text.
    fn random() -> Result<Self> {
        let mut bytes = [0; LEAST];
        getrandom::fill(&mut bytes).map_err(Error::internal)?;
        let mut text = String::with_capacity(2 * LEAST);
        for byte in bytes {
            write!(text, "{byte:02x}").map_err(Error::internal)?;
        }
        Ok(Self(text.into_bytes()))
    }

    /// The key itself, 64 bytes or more.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn is_made_once_and_kept_for_the_owner() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("new");
        let key = SessionKey::kept_in(&data_dir).unwrap();
        assert!(key.bytes().len() >= 64);
        assert_eq!(SessionKey::kept_in(&data_dir).unwrap(), key);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&data_dir), 0o700);
        assert_eq!(mode(&data_dir.join(FILE)), 0o600);
        let other = SessionKey::kept_in(&folder.path().join("other")).unwrap();
        assert_ne!(other, key);
    }

    #[test]
    fn programs_that_start_together_share_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let data_dir = folder.path().to_owned();
                std::thread::spawn(move || SessionKey::kept_in(&data_dir).unwrap())
            })
            .collect();
        let keys: Vec<SessionKey> = starts.into_iter().map(|start| start.join().unwrap()).collect();
        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[test]
    fn a_damaged_key_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "short").unwrap();
        let sentence = SessionKey::kept_in(folder.path()).unwrap_err().to_string();
        assert!(sentence.contains("session.key") && sentence.contains("remove it"), "{sentence}");
        assert_eq!(fs::read_to_string(folder.path().join(FILE)).unwrap(), "short");
    }
}

//! The data folder: what lies in it, who may enter it, and which process holds it.

use super::account::{Account, make_private};
use super::error::{ClusterError, at};
use rustix::fs::OFlags;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Held by the program that uses the folder, with its process number inside.
const LOCK: &str = "clientele.lock";
/// The server's own folder.
const DATA: &str = "postgres";
/// The server's log.
const LOG: &str = "postgres.log";
/// A log of this size is begun anew at the next start.
const LOG_LIMIT: u64 = 10 << 20;
/// The folder of the server's socket.
const SOCKET: &str = "run";
/// Everything that Clientele keeps in the folder, by the beginnings of the names.
const OURS: [&str; 4] = ["clientele.", DATA, SOCKET, "session.key"];
/// What a socket's path may measure: 104 bytes with the closing zero on macOS, 108 on Linux.
const SOCKET_PATH_LIMIT: usize = 103;
/// How a short folder for the socket is named, where the data folder's path is too long for it.
pub(super) const SHORT_SOCKET: &str = "clientele-socket-";

/// A data folder that is ours to use, made private.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

/// The hold on a data folder; it ends with the process, however that ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Folder {
    /// Makes the folder, or takes an existing one over. One that also holds other people's things keeps its owner
    /// and mode; what lies in it for the server is private all the same.
    pub(super) fn prepare(wanted: &Path, account: Option<&Account>) -> Result<Self, ClusterError> {
        // Asked before anything is made or changed: a refusal leaves nothing behind.
        let there = wanted.ancestors().skip(1).find(|folder| folder.exists()).unwrap_or(wanted);
        reachable(&at(there, fs::canonicalize(there))?, wanted, account)?;
        if !wanted.exists() {
            // Parents that we make are closed to nobody who runs the server, and list nothing.
            let parents = if account.is_some() { 0o711 } else { 0o700 };
            if let Some(parent) = wanted.parent() {
                at(parent, DirBuilder::new().recursive(true).mode(parents).create(parent))?;
            }
            at(wanted, DirBuilder::new().recursive(true).mode(0o700).create(wanted))?;
        }
        let root = at(wanted, fs::canonicalize(wanted))?;
        if at(&root, holds_only_ours(&root))? {
            at(&root, make_private(&root, account))?;
        }
        reachable(&root, wanted, account)?;
        Ok(Self { root })
    }

    /// A folder of this account whose program is dead, with the hold on it. Only one that had been held before: an
    /// empty lock may belong to a program that is just starting.
    pub(super) fn abandoned(root: &Path, account: Option<&Account>) -> Option<(Self, Lock)> {
        if !Account::owns(account, root) {
            return None;
        }
        let mut file = OpenOptions::new().read(true).write(true).open(root.join(LOCK)).ok()?;
        let mut holder = String::new();
        file.read_to_string(&mut holder).ok()?;
        if holder.is_empty() || file.try_lock().is_err() {
            return None;
        }
        Some((Self { root: fs::canonicalize(root).ok()? }, Lock { _file: file }))
    }

    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The server's data (`PGDATA`).
    pub(super) fn data(&self) -> PathBuf {
        self.root.join(DATA)
    }

    /// Takes hold of the folder for this process.
    pub(super) fn lock(&self) -> Result<Lock, ClusterError> {
        let path = self.root.join(LOCK);
        let mut file = at(&path, open_private(&path))?;
        match file.try_lock() {
            Ok(()) => {
                let pid = format!("{}\n", std::process::id());
                at(&path, file.set_len(0).and_then(|()| file.write_all(pid.as_bytes())))?;
                Ok(Lock { _file: file })
            }
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                at(&path, file.rewind().and_then(|()| file.read_to_string(&mut holder)))?;
                Err(ClusterError::Taken {
                    folder: self.root.clone(),
                    holder: holder.trim().parse().ok(),
                    url: super::pid_file::PidFile::read(&self.data()).map(|server| super::url(&server.socket)),
                })
            }
            Err(TryLockError::Error(source)) => Err(ClusterError::Io { path, source }),
        }
    }

    /// The server's log, at its end.
    pub(super) fn log(&self) -> Result<(PathBuf, File), ClusterError> {
        let path = self.root.join(LOG);
        let mut file = at(&path, open_private(&path))?;
        if at(&path, file.metadata())?.len() > LOG_LIMIT {
            at(&path, file.set_len(0))?;
        }
        at(&path, file.seek(io::SeekFrom::End(0)))?;
        Ok((path, file))
    }

    /// A private folder whose path is short enough for a socket in it: in the data folder, or else one that is
    /// removed when the second value is dropped.
    pub(super) fn socket(&self, account: Option<&Account>) -> Result<(PathBuf, Option<TempDir>), ClusterError> {
        let near = self.root.join(SOCKET);
        if socket_fits(&near) {
            if !near.is_dir() {
                at(&near, DirBuilder::new().mode(0o700).create(&near))?;
            }
            at(&near, make_private(&near, account))?;
            // We hold the folder and no server runs on it. What a dead one left here would stop the next, should
            // another process have been given its number.
            for left in [".s.PGSQL.5432", ".s.PGSQL.5432.lock"].map(|name| near.join(name)) {
                if left.symlink_metadata().is_ok() {
                    at(&left, fs::remove_file(&left))?;
                }
            }
            return Ok((near, None));
        }
        let base = Path::new("/tmp");
        let short = temporary(base, SHORT_SOCKET)?;
        at(short.path(), make_private(short.path(), account))?;
        Ok((short.path().to_owned(), Some(short)))
    }
}

/// A folder for our eyes only that goes when it is dropped.
pub(super) fn temporary(base: &Path, prefix: &str) -> Result<TempDir, ClusterError> {
    let private = fs::Permissions::from_mode(0o700);
    at(base, tempfile::Builder::new().prefix(prefix).permissions(private).tempdir_in(base))
}

/// Whether the path of a socket in `folder` fits into a socket address. Clients take a comma for the end of it.
pub(super) fn socket_fits(folder: &Path) -> bool {
    let path = folder.as_os_str();
    !path.as_encoded_bytes().contains(&b',') && path.len() + "/.s.PGSQL.5432.lock".len() <= SOCKET_PATH_LIMIT
}

/// Refuses a folder that the server's account can't get to.
fn reachable(folder: &Path, wanted: &Path, account: Option<&Account>) -> Result<(), ClusterError> {
    match account.and_then(|account| Some((account, account.closed_folder(folder)?))) {
        None => Ok(()),
        Some((account, closed)) => Err(ClusterError::Unreachable {
            account: account.name().to_owned(),
            closed: closed.to_owned(),
            wanted: wanted.to_owned(),
        }),
    }
}

fn holds_only_ours(folder: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if !OURS.iter().any(|ours| name.as_encoded_bytes().starts_with(ours.as_bytes())) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Opens or makes a file that only we may read; never through a link, since the folder may belong to another account.
fn open_private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_needs_a_short_path_without_commas() {
        // 103 bytes in all, of which the socket's own name and its lock's take 19.
        assert!(socket_fits(Path::new(&format!("/{}", "a".repeat(83)))));
        assert!(!socket_fits(Path::new(&format!("/{}", "a".repeat(84)))));
        assert!(!socket_fits(Path::new("/a,b")));
    }

    #[test]
    fn tells_its_own_folder_from_others() {
        let folder = tempfile::tempdir().unwrap();
        assert!(holds_only_ours(folder.path()).unwrap());
        for name in ["session.key", "clientele.lock", "postgres", "postgres.log", "postgres.new-1", "run"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert!(holds_only_ours(folder.path()).unwrap());
        fs::write(folder.path().join("letters.txt"), "").unwrap();
        assert!(!holds_only_ours(folder.path()).unwrap());
    }

    #[test]
    fn opens_nothing_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("theirs"), "kept").unwrap();
        std::os::unix::fs::symlink("theirs", folder.path().join("link")).unwrap();
        assert!(open_private(&folder.path().join("link")).is_err());
        assert_eq!(fs::read_to_string(folder.path().join("theirs")).unwrap(), "kept");
    }
}

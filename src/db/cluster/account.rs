//! Whose process the server is: ours, or an unprivileged user's where we are root.

use super::error::ClusterError;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Who may own a server, by name, best first. `_postgres` is macOS's own.
const NAMES: [&str; 3] = ["postgres", "_postgres", "nobody"];

/// An unprivileged user that root hands the server to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    name: String,
    uid: u32,
    gid: u32,
}

impl Account {
    /// Who runs the server on `data`: where we are root, the owner of what is there already, or [`Account::usual`].
    pub(super) fn for_data(data: &Path) -> Result<Option<Self>, ClusterError> {
        if rustix::process::geteuid().is_root()
            && let Ok(owned) = fs::symlink_metadata(data)
            && owned.uid() != 0
        {
            let uid = owned.uid();
            let name = ask("-un", &uid.to_string()).unwrap_or_else(|| uid.to_string());
            return Ok(Some(Self { name, uid, gid: owned.gid() }));
        }
        Self::usual()
    }

    /// Nobody but ourselves where we aren't root; otherwise the first of the usual names that exists here.
    pub(super) fn usual() -> Result<Option<Self>, ClusterError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        NAMES.into_iter().find_map(Self::named).map(Some).ok_or(ClusterError::NoAccount)
    }

    fn named(name: &str) -> Option<Self> {
        let number = |flag| ask(flag, name)?.parse().ok().filter(|id| *id != 0);
        Some(Self { name: name.to_owned(), uid: number("-u")?, gid: number("-g")? })
    }

    /// Its name, for messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether `path` belongs to the account, or to ourselves where there is none.
    pub(super) fn owns(account: Option<&Self>, path: &Path) -> bool {
        let uid = account.map_or_else(|| rustix::process::geteuid().as_raw(), |account| account.uid);
        fs::symlink_metadata(path).is_ok_and(|owned| owned.uid() == uid)
    }

    /// Gives a file or folder to this account.
    pub(super) fn own(&self, path: &Path) -> std::io::Result<()> {
        std::os::unix::fs::lchown(path, Some(self.uid), Some(self.gid))
    }

    /// The outermost folder on the way to `path` that this account may not enter.
    pub(super) fn closed_folder<'a>(&self, path: &'a Path) -> Option<&'a Path> {
        if self.may_enter(path) {
            return None;
        }
        let mut way: Vec<&Path> = path.ancestors().collect();
        way.reverse();
        way.into_iter().find(|folder| !self.may_enter(folder))
    }

    /// Tried, not computed: modes alone don't know of access lists and mounts.
    fn may_enter(&self, folder: &Path) -> bool {
        command(OsStr::new("/bin/sh"), Some(self))
            .args(["-c", "cd -- \"$1\"", "sh"])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// A program that runs as `account` in the folder `/` with an environment of its own: the caller's folder may be
/// closed to the account, and the caller's `PG…` and `LC_…` variables mean nothing to this server.
pub(super) fn command(program: &OsStr, account: Option<&Account>) -> Command {
    let mut command = Command::new(program);
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    command.env_clear().env("PATH", path).env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
    command
}

/// Makes a folder's mode 0700, and it the account's.
pub(super) fn make_private(folder: &Path, account: Option<&Account>) -> std::io::Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    account.map_or(Ok(()), |account| account.own(folder))
}

fn ask(flag: &str, who: &str) -> Option<String> {
    let output = Command::new("id").args([flag, who]).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !answer.is_empty()).then_some(answer)
}

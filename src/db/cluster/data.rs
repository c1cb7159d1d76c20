//! The making of the server's data.

use super::account::{Account, command, make_private};
use super::binaries::Binaries;
use super::error::{ClusterError, at};
use super::folder::Folder;
use super::server::{Purpose, last_lines};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Makes the server's data, whole or not at all.
pub(super) fn create(
    binaries: &Binaries,
    folder: &Folder,
    account: Option<&Account>,
    purpose: Purpose,
) -> Result<(), ClusterError> {
    let data = folder.data();
    if data.join("PG_VERSION").exists() {
        return Ok(());
    }
    tracing::info!(folder = %data.display(), "making the private PostgreSQL's data");
    discard_unfinished(folder.root());
    let unfinished = folder.root().join(format!("postgres.new-{}", std::process::id()));
    at(&unfinished, DirBuilder::new().mode(0o700).create(&unfinished))?;
    at(&unfinished, make_private(&unfinished, account))?;
    // macOS has no C.UTF-8.
    initdb(binaries, &unfinished, "C.UTF-8", account, purpose)
        .or_else(|_| initdb(binaries, &unfinished, "en_US.UTF-8", account, purpose))?;
    at(&data, fs::rename(&unfinished, &data))
}

fn initdb(
    binaries: &Binaries,
    data: &Path,
    locale: &str,
    account: Option<&Account>,
    purpose: Purpose,
) -> Result<(), ClusterError> {
    let mut initdb = command(binaries.program("initdb").as_os_str(), account);
    initdb.arg("-D").arg(data).args(["--username=postgres", "--encoding=UTF8", "--no-instructions"]);
    // Who may enter the socket's folder may come in; nobody else finds a door.
    initdb.args(["--auth-local=trust", "--auth-host=reject"]).arg(format!("--locale={locale}"));
    if purpose == Purpose::ThrowAway {
        initdb.arg("--no-sync");
    }
    let output = at(&binaries.program("initdb"), initdb.output())?;
    if output.status.success() {
        return Ok(());
    }
    Err(ClusterError::Tool { tool: "initdb", output: last_lines(&String::from_utf8_lossy(&output.stderr)) })
}

/// Removes what a start that was killed left unfinished.
fn discard_unfinished(root: &Path) {
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(b"postgres.new-")
            && let Err(fault) = fs::remove_dir_all(entry.path())
        {
            tracing::warn!(%fault, folder = %entry.path().display(), "unfinished data not removed");
        }
    }
}

//! Files that are there only when they are complete: written under another name beside where they will stand.

use std::io;
use std::path::Path;
use tempfile::NamedTempFile;

/// A temporary file in the folder of `path`, to be given that name at the end.
///
/// # Errors
/// A folder that isn't there or can't be written to.
pub(super) fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    NamedTempFile::new_in(folder)
}

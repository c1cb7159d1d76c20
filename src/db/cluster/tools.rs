//! PostgreSQL's own programs that copy a database out and in.

use super::binaries::Binaries;
use super::error::ClusterError;
use super::pid_file::{PidFile, serves};
use percent_encoding::percent_decode_str;
use std::path::Path;
use std::process::{Command, Stdio};

/// The address of our database on the server that runs on this data folder, whoever started it; `None` where none does.
pub fn running(data_dir: &Path) -> Option<String> {
    let data = std::fs::canonicalize(data_dir.join("postgres")).ok()?;
    let file = PidFile::read(&data).filter(|file| file.ready && serves(file.pid, &data))?;
    Some(super::url(&file.socket))
}

/// The program `name` of PostgreSQL, of the version that made the data in `data_dir` where there is any, about to be run
/// on the database at `url`. The password is not among its arguments, which everybody on the machine can read.
///
/// # Errors
/// No such program is installed.
pub fn tool(name: &str, data_dir: &Path, url: &str) -> Result<Command, ClusterError> {
    let binaries = Binaries::find(&data_dir.join("postgres"))?;
    let mut command = Command::new(binaries.program(name));
    let (url, password) = without_password(url);
    command.arg("--no-password").arg(format!("--dbname={url}")).stdin(Stdio::null()).current_dir("/");
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    Ok(command)
}

/// An address without its password, and that.
fn without_password(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let Some((person, host)) = rest[..end].rsplit_once('@') else { return (url.to_owned(), None) };
    let Some((name, password)) = person.split_once(':') else { return (url.to_owned(), None) };
    (
        format!("{scheme}://{name}@{host}{}", &rest[end..]),
        Some(percent_decode_str(password).decode_utf8_lossy().into_owned()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_no_argument() {
        for (url, without, password) in [
            ("postgres://ann:s%40cret%@db.example:5432/shop", "postgres://ann@db.example:5432/shop", Some("s@cret%")),
            ("postgres://ann@db.example/shop?a=b:c@d", "postgres://ann@db.example/shop?a=b:c@d", None),
            ("postgresql://clientele@/clientele?host=/x", "postgresql://clientele@/clientele?host=/x", None),
            ("postgres://db.example", "postgres://db.example", None),
        ] {
            assert_eq!(without_password(url), (without.to_owned(), password.map(str::to_owned)), "{url}");
        }
    }
}

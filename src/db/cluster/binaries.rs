//! Where the server's binaries are.

use super::error::ClusterError;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The oldest major version that will do.
const OLDEST: u32 = 14;

/// A folder with `initdb` and `postgres` of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binaries {
    dir: PathBuf,
    major: u32,
}

impl Binaries {
    /// Finds the binaries for a new data folder, or those of the version that made an existing one.
    pub(super) fn find(data: &Path) -> Result<Self, ClusterError> {
        let made_by = fs::read_to_string(data.join("PG_VERSION")).ok().and_then(|text| text.trim().parse().ok());
        let mut found = Vec::new();
        for dir in candidates() {
            if let Some(major) = version(&dir) {
                let binaries = Self { dir, major };
                if binaries.suits(made_by) {
                    return Ok(binaries);
                }
                found.push(binaries);
            }
        }
        Err(refusal(&found, data, made_by, std::env::consts::OS))
    }

    /// The path of one program.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn suits(&self, made_by: Option<u32>) -> bool {
        made_by.map_or(self.major >= OLDEST, |major| self.major == major)
    }
}

fn refusal(found: &[Binaries], data: &Path, made_by: Option<u32>, os: &str) -> ClusterError {
    match made_by {
        Some(major) => ClusterError::OtherVersion {
            data: data.to_owned(),
            made_by: major,
            hint: match os {
                "macos" => format!("run `brew install postgresql@{major}`"),
                _ => format!("install it again (Debian, Ubuntu: `apt-get install postgresql-{major}`)"),
            },
        },
        None => ClusterError::NotInstalled {
            found: found.iter().map(|binaries| binaries.major).max(),
            hint: match os {
                "macos" => "run `make run`, which installs it, or `brew install postgresql@17`".to_owned(),
                _ => "run `make run`, which installs it, or `apt-get install postgresql` (Debian, Ubuntu), \
                      `dnf install postgresql-server postgresql-contrib` (Fedora)"
                    .to_owned(),
            },
        },
    }
}

/// The folders that may hold a server, best first, each once.
fn candidates() -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    let configured = Command::new("pg_config").arg("--bindir").stdin(Stdio::null()).stderr(Stdio::null()).output();
    if let Ok(output) = configured {
        dirs.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    dirs.extend(versioned("/usr/lib/postgresql", ""));
    dirs.extend(versioned("/usr", "pgsql-"));
    for homebrew in ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"] {
        dirs.extend(versioned(homebrew, "postgresql@"));
        dirs.push(Path::new(homebrew).join("postgresql/bin"));
    }
    if let Some(path) = std::env::var_os("PATH") {
        dirs.extend(std::env::split_paths(&path));
    }
    let mut seen = std::collections::HashSet::new();
    dirs.retain(|dir| {
        dir.is_absolute() && dir.join("postgres").is_file() && dir.join("initdb").is_file() && seen.insert(dir.clone())
    });
    dirs
}

/// The `bin` folders under `parent/PREFIXnumber`, newest first.
fn versioned(parent: &str, prefix: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let major = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((major, entry.path().join("bin")))
        })
        .collect();
    found.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    found.into_iter().map(|(_, dir)| dir).collect()
}

fn version(dir: &Path) -> Option<u32> {
    let output = Command::new(dir.join("postgres"))
        .arg("--version")
        .current_dir("/")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    major(&String::from_utf8_lossy(&output.stdout))
}

/// The major version in what `postgres --version` prints, `postgres (PostgreSQL) 15.20 (Debian …)`.
fn major(printed: &str) -> Option<u32> {
    let number = printed.split_once("(PostgreSQL) ")?.1;
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    number[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_major_version() {
        for (printed, expected) in [
            ("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n", Some(15)),
            ("postgres (PostgreSQL) 9.6.24\n", Some(9)),
            ("postgres (PostgreSQL) 18beta1\n", Some(18)),
            ("postgres (PostgreSQL) \n", None),
            ("mysqld 8.0\n", None),
        ] {
            assert_eq!(major(printed), expected, "{printed}");
        }
    }

    #[test]
    fn data_stays_with_the_version_that_made_it() {
        let binaries = |major| Binaries { dir: PathBuf::from("/b"), major };
        for (installed, made_by, suits) in [
            (13, None, false),
            (14, None, true),
            (17, None, true),
            (17, Some(15), false),
            (15, Some(17), false),
            (15, Some(15), true),
        ] {
            assert_eq!(binaries(installed).suits(made_by), suits, "{installed} for {made_by:?}");
        }
    }

    #[test]
    fn says_what_to_install() {
        let old = [Binaries { dir: PathBuf::from("/b"), major: 11 }];
        let data = Path::new("/d");
        for (found, made_by, os, expected) in [
            (&[][..], None, "linux", "PostgreSQL 14 or newer is not installed: run `make run`"),
            (&[][..], None, "linux", "apt-get install postgresql"),
            (&old[..], None, "linux", "is not installed (only 11): "),
            (&[][..], None, "macos", "brew install postgresql@17"),
            (&old[..], Some(15), "linux", "The data in /d was made by PostgreSQL 15, which is not installed"),
            (&old[..], Some(16), "macos", "brew install postgresql@16"),
        ] {
            let sentence = refusal(found, data, made_by, os).to_string();
            assert!(sentence.contains(expected), "{sentence}");
        }
    }
}

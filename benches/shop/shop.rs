//! The shop that is measured, its PostgreSQL, and the server on it.

use crate::floors::Outcome;
use clientele::auth::actions::{create_token, create_user};
use clientele::auth::password::{self, Hashed};
use clientele::auth::role::{Actor, Role};
use clientele::auth::user::NewUser;
use clientele::db::cluster::Cluster;
use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use rustix::process::{Pid, Signal, kill_process};
use sha2::{Digest, Sha256};
use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The program that is measured: this tree's, or the build in `BENCH_PROGRAM`, to compare two.
pub fn program_path() -> PathBuf {
    env::var_os("BENCH_PROGRAM").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_clientele")), PathBuf::from)
}

const EMAIL: &str = "bench@example.com";

/// The program with nothing configured but what is said here.
pub fn program() -> Command {
    let mut command = Command::new(program_path());
    for name in ["DATABASE_URL", "DATA_DIR", "SESSION_KEY", "DB_POOL_SIZE", "WORKERS", "HTTPS", "LOG", "LOG_FORMAT"] {
        command.env_remove(name);
    }
    command.env("BIND", "127.0.0.1:0").stdin(Stdio::null());
    command
}

/// The folder with the shop's data; made where there is none, which takes minutes. It is made anew where a migration
/// that it was made with reads otherwise today; later migrations are applied when the program starts on it.
pub fn provide(base: &Path, scale: &str) -> Outcome<PathBuf> {
    let folder = base.join(scale);
    let made = base.join(format!("{scale}.made"));
    let migrations = migrations()?;
    if let Ok(then) = fs::read_to_string(&made) {
        if !then.is_empty() && then.lines().all(|migration| migrations.lines().any(|now| now == migration)) {
            return Ok(folder);
        }
        eprintln!("bench: the shop in {} was made with other migrations: it is made anew", folder.display());
        fs::remove_file(&made)?;
    }
    // What a run that was stopped left is no shop.
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(base)?;
    eprintln!("bench: making the shop in {} (once)", folder.display());
    let status = program().env("DATA_DIR", &folder).args(["bench-data", "--scale", scale]).status()?;
    if !status.success() {
        return Err("bench-data failed".into());
    }
    fs::write(&made, migrations)?;
    Ok(folder)
}

/// The migrations of this tree, a line each: name and checksum.
fn migrations() -> Outcome<String> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"))? {
        let entry = entry?;
        let digest = Sha256::digest(fs::read(entry.path().join("up.sql"))?);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        lines.push(format!("{} {digest}\n", entry.file_name().to_string_lossy()));
    }
    lines.sort();
    Ok(lines.concat())
}

/// A running server; stopped when this value goes.
pub struct Server {
    child: Child,
    pub address: String,
    /// From the start of the program to the line with its address.
    pub started_in: Duration,
}

impl Server {
    /// Starts `serve` and waits for its address.
    pub fn start(command: &mut Command) -> Outcome<Self> {
        // Its log, which it writes as it does for everybody.
        let mut log = tempfile::tempfile()?;
        command.arg("serve").stdout(Stdio::piped()).stderr(log.try_clone()?);
        let start = Instant::now();
        let mut child = command.spawn()?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let started_in = start.elapsed();
        match line.trim().split_once("http://") {
            Some((_, address)) => Ok(Self { address: format!("http://{address}"), child, started_in }),
            None => {
                child.wait()?;
                let mut said = String::new();
                log.rewind()?;
                log.read_to_string(&mut said)?;
                Err(format!("serve ended: {said}").into())
            }
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(pid) = Pid::from_raw(self.child.id() as i32) {
            // It may have ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.child.wait();
    }
}

/// Who asks: known to this run only.
pub struct Visitor {
    pub email: &'static str,
    pub password: String,
    pub token: String,
    /// What is stored of the token.
    pub token_hash: Vec<u8>,
}

/// Makes a person and a token, and forgets those of earlier runs.
pub fn visitor(conn: &mut PgConnection) -> Outcome<Visitor> {
    forget_visitor(conn)?;
    diesel::sql_query("DELETE FROM sign_in_failures").execute(conn)?;
    let (actor, now) = (Actor::command_line(), chrono::Utc::now());
    let password = password::random()?;
    let new = NewUser { email: EMAIL.into(), name: "Bench".into(), role: Role::Admin };
    create_user(conn, &actor, &new, &Hashed::of(&password)?, now)?;
    let (_, secret) = create_token(conn, &actor, EMAIL, Role::Editor, now)?;
    Ok(Visitor { email: EMAIL, password, token: secret.reveal().to_owned(), token_hash: secret.hash() })
}

/// Forgets the person and the token.
pub fn forget_visitor(conn: &mut PgConnection) -> Outcome<()> {
    diesel::sql_query("DELETE FROM users WHERE email = $1").bind::<Text, _>(EMAIL).execute(conn)?;
    diesel::sql_query("DELETE FROM tokens WHERE name = $1").bind::<Text, _>(EMAIL).execute(conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// The group whose size is nearest to a tenth of all customers: 100,000 members in the full shop.
pub fn large_group(conn: &mut PgConnection) -> Outcome<Uuid> {
    let found: Found = diesel::sql_query(
        "SELECT id FROM groups ORDER BY abs(member_count - (SELECT customers / 10 FROM store_totals)), id LIMIT 1",
    )
    .get_result(conn)?;
    Ok(found.id)
}

/// The shop's own PostgreSQL; stopped when this value goes.
pub fn cluster(folder: &Path) -> Outcome<Cluster> {
    Ok(Cluster::start(folder)?)
}

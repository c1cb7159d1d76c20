//! The program as people start, stop, kill and misconfigure it.

use crate::support::{Program, TestDb, data_folder, process};
use clientele::db::cluster::Cluster;
use diesel::prelude::*;
use diesel::sql_types::Text;
use rustix::process::Signal;
use std::fs;
use std::net::TcpListener;
use std::path::Path;

/// What the server in a data folder says of itself: its process.
pub fn server_of(data_dir: &Path) -> u32 {
    let file = fs::read_to_string(data_dir.join("postgres/postmaster.pid")).unwrap();
    file.lines().next().unwrap().parse().unwrap()
}

/// A connection to the server in a data folder.
pub fn connect(data_dir: &Path) -> PgConnection {
    let socket = data_dir.join("run");
    PgConnection::establish(&format!("postgresql://clientele@/clientele?host={}", socket.display())).unwrap()
}

fn save(data_dir: &Path) {
    diesel::sql_query("CREATE TABLE saved AS SELECT 'kept' AS text").execute(&mut connect(data_dir)).unwrap();
}

/// What [`save`] saved, read by another start.
fn saved(data_dir: &Path) -> String {
    let cluster = Cluster::start(data_dir).unwrap();
    diesel::select(diesel::dsl::sql::<Text>("(SELECT text FROM saved)"))
        .get_result(&mut PgConnection::establish(&cluster.url()).unwrap())
        .unwrap()
}

#[test]
fn serves_and_stops_with_everything_it_started() {
    for with in [Signal::INT, Signal::TERM, Signal::HUP] {
        let folder = data_folder();
        let program = Program::serve(folder.path());
        assert_eq!(program.get("/healthz"), (200, "ok\n".to_owned()));
        assert_eq!(program.get("/readyz"), (200, "ready\n".to_owned()));
        let server = server_of(folder.path());
        assert!(process::exists(server));
        let (status, said) = program.end(with);
        assert!(status.success(), "{with:?}: {status}, {said}");
        assert!(!process::exists(server), "{with:?} leaves the server");
        assert!(!folder.path().join("postgres/postmaster.pid").exists());
    }
}

#[test]
fn a_killed_program_loses_nothing_that_was_saved() {
    let folder = data_folder();
    let program = Program::serve(folder.path());
    save(folder.path());
    program.end(Signal::KILL);
    assert_eq!(saved(folder.path()), "kept");
}

#[cfg(target_os = "linux")]
#[test]
fn the_server_that_a_killed_program_left_is_stopped_by_the_next() {
    let folder = data_folder();
    let program = Program::serve(folder.path());
    save(folder.path());
    let server = server_of(folder.path());
    for child in process::children(program.pid()) {
        if child != server {
            process::signal(child, Signal::KILL);
        }
    }
    program.end(Signal::KILL);
    assert!(process::exists(server), "nobody is left to stop it");
    assert_eq!(saved(folder.path()), "kept");
    process::eventually(|| !process::exists(server));
}

#[test]
fn a_machine_that_fails_loses_nothing_that_was_saved() {
    let folder = data_folder();
    let program = Program::serve(folder.path());
    save(folder.path());
    let mut open = connect(folder.path());
    diesel::sql_query("BEGIN").execute(&mut open).unwrap();
    diesel::sql_query("UPDATE saved SET text = 'not yet'").execute(&mut open).unwrap();
    process::signal(server_of(folder.path()), Signal::KILL);
    program.end(Signal::KILL);
    assert_eq!(saved(folder.path()), "kept");
}

#[test]
fn a_second_program_on_the_folder_says_whose_it_is() {
    let folder = data_folder();
    let first = Program::serve(folder.path());
    for arguments in [&["serve"][..], &["migrate"]] {
        let second = Program::run(folder.path(), arguments);
        assert_eq!(second.status.code(), Some(1));
        assert!(second.stdout.is_empty());
        let said = String::from_utf8(second.stderr).unwrap();
        assert!(said.starts_with("clientele: Clientele already runs on the data folder "), "{said}");
        assert!(said.contains(&format!("(process {})", first.pid())), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    assert_eq!(first.get("/readyz").0, 200, "the first one is not disturbed");
}

#[test]
fn works_beside_a_running_program_over_its_address() {
    let folder = data_folder();
    let _first = Program::serve(folder.path());
    let refusal = String::from_utf8(Program::run(folder.path(), &["migrate"]).stderr).unwrap();
    let (_, url) = refusal.split_once("DATABASE_URL='").unwrap();
    let url = url.split('\'').next().unwrap();
    let beside = Program::command(folder.path()).arg("migrate").env("DATABASE_URL", url).output().unwrap();
    assert!(beside.status.success(), "{beside:?}");
    assert_eq!(String::from_utf8(beside.stdout).unwrap(), "The database is up to date.\n");
}

#[test]
fn ends_when_its_server_is_ended_from_outside() {
    let folder = data_folder();
    let mut program = Program::serve(folder.path());
    process::signal(server_of(folder.path()), Signal::QUIT);
    let (status, said) = program.wait();
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("clientele: The embedded PostgreSQL has ended"), "{said}");
}

#[test]
fn runs_on_a_database_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let (database, data_dir) = (TestDb::new(), folder.path().join("unused"));
    let mut command = Program::command(&data_dir);
    command.args(["serve"]).env("DATABASE_URL", database.url()).env("SESSION_KEY", "k".repeat(64));
    let program = Program::started(&mut command);
    assert_eq!(program.get("/readyz").0, 200);
    assert!(program.end(Signal::TERM).0.success());
    assert!(!data_dir.exists(), "with everything given, nothing is kept here");
}

#[test]
fn migrate_prints_what_it_ran() {
    let folder = tempfile::tempdir().unwrap();
    let first = Program::run(folder.path(), &["migrate"]);
    assert!(first.status.success(), "{first:?}");
    let ran = String::from_utf8(first.stdout).unwrap();
    let expected = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap().count();
    assert_eq!(ran.lines().count(), expected, "{ran}");
    let second = Program::run(folder.path(), &["migrate"]);
    assert_eq!(String::from_utf8(second.stdout).unwrap(), "The database is up to date.\n");
}

#[test]
fn what_cannot_be_used_is_one_sentence_on_standard_error() {
    let folder = data_folder();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let nowhere = format!("postgresql://nobody@/none?host={}", folder.path().display());
    for (name, value, expected) in [
        ("BIND", "nowhere", "BIND is \"nowhere\": write an IP address and a port"),
        ("BIND", &taken, "can't be used: another program listens there. Set BIND to another"),
        ("SESSION_KEY", "short", "SESSION_KEY has 5 bytes: it needs 64 or more."),
        ("DATABASE_URL", "mysql://h/d", "DATABASE_URL is not the address of a PostgreSQL database"),
        ("DATABASE_URL", &nowhere, "The database can't be reached: "),
        ("DATA_DIR", "/dev/null/data", "/dev/null"),
        ("LOG", "=,=", "LOG is \"=,=\": write a level"),
    ] {
        let output = Program::command(folder.path()).arg("serve").env(name, value).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}={value}: {said}");
        assert!(output.stdout.is_empty(), "{name}={value}");
        assert!(said.starts_with("clientele: ") && said.contains(expected), "{name}={value}: {said}");
        assert_eq!(said.lines().count(), 1, "{name}={value}: {said}");
    }
}

#[test]
fn every_command_has_its_help() {
    let folder = tempfile::tempdir().unwrap();
    let help = String::from_utf8(Program::run(folder.path(), &["--help"]).stdout).unwrap();
    let commands = help.split_once("Commands:").unwrap().1.split_once("Options:").unwrap().0;
    // Each command's line is indented by two; what its description wraps to, by more.
    let lines = commands.lines().filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    let names: Vec<&str> = lines.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"serve") && names.contains(&"migrate"), "{names:?}");
    for name in names {
        let shown = Program::run(folder.path(), &[name, "--help"]);
        assert!(shown.status.success(), "{name}");
        assert!(String::from_utf8(shown.stdout).unwrap().contains("Usage: clientele"), "{name}");
    }
    assert_eq!(Program::run(folder.path(), &["no-such-command"]).status.code(), Some(2));
}

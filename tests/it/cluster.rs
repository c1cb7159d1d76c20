//! The embedded PostgreSQL, as the library starts and stops it.

use crate::support::{data_folder, process};
use clientele::db::cluster::{Cluster, ClusterError};
use diesel::prelude::*;
use diesel::sql_types::Text;
use rustix::process::Signal;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;

fn connect(url: &str) -> PgConnection {
    PgConnection::establish(url).unwrap()
}

fn show(conn: &mut PgConnection, setting: &str) -> String {
    diesel::select(diesel::dsl::sql::<Text>("current_setting(").bind::<Text, _>(setting).sql(")"))
        .get_result(conn)
        .unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn keeps_its_data_over_a_restart() {
    let folder = data_folder();
    let cluster = Cluster::start(folder.path()).unwrap();
    let first = cluster.pid();
    diesel::sql_query("CREATE TABLE kept AS SELECT 'Grüße' AS text").execute(&mut connect(&cluster.url())).unwrap();
    drop(cluster);
    assert!(!process::exists(first), "the server ends with the cluster");

    let cluster = Cluster::start(folder.path()).unwrap();
    assert_ne!(cluster.pid(), first);
    let kept: String = diesel::select(diesel::dsl::sql::<Text>("(SELECT text FROM kept)"))
        .get_result(&mut connect(&cluster.url()))
        .unwrap();
    assert_eq!(kept, "Grüße");
}

#[test]
fn is_private() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path();
    let cluster = Cluster::start(data_dir).unwrap();
    for path in [data_dir.to_owned(), data_dir.join("postgres"), data_dir.join("run")] {
        assert_eq!(mode(&path), 0o700, "{}", path.display());
    }
    for path in ["clientele.lock", "postgres.log"] {
        assert_eq!(mode(&data_dir.join(path)), 0o600, "{path}");
    }
    assert_eq!(mode(&data_dir.join("run/.s.PGSQL.5432")), 0o700);
    let mut conn = connect(&cluster.url());
    assert_eq!(show(&mut conn, "listen_addresses"), "", "no network address");
    assert_eq!(show(&mut conn, "server_encoding"), "UTF8");
    assert_eq!(show(&mut conn, "is_superuser"), "off", "our role rules nothing but its database");
    assert_eq!(show(&mut conn, "fsync"), "on");
}

#[test]
fn runs_unprivileged_when_we_are_root() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let folder = data_folder();
    let cluster = Cluster::start(folder.path()).unwrap();
    let owner = fs::metadata(folder.path().join("postgres")).unwrap().uid();
    assert_ne!(owner, 0);
    assert_eq!(fs::metadata(format!("/proc/{}", cluster.pid())).unwrap().uid(), owner);
    assert_eq!(fs::metadata(folder.path()).unwrap().uid(), owner);
}

#[test]
fn says_which_folder_is_closed_to_the_server_of_root() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let closed = tempfile::tempdir().unwrap();
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let wanted = closed.path().join("shop/data");
    let refused = Cluster::start(&wanted).unwrap_err();
    assert!(
        matches!(&refused, ClusterError::Unreachable { closed: folder, .. } if folder == closed.path()),
        "{refused}"
    );
    let sentence = refused.to_string();
    assert!(sentence.contains(&format!("may not enter {}.", closed.path().display())), "{sentence}");
    assert!(sentence.contains("Set DATA_DIR to a folder"), "{sentence}");
    assert_eq!(fs::read_dir(closed.path()).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn leaves_a_folder_with_other_things_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("letters.txt"), "kept").unwrap();
    let before = fs::metadata(folder.path()).unwrap();
    let _cluster = Cluster::start(folder.path()).unwrap();
    let after = fs::metadata(folder.path()).unwrap();
    assert_eq!((after.mode(), after.uid()), (before.mode(), before.uid()));
    assert_eq!(mode(&folder.path().join("postgres")), 0o700);
    assert_eq!(mode(&folder.path().join("run")), 0o700);
    assert_eq!(fs::read_to_string(folder.path().join("letters.txt")).unwrap(), "kept");
}

#[test]
fn works_where_the_path_is_too_long_for_a_socket_or_has_odd_letters() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("a, b").join("long".repeat(40));
    let cluster = Cluster::start(&data_dir).unwrap();
    connect(&cluster.url());
    let mut conn = connect(&cluster.superuser_url("postgres"));
    let socket = PathBuf::from(show(&mut conn, "unix_socket_directories").trim_matches('"'));
    assert!(!socket.starts_with(folder.path()), "{}", socket.display());
    assert_eq!(mode(&socket), 0o700);
    drop(cluster);
    assert!(!socket.exists(), "the short folder goes with the server");

    let odd = folder.path().join("Zoë's \"own\" %41");
    connect(&Cluster::start(&odd).unwrap().url());
    assert!(odd.join("run").is_dir());
}

#[test]
fn a_second_start_is_told_who_holds_the_folder_and_how_to_work_beside_it() {
    let folder = data_folder();
    let cluster = Cluster::start(folder.path()).unwrap();
    let sentence = Cluster::start(folder.path()).unwrap_err().to_string();
    assert!(sentence.contains(&format!("(process {})", std::process::id())), "{sentence}");
    assert!(sentence.contains(&cluster.url()), "{sentence}");
}

#[test]
fn a_process_number_given_anew_is_not_taken_for_the_server() {
    let folder = data_folder();
    let data = folder.path().join("postgres");
    // The server died with the machine; after the restart its number is another process's, and of the same user.
    let mut other = process::of_owner(&data, "cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    fs::write(data.join("postmaster.pid"), format!("{}\n{}\n1\n5432\n/nowhere\n\n\n", other.id(), data.display()))
        .unwrap();
    let cluster = Cluster::start(folder.path()).unwrap();
    connect(&cluster.url());
    assert!(matches!(other.try_wait(), Ok(None)), "the other process is left alone");
    drop(other.stdin.take());
    other.wait().unwrap();
}

#[test]
fn data_that_was_not_finished_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let unfinished = folder.path().join("postgres.new-1");
    fs::create_dir(&unfinished).unwrap();
    fs::write(unfinished.join("PG_VERSION"), "15\n").unwrap();
    let cluster = Cluster::start(folder.path()).unwrap();
    connect(&cluster.url());
    assert!(!unfinished.exists());
}

#[test]
fn data_of_another_version_is_refused_and_left() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("postgres");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("PG_VERSION"), "9\n").unwrap();
    let sentence = Cluster::start(folder.path()).unwrap_err().to_string();
    assert!(sentence.contains("was made by PostgreSQL 9, which is not installed"), "{sentence}");
    assert_eq!(fs::read_to_string(data.join("PG_VERSION")).unwrap(), "9\n");
}

#[test]
fn a_server_that_does_not_start_says_why() {
    let folder = data_folder();
    fs::write(folder.path().join("postgres/postgresql.conf"), "no_such_setting = on\n").unwrap();
    let sentence = Cluster::start(folder.path()).unwrap_err().to_string();
    assert!(sentence.contains("no_such_setting"), "{sentence}");
    assert!(sentence.contains("postgres.log"), "{sentence}");
}

/// Not a test of its own: the test below runs it in a process that it kills.
#[test]
#[ignore = "only as another test's process"]
fn hold_a_throw_away_server() {
    let cluster = Cluster::throw_away().unwrap();
    // Past the test harness, which would keep what a macro prints to itself.
    writeln!(std::io::stdout(), "\nHOLDS {} {}", cluster.pid(), cluster.folder().display()).unwrap();
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

#[test]
fn a_killed_test_run_leaves_no_server_and_no_folder() {
    let held = process::HeldServer::start("cluster::hold_a_throw_away_server");
    let mut conn = connect(&format!("postgresql://postgres@/postgres?host={}/run", held.folder.display()));
    assert!(held.folder.join("postgres").is_dir());
    process::signal(held.pid(), Signal::KILL);
    // The server ends the connection when the guardian ends the server.
    diesel::sql_query("SELECT pg_sleep(600)").execute(&mut conn).unwrap_err();
    process::eventually(|| !process::exists(held.server) && !held.folder.exists());
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_dead_run_left_nevertheless_goes_with_the_next() {
    let held = process::HeldServer::start("cluster::hold_a_throw_away_server");
    for child in process::children(held.pid()) {
        if child != held.server {
            process::signal(child, Signal::KILL);
        }
    }
    let (server, folder) = (held.server, held.folder.clone());
    drop(held);
    let alive = Cluster::throw_away().unwrap();
    // Another run that starts at the same moment may be the one that removes them.
    process::eventually(|| !process::exists(server) && !folder.exists());
    // And what lives is left alone.
    let other = Cluster::throw_away().unwrap();
    connect(&alive.superuser_url("postgres"));
    connect(&other.superuser_url("postgres"));
}

//! Reports on a replica: a real one that streams from the program's own PostgreSQL, while it is behind, and while it is
//! down.

use crate::support::{TestApp, TestDb, data_folder, rows};
use actix_web::rt::System;
use chrono::{TimeZone, Utc};
use clientele::auth::role::Role;
use clientele::db::cluster::Cluster;
use clientele::db::replica::{Origin, Replica, written};
use clientele::db::{Db, migrations};
use clientele::error::Result;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that streams from another one; it ends with this value.
struct Standby {
    server: Child,
    socket: PathBuf,
    /// Goes last.
    _folder: tempfile::TempDir,
}

fn one(conn: &mut PgConnection, query: &str) -> String {
    diesel::select(diesel::dsl::sql::<Text>(query)).get_result(conn).unwrap()
}

fn command(program: &Path, owner: &Path) -> Command {
    let owner = fs::metadata(owner).unwrap();
    let mut command = Command::new(program);
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null());
    if rustix::process::geteuid().is_root() {
        command.uid(owner.uid()).gid(owner.gid());
    }
    command
}

impl Standby {
    fn of(cluster: &Cluster) -> Self {
        let mut conn = PgConnection::establish(&cluster.superuser_url("postgres")).unwrap();
        let programs = PathBuf::from(one(&mut conn, "(SELECT setting FROM pg_config WHERE name = 'BINDIR')"));
        let data = PathBuf::from(one(&mut conn, "current_setting('data_directory')"));
        let folder = tempfile::tempdir().unwrap();
        let owner = fs::metadata(&data).unwrap();
        std::os::unix::fs::chown(folder.path(), Some(owner.uid()), Some(owner.gid())).unwrap();
        let copy = folder.path().join("data");
        let done = command(&programs.join("pg_basebackup"), &data)
            .args(["--write-recovery-conf", "--checkpoint=fast", "--wal-method=stream", "-d"])
            .arg(cluster.superuser_url("postgres"))
            .arg("-D")
            .arg(&copy)
            .status()
            .unwrap();
        assert!(done.success());
        let mut server = command(&programs.join("postgres"), &data);
        server.arg("-D").arg(&copy).args(["-c", "listen_addresses=", "-c", "hot_standby=on", "-c"]);
        server.arg(format!("unix_socket_directories={}", folder.path().display()));
        let server = server.stderr(Stdio::null()).spawn().unwrap();
        let standby = Self { server, socket: folder.path().to_owned(), _folder: folder };
        until("the replica answers", || PgConnection::establish(&standby.superuser()).is_ok());
        standby
    }

    fn superuser(&self) -> String {
        format!("postgresql://postgres@/clientele?host={}", self.socket.display())
    }

    fn run(&self, statement: &str) {
        diesel::sql_query(statement).execute(&mut PgConnection::establish(&self.superuser()).unwrap()).unwrap();
    }

    fn stop(&mut self) {
        rustix::process::kill_process(
            rustix::process::Pid::from_raw(self.server.id() as i32).unwrap(),
            rustix::process::Signal::INT,
        )
        .unwrap();
        self.server.wait().unwrap();
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Waits for what another process does.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::yield_now();
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn groups(conn: &mut PgConnection) -> Result<i64> {
    Ok(diesel::sql_query("SELECT count(*) AS count FROM groups").get_result::<Count>(conn)?.count)
}

fn report(db: &Db) -> (i64, Origin) {
    System::new().block_on(async {
        let here = db.read(written).await.unwrap();
        db.report(here, groups).await.unwrap()
    })
}

#[test]
fn a_replica_is_asked_and_says_how_far_it_is() {
    let folder = data_folder();
    let cluster = Cluster::start(folder.path()).unwrap();
    let mut conn = PgConnection::establish(&cluster.url()).unwrap();
    migrations::migrate(&mut conn).unwrap();
    let mut standby = Standby::of(&cluster);
    let url = format!("postgresql://clientele@/clientele?host={}", standby.socket.display());
    let db = Db::connect(&cluster.url(), 4, Duration::from_secs(10)).unwrap().with_replica(Replica::new(&url, 4));
    let add = |conn: &mut PgConnection, code: &str| {
        let root = clientele::groups::group::ROOT_ID;
        let statement =
            format!("INSERT INTO groups (id, code, name, parent_id) VALUES (uuid_v7(), '{code}', '{code}', '{root}')");
        diesel::sql_query(statement).execute(conn).unwrap();
    };
    add(&mut conn, "FIRST");
    until("the replica has everything", || report(&db) == (2, Origin::Replica));

    // Behind: its figures are old, and it says of when.
    standby.run("SELECT pg_wal_replay_pause()");
    add(&mut conn, "SECOND");
    let (count, origin) = report(&db);
    assert_eq!(count, 2);
    assert!(matches!(origin, Origin::Behind(Some(at)) if at <= Utc::now()), "{origin:?}");
    standby.run("SELECT pg_wal_replay_resume()");
    until("the replica has caught up", || report(&db) == (3, Origin::Replica));

    // Down: the database itself answers.
    standby.stop();
    assert_eq!(report(&db), (3, Origin::ReplicaDown));
    assert_eq!(report(&db), (3, Origin::ReplicaDown), "at once: it isn't asked again for a while");
}

#[test]
fn a_page_says_that_the_replica_is_down() {
    let db = TestDb::like(&crate::demo::DEMO);
    let nowhere = Replica::new("postgresql://127.0.0.1:1/nothing", 2);
    let pool = Db::connect(&db.url(), 4, Duration::from_secs(10)).unwrap().with_replica(nowhere);
    let app = TestApp::with_pool(db, pool, Utc.with_ymd_and_hms(2026, 11, 22, 12, 0, 0).unwrap());
    let viewer = app.sign_in(Role::Viewer);
    let vip = rows::group_id(&app.db, "VIP");
    for path in [format!("/groups/{vip}/report"), "/reports/portfolio".into()] {
        let page = viewer.get(&path);
        assert_eq!(page.status, 200);
        assert!(page.text().contains("The database for reports doesn't answer."), "{}", page.text());
    }
}

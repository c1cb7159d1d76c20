//! The program or PostgreSQL ends in the middle of an import: nothing is half done, it is told, and a second run completes.

use super::tasks::work;
use crate::program::{connect, server_of};
use crate::support::process::{eventually, signal};
use crate::support::rows::{number, texts};
use crate::support::{Api, Browser, PASSWORD, Program, TestApp, TestDb, data_folder};
use clientele::auth::role::{Actor, Role};
use clientele::imports::actions::tasks::{Sent, begin, receive};
use clientele::imports::actions::worker::run_next;
use diesel::prelude::*;
use rustix::process::Signal;
use std::io::{Cursor, Read, Write};
use std::net::TcpStream;
use uuid::Uuid;

/// Whoever checks rows of an import waits until this is dropped.
fn held(db: &TestDb) -> PgConnection {
    let mut conn = db.conn();
    diesel::sql_query("SELECT pg_advisory_lock(7300002)").execute(&mut conn).unwrap();
    conn
}

/// An import of a product that waits for its turn.
fn waiting(app: &TestApp) -> Uuid {
    let mut file = Cursor::new("sku,name,base_price\nA-1,Anvil,12.50\n");
    let (conn, actor, now) = (&mut app.db.conn(), &Actor::command_line(), app.clock.now());
    let task = receive(conn, &mut file, Sent { name: "a.csv".into(), ..Sent::default() }, actor, now).unwrap();
    begin(conn, task.id, None, false, actor).unwrap();
    task.id
}

/// Other tests have databases on the same server.
const AT_THE_LOCK: &str = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                           WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted";

fn stage(db: &TestDb) -> String {
    texts(db, "SELECT stage FROM imports").remove(0)
}

fn completes(app: &TestApp, import: Uuid) {
    assert_eq!(stage(&app.db), "interrupted");
    assert_eq!(number(&app.db, "SELECT count(*) FROM products"), 0);
    assert_eq!(number(&app.db, "SELECT count(*) FROM audit_events WHERE action = 'import.completed'"), 0);
    let editor = app.sign_in(Role::Editor);
    let page = editor.get(&format!("/imports/{import}"));
    assert!(page.text().contains("Interrupted") && page.text().contains("Start again"), "{}", page.text());
    assert_eq!(editor.post(&format!("/imports/{import}/start"), &[]).status, 303);
    work(app);
    assert_eq!((stage(&app.db).as_str(), number(&app.db, "SELECT count(*) FROM products")), ("imported", 1));
}

#[test]
fn the_databases_end_leaves_nothing_half_done() {
    let app = TestApp::new();
    let import = waiting(&app);
    let lock = held(&app.db);
    std::thread::scope(|threads| {
        let running = threads.spawn(|| run_next(&app.db.db(), &app.clock, &|_| ()));
        eventually(|| number(&app.db, AT_THE_LOCK) == 1);
        assert_eq!(stage(&app.db), "running");
        number(&app.db, &AT_THE_LOCK.replace("count(*)", "count(pg_terminate_backend(l.pid))"));
        assert!(running.join().unwrap().is_err(), "its connection is gone");
    });
    drop(lock);
    // The lock goes with the backend, which ends in a moment.
    eventually(|| {
        run_next(&app.db.db(), &app.clock, &|_| ()).unwrap();
        stage(&app.db) != "running"
    });
    completes(&app, import);
}

/// Not one connection but the whole server is killed, as by a machine that fails, and comes back.
#[test]
fn the_servers_end_leaves_nothing_half_done_and_a_second_run_completes() {
    let folder = data_folder();
    let token = || {
        let mut command = Program::command(folder.path());
        let url = format!("postgresql://clientele@/clientele?host={}/run", folder.path().display());
        command.env("DATABASE_URL", url).args(["token", "create", "--name", "T", "--role", "editor"]);
        let made = command.output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    };
    let ask = |query: &str| -> i64 {
        diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(query))
            .get_result(&mut connect(folder.path()))
            .unwrap()
    };
    let mut program = Program::serve(folder.path());
    let api = Api::new(&program.url(), Uuid::nil(), &token());
    let mut holder = connect(folder.path());
    diesel::sql_query("SELECT pg_advisory_lock(7300002)").execute(&mut holder).unwrap();
    let file: String = (0..500).map(|n| format!("A-{n},Anvil {n},12.50\n")).collect();
    let file = format!("sku,name,base_price\n{file}");
    let sent = api.upload_once("/admin/imports?kind=products", None, "", file.as_bytes(), "one");
    assert_eq!(sent.status, 202, "{}", sent.json);
    let at_the_lock = "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)";
    eventually(|| ask(at_the_lock) == 1);
    signal(server_of(folder.path()), Signal::KILL);
    let (status, said) = program.wait();
    assert!(!status.success() && said.contains("PostgreSQL has ended"), "{said}");
    drop(holder);
    let program = Program::serve(folder.path());
    let api = Api::new(&program.url(), api.id, &api.token);
    let stage = || api.get(sent.header("location")).json["status"].clone();
    eventually(|| stage() == "interrupted");
    assert_eq!(ask("(SELECT count(*) FROM products)"), 0);
    assert_eq!(ask("(SELECT count(*) FROM audit_events WHERE action = 'import.completed')"), 0);
    let again = api.upload_once("/admin/imports?kind=products", None, "", file.as_bytes(), "two");
    assert_eq!(again.status, 202, "{}", again.json);
    eventually(|| api.get(again.header("location")).json["status"] == "imported");
    assert_eq!(ask("(SELECT count(*) FROM products)"), 500);
}

#[test]
fn the_programs_end_leaves_nothing_half_done() {
    let app = TestApp::new();
    let import = waiting(&app);
    let lock = held(&app.db);
    let folder = data_folder();
    let serve = || {
        Program::started(
            Program::command(folder.path()).arg("serve").env("DATABASE_URL", app.db.url()).env("WORKERS", "1"),
        )
    };
    let program = serve();
    eventually(|| number(&app.db, AT_THE_LOCK) == 1);
    signal(program.pid(), Signal::KILL);
    drop(program);
    drop(lock);
    let program = serve();
    eventually(|| stage(&app.db) == "interrupted");
    drop(program.end(Signal::TERM));
    completes(&app, import);
}

#[test]
fn stopping_the_program_stops_an_import() {
    let app = TestApp::new();
    let import = waiting(&app);
    let lock = held(&app.db);
    let folder = data_folder();
    let program = Program::started(
        Program::command(folder.path()).arg("serve").env("DATABASE_URL", app.db.url()).env("WORKERS", "1"),
    );
    eventually(|| number(&app.db, AT_THE_LOCK) == 1);
    let mut browser = Browser::new(&program.url());
    browser.sign_in(&app.user(Role::Viewer).email, PASSWORD);
    // Whoever watches is not cut off, and asks another node.
    let mut watching = TcpStream::connect(program.url().trim_start_matches("http://")).unwrap();
    let cookie = browser.session().unwrap();
    write!(watching, "GET /imports/{import}/events HTTP/1.1\r\nHost: shop.test\r\nCookie: {cookie}\r\n\r\n").unwrap();
    let mut told = Vec::new();
    while !String::from_utf8_lossy(&told).contains("Running") {
        let mut piece = [0; 4096];
        let length = watching.read(&mut piece).unwrap();
        assert!(length > 0, "{}", String::from_utf8_lossy(&told));
        told.extend_from_slice(&piece[..length]);
    }
    let (status, said) = program.end(Signal::TERM);
    assert!(status.success(), "{said}");
    watching.read_to_end(&mut told).unwrap();
    let told = String::from_utf8_lossy(&told);
    assert!(told.ends_with("\r\n0\r\n\r\n") && !told.contains("event: ended"), "{told}");
    drop(lock);
    completes(&app, import);
}

#[test]
fn an_import_is_stopped_from_its_page() {
    let app = TestApp::new();
    let import = waiting(&app);
    let lock = held(&app.db);
    let editor = app.sign_in(Role::Editor);
    std::thread::scope(|threads| {
        let running = threads.spawn(|| run_next(&app.db.db(), &app.clock, &|_| ()));
        eventually(|| number(&app.db, AT_THE_LOCK) == 1);
        let page = editor.post(&format!("/imports/{import}/discard"), &[]);
        assert_eq!(page.location(), format!("/imports/{import}"));
        assert!(running.join().unwrap().unwrap());
    });
    drop(lock);
    completes(&app, import);
}

#[test]
fn several_nodes_do_an_import_once() {
    let app = TestApp::new();
    let imports: Vec<Uuid> = (0..4).map(|_| waiting(&app)).collect();
    std::thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(|| work(&app));
        }
    });
    work(&app);
    assert_eq!(number(&app.db, "SELECT count(*) FROM imports WHERE stage = 'imported'"), imports.len() as i64);
    let completed = "SELECT count(*) FROM audit_events WHERE action = 'import.completed'";
    assert_eq!(number(&app.db, completed), imports.len() as i64, "each of them once");
}

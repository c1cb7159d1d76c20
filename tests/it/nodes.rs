//! Several nodes on one database: it doesn't matter which one is asked, and one may go at any time.

use crate::support::process::{eventually, signal};
use crate::support::rows::{self, number, texts};
use crate::support::{Api, Program, TestApp, data_folder};
use clientele::auth::role::Role;
use rustix::process::Signal;
use serde_json::json;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

/// The application in three processes of its own, and once more here.
struct Nodes {
    app: TestApp,
    programs: Vec<Program>,
    _folders: Vec<TempDir>,
}

impl Nodes {
    fn new() -> Self {
        let app = TestApp::new();
        let folders: Vec<TempDir> = (0..3).map(|_| data_folder()).collect();
        let start = |folder: &TempDir| {
            let mut command = Program::command(folder.path());
            command
                .arg("serve")
                .env("DATABASE_URL", app.db.url())
                .env("SESSION_KEY", "one key for all nodes ".repeat(4));
            Program::started(command.env("WORKERS", "1").env("DB_POOL_SIZE", "4"))
        };
        let programs = folders.iter().map(start).collect();
        Self { app, programs, _folders: folders }
    }

    /// A client of each node, all with one token.
    fn apis(&self, role: Role) -> Vec<Api> {
        let api = self.app.api(role);
        self.programs.iter().map(|program| Api::new(&program.url(), api.id, &api.token)).collect()
    }
}

#[test]
fn a_session_and_a_setting_hold_on_every_node_at_once() {
    let nodes = Nodes::new();
    let user = nodes.app.user(Role::Editor);
    let mut browser = nodes.app.browser();
    browser.go_to(&nodes.programs[0].url());
    assert_eq!(browser.sign_in(&user.email, crate::support::PASSWORD).status, 303);
    let apis = nodes.apis(Role::Admin);
    let groups = "/admin/pricing/customer-groups";
    let made = apis[0].post(groups, &json!({"name": "Wholesale"}));
    let group = format!("{groups}/{}", made.json["id"].as_str().unwrap());
    for round in 0..6 {
        let (one, next) = (round % 3, (round + 1) % 3);
        let percent = format!("{}.00", round + 5);
        let patch = json!({"pricing": {"method": "percentage", "discountPercent": percent}});
        let patched = apis[one].patch(&format!("{group}/settings"), &patch);
        assert_eq!(patched.status, 200, "{}", patched.json);
        let seen = apis[next].get(&format!("{group}/effective"));
        assert_eq!(seen.json["pricing"]["discountPercent"]["value"], percent.as_str(), "{}", seen.json);
        browser.go_to(&nodes.programs[next].url());
        assert_eq!(browser.get("/groups").status, 200, "the session holds there, too");
    }
}

#[test]
fn what_waits_is_done_by_one_node() {
    let nodes = Nodes::new();
    let apis = nodes.apis(Role::Editor);
    let rule = json!({"match": "all", "of": [{"field": "country", "op": "eq", "value": "CA"}]});
    let made = apis[0].post(
        "/admin/pricing/customer-groups",
        &json!({"name": "Canada", "code": "CANADA", "type": "automatic", "rule": rule}),
    );
    assert_eq!(made.status, 201, "{}", made.json);
    for n in 0..6 {
        let file = format!("code,name,country\nC-{n},Customer {n},CA\n");
        let sent = apis[n % 3].upload("/admin/imports?kind=customers", None, "", file.as_bytes());
        assert_eq!(sent.status, 202, "{}", sent.json);
    }
    let db = &nodes.app.db;
    rows::run(db, "UPDATE rule_schedules SET next_run_at = now() - interval '1 hour'");
    eventually(|| number(db, "SELECT count(*) FROM imports WHERE stage = 'imported'") == 6);
    // The rule ran for the customers of each import, and once when it was due.
    eventually(|| number(db, "SELECT count(*) FROM memberships WHERE by_rule") == 6);
    eventually(|| number(db, "SELECT count(*) FROM rule_schedules WHERE next_run_at < now()") == 0);
    assert_eq!(number(db, "SELECT count(*) FROM rule_runs WHERE cause = 'schedule'"), 1);
    assert_eq!(number(db, "SELECT count(*) FROM audit_events WHERE action = 'import.completed'"), 6);
}

#[test]
fn a_killed_node_loses_nothing_that_was_acknowledged() {
    const WRITERS: usize = 3;
    const WRITES: usize = 40;
    let nodes = Nodes::new();
    let token = nodes.app.api(Role::Editor).token;
    let urls: Vec<String> = nodes.programs.iter().map(Program::url).collect();
    let acknowledged = Mutex::new(Vec::new());
    let failed = AtomicUsize::new(0);
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    std::thread::scope(|threads| {
        for writer in 0..WRITERS {
            let (agent, urls, token, acknowledged, failed) = (&agent, &urls, &token, &acknowledged, &failed);
            threads.spawn(move || {
                for n in 0..WRITES {
                    let code = format!("C-{writer}-{n}");
                    // As a proxy does: the next node, where one doesn't answer.
                    let status = (0..urls.len()).find_map(|shift| {
                        let url = &urls[(writer + n + shift) % urls.len()];
                        let sent = agent
                            .post(format!("{url}/admin/customers"))
                            .header("authorization", format!("Bearer {token}"))
                            .send_json(json!({"code": code, "name": "Somebody"}));
                        sent.inspect_err(|_| {
                            failed.fetch_add(1, Ordering::Relaxed);
                        })
                        .ok()
                        .map(|answer| answer.status().as_u16())
                    });
                    // The first try may have come through before its node went.
                    assert!(matches!(status, Some(201 | 422)), "{code}: {status:?}");
                    acknowledged.lock().unwrap().push(code);
                }
            });
        }
        eventually(|| acknowledged.lock().unwrap().len() >= WRITERS * WRITES / 4);
        signal(nodes.programs[0].pid(), Signal::KILL);
    });
    assert!(failed.into_inner() > 0, "the node was asked after its end");
    let mut acknowledged = acknowledged.into_inner().unwrap();
    acknowledged.sort();
    assert_eq!(acknowledged.len(), WRITERS * WRITES);
    let db = &nodes.app.db;
    assert_eq!(texts(db, "SELECT code FROM customers ORDER BY code COLLATE \"C\""), acknowledged);
    let created = "SELECT count(*) FROM audit_events WHERE action = 'customer.created'";
    assert_eq!(number(db, created), (WRITERS * WRITES) as i64, "each is in the log once");
}

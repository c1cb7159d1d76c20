//! Several nodes behind nginx, on one database and one Redis: it doesn't matter which one is asked, and one may go at any
//! time.

use crate::support::process::{eventually, signal};
use crate::support::rows::{self, number, texts};
use crate::support::{Api, Nginx, PASSWORD, Program, RedisServer, TestApp};
use clientele::auth::role::Role;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::sync::Mutex;
use tempfile::TempDir;

const GROUPS: &str = "/admin/pricing/customer-groups";

/// The application in three processes, and once more here for the tests' own use.
struct Nodes {
    app: TestApp,
    nginx: Nginx,
    programs: Vec<Program>,
    redis: RedisServer,
    _folder: TempDir,
}

impl Nodes {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(settings: &[(&str, &str)]) -> Self {
        let (app, redis, folder) = (TestApp::new(), RedisServer::start(), tempfile::tempdir().unwrap());
        let start = |number: usize| {
            // The database tells which node holds what.
            let url = format!("{}&application_name=node-{number}", app.db.url());
            let mut command = Program::command(folder.path());
            command.arg("serve").env("DATABASE_URL", url).env("REDIS_URL", redis.url());
            command.env("SESSION_KEY", "one key for all nodes ".repeat(4));
            command.env("WORKERS", "1").env("DB_POOL_SIZE", "4").envs(settings.iter().copied());
            Program::started(&mut command)
        };
        let programs: Vec<Program> = (0..3).map(start).collect();
        let nginx = Nginx::before(&programs.iter().map(Program::url).collect::<Vec<_>>());
        Self { app, nginx, programs, redis, _folder: folder }
    }

    /// A client of whichever node nginx chooses.
    fn api(&self, role: Role) -> Api {
        let api = self.app.api(role);
        Api::new(&self.nginx.url(), api.id, &api.token)
    }

    /// The sum of a count over all nodes, and whether each has any.
    fn counted(&self, begins: &str) -> (i64, bool) {
        let of = |program: &Program| -> i64 {
            let (status, text) = program.get("/metrics");
            assert_eq!(status, 200);
            let values = text.lines().filter(|line| line.starts_with(begins)).map(|line| line.rsplit(' ').next());
            values.map(|value| value.unwrap().parse::<i64>().unwrap()).sum()
        };
        let counts: Vec<i64> = self.programs.iter().map(of).collect();
        (counts.iter().sum(), counts.iter().all(|count| *count > 0))
    }

    fn kill(&self, number: usize) {
        signal(self.programs[number].pid(), Signal::KILL);
    }
}

#[test]
fn a_session_holds_on_every_node() {
    let nodes = Nodes::new();
    let user = nodes.app.user(Role::Editor);
    let mut browser = nodes.app.browser();
    browser.go_to(&nodes.nginx.url());
    assert_eq!(browser.sign_in(&user.email, PASSWORD).status, 303);
    for _ in 0..9 {
        assert_eq!(browser.get("/groups").status, 200);
    }
    let form = browser.get("/groups/new").form("/groups").fill("name", "Wholesale");
    assert_eq!(browser.submit(&form).status, 303, "a form of one node is taken by the next");
    let (answered, by_all) =
        nodes.counted(r#"clientele_http_requests_total{method="GET",route="/groups",status="200"}"#);
    assert!(answered >= 9 && by_all, "every node answered");
    assert_eq!(browser.post("/logout", &[]).status, 303);
    for _ in 0..6 {
        assert_eq!(browser.get("/groups").status, 303, "nowhere any more");
    }
}

#[test]
fn a_setting_holds_on_every_node_at_once() {
    let nodes = Nodes::new();
    let api = nodes.api(Role::Admin);
    let made = api.post(GROUPS, &json!({"name": "Wholesale"}));
    let group = format!("{GROUPS}/{}", made.json["id"].as_str().unwrap());
    let list = json!({"code": "LIST", "name": "List", "currency": "USD"});
    assert_eq!(api.post("/admin/price-lists", &list).status, 201);
    for round in 0..6 {
        let percent = format!("{}.00", round + 5);
        let patch = json!({"pricing": {"method": "percentage", "discountPercent": percent}});
        let patched = api.patch(&format!("{group}/settings"), &patch);
        assert_eq!(patched.status, 200, "{}", patched.json);
        let renamed = api.patch(&group, &json!({"description": format!("Round {round}")}));
        assert_eq!(renamed.status, 200, "{}", renamed.json);
        // Once more than there are nodes, so that some answers are read from Redis.
        for _ in 0..4 {
            let seen = api.get(&format!("{group}/effective"));
            assert_eq!(seen.json["pricing"]["discountPercent"]["value"], percent.as_str(), "{}", seen.json);
            assert_eq!(api.get(&group).json["description"], format!("Round {round}"));
        }
    }
    let (hits, _) = nodes.counted(r#"clientele_cache_reads_total{outcome="hit"}"#);
    assert!(hits > 0, "some were read from Redis");
    let (_, by_all) =
        nodes.counted(r#"clientele_http_requests_total{method="GET",route="/admin/pricing/customer-groups/{id}"#);
    assert!(by_all, "every node answered");
}

#[test]
fn a_limit_counts_the_calls_at_all_nodes() {
    let nodes = Nodes::with(&[("API_RATE_LIMIT", "5")]);
    let api = nodes.api(Role::Viewer);
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(api.get("/admin/segments").status);
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429, 429]);
    for program in &nodes.programs {
        let there = Api::new(&program.url(), api.id, &api.token).get("/admin/segments");
        let wait: u64 = there.header("retry-after").parse().unwrap();
        assert!(there.status == 429 && (1..=12).contains(&wait), "{} {wait}", there.status);
    }
    assert_eq!(nodes.redis.keys().len(), 1);
}

#[test]
fn what_waits_is_done_by_one_node() {
    let nodes = Nodes::new();
    let api = nodes.api(Role::Editor);
    let rule = json!({"match": "all", "of": [{"field": "country", "op": "eq", "value": "CA"}]});
    let made = api.post(GROUPS, &json!({"name": "Canada", "code": "CANADA", "type": "automatic", "rule": rule}));
    assert_eq!(made.status, 201, "{}", made.json);
    for n in 0..6 {
        let file = format!("code,name,country\nC-{n},Customer {n},CA\n");
        let sent = api.upload("/admin/imports?kind=customers", None, "", file.as_bytes());
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

/// Which node waits for the lock that the test holds: the one that runs the import.
const RUNS_IT: &str = "SELECT a.application_name FROM pg_stat_activity a WHERE a.datname = current_database()
                       AND a.wait_event_type = 'Lock' AND starts_with(a.application_name, 'node-')";

#[test]
fn an_import_whose_node_is_killed_is_seen_and_finished_at_the_others() {
    use diesel::connection::SimpleConnection;
    let nodes = Nodes::new();
    let (api, db) = (nodes.api(Role::Editor), &nodes.app.db);
    let mut holder = db.conn();
    // Whoever checks rows of an import waits.
    holder.batch_execute("SELECT pg_advisory_lock(7300002)").unwrap();
    let file = b"sku,name,base_price\nA-1,Anvil,12.50\n";
    let sent = api.upload("/admin/imports?kind=products", None, "", file);
    assert_eq!(sent.status, 202, "{}", sent.json);
    eventually(|| !texts(db, RUNS_IT).is_empty());
    let number_of_node: usize = texts(db, RUNS_IT)[0].trim_start_matches("node-").parse().unwrap();
    nodes.kill(number_of_node);
    drop(holder);
    let import = sent.header("location").to_owned();
    let status = || api.get(&import).json["status"].clone();
    eventually(|| status() == "interrupted");
    assert_eq!(number(db, "SELECT count(*) FROM products"), 0, "nothing is half done");
    let user = nodes.app.user(Role::Editor);
    let mut browser = nodes.app.browser();
    browser.go_to(&nodes.nginx.url());
    assert_eq!(browser.sign_in(&user.email, PASSWORD).status, 303);
    let page = import.trim_start_matches("/admin");
    assert!(browser.get(page).text().contains("Start again"));
    assert_eq!(browser.post(&format!("{page}/start"), &[]).status, 303);
    eventually(|| status() == "imported");
    assert_eq!(texts(db, "SELECT sku FROM products"), ["A-1"]);
}

/// A writer that is told nothing, or that its node is gone, sends the same again.
struct Writer<'a> {
    agent: &'a ureq::Agent,
    url: String,
    token: &'a str,
}

impl Writer<'_> {
    fn send(&self, method: &str, path: &str, key: &str, body: &Value) -> (u16, Value) {
        for _ in 0..200 {
            let request = ureq::http::Request::builder()
                .method(method)
                .uri(format!("{}{path}", self.url))
                .header("authorization", format!("Bearer {}", self.token))
                .header("content-type", "application/json")
                .header("idempotency-key", key)
                .body(body.to_string())
                .unwrap();
            let answered = self.agent.run(request).ok().filter(|answer| answer.status().as_u16() < 500);
            if let Some(mut answer) = answered {
                let text = answer.body_mut().read_to_string().unwrap_or_default();
                return (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default());
            }
        }
        panic!("{method} {path} is never answered");
    }
}

#[test]
fn a_node_killed_under_load_loses_nothing_that_was_acknowledged() {
    const WRITERS: usize = 4;
    const WRITES: usize = 30;
    let nodes = Nodes::new();
    let token = nodes.app.api(Role::Editor).token;
    let group = rows::group(&nodes.app.db, "VIP", "VIP", None);
    let acknowledged = Mutex::new(Vec::new());
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    std::thread::scope(|threads| {
        for number in 0..WRITERS {
            let writer = Writer { agent: &agent, url: nodes.nginx.url(), token: &token };
            let acknowledged = &acknowledged;
            threads.spawn(move || {
                for n in 0..WRITES {
                    let code = format!("C-{number}-{n}");
                    let customer = json!({"code": code, "name": "Somebody"});
                    let (status, made) = writer.send("POST", "/admin/customers", &code, &customer);
                    assert_eq!(status, 201, "{code}: {made}");
                    let attach = json!({"customerIds": [made["id"]]});
                    let (status, told) = writer.send("PATCH", &format!("{GROUPS}/{group}"), "", &attach);
                    assert_eq!(status, 200, "{code}: {told}");
                    let own = json!({"name": format!("Group {code}"), "code": code});
                    let (status, told) = writer.send("POST", GROUPS, &format!("group-{code}"), &own);
                    assert_eq!(status, 201, "{code}: {told}");
                    acknowledged.lock().unwrap().push(code);
                }
            });
        }
        eventually(|| acknowledged.lock().unwrap().len() >= WRITERS * WRITES / 4);
        let (_, by_all) = nodes.counted("clientele_http_requests_total");
        assert!(by_all, "every node is at work");
        nodes.kill(0);
    });
    let mut acknowledged = acknowledged.into_inner().unwrap();
    acknowledged.sort();
    assert_eq!(acknowledged.len(), WRITERS * WRITES);
    let db = &nodes.app.db;
    let all = WRITERS * WRITES;
    assert_eq!(texts(db, "SELECT code FROM customers ORDER BY code COLLATE \"C\""), acknowledged);
    assert_eq!(texts(db, "SELECT code FROM groups WHERE code LIKE 'C-%' ORDER BY code COLLATE \"C\""), acknowledged);
    let members = format!("SELECT count(*) FROM memberships WHERE group_id = '{group}'");
    assert_eq!(number(db, &members), all as i64);
    assert_eq!(number(db, "SELECT member_count FROM groups WHERE code = 'VIP'"), all as i64);
    for action in ["customer.created", "group.created"] {
        let events = format!("SELECT count(*) FROM audit_events WHERE action = '{action}'");
        assert_eq!(number(db, &events), all as i64, "{action} is in the log once for each");
    }
    // The others go on.
    let api = nodes.api(Role::Viewer);
    assert!((0..6).all(|_| api.get(&format!("{GROUPS}/{group}")).json["memberCount"] == all));
    assert!(nodes.programs[1..].iter().all(|program| program.get("/readyz").0 == 200));
}

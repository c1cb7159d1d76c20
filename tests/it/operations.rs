//! Running it: what it counts, what it logs, backups that come back.

use crate::demo::DEMO;
use crate::support::{Program, TestApp, TestDb, data_folder};
use clientele::auth::role::Role;
use clientele::db::cluster::Cluster;
use diesel::prelude::*;
use diesel::sql_types::Text;
use rustix::process::Signal;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Output;

#[test]
fn counts_are_told_by_route() {
    let app = TestApp::new();
    let browser = app.sign_in(Role::Viewer);
    let id = uuid::Uuid::now_v7();
    assert_eq!(browser.get(&format!("/organizations/{id}/edit")).status, 403);
    let page = browser.get("/metrics");
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("application/openmetrics-text"));
    let line = r#"clientele_http_requests_total{method="GET",route="/organizations/{id}/edit",status="403"}"#;
    assert!(page.body.contains(line), "{}", page.body);
    assert!(!page.body.contains(&id.to_string()), "no address of one thing is counted by itself");
    assert!(page.body.contains(r#"clientele_db_connections{state="most"} 4"#), "{}", page.body);
    let behind_a_proxy = browser.send("GET", "/metrics", &[("x-forwarded-for", "10.0.0.1")], None);
    assert_eq!(behind_a_proxy.status, 404);
}

#[test]
fn every_line_of_the_log_is_json_with_the_requests_number() {
    let folder = data_folder();
    let mut command = Program::command(folder.path());
    command.arg("serve").env("LOG_FORMAT", "json").env("LOG", "info").env("METRICS_TOKEN", "sixteen letters at least");
    let program = Program::started(&mut command);
    let number = program.header("/login", "x-request-id");
    assert_eq!(program.get("/metrics").0, 404, "there is a token, and it wasn't brought along");
    let (status, said) = program.end(Signal::TERM);
    assert!(status.success(), "{said}");
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let of_request = lines.iter().find(|line| line["id"] == number.as_str()).expect("the request's line");
    assert_eq!((&of_request["path"], &of_request["status"]), (&"/login".into(), &200.into()));
}

fn run(data_dir: &Path, url: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = Program::command(data_dir);
    command.args(arguments);
    if let Some(url) = url {
        command.env("DATABASE_URL", url);
    }
    command.output().unwrap()
}

fn done(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn refused(output: &Output, says: &str) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains(says), "{told}");
}

/// A sum over all rows of the tables that matter, and how many triggers and indexes there are.
fn sums(url: &str) -> Vec<String> {
    let tables =
        ["groups", "customers", "memberships", "orders", "order_lines", "audit_events", "users", "store_totals"];
    let rows = tables.map(|table| {
        format!(
            "SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text COLLATE \"C\"), '')) AS sum FROM {table} t"
        )
    });
    let made = ["pg_trigger WHERE NOT tgisinternal", "pg_indexes WHERE schemaname = 'public'", "pg_proc"]
        .map(|what| format!("SELECT count(*)::text AS sum FROM {what}"));
    let mut conn = PgConnection::establish(url).unwrap();
    rows.into_iter().chain(made).map(|query| sum(&mut conn, &query)).collect()
}

/// The text of a query's only column, `sum`.
fn sum(conn: &mut PgConnection, query: &str) -> String {
    #[derive(QueryableByName)]
    struct Sum {
        #[diesel(sql_type = Text)]
        sum: String,
    }
    diesel::sql_query(query).get_result::<Sum>(conn).unwrap().sum
}

#[test]
fn a_backup_comes_back_as_it_was() {
    let demo = TestDb::like(&DEMO);
    let files = tempfile::tempdir().unwrap();
    let path = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let (first, second) = (path("first.dump"), path("second.dump"));
    let (one, other) = (data_folder(), data_folder());
    // From a database elsewhere into an embedded one ...
    done(&run(one.path(), Some(&demo.url()), &["backup", &first]));
    refused(&run(one.path(), Some(&demo.url()), &["backup", &first]), "exists. Choose another name.");
    done(&run(one.path(), None, &["restore", &first]));
    // ... and on from there, while its console runs.
    let program = Program::serve(one.path());
    assert_eq!(program.get("/readyz").0, 200);
    done(&run(one.path(), None, &["backup", &second]));
    program.end(Signal::TERM);
    done(&run(other.path(), None, &["restore", &second]));
    refused(&run(other.path(), None, &["restore", &first]), "The database holds something already");
    let cluster = Cluster::start(other.path()).unwrap();
    assert_eq!(sums(&cluster.url()), sums(&demo.url()));
    // Their numbers are of the server that the backup is from.
    let ahead = "SELECT count(*)::text AS sum FROM settings_changes WHERE transaction >= pg_snapshot_xmax(pg_current_snapshot())";
    assert_eq!(sum(&mut PgConnection::establish(&cluster.url()).unwrap(), ahead), "0");
}

#[test]
fn what_is_no_backup_changes_nothing() {
    let folder = data_folder();
    let files = tempfile::tempdir().unwrap();
    let path = files.path().join("no.dump");
    std::fs::write(&path, "PGDMP but no more").unwrap();
    let path = path.to_str().unwrap();
    refused(&run(folder.path(), None, &["restore", path]), "pg_restore could not do it, and nothing was changed");
    refused(&run(folder.path(), None, &["restore", "/no/such.dump"]), "can't be read");
    refused(&run(folder.path(), None, &["backup", "/no/such/folder.dump"]), "can't be written");
    let output = run(folder.path(), None, &["migrate"]);
    done(&output);
    assert!(!String::from_utf8_lossy(&output.stdout).contains("up to date"), "it was still empty");
}

#[test]
fn what_is_exported_comes_in_elsewhere_as_it_was() {
    let demo = TestDb::like(&DEMO);
    let other = TestDb::new();
    let folder = tempfile::tempdir().unwrap();
    let kinds = [
        "groups",
        "organizations",
        "products",
        "price-lists",
        "price-list-entries",
        "group-price-lists",
        "customers",
        "memberships",
        "orders",
    ];
    let exported = |url: &str, kind: &str| {
        let output = run(folder.path(), Some(url), &["export", kind]);
        done(&output);
        String::from_utf8(output.stdout).unwrap()
    };
    for kind in kinds {
        let text = exported(&demo.url(), kind);
        assert!(text.lines().count() > 3, "{kind}: {text}");
        let file = folder.path().join(format!("{kind}.csv"));
        let path = file.to_str().unwrap();
        done(&run(folder.path(), Some(&demo.url()), &["export", kind, path]));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        // Who isn't active can't be made a member.
        let errors = folder.path().join("errors.csv");
        let good_rows = ["import", kind, path, "--good-rows", "--errors", errors.to_str().unwrap()];
        let arguments = if kind == "memberships" { &good_rows[..] } else { &good_rows[..3] };
        done(&run(folder.path(), Some(&other.url()), arguments));
    }
    let customers = exported(&demo.url(), "customers");
    let active: BTreeSet<&str> = customers
        .lines()
        .filter(|line| line.contains(",active,"))
        .map(|line| line.split(',').next().unwrap())
        .collect();
    for kind in kinds {
        let expected = exported(&demo.url(), kind);
        let is_active = |line: &&str| kind != "memberships" || active.contains(line.split(',').nth(1).unwrap());
        // Whose primary group is an automatic one has another here until the rules have run.
        let told = |line: &str| match kind {
            "memberships" => line.rsplit_once(',').unwrap().0.to_owned(),
            _ => line.to_owned(),
        };
        let (header, rows) = expected.split_once('\n').unwrap();
        let expected: Vec<String> = [header].into_iter().chain(rows.lines().filter(is_active)).map(told).collect();
        let found: Vec<String> = exported(&other.url(), kind).lines().map(told).collect();
        assert_eq!(found, expected, "{kind}");
    }
    refused(&run(folder.path(), Some(&demo.url()), &["export", "groups", "/no/such/file.csv"]), "can't be written");
}

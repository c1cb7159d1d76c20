//! The audit log: what it says, and that it stays.

use crate::access::{group, state};
use crate::support::{TestApp, TestDb};
use clientele::audit::event::{Action, NewEvent};
use clientele::audit::store::record;
use clientele::auth::role::{Actor, Role};
use diesel::prelude::*;
use serde_json::json;

#[test]
fn nobody_can_rewrite_it() {
    let db = TestDb::new();
    group(&db, "Retail");
    let before = state(&db);
    for statement in [
        "UPDATE audit_events SET actor_name = 'somebody else'",
        "UPDATE audit_events SET actor_name = actor_name WHERE false",
        "DELETE FROM audit_events",
        "DELETE FROM audit_events WHERE action = 'group.created'",
        "TRUNCATE audit_events",
        "TRUNCATE audit_events, import_mappings CASCADE",
    ] {
        let refused = diesel::sql_query(statement).execute(&mut db.conn()).unwrap_err();
        assert!(refused.to_string().contains("the audit log is append-only"), "{statement}: {refused}");
    }
    assert_eq!(state(&db), before);
}

#[test]
fn what_happens_is_told_as_sentences() {
    let app = TestApp::new();
    let (admin, api) = (app.sign_in(Role::Admin), app.api(Role::Editor));
    let made = api.post("/admin/pricing/customer-groups", &json!({"name": "VIP"}));
    assert_eq!(made.status, 201);
    let path = format!("/groups/{}", made.json["id"].as_str().unwrap());
    let fields = [
        ("version", "1"),
        ("name", "VIP Customers"),
        ("code", "VIP"),
        ("status", "active"),
        ("type", "manual"),
        ("capacity", "12"),
        ("metadata_key", "Tier_1"),
        ("metadata_value", "gold"),
    ];
    assert_eq!(admin.post(&path, &fields).status, 303);
    assert_eq!(admin.post(&format!("{path}/deletion"), &[("version", "2"), ("children", "parent")]).status, 303);
    let page = admin.get("/audit");
    let told = page.text();
    for sentence in [
        "A editor's token created group VIP",
        "Administrator 1 changed group VIP Customers : name from VIP to VIP Customers, capacity set to 12, \
         metadata Tier_1 set to gold",
        "Administrator 1 deleted group VIP Customers",
        "Command line created API token A editor's token",
        "Administrator 1 signed in as admin-1@shop.test",
    ] {
        assert!(told.contains(sentence), "{sentence}: {told}");
    }
    assert!(told.contains("March 10, 2026, 12:00"));
    assert!(page.body.contains(&format!("href=\"{path}/history\"")), "a deleted group's history is there, too");
    // The newest first.
    let at = |text: &str| told.find(text).unwrap();
    assert!(at("deleted group") < at("changed group") && at("changed group") < at("created group"));
}

#[test]
fn an_event_has_its_differences_and_its_request() {
    let app = TestApp::new();
    let (admin, api) = (app.sign_in(Role::Admin), app.api(Role::Editor));
    let headers = [("x-request-id", "order-4711-import")];
    let made = api.send("POST", "/admin/pricing/customer-groups", &headers, Some("{\"name\": \"VIP\"}"));
    assert_eq!((made.status, made.header("x-request-id")), (201, "order-4711-import"));
    let told = admin.get("/audit").text();
    assert!(told.contains("API token · Request order-4711-import"), "{told}");
    assert!(told.contains("name: VIP") && !told.contains("nothing"), "what is new was nothing before: {told}");
    assert!(told.contains("Person · Request 0"), "every request of the console has a number: {told}");
}

#[test]
fn days_and_times_are_the_stores() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    diesel::sql_query("UPDATE store_settings SET time_zone = 'Asia/Tokyo'").execute(&mut app.db.conn()).unwrap();
    assert!(admin.get("/audit").text().contains("March 10, 2026, 21:00"));
}

#[test]
fn values_are_text_in_the_page_and_in_the_file() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    let event = NewEvent::about(
        Action::TokenCreated,
        None,
        "<b>Shop</b>",
        Some(json!({"name": "=HYPERLINK(\"http://evil.test\")"})),
        Some(json!({"name": "<script>alert(1)</script>", "note": "two\nlines, \"quoted\""})),
    );
    let by = Actor { name: "@SUM(A1)".into(), ..Actor::command_line() };
    record(&mut app.db.conn(), &by, app.clock.now(), &event).unwrap();
    let page = admin.get("/audit");
    assert!(!page.body.contains("<b>Shop") && !page.body.contains("<script>alert"));
    assert!(page.text().contains("<script>alert(1)</script>"));

    let file = admin.get("/audit.csv");
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"audit.csv\"");
    let mut csv = csv::Reader::from_reader(file.body.as_bytes());
    let columns: Vec<String> = csv.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(
        columns,
        ["at", "actor", "actor_kind", "action", "subject", "sentence", "before", "after", "request_id"]
    );
    let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    let row = rows.iter().find(|row| &row[3] == "token.created").unwrap();
    assert_eq!((&row[0], &row[1], &row[2]), ("2026-03-10T12:00:00.000Z", "'@SUM(A1)", "command_line"));
    assert_eq!(&row[4], "<b>Shop</b>");
    assert!(row[5].starts_with("'@SUM(A1) created API token <b>Shop</b>: name from"), "{}", &row[5]);
    let after: serde_json::Value = serde_json::from_str(&row[7]).unwrap();
    assert_eq!(after["note"], "two\nlines, \"quoted\"");
    for cell in rows.iter().flat_map(|row| row.iter()) {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell} would be a formula");
    }
}

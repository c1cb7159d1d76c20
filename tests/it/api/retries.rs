//! `Idempotency-Key`: done once, answered alike, whoever asks however often and whatever dies in between.

use crate::support::rows;
use crate::support::{Answer, Api, TestApp};
use chrono::Duration;
use clientele::auth::role::Role;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

const GROUPS: &str = "/admin/pricing/customer-groups";

fn post(api: &Api, path: &str, key: &str, body: &Value) -> Answer {
    api.send("POST", path, &[("idempotency-key", key)], Some(&body.to_string()))
}

fn groups(app: &TestApp) -> i64 {
    rows::number(&app.db, "SELECT count(*) FROM groups WHERE code <> 'ALL'")
}

#[test]
fn a_retry_is_answered_as_the_first_time_and_does_nothing() {
    let app = TestApp::new();
    let api = app.api(Role::Admin);
    let body = json!({ "name": "VIP", "metadata": { "a": 1 } });
    let first = post(&api, GROUPS, "k-1", &body);
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, ""), "{}", first.json);
    // What happens to the group meanwhile is not in the answer of then.
    api.patch(first.header("location"), &json!({ "name": "Renamed" }));
    let again = post(&api, GROUPS, "k-1", &body);
    assert_eq!((again.status, &again.json, again.header("idempotency-replayed")), (201, &first.json, "true"));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.header("etag"), first.header("etag"));
    assert_eq!(groups(&app), 1);
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM audit_events WHERE action = 'group.created'"), 1);
}

#[test]
fn a_key_is_of_one_call_and_of_one_token() {
    let app = TestApp::new();
    let (api, other) = (app.api(Role::Admin), app.api(Role::Admin));
    assert_eq!(post(&api, GROUPS, "k", &json!({ "name": "One" })).status, 201);
    for (path, body) in [(GROUPS, json!({ "name": "Two" })), ("/admin/segments", json!({ "name": "One" }))] {
        let refused = post(&api, path, "k", &body);
        assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!("Idempotency-Key")), "{path}");
    }
    assert_eq!(post(&other, GROUPS, "k", &json!({ "name": "Two" })).status, 201, "another token's key is another key");
    assert_eq!(groups(&app), 2);
    for malformed in ["", " ", "a b", &"x".repeat(201)] {
        assert_eq!(post(&api, GROUPS, malformed, &json!({ "name": "Three" })).status, 400, "{malformed:?}");
    }
    assert_eq!(groups(&app), 2);
}

#[test]
fn a_refusal_is_not_kept() {
    let app = TestApp::new();
    let api = app.api(Role::Admin);
    assert_eq!(post(&api, GROUPS, "k", &json!({ "name": "" })).status, 422);
    assert_eq!(post(&api, GROUPS, "k", &json!({ "name": "VIP" })).status, 201, "nothing was done under this key");
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM idempotency_keys"), 1);
}

#[test]
fn a_key_expires_after_a_day_and_is_swept_up() {
    let app = TestApp::new();
    let api = app.api(Role::Admin);
    for n in 0..3 {
        assert_eq!(post(&api, "/admin/segments", &format!("k-{n}"), &json!({ "name": format!("S {n}") })).status, 201);
    }
    app.clock.advance(Duration::hours(24) - Duration::seconds(1));
    assert_eq!(post(&api, "/admin/segments", "k-0", &json!({ "name": "S 0" })).header("idempotency-replayed"), "true");
    app.clock.advance(Duration::seconds(1));
    assert_eq!(post(&api, "/admin/segments", "k-0", &json!({ "name": "Another" })).status, 201);
    assert_eq!(rows::texts(&app.db, "SELECT key FROM idempotency_keys"), ["k-0"]);
}

#[test]
fn calls_at_the_same_time_are_one() {
    let app = TestApp::new();
    let api = app.api(Role::Admin);
    let body = json!({ "name": "VIP" });
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..4).map(|_| scope.spawn(|| post(&api, GROUPS, "k", &body))).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.json == answers[0].json), "{answers:?}");
    let first = answers.iter().filter(|answer| answer.header("idempotency-replayed").is_empty()).count();
    assert_eq!((first, groups(&app)), (1, 1));
}

/// PostgreSQL ends the connection in the middle of the call: neither the group nor the key is there, and the retry does it.
#[test]
fn a_call_that_dies_leaves_neither_the_thing_nor_the_key() {
    let app = TestApp::new();
    let api = app.api(Role::Admin);
    let body = json!({ "name": "VIP" });
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let died = std::thread::scope(|scope| {
        // Whoever makes a group waits for the tree; it holds its key by then.
        let mut holder = app.db.conn();
        holder.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(7300001)").unwrap();
        let call = scope.spawn(|| post(&api, GROUPS, "k", &body));
        while rows::number(&app.db, waiting) == 0 {
            std::thread::yield_now();
        }
        rows::all(
            &app.db,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        let died = call.join().unwrap();
        holder.batch_execute("ROLLBACK").unwrap();
        died
    });
    assert!(died.status >= 500, "{}", died.json);
    assert_eq!((groups(&app), rows::number(&app.db, "SELECT count(*) FROM idempotency_keys")), (0, 0));
    let again = post(&api, GROUPS, "k", &body);
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, ""), "{}", again.json);
}

#[test]
fn every_call_that_makes_something_takes_a_key() {
    let app = TestApp::demo();
    let api = app.api(Role::Admin);
    let vip = rows::group_id(&app.db, "VIP");
    let list = rows::texts(&app.db, "SELECT code FROM price_lists ORDER BY code").pop().unwrap();
    let list_id = rows::id(&app.db, &format!("SELECT id FROM price_lists WHERE code = '{list}'"));
    let sku = rows::texts(&app.db, "SELECT sku FROM products WHERE status = 'active' ORDER BY sku LIMIT 1").remove(0);
    let currency = rows::texts(&app.db, "SELECT currency FROM price_lists ORDER BY code").pop().unwrap();
    let order = json!({"orderNumber": "R-1", "placedAt": "2026-01-02T10:00:00Z", "customerCode": "R-1",
        "lines": [{"sku": sku, "quantity": 1, "unitPrice": "5.00"}]});
    let lists = format!("{GROUPS}/{}/price-lists", rows::group_id(&app.db, "NEW"));
    let calls = [
        (GROUPS.to_owned(), json!({"name": "Retried"})),
        ("/admin/customers".into(), json!({"code": "R-1", "name": "R"})),
        ("/admin/organizations".into(), json!({"code": "R-1", "name": "R"})),
        ("/admin/products".into(), json!({"sku": "R-1", "name": "R", "basePrice": "1.00"})),
        ("/admin/price-lists".into(), json!({"code": "R-1", "name": "R", "currency": currency})),
        (format!("/admin/price-lists/{list_id}/entries"), json!({"entries": [{"sku": sku, "price": "1.00"}]})),
        ("/admin/visibility-groups".into(), json!({"name": "Retried"})),
        ("/admin/promotions".into(), json!({"code": "R-1", "name": "R", "type": "freeShipping"})),
        ("/admin/segments".into(), json!({"name": "Retried"})),
        ("/admin/campaigns".into(), json!({"code": "R-1", "name": "R"})),
        ("/admin/orders".into(), order),
        (lists, json!({"priceListId": list})),
        (format!("{GROUPS}/{vip}/rules/runs"), json!({})),
    ];
    for (path, body) in calls {
        let key = path.replace('/', "-");
        let (first, again) = (post(&api, &path, &key, &body), post(&api, &path, &key, &body));
        assert!([200, 201].contains(&first.status), "{path}: {}", first.json);
        assert_eq!((again.status, &again.json), (first.status, &first.json), "{path}");
        assert_eq!(again.header("idempotency-replayed"), "true", "{path}");
    }
}

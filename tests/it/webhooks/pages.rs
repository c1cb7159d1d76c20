//! The pages: from making a webhook to sending again what failed.

use super::receiver::{Receiver, Reply};
use super::{Node, deliveries};
use crate::support::{Page, TestApp, rows};
use chrono::TimeDelta;
use clientele::auth::role::Role;
use clientele::webhooks::address::Networks;
use clientele::webhooks::sending::Sender;
use std::time::Duration;

const PATH: &str = "/settings/webhooks";

fn node(app: &TestApp) -> Node {
    Node { db: app.db.db(), clock: app.clock.clone(), sender: Sender::new(Networks::All, Duration::from_secs(10)) }
}

/// The secret that a page shows.
fn secret(page: &Page) -> Option<String> {
    let (_, rest) = page.body.split_once("whsec_")?;
    Some(format!("whsec_{}", rest.split('<').next().unwrap()))
}

#[test]
fn a_webhook_is_made_tested_and_mended() {
    let app = TestApp::new();
    let browser = app.sign_in(Role::Admin);
    let receiver = Receiver::new();
    assert!(browser.get(PATH).text().contains("No webhooks yet"));
    let form = browser.get(&format!("{PATH}/new")).form(PATH);
    let made = browser.submit(&form.fill("url", &receiver.url()).forge("events", "group.created"));
    assert_eq!(made.status, 201, "{}", made.text());
    let shown = secret(&made).unwrap();
    let id = rows::id(&app.db, "SELECT id FROM webhook_endpoints");
    let page = format!("{PATH}/{id}");

    let tested = browser.post(&format!("{page}/test"), &[]);
    assert_eq!(tested.status, 303);
    let delivery = tested.location().to_owned();
    assert!(browser.get(&delivery).text().contains("Waiting"));
    assert_eq!(node(&app).deliver(), 1);
    let text = browser.get(&delivery).text();
    assert!(text.contains("Delivered") && text.contains("webhook.test"), "{text}");

    receiver.reply(vec![Reply::Status(500, "", "<b>broken</b>"); 8]);
    let group = browser.get("/groups/new").form("/groups").fill("name", "VIP");
    assert_eq!(browser.submit(&group).status, 303);
    for _ in 0..8 {
        assert_eq!(node(&app).deliver(), 1);
        app.clock.advance(TimeDelta::hours(15));
    }
    let browser = app.sign_in(Role::Admin);
    assert!(browser.get(&page).text().contains("1 delivery has failed"));
    assert!(browser.get("/groups").text().contains("Webhooks 1 failed"), "the menu tells of it");
    assert!(!app.sign_in(Role::Editor).get("/groups").text().contains("failed"), "an editor can't help it");
    let failed = browser.get(&format!("{page}?state=dead&event=group.created"));
    assert!(failed.text().contains("The receiver answered 500."), "{}", failed.text());
    assert!(browser.get(&format!("{page}?state=pending")).text().contains("No delivery fits"));
    let path = rows::one(&app.db, "SELECT id::text FROM webhook_deliveries WHERE state = 'dead'");
    let delivery = format!("{page}/deliveries/{}", path.as_str().unwrap());
    let shows = browser.get(&delivery);
    assert!(shows.text().contains("VIP"), "the body is shown");
    assert!(!shows.body.contains("<b>broken"), "an answer is text");
    assert_eq!(browser.post(&format!("{delivery}/replay"), &[]).status, 303);
    assert_eq!(browser.post(&format!("{delivery}/replay"), &[]).status, 409);
    assert_eq!(node(&app).deliver(), 1);
    assert_eq!(deliveries(&app.db), ["delivered 1 204", "delivered 1 204"]);
    assert!(!browser.get("/groups").text().contains("failed"));

    for path in [PATH.to_owned(), page.clone(), format!("{page}/edit"), delivery, "/audit".into()] {
        let shows = browser.get(&path);
        assert_eq!(shows.status, 200);
        assert_eq!(secret(&shows), None, "{path}");
        assert!(!shows.body.contains(&shown[6..20]), "{path}");
    }
    let told = rows::texts(&app.db, "SELECT coalesce(before::text, '') || coalesce(after::text, '') FROM audit_events");
    assert!(told.iter().all(|text| !text.contains("whsec_") && !text.contains(&shown[6..20])));
}

#[test]
fn a_webhook_is_changed_paused_and_deleted() {
    let app = TestApp::new();
    let browser = app.sign_in(Role::Admin);
    let (id, _) = rows::webhook(&app.db);
    let page = format!("{PATH}/{id}");
    let form = browser.get(&format!("{page}/edit")).form(&page);
    let saved = browser.submit(&form.clone().fill("description", "Shop of the north"));
    assert_eq!((saved.status, saved.location()), (303, page.as_str()));
    let stale = browser.submit(&form.fill("description", "Mine"));
    assert_eq!(stale.status, 409);
    assert!(
        stale.text().contains("Theirs and yours") && stale.text().contains("Shop of the north"),
        "{}",
        stale.text()
    );
    assert_eq!(browser.post(&format!("{page}/pause"), &[]).status, 303);
    assert!(browser.get(&page).text().contains("It is paused"));
    assert!(browser.get(PATH).text().contains("Paused"));
    assert_eq!(browser.post(&format!("{page}/resumption"), &[]).status, 303);
    assert!(browser.get(&page).text().contains("Active"));
    let replaced = browser.submit(&browser.get(&format!("{page}/secret")).form(&format!("{page}/secret")));
    assert!(secret(&replaced).is_some());
    assert!(browser.get(&page).text().contains("signs as well until"));
    assert_eq!(browser.post(&format!("{page}/replay"), &[]).status, 303);
    assert_eq!(deliveries(&app.db), ["pending 0 500"]);
    let deletion = format!("{page}/deletion");
    assert_eq!(browser.submit(&browser.get(&deletion).form(&deletion)).status, 303);
    assert_eq!(browser.get(&page).status, 404);
    for table in ["webhook_endpoints", "webhook_deliveries", "webhook_attempts"] {
        assert_eq!(rows::number(&app.db, &format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    let told = rows::texts(&app.db, "SELECT action FROM audit_events WHERE subject_kind = 'webhook' ORDER BY id");
    let verbs = ["changed", "changed", "changed", "secret_replaced", "replayed", "deleted"];
    assert_eq!(told, verbs.map(|verb| format!("webhook.{verb}")));
}

#[test]
fn what_does_not_fit_is_told_at_its_field() {
    let app = TestApp::new();
    let browser = app.sign_in(Role::Admin);
    let long = format!("https://shop.example/{}", "x".repeat(2000));
    let named = format!("https://{}@shop.example", "ann:secret");
    let described = "x".repeat(201);
    for (url, description, event, says) in [
        ("", "", "group.created", "Enter the address"),
        ("shop.example", "", "group.created", "begin with http:// or https://"),
        ("ftp://shop.example", "", "group.created", "begin with http:// or https://"),
        (named.as_str(), "", "group.created", "Leave the name and password out"),
        (long.as_str(), "", "group.created", "at most 2,000 characters"),
        ("https://shop.example", described.as_str(), "group.created", "at most 200 characters"),
        ("https://shop.example", "", "group.exploded", "There is no event “group.exploded”"),
        ("https://shop.example", "", "", "There is no event"),
    ] {
        let refused = browser.post(PATH, &[("url", url), ("description", description), ("events", event)]);
        assert_eq!(refused.status, 422, "{url}");
        assert!(refused.text().contains(says), "{says}: {}", refused.text());
    }
    let refused = browser.post(PATH, &[("url", "https://shop.example")]);
    assert!(refused.status == 422 && refused.text().contains("Choose at least one event."));
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM webhook_endpoints"), 0);
    for _ in 0..20 {
        rows::webhook(&app.db);
    }
    let refused = browser.post(PATH, &[("url", "https://shop.example"), ("events", "group.created")]);
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("There are 20 webhooks already."), "{}", refused.text());
    let page = browser.get(PATH);
    assert!(page.text().contains("the most there can be") && !page.body.contains("/settings/webhooks/new"));
    let id = rows::id(&app.db, "SELECT id FROM webhook_endpoints LIMIT 1");
    for path in
        [format!("{PATH}/nonsense"), format!("{PATH}/{id}/deliveries/{id}"), format!("{PATH}/{id}/deliveries/x")]
    {
        assert_eq!(browser.get(&path).status, 404, "{path}");
    }
}

#[test]
fn the_api_is_for_administrators_and_names_what_does_not_fit() {
    let app = TestApp::new();
    let (id, delivery) = rows::webhook(&app.db);
    let path = format!("/admin/webhooks/{id}");
    for role in [Role::Viewer, Role::Editor] {
        let api = app.api(role);
        let new = serde_json::json!({"url": "https://shop.example", "events": ["group.created"]});
        assert_eq!(api.post("/admin/webhooks", &new).status, 403);
        for path in
            ["/admin/webhooks", path.as_str(), &format!("{path}/deliveries"), &format!("{path}/deliveries/{delivery}")]
        {
            assert_eq!(api.get(path).status, 403, "{path}");
        }
        for path in [format!("{path}/test"), format!("{path}/secret"), format!("{path}/replay")] {
            assert_eq!(api.send("POST", &path, &[], None).status, 403, "{path}");
        }
        assert_eq!(api.delete(&path).status, 403);
    }
    let api = app.api(Role::Admin);
    let wrong = api.post("/admin/webhooks", &serde_json::json!({"url": "x", "events": ["group.exploded"]}));
    let fields: Vec<&str> =
        wrong.json["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!((wrong.status, fields), (422, vec!["url", "events"]));
    let once = [("idempotency-key", "k-1")];
    let new = r#"{"url": "https://shop.example", "events": ["group.created"]}"#;
    let first = api.send("POST", "/admin/webhooks", &once, Some(new));
    let again = api.send("POST", "/admin/webhooks", &once, Some(new));
    assert_eq!((first.status, &first.json), (201, &again.json));
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM webhook_endpoints"), 2);
    let stale = api.send("PATCH", &path, &[("if-match", "\"v9\"")], Some(r#"{"active": false}"#));
    assert_eq!(stale.status, 409);
    let paused = api.send("PATCH", &path, &[("if-match", "\"v1\"")], Some(r#"{"active": false}"#));
    assert_eq!((paused.status, &paused.json["active"]), (200, &serde_json::json!(false)));
    for query in ["state=lost", "type=group.exploded", "cursor=x", "limit=0", "limit=101", "stat=dead"] {
        assert_eq!(api.get(&format!("{path}/deliveries?{query}")).status, 422, "{query}");
    }
}

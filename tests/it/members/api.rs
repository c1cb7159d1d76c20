//! Members through the JSON API (SPEC 13).

use super::{assert_counts, members, typed};
use crate::support::TestApp;
use crate::support::rows::{self, By};
use clientele::auth::role::Role;
use serde_json::{Value, json};
use uuid::Uuid;

const GROUPS: &str = "/admin/pricing/customer-groups";

#[test]
fn customers_are_attached_and_detached_and_the_refused_are_told() {
    let app = TestApp::new();
    let group = typed(&app.db, "VIP", "manual");
    rows::run(&app.db, "UPDATE groups SET capacity = 2 WHERE code = 'VIP'");
    let [a, b, c, blocked] = ["A", "B", "C", "BLOCKED"].map(|code| rows::customer(&app.db, code));
    rows::run(&app.db, "UPDATE customers SET status = 'blocked' WHERE code = 'BLOCKED'");
    let unknown = Uuid::now_v7();
    let api = app.api(Role::Editor);
    let path = format!("{GROUPS}/{group}");
    let answer = api.patch(&path, &json!({ "customerIds": [a, blocked, unknown, b, c, a], "description": "Best" }));
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!((&answer.json["memberCount"], &answer.json["description"]), (&json!(2), &json!("Best")));
    let refused: Vec<(&Value, &Value)> =
        answer.json["refused"].as_array().unwrap().iter().map(|one| (&one["customerId"], &one["code"])).collect();
    assert_eq!(
        refused,
        [
            (&json!(blocked), &json!("blocked")),
            (&json!(unknown), &json!("unknown_customer")),
            (&json!(c), &json!("full"))
        ]
    );
    assert_eq!(
        answer.json["refused"][2]["cause"],
        "VIP is full (capacity 2). Raise its capacity, or remove members first."
    );
    // In snake case, and both at once: the place that is freed can be taken.
    let answer = api.patch(&path, &json!({ "customer_ids": [c], "customer_ids_to_remove": [a, unknown] }));
    assert_eq!(answer.json["refused"].as_array().unwrap().len(), 1, "{}", answer.json);
    assert_eq!(members(&app.db), ["B VIP h*", "C VIP h*"]);
    assert_eq!(api.patch(&path, &json!({ "customerIds": [] })).json["refused"], json!([]));
    assert_counts(&app.db);

    let many: Vec<Uuid> = (0..10_001).map(|n| Uuid::from_u128(n + 1)).collect();
    rows::run(&app.db, "UPDATE groups SET type = 'automatic' WHERE code = 'VIP'");
    let before = rows::checksums(&app.db);
    for (body, field) in [
        (json!({ "customerIds": many }), "customerIds"),
        (json!({ "customerIds": [a], "customerIdsToRemove": [a] }), "customerIdsToRemove"),
        (json!({ "customerIds": [a], "name": "Not kept" }), "customerIds"),
        (json!({ "customerIds": ["x"] }), "customerIds[0]"),
        (json!({ "customerIds": null }), "customerIds"),
    ] {
        let answer = api.patch(&path, &body);
        assert_eq!((answer.status, &answer.json["errors"][0]["field"]), (422, &json!(field)), "{}", answer.json);
    }
    let viewer = app.api(Role::Viewer).patch(&path, &json!({ "customerIds": [a] }));
    assert_eq!(viewer.status, 403);
    let after = rows::checksums(&app.db);
    let changed: Vec<_> = before.keys().filter(|table| before[*table] != after[*table]).collect();
    assert_eq!(changed, ["audit_events", "tokens"], "the new token alone");
}

#[test]
fn members_are_included_page_by_page() {
    let app = TestApp::new();
    let group = typed(&app.db, "VIP", "hybrid");
    for (n, by) in (1..=5).zip([By::Hand, By::Rule, By::Both, By::Hand, By::Hand]) {
        let customer = rows::customer(&app.db, &format!("C{n}"));
        rows::member(&app.db, group, customer, &format!("2020-01-0{n}"), by, true);
    }
    let api = app.api(Role::Viewer);
    let plain = api.get(&format!("{GROUPS}/{group}")).json;
    assert!(plain.get("customers").is_none() && plain.get("refused").is_none(), "{plain}");
    let (mut cursor, mut found) = (String::new(), Vec::new());
    loop {
        let page = api.get(&format!("{GROUPS}/{group}?include=customers&limit=2&cursor={cursor}")).json;
        found.extend(page["customers"]["items"].as_array().unwrap().clone());
        match page["customers"]["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    let of = |name: &str| found.iter().map(|item| item[name].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(of("code"), ["C1", "C2", "C3", "C4", "C5"]);
    assert_eq!(of("assignment"), ["manual", "rule", "rule_manual", "manual", "manual"]);
    assert_eq!(of("since")[0], "2020-01-01T00:00:00Z");
    assert_eq!(of("name")[0], "C1");
    // Every customer is in All Customers.
    let root = clientele::groups::group::ROOT_ID;
    let first = api.get(&format!("{GROUPS}/{root}?include=customers&limit=3")).json;
    let next = first["customers"]["nextCursor"].as_str().unwrap();
    let second = api.get(&format!("{GROUPS}/{root}?include=customers&limit=3&cursor={next}")).json;
    let codes = |page: &serde_json::Value| {
        let items = page["customers"]["items"].as_array().unwrap();
        items.iter().map(|item| item["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!([codes(&first), codes(&second)].concat(), ["C1", "C2", "C3", "C4", "C5"]);
    assert_eq!(second["customers"]["items"][0]["assignment"], "definition");
    assert!(second["customers"]["nextCursor"].is_null());
    let wrong = api.get(&format!("{GROUPS}/{group}?include=customers&cursor=x"));
    assert_eq!(wrong.status, 422, "{}", wrong.json);
}

//! The price lists of a group by call: assigned with a priority, given another one, taken away.

use super::fields;
use crate::support::{TestApp, rows};
use clientele::auth::role::Role;
use clientele::groups::group::ROOT_ID;
use serde_json::json;
use uuid::Uuid;

fn path(group: Uuid) -> String {
    format!("/admin/pricing/customer-groups/{group}/price-lists")
}

#[test]
fn lists_are_assigned_moved_and_taken_away() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    let group = rows::group(&app.db, "VIP", "VIP Customers", None);
    let (a, b, c) = (rows::price_list(&app.db, "A"), rows::price_list(&app.db, "B"), rows::price_list(&app.db, "C"));
    rows::run(&app.db, &format!("INSERT INTO group_pricing (group_id, method) VALUES ('{group}', 'none')"));
    let first = api.post(&path(group), &json!({"priceListId": "A"}));
    assert_eq!((first.status, first.header("etag")), (201, "\"v2\""), "{}", first.json);
    assert_eq!(
        first.json,
        json!({"groupId": group, "priceLists": [{"priceListId": a, "code": "A", "name": "List A", "priority": 1}], "warnings": []})
    );
    assert_eq!(rows::one(&app.db, "SELECT method FROM group_pricing"), "price_lists");
    api.post(&path(group), &json!({"price_list_id": b}));
    let third = api.post(&path(group), &json!({"priceListId": c, "priority": 10}));
    let priorities: Vec<_> =
        third.json["priceLists"].as_array().unwrap().iter().map(|list| &list["priority"]).collect();
    assert_eq!(priorities, [1, 10, 10], "B came next, at 10");
    assert_eq!(
        third.json["warnings"],
        json!(["List B and List C have the same priority, 10. Their names decide which comes first."])
    );
    let moved = api.post(&path(group), &json!({"priceListId": c, "priority": 100}));
    assert_eq!((moved.status, &moved.json["warnings"]), (200, &json!([])));
    assert_eq!(api.get(&path(group)).json, moved.json);
    // The same again is no change.
    let same = api.post(&path(group), &json!({"priceListId": c, "priority": 100}));
    assert_eq!(same.header("etag"), moved.header("etag"));
    assert_eq!(api.delete(&format!("{}/A", path(group))).status, 204);
    assert_eq!(api.delete(&format!("{}/{a}", path(group))).status, 404);
    assert_eq!(api.delete(&format!("{}/{b}", path(group))).status, 204);
    let left = api.get(&path(group));
    assert_eq!(left.json["priceLists"], json!([{"priceListId": c, "code": "C", "name": "List C", "priority": 100}]));
    let log = app.sign_in(Role::Viewer).get("/audit").text();
    for words in [
        "price list List A set to priority 1",
        "price list List C from priority 10 to priority 100",
        "price list List B priority 10 removed",
    ] {
        assert!(log.contains(words), "{words}: {log}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    let group = rows::group(&app.db, "VIP", "VIP Customers", None);
    rows::price_list(&app.db, "A");
    api.get(&path(group));
    let before = rows::checksums(&app.db);
    for (body, field) in [
        (json!({}), "priceListId"),
        (json!({"priceListId": "nowhere"}), "priceListId"),
        (json!({"priceListId": "a\0"}), "priceListId"),
        (json!({"priceListId": Uuid::now_v7()}), "priceListId"),
        (json!({"priceListId": "A", "priority": 0}), "priority"),
        (json!({"priceListId": "A", "priority": -1}), "priority"),
        (json!({"priceListId": "A", "priority": 1.5}), "priority"),
        (json!({"priceListId": "A", "priority": "high"}), "priority"),
        (json!({"priceListId": "A", "priority": 9_999_999_999_i64}), "priority"),
        (json!({"priceListId": "A", "colour": 1}), "colour"),
    ] {
        assert_eq!(fields(&api.post(&path(group), &body), 422), [field], "{body}");
    }
    assert_eq!(fields(&api.post(&path(ROOT_ID), &json!({"priceListId": "A"})), 422), [""]);
    assert_eq!(api.post(&path(Uuid::now_v7()), &json!({"priceListId": "A"})).status, 404);
    let stale = api.send("POST", &path(group), &[("if-match", "\"v9\"")], Some(r#"{"priceListId": "A"}"#));
    assert_eq!(stale.status, 409);
    rows::assert_unchanged(&app.db, &before);
    let viewer = app.api(Role::Viewer);
    assert_eq!(viewer.post(&path(group), &json!({"priceListId": "A"})).status, 403);
    assert_eq!(viewer.delete(&format!("{}/A", path(group))).status, 403);
}

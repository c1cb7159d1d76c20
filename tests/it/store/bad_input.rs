//! What can't be answered is told at its field.

use super::{member, pen, refused};
use crate::support::rows;
use clientele::auth::role::Role;
use serde_json::{Value, json};
use uuid::Uuid;

#[test]
fn what_does_not_fit_is_named() {
    let (app, api, _) = pen();
    let group = rows::group(&app.db, "VIP", "VIP", None);
    let customer = member(&app.db, "C1", group);
    let before = rows::checksums(&app.db);
    let item = |sku: &str, quantity: Value| json!({"sku": sku, "quantity": quantity});
    let one = || json!([item("PEN", json!(1))]);
    let many = |n: usize| Value::Array((0..n).map(|_| item("PEN", json!(1))).collect());
    for (body, fields) in [
        (json!({"customerId": Uuid::now_v7(), "items": one()}), vec!["customerId"]),
        (json!({"customerId": "C1", "items": one()}), vec!["customerId"]),
        (json!({"customerId": "", "items": one()}), vec!["customerId"]),
        (json!({"customerId": customer, "items": [item("NONE", json!(1))]}), vec!["items[0].sku"]),
        (
            json!({"items": [item("PEN", json!(1)), item("pen", json!(1)), item("", json!(1))]}),
            vec!["items[1].sku", "items[2].sku"],
        ),
        (json!({"items": [item("P\0N", json!(1))]}), vec!["items[0].sku"]),
        (json!({"currency": "usd", "items": one()}), vec!["currency"]),
        (json!({"currency": "XXX", "items": one()}), vec!["currency"]),
        (json!({"currency": "", "items": one()}), vec!["currency"]),
        (json!({"items": [item("PEN", json!(0))]}), vec!["items[0].quantity"]),
        (
            json!({"items": [item("PEN", json!(-1)), item("PEN", json!(1.5))]}),
            vec!["items[0].quantity", "items[1].quantity"],
        ),
        (json!({"items": [item("PEN", json!(1_000_001))]}), vec!["items[0].quantity"]),
        (json!({"items": [item("PEN", json!(1e30))]}), vec!["items[0].quantity"]),
        (json!({"items": [item("PEN", json!("two"))]}), vec!["items[0].quantity"]),
        (json!({"items": []}), vec!["items"]),
        (json!({}), vec!["items"]),
        (json!({"items": many(1_001)}), vec!["items"]),
        (json!({"items": "PEN"}), vec!["items"]),
        (json!({"at": "yesterday", "items": one()}), vec!["at"]),
        (json!({"at": "2026-02-30", "items": one()}), vec!["at"]),
        (json!({"at": "2026-03-10T25:00:00Z", "items": one()}), vec!["at"]),
        (json!({"at": 5, "items": one()}), vec!["at"]),
        (json!({"explain": "yes", "items": one()}), vec!["explain"]),
        (json!({"customer": customer, "items": one()}), vec!["customer"]),
        (
            json!({"at": "no", "currency": "no", "customerId": "no", "items": []}),
            vec!["customerId", "at", "currency", "items"],
        ),
    ] {
        assert_eq!(refused(&api.post("/store/prices", &body)), fields, "{body}");
    }
    assert_eq!(api.post("/store/prices", &json!({"items": many(1_000)})).status, 200);
    for path in ["products?limit=0", "products?cursor=x", "products?at=never", "products?currency=no"] {
        let answer = api.get(&format!("/store/customers/{customer}/{path}"));
        assert_eq!(answer.status, 422, "{path}: {}", answer.json);
    }
    for end in ["products", "groups", "terms"] {
        for nobody in [Uuid::now_v7().to_string(), "C1".to_owned()] {
            assert_eq!(api.get(&format!("/store/customers/{nobody}/{end}")).status, 404, "{end}");
        }
    }
    assert_eq!(api.send("POST", "/store/prices", &[], Some("{")).status, 400);
    assert_eq!(api.send("POST", "/store/prices", &[("content-type", "text/plain")], Some("{}")).status, 415);
    // The token's day is all that was written.
    rows::run(&app.db, "UPDATE tokens SET last_used_on = NULL");
    rows::assert_unchanged(&app.db, &before);
}

#[test]
fn viewers_may_ask_and_strangers_may_not() {
    let (app, api, _) = pen();
    let body = json!({"items": [{"sku": "PEN", "quantity": 1}]});
    for role in [Role::Viewer, Role::Editor, Role::Admin] {
        assert_eq!(app.api(role).post("/store/prices", &body).status, 200, "{role}");
    }
    let mut stranger = app.api(Role::Viewer);
    stranger.token = "clt_nobody".into();
    let customer = rows::customer(&app.db, "C1");
    assert_eq!(stranger.post("/store/prices", &body).status, 401);
    for end in ["products", "groups", "terms"] {
        assert_eq!(stranger.get(&format!("/store/customers/{customer}/{end}")).status, 401);
    }
    assert_eq!(api.get("/store/nothing").status, 404);
}

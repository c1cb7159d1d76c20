//! What a customer pays, and why: the calls of shops and the pages that explain a price, over the real application.

mod bad_input;
mod conflicts;
mod discounts;
mod orders;
mod pages;
mod prices;
mod rules;
mod seen;
mod usage;

use crate::support::{Answer, Api, TestApp, TestDb, rows};
use clientele::auth::role::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// What one unit costs this customer, or nobody, now.
fn ask(api: &Api, customer: Option<Uuid>, sku: &str) -> Value {
    ask_for(api, customer, sku, 1)
}

/// The same for some units.
fn ask_for(api: &Api, customer: Option<Uuid>, sku: &str, quantity: i32) -> Value {
    let mut items =
        asked(api, &json!({"customerId": customer, "items": [{"sku": sku, "quantity": quantity}], "explain": true}));
    items.remove(0)
}

/// The items of an answer.
fn asked(api: &Api, body: &Value) -> Vec<Value> {
    let answer = api.post("/store/prices", body);
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json["items"].as_array().unwrap().clone()
}

/// The verdicts of a trace as `CODE kind list: verdict`, in their order.
fn verdicts(item: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let told = |step: &Value| {
        let parts = ["levelCode", "kind", "priceListCode"].map(|field| text(&step[field]));
        format!("{}: {}", parts.join(" "), text(&step["verdict"]))
    };
    item["trace"].as_array().unwrap().iter().map(told).collect()
}

/// A group that takes a percentage off, or adds it to what it inherits.
fn percentage(db: &TestDb, group: Uuid, percent: &str, adds: bool) {
    rows::run(
        db,
        &format!(
            "INSERT INTO group_pricing (group_id, method, percent, adds_to_inherited) VALUES ('{group}', 'percentage', {percent}, {adds})"
        ),
    );
}

/// A group with one list.
fn with_list(db: &TestDb, code: &str, list: Uuid) -> Uuid {
    let group = rows::group(db, code, &format!("Group {code}"), None);
    rows::assign(db, group, list, 1);
    group
}

/// A customer in this group by hand, its primary one.
fn member(db: &TestDb, code: &str, group: Uuid) -> Uuid {
    let customer = rows::customer(db, code);
    rows::member(db, group, customer, "2025-01-01", rows::By::Hand, true);
    customer
}

/// An application with one product, `PEN`, at 100.00, and a viewer's token.
fn pen() -> (TestApp, Api, Uuid) {
    let app = TestApp::new();
    let pen = rows::product(&app.db, "PEN", 10_000);
    let api = app.api(Role::Viewer);
    (app, api, pen)
}

/// The fields of a refused call.
fn refused(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 422, "{}", answer.json);
    let errors = answer.json["errors"].as_array().unwrap();
    for error in errors {
        assert!(error["message"].as_str().unwrap().ends_with('.'), "a sentence: {error}");
    }
    errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
}

//! Many things in one call: each has its own outcome, what is refused is undone, and the rest goes through.

use crate::support::TestApp;
use crate::support::rows;
use clientele::auth::role::Role;
use serde_json::{Value, json};

#[test]
fn customers_are_made_and_changed_and_the_refused_are_told() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    let known = rows::customer(&app.db, "C-1");
    let body = json!({"items": [
        {"code": "C-1", "region": "North"},
        {"code": "C-2", "name": "Two", "customer_groups": ["New ones"]},
        {"code": "C-3", "name": "Three", "country": "Nowhere"},
        {"code": "C-4"},
        {"code": "C-5", "name": "Five", "nmae": 1},
        "C-6",
        {"code": "C-2", "name": "Two again"},
    ]});
    let answer = api.post("/admin/customers/bulk", &body);
    assert_eq!(answer.status, 200, "{}", answer.json);
    let counts = ["made", "changed", "refused"].map(|field| answer.json[field].as_i64().unwrap());
    assert_eq!(counts, [1, 2, 4]);
    let items = answer.json["items"].as_array().unwrap();
    let statuses: Vec<i64> = items.iter().map(|item| item["status"].as_i64().unwrap()).collect();
    assert_eq!(statuses, [200, 201, 422, 422, 422, 422, 200]);
    assert!(items.iter().enumerate().all(|(at, item)| item["index"] == at));
    assert_eq!(items[0]["id"], json!(known));
    assert_eq!(items[1]["id"], items[6]["id"]);
    let field = |at: usize| items[at]["problem"]["errors"][0]["field"].clone();
    assert_eq!([field(2), field(3), field(4), field(5)], ["country", "name", "nmae", ""]);
    let stored = rows::all(&app.db, "SELECT code, name, region FROM customers ORDER BY code");
    let expected = [
        json!({"code": "C-1", "name": "C-1", "region": "North"}),
        json!({"code": "C-2", "name": "Two again", "region": null}),
    ];
    assert_eq!(stored, expected);
}

#[test]
fn products_and_groups_too() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    let products = json!({"items": [
        {"sku": "A", "name": "A", "base_price": "1.00"},
        {"sku": "A", "basePrice": "2.00"},
        {"sku": "B", "name": "B", "basePrice": "-1.00"},
    ]});
    let answer = api.post("/admin/products/bulk", &products).json;
    assert_eq!([&answer["made"], &answer["changed"], &answer["refused"]], [1, 1, 1], "{answer}");
    assert_eq!(rows::number(&app.db, "SELECT base_price FROM products WHERE sku = 'A'"), 200);
    let groups = json!({"items": [
        {"name": "Gold", "code": "GOLD"},
        {"code": "GOLD", "description": "Shiny"},
        {"name": "gold"},
        {"name": "Silver", "priceLists": [{"priceListId": "none", "priority": 1}]},
    ]});
    let answer = api.post("/admin/pricing/customer-groups/bulk", &groups).json;
    assert_eq!([&answer["made"], &answer["changed"], &answer["refused"]], [1, 1, 2], "{answer}");
    assert_eq!(
        rows::texts(&app.db, "SELECT description FROM groups WHERE code <> 'ALL'"),
        ["Shiny"],
        "Silver is undone"
    );
    assert_eq!(answer["items"][2]["problem"]["errors"][0]["field"], "name");
}

#[test]
fn a_thousand_go_in_and_one_more_does_not() {
    let app = TestApp::new();
    let (api, viewer) = (app.api(Role::Editor), app.api(Role::Viewer));
    let items = |count: usize| -> Value {
        let item = |n: usize| json!({"sku": format!("P-{n}"), "name": format!("Product {n}"), "basePrice": "1.00"});
        json!({"items": (0..count).map(item).collect::<Vec<_>>()})
    };
    for (client, body, status) in
        [(&api, items(0), 422), (&api, items(1001), 422), (&viewer, items(1), 403), (&api, json!({"items": 1}), 422)]
    {
        assert_eq!(client.post("/admin/products/bulk", &body).status, status);
    }
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM products"), 0);
    assert_eq!(api.post("/admin/products/bulk", &items(1000)).json["made"], 1000);
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM products"), 1000);
}

#[test]
fn ten_thousand_customers_are_attached_in_one_call() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    let group = rows::group(&app.db, "VIP", "VIP", None);
    rows::run(
        &app.db,
        "INSERT INTO customers (id, code, name) SELECT uuid_v7(), 'C-' || n, 'Customer ' || n FROM generate_series(1, 10000) n",
    );
    let ids = rows::texts(&app.db, "SELECT id::text FROM customers");
    let path = format!("/admin/pricing/customer-groups/{group}");
    let attached = api.patch(&path, &json!({ "customerIds": ids }));
    assert_eq!((attached.status, &attached.json["memberCount"]), (200, &json!(10_000)));
    assert_eq!(attached.json["refused"], json!([]));
    let detached = api.patch(&path, &json!({ "customerIdsToRemove": ids }));
    assert_eq!((detached.status, &detached.json["memberCount"]), (200, &json!(0)));
}

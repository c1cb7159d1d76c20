//! The calls of the documents that this product grew from, word for word: what they send is taken, what they show is
//! answered.

use crate::support::rows;
use crate::support::{Api, TestApp};
use clientele::auth::role::Role;
use serde_json::{Value, json};

const GROUPS: &str = "/admin/pricing/customer-groups";

/// What a product costs a customer.
fn price(api: &Api, customer: Option<uuid::Uuid>) -> Value {
    let asked = json!({"customerId": customer, "items": [{"sku": "LAMP", "quantity": 1}]});
    api.post("/store/prices", &asked).json["items"][0]["unitPrice"].clone()
}

fn shop(app: &TestApp) {
    let lamp = rows::product(&app.db, "LAMP", 10_000);
    for (code, price) in [("vip-pricing", 8_000), ("wholesale-pricing", 7_000)] {
        let list = rows::price_list(&app.db, code);
        rows::entry(&app.db, list, lamp, 1, price);
    }
}

/// "Customer Groups": use cases, creating, assigning price lists, priority, edge cases.
#[test]
fn groups_with_price_lists() {
    let app = TestApp::new();
    shop(&app);
    let api = app.api(Role::Admin);
    // The three use cases.
    let mut made = Vec::new();
    for body in [
        json!({"name": "VIP", "description": "VIP customers with 20% discount",
            "priceLists": [{"priceListId": "vip-pricing", "priority": 1}]}),
        json!({"name": "Wholesale", "description": "Bulk purchase pricing",
            "priceLists": [{"priceListId": "wholesale-pricing", "priority": 1}]}),
        json!({"name": "Regular", "description": "Standard pricing", "priceLists": []}),
    ] {
        let answer = api.post(GROUPS, &body);
        assert_eq!(answer.status, 201, "{}", answer.json);
        for (field, sent) in body.as_object().unwrap().iter().filter(|(field, _)| *field != "priceLists") {
            assert_eq!(&answer.json[field], sent);
        }
        assert_eq!(answer.json["isActive"], true);
        assert!(answer.json["createdAt"].is_string() && answer.json["updatedAt"].is_string());
        made.push(answer.json);
    }
    let path = |group: &Value| format!("{GROUPS}/{}", group["id"].as_str().unwrap());
    let [vip, wholesale, regular] = &made[..] else { panic!() };
    // By the list's id as well as by its code.
    let list = |code: &str| rows::id(&app.db, &format!("SELECT id FROM price_lists WHERE code = '{code}'"));
    assert_eq!(vip["priceLists"], json!([{"priceListId": list("vip-pricing"), "priority": 1}]));
    let lists = format!("{}/price-lists", path(regular));
    assert_eq!(api.post(&lists, &json!({"priceListId": list("wholesale-pricing"), "priority": 10})).status, 201);
    assert_eq!(api.post(&lists, &json!({"priceListId": "vip-pricing", "priority": 1})).status, 201);
    let assigned = &api.get(&path(regular)).json["priceLists"];
    let (first, second) = (list("vip-pricing"), list("wholesale-pricing"));
    let expected = json!([{"priceListId": first, "priority": 1}, {"priceListId": second, "priority": 10}]);
    assert_eq!(assigned, &expected, "evaluated in the order of their priorities");
    // Lower number first: the first list that has the product wins, even where a later one is cheaper.
    let customer = rows::customer(&app.db, "C-1");
    assert_eq!(price(&api, Some(customer)), "100.00", "no group: base prices");
    assert_eq!(api.patch(&path(regular), &json!({"customerIds": [customer]})).status, 200);
    assert_eq!(price(&api, Some(customer)), "80.00");
    assert_eq!(api.delete(&format!("{lists}/vip-pricing")).status, 204);
    assert_eq!(price(&api, Some(customer)), "70.00", "no override there: the next list");
    rows::run(&app.db, "UPDATE price_lists SET status = 'inactive' WHERE code = 'wholesale-pricing'");
    assert_eq!(price(&api, Some(customer)), "100.00", "all price lists inactive: base prices");
    rows::run(&app.db, "UPDATE price_lists SET status = 'active'");
    assert_eq!(api.delete(&format!("{lists}/{second}")).status, 204);
    assert_eq!(price(&api, Some(customer)), "100.00", "empty price lists: base prices");
    // An inactive group is treated as no group.
    assert_eq!(api.patch(&path(wholesale), &json!({"customerIds": [customer]})).status, 200);
    assert_eq!(price(&api, Some(customer)), "70.00");
    assert_eq!(api.patch(&path(wholesale), &json!({"isActive": false})).json["isActive"], false);
    assert_eq!(price(&api, Some(customer)), "100.00");
    assert_eq!(price(&api, None), "100.00", "guests pay base prices");
}

/// "CustomerGroup": name, customer_ids, customer_ids_to_remove, include=customers page by page, soft delete, search.
#[test]
fn groups_and_their_customers() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    let group = api.post(GROUPS, &json!({"name": "Gold"}));
    let path = format!("{GROUPS}/{}", group.json["id"].as_str().unwrap());
    let customers: Vec<uuid::Uuid> = (1..=5).map(|n| rows::customer(&app.db, &format!("C-{n}"))).collect();
    let attached = api.patch(&path, &json!({"customer_ids": customers}));
    assert_eq!(
        (attached.status, &attached.json["refused"], &attached.json["memberCount"]),
        (200, &json!([]), &json!(5))
    );
    let detached = api.patch(&path, &json!({"name": "Gold customers", "customer_ids_to_remove": [customers[0]]}));
    assert_eq!((detached.status, &detached.json["memberCount"]), (200, &json!(4)), "{}", detached.json);
    let mut found = Vec::new();
    let mut next = String::new();
    loop {
        let page = api.get(&format!("{path}?include=customers&limit=3{next}")).json;
        found.extend(page["customers"]["items"].as_array().unwrap().iter().map(|one| one["code"].clone()));
        match page["customers"]["nextCursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    found.sort_by_key(ToString::to_string);
    assert_eq!(found, ["C-2", "C-3", "C-4", "C-5"]);
    let codes = |query: &str| -> Vec<Value> {
        let items = api.get(&format!("{GROUPS}?{query}")).json["items"].clone();
        items.as_array().unwrap().iter().map(|group| group["name"].clone()).collect()
    };
    assert_eq!(codes("q=gold"), ["Gold customers"]);
    let admin = app.api(Role::Admin);
    assert_eq!(admin.delete(&path).status, 204);
    assert_eq!((admin.get(&path).status, codes("q=gold").len()), (404, 0));
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM groups WHERE name = 'Gold customers'"), 1, "it is kept");
}

/// "Sync customer groups when creating or updating a customer": `customer_groups` are names, missing ones are created.
#[test]
fn customers_name_their_groups() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    rows::group(&app.db, "GOLD", "Gold", None);
    let new = json!({"code": "C-1", "name": "Ann", "customer_groups": ["Gold", "Friends"]});
    let made = api.post("/admin/customers", &new);
    assert_eq!((made.status, &made.json["customerGroups"]), (201, &json!(["Friends", "Gold"])), "{}", made.json);
    let path = made.header("location").to_owned();
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM groups WHERE name = 'Friends' AND type = 'manual'"), 1);
    let moved = api.patch(&path, &json!({"customer_groups": ["Friends", "Silver"]}));
    assert_eq!(moved.json["customerGroups"], json!(["Friends", "Silver"]), "exactly these");
    let shown = api.get(&format!("{path}?include=customer_groups")).json;
    assert_eq!(shown["memberships"].as_array().map(Vec::len), Some(2));
    assert_eq!(api.patch(&path, &json!({"customer_groups": []})).json["customerGroups"], json!([]));
}

/// snake_case is taken wherever camelCase is: every field of every body of the document, in both spellings.
#[test]
fn snake_case_is_taken_everywhere() {
    let app = TestApp::new();
    let api = app.api(Role::Admin);
    let document = super::document::document(&app);
    let (mut sent, mut group) = (0, String::new());
    let id = rows::group(&app.db, "ANY", "Any", None);
    for (method, path) in super::document::calls(&document) {
        let mut schema = &document["paths"][&path][&method]["requestBody"]["content"]["application/json"]["schema"];
        while let Some(at) = schema["$ref"].as_str() {
            schema = document.pointer(at.trim_start_matches('#')).unwrap();
        }
        group.clone_from(&path);
        for name in schema["properties"].as_object().into_iter().flat_map(|fields| fields.keys()) {
            let snake: String = name
                .chars()
                .flat_map(|c| c.is_uppercase().then_some('_').into_iter().chain(c.to_lowercase()))
                .collect();
            if &snake == name {
                continue;
            }
            let address = path.replace("{id}", &id.to_string());
            // Nothing is known of a field that is refused for its name.
            let body = json!({ (snake.as_str()): {"no": "value"} }).to_string();
            let answer = api.send(&method.to_uppercase(), &address, &[], Some(&body));
            let unknown = |error: &Value| {
                let told = error["message"].as_str().unwrap();
                error["field"] == snake.as_str()
                    && (told.starts_with("There is no such field") || told.starts_with("The sections are"))
            };
            let errors = answer.json["errors"].as_array().cloned().unwrap_or_default();
            assert!(!errors.iter().any(unknown), "{method} {path} doesn't take {snake}: {}", answer.json);
            sent += 1;
        }
    }
    assert!(sent > 40, "{sent} up to {group}");
}

//! Every call does what the document says: its status is told, its answer fits its schema, and has no field that isn't
//! described.

use super::document::{calls, document};
use crate::support::TestApp;
use crate::support::rows;
use crate::support::{Answer, Api};
use clientele::auth::role::Role;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// An API client that holds every answer against the document.
pub struct Contract {
    pub api: Api,
    document: Value,
    driven: RefCell<BTreeSet<(String, String)>>,
}

impl Contract {
    pub fn new(app: &TestApp, role: Role) -> Self {
        Self { api: app.api(role), document: document(app), driven: RefCell::default() }
    }

    pub fn get(&self, path: &str) -> Value {
        self.call("GET", path, None, 200)
    }

    pub fn post(&self, path: &str, body: &Value, status: u16) -> Value {
        self.call("POST", path, Some(body), status)
    }

    pub fn patch(&self, path: &str, body: &Value) -> Value {
        self.call("PATCH", path, Some(body), 200)
    }

    pub fn delete(&self, path: &str) {
        self.call("DELETE", path, None, 204);
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>, status: u16) -> Value {
        let answer = self.api.send(method, path, &[], body.map(ToString::to_string).as_deref());
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.json);
        self.check(method, path, &answer);
        answer.json
    }

    /// Holds an answer against what the document says of it.
    pub fn check(&self, method: &str, path: &str, answer: &Answer) {
        let template = self.template(path);
        self.driven.borrow_mut().insert((method.to_lowercase(), template.clone()));
        let told = &self.document["paths"][&template][method.to_lowercase()]["responses"][answer.status.to_string()];
        assert!(told.is_object(), "{method} {path} answers {}, which nobody told of", answer.status);
        let told = self.resolved(told);
        let kind = if answer.status < 400 { "application/json" } else { "application/problem+json" };
        let schema = &told["content"][kind]["schema"];
        if schema.is_null() {
            assert_eq!(answer.json, Value::Null, "{method} {path} says something");
            return;
        }
        assert_eq!(answer.header("content-type"), kind, "{method} {path}");
        let whole = json!({ "allOf": [schema], "components": self.document["components"] });
        let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&whole).unwrap();
        let wrong: Vec<String> =
            validator.iter_errors(&answer.json).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(wrong.is_empty(), "{method} {path}: {wrong:?}\n{}", answer.json);
        let mut strange = Vec::new();
        self.undescribed(schema, &answer.json, "", &mut strange);
        assert!(strange.is_empty(), "{method} {path} answers what isn't described: {strange:?}");
    }

    /// The address as the document has it.
    fn template(&self, path: &str) -> String {
        let path = path.split('?').next().unwrap();
        let fits = |template: &&String| {
            let (mine, theirs) = (template.split('/'), path.split('/'));
            mine.clone().count() == theirs.clone().count()
                && mine.zip(theirs).all(|(mine, theirs)| mine == theirs || mine.starts_with('{'))
        };
        let mut found: Vec<&String> = self.document["paths"].as_object().unwrap().keys().filter(fits).collect();
        // What is written out goes before what is a placeholder.
        found.sort_by_key(|template| template.matches('{').count());
        (*found.first().unwrap_or_else(|| panic!("no such call: {path}"))).clone()
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        value["$ref"].as_str().map_or(value, |at| self.document.pointer(at.trim_start_matches('#')).unwrap())
    }

    /// The schemas that together describe a value.
    fn parts<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let schema = self.resolved(schema);
        let mut parts = vec![schema];
        for kind in ["allOf", "oneOf", "anyOf"] {
            let some = schema[kind].as_array().map_or(&[][..], Vec::as_slice);
            parts.extend(some.iter().flat_map(|part| self.parts(part)));
        }
        parts
    }

    fn undescribed(&self, schema: &Value, value: &Value, path: &str, strange: &mut Vec<String>) {
        let parts = self.parts(schema);
        match value {
            Value::Object(fields) => {
                let described: Vec<_> = parts.iter().filter_map(|part| part["properties"].as_object()).collect();
                // An object of any kind, such as metadata.
                if described.is_empty() {
                    return;
                }
                for (name, value) in fields {
                    match described.iter().find_map(|properties| properties.get(name)) {
                        Some(schema) => self.undescribed(schema, value, &format!("{path}.{name}"), strange),
                        None => strange.push(format!("{path}.{name}")),
                    }
                }
            }
            Value::Array(items) => {
                if let Some(schema) = parts.iter().map(|part| &part["items"]).find(|schema| schema.is_object()) {
                    items.iter().for_each(|item| self.undescribed(schema, item, &format!("{path}[]"), strange));
                }
            }
            _ => {}
        }
    }

    /// The calls that weren't made.
    fn left(&self) -> Vec<(String, String)> {
        calls(&self.document).difference(&self.driven.borrow()).cloned().collect()
    }
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

const GROUPS: &str = "/admin/pricing/customer-groups";

#[test]
fn every_call_keeps_to_the_document() {
    let app = TestApp::demo();
    let api = Contract::new(&app, Role::Admin);
    catalogue(&api);
    customers(&api);
    groups(&app, &api);
    marketing(&api);
    store(&app, &api);
    bulk(&api);
    webhooks(&app, &api);
    assert_eq!(api.left(), [], "these calls were not made");
}

fn catalogue(api: &Contract) {
    let lists: &str = "/admin/price-lists";
    let product = api.post(
        "/admin/products",
        &json!({"sku": "CONTRACT-1", "name": "Lamp", "basePrice": "25.00", "cost": 10.5, "category": "Lights"}),
        201,
    );
    let path = format!("/admin/products/{}", id(&product));
    assert_eq!(api.get(&path), product);
    api.patch(&path, &json!({"cost": null, "basePrice": "26.00"}));
    api.get("/admin/products?q=lamp&status=active&limit=5");
    let list = api.post(lists, &json!({"code": "CONTRACT", "name": "Contract", "validFrom": "2026-01-01"}), 201);
    let path = format!("{lists}/{}", id(&list));
    api.patch(&path, &json!({"validTo": "2099-12-31"}));
    let entries = json!({"entries": [{"sku": "CONTRACT-1", "price": "20.00"}, {"sku": "CONTRACT-1", "minQuantity": 10, "price": 19}]});
    api.post(&format!("{path}/entries"), &entries, 200);
    assert_eq!(api.get(&format!("{path}/entries"))["items"].as_array().unwrap().len(), 2);
    api.delete(&format!("{path}/entries?sku=CONTRACT-1&minQuantity=10"));
    api.get(&format!("{path}?include=customerGroups"));
    assert!(api.get(&format!("{lists}?include=customerGroups&limit=2"))["nextCursor"].is_string());
    api.delete(&path);
    let set = api.post("/admin/visibility-groups", &json!({"name": "Contract set", "skus": ["CONTRACT-1"]}), 201);
    let path = format!("/admin/visibility-groups/{}", id(&set));
    api.get(&path);
    api.get(&format!("{path}/products"));
    api.patch(&path, &json!({"description": "Lamps", "skusToRemove": ["CONTRACT-1"]}));
    api.get("/admin/visibility-groups?limit=3");
    api.delete(&path);
}

fn customers(api: &Contract) {
    let parent = api.post("/admin/organizations", &json!({"code": "CONTRACT", "name": "Contract"}), 201);
    let path = format!("/admin/organizations/{}", id(&parent));
    let child = json!({"code": "CONTRACT-2", "name": "Contract 2", "parentId": id(&parent)});
    api.post("/admin/organizations", &child, 201);
    api.patch(&path, &json!({"name": "Contract, Ltd."}));
    api.get(&path);
    api.get("/admin/organizations?q=contract");
    let new = json!({
        "code": "CONTRACT-C", "name": "Carl", "email": "carl@shop.test", "country": "DE", "customerSince": "2025-02-03",
        "paymentHistory": "good", "organizationId": id(&parent), "customerGroups": ["Contract buyers"], "tags": ["a"],
        "metadata": {"erpId": [1, "two"]}
    });
    let customer = api.post("/admin/customers", &new, 201);
    let path = format!("/admin/customers/{}", id(&customer));
    api.get(&format!("{path}?include=customerGroups"));
    api.patch(&path, &json!({"region": "Bavaria", "tags": null, "organizationId": null}));
    api.get("/admin/customers?q=carl&include=customerGroups");
    assert!(api.get("/admin/customers?limit=2")["nextCursor"].is_string());
}

fn groups(app: &TestApp, api: &Contract) {
    let customer = rows::id(&app.db, "SELECT id FROM customers WHERE code = 'CONTRACT-C'");
    let rule = json!({"match": "all", "of": [{"field": "country", "op": "eq", "value": "DE"}]});
    let new = json!({"name": "Contract group", "type": "hybrid", "metadata": {"a": {"b": null}}, "rule": rule});
    let group = api.post(GROUPS, &new, 201);
    let path = format!("{GROUPS}/{}", id(&group));
    let changed = api.patch(&path, &json!({"customerIds": [customer, uuid::Uuid::nil()], "capacity": 100_000}));
    assert_eq!(changed["refused"].as_array().unwrap().len(), 1);
    api.get(&format!("{path}?include=customers"));
    api.get(&format!("{GROUPS}?limit=100"));
    let vip = rows::group_id(&app.db, "VIP");
    let list = rows::texts(&app.db, "SELECT code FROM price_lists ORDER BY code LIMIT 1").remove(0);
    let lists = format!("{path}/price-lists");
    api.post(&lists, &json!({"priceListId": list, "priority": 1}), 201);
    api.post(&lists, &json!({"priceListId": list, "priority": 10}), 200);
    api.get(&lists);
    let settings = json!({
        "pricing": {"method": "percentage", "discountPercent": "15.00", "combine": "add", "notes": "As agreed",
            "minimumOrder": {"amount": "50.00"}, "scope": {"kind": "categories", "categories": ["Lights"]}},
        "visibility": {"access": "all", "excluded": ["CONTRACT-1"]},
        "portal": {"shop": "limited", "quotes": false},
        "paymentTerms": {"methods": ["card", "net_terms"], "netDays": 30, "creditLimit": "1000.00",
            "earlyPayment": {"percent": "2.00", "days": 10}},
        "inherit": {"portal": false}
    });
    api.patch(&format!("{path}/settings"), &settings);
    for group in [vip, rows::group_id(&app.db, "NEW"), clientele::groups::group::ROOT_ID] {
        api.get(&format!("{GROUPS}/{group}/effective"));
        api.get(&format!("{GROUPS}/{group}?include=customers&limit=2"));
    }
    api.get(&format!("{path}/effective"));
    api.delete(&format!("{lists}/{list}"));
    api.post(&format!("{path}/rules/preview"), &json!({"rule": rule}), 200);
    api.post(&format!("{path}/rules/runs"), &json!({}), 200);
    api.delete(&path);
    api.get(&format!("/admin/reports/groups/{vip}?from=2026-01-01&to=2026-06-30&subgroups=false"));
    api.get("/admin/reports/comparison?groups=VIP,RETAIL&period=90d");
}

fn marketing(api: &Contract) {
    let promotion = json!({
        "code": "CONTRACT-P", "name": "Contract", "type": "discount", "percent": "5.00", "groupsIn": ["VIP"],
        "groupsNotIn": ["RETAIL"], "minimumPurchase": "10.00", "validFrom": "2026-01-01"
    });
    let promotion = api.post("/admin/promotions", &promotion, 201);
    let path = format!("/admin/promotions/{}", id(&promotion));
    api.get(&path);
    api.patch(&path, &json!({"type": "freeItem", "freeItem": {"sku": "CONTRACT-1", "quantity": 2}}));
    api.get("/admin/promotions?limit=100");
    let rule = json!({"match": "any", "of": [{"field": "order_count", "op": "gt", "value": 1}]});
    let segment = json!({"name": "Contract buyers", "groupsIn": ["VIP"], "rule": rule});
    let segment = api.post("/admin/segments", &segment, 201);
    let segments = format!("/admin/segments/{}", id(&segment));
    api.get(&format!("{segments}?include=count"));
    api.patch(&segments, &json!({"groupsNotIn": ["NEW"]}));
    api.get("/admin/segments");
    let campaign =
        json!({"code": "CONTRACT", "name": "Contract", "segments": ["Contract buyers"], "promotions": ["CONTRACT-P"]});
    let campaign = api.post("/admin/campaigns", &campaign, 201);
    let campaigns = format!("/admin/campaigns/{}", id(&campaign));
    api.get(&campaigns);
    api.patch(&campaigns, &json!({"status": "inactive"}));
    api.get("/admin/campaigns");
    for path in [campaigns, segments, path] {
        api.delete(&path);
    }
}

fn bulk(api: &Contract) {
    let kind = [("content-type", "text/csv")];
    let sent = api.api.send(
        "POST",
        "/admin/imports?kind=products&dryRun=true",
        &kind,
        Some("sku,name,base_price\nX-1,X,1.00\n"),
    );
    assert_eq!(sent.status, 202, "{}", sent.json);
    api.check("POST", "/admin/imports", &sent);
    api.get(&format!("/admin/imports/{}", id(&sent.json)));
    let product = json!({"sku": "BULK-1", "name": "Bulk", "basePrice": "1.00"});
    api.post("/admin/products/bulk", &json!({"items": [product, {"sku": "BULK-2"}]}), 200);
    api.post("/admin/customers/bulk", &json!({"items": [{"code": "BULK-1", "name": "Bulk"}, 5]}), 200);
    api.post(&format!("{GROUPS}/bulk"), &json!({"items": [{"name": "Bulk"}, {"name": "Bulk"}]}), 200);
}

fn webhooks(app: &TestApp, api: &Contract) {
    let new = json!({"url": "https://shop.example/hooks", "events": ["group.created", "group.members.added"]});
    let made = api.post("/admin/webhooks", &new, 201);
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    let path = format!("/admin/webhooks/{}", id(&made));
    assert_eq!(api.get(&path)["secret"], Value::Null);
    assert_eq!(api.get("/admin/webhooks")["items"].as_array().unwrap().len(), 1);
    api.patch(&path, &json!({"description": "Web shop", "active": true}));
    let secret = api.call("POST", &format!("{path}/secret"), None, 200);
    assert_ne!(secret["secret"], made["secret"]);
    let group = api.post(GROUPS, &json!({"name": "Told of"}), 201);
    let customer = rows::id(&app.db, "SELECT id FROM customers WHERE code = 'CONTRACT-C'");
    api.patch(&format!("{GROUPS}/{}", id(&group)), &json!({"customerIds": [customer]}));
    let test = api.call("POST", &format!("{path}/test"), None, 201);
    let delivery = format!("{path}/deliveries/{}", id(&test));
    assert_eq!(api.get(&delivery)["payload"]["type"], "webhook.test");
    let first = api.get(&format!("{path}/deliveries?limit=2"));
    assert!(first["nextCursor"].is_string());
    let members = api.get(&format!("{path}/deliveries?state=pending&type=group.members.added"));
    let event = members["items"][0]["eventId"].as_str().unwrap();
    let customers = api.get(&format!("/admin/webhook-events/{event}/customers"));
    assert_eq!(customers["items"][0]["id"], json!(customer));
    rows::run(
        &app.db,
        "UPDATE webhook_deliveries SET state = 'dead', next_at = NULL, ended_at = now(), last_status = 500",
    );
    assert_eq!(api.call("POST", &format!("{delivery}/replay"), None, 200)["state"], "pending");
    assert_eq!(api.call("POST", &format!("{path}/replay"), None, 200), json!({"replayed": 2}));
    api.delete(&path);
}

fn store(app: &TestApp, api: &Contract) {
    let customer = rows::id(&app.db, "SELECT customer_id FROM memberships ORDER BY customer_id LIMIT 1");
    let order = json!({
        "orderNumber": "CONTRACT-O", "placedAt": "2026-02-03T10:00:00Z", "customerCode": "CONTRACT-C", "status": "completed",
        "lines": [{"sku": "CONTRACT-1", "quantity": 2, "unitPrice": "25.00", "listPrice": "26.00", "unitCost": 10}]
    });
    api.post("/admin/orders", &order, 201);
    api.post("/admin/orders", &json!({"orders": [order]}), 200);
    let skus = rows::texts(&app.db, "SELECT sku FROM products WHERE status = 'active' ORDER BY sku LIMIT 3");
    let items: Vec<Value> = skus.iter().map(|sku| json!({"sku": sku, "quantity": 3})).collect();
    for asked in [json!({"items": items}), json!({"customerId": customer, "items": items, "explain": true})] {
        api.post("/store/prices", &asked, 200);
        api.post("/store/order-check", &asked, 200);
    }
    let path = format!("/store/customers/{customer}");
    for call in ["products?limit=2&explain=true", "groups", "terms", "promotions"] {
        api.get(&format!("{path}/{call}"));
    }
}

/// Each kind of problem, as the document tells it.
#[test]
fn problems_keep_to_the_document() {
    let app = TestApp::demo();
    let api = Contract::new(&app, Role::Viewer);
    let nobody = Contract { api: Api::new(&app.url, uuid::Uuid::nil(), "clt_no"), ..Contract::new(&app, Role::Viewer) };
    let group = format!("{GROUPS}/{}", rows::group_id(&app.db, "VIP"));
    let text = [("content-type", "text/plain")];
    let nothing = format!("{GROUPS}/{}", uuid::Uuid::now_v7());
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(1_100_000));
    for (client, method, path, headers, body, status) in [
        (&nobody, "GET", GROUPS, &[][..], None, 401),
        (&api, "POST", GROUPS, &[], Some("{\"name\": \"A\"}"), 403),
        (&api, "GET", nothing.as_str(), &[], None, 404),
        (&api, "GET", "/admin/customers?limit=0", &[], None, 422),
        (&api, "GET", "/admin/customers?staus=active", &[], None, 422),
        (&api, "POST", GROUPS, &[], Some("{"), 400),
        (&api, "POST", GROUPS, &[], Some("{\"nmae\": 1}"), 422),
        (&api, "POST", GROUPS, &text, Some("{}"), 415),
        (&api, "POST", GROUPS, &[], Some(large.as_str()), 413),
        (&api, "PATCH", group.as_str(), &[("if-match", "3")], Some("{}"), 400),
    ] {
        let answer = client.api.send(method, path, headers, body);
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.json);
        client.check(method, path, &answer);
    }
    let editor = Contract::new(&app, Role::Editor);
    let stale = editor.api.send("PATCH", &group, &[("if-match", "\"v99\"")], Some("{\"name\": \"A\"}"));
    assert_eq!(stale.status, 409, "{}", stale.json);
    editor.check("PATCH", &group, &stale);
}

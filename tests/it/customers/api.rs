//! `/admin/customers` (SPEC 13).

use super::{CUSTOMERS, customer_id};
use crate::support::rows::{self, By};
use crate::support::{Answer, TestApp};
use clientele::auth::role::Role;
use serde_json::{Value, json};
use uuid::Uuid;

fn fields(answer: &Answer, status: u16) -> Vec<&str> {
    assert_eq!(answer.status, status, "{}", answer.json);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let errors = answer.json["errors"].as_array();
    errors.into_iter().flatten().map(|error| error["field"].as_str().unwrap()).collect()
}

#[test]
fn a_customer_is_made_read_and_changed_as_the_shapes_say() {
    let app = TestApp::new();
    let organization = rows::organization(&app.db, "ORG", None);
    let api = app.api(Role::Editor);
    let made = api.post(
        CUSTOMERS,
        &json!({
            "code": "C-1", "name": "Acme", "email": "buy@acme.test", "country": "de", "region": "Bavaria",
            "customerSince": "2024-02-29", "paymentHistory": "good", "organizationId": organization,
            "customerGroups": ["Gold"], "tags": ["a", "b"], "metadata": {"keepCase": [1]}
        }),
    );
    assert_eq!(made.status, 201, "{}", made.json);
    let id = made.json["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("{CUSTOMERS}/{id}"));
    assert_eq!(made.header("etag"), "\"v1\"");
    let mut expected = json!({
        "id": id, "code": "C-1", "name": "Acme", "email": "buy@acme.test", "status": "active", "country": "DE",
        "region": "Bavaria", "customerSince": "2024-02-29", "paymentHistory": "good",
        "organizationId": organization, "customerGroups": ["Gold"], "primaryGroup": "Gold",
        "effectiveCustomerGroups": [{"code": "GOLD", "reason": "Own membership by hand, the primary group"}],
        "tags": ["a", "b"], "metadata": {"keepCase": [1]}, "version": 1,
        "createdAt": "2026-03-10T12:00:00Z", "updatedAt": "2026-03-10T12:00:00Z"
    });
    assert_eq!(made.json, expected);
    assert_eq!(api.get(&format!("{CUSTOMERS}/{id}")).json, expected);

    let path = format!("{CUSTOMERS}/{id}");
    let patched =
        api.patch(&path, &json!({"payment_history": "unknown", "customer_since": null, "email": null, "tags": null}));
    for (field, value) in [
        ("paymentHistory", json!(null)),
        ("customerSince", json!(null)),
        ("email", json!(null)),
        ("tags", json!([])),
        ("version", json!(2)),
    ] {
        expected[field] = value;
    }
    assert_eq!(patched.json, expected);
    assert_eq!(patched.header("etag"), "\"v2\"");

    // Only code and name are required.
    let least = api.post(CUSTOMERS, &json!({"code": "C-2", "name": "Least"}));
    assert_eq!(
        (least.status, &least.json["effectiveCustomerGroups"], &least.json["primaryGroup"]),
        (201, &json!([]), &json!(null))
    );
}

#[test]
fn the_organizations_group_is_the_effective_one() {
    let app = TestApp::new();
    let vip = rows::group(&app.db, "VIP", "VIP", None);
    let gold = rows::group(&app.db, "GOLD", "Gold", None);
    let organization = rows::organization(&app.db, "Acme", Some(vip));
    let id = rows::customer(&app.db, "C");
    rows::member(&app.db, gold, id, "2024-05-06T07:08:09Z", By::Both, true);
    let api = app.api(Role::Editor);
    let path = format!("{CUSTOMERS}/{id}");
    assert_eq!(api.patch(&path, &json!({"organization_id": organization})).status, 200);
    let body = api.get(&format!("{path}?include=customerGroups")).json;
    assert_eq!(
        body["effectiveCustomerGroups"],
        json!([{"code": "VIP", "reason": "The group of the organization Acme"}])
    );
    assert_eq!((&body["customerGroups"], &body["primaryGroup"]), (&json!(["Gold"]), &json!("Gold")));
    assert_eq!(
        body["memberships"],
        json!([{"id": gold, "code": "GOLD", "name": "Gold", "since": "2024-05-06T07:08:09Z",
                "assignment": "rule_manual", "isPrimary": true}])
    );
    assert!(api.get(&path).json.get("memberships").is_none(), "only where it is asked for");
    assert_eq!(fields(&api.get(&format!("{path}?include=orders")), 422), ["include"]);
}

#[test]
fn the_list_pages_and_filters() {
    let app = TestApp::new();
    rows::run(
        &app.db,
        "INSERT INTO customers (id, code, name, status, country)
         SELECT uuid_v7(), 'C' || n, 'Firm ' || n % 10, (ARRAY['active', 'blocked'])[n % 2 + 1], (ARRAY['DE', 'US'])[n % 2 + 1]
         FROM generate_series(1, 25) n",
    );
    let api = app.api(Role::Viewer);
    let walk = |query: &str| {
        let (mut codes, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = api.get(&format!("{CUSTOMERS}?limit=7{query}{cursor}"));
            assert_eq!(page.status, 200, "{}", page.json);
            codes.extend(
                page.json["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap().to_owned()),
            );
            match page.json["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return codes,
            }
        }
    };
    for (query, condition) in [
        ("", "true"),
        ("&status=blocked", "status = 'blocked'"),
        ("&country=us&q=firm+1", "country = 'US' AND name LIKE 'Firm 1%'"),
    ] {
        let expected = rows::texts(
            &app.db,
            &format!("SELECT code FROM customers WHERE {condition} ORDER BY lower(name), lower(code)"),
        );
        assert_eq!(walk(query), expected, "{query}");
    }
    for (query, field) in [
        ("status=x", "status"),
        ("country=QQ", "country"),
        ("group=x", "group"),
        ("organization=x", "organization"),
        ("cursor=x", "cursor"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("include=x", "include"),
    ] {
        assert_eq!(fields(&api.get(&format!("{CUSTOMERS}?{query}")), 422), [field], "{query}");
    }
}

#[test]
fn what_is_refused_names_its_field() {
    let app = TestApp::new();
    rows::customer(&app.db, "TAKEN");
    let id = rows::customer(&app.db, "C");
    let api = app.api(Role::Editor);
    api.get(CUSTOMERS);
    let before = rows::checksums(&app.db);
    let long = "x".repeat(300);
    for (body, named) in [
        (json!({}), vec!["code", "name"]),
        (json!({"code": "TAKEN", "name": "A"}), vec!["code"]),
        (json!({"code": long, "name": long, "region": long}), vec!["code", "name", "region"]),
        (json!({"code": "N", "name": "A", "email": "x"}), vec!["email"]),
        (json!({"code": "N", "name": "A", "country": "XX"}), vec!["country"]),
        (json!({"code": "N", "name": "A", "status": "x"}), vec!["status"]),
        (json!({"code": "N", "name": "A", "paymentHistory": "x"}), vec!["paymentHistory"]),
        (json!({"code": "N", "name": "A", "customerSince": "yesterday"}), vec!["customerSince"]),
        (json!({"code": "N", "name": "A", "customerSince": "1000-01-01"}), vec!["customerSince"]),
        (json!({"code": "N", "name": "A", "customerSince": "2199-01-01"}), vec!["customerSince"]),
        (json!({"code": "N", "name": "A", "organizationId": Uuid::now_v7()}), vec!["organizationId"]),
        (json!({"code": "N", "name": "A", "organizationId": "x"}), vec!["organizationId"]),
        (json!({"code": "N", "name": "A", "customerGroups": "Gold"}), vec!["customerGroups"]),
        (json!({"code": "N", "name": "A", "customerGroups": [1]}), vec!["customerGroups[0]"]),
        (json!({"code": "N", "name": "A", "customerGroups": ["a;b"]}), vec!["customerGroups"]),
        (json!({"code": "N", "name": "A", "tags": ["a;b"]}), vec!["tags"]),
        (json!({"code": "N", "name": "A", "metadata": []}), vec!["metadata"]),
        (json!({"code": "N", "name": "A\u{0}"}), vec!["name"]),
        (json!({"code": "N", "name": "A", "nmae": "A"}), vec!["nmae"]),
    ] {
        assert_eq!(fields(&api.post(CUSTOMERS, &body), 422), named, "{body}");
    }
    for (body, named) in [
        (json!({"code": null}), "code"),
        (json!({"code": "TAKEN"}), "code"),
        (json!({"name": ""}), "name"),
        (json!({"customerGroups": null}), "customerGroups"),
        (json!({"status": null}), "status"),
    ] {
        assert_eq!(fields(&api.patch(&format!("{CUSTOMERS}/{id}"), &body), 422), [named], "{body}");
    }
    let nobody = format!("{CUSTOMERS}/{}", Uuid::now_v7());
    for answer in [api.get(&nobody), api.patch(&nobody, &json!({"name": "A"})), api.get(&format!("{CUSTOMERS}/x"))] {
        assert_eq!(fields(&answer, 404), [""; 0]);
    }
    assert_eq!(fields(&api.delete(&format!("{CUSTOMERS}/{id}")), 405), [""; 0], "customers aren't deleted");
    rows::assert_unchanged(&app.db, &before);
}

#[test]
fn roles_and_versions_hold() {
    let app = TestApp::new();
    let id = rows::customer(&app.db, "C");
    let path = format!("{CUSTOMERS}/{id}");
    let (viewer, editor) = (app.api(Role::Viewer), app.api(Role::Editor));
    assert_eq!(viewer.get(&path).status, 200);
    assert_eq!(viewer.patch(&path, &json!({"name": "A"})).status, 403);
    assert_eq!(viewer.post(CUSTOMERS, &json!({"code": "N", "name": "N"})).status, 403);
    let with = |tag: &str, name: &str| {
        editor.send("PATCH", &path, &[("if-match", tag)], Some(&json!({ "name": name }).to_string()))
    };
    assert_eq!(with("\"v1\"", "First").status, 200);
    let stale = with("\"v1\"", "Second");
    assert_eq!((stale.status, &stale.json["title"]), (409, &json!("Changed meanwhile")));
    assert_eq!(with("*", "Third").status, 200);
    assert_eq!(with("1", "Fourth").status, 400);
    let name: Value = rows::one(&app.db, "SELECT name FROM customers");
    assert_eq!(name, "Third");
    assert_eq!(customer_id(&app.db, "C"), id);
}

//! The document tells of every call that there is, and of no other.

use crate::support::TestApp;
use clientele::auth::role::Role;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Method and address below `/admin` or `/store` of every route in the sources of the API.
fn routes() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), false, &mut found);
    assert!(found.len() > 50, "{found:?}");
    found
}

fn read(path: &Path, api: bool, found: &mut BTreeSet<(String, String)>) {
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        let api = api || ["api", "api.rs"].iter().any(|name| path.ends_with(name));
        if path.is_dir() {
            read(&path, api, found);
        } else if api {
            let text = fs::read_to_string(&path).unwrap();
            for part in text.split("web::resource(\"").skip(1) {
                let address = part.split('"').next().unwrap();
                for method in ["get", "post", "patch", "put", "delete"] {
                    if part.contains(&format!("route(web::{method}()")) {
                        found.insert((method.to_owned(), address.to_owned()));
                    }
                }
            }
        }
    }
}

pub fn document(app: &TestApp) -> Value {
    let page = app.browser().get("/openapi.json");
    assert_eq!((page.status, page.header("content-type")), (200, "application/json"));
    serde_json::from_str(&page.body).unwrap()
}

/// Method and address of every call of the document.
pub fn calls(document: &Value) -> BTreeSet<(String, String)> {
    let item = |(path, item): (&String, &Value)| -> Vec<_> {
        item.as_object().unwrap().keys().map(|method| (method.clone(), path.clone())).collect()
    };
    document["paths"].as_object().unwrap().iter().flat_map(item).collect()
}

#[test]
fn every_route_has_an_operation_and_every_operation_a_route() {
    let app = TestApp::new();
    let document = document(&app);
    let shorter = |path: &str| {
        ["/admin", "/store"]
            .iter()
            .find_map(|scope| path.strip_prefix(scope))
            .expect("an address of the API")
            .to_owned()
    };
    let told: BTreeSet<_> = calls(&document).into_iter().map(|(method, path)| (method, shorter(&path))).collect();
    assert_eq!(told, routes());
    // Where they are said to be: somebody without a token is refused, and not sent elsewhere.
    let nobody = crate::support::Api::new(&app.url, uuid::Uuid::nil(), "");
    for (method, path) in calls(&document) {
        let path = path.replace("{id}", &uuid::Uuid::now_v7().to_string()).replace("{list}", "LIST");
        let body = ["post", "patch"].contains(&method.as_str()).then_some("{}");
        let answer = nobody.send(&method.to_uppercase(), &path, &[], body);
        assert_eq!(answer.status, 401, "{method} {path}");
    }
}

#[test]
fn the_document_is_openapi_3_1_and_leads_nowhere() {
    let app = TestApp::new();
    let document = document(&app);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let mut names = BTreeSet::new();
    let mut references = Vec::new();
    follow(&document, &mut references);
    assert!(references.len() > 100, "{}", references.len());
    for reference in references {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
    for (method, path) in calls(&document) {
        let call = &document["paths"][&path][&method];
        assert!(names.insert(call["operationId"].to_string()), "{} twice", call["operationId"]);
        assert!(call["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{method} {path} says nothing");
        assert_eq!(call["tags"].as_array().map(Vec::len), Some(1), "{method} {path}");
        for (status, answer) in call["responses"].as_object().unwrap() {
            assert!(answer["$ref"].is_string() || answer["description"].is_string(), "{method} {path} {status}");
        }
    }
}

fn follow(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| follow(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| follow(value, references)),
        _ => {}
    }
}

#[test]
fn people_read_every_call_in_the_console() {
    let app = TestApp::new();
    let browser = app.sign_in(Role::Viewer);
    let document = document(&app);
    let mut pages = String::new();
    for tag in document["tags"].as_array().unwrap() {
        let name = tag["name"].as_str().unwrap();
        let page = browser.get(&format!("/docs/api?section={}", name.replace(' ', "+")));
        assert_eq!(page.status, 200, "{name}");
        assert!(page.text().contains(tag["description"].as_str().unwrap()), "{name}");
        pages.push_str(&page.body);
    }
    for (method, path) in calls(&document) {
        let id = document["paths"][&path][&method]["operationId"].as_str().unwrap();
        assert!(pages.contains(&format!("id=\"{id}\"")), "{method} {path} can't be read");
    }
    assert!(!pages.contains("<script src=\"http"), "the reader needs nothing from elsewhere");
}

/// Somebody who has nothing but the document writes a rule with what it says, and it is taken.
#[test]
fn how_a_rule_is_written_is_told_by_an_example_that_is_taken() {
    let app = TestApp::new();
    let document = document(&app);
    let told = document["info"]["description"].as_str().unwrap();
    let rules = &told[told.find("**Rules**").unwrap()..];
    for name in
        ["`account_age_months`", "`metadata.KEY`", "`in_group`: eq, ne, in, not_in", "`orders_last_days` (with `days`)"]
    {
        assert!(rules.contains(name), "{name} is not in {rules}");
    }
    let example: Value = serde_json::from_str(rules.split('`').nth(1).unwrap()).unwrap();
    let api = app.api(Role::Editor);
    let made = api.post(
        "/admin/pricing/customer-groups",
        &serde_json::json!({"name": "By rule", "type": "automatic", "rule": example}),
    );
    assert_eq!((made.status, &made.json["rule"]), (201, &example), "{}", made.json);
}

//! What can't be taken is refused with a sentence at its field, and changes nothing.

use crate::support::TestApp;
use crate::support::rows;
use clientele::auth::role::Role;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::io::Write;
use ureq::Agent;

const GROUPS: &str = "/admin/pricing/customer-groups";

fn zipped(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Bytes as they are, said to be gzip.
fn send(app: &TestApp, token: &str, bytes: &[u8]) -> (u16, Value) {
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let request = agent.post(format!("{}{GROUPS}", app.url)).header("authorization", format!("Bearer {token}"));
    let request = request.header("content-type", "application/json").header("content-encoding", "gzip");
    let mut response = request.send(bytes).unwrap();
    let text = response.body_mut().read_to_string().unwrap();
    (response.status().as_u16(), serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}")))
}

#[test]
fn compressed_bodies_are_whole_or_refused() {
    let app = TestApp::new();
    let token = app.api(Role::Admin).token;
    let good = zipped(&json!({"name": "VIP", "description": "x".repeat(1000)}).to_string());
    let bomb = zipped(&format!("{{\"name\": \"{}\"}}", "x".repeat(50_000_000)));
    for (bytes, status, says) in [
        (&good[..good.len() / 2], 400, "ended early"),
        (&b"no gzip at all"[..], 400, "Content-Encoding"),
        (&bomb[..], 413, "at most 1 MiB"),
    ] {
        let (got, problem) = send(&app, &token, bytes);
        assert_eq!((got, &problem["status"]), (status, &json!(status)), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
    }
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM groups WHERE code <> 'ALL'"), 0);
    assert_eq!(send(&app, &token, &good).0, 201);
}

#[test]
fn each_field_says_what_to_send() {
    let app = TestApp::new();
    let api = app.api(Role::Admin);
    let customer = |field: &str, value: Value| {
        let mut body = json!({"code": "C-1", "name": "Ann"});
        body[field] = value;
        ("/admin/customers", body, field.to_owned())
    };
    for ((path, body, field), says) in [
        (customer("name", json!(5)), "Send a text, not a number."),
        (customer("tags", json!("a")), "Send a list, not a text."),
        (customer("customerGroups", json!([1])), "Send a text, not a number."),
        (customer("organizationId", json!("x")), "Send an id"),
        (customer("nmae", json!("x")), "There is no such field here. What is known: code, name, email"),
        (customer("name", json!("a\u{0}b")), "can't be shown"),
        (customer("metadata", json!({"a": "\u{0}"})), "NUL"),
        ((GROUPS, json!({"name": "A", "capacity": 3_000_000_000_i64}), "capacity".into()), "out of range"),
        ((GROUPS, json!({"name": "A", "isActive": "yes"}), "isActive".into()), "Send true or false, not a text."),
    ] {
        let answer = api.post(path, &body);
        let error = &answer.json["errors"][0];
        let named = error["field"].as_str().unwrap_or_default();
        let told = error["message"].as_str().unwrap_or_default();
        assert_eq!((answer.status, named.split('[').next()), (422, Some(field.as_str())), "{}", answer.json);
        let understood = told.to_lowercase().contains(&says.to_lowercase());
        assert!(understood, "{field}: {told}, not {says}");
    }
}

#[test]
fn a_revoked_token_is_none() {
    let app = TestApp::new();
    let api = app.api(Role::Admin);
    assert_eq!(api.get(GROUPS).status, 200);
    rows::run(&app.db, &format!("UPDATE tokens SET revoked_at = now() WHERE id = '{}'", api.id));
    for answer in [api.get(GROUPS), api.post(GROUPS, &json!({"name": "VIP"}))] {
        assert_eq!((answer.status, answer.header("content-type")), (401, "application/problem+json"));
        assert!(answer.json["detail"].as_str().unwrap().contains("Authorization: Bearer"), "{}", answer.json);
    }
}

//! `/settings/tokens`, and what a token is worth.

use super::number;
use super::users::link;
use crate::access::state;
use crate::support::{Api, TestApp};
use clientele::auth::actions::create_token;
use clientele::auth::role::{Actor, Role};
use uuid::Uuid;

const CALL: &str = "/admin/pricing/customer-groups";

#[test]
fn a_token_is_shown_once_and_works() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    let page = admin.post("/settings/tokens", &[("name", " Web shop "), ("role", "viewer")]);
    assert_eq!(page.status, 201);
    let (_, rest) = page.body.split_once("id=\"token\">").unwrap();
    let secret = rest.split('<').next().unwrap();
    assert!(secret.starts_with("clt_") && secret.len() >= 47, "{secret}");
    assert!(page.text().contains("This is the only time that it is shown"));

    let list = admin.get("/settings/tokens");
    assert!(list.text().contains("Web shop Viewer Administrator 1 March 10, 2026 never Active"), "{}", list.text());
    for path in ["/settings/tokens", "/audit", "/audit.csv"] {
        assert!(!admin.get(path).body.contains(secret), "{path}");
    }
    let everything = number(&app, &format!("SELECT count(*) FROM tokens t WHERE t::text LIKE '%{secret}%'"));
    assert_eq!(everything, 0, "only its hash is stored");

    let shop = Api::new(&app.url, Uuid::nil(), secret);
    assert_eq!(shop.get(CALL).status, 200);
    assert!(admin.get("/settings/tokens").text().contains("Administrator 1 March 10, 2026 March 10, 2026 Active"));
}

#[test]
fn what_is_wrong_with_a_new_token_is_said_at_its_field() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    assert_eq!(admin.get("/settings/tokens/new").status, 200);
    let before = state(&app.db);
    let long = "x".repeat(121);
    for (name, role, fields) in [
        ("", "viewer", &["name"][..]),
        (long.as_str(), "viewer", &["name"]),
        ("line\nbreak", "viewer", &["name"]),
        ("Shop", "", &["role"]),
        ("Shop", "root", &["role"]),
        ("", "", &["name", "role"]),
    ] {
        let page = admin.post("/settings/tokens", &[("name", name), ("role", role)]);
        assert_eq!(page.status, 422, "{name} {role}");
        for field in fields {
            assert!(page.body.contains(&format!("id=\"field-{field}-error\"")), "{field} of {name:?} {role:?}");
        }
    }
    assert_eq!(state(&app.db), before);
}

#[test]
fn a_revoked_token_is_refused() {
    let app = TestApp::new();
    let (admin, api, other) = (app.sign_in(Role::Admin), app.api(Role::Editor), app.api(Role::Editor));
    assert_eq!(api.get(CALL).status, 200);
    let path = format!("/settings/tokens/{}/revocation", api.id);
    assert!(admin.get("/settings/tokens").body.contains(&format!("href=\"{path}\"")));
    let asked = admin.get(&path).text();
    assert!(asked.contains("Revoke A editor's token?") && asked.contains("can't be brought back"), "{asked}");
    assert_eq!(api.get(CALL).status, 200, "looking revokes nothing");
    let page = admin.post(&path, &[]);
    assert_eq!((page.status, page.location()), (303, "/settings/tokens"));
    let refused = api.get(CALL);
    assert_eq!((refused.status, refused.header("content-type")), (401, "application/problem+json"));
    assert_eq!(other.get(CALL).status, 200);
    let list = admin.get("/settings/tokens");
    assert!(list.text().contains("Revoked") && !list.body.contains(&path), "there is nothing left to revoke");
    assert!(admin.get("/audit").text().contains("Administrator 1 revoked API token A editor's token"));
    // Once more is told, or does nothing.
    assert_eq!(admin.get(&path).status, 409);
    let before = state(&app.db);
    assert_eq!(admin.post(&path, &[]).status, 303);
    assert_eq!(state(&app.db), before);
}

#[test]
fn what_isnt_a_token_is_refused() {
    let app = TestApp::new();
    let mut api = app.api(Role::Admin);
    let real = api.token.clone();
    for token in ["", "clt_", "made-up", &real[..real.len() - 1], &format!("{real}x"), &real.to_uppercase()] {
        api.token = token.to_owned();
        assert_eq!(api.get(CALL).status, 401, "{token}");
    }
    api.token.clear();
    let basic = format!("Basic {real}");
    assert_eq!(api.send("GET", CALL, &[("authorization", &basic)], None).status, 401);
    let session = app.sign_in(Role::Admin).session().unwrap();
    assert_eq!(api.send("GET", CALL, &[("cookie", &session)], None).status, 401, "a session is no token");
    api.token = real;
    assert_eq!(api.get(CALL).status, 200);
    assert_eq!(
        app.browser()
            .send("GET", "/settings/tokens", &[("authorization", &format!("Bearer {}", api.token))], None)
            .status,
        303
    );
}

#[test]
fn there_is_no_such_token() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    for id in ["not-an-id", "01900000-0000-7000-8000-00000000dead"] {
        let path = format!("/settings/tokens/{id}/revocation");
        for page in [admin.get(&path), admin.post(&path, &[])] {
            assert_eq!(page.status, 404);
            assert!(page.text().contains("This token doesn't exist."), "{}", page.text());
        }
    }
}

#[test]
fn the_list_has_the_newest_first_page_by_page() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    assert!(admin.get("/settings/tokens").text().contains("No tokens yet"));
    // All in the same instant: the id decides.
    for n in 1..=60 {
        let name = format!("Token {n:03}");
        create_token(&mut app.db.conn(), &Actor::command_line(), &name, Role::Viewer, app.clock.now()).unwrap();
    }
    let first = admin.get("/settings/tokens");
    let second = admin.get(&link(&first.body, "page-next").unwrap());
    let names = |html: &str| -> Vec<String> {
        html.split("<th scope=\"row\">").skip(1).map(|row| row.split('<').next().unwrap().to_owned()).collect()
    };
    let expected: Vec<String> = (1..=60).rev().map(|n| format!("Token {n:03}")).collect();
    assert_eq!([names(&first.body), names(&second.body)].concat(), expected);
    let back = admin.get(&link(&second.body, "page-previous").unwrap());
    assert_eq!(names(&back.body), names(&first.body));
}

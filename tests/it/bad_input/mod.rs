//! Bad input: each has a clear answer (status, field, sentence) at every door, and changes nothing.

mod noise;
mod together;

use crate::support::rows::{self, By};
use crate::support::{Answer, Browser, Page, TestApp, TestDb, form};
use clientele::auth::role::Role;
use clientele::groups::group::ROOT_ID;
use serde_json::{Value, json};
use uuid::Uuid;

const GROUPS: &str = "/admin/pricing/customer-groups";

/// A shop with a group of 2 members, a branch that is 8 levels deep, and names in other alphabets.
struct Shop {
    app: TestApp,
    gold: Uuid,
    /// A group under `gold`.
    child: Uuid,
    /// The group on the eighth level.
    deepest: Uuid,
}

impl Shop {
    fn new() -> Self {
        let app = TestApp::new();
        let gold = rows::group(&app.db, "GOLD", "Gold Tier", None);
        let child = rows::group(&app.db, "CHILD", "Child", Some(gold));
        for (code, name) in [("DOCTORS", "Ärzte"), ("RUSSIA", "Россия"), ("GREECE", "Ελλάδα")] {
            rows::group(&app.db, code, name, None);
        }
        let deepest =
            (1..=8).fold(ROOT_ID, |above, n| rows::group(&app.db, &format!("D{n}"), &format!("Deep {n}"), Some(above)));
        for code in ["A", "B"] {
            let customer = rows::customer(&app.db, code);
            rows::member(&app.db, gold, customer, "2026-01-01", By::Hand, true);
        }
        Self { app, gold, child, deepest }
    }

    fn db(&self) -> &TestDb {
        &self.app.db
    }
}

fn told(page: &Page, status: u16, field: &str, sentence: &str) {
    let text = page.text();
    assert_eq!(page.status, status, "{text}");
    assert!(text.contains(sentence), "{sentence:?} is not in {text}");
    if !field.is_empty() {
        assert!(page.body.contains(&format!("id=\"field-{field}-error\"")), "nothing stands at {field}: {text}");
    }
}

fn told_json(answer: &Answer, status: u16, field: &str, sentence: &str) {
    assert_eq!(answer.status, status, "{}", answer.json);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let said: Vec<(&str, &str)> = match answer.json["errors"].as_array() {
        Some(errors) => errors.iter().map(|e| (e["field"].as_str().unwrap(), e["message"].as_str().unwrap())).collect(),
        None => vec![("", answer.json["detail"].as_str().unwrap())],
    };
    assert!(said.iter().any(|(at, text)| *at == field && text.contains(sentence)), "{field}: {sentence:?} in {said:?}");
}

/// Which group ("" = a new one), the form's fields, the body, the field in both, the sentence.
type Refusal<'a> = (&'a str, Vec<(&'a str, &'a str)>, Value, &'a str, &'a str, &'a str);

#[test]
fn the_form_and_the_api_refuse_the_same_with_the_same_sentence() {
    let shop = Shop::new();
    let (browser, api) = (shop.app.sign_in(Role::Admin), shop.app.api(Role::Admin));
    api.get(GROUPS);
    let before = rows::checksums(shop.db());
    let (deepest, child) = (shop.deepest.to_string(), shop.child.to_string());
    let taken = "Another group has this name.";
    let form_of_codes = "Use 1 to 32 of the characters A–Z, 0–9, _ and -.";
    let cycle = "A group can't stand under itself or under one of its own subgroups.";
    let (long_code, long_text, blob) = ("A".repeat(33), "x".repeat(2001), "x".repeat(16 * 1024));
    let cases: Vec<Refusal> = vec![
        ("", vec![("name", "gold  TIER")], json!({"name": "gold  TIER"}), "name", "name", taken),
        ("", vec![("name", "ÄRZTE")], json!({"name": "ÄRZTE"}), "name", "name", taken),
        ("", vec![("name", "россия")], json!({"name": "россия"}), "name", "name", taken),
        ("", vec![("name", "ΕΛΛΆΔΑ")], json!({"name": "ΕΛΛΆΔΑ"}), "name", "name", taken),
        ("CHILD", vec![("name", "ärztE")], json!({"name": "ärztE"}), "name", "name", taken),
        ("", vec![("name", "")], json!({"name": ""}), "name", "name", "Enter a name."),
        ("", vec![("name", "a;b")], json!({"name": "a;b"}), "name", "name", "Leave out the semicolon"),
        (
            "",
            vec![("name", "a\u{7}b")],
            json!({"name": "a\u{7}b"}),
            "name",
            "name",
            "Remove the characters that can't be shown.",
        ),
        (
            "",
            vec![("name", "New"), ("code", "GOLD")],
            json!({"name": "New", "code": "GOLD"}),
            "code",
            "code",
            "Another group has this code.",
        ),
        ("CHILD", vec![("code", "GOLD")], json!({"code": "GOLD"}), "code", "code", "Another group has this code."),
        (
            "",
            vec![("name", "New"), ("code", "gold-2")],
            json!({"name": "New", "code": "gold-2"}),
            "code",
            "code",
            form_of_codes,
        ),
        ("CHILD", vec![("code", "A B")], json!({"code": "A B"}), "code", "code", form_of_codes),
        ("CHILD", vec![("code", &long_code)], json!({"code": long_code}), "code", "code", form_of_codes),
        (
            "CHILD",
            vec![("description", &long_text)],
            json!({"description": long_text}),
            "description",
            "description",
            "Use at most 2,000 characters.",
        ),
        ("GOLD", vec![("parent_text", "Gold Tier")], json!({"parentId": shop.gold}), "parent", "parentId", cycle),
        (
            "GOLD",
            vec![("parent_text", "Child"), ("parent", &child)],
            json!({"parentId": shop.child}),
            "parent",
            "parentId",
            cycle,
        ),
        (
            "",
            vec![("name", "New"), ("parent_text", "Deep 8"), ("parent", &deepest)],
            json!({"name": "New", "parentId": shop.deepest}),
            "parent",
            "parentId",
            "The tree is at most 8 levels deep below All Customers.",
        ),
        (
            "GOLD",
            vec![("parent_text", "Deep 7")],
            json!({"parentId": rows::group_id(shop.db(), "D7")}),
            "parent",
            "parentId",
            "The tree is at most 8 levels deep below All Customers.",
        ),
        (
            "GOLD",
            vec![("capacity", "1")],
            json!({"capacity": 1}),
            "capacity",
            "capacity",
            "The group has 2 members already",
        ),
        ("GOLD", vec![("capacity", "0")], json!({"capacity": 0}), "capacity", "capacity", "Enter a number from 1"),
        (
            "GOLD",
            vec![("metadata_key", "k"), ("metadata_value", &blob)],
            json!({"metadata": {"k": blob}}),
            "metadata",
            "metadata",
            "Metadata is at most 16 KiB",
        ),
    ];
    for (group, fields, body, field, json_field, sentence) in cases {
        let (page, answer) = if group.is_empty() {
            let empty = browser.get("/groups/new").form("/groups");
            let filled = fields.iter().fold(empty, |form, (name, value)| form.fill(name, value));
            (browser.submit(&filled), api.post(GROUPS, &body))
        } else {
            let id = rows::group_id(shop.db(), group);
            let stored = browser.get(&format!("/groups/{id}/edit")).form(&format!("/groups/{id}"));
            let filled = fields.iter().fold(stored, |form, (name, value)| form.fill(name, value));
            (browser.submit(&filled), api.patch(&format!("{GROUPS}/{id}"), &body))
        };
        told(&page, 422, field, sentence);
        told_json(&answer, 422, json_field, sentence);
        rows::assert_unchanged(shop.db(), &before);
    }
    for metadata in [json!([1]), json!("text"), json!(1.5), json!(true)] {
        let answer = api.patch(&format!("{GROUPS}/{}", shop.gold), &json!({ "metadata": metadata }));
        told_json(&answer, 422, "metadata", "Metadata is a JSON object, such as");
    }
    rows::assert_unchanged(shop.db(), &before);
}

#[test]
fn a_stale_or_missing_version_is_refused() {
    let shop = Shop::new();
    let (browser, api) = (shop.app.sign_in(Role::Admin), shop.app.api(Role::Admin));
    let (edit, deletion) = (format!("/groups/{}", shop.child), format!("/groups/{}/deletion", shop.child));
    let fields =
        |version| [("name", "New"), ("code", "NEW"), ("status", "active"), ("type", "manual"), ("version", version)];
    rows::run(shop.db(), "UPDATE groups SET version = 5 WHERE code = 'CHILD'");
    api.get(GROUPS);
    let before = rows::checksums(shop.db());
    for stale in ["4", "6", "-1", "0"] {
        told(&browser.post(&edit, &fields(stale)), 409, "", "Somebody changed Child while you were editing it.");
        told(
            &browser.post(&deletion, &[("version", stale)]),
            409,
            "",
            "Somebody changed Child while you were editing it.",
        );
        let tag = format!("\"v{stale}\"");
        let path = format!("{GROUPS}/{}", shop.child);
        for (method, body) in [("PATCH", Some(r#"{"name": "New"}"#)), ("DELETE", None)] {
            told_json(&api.send(method, &path, &[("if-match", &tag)], body), 409, "", "Somebody changed Child");
        }
    }
    for none in ["", "x", "5 OR 1=1", "99999999999"] {
        for path in [&edit, &deletion] {
            told(&browser.post(path, &fields(none)), 400, "", "The form doesn't say which version it was filled from.");
        }
    }
    told(&browser.post(&deletion, &[]), 400, "", "The form doesn't say which version it was filled from.");
    rows::assert_unchanged(shop.db(), &before);
}

#[test]
fn an_unknown_id_names_nothing() {
    let shop = Shop::new();
    let (browser, api) = (shop.app.sign_in(Role::Admin), shop.app.api(Role::Admin));
    api.get(GROUPS);
    let before = rows::checksums(shop.db());
    let fields = [("name", "New"), ("code", "NEW"), ("status", "active"), ("type", "manual"), ("version", "1")];
    for id in [
        Uuid::now_v7().to_string(),
        "x".into(),
        "1".into(),
        "' OR 1=1".replace(' ', "%20"),
        "%00".into(),
        format!("{}x", shop.gold),
    ] {
        for rest in [
            "",
            "/edit",
            "/pricing",
            "/pricing/products",
            "/visibility/included/add",
            "/visibility/hidden",
            "/history",
            "/deletion",
            "/restoration",
        ] {
            told(&browser.get(&format!("/groups/{id}{rest}")), 404, "", "This group doesn't exist or was deleted.");
        }
        for rest in ["", "/copy", "/deletion", "/restoration"] {
            told(
                &browser.post(&format!("/groups/{id}{rest}"), &fields),
                404,
                "",
                "This group doesn't exist or was deleted.",
            );
        }
        let path = format!("{GROUPS}/{id}");
        for answer in [api.get(&path), api.patch(&path, &json!({"name": "New"})), api.delete(&path)] {
            told_json(&answer, 404, "", "This group doesn't exist or was deleted.");
        }
        for rest in ["users", "tokens"] {
            let way = if rest == "users" { "" } else { "/revocation" };
            let page = browser.get(&format!("/settings/{rest}/{id}{way}"));
            assert_eq!(page.status, 404, "/settings/{rest}/{id}{way}: {}", page.text());
            let page = browser.post(&format!("/settings/{rest}/{id}{way}"), &fields);
            assert_eq!(page.status, 404, "/settings/{rest}/{id}{way}: {}", page.text());
        }
    }
    for path in ["/nothing", "/groups/", "/groups/new/x", "/group", "/GROUPS", "/settings", "/%FF", "/a%00b"] {
        told(&browser.get(path), 404, "", "Not found");
    }
    rows::assert_unchanged(shop.db(), &before);
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let shop = Shop::new();
    let (browser, api) = (shop.app.sign_in(Role::Admin), shop.app.api(Role::Admin));
    api.get(GROUPS);
    let before = rows::checksums(shop.db());
    for kib in [257, 1024, 3 * 1024] {
        let text = "x".repeat(kib * 1024);
        for path in ["/groups".to_owned(), format!("/groups/{}", shop.gold), "/settings/store".into()] {
            let page = browser.post(&path, &[("name", "New"), ("description", &text)]);
            told(&page, 413, "", "Too much at once");
        }
        let anonymous = shop.app.browser();
        assert_eq!(anonymous.post("/login", &[("email", &text), ("password", "x")]).status, 413);
    }
    for mib in [1, 3] {
        let body = json!({"name": "New", "description": "x".repeat(mib * 1024 * 1024)});
        told_json(&api.post(GROUPS, &body), 413, "", "A body is at most 1 MiB.");
        told_json(&api.patch(&format!("{GROUPS}/{}", shop.gold), &body), 413, "", "A body is at most 1 MiB.");
    }
    rows::assert_unchanged(shop.db(), &before);
}

/// All changes that the console makes on the server, with fields that would do.
fn changes(shop: &Shop, user: Uuid) -> Vec<(String, Vec<(&'static str, String)>)> {
    let group = [("name", "New"), ("code", "NEW"), ("status", "active"), ("type", "manual"), ("version", "1")];
    let texts = |fields: &[(&'static str, &str)]| fields.iter().map(|(n, v)| (*n, (*v).to_owned())).collect::<Vec<_>>();
    let gold = shop.gold;
    vec![
        ("/groups".into(), texts(&group)),
        (format!("/groups/{gold}"), texts(&group)),
        (format!("/groups/{gold}/copy"), vec![]),
        (format!("/groups/{gold}/deletion"), texts(&[("version", "1"), ("children", "parent")])),
        (format!("/groups/{gold}/restoration"), texts(&[("name", "New"), ("code", "NEW")])),
        (
            "/settings/store".into(),
            texts(&[
                ("currency", "EUR"),
                ("time_zone", "UTC"),
                ("flat_shipping", "1"),
                ("missing_groups", "refuse"),
                ("version", "1"),
            ]),
        ),
        (
            "/settings/users".into(),
            texts(&[
                ("email", "new@shop.test"),
                ("name", "New"),
                ("role", "admin"),
                ("password", "a long new password"),
            ]),
        ),
        (
            format!("/settings/users/{user}"),
            texts(&[("email", "x@shop.test"), ("name", "X"), ("role", "viewer"), ("version", "1")]),
        ),
        (
            format!("/settings/users/{user}/password"),
            texts(&[("password", "a long new password"), ("again", "a long new password")]),
        ),
        ("/settings/tokens".into(), texts(&[("name", "New"), ("role", "admin")])),
        ("/settings/webhooks".into(), texts(&[("url", "https://shop.example/hooks"), ("events", "group.created")])),
        (
            "/account/password".into(),
            texts(&[
                ("current", "four words of a test"),
                ("password", "a long new password"),
                ("again", "a long new password"),
            ]),
        ),
        ("/logout".into(), vec![]),
    ]
}

/// What is wrong with it, its headers and its body.
type Forgery<'a> = (&'a str, &'a [(&'a str, &'a str)], String);

#[test]
fn a_forged_form_is_refused_wherever_something_changes() {
    let shop = Shop::new();
    let (browser, other) = (shop.app.sign_in(Role::Admin), shop.app.sign_in(Role::Admin));
    let user = shop.app.user(Role::Editor).id;
    let stranger = shop.app.browser();
    let before = rows::checksums(shop.db());
    let good = browser.csrf().to_owned();
    let changed = format!("{}{}", &good[1..], &good[..1]);
    for (path, fields) in changes(&shop, user) {
        let body = |token: Option<&str>| {
            let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
            form(&fields.chain(token.map(|token| ("csrf", token))).collect::<Vec<_>>())
        };
        let cross = [("sec-fetch-site", "cross-site")];
        let same_site = [("sec-fetch-site", "same-site")];
        let wrong_header = [("x-csrf-token", changed.as_str())];
        let plain = [("content-type", "text/plain")];
        let multipart = [("content-type", "multipart/form-data; boundary=x")];
        let cases: [Forgery; 10] = [
            ("no token", &[], body(None)),
            ("an empty token", &[], body(Some(""))),
            ("a made-up token", &[], body(Some(&changed))),
            ("somebody else's token", &[], body(Some(other.csrf()))),
            ("half of the token", &[], body(Some(&good[..20]))),
            ("a good token from another site", &cross, body(Some(&good))),
            ("a good token from a neighbour", &same_site, body(Some(&good))),
            ("a wrong header beside a good field", &wrong_header, body(Some(&good))),
            ("no form at all", &plain, body(Some(&good))),
            (
                "another kind of form",
                &multipart,
                format!("--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{good}\r\n--x--\r\n"),
            ),
        ];
        for (what, headers, body) in cases {
            let page = browser.send("POST", &path, headers, Some(&body));
            assert_eq!(page.status, 403, "{path} with {what}: {}", page.text());
            assert!(
                page.text().contains("Go back, reload the page and try again."),
                "{path} with {what}: {}",
                page.text()
            );
        }
        // Who isn't signed in has nothing to forge.
        let page = stranger.send("POST", &path, &[], Some(&body(Some(&good))));
        assert!(page.status == 303 && page.location().starts_with("/login"), "{path}: {}", page.status);
        rows::assert_unchanged(shop.db(), &before);
    }
    for method in ["PUT", "DELETE", "PATCH"] {
        assert_eq!(browser.send(method, &format!("/groups/{}", shop.gold), &[], None).status, 403, "{method}");
    }
    assert_eq!(browser.get("/groups").status, 200, "the session is as it was");
}

#[test]
fn another_roles_page_is_refused() {
    let shop = Shop::new();
    let user = shop.app.user(Role::Viewer).id;
    let (viewer, editor) = (shop.app.sign_in(Role::Viewer), shop.app.sign_in(Role::Editor));
    let before = rows::checksums(shop.db());
    let gold = shop.gold;
    let admins = [
        format!("/groups/{gold}/deletion"),
        format!("/groups/{gold}/restoration"),
        "/settings/store".into(),
        "/settings/users".into(),
        "/settings/users/new".into(),
        format!("/settings/users/{user}"),
        format!("/settings/users/{user}/password"),
        "/settings/tokens".into(),
        "/settings/tokens/new".into(),
        "/settings/webhooks".into(),
        "/settings/webhooks/new".into(),
    ];
    let editors = ["/groups/new".to_owned(), format!("/groups/{gold}/edit")];
    let refused = |browser: &Browser, path: &str| {
        told(&browser.get(path), 403, "", "Only");
        let menu = browser.get("/groups");
        assert!(!menu.body.contains(&format!("href=\"{path}\"")), "{path} is not offered");
    };
    for path in &admins {
        refused(&viewer, path);
        refused(&editor, path);
    }
    for path in &editors {
        refused(&viewer, path);
        assert_eq!(editor.get(path).status, 200);
    }
    for (path, fields) in changes(&shop, user) {
        let own = ["/account/password", "/logout"].contains(&path.as_str());
        let editors_too =
            ["/groups".to_owned(), format!("/groups/{gold}"), format!("/groups/{gold}/copy")].contains(&path);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if !own {
            told(&viewer.post(&path, &fields), 403, "", "You may not do this");
            if !editors_too {
                told(&editor.post(&path, &fields), 403, "", "You may not do this");
            }
        }
    }
    rows::assert_unchanged(shop.db(), &before);
}

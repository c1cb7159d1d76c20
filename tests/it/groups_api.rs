//! `/admin/pricing/customer-groups` (SPEC 13): list, create, show, change, delete, metadata, roles, problems.

use crate::support::rows::{self, By};
use crate::support::{Answer, Api, TestApp, TestDb};
use chrono::TimeDelta;
use clientele::auth::actions::revoke_token;
use clientele::auth::role::{Actor, Role};
use clientele::groups::group::ROOT_ID;
use serde_json::{Value, json};
use uuid::Uuid;

const GROUPS: &str = "/admin/pricing/customer-groups";

fn path(id: impl std::fmt::Display) -> String {
    format!("{GROUPS}/{id}")
}

fn price_list(db: &TestDb, code: &str) -> Uuid {
    let id = Uuid::now_v7();
    rows::run(
        db,
        &format!("INSERT INTO price_lists (id, code, name, currency) VALUES ('{id}', '{code}', 'List {code}', 'USD')"),
    );
    id
}

/// The field of each error of a problem document, after a look at the document itself.
fn fields(answer: &Answer, status: u16) -> Vec<String> {
    assert_eq!(answer.status, status, "{}", answer.json);
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.json);
    assert_eq!(answer.json["status"], status);
    for text in ["type", "title", "detail"] {
        assert!(!answer.json[text].as_str().unwrap().is_empty(), "{text}: {}", answer.json);
    }
    let errors = answer.json["errors"].as_array().cloned().unwrap_or_default();
    for error in &errors {
        assert!(error["message"].as_str().unwrap().ends_with('.'), "a sentence: {error}");
    }
    errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
}

fn codes(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.json);
    let items = answer.json["items"].as_array().unwrap();
    items.iter().map(|item| item["code"].as_str().unwrap().to_owned()).collect()
}

/// All pages of a list, one after the other.
fn walk(api: &Api, query: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.get(&format!("{GROUPS}?{query}{cursor}"));
        let codes = codes(&page);
        assert!(!codes.is_empty() || cursor.is_empty(), "an empty page after {found:?}");
        found.extend(codes);
        match page.json["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[test]
fn a_group_needs_only_a_name() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    let made = api.post(GROUPS, &json!({"name": "VIP Customers"}));
    assert_eq!(made.status, 201, "{}", made.json);
    let id = made.json["id"].as_str().unwrap();
    assert_eq!(
        made.json,
        json!({
            "id": id, "name": "VIP Customers", "code": "VIP-CUSTOMERS", "description": "", "isActive": true,
            "type": "manual", "parentId": ROOT_ID, "capacity": null, "priceLists": [], "rule": null, "memberCount": 0,
            "metadata": {}, "createdAt": "2026-03-10T12:00:00Z", "updatedAt": "2026-03-10T12:00:00Z", "version": 1,
        })
    );
    assert_eq!((made.header("location"), made.header("etag")), (path(id).as_str(), "\"v1\""));
    let shown = api.get(made.header("location"));
    assert_eq!((shown.status, &shown.json), (200, &made.json));
    assert!(shown.header("etag").starts_with("\"v1-"), "{}", shown.header("etag"));
    let made = api.post(GROUPS, &json!({"name": "VIP, customers!"}));
    assert_eq!((made.status, &made.json["code"]), (201, &json!("VIP-CUSTOMERS-2")));
    assert_eq!(api.post(GROUPS, &json!({"name": "日本"})).json["code"], "GROUP");
}

#[test]
fn every_field_can_be_given() {
    let app = TestApp::new();
    let parent = rows::group(&app.db, "PARENT", "Parent", None);
    let body = json!({
        "name": "Trade", "code": "TRADE_1", "description": "Sells on", "isActive": false, "type": "hybrid",
        "parentId": parent, "capacity": 25, "metadata": {"a": 1}, "priceLists": [],
    });
    let snake =
        json!({"name": "Trade 2", "code": "TRADE_2", "is_active": false, "parent_id": parent, "price_lists": []});
    let api = app.api(Role::Editor);
    let made = api.post(GROUPS, &body);
    assert_eq!(made.status, 201, "{}", made.json);
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(made.json[field], *value, "{field}");
    }
    let made = api.post(GROUPS, &snake);
    assert_eq!((&made.json["isActive"], &made.json["parentId"]), (&json!(false), &json!(parent)), "{}", made.json);
}

#[test]
fn the_seeds_bodies_make_groups() {
    let app = TestApp::new();
    let vip = price_list(&app.db, "vip-pricing");
    let wholesale = price_list(&app.db, "wholesale-pricing");
    let api = app.api(Role::Editor);
    for (body, expected) in [
        (
            json!({"name": "VIP", "description": "VIP customers with 20% discount",
                   "priceLists": [{"priceListId": "vip-pricing", "priority": 1}]}),
            json!([{"priceListId": vip, "priority": 1}]),
        ),
        (
            json!({"name": "Wholesale", "description": "Bulk purchase pricing", "isActive": true,
                   "priceLists": [{"priceListId": wholesale, "priority": 10}, {"priceListId": vip, "priority": 100}]}),
            json!([{"priceListId": wholesale, "priority": 10}, {"priceListId": vip, "priority": 100}]),
        ),
        (json!({"name": "Regular", "description": "Standard pricing", "priceLists": []}), json!([])),
    ] {
        let made = api.post(GROUPS, &body);
        assert_eq!((made.status, &made.json["priceLists"]), (201, &expected), "{}", made.json);
        assert_eq!(made.json["description"], body["description"]);
        assert_eq!(api.get(made.header("location")).json["priceLists"], expected);
    }
    // SPEC 6: a list that is assigned applies, so the method can't stay "none".
    let methods = "SELECT g.code || ' ' || coalesce(p.method, 'unset') FROM groups g LEFT JOIN group_pricing p \
                   ON p.group_id = g.id WHERE g.parent_id IS NOT NULL ORDER BY g.code";
    assert_eq!(rows::texts(&app.db, methods), ["REGULAR unset", "VIP price_lists", "WHOLESALE price_lists"]);

    let before = rows::checksums(&app.db);
    for (lists, field) in [
        (json!([{"priceListId": "nowhere", "priority": 1}]), "priceLists[0].priceListId"),
        (
            json!([{"priceListId": vip, "priority": 1}, {"priceListId": Uuid::now_v7(), "priority": 1}]),
            "priceLists[1].priceListId",
        ),
        (json!([{"priceListId": "a\0b", "priority": 1}]), "priceLists[0].priceListId"),
        (
            json!([{"priceListId": vip, "priority": 1}, {"priceListId": vip, "priority": 2}]),
            "priceLists[1].priceListId",
        ),
        (json!([{"priceListId": vip, "priority": 0}]), "priceLists[0].priority"),
        (json!([{"priceListId": vip, "priority": "high"}]), "priceLists[0].priority"),
    ] {
        assert_eq!(fields(&api.post(GROUPS, &json!({"name": "New", "priceLists": lists})), 422), [field]);
    }
    rows::assert_unchanged(&app.db, &before);
}

#[test]
fn the_list_holds_every_live_group_once() {
    let app = TestApp::new();
    let customers = ["A", "B", "C"].map(|code| rows::customer(&app.db, code));
    let mut expected = vec!["ALL".to_owned()];
    for n in 0..23 {
        let code = format!("G{n}");
        let group = rows::group(&app.db, &code, &format!("Group {}", n % 10 * 100 + n), None);
        rows::member(&app.db, group, customers[n % 3], "2026-01-01", By::Hand, false);
        expected.push(code);
    }
    rows::group(&app.db, "GONE", "Gone", None);
    rows::run(&app.db, "UPDATE groups SET deleted_at = now() WHERE code = 'GONE'");
    expected.sort();
    let api = app.api(Role::Viewer);
    for limit in [1, 7, 24, 100] {
        let mut found = walk(&api, &format!("limit={limit}"));
        found.sort();
        assert_eq!(found, expected, "limit {limit}");
    }
    let page = api.get(&format!("{GROUPS}?limit=2"));
    assert_eq!(codes(&page).len(), 2);
    let all = api.get(&format!("{GROUPS}?q=all%20cust"));
    assert_eq!(all.json["items"][0]["memberCount"], 3, "every customer is in it");
    assert_eq!(all.json["items"][0]["parentId"], Value::Null);
    let shown = api.get(&path(ROOT_ID));
    assert_eq!((shown.status, &shown.json), (200, &all.json["items"][0]), "the list and the group say the same");
}

#[test]
fn the_list_is_searched_and_filtered() {
    let app = TestApp::new();
    for (code, name) in [("GOLD", "Gold Tier"), ("SILVER", "Second best"), ("PCT", "100% wool"), ("U_1", "Ärzte")] {
        rows::group(&app.db, code, name, None);
    }
    rows::run(&app.db, "UPDATE groups SET status = 'inactive', type = 'automatic' WHERE code = 'GOLD'");
    rows::run(&app.db, "UPDATE groups SET type = 'hybrid' WHERE code = 'SILVER'");
    let api = app.api(Role::Viewer);
    for (query, expected) in [
        ("q=TIER", vec!["GOLD"]),
        ("q=silv", vec!["SILVER"]),
        ("q=%25", vec!["PCT"]),
        ("q=0%25%20w", vec!["PCT"]),
        ("q=_", vec!["U_1"]),
        ("q=%C3%84RZ", vec!["U_1"]),
        ("q=%5C", vec![]),
        ("q=old&status=active", vec![]),
        ("q=old&status=inactive", vec!["GOLD"]),
        ("type=hybrid", vec!["SILVER"]),
        ("type=automatic&status=inactive", vec!["GOLD"]),
        ("q=&type=manual&limit=100", vec!["ALL", "PCT", "U_1"]),
    ] {
        let mut found = walk(&api, query);
        found.sort();
        assert_eq!(found, expected, "{query}");
    }
    let long = "x".repeat(10_000);
    for (query, field) in [
        ("status=both", "status"),
        ("status=", "status"),
        ("type=Manual", "type"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("cursor=x", "cursor"),
        ("q=a%00b", "q"),
        (&format!("q={long}"), "q"),
        (&format!("cursor={long}"), "cursor"),
    ] {
        assert_eq!(fields(&api.get(&format!("{GROUPS}?{query}")), 422), [field], "{query}");
    }
    assert_eq!(fields(&api.get(&format!("{GROUPS}?status=x&type=y")), 422), ["status", "type"]);
    assert_eq!(fields(&api.get(&format!("{GROUPS}?q=a&q=b")), 422), ["q"], "which of the two is meant?");
}

#[test]
fn each_field_changes_and_null_takes_away() {
    let app = TestApp::new();
    let (one, other) = (rows::group(&app.db, "ONE", "One", None), rows::group(&app.db, "OTHER", "Other", None));
    let api = app.api(Role::Admin);
    let mut version = 1;
    for (patch, field, expected) in [
        (json!({"name": "  Two  words "}), "name", json!("Two words")),
        (json!({"code": "TWO"}), "code", json!("TWO")),
        (json!({"description": "Said"}), "description", json!("Said")),
        (json!({"description": null}), "description", json!("")),
        (json!({"isActive": false}), "isActive", json!(false)),
        (json!({"is_active": true}), "isActive", json!(true)),
        (json!({"type": "automatic"}), "type", json!("automatic")),
        (json!({"parentId": other}), "parentId", json!(other)),
        (json!({"parentId": null}), "parentId", json!(ROOT_ID)),
        (json!({"parent_id": other}), "parentId", json!(other)),
        (json!({"capacity": 12}), "capacity", json!(12)),
        (json!({"capacity": null}), "capacity", json!(null)),
        (json!({"metadata": {"k": "v"}}), "metadata", json!({"k": "v"})),
        (json!({"metadata": null}), "metadata", json!({})),
    ] {
        app.clock.advance(TimeDelta::minutes(1));
        let before = api.get(&path(one)).json;
        let changed = api.patch(&path(one), &patch);
        assert_eq!((changed.status, &changed.json[field]), (200, &expected), "{patch}: {}", changed.json);
        version += 1;
        assert_eq!(changed.header("etag"), format!("\"v{version}\""), "{patch}");
        let mut after = before.clone();
        after[field] = expected;
        after["version"] = json!(version);
        after["updatedAt"] = changed.json["updatedAt"].clone();
        assert_eq!(changed.json, after, "only {field} changes");
        assert_ne!(changed.json["updatedAt"], before["updatedAt"]);
        assert_eq!(api.get(&path(one)).json, after);
    }
    let same = api.get(&path(one)).json;
    assert_eq!(api.patch(&path(one), &json!({})).json, same, "nothing to change");
    assert_eq!(api.patch(&path(one), &json!({"code": "TWO", "capacity": null})).json, same, "it is so already");

    for (patch, field) in [
        (json!({"name": ""}), "name"),
        (json!({"name": null}), "name"),
        (json!({"name": 5}), "name"),
        (json!({"code": null}), "code"),
        (json!({"code": ""}), "code"),
        (json!({"code": "two words"}), "code"),
        (json!({"code": "OTHER"}), "code"),
        (json!({"isActive": "yes"}), "isActive"),
        (json!({"isActive": null}), "isActive"),
        (json!({"type": "both"}), "type"),
        (json!({"type": null}), "type"),
        (json!({"parentId": "x"}), "parentId"),
        (json!({"parentId": one}), "parentId"),
        (json!({"parentId": Uuid::now_v7()}), "parentId"),
        (json!({"capacity": 0}), "capacity"),
        (json!({"capacity": 1.5}), "capacity"),
        (json!({"capacity": 3_000_000_000_i64}), "capacity"),
        (json!({"metadata": []}), "metadata"),
        (json!({"nmae": "x"}), "nmae"),
    ] {
        assert_eq!(fields(&api.patch(&path(one), &patch), 422), [field], "{patch}");
    }
    assert_eq!(api.get(&path(one)).json, same);
}

#[test]
fn a_stale_version_is_refused() {
    let app = TestApp::new();
    let id = rows::group(&app.db, "ONE", "One", None);
    let api = app.api(Role::Admin);
    let patch = |tag: &str, name: &str| {
        api.send("PATCH", &path(id), &[("if-match", tag)], Some(&json!({"name": name}).to_string()))
    };
    assert_eq!(patch("\"v1\"", "Two").header("etag"), "\"v2\"");
    let before = rows::checksums(&app.db);
    assert!(fields(&patch("\"v1\"", "Three"), 409).is_empty());
    assert!(fields(&api.send("DELETE", &path(id), &[("if-match", "\"v1\"")], None), 409).is_empty());
    for another in ["\"v\"", "\"x2\""] {
        assert!(fields(&patch(another, "Three"), 409).is_empty(), "{another} is no version that there is");
    }
    for malformed in ["2", "v2", "\"v2"] {
        assert!(fields(&patch(malformed, "Three"), 400).is_empty(), "{malformed}");
    }
    rows::assert_unchanged(&app.db, &before);
    assert_eq!(patch("*", "Three").json["name"], "Three");
    assert_eq!(api.send("DELETE", &path(id), &[("if-match", "\"v3\"")], None).status, 204);
}

#[test]
fn deleting_is_soft_and_final_for_the_api() {
    let app = TestApp::new();
    let top = rows::group(&app.db, "TOP", "Top", None);
    let middle = rows::group(&app.db, "MIDDLE", "Middle", Some(top));
    let low = rows::group(&app.db, "LOW", "Low", Some(middle));
    let customer = rows::customer(&app.db, "C");
    rows::member(&app.db, middle, customer, "2026-01-01", By::Hand, true);
    let api = app.api(Role::Admin);
    let gone = api.delete(&path(middle));
    assert_eq!((gone.status, gone.json), (204, Value::Null));
    for answer in [
        api.get(&path(middle)),
        api.delete(&path(middle)),
        api.patch(&path(middle), &json!({"name": "Back"})),
        api.get(&path(Uuid::now_v7())),
        api.get(&path("none")),
        api.delete(&path("none")),
    ] {
        assert!(fields(&answer, 404).is_empty());
    }
    assert_eq!(api.get(&path(low)).json["parentId"], json!(top), "child groups go to the parent");
    let kept = format!("SELECT count(*) FROM memberships WHERE group_id = '{middle}'");
    assert_eq!(rows::number(&app.db, &kept), 1, "it keeps its members for a restore");
    let stored = "SELECT deleted_at = '2026-03-10 12:00Z' FROM groups WHERE code = 'MIDDLE'";
    assert_eq!(rows::one(&app.db, stored), json!(true));
    assert_eq!(codes(&api.get(&format!("{GROUPS}?q=middle"))), [""; 0]);
    let again = api.post(GROUPS, &json!({"name": "Middle", "code": "MIDDLE"}));
    assert_eq!(again.status, 201, "name and code are free again: {}", again.json);
}

#[test]
fn what_must_stay_stays() {
    let app = TestApp::new();
    let retail = rows::group(&app.db, "RETAIL", "Retail", None);
    rows::run(&app.db, &format!("UPDATE store_settings SET default_group_id = '{retail}'"));
    let full = rows::group(&app.db, "FULL", "Full", None);
    for code in ["A", "B"] {
        let customer = rows::customer(&app.db, code);
        rows::member(&app.db, full, customer, "2026-01-01", By::Hand, true);
    }
    let api = app.api(Role::Admin);
    let before = rows::checksums(&app.db);
    for (id, patch, field) in [
        (retail, json!({"isActive": false}), "isActive"),
        (retail, json!({"type": "automatic"}), "type"),
        (full, json!({"capacity": 1}), "capacity"),
        (ROOT_ID, json!({"code": "EVERYBODY"}), ""),
        (ROOT_ID, json!({"isActive": false}), ""),
        (ROOT_ID, json!({"type": "hybrid"}), ""),
        (ROOT_ID, json!({"capacity": 5}), ""),
        (ROOT_ID, json!({"parentId": full}), ""),
    ] {
        assert_eq!(fields(&api.patch(&path(id), &patch), 422), [field], "{patch}");
    }
    for id in [ROOT_ID, retail] {
        assert!(fields(&api.delete(&path(id)), 409).is_empty());
    }
    rows::assert_unchanged(&app.db, &before);
    let changed = api.patch(&path(ROOT_ID), &json!({"name": "Everybody", "metadata": {"a": 1}, "description": "All"}));
    assert_eq!((changed.status, &changed.json["name"]), (200, &json!("Everybody")), "{}", changed.json);
    assert_eq!(api.patch(&path(full), &json!({"capacity": 2})).status, 200);
}

#[test]
fn a_group_that_turns_manual_keeps_its_members_by_hand() {
    let app = TestApp::new();
    let group = rows::group(&app.db, "MIX", "Mix", None);
    rows::run(&app.db, "UPDATE groups SET type = 'hybrid' WHERE code = 'MIX'");
    for (code, by) in [("A", By::Hand), ("B", By::Rule), ("C", By::Both)] {
        let customer = rows::customer(&app.db, code);
        rows::member(&app.db, group, customer, "2026-01-01", by, true);
    }
    let api = app.api(Role::Editor);
    let marks = format!(
        "SELECT c.code || ' ' || CASE WHEN by_hand THEN 'hand' ELSE '' END || CASE WHEN by_rule THEN 'rule' ELSE '' END
         FROM memberships m JOIN customers c ON c.id = m.customer_id WHERE m.group_id = '{group}' ORDER BY 1"
    );
    assert_eq!(api.patch(&path(group), &json!({"name": "Mixed"})).status, 200);
    assert_eq!(rows::texts(&app.db, &marks), ["A hand", "B rule", "C handrule"]);
    assert_eq!(api.patch(&path(group), &json!({"type": "manual"})).json["memberCount"], 3);
    assert_eq!(rows::texts(&app.db, &marks), ["A hand", "B hand", "C hand"]);
}

#[test]
fn metadata_is_any_json_object_up_to_16_kib() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    let object = json!({
        "isSeller": true, "IsSeller": "gold", "is_seller": null, "MixedCase_and-more": {"innerKey": [1, -2.5, "x", {"äÖ": ""}]},
        "": "empty key", "big": 9_007_199_254_740_993_i64, "quote\"": "line\nbreak", "emoji": "🦀",
    });
    let made = api.post(GROUPS, &json!({"name": "A", "metadata": object}));
    assert_eq!((made.status, &made.json["metadata"]), (201, &object), "{}", made.json);
    assert_eq!(rows::one(&app.db, "SELECT metadata FROM groups WHERE code = 'A'"), object);

    let of_size = |bytes: usize| json!({ "k": "x".repeat(bytes - r#"{"k":""}"#.len()) });
    let id = made.json["id"].as_str().unwrap();
    let most = of_size(16 * 1024);
    assert_eq!(api.patch(&path(id), &json!({ "metadata": most })).json["metadata"], most);
    let before = rows::checksums(&app.db);
    for refused in [of_size(16 * 1024 + 1), json!([]), json!("text"), json!(5), json!({"a": "\0"}), json!({"\0": 1})] {
        assert_eq!(fields(&api.patch(&path(id), &json!({ "metadata": refused })), 422), ["metadata"]);
        assert_eq!(fields(&api.post(GROUPS, &json!({ "name": "B", "metadata": refused })), 422), ["metadata"]);
    }
    rows::assert_unchanged(&app.db, &before);
}

#[test]
fn each_role_may_what_the_table_says() {
    let app = TestApp::new();
    let parent = rows::group(&app.db, "PARENT", "Parent", None);
    let one = rows::group(&app.db, "ONE", "One", None);
    let [viewer, editor, admin] = Role::ALL.map(|role| app.api(role));
    for api in [&viewer, &editor, &admin] {
        assert_eq!(api.get(GROUPS).status, 200);
        assert_eq!(api.get(&path(one)).status, 200);
    }
    let before = rows::checksums(&app.db);
    for answer in [
        viewer.post(GROUPS, &json!({"name": "New"})),
        viewer.patch(&path(one), &json!({"name": "New"})),
        viewer.patch(&path(one), &json!({})),
        viewer.delete(&path(one)),
        editor.patch(&path(one), &json!({"parentId": parent})),
        editor.patch(&path(one), &json!({"isActive": false})),
        editor.patch(&path(one), &json!({"name": "New", "isActive": false})),
        editor.delete(&path(one)),
    ] {
        assert!(fields(&answer, 403).is_empty());
    }
    rows::assert_unchanged(&app.db, &before);
    assert_eq!(editor.post(GROUPS, &json!({"name": "New", "parentId": parent})).status, 201);
    let patch = json!({"name": "Uno", "type": "hybrid", "parentId": ROOT_ID, "isActive": true});
    assert_eq!(editor.patch(&path(one), &patch).status, 200, "nothing of the tree changes");
    assert_eq!(admin.patch(&path(one), &json!({"parentId": parent, "isActive": false})).status, 200);
    assert_eq!(admin.delete(&path(one)).status, 204);
}

#[test]
fn who_has_no_good_token_gets_nothing() {
    let app = TestApp::new();
    let mut api = app.api(Role::Admin);
    let good = api.token.clone();
    let changed = format!("{}A", &good[..good.len() - 1]);
    let other = if good.ends_with('A') { good.replace('A', "B") } else { changed };
    for token in ["", "x", &other, &good[..20], &format!("{good} {good}")] {
        api.token = token.to_owned();
        for answer in [api.get(GROUPS), api.post(GROUPS, &json!({"name": "New"})), api.delete(&path(ROOT_ID))] {
            assert!(fields(&answer, 401).is_empty(), "{token}");
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"clientele\"");
        }
    }
    api.token = good;
    for header in ["Basic YTpi", "Bearer"] {
        let answer = Api::new(&app.url, Uuid::nil(), "").send("GET", GROUPS, &[("authorization", header)], None);
        assert!(fields(&answer, 401).is_empty(), "{header}");
    }
    assert_eq!(api.get(GROUPS).status, 200);
    revoke_token(&mut app.db.conn(), &Actor::command_line(), api.id, app.clock.now()).unwrap();
    assert!(fields(&api.get(GROUPS), 401).is_empty(), "revoked");
    // A person's session is no token.
    let browser = app.sign_in(Role::Admin);
    let page = browser.send("GET", GROUPS, &[("accept", "application/json")], None);
    assert_eq!((page.status, page.header("content-type")), (401, "application/problem+json"));
}

#[test]
fn every_refusal_is_a_problem_document() {
    let app = TestApp::new();
    rows::group(&app.db, "TAKEN", "Taken", None);
    let id = rows::group(&app.db, "ONE", "One", None);
    let api = app.api(Role::Admin);
    let over = |bytes: usize| json!({ "name": "x".repeat(bytes) }).to_string();
    let (text, form) = ("text/plain", "application/x-www-form-urlencoded");
    assert_eq!(api.get(GROUPS).status, 200, "the token's last use is written");
    let before = rows::checksums(&app.db);
    for (method, at, headers, body, status, named) in [
        ("POST", GROUPS, vec![], Some("{\"name\": ".to_owned()), 400, vec![]),
        ("POST", GROUPS, vec![], Some(String::new()), 400, vec![]),
        ("POST", GROUPS, vec![], Some("{'name': 'A'}".into()), 400, vec![]),
        ("POST", GROUPS, vec![], Some(r#"{"name": "\ud800"}"#.into()), 400, vec![]),
        ("POST", GROUPS, vec![], Some(r#"{"name": "A"} {}"#.into()), 400, vec![]),
        ("POST", GROUPS, vec![], Some(format!("{}{}", "[".repeat(500), "]".repeat(500))), 422, vec![""]),
        (
            "POST",
            GROUPS,
            vec![],
            Some(format!(r#"{{"name":"A","metadata":{{"a":{}1{}}}}}"#, "[".repeat(500), "]".repeat(500))),
            400,
            vec![],
        ),
        ("POST", GROUPS, vec![("content-type", text)], Some(r#"{"name": "A"}"#.into()), 415, vec![]),
        ("POST", GROUPS, vec![("content-type", form)], Some("name=A".into()), 415, vec![]),
        ("POST", GROUPS, vec![], Some(over(1024 * 1024)), 413, vec![]),
        ("POST", GROUPS, vec![], Some(over(3 * 1024 * 1024)), 413, vec![]),
        ("POST", GROUPS, vec![], Some(r#"{"name": "taken"}"#.into()), 422, vec!["name"]),
        ("POST", GROUPS, vec![], Some(r#"{"name": "New", "code": "TAKEN"}"#.into()), 422, vec!["code"]),
        (
            "POST",
            GROUPS,
            vec![],
            Some(r#"{"name": "A;B", "code": "a", "capacity": 0}"#.into()),
            422,
            vec!["name", "code", "capacity"],
        ),
        ("POST", GROUPS, vec![], Some(r#"{"name": "A\u0000B"}"#.into()), 422, vec!["name"]),
        ("POST", GROUPS, vec![], Some(r#"{"name": "A", "description": "\u0000"}"#.into()), 422, vec!["description"]),
        ("POST", GROUPS, vec![], Some("{}".into()), 422, vec!["name"]),
        ("POST", GROUPS, vec![], Some("[]".into()), 422, vec![""]),
        ("PUT", GROUPS, vec![], Some("{}".into()), 405, vec![]),
        ("PATCH", GROUPS, vec![], Some("{}".into()), 405, vec![]),
        ("POST", &path(id), vec![], Some("{}".into()), 405, vec![]),
        ("GET", "/admin/pricing/nothing", vec![], None, 404, vec![]),
        ("GET", &format!("{}/nothing", path(id)), vec![], None, 404, vec![]),
        ("GET", &path("%FF"), vec![], None, 404, vec![]),
        ("GET", &path("..%2f.."), vec![], None, 404, vec![]),
        ("GET", &path("%00"), vec![], None, 404, vec![]),
    ] {
        let answer = api.send(method, at, &headers, body.as_deref());
        assert_eq!(fields(&answer, status), named, "{method} {at}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(!answer.header("x-request-id").is_empty());
    }
    let missing = api.post(GROUPS, &json!({}));
    assert_eq!(missing.json["errors"][0]["message"], "Enter a name.", "{}", missing.json);
    rows::assert_unchanged(&app.db, &before);
}

#[test]
fn a_change_by_a_token_is_in_the_audit_log_under_its_name() {
    let app = TestApp::new();
    let api = app.api(Role::Admin);
    let headers = [("x-request-id", "shop-sync-0001")];
    let made = api.send("POST", GROUPS, &headers, Some(&json!({"name": "New"}).to_string()));
    let id = made.json["id"].as_str().unwrap();
    assert_eq!(made.header("x-request-id"), "shop-sync-0001");
    api.patch(&path(id), &json!({"capacity": 5}));
    api.patch(&path(id), &json!({"capacity": 5}));
    api.delete(&path(id));
    let log = format!(
        "SELECT action, actor_kind, actor_name, subject_name, before ->> 'capacity' AS was, after ->> 'capacity' AS became,
                request_id = 'shop-sync-0001' AS numbered, actor_id = '{}' AS token FROM audit_events WHERE group_id = '{id}' ORDER BY id",
        api.id
    );
    let event = |action: &str, was: Value, became: Value, numbered: bool| {
        json!({"action": action, "actor_kind": "token", "actor_name": "A admin's token", "subject_name": "New",
               "was": was, "became": became, "numbered": numbered, "token": true})
    };
    assert_eq!(
        rows::all(&app.db, &log),
        [
            event("group.created", json!(null), json!(null), true),
            event("group.changed", json!(null), json!("5"), false),
            event("group.deleted", json!("5"), json!(null), false),
        ]
    );
}

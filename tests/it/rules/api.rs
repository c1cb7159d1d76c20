//! `…/rules/preview`, `…/rules/runs` and the `rule` of a group's body (SPEC 13).

use crate::support::rows::{self, By, customer, group, member, number, run};
use crate::support::{Answer, TestApp};
use clientele::auth::role::Role;
use serde_json::{Value, json};

const GROUPS: &str = "/admin/pricing/customer-groups";

fn region(value: &str) -> Value {
    json!({"match": "all", "of": [{"field": "region", "op": "eq", "value": value}]})
}

fn fields(answer: &Answer, status: u16) -> Vec<String> {
    assert_eq!((answer.status, answer.header("content-type")), (status, "application/problem+json"), "{}", answer.json);
    let errors = answer.json["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_unsaved_rule_is_previewed() {
    let app = TestApp::new();
    let gold = group(&app.db, "GOLD", "Gold", None);
    run(&app.db, "UPDATE groups SET type = 'automatic', capacity = 2 WHERE code = 'GOLD'");
    for (code, set) in [
        ("A", "region = 'R', payment_history = 'good'"),
        ("B", "region = 'R'"),
        ("C", "region = 'R', status = 'blocked', payment_history = 'poor'"),
        ("D", "region = 'X', payment_history = 'excellent'"),
        ("E", "payment_history = 'good'"),
        ("F", "region = 'R', payment_history = 'fair'"),
    ] {
        let id = customer(&app.db, code);
        run(&app.db, &format!("UPDATE customers SET {set} WHERE id = '{id}'"));
        if code == "D" {
            member(&app.db, gold, id, "2026-01-01", By::Rule, true);
        }
    }
    let api = app.api(Role::Viewer);
    // The token is marked as used on the first call of a day.
    api.get(GROUPS);
    let before = rows::checksums(&app.db);
    let rule = json!({"match": "all", "of": [
        {"field": "region", "op": "eq", "value": "R"},
        {"match": "any", "of": [
            {"field": "payment_history", "op": "gte", "value": "fair"},
            {"field": "status", "op": "eq", "value": "blocked"},
        ]},
    ]});
    let answer = api.post(&format!("{GROUPS}/{gold}/rules/preview"), &json!({"rule": rule}));
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(
        answer.json,
        json!({
            "customers": 6, "matched": 3,
            "sentence": "region is “R” and (payment history is at least fair or status is blocked)",
            "funnel": [
                {"condition": "region is “R”", "passes": 4},
                {"condition": "payment history is at least fair", "passes": 4},
                {"condition": "status is blocked", "passes": 1},
            ],
            "missing": [
                {"field": "region", "customers": 1, "share": 1.0 / 6.0},
                {"field": "payment_history", "customers": 1, "share": 1.0 / 6.0},
            ],
            "joins": 2, "leaves": 1, "refused": 1, "excluded": 0,
            "sample": [{"code": "A", "name": "A"}, {"code": "C", "name": "C"}, {"code": "F", "name": "F"}],
        })
    );
    rows::assert_unchanged(&app.db, &before);
}

#[test]
fn runs_save_the_rule_that_comes_with_them() {
    let app = TestApp::new();
    let gold = group(&app.db, "GOLD", "Gold", None);
    run(&app.db, "UPDATE groups SET type = 'automatic' WHERE code = 'GOLD'");
    let a = customer(&app.db, "A");
    run(&app.db, "UPDATE customers SET region = 'R'");
    let (api, path) = (app.api(Role::Editor), format!("{GROUPS}/{gold}/rules/runs"));
    assert_eq!(fields(&api.post(&path, &json!({})), 409), [""; 0]);
    let first = api.post(&path, &json!({"rule": region("R")}));
    assert_eq!(first.status, 200, "{}", first.json);
    for (name, value) in [("matched", 1), ("joined", 1), ("left", 0), ("refused", 0)] {
        assert_eq!(first.json[name], value, "{name}");
    }
    assert_eq!(first.json["outcome"], "done");
    assert!(first.json["durationMs"].is_i64() && first.json["id"].is_string());
    let group = api.get(&format!("{GROUPS}/{gold}"));
    assert_eq!((&group.json["rule"], &group.json["memberCount"]), (&region("R"), &json!(1)));
    run(&app.db, &format!("UPDATE customers SET region = 'X' WHERE id = '{a}'"));
    // Without a body, the stored rule runs.
    let second = api.send("POST", &path, &[], None);
    assert_eq!((second.status, &second.json["left"]), (200, &json!(1)), "{}", second.json);
    assert_eq!(fields(&app.api(Role::Viewer).post(&path, &json!({})), 403), [""; 0]);
}

#[test]
fn a_rule_that_cannot_be_taken_names_its_condition_and_changes_nothing() {
    let app = TestApp::new();
    let gold = group(&app.db, "GOLD", "Gold", None);
    let manual = group(&app.db, "MANUAL", "Manual", None);
    run(&app.db, "UPDATE groups SET type = 'automatic' WHERE code = 'GOLD'");
    let api = app.api(Role::Editor);
    api.get(GROUPS);
    let before = rows::checksums(&app.db);
    let deep = |depth: usize| {
        let leaf = json!({"field": "order_count", "op": "gt", "value": 1});
        (0..depth).fold(leaf, |inner, _| json!({"match": "any", "of": [inner]}))
    };
    let many = json!({"match": "any", "of": vec![json!({"field": "order_count", "op": "gt", "value": 1}); 101]});
    for (rule, field) in [
        (json!({"match": "all", "of": [{"field": "shoe_size", "op": "gt", "value": 1}]}), "rule.of[0].field"),
        (json!({"match": "all", "of": [{"field": "region", "op": "above", "value": "x"}]}), "rule.of[0].op"),
        (json!({"match": "all", "of": [{"field": "total_purchases", "op": "gt", "value": 5}]}), "rule.of[0].value"),
        (json!({"match": "all", "of": [{"field": "in_group", "op": "eq", "value": "GOLD"}]}), "rule.of[0].value"),
        (json!({"match": "all", "of": [{"field": "in_group", "op": "eq", "value": "NOBODY"}]}), "rule.of[0].value"),
        (json!({"match": "all", "of": []}), "rule.of"),
        (deep(6), "rule.of[0].of[0].of[0].of[0].of[0]"),
        (many, "rule"),
        (json!("all"), "rule"),
        (json!([1]), "rule"),
    ] {
        for call in ["preview", "runs"] {
            let answer = api.post(&format!("{GROUPS}/{gold}/rules/{call}"), &json!({"rule": rule}));
            assert_eq!(fields(&answer, 422), [field], "{call} {rule}");
        }
        assert_eq!(fields(&api.patch(&format!("{GROUPS}/{gold}"), &json!({"rule": rule})), 422), [field], "{rule}");
    }
    assert_eq!(
        fields(&api.post(&format!("{GROUPS}/{manual}/rules/runs"), &json!({"rule": region("R")})), 422),
        ["rule"]
    );
    assert_eq!(fields(&api.post(&format!("{GROUPS}/{gold}/rules/preview"), &json!({})), 422), ["rule"]);
    assert_eq!(
        fields(&api.post(&format!("{GROUPS}/{gold}/rules/preview"), &json!({"rule": region("R"), "x": 1})), 422),
        ["x"]
    );
    assert_eq!(fields(&api.post(&format!("{GROUPS}/x/rules/runs"), &json!({})), 404), [""; 0]);
    rows::assert_unchanged(&app.db, &before);
}

#[test]
fn a_group_is_made_and_changed_with_its_rule() {
    let app = TestApp::new();
    customer(&app.db, "A");
    run(&app.db, "UPDATE customers SET region = 'R'");
    let api = app.api(Role::Editor);
    let made = api.post(GROUPS, &json!({"name": "Auto", "type": "automatic", "rule": region("R")}));
    assert_eq!(
        (made.status, &made.json["rule"], &made.json["memberCount"]),
        (201, &region("R"), &json!(1)),
        "{}",
        made.json
    );
    let path = format!("{GROUPS}/{}", made.json["id"].as_str().unwrap());
    let changed = api.patch(&path, &json!({"name": "Automatic", "rule": region("X")}));
    assert_eq!((changed.status, &changed.json["memberCount"]), (200, &json!(0)), "{}", changed.json);
    assert_eq!(changed.json["name"], "Automatic");
    assert_eq!(fields(&api.patch(&path, &json!({"rule": null})), 422), ["rule"]);
    let manual = api.patch(&path, &json!({"type": "manual", "rule": null}));
    assert_eq!((manual.status, &manual.json["rule"]), (200, &Value::Null), "{}", manual.json);
    assert_eq!(fields(&api.post(GROUPS, &json!({"name": "Hand", "rule": region("R")})), 422), ["rule"]);
    assert_eq!(number(&app.db, "SELECT count(*) FROM groups WHERE name = 'Hand'"), 0);
}

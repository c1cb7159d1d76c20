//! Group names on a customer: memberships by hand in manual groups become exactly these (SPEC 13).

use super::{CUSTOMERS, customer_id, groups_of};
use crate::support::rows::{self, By};
use crate::support::{Answer, TestApp};
use clientele::auth::role::Role;
use serde_json::{Value, json};

/// A shop with a group of each type and one customer, who is in Gold by hand and in two others by rule.
fn shop() -> TestApp {
    let app = TestApp::new();
    let gold = rows::group(&app.db, "GOLD", "Gold", None);
    rows::group(&app.db, "SILVER", "Silver", None);
    let hybrid = rows::group(&app.db, "HYBRID", "Hybrid", None);
    let auto = rows::group(&app.db, "AUTO", "Auto", None);
    rows::group(&app.db, "AUTO2", "Auto 2", None);
    rows::run(&app.db, "UPDATE groups SET type = 'hybrid' WHERE code = 'HYBRID'");
    rows::run(&app.db, "UPDATE groups SET type = 'automatic' WHERE code LIKE 'AUTO%'");
    let customer = rows::customer(&app.db, "C");
    rows::member(&app.db, gold, customer, "2024-01-01", By::Hand, true);
    rows::member(&app.db, hybrid, customer, "2024-02-01", By::Rule, false);
    rows::member(&app.db, auto, customer, "2024-03-01", By::Rule, false);
    app
}

fn patch(app: &TestApp, groups: &Value) -> Answer {
    let id = customer_id(&app.db, "C");
    app.api(Role::Editor).patch(&format!("{CUSTOMERS}/{id}"), &json!({ "customerGroups": groups }))
}

#[test]
fn memberships_by_hand_in_manual_groups_become_exactly_the_named_ones() {
    let rest = ["Auto by rule", "Hybrid by rule"];
    for (names, expected) in [
        (json!(["Silver"]), vec!["Auto by rule", "Hybrid by rule*", "Silver by hand"]),
        (json!(["gold", " Silver "]), vec!["Auto by rule", "Gold by hand*", "Hybrid by rule", "Silver by hand"]),
        (json!([]), vec!["Auto by rule", "Hybrid by rule*"]),
        (json!(["All Customers", "Gold"]), vec!["Auto by rule", "Gold by hand*", "Hybrid by rule"]),
        (json!(["Brand New"]), vec!["Auto by rule", "Brand New by hand", "Hybrid by rule*"]),
        // As it was read: who is there by rule stays so.
        (json!(["Gold", "Hybrid", "Auto"]), vec!["Auto by rule", "Gold by hand*", "Hybrid by rule"]),
    ] {
        let app = shop();
        let answer = patch(&app, &names);
        assert_eq!(answer.status, 200, "{}", answer.json);
        assert_eq!(groups_of(&app, "C"), expected, "{names}");
        assert!(rest.len() == 2);
        let told: Vec<&str> =
            answer.json["customerGroups"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
        let stored: Vec<&str> = expected.iter().map(|group| group.split(" by ").next().unwrap()).collect();
        assert_eq!(told, stored);
        // The counts that the database keeps are right.
        let wrong = "SELECT count(*) FROM groups g WHERE member_count <> (SELECT count(*) FROM memberships WHERE group_id = g.id)";
        assert_eq!(rows::number(&app.db, wrong), 0);
        // A second time nothing changes.
        let before = rows::checksums(&app.db);
        assert_eq!(patch(&app, &names).status, 200);
        let mut after = rows::checksums(&app.db);
        for table in ["tokens", "audit_events"] {
            after.insert(table.into(), before[table].clone());
        }
        assert_eq!(after, before, "{names}");
    }
}

#[test]
fn missing_groups_are_made_with_their_origin() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    let body = json!({"code": "C", "name": "C", "customer_groups": ["Zulu", "Alpha"]});
    assert_eq!(api.post(CUSTOMERS, &body).status, 201);
    let made = rows::all(
        &app.db,
        "SELECT name, code, type, status, origin, member_count FROM groups WHERE code <> 'ALL' ORDER BY name",
    );
    let group = |name: &str, code: &str| json!({"name": name, "code": code, "type": "manual", "status": "active", "origin": "sync", "member_count": 1});
    assert_eq!(made, [group("Alpha", "ALPHA"), group("Zulu", "ZULU")]);
    assert_eq!(groups_of(&app, "C"), ["Alpha by hand", "Zulu by hand*"], "the one named first is the primary one");
    let log = rows::texts(
        &app.db,
        "SELECT action || ' ' || subject_name FROM audit_events WHERE action <> 'token.created' ORDER BY id",
    );
    assert_eq!(log, ["group.created Zulu", "group.created Alpha", "customer.created C"]);
    let events = rows::texts(&app.db, "SELECT kind || ' ' || actor_kind FROM membership_events");
    assert_eq!(events, ["joined token", "joined token"]);
}

#[test]
fn what_members_are_refused_the_sync_is_refused_as_well() {
    for (set_up, names, sentence) in [
        ("SELECT 1", json!(["Auto 2"]), "Auto 2 is an automatic group: its members come by rule. Leave its name out."),
        (
            "UPDATE groups SET capacity = 1 WHERE code = 'SILVER'",
            json!(["Silver"]),
            "Silver is full (capacity 1). Raise its capacity, or remove members first.",
        ),
        (
            "UPDATE customers SET status = 'inactive' WHERE code = 'C'",
            json!(["Silver", "Gold"]),
            "The customer is inactive. Make the customer active first.",
        ),
        (
            "INSERT INTO membership_exclusions (group_id, customer_id, since)
             SELECT g.id, c.id, now() FROM groups g, customers c WHERE g.code = 'SILVER' AND c.code = 'C'",
            json!(["Silver", "Brand New"]),
            "The customer is excluded from Silver. Lift the exclusion first.",
        ),
        ("SELECT 1", json!(["a;b"]), "“a;b” can't be a group's name."),
    ] {
        let app = shop();
        let other = rows::customer(&app.db, "OTHER");
        rows::member(&app.db, rows::group_id(&app.db, "SILVER"), other, "2024-01-01", By::Hand, true);
        rows::run(&app.db, set_up);
        let before = groups_of(&app, "C");
        let answer = patch(&app, &names);
        assert_eq!(answer.status, 422, "{}", answer.json);
        let error = &answer.json["errors"][0];
        assert_eq!(error["field"], "customerGroups");
        assert!(error["message"].as_str().unwrap().contains(sentence), "{error}");
        assert_eq!(groups_of(&app, "C"), before, "nothing changed");
        assert_eq!(rows::number(&app.db, "SELECT count(*) FROM groups WHERE name = 'Brand New'"), 0);
        assert_eq!(rows::number(&app.db, "SELECT version FROM customers WHERE code = 'C'"), 1);
    }
}

#[test]
fn an_inactive_customer_keeps_its_groups_and_may_leave_them() {
    let app = shop();
    let id = customer_id(&app.db, "C");
    let api = app.api(Role::Editor);
    let path = format!("{CUSTOMERS}/{id}");
    let answer = api.patch(&path, &json!({"status": "blocked", "customerGroups": ["Gold"]}));
    assert_eq!((answer.status, &answer.json["status"]), (200, &json!("blocked")), "{}", answer.json);
    assert_eq!(api.patch(&path, &json!({"customerGroups": []})).status, 200);
    assert_eq!(groups_of(&app, "C"), ["Auto by rule", "Hybrid by rule*"]);
    // Active again and into a group in one call: the status as it will be counts.
    let answer = api.patch(&path, &json!({"status": "active", "customerGroups": ["Silver"]}));
    assert_eq!(answer.status, 200, "{}", answer.json);
}

#[test]
fn many_at_once_keep_every_count_exact() {
    let app = TestApp::new();
    let ids: Vec<_> = (0..4).map(|n| rows::customer(&app.db, &format!("C{n}"))).collect();
    std::thread::scope(|threads| {
        for worker in 0..4usize {
            let (app, ids) = (&app, &ids);
            threads.spawn(move || {
                let api = app.api(Role::Editor);
                for round in 0..6usize {
                    let id = ids[(worker + round) % ids.len()];
                    let names = json!([format!("Group {}", (worker * round) % 3), format!("Group {}", round % 5)]);
                    // Who waits for each other crosswise is asked to try again.
                    let mut status = 503;
                    for _ in 0..20 {
                        status = api.patch(&format!("{CUSTOMERS}/{id}"), &json!({ "customerGroups": names })).status;
                        if status != 503 {
                            break;
                        }
                    }
                    assert_eq!(status, 200);
                }
            });
        }
    });
    for wrong in [
        "SELECT count(*) FROM groups g WHERE member_count <> (SELECT count(*) FROM memberships WHERE group_id = g.id)",
        "SELECT count(*) FROM (SELECT lower(name) FROM groups GROUP BY 1 HAVING count(*) > 1) twice",
        "SELECT abs(grouped_customers - (SELECT count(DISTINCT customer_id) FROM memberships)) FROM store_totals",
        "SELECT count(*) FROM (SELECT customer_id FROM memberships GROUP BY 1
                               HAVING count(*) FILTER (WHERE is_primary) <> 1) without_primary",
        "SELECT abs((SELECT count(*) FROM memberships) - (SELECT count(*) FILTER (WHERE kind = 'joined')
                    - count(*) FILTER (WHERE kind = 'left') FROM membership_events))",
    ] {
        assert_eq!(rows::number(&app.db, wrong), 0, "{wrong}");
    }
}

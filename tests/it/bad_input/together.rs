//! Two at once: one wins, the other is refused, and the rules of the tree hold.

use super::GROUPS;
use crate::support::rows::{self, By};
use crate::support::{Answer, Api, TestApp, TestDb};
use clientele::auth::role::Role;
use diesel::prelude::*;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// A transaction of a stranger that holds something up.
struct Held {
    conn: RefCell<PgConnection>,
}

impl Held {
    fn new(db: &TestDb, statement: &str) -> Self {
        let held = Self { conn: RefCell::new(db.conn()) };
        held.run("BEGIN");
        held.run(statement);
        held
    }

    /// Whoever makes, changes or moves groups waits.
    fn tree(db: &TestDb) -> Self {
        Self::new(db, "SELECT pg_advisory_xact_lock(7300001)")
    }

    fn run(&self, statement: &str) {
        diesel::sql_query(statement).execute(&mut *self.conn.borrow_mut()).unwrap();
    }

    /// Waits until so many requests stand before a lock in the database. Lets them all go before it fails, or they
    /// would stand there for good.
    fn until_waiting(&self, db: &TestDb, requests: i64) {
        let count = "SELECT count(*) FROM pg_stat_activity \
                     WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let begun = Instant::now();
        while rows::number(db, count) != requests {
            if begun.elapsed() > Duration::from_secs(30) {
                self.run("ROLLBACK");
                panic!("{requests} requests should wait for each other");
            }
        }
    }
}

/// Sends two requests that meet at the tree's lock; their answers, the better one first.
fn meet(app: &TestApp, one: impl Fn(&Api) -> Answer + Sync, other: impl Fn(&Api) -> Answer + Sync) -> [Answer; 2] {
    let (first, second) = (app.api(Role::Admin), app.api(Role::Admin));
    for api in [&first, &second] {
        api.get(GROUPS);
    }
    let held = Held::tree(&app.db);
    let mut answers = std::thread::scope(|threads| {
        let one = threads.spawn(|| one(&first));
        let other = threads.spawn(|| other(&second));
        held.until_waiting(&app.db, 2);
        held.run("COMMIT");
        [one.join().unwrap(), other.join().unwrap()]
    });
    answers.sort_by_key(|answer| answer.status);
    the_tree_holds(&app.db);
    answers
}

/// What must be true of the tree whatever happens at once.
fn the_tree_holds(db: &TestDb) {
    let orphans = "SELECT count(*) FROM groups g JOIN groups p ON p.id = g.parent_id
                   WHERE g.deleted_at IS NULL AND p.deleted_at IS NOT NULL";
    assert_eq!(rows::number(db, orphans), 0, "a live group stands under a deleted one");
    let reached = "WITH RECURSIVE below(id, depth) AS (
                       SELECT id, 0 FROM groups WHERE parent_id IS NULL
                       UNION ALL SELECT g.id, b.depth + 1 FROM groups g JOIN below b ON g.parent_id = b.id
                       WHERE g.deleted_at IS NULL AND b.depth < 20)
                   SELECT jsonb_build_array(count(*) = (SELECT count(*) FROM groups WHERE deleted_at IS NULL), max(depth) <= 8)
                   FROM below";
    assert_eq!(rows::one(db, reached), json!([true, true]), "a cycle, or too deep");
}

fn statuses(answers: &[Answer; 2]) -> [u16; 2] {
    [answers[0].status, answers[1].status]
}

#[test]
fn of_two_who_take_a_name_or_a_code_one_is_refused() {
    let app = TestApp::new();
    for (one, other, field, made) in [
        (json!({"name": "Same", "code": "A1"}), json!({"name": "SAME", "code": "A2"}), "name", "lower(name) = 'same'"),
        (json!({"name": "B one", "code": "B"}), json!({"name": "B two", "code": "B"}), "code", "code = 'B'"),
    ] {
        let answers = meet(&app, |api| api.post(GROUPS, &one), |api| api.post(GROUPS, &other));
        assert_eq!(statuses(&answers), [201, 422], "{}", answers[1].json);
        assert_eq!(answers[1].json["errors"][0]["field"], field);
        assert_eq!(rows::number(&app.db, &format!("SELECT count(*) FROM groups WHERE {made}")), 1);
    }
    let groups = ["X", "Y"].map(|code| rows::group(&app.db, code, code, None));
    let rename =
        |id: Uuid, name: &'static str| move |api: &Api| api.patch(&format!("{GROUPS}/{id}"), &json!({ "name": name }));
    let answers = meet(&app, rename(groups[0], "Ärger"), rename(groups[1], "ÄRGER"));
    assert_eq!(statuses(&answers), [200, 422], "{}", answers[1].json);
    assert_eq!(answers[1].json["errors"][0]["field"], "name");
}

#[test]
fn two_suggested_codes_are_two_codes() {
    let app = TestApp::new();
    let answers = meet(
        &app,
        |api| api.post(GROUPS, &json!({"name": "Gold!"})),
        |api| api.post(GROUPS, &json!({"name": "Gold?"})),
    );
    assert_eq!(statuses(&answers), [201, 201], "{} {}", answers[0].json, answers[1].json);
    assert_eq!(rows::texts(&app.db, "SELECT code FROM groups WHERE code <> 'ALL' ORDER BY code"), ["GOLD", "GOLD-2"]);
    // The same for two copies of one group.
    let gold = rows::group_id(&app.db, "GOLD");
    let browsers = [Role::Editor, Role::Admin].map(|role| app.sign_in(role));
    let held = Held::tree(&app.db);
    let made = std::thread::scope(|threads| {
        let copies =
            browsers.map(|browser| threads.spawn(move || browser.post(&format!("/groups/{gold}/copy"), &[]).status));
        held.until_waiting(&app.db, 2);
        held.run("COMMIT");
        copies.map(|copy| copy.join().unwrap())
    });
    assert_eq!(made, [303, 303]);
    let name = rows::texts(&app.db, "SELECT name FROM groups WHERE code = 'GOLD'").remove(0);
    let copies = rows::texts(&app.db, "SELECT name FROM groups WHERE name LIKE '%copy%' ORDER BY name");
    assert_eq!(copies, [format!("{name} copy"), format!("{name} copy 2")]);
}

#[test]
fn two_moves_cannot_close_a_cycle() {
    let app = TestApp::new();
    let move_to =
        |id: Uuid, parent: Uuid| move |api: &Api| api.patch(&format!("{GROUPS}/{id}"), &json!({ "parentId": parent }));
    for n in 0..3 {
        let [a, b] = ["A", "B"].map(|name| rows::group(&app.db, &format!("{name}{n}"), &format!("{name} {n}"), None));
        let low = rows::group(&app.db, &format!("LOW{n}"), &format!("Low {n}"), Some(b));
        let answers = meet(&app, move_to(a, low), move_to(b, a));
        assert_eq!(statuses(&answers), [200, 422], "{}", answers[1].json);
        assert_eq!(answers[1].json["errors"][0]["field"], "parentId");
        assert_eq!(
            answers[1].json["errors"][0]["message"],
            "A group can't stand under itself or under one of its own subgroups."
        );
    }
}

#[test]
fn two_moves_cannot_go_too_deep() {
    let app = TestApp::new();
    let chain = |name: &str, levels: u32| {
        (1..=levels)
            .fold(None, |above, n| Some(rows::group(&app.db, &format!("{name}{n}"), &format!("{name} {n}"), above)))
            .unwrap()
    };
    // 3 + 3 + 3 levels: each move alone is fine.
    let (a, b) = (chain("A", 3), chain("B", 3));
    chain("C", 3);
    let [b_top, c_top] = ["B1", "C1"].map(|code| rows::group_id(&app.db, code));
    let move_to =
        |id: Uuid, parent: Uuid| move |api: &Api| api.patch(&format!("{GROUPS}/{id}"), &json!({ "parentId": parent }));
    let answers = meet(&app, move_to(b_top, a), move_to(c_top, b));
    assert_eq!(statuses(&answers), [200, 422], "{}", answers[1].json);
    assert_eq!(answers[1].json["errors"][0]["field"], "parentId");
}

#[test]
fn of_two_who_change_the_same_version_one_is_told() {
    let app = TestApp::new();
    let one = rows::group(&app.db, "ONE", "One", None);
    let path = format!("{GROUPS}/{one}");
    let patch = |name: &'static str| {
        let path = path.clone();
        move |api: &Api| api.send("PATCH", &path, &[("if-match", "\"v1\"")], Some(&json!({ "name": name }).to_string()))
    };
    let answers = meet(&app, patch("Mine"), patch("Theirs"));
    assert_eq!(statuses(&answers), [200, 409], "{}", answers[1].json);
    assert_eq!(rows::one(&app.db, "SELECT name FROM groups WHERE code = 'ONE'"), answers[0].json["name"]);
    let answers = meet(&app, |api| api.delete(&path), |api| api.delete(&path));
    assert_eq!(statuses(&answers), [204, 404], "{}", answers[1].json);
}

#[test]
fn nobody_comes_under_a_group_that_is_being_deleted() {
    let app = TestApp::new();
    for n in 0..4 {
        let [gone, other] =
            ["GONE", "OTHER"].map(|code| rows::group(&app.db, &format!("{code}{n}"), &format!("{code} {n}"), None));
        let deletes = |api: &Api| api.delete(&format!("{GROUPS}/{gone}"));
        let body = json!({"name": format!("Child {n}"), "parentId": gone});
        let answers = if n % 2 == 0 {
            meet(&app, deletes, |api| api.post(GROUPS, &body))
        } else {
            meet(&app, deletes, |api| api.patch(&format!("{GROUPS}/{other}"), &json!({ "parentId": gone })))
        };
        // Whoever comes first: the child is moved up, or it is refused.
        let refusal = answers.iter().find(|answer| answer.status == 422);
        let [first, second] = statuses(&answers);
        assert!([200, 201, 204].contains(&first) && [201, 204, 422].contains(&second), "{first} {second}");
        if let Some(refusal) = refusal {
            assert_eq!(refusal.json["errors"][0]["field"], "parentId", "{}", refusal.json);
        }
    }
}

#[test]
fn deleting_and_joining_at_once_do_not_wait_for_each_other() {
    let app = TestApp::new();
    let one = rows::group(&app.db, "ONE", "One", None);
    let [early, late] = ["EARLY", "LATE"].map(|code| rows::customer(&app.db, code));
    rows::member(&app.db, one, early, "2026-01-01", By::Hand, true);
    let api = app.api(Role::Admin);
    // An import that is writing memberships holds the totals, and goes on to the group.
    let import = Held::new(&app.db, "SELECT 1 FROM store_totals FOR UPDATE");
    std::thread::scope(|threads| {
        let deletion = threads.spawn(|| api.delete(&format!("{GROUPS}/{one}")));
        import.until_waiting(&app.db, 1);
        import.run(&format!(
            "INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule) VALUES ('{one}', '{late}', now(), true, false)"
        ));
        import.run("COMMIT");
        let answer = deletion.join().unwrap();
        assert_eq!((answer.status, answer.json), (204, Value::Null));
    });
    let kept = "SELECT jsonb_build_array(g.member_count, t.grouped_customers) FROM groups g, store_totals t WHERE g.code = 'ONE'";
    assert_eq!(rows::one(&app.db, kept), json!([2, 0]));
}

#[test]
fn the_default_group_cannot_be_chosen_while_it_is_deleted() {
    let app = TestApp::new();
    let one = rows::group(&app.db, "ONE", "One", None);
    let api = app.api(Role::Admin);
    api.get(GROUPS);
    let settings = Held::new(&app.db, "SELECT 1 FROM store_settings FOR UPDATE");
    std::thread::scope(|threads| {
        let deletion = threads.spawn(|| api.delete(&format!("{GROUPS}/{one}")));
        settings.until_waiting(&app.db, 1);
        settings.run(&format!("UPDATE store_settings SET default_group_id = '{one}'"));
        settings.run("COMMIT");
        assert_eq!(deletion.join().unwrap().status, 409);
    });
    assert_eq!(rows::one(&app.db, "SELECT deleted_at IS NULL FROM groups WHERE code = 'ONE'"), json!(true));
}

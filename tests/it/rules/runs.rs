//! Runs: who joins and leaves, what is refused, held and kept, and that each due run happens once.

use crate::support::TestDb;
use crate::support::rows::{By, customer, group, id, member, number, one, primary, run, texts};
use chrono::{DateTime, Duration, Utc};
use clientele::auth::role::{Actor, Role};
use clientele::error::{Error, Result};
use clientele::jobs::scheduler::tick;
use clientele::rules::actions::{self, Approval, DueRun, Expected};
use clientele::rules::run::{Every, Outcome, Trigger};
use clientele::rules::store::runs::Run;
use diesel::{Connection, PgConnection};
use serde_json::{Value, json};
use std::sync::Barrier;
use uuid::Uuid;

/// A Tuesday at noon.
fn noon() -> DateTime<Utc> {
    "2026-03-10T12:00:00Z".parse().unwrap()
}

fn midnight() -> DateTime<Utc> {
    "2026-03-11T00:00:00Z".parse().unwrap()
}

fn editor() -> Actor {
    Actor { name: "Ann Lee".into(), role: Role::Editor, ..Actor::command_line() }
}

/// A group of this type, without a rule.
fn typed(db: &TestDb, code: &str, kind: &str) -> Uuid {
    let id = group(db, code, &format!("{code} group"), None);
    run(db, &format!("UPDATE groups SET type = '{kind}' WHERE id = '{id}'"));
    id
}

/// A customer whose region is `R`, which the rules of these tests ask for.
fn resident(db: &TestDb, code: &str) -> Uuid {
    let id = customer(db, code);
    run(db, &format!("UPDATE customers SET region = 'R' WHERE id = '{id}'"));
    id
}

fn in_region() -> Value {
    json!({"match": "all", "of": [{"field": "region", "op": "eq", "value": "R"}]})
}

fn save(db: &TestDb, group: Uuid, rule: &Value) -> Result<Run> {
    db.conn().transaction(|conn| actions::save(conn, &editor(), group, rule, None, None, noon()))
}

fn run_now(db: &TestDb, group: Uuid) -> Result<Run> {
    db.conn().transaction(|conn| actions::run_now(conn, &editor(), group, noon()))
}

/// Members as `code: by hand, by rule`.
fn members(db: &TestDb, group: Uuid) -> Vec<String> {
    texts(
        db,
        &format!(
            "SELECT c.code || ':' || CASE WHEN m.by_hand THEN 'h' ELSE '' END || CASE WHEN m.by_rule THEN 'r' ELSE '' END
             FROM memberships m JOIN customers c ON c.id = m.customer_id WHERE m.group_id = '{group}' ORDER BY c.code"
        ),
    )
}

#[test]
fn saving_runs_and_a_second_run_changes_nothing() {
    let db = TestDb::new();
    let (auto, other) = (typed(&db, "AUTO", "automatic"), group(&db, "OTHER", "Other", None));
    let (a, _b) = (resident(&db, "A"), resident(&db, "B"));
    let c = customer(&db, "C");
    for (code, status) in [("D", "blocked"), ("E", "inactive")] {
        let id = resident(&db, code);
        run(&db, &format!("UPDATE customers SET status = '{status}' WHERE id = '{id}'"));
    }
    // Somebody by hand who doesn't match, and somebody by hand who does, from when the group was hybrid.
    member(&db, auto, c, "2025-01-01", By::Hand, true);
    member(&db, other, c, "2025-02-01", By::Hand, false);
    member(&db, auto, a, "2025-01-01", By::Hand, true);

    let first = save(&db, auto, &in_region()).unwrap();
    assert_eq!((first.trigger(), first.outcome(), first.is_full), (Trigger::Save, Outcome::Done, true));
    let tally = first.tally();
    assert_eq!((tally.matched, tally.joined, tally.left, tally.refused_status, tally.refused()), (4, 1, 1, 2, 2));
    assert_eq!(members(&db, auto), ["A:r", "B:r"]);
    assert_eq!(primary(&db, c), ["OTHER"], "the primary group was left");
    assert_eq!(number(&db, "SELECT member_count FROM groups WHERE code = 'AUTO'"), 2);

    let second = run_now(&db, auto).unwrap();
    let tally = second.tally();
    assert_eq!((tally.matched, tally.joined, tally.left, tally.refused_status), (4, 0, 0, 2));
    // The join and the leave are kept as the first run's, and nothing of the second.
    let events = texts(
        &db,
        "SELECT c.code || ' ' || e.kind || ' ' || e.assignment || ' ' || e.actor_kind || ' ' || e.reason || ' ' ||
                (e.batch_id = (SELECT id FROM rule_runs WHERE cause = 'save'))
         FROM membership_events e JOIN customers c ON c.id = e.customer_id ORDER BY c.code",
    );
    assert_eq!(
        events,
        ["B joined rule rule_run rule saved by Ann Lee true", "C left manual rule_run rule saved by Ann Lee true"]
    );
    let runs = texts(&db, "SELECT cause || ' ' || actor_name || ' ' || outcome FROM rule_runs ORDER BY started_at, id");
    assert_eq!(runs, ["save Ann Lee done", "by_hand Ann Lee done"]);
    let audit = texts(&db, "SELECT action FROM audit_events ORDER BY at, id");
    assert_eq!(audit, ["rule.saved", "rule.run"], "a run that changes nothing is no change");
    assert_eq!(one(&db, "SELECT rule FROM groups WHERE code = 'AUTO'"), in_region());
    assert_eq!(number(&db, "SELECT version FROM groups WHERE code = 'AUTO'"), 2);
}

#[test]
fn in_a_hybrid_group_the_pinned_stay_and_the_excluded_stay_out() {
    let db = TestDb::new();
    let hybrid = typed(&db, "HYBRID", "hybrid");
    let (pinned, both, excluded) = (customer(&db, "PINNED"), resident(&db, "BOTH"), resident(&db, "EXCLUDED"));
    let gone = customer(&db, "GONE");
    member(&db, hybrid, pinned, "2025-01-01", By::Both, false);
    member(&db, hybrid, both, "2025-01-01", By::Hand, false);
    member(&db, hybrid, gone, "2025-01-01", By::Rule, false);
    run(
        &db,
        &format!(
            "INSERT INTO membership_exclusions (group_id, customer_id, since) VALUES ('{hybrid}', '{excluded}', now())"
        ),
    );
    let done = save(&db, hybrid, &in_region()).unwrap();
    let tally = done.tally();
    assert_eq!((tally.matched, tally.joined, tally.left, tally.excluded), (2, 0, 1, 1));
    assert_eq!(members(&db, hybrid), ["BOTH:hr", "PINNED:h"]);
    run_now(&db, hybrid).unwrap();
    assert_eq!(members(&db, hybrid), ["BOTH:hr", "PINNED:h"]);
    // The rule no longer matches somebody who was pinned: the membership by hand stays.
    run(&db, &format!("UPDATE customers SET region = 'X' WHERE id = '{both}'"));
    run_now(&db, hybrid).unwrap();
    assert_eq!(members(&db, hybrid), ["BOTH:h", "PINNED:h"]);
    // Lifted, the exclusion no longer keeps anybody out.
    run(&db, "DELETE FROM membership_exclusions");
    run_now(&db, hybrid).unwrap();
    assert_eq!(members(&db, hybrid), ["BOTH:h", "EXCLUDED:r", "PINNED:h"]);
}

#[test]
fn the_longest_standing_customers_come_first_where_places_are_few() {
    let db = TestDb::new();
    let auto = typed(&db, "AUTO", "automatic");
    run(&db, "UPDATE groups SET capacity = 3 WHERE code = 'AUTO'");
    for (code, since) in
        [("D", "'2020-01-01'"), ("C", "'2020-01-01'"), ("NONE", "NULL"), ("A", "'2024-01-01'"), ("B", "'2019-01-01'")]
    {
        let id = resident(&db, code);
        run(&db, &format!("UPDATE customers SET customer_since = {since} WHERE id = '{id}'"));
    }
    let tally = save(&db, auto, &in_region()).unwrap().tally();
    assert_eq!((tally.matched, tally.joined, tally.refused_capacity), (5, 3, 2));
    assert_eq!(members(&db, auto), ["B:r", "C:r", "D:r"]);
    // A place becomes free, and the next in the row joins.
    run(&db, "UPDATE customers SET region = 'X' WHERE code = 'B'");
    let tally = run_now(&db, auto).unwrap().tally();
    assert_eq!((tally.joined, tally.left, tally.refused_capacity), (1, 1, 1));
    assert_eq!(members(&db, auto), ["A:r", "C:r", "D:r"]);
    let again = run_now(&db, auto).unwrap().tally();
    assert_eq!((again.joined, again.left, again.refused_capacity), (0, 0, 1));
}

#[test]
fn what_cannot_be_saved_changes_nothing() {
    let db = TestDb::new();
    let (manual, auto) = (typed(&db, "MANUAL", "manual"), typed(&db, "AUTO", "automatic"));
    resident(&db, "A");
    let before = crate::support::rows::checksums(&db);
    let viewer = Actor { role: Role::Viewer, ..editor() };
    let conn = &mut db.conn();
    let mut refused = |actor: &Actor, group, rule: &Value, expected| {
        conn.transaction(|conn| actions::save(conn, actor, group, rule, None, expected, noon())).unwrap_err()
    };
    assert!(matches!(refused(&viewer, auto, &in_region(), None), Error::Forbidden(_)));
    assert!(matches!(refused(&editor(), manual, &in_region(), None), Error::Invalid(_)));
    assert!(matches!(refused(&editor(), clientele::groups::group::ROOT_ID, &in_region(), None), Error::Invalid(_)));
    assert!(matches!(refused(&editor(), Uuid::now_v7(), &in_region(), None), Error::NotFound(_)));
    let own = json!({"match": "all", "of": [{"field": "in_group", "op": "eq", "value": "AUTO"}]});
    match refused(&editor(), auto, &own, None) {
        Error::Invalid(fields) => assert_eq!(fields[0].field, "rule.of[0].value"),
        other => panic!("{other}"),
    }
    let shown = |version, joins| Some(Expected { version, joins, leaves: 0 });
    assert!(matches!(refused(&editor(), auto, &in_region(), shown(7, 1)), Error::Stale(_)));
    // Two would have joined when it was shown; now it is one.
    assert!(matches!(refused(&editor(), auto, &in_region(), shown(1, 2)), Error::Conflict(_)));
    assert!(matches!(
        conn.transaction(|conn| actions::run_now(conn, &editor(), auto, noon())).unwrap_err(),
        Error::Conflict(_)
    ));
    crate::support::rows::assert_unchanged(&db, &before);
    conn.transaction(|conn| actions::save(conn, &editor(), auto, &in_region(), Some(Every::Week), shown(1, 1), noon()))
        .unwrap();
    assert_eq!(
        one(&db, "SELECT every || ' ' || (next_run_at AT TIME ZONE 'UTC') FROM rule_schedules"),
        "week 2026-03-16 00:00:00"
    );
}

/// A group with this many members by rule, of whom `left` no longer match.
fn shrunken(db: &TestDb, members: usize, left: usize) -> Uuid {
    let auto = typed(db, "AUTO", "automatic");
    run(
        db,
        &format!(
            "INSERT INTO customers (id, code, name, region)
             SELECT uuid_v7(), 'C' || lpad(n::text, 4, '0'), 'Customer ' || n, 'R' FROM generate_series(1, {members}) n"
        ),
    );
    save(db, auto, &in_region()).unwrap();
    run(db, &format!("UPDATE customers SET region = 'X' WHERE code <= 'C' || lpad('{left}', 4, '0')"));
    auto
}

#[test]
fn a_run_that_nobody_looks_at_is_held_where_too_many_would_leave() {
    let db = TestDb::new();
    let auto = shrunken(&db, 100, 51);
    let conn = &mut db.conn();
    assert_eq!(actions::run_due(conn, noon()).unwrap(), None, "not due yet");
    assert_eq!(actions::run_due(conn, midnight()).unwrap(), Some(DueRun::Ran(Outcome::Held)));
    assert_eq!(actions::run_due(conn, midnight()).unwrap(), None);
    assert_eq!(members(&db, auto).len(), 100, "nothing was changed");
    let held = id(&db, "SELECT id FROM rule_runs WHERE outcome = 'held'");
    assert_eq!(number(&db, "SELECT \"left\" FROM rule_runs WHERE outcome = 'held'"), 51);
    assert_eq!(number(&db, &format!("SELECT count(*) FROM rule_run_leaves WHERE run_id = '{held}'")), 51);
    assert_eq!(
        number(&db, "SELECT count(*) FROM audit_events WHERE action = 'rule.held' AND actor_kind = 'rule_run'"),
        1
    );

    // One more would leave: who approves hasn't seen that, so a new list waits.
    run(&db, "UPDATE customers SET region = 'X' WHERE code = 'C0100'");
    let approve = |conn: &mut PgConnection, held| {
        conn.transaction(|conn| actions::approve(conn, &editor(), auto, held, midnight()))
    };
    let Approval::ListChanged(again) = approve(conn, held).unwrap() else { panic!("the list changed") };
    assert_eq!(again.tally().left, 52);
    assert!(matches!(approve(conn, held).unwrap_err(), Error::Conflict(_)), "the old one is replaced");
    // One less leaves than was approved: that is fine.
    run(&db, "UPDATE customers SET region = 'R' WHERE code = 'C0001'");
    let Approval::Ran(done) = approve(conn, again.id).unwrap() else { panic!("approved") };
    assert_eq!((done.trigger(), done.tally().left), (Trigger::Approval, 51));
    assert_eq!(members(&db, auto).len(), 49);
    let runs = texts(
        &db,
        "SELECT cause || ' ' || outcome || coalesce(' by ' || decided_by, '') FROM rule_runs ORDER BY started_at, id",
    );
    assert_eq!(runs, ["save done", "schedule superseded", "schedule approved by Ann Lee", "approval done"]);
    assert_eq!(number(&db, "SELECT count(*) FROM rule_run_leaves"), 0);
}

#[test]
fn a_held_run_can_be_discarded_and_is_held_again_the_next_day() {
    let db = TestDb::new();
    let auto = shrunken(&db, 100, 60);
    let conn = &mut db.conn();
    actions::run_due(conn, midnight()).unwrap();
    let held = id(&db, "SELECT id FROM rule_runs WHERE outcome = 'held'");
    let viewer = Actor { role: Role::Viewer, ..editor() };
    assert!(matches!(actions::discard(conn, &viewer, auto, held, midnight()).unwrap_err(), Error::Forbidden(_)));
    conn.transaction(|conn| actions::discard(conn, &editor(), auto, held, midnight())).unwrap();
    assert!(matches!(actions::discard(conn, &editor(), auto, held, midnight()).unwrap_err(), Error::Conflict(_)));
    assert_eq!(members(&db, auto).len(), 100);
    assert_eq!(actions::run_due(conn, midnight() + Duration::days(1)).unwrap(), Some(DueRun::Ran(Outcome::Held)));
    // Who looks on isn't held up: "Run now" does it, and what waited is outdated.
    run_now(&db, auto).unwrap();
    assert_eq!(members(&db, auto).len(), 40);
    assert_eq!(
        texts(&db, "SELECT outcome FROM rule_runs ORDER BY started_at, id")[1..],
        ["done", "discarded", "superseded"]
    );
}

#[test]
fn the_stores_share_decides_what_is_held() {
    let db = TestDb::new();
    let auto = shrunken(&db, 100, 60);
    run(&db, "UPDATE store_settings SET rule_guard_percent = 60");
    assert_eq!(actions::run_due(&mut db.conn(), midnight()).unwrap(), Some(DueRun::Ran(Outcome::Done)));
    assert_eq!(members(&db, auto).len(), 40);
}

#[test]
fn several_nodes_run_what_is_due_once() {
    let db = TestDb::new();
    for n in 0..6 {
        let auto = typed(&db, &format!("AUTO{n}"), "automatic");
        save(&db, auto, &in_region()).unwrap();
    }
    resident(&db, "A");
    let together = Barrier::new(4);
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                let mut conn = db.conn();
                together.wait();
                while tick(&mut conn, midnight()).unwrap() {}
            });
        }
    });
    let runs = texts(
        &db,
        "SELECT g.code || ' ' || count(*) FROM rule_runs r JOIN groups g ON g.id = r.group_id WHERE r.cause = 'schedule' GROUP BY g.code ORDER BY 1",
    );
    assert_eq!(runs, (0..6).map(|n| format!("AUTO{n} 1")).collect::<Vec<_>>());
    assert_eq!(number(&db, "SELECT count(*) FROM memberships WHERE by_rule"), 6);
    assert_eq!(
        number(
            &db,
            "SELECT count(*) FROM rule_schedules WHERE next_run_at = '2026-03-12T00:00:00Z' AND evaluated_at = '2026-03-11T00:00:00Z'"
        ),
        6
    );
}

#[test]
fn a_run_that_a_dead_node_had_begun_is_done_by_another() {
    let db = TestDb::new();
    let auto = typed(&db, "AUTO", "automatic");
    save(&db, auto, &in_region()).unwrap();
    resident(&db, "A");
    let mut dying = db.conn();
    dying.begin_test_transaction().unwrap();
    assert_eq!(actions::run_due(&mut dying, midnight()).unwrap(), Some(DueRun::Ran(Outcome::Done)));
    assert_eq!(actions::run_due(&mut db.conn(), midnight()).unwrap(), None, "somebody is at it");
    drop(dying);
    let conn = &mut db.conn();
    // The server notices that the other one is gone a moment after it is.
    let ran = (0..1000).find_map(|_| actions::run_due(conn, midnight()).unwrap());
    assert_eq!(ran, Some(DueRun::Ran(Outcome::Done)));
    assert_eq!(members(&db, auto), ["A:r"]);
}

#[test]
fn a_failure_is_recorded_and_tried_again() {
    let db = TestDb::new();
    let auto = typed(&db, "AUTO", "automatic");
    let money = json!({"match": "all", "of": [{"field": "total_purchases", "op": "gte", "value": "0.50"}]});
    save(&db, auto, &money).unwrap();
    // Yen have no decimals: the stored rule can't be read any more.
    run(&db, "UPDATE store_settings SET currency = 'JPY'");
    let conn = &mut db.conn();
    assert_eq!(actions::run_due(conn, midnight()).unwrap(), Some(DueRun::Ran(Outcome::Failed)));
    assert_eq!(actions::run_due(conn, midnight()).unwrap(), None);
    assert_eq!(actions::run_due(conn, midnight() + Duration::minutes(5)).unwrap(), Some(DueRun::Ran(Outcome::Failed)));
    let told = one(&db, "SELECT failure FROM rule_runs WHERE outcome = 'failed' LIMIT 1");
    assert!(told.as_str().unwrap().contains("more decimals than JPY"), "{told}");
    assert_eq!(
        one(&db, "SELECT failures || ' ' || (next_run_at AT TIME ZONE 'UTC') FROM rule_schedules"),
        "2 2026-03-11 00:15:00"
    );
    run(&db, "UPDATE store_settings SET currency = 'USD'");
    assert_eq!(actions::run_due(conn, midnight() + Duration::hours(1)).unwrap(), Some(DueRun::Ran(Outcome::Done)));
    assert_eq!(number(&db, "SELECT failures FROM rule_schedules"), 0);
}

#[test]
fn groups_that_have_nothing_to_run_wait_for_better_days() {
    let db = TestDb::new();
    let auto = typed(&db, "AUTO", "automatic");
    save(&db, auto, &in_region()).unwrap();
    run(&db, "UPDATE groups SET type = 'manual' WHERE code = 'AUTO'");
    let conn = &mut db.conn();
    assert_eq!(actions::run_due(conn, midnight()).unwrap(), Some(DueRun::Skipped));
    assert_eq!(actions::run_due(conn, midnight()).unwrap(), None);
    assert_eq!(number(&db, "SELECT count(*) FROM rule_runs"), 1);
}

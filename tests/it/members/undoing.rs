//! Undoing changes of members: exactly what was, unless somebody changed it since.

use super::{add, assert_counts, by, causes, done, editor, members, now, remove, typed, undo};
use crate::support::TestDb;
use crate::support::rows::{self, By};
use chrono::TimeDelta;
use clientele::error::Error;
use clientele::members::actions;
use clientele::members::choice::{Afterwards, Mode};
use clientele::members::refusal::Cause;
use clientele::members::selection::Selection;

/// Memberships in full.
fn whole(db: &TestDb) -> Vec<String> {
    rows::texts(
        db,
        "SELECT concat_ws(' ', group_id, customer_id, since, by_hand, by_rule, is_primary) FROM memberships ORDER BY 1",
    )
}

#[test]
fn undoing_puts_back_exactly_what_was() {
    let db = TestDb::new();
    let [target, other] = ["TARGET", "OTHER"].map(|code| typed(&db, code, "manual"));
    let hybrid = typed(&db, "HYBRID", "hybrid");
    let customers = ["A", "B", "C"].map(|code| rows::customer(&db, code));
    for customer in customers {
        rows::member(&db, other, customer, "2020-01-01", By::Hand, true);
        rows::member(&db, hybrid, customer, "2020-01-02", By::Both, false);
    }
    let before = whole(&db);
    for mode in Mode::ALL {
        let (batch, outcome) = add(&db, target, &customers, mode);
        assert_eq!(outcome.joined, 3);
        assert_ne!(whole(&db), before);
        let (_, outcome) = undo(&db, target, batch);
        assert_eq!((outcome.left, outcome.refused), (3, 0), "{mode:?}");
        assert_eq!(whole(&db), before, "{mode:?}");
    }
    for afterwards in [Afterwards::Nothing, Afterwards::Join(target)] {
        let (batch, outcome) = remove(&db, hybrid, &customers, afterwards);
        assert_eq!((outcome.left, rows::number(&db, "SELECT count(*) FROM membership_exclusions")), (3, 3));
        let (_, outcome) = undo(&db, hybrid, batch);
        assert_eq!(outcome.joined, 3);
        assert_eq!(whole(&db), before, "{afterwards:?}");
        assert_eq!(rows::number(&db, "SELECT count(*) FROM membership_exclusions"), 0);
        let twice = by(&db, &editor(), now(), |conn, asked| actions::undo(conn, asked, hybrid, batch));
        assert!(matches!(&twice, Err(Error::Conflict(text)) if text.contains("undone already")), "{twice:?}");
    }
    assert_counts(&db);
}

#[test]
fn pins_are_told_as_what_they_are() {
    let db = TestDb::new();
    let [first, second] = ["FIRST", "SECOND"].map(|code| typed(&db, code, "hybrid"));
    let customers: Vec<_> = (0..3).map(|n| rows::customer(&db, &format!("C{n}"))).collect();
    for customer in &customers {
        rows::member(&db, first, *customer, "2020-01-01", By::Rule, true);
    }
    let before = whole(&db);
    let (pinning, outcome) = add(&db, first, &customers, Mode::Only);
    assert_eq!((outcome.pinned, outcome.joined), (3, 0));
    // The membership by rule stays, only its pin goes.
    let (moving, outcome) = add(&db, second, &customers[..1], Mode::Move);
    assert_eq!((outcome.joined, outcome.left_elsewhere, outcome.unpinned_elsewhere), (1, 0, 1));
    let (_, outcome) = undo(&db, second, moving);
    assert_eq!((outcome.left, outcome.put_back), (1, 1));
    let (_, outcome) = undo(&db, first, pinning);
    assert_eq!((outcome.put_back, outcome.pinned), (3, 0));
    assert_eq!(whole(&db), before);
}

#[test]
fn after_a_day_nothing_is_kept() {
    let db = TestDb::new();
    let target = typed(&db, "TARGET", "manual");
    let customer = rows::customer(&db, "A");
    let (batch, _) = add(&db, target, &[customer], Mode::Only);
    let late = now() + TimeDelta::hours(25);
    let refused = by(&db, &editor(), late, |conn, asked| actions::undo(conn, asked, target, batch));
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    done(by(&db, &editor(), late, |conn, asked| {
        actions::remove(conn, asked, target, &Selection::ids([customer]), Afterwards::Nothing)
    }));
    let steps = format!("SELECT count(*) FROM membership_batch_steps WHERE batch_id = '{batch}'");
    assert_eq!(rows::number(&db, &steps), 0);
}

#[test]
fn undoing_leaves_alone_what_somebody_changed_since() {
    let db = TestDb::new();
    let [target, other] = ["TARGET", "OTHER"].map(|code| typed(&db, code, "manual"));
    let customers = ["FINE", "GONE", "LEFT", "PINNED", "ELSEWHERE"].map(|code| rows::customer(&db, code));
    let [_, gone, left, pinned, elsewhere] = customers;
    let (batch, _) = add(&db, target, &customers, Mode::Only);
    rows::run(&db, &format!("DELETE FROM customers WHERE id = '{gone}'"));
    remove(&db, target, &[left], Afterwards::Nothing);
    rows::run(&db, &format!("UPDATE memberships SET by_rule = true WHERE customer_id = '{pinned}'"));
    // Joined another group since: that stays, and becomes the primary one.
    add(&db, other, &[elsewhere], Mode::Only);
    let (_, outcome) = undo(&db, target, batch);
    assert_eq!(outcome.left, 2);
    let mut found = causes(&outcome);
    found.sort_unstable();
    assert_eq!(found, [("", Cause::UnknownCustomer), ("LEFT", Cause::ChangedSince), ("PINNED", Cause::ChangedSince)]);
    assert_eq!(members(&db), ["ELSEWHERE OTHER h*", "PINNED TARGET hr*"]);
    assert_counts(&db);
}

#[test]
fn who_has_another_primary_group_or_no_place_does_not_come_back() {
    let db = TestDb::new();
    let [full, other] = ["FULL", "OTHER"].map(|code| typed(&db, code, "manual"));
    let customers = ["1", "2", "3"].map(|code| rows::customer(&db, code));
    add(&db, full, &customers, Mode::Only);
    let (batch, _) = remove(&db, full, &customers, Afterwards::Nothing);
    add(&db, other, &customers[..1], Mode::Only);
    rows::run(&db, "UPDATE groups SET capacity = 1 WHERE code = 'FULL'");
    let (_, outcome) = undo(&db, full, batch);
    let mut found = causes(&outcome);
    found.sort_unstable();
    assert_eq!((outcome.joined, found), (1, vec![("1", Cause::ChangedSince), ("3", Cause::Full)]));
    assert_eq!(members(&db), ["1 OTHER h*", "2 FULL h*"]);
    assert_counts(&db);
}

//! Adding, removing, undoing: what the actions do with a selection.

use super::{add, assert_counts, by, causes, done, editor, events, measure, members, now, remove, typed, undo};
use crate::support::TestDb;
use crate::support::rows::{self, By};
use clientele::audit::event::Event;
use clientele::audit::filter::Filter as AuditFilter;
use clientele::auth::role::{Actor, Role};
use clientele::db::keyset::Place;
use clientele::error::Error;
use clientele::members::actions::{self, Done};
use clientele::members::choice::{Afterwards, Mode};
use clientele::members::listing::Filter;
use clientele::members::outcome::Outcome;
use clientele::members::refusal::Cause;
use clientele::members::selection::{Seen, Selection};
use clientele::members::store::{candidates, explain, list};
use uuid::Uuid;

#[test]
fn each_mode_of_adding_does_what_it_says() {
    let db = TestDb::new();
    let [target, other] = ["TARGET", "OTHER"].map(|code| typed(&db, code, "manual"));
    let [hybrid, automatic] = [("HYBRID", "hybrid"), ("AUTO", "automatic")].map(|(code, kind)| typed(&db, code, kind));
    let deleted = typed(&db, "DELETED", "manual");
    let [only, moved, primary] = ["ONLY", "MOVED", "PRIMARY"].map(|code| rows::customer(&db, code));
    for customer in [only, moved, primary] {
        rows::member(&db, other, customer, "2020-01-01", By::Hand, true);
        rows::member(&db, hybrid, customer, "2020-01-02", By::Both, false);
        rows::member(&db, automatic, customer, "2020-01-03", By::Rule, false);
        rows::member(&db, deleted, customer, "2020-01-04", By::Hand, false);
    }
    rows::run(&db, "UPDATE groups SET deleted_at = now() WHERE code = 'DELETED'");
    assert_eq!(add(&db, target, &[only], Mode::Only).1, Outcome { joined: 1, ..Outcome::default() });
    let (_, outcome) = add(&db, target, &[moved], Mode::Move);
    assert_eq!(outcome, Outcome { joined: 1, left_elsewhere: 1, unpinned_elsewhere: 1, ..Outcome::default() });
    let (_, outcome) = add(&db, target, &[primary], Mode::Primary);
    assert_eq!(outcome, Outcome { joined: 1, primary: 1, ..Outcome::default() });
    assert_eq!(
        members(&db),
        [
            "MOVED AUTO r",
            "MOVED DELETED h",
            // By rule it stays, and it is the longest-standing one now.
            "MOVED HYBRID r*",
            "MOVED TARGET h",
            "ONLY AUTO r",
            "ONLY DELETED h",
            "ONLY HYBRID hr",
            "ONLY OTHER h*",
            "ONLY TARGET h",
            "PRIMARY AUTO r",
            "PRIMARY DELETED h",
            "PRIMARY HYBRID hr",
            "PRIMARY OTHER h",
            "PRIMARY TARGET h*",
        ]
    );
    assert_eq!(
        events(&db),
        [
            "left MOVED OTHER manual",
            "joined MOVED TARGET manual",
            "joined ONLY TARGET manual",
            "joined PRIMARY TARGET manual",
        ]
    );
    assert_eq!(rows::number(&db, "SELECT count(*) FROM membership_exclusions"), 0, "moving excludes nobody");
    assert_counts(&db);
}

#[test]
fn adding_to_a_hybrid_group_pins_and_removing_excludes() {
    let db = TestDb::new();
    let hybrid = typed(&db, "HYBRID", "hybrid");
    let customer = rows::customer(&db, "C");
    rows::member(&db, hybrid, customer, "2020-01-01", By::Rule, true);
    assert_eq!(add(&db, hybrid, &[customer], Mode::Only).1, Outcome { pinned: 1, ..Outcome::default() });
    assert_eq!(members(&db), ["C HYBRID hr*"]);
    assert_eq!(add(&db, hybrid, &[customer], Mode::Only).1, Outcome { unchanged: 1, ..Outcome::default() });
    assert_eq!(remove(&db, hybrid, &[customer], Afterwards::Nothing).1, Outcome { left: 1, ..Outcome::default() });
    assert_eq!(rows::texts(&db, "SELECT reason FROM membership_exclusions"), ["because"]);
    let (_, outcome) = add(&db, hybrid, &[customer], Mode::Only);
    assert_eq!(causes(&outcome), [("C", Cause::Excluded)]);
    by(&db, &editor(), now(), |conn, asked| actions::lift_exclusion(conn, asked, hybrid, customer)).unwrap();
    let again = by(&db, &editor(), now(), |conn, asked| actions::lift_exclusion(conn, asked, hybrid, customer));
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    assert_eq!(add(&db, hybrid, &[customer], Mode::Only).1, Outcome { joined: 1, ..Outcome::default() });
}

#[test]
fn each_outcome_of_removing_does_what_it_says() {
    let db = TestDb::new();
    let [vip, retail, full, automatic] = ["VIP", "RETAIL", "FULL", "AUTO"].map(|code| typed(&db, code, "manual"));
    rows::run(&db, "UPDATE groups SET capacity = 1 WHERE code = 'FULL'");
    rows::run(&db, "UPDATE groups SET type = 'automatic' WHERE code = 'AUTO'");
    let [a, b, c, d] = ["A", "B", "C", "D"].map(|code| rows::customer(&db, code));
    for customer in [a, b, c, d] {
        rows::member(&db, vip, customer, "2020-01-01", By::Hand, true);
    }
    rows::member(&db, retail, b, "2021-01-01", By::Hand, false);
    assert_eq!(remove(&db, vip, &[a], Afterwards::Nothing).1, Outcome { left: 1, ..Outcome::default() });
    let (_, outcome) = remove(&db, vip, &[b], Afterwards::Join(retail));
    assert_eq!(outcome, Outcome { left: 1, ..Outcome::default() }, "who is there already stays there");
    // One place for two: the second one stays where it is.
    let (_, outcome) = remove(&db, vip, &[c, d], Afterwards::Join(full));
    assert_eq!((outcome.left, outcome.joined_elsewhere, causes(&outcome)), (1, 1, vec![("D", Cause::Full)]));
    assert_eq!(outcome.named[0].refusal.sentence(), "FULL is full (capacity 1).");
    assert_eq!(members(&db), ["B RETAIL h*", "C FULL h*", "D VIP h*"]);
    assert_eq!(rows::number(&db, "SELECT count(*) FROM membership_exclusions"), 0, "a manual group excludes nobody");
    let (_, outcome) = remove(&db, vip, &[a, Uuid::now_v7()], Afterwards::Nothing);
    assert_eq!(causes(&outcome), [("A", Cause::NotAMember), ("", Cause::UnknownCustomer)]);
    for (to, sentence) in [
        (vip, "another group than"),
        (automatic, "AUTO is automatic"),
        (clientele::groups::group::ROOT_ID, "by definition"),
        (Uuid::now_v7(), "that exists"),
    ] {
        let refused = by(&db, &editor(), now(), |conn, asked| {
            actions::remove(conn, asked, vip, &Selection::ids([d]), Afterwards::Join(to))
        });
        let Err(Error::Invalid(errors)) = refused else { panic!("{refused:?}") };
        assert!(errors[0].field == "to" && errors[0].message.contains(sentence), "{errors:?}");
    }
    assert_counts(&db);
}

#[test]
fn what_nobody_may_do_is_refused_as_a_whole() {
    let db = TestDb::new();
    let [manual, automatic, deleted] = ["MANUAL", "AUTO", "DELETED"].map(|code| typed(&db, code, "manual"));
    rows::run(&db, "UPDATE groups SET type = 'automatic' WHERE code = 'AUTO'");
    rows::run(&db, "UPDATE groups SET deleted_at = now() WHERE code = 'DELETED'");
    let customer = rows::customer(&db, "C");
    let before = rows::checksums(&db);
    let try_both = |group: Uuid, selection: &Selection, actor: &Actor| {
        [
            by(&db, actor, now(), |conn, asked| actions::add(conn, asked, group, selection, Mode::Only)),
            by(&db, actor, now(), |conn, asked| actions::remove(conn, asked, group, selection, Afterwards::Nothing)),
        ]
    };
    let one = Selection::ids([customer]);
    for (group, part) in
        [(automatic, "AUTO is automatic"), (clientele::groups::group::ROOT_ID, "Every customer is in All Customers")]
    {
        for refused in try_both(group, &one, &editor()) {
            assert!(matches!(&refused, Err(Error::Conflict(text)) if text.contains(part)), "{refused:?}");
        }
    }
    for refused in try_both(deleted, &one, &editor()) {
        assert!(matches!(&refused, Err(Error::NotFound(_))), "{refused:?}");
    }
    for refused in try_both(manual, &one, &Actor { role: Role::Viewer, ..editor() }) {
        assert!(matches!(&refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    let too_many = Selection::ids((0..10_001).map(|n| Uuid::from_u128(n + 1)));
    let nobody = Selection::Matching(Filter { text: "nobody".into(), ..Filter::default() }, Seen::default());
    for (selection, part) in
        [(Selection::Ids(Vec::new()), "at least one"), (too_many, "at most 10,000"), (nobody, "Nobody matches")]
    {
        for refused in try_both(manual, &selection, &editor()) {
            let Err(Error::Invalid(errors)) = refused else { panic!("{refused:?}") };
            assert!(errors[0].message.contains(part), "{errors:?}");
        }
    }
    rows::assert_unchanged(&db, &before);
}

#[test]
fn a_selection_that_changed_since_it_was_counted_changes_nothing() {
    let db = TestDb::new();
    let group = typed(&db, "G", "manual");
    for n in 1..=5 {
        rows::customer(&db, &format!("ACME-{n}"));
    }
    let filter = Filter { text: "acme".into(), ..Filter::default() };
    let shown = candidates::seen(&mut db.conn(), &filter, &measure()).unwrap();
    assert_eq!(shown.count, 5);
    // As many as before, but others.
    rows::run(&db, "DELETE FROM customers WHERE code = 'ACME-1'");
    rows::customer(&db, "ACME-6");
    let before = rows::checksums(&db);
    let add_all = |seen| {
        let selection = Selection::Matching(filter.clone(), seen);
        by(&db, &editor(), now(), |conn, asked| actions::add(conn, asked, group, &selection, Mode::Only)).unwrap()
    };
    let Done::SelectionChanged(seen) = add_all(shown) else { panic!("it was done") };
    assert_eq!(seen.count, 5);
    rows::assert_unchanged(&db, &before);
    assert_eq!(done(Ok(add_all(seen))).1.joined, 5);
    // The same for members.
    let shown = list::seen(&mut db.conn(), group, &filter, &measure()).unwrap();
    assert_eq!(shown.count, 5);
    let one = rows::id(&db, "SELECT id FROM customers WHERE code = 'ACME-2'");
    remove(&db, group, &[one], Afterwards::Nothing);
    let remove_all = |seen| {
        let selection = Selection::Matching(filter.clone(), seen);
        by(&db, &editor(), now(), |conn, asked| actions::remove(conn, asked, group, &selection, Afterwards::Nothing))
            .unwrap()
    };
    let Done::SelectionChanged(seen) = remove_all(shown) else { panic!("it was done") };
    assert_eq!(done(Ok(remove_all(seen))).1.left, 4);
    assert_counts(&db);
}

#[test]
fn a_primary_group_is_chosen_among_those_one_is_in() {
    let db = TestDb::new();
    let [one, other] = ["ONE", "OTHER"].map(|code| typed(&db, code, "manual"));
    let automatic = typed(&db, "AUTO", "automatic");
    let customer = rows::customer(&db, "C");
    rows::member(&db, one, customer, "2020-01-01", By::Hand, true);
    rows::member(&db, automatic, customer, "2021-01-01", By::Rule, false);
    by(&db, &editor(), now(), |conn, asked| actions::choose_primary(conn, asked, automatic, customer)).unwrap();
    assert_eq!(rows::primary(&db, customer), ["AUTO"]);
    let refused = by(&db, &editor(), now(), |conn, asked| actions::choose_primary(conn, asked, other, customer));
    assert!(matches!(&refused, Err(Error::Conflict(text)) if text.contains("isn't a member of OTHER")), "{refused:?}");
}

#[test]
fn every_change_is_in_the_audit_log_as_a_sentence() {
    let db = TestDb::new();
    let group = typed(&db, "VIP", "hybrid");
    let customer = rows::customer(&db, "C");
    add(&db, group, &[customer], Mode::Only);
    // It is the primary group already, so nothing is chosen.
    by(&db, &editor(), now(), |conn, asked| actions::choose_primary(conn, asked, group, customer)).unwrap();
    let (batch, _) = remove(&db, group, &[customer], Afterwards::Nothing);
    undo(&db, group, batch);
    remove(&db, group, &[customer], Afterwards::Nothing);
    by(&db, &editor(), now(), |conn, asked| actions::lift_exclusion(conn, asked, group, customer)).unwrap();
    let filter = AuditFilter { group_id: Some(group), ..AuditFilter::default() };
    let page = clientele::audit::store::page(&mut db.conn(), &filter, &Place::Start, 50).unwrap();
    let mut told: Vec<String> = page.rows.iter().map(Event::told).collect();
    told.reverse();
    assert_eq!(
        told,
        [
            "Ann added members to VIP",
            "Ann removed members from VIP",
            "Ann undid a change of the members of VIP",
            "Ann removed members from VIP",
            "Ann lifted an exclusion from VIP",
        ]
    );
    let what = page.rows.last().unwrap().changes().into_iter().find(|change| change.field == "what").unwrap();
    assert_eq!(what.after.as_deref(), Some("1 customer joined VIP."));
}

/// The plan refuses for what the troubleshooter names first, and for nothing where it names nothing.
#[test]
fn the_troubleshooter_and_the_plan_agree() {
    let db = TestDb::new();
    let filler = rows::customer(&db, "FILLER");
    let mut n = 0;
    for status in ["active", "inactive", "blocked"] {
        for kind in ["manual", "hybrid", "automatic"] {
            for there in [None, Some(By::Rule), Some(By::Hand)] {
                for (excluded, capacity) in
                    [(false, None), (true, None), (false, Some(1)), (false, Some(2)), (true, Some(1))]
                {
                    n += 1;
                    let group = typed(&db, &format!("G{n}"), kind);
                    let customer = rows::customer(&db, &format!("C{n}"));
                    rows::member(&db, group, filler, "2020-01-01", By::Rule, n == 1);
                    rows::run(&db, &format!("UPDATE customers SET status = '{status}' WHERE id = '{customer}'"));
                    if let Some(capacity) = capacity {
                        rows::run(&db, &format!("UPDATE groups SET capacity = {capacity} WHERE id = '{group}'"));
                    }
                    if let Some(by) = there {
                        rows::member(&db, group, customer, "2020-01-01", by, true);
                    }
                    if excluded {
                        let values = format!("('{group}', '{customer}', now())");
                        rows::run(
                            &db,
                            &format!(
                                "INSERT INTO membership_exclusions (group_id, customer_id, since) VALUES {values}"
                            ),
                        );
                    }
                    let (standing, _) = explain::standing(&mut db.conn(), customer, group).unwrap();
                    let named = standing.obstacles(true).first().copied();
                    let selection = Selection::ids([customer]);
                    let tried = by(&db, &editor(), now(), |conn, asked| {
                        actions::add(conn, asked, group, &selection, Mode::Only)
                    });
                    let found = match tried {
                        Ok(Done::Changed(_, outcome)) => outcome.named.first().map(|refused| refused.refusal.cause),
                        Err(Error::Conflict(_)) => Some(Cause::Automatic),
                        other => panic!("{other:?}"),
                    };
                    assert_eq!(found, named, "{status} {excluded} {there:?} {kind} {capacity:?}");
                }
            }
        }
    }
}

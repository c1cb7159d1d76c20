//! The core that actions, rule runs and the sync share: wishes, plan, writing.

use super::{assert_counts, events, members, now, typed};
use crate::support::TestDb;
use crate::support::rows::{self, By};
use clientele::auth::role::Actor;
use clientele::members::refusal::Cause;
use clientele::members::store::plan::{self, Counts};
use clientele::members::store::refused;
use clientele::members::store::wish::Wish;
use clientele::members::store::write::{self, Change};
use diesel::Connection;
use diesel::sql_types::Uuid as SqlUuid;
use uuid::Uuid;

/// Carries wishes out; what was planned, and who was refused why.
fn carry_out(db: &TestDb, wishes: &[Wish]) -> (Counts, Vec<(String, Cause)>) {
    db.conn()
        .transaction::<_, clientele::error::Error, _>(|conn| {
            plan::begin(conn)?;
            assert_eq!(plan::wish(conn, wishes)?, wishes.len());
            let counts = plan::make(conn)?;
            let refused = refused::refused(conn, 100)?.into_iter().map(|r| (r.code, r.refusal.cause)).collect();
            write::write(conn, &Change::by(&Actor::command_line(), Uuid::now_v7(), "because", now()), &counts)?;
            Ok((counts, refused))
        })
        .unwrap()
}

#[test]
fn marks_decide_who_joins_and_who_leaves() {
    let db = TestDb::new();
    let group = typed(&db, "HYB", "hybrid");
    let cases = [
        // (code, is there by, wish, what it becomes, what is told)
        ("A", None, Wish::of(group, Uuid::nil()).by_hand(true), "A HYB h*", "joined A HYB manual"),
        ("B", None, Wish::of(group, Uuid::nil()).by_rule(true), "B HYB r*", "joined B HYB rule"),
        ("C", Some(By::Hand), Wish::of(group, Uuid::nil()).by_rule(true), "C HYB hr*", ""),
        ("D", Some(By::Rule), Wish::of(group, Uuid::nil()).by_hand(true), "D HYB hr*", ""),
        ("E", Some(By::Both), Wish::of(group, Uuid::nil()).by_rule(false), "E HYB h*", ""),
        ("F", Some(By::Both), Wish::of(group, Uuid::nil()).by_hand(false), "F HYB r*", ""),
        ("G", Some(By::Rule), Wish::of(group, Uuid::nil()).by_rule(false), "", "left G HYB rule"),
        ("H", Some(By::Hand), Wish::of(group, Uuid::nil()).by_rule(false), "H HYB h*", ""),
        (
            "I",
            Some(By::Both),
            Wish { exclude: true, ..Wish::of(group, Uuid::nil()).by_hand(false).by_rule(false) },
            "",
            "left I HYB rule_manual",
        ),
        ("J", None, Wish::of(group, Uuid::nil()).by_rule(false), "", ""),
    ];
    let wishes: Vec<Wish> = cases
        .iter()
        .map(|(code, by, wish, ..)| {
            let customer = rows::customer(&db, code);
            if let Some(by) = by {
                rows::member(&db, group, customer, "2020-01-01", *by, true);
            }
            Wish { customer, ..*wish }
        })
        .collect();
    let (counts, refused) = carry_out(&db, &wishes);
    assert_eq!(refused, []);
    assert_eq!(counts, Counts { joins: 2, leaves: 2, marked: 4, excluded: 1, unchanged: 2, ..Counts::default() });
    let told = |what: fn(&(&str, Option<By>, Wish, &'static str, &'static str)) -> &'static str| {
        cases.iter().map(what).filter(|text| !text.is_empty()).collect::<Vec<_>>()
    };
    assert_eq!(members(&db), told(|case| case.3));
    assert_eq!(events(&db), told(|case| case.4));
    assert_eq!(rows::texts(&db, "SELECT reason FROM membership_exclusions"), ["because"]);
    assert_counts(&db);
    // Once more changes nothing: what was wished is so.
    let again: Vec<Wish> = wishes.into_iter().filter(|wish| !wish.exclude).collect();
    let (counts, _) = carry_out(&db, &again);
    assert_eq!(counts, Counts { unchanged: 9, ..Counts::default() });
}

#[test]
fn every_refusal_is_found() {
    let db = TestDb::new();
    let [manual, automatic, deleted, full] = ["MAN", "AUTO", "DEL", "FULL"].map(|code| typed(&db, code, "manual"));
    rows::run(&db, "UPDATE groups SET type = 'automatic' WHERE code = 'AUTO'");
    rows::run(&db, "UPDATE groups SET deleted_at = now() WHERE code = 'DEL'");
    rows::run(&db, "UPDATE groups SET capacity = 2 WHERE code = 'FULL'");
    let [ok, blocked, inactive, excluded] =
        ["OK", "BLOCKED", "INACTIVE", "EXCLUDED"].map(|code| rows::customer(&db, code));
    rows::run(&db, "UPDATE customers SET status = lower(code) WHERE code IN ('BLOCKED', 'INACTIVE')");
    rows::run(
        &db,
        &format!(
            "INSERT INTO membership_exclusions (group_id, customer_id, since) VALUES ('{manual}', '{excluded}', now())"
        ),
    );
    rows::member(&db, full, blocked, "2020-01-01", By::Hand, true);
    rows::member(&db, automatic, ok, "2020-01-01", By::Rule, true);
    let wishes = [
        Wish::of(manual, Uuid::now_v7()).by_hand(true),
        Wish::of(Uuid::now_v7(), ok).by_hand(true),
        Wish::of(deleted, ok).by_hand(true),
        Wish::of(clientele::groups::group::ROOT_ID, ok).by_hand(true),
        Wish::of(automatic, ok).by_hand(true),
        Wish::of(manual, blocked).by_hand(true),
        Wish::of(manual, inactive).by_rule(true),
        Wish::of(manual, excluded).by_rule(true),
        Wish::of(manual, ok).by_hand(false).by_rule(false),
        Wish::of(full, ok).by_hand(true),
        Wish::of(full, excluded).by_hand(true),
        // Who is there already is not refused for what would keep others out.
        Wish::of(full, blocked).by_rule(true),
    ];
    let wishes: Vec<Wish> = (1..).zip(wishes).map(|(bundle, wish)| wish.bundle(bundle)).collect();
    let (counts, refused) = carry_out(&db, &wishes);
    let causes: Vec<Cause> = refused.into_iter().map(|(_, cause)| cause).collect();
    use Cause::*;
    assert_eq!(
        causes,
        [UnknownCustomer, GroupGone, GroupGone, AllCustomers, Automatic, Blocked, Inactive, Excluded, NotAMember, Full]
    );
    assert_eq!((counts.joins, counts.marked, counts.refused), (1, 1, 10));
    assert_eq!(members(&db), ["BLOCKED FULL hr*", "OK AUTO r*", "OK FULL h"]);
    assert_counts(&db);
}

#[test]
fn bundles_stand_or_fall_together_also_by_the_places_they_would_free() {
    let db = TestDb::new();
    let [a, b] = ["A", "B"].map(|code| typed(&db, code, "manual"));
    rows::run(&db, "UPDATE groups SET capacity = 1 WHERE parent_id IS NOT NULL");
    let [one, two, three] = ["1", "2", "3"].map(|code| rows::customer(&db, code));
    rows::member(&db, a, one, "2020-01-01", By::Hand, true);
    rows::member(&db, b, two, "2020-01-01", By::Hand, true);
    // 3 takes the place in A that 1 leaves for B, which is full: so 1 stays, and A has no place for 3.
    let (counts, refused) = carry_out(
        &db,
        &[
            Wish::of(b, one).by_hand(true).bundle(1),
            Wish::of(a, one).by_hand(false).bundle(1),
            Wish::of(a, three).by_hand(true).bundle(2),
        ],
    );
    assert_eq!(refused, [("1".into(), Cause::Full), ("3".into(), Cause::Full)]);
    assert_eq!((counts.joins, counts.leaves, counts.dropped), (0, 0, 1));
    // With 2 leaving B, all can move.
    let (counts, refused) = carry_out(
        &db,
        &[
            Wish::of(b, one).by_hand(true).bundle(1),
            Wish::of(a, one).by_hand(false).bundle(1),
            Wish::of(a, three).by_hand(true).bundle(2),
            Wish::of(b, two).by_hand(false).bundle(3),
        ],
    );
    assert_eq!((counts.joins, counts.leaves, refused.len()), (2, 2, 0));
    assert_eq!(members(&db), ["1 B h*", "3 A h*"]);
    assert_counts(&db);
}

#[test]
fn by_rule_the_longest_standing_customers_take_the_places() {
    let db = TestDb::new();
    let group = typed(&db, "AUTO", "automatic");
    rows::run(&db, "UPDATE groups SET capacity = 3 WHERE code = 'AUTO'");
    let customers = ["E", "D", "C", "B", "A"].map(|code| rows::customer(&db, code));
    rows::run(&db, "UPDATE customers SET customer_since = '2020-01-01' WHERE code IN ('D', 'B')");
    rows::run(&db, "UPDATE customers SET customer_since = '2021-01-01' WHERE code IN ('C', 'A')");
    let wishes = customers.map(|customer| Wish::of(group, customer).by_rule(true));
    let (_, refused) = carry_out(&db, &wishes);
    assert_eq!(members(&db), ["A AUTO r*", "B AUTO r*", "D AUTO r*"]);
    let mut refused: Vec<_> = refused.into_iter().map(|(code, _)| code).collect();
    refused.sort();
    assert_eq!(refused, ["C", "E"]);
}

#[test]
fn nobody_is_in_more_than_500_groups() {
    let db = TestDb::new();
    rows::run(
        &db,
        "INSERT INTO groups (id, code, name, parent_id)
         SELECT uuid_v7(), 'G' || n, 'Group ' || n, '01900000-0000-7000-8000-000000000000' FROM generate_series(1, 520) n",
    );
    let customer = rows::customer(&db, "MANY");
    let wish = |from: u32, to: u32| -> Vec<Wish> {
        (from..=to)
            .map(|n| Wish::of(rows::group_id(&db, &format!("G{n}")), customer).by_hand(true).bundle(n.into()))
            .collect()
    };
    assert_eq!(carry_out(&db, &wish(1, 499)).0.joins, 499);
    // Two more are one too many. One of them alone fits, and so do two where another is left.
    let (counts, refused) = carry_out(&db, &wish(500, 501));
    assert_eq!((counts.joins, refused.len()), (0, 2));
    assert!(refused.iter().all(|(_, cause)| *cause == Cause::TooManyGroups));
    let leave = Wish::of(rows::group_id(&db, "G1"), customer).by_hand(false).bundle(1);
    let (counts, refused) = carry_out(&db, &wish(500, 501).into_iter().chain([leave]).collect::<Vec<_>>());
    assert_eq!((counts.joins, counts.leaves, refused.len()), (2, 1, 0));
    assert_eq!(carry_out(&db, &wish(502, 502)).1, [("MANY".into(), Cause::TooManyGroups)]);
    assert_counts(&db);
}

#[test]
fn the_primary_group_is_the_first_one_or_the_chosen_one_and_is_passed_on() {
    let db = TestDb::new();
    let [a, b, c, d] = ["A", "B", "C", "D"].map(|code| typed(&db, code, "manual"));
    let customer = rows::customer(&db, "X");
    let join = |group| Wish::of(group, customer).by_hand(true);
    // Of several at once the first by name.
    carry_out(&db, &[join(c), join(b)]);
    assert_eq!(rows::primary(&db, customer), ["B"]);
    carry_out(&db, &[join(a)]);
    assert_eq!(rows::primary(&db, customer), ["B"]);
    carry_out(&db, &[Wish { as_primary: true, ..join(d) }]);
    assert_eq!(rows::primary(&db, customer), ["D"]);
    // A group that one is in already can be chosen, and only one that one is in.
    let (counts, _) = carry_out(&db, &[Wish { as_primary: true, ..Wish::of(a, customer) }]);
    assert_eq!((counts.chosen, rows::primary(&db, customer)), (1, vec!["A".to_owned()]));
    let other = rows::customer(&db, "Y");
    let (_, refused) = carry_out(&db, &[Wish { as_primary: true, ..Wish::of(a, other) }]);
    assert_eq!(refused, [("Y".into(), Cause::NotAMember)]);
    // Left: the longest-standing other one, whatever it is called.
    rows::run(
        &db,
        "UPDATE memberships m SET since = '2010-01-01' FROM groups g WHERE g.id = m.group_id AND g.code = 'C'",
    );
    carry_out(&db, &[Wish::of(a, customer).by_hand(false)]);
    assert_eq!(rows::primary(&db, customer), ["C"]);
    // Moved: the new one only where no other is left.
    rows::run(
        &db,
        "UPDATE memberships m SET since = '2015-01-01' FROM groups g WHERE g.id = m.group_id AND g.code = 'D'",
    );
    carry_out(&db, &[join(a), Wish::of(c, customer).by_hand(false), Wish::of(b, customer).by_hand(false)]);
    assert_eq!(rows::primary(&db, customer), ["D"]);
    carry_out(&db, &[join(b), Wish::of(a, customer).by_hand(false), Wish::of(d, customer).by_hand(false)]);
    assert_eq!(rows::primary(&db, customer), ["B"]);
    assert_counts(&db);
}

#[test]
fn a_query_wishes_for_any_number() {
    let db = TestDb::new();
    let group = typed(&db, "BIG", "manual");
    rows::run(
        &db,
        "INSERT INTO customers (id, code, name, status)
         SELECT uuid_v7(), 'C' || n, 'Customer ' || n, CASE WHEN n % 10 = 0 THEN 'blocked' ELSE 'active' END
         FROM generate_series(1, 2000) n",
    );
    db.conn()
        .transaction::<_, clientele::error::Error, _>(|conn| {
            plan::begin(conn)?;
            let query = diesel::sql_query(
                "SELECT row_number() OVER (ORDER BY id), $1, id, true, NULL::boolean, false, false FROM customers",
            )
            .bind::<SqlUuid, _>(group);
            assert_eq!(plan::wish_all(conn, query)?, 2000);
            let counts = plan::make(conn)?;
            assert_eq!((counts.joins, counts.refused), (1800, 200));
            let causes = refused::refused_by_cause(conn)?;
            assert_eq!(causes.iter().map(|(r, n)| (r.cause, *n)).collect::<Vec<_>>(), [(Cause::Blocked, 200)]);
            write::write(conn, &Change::by(&Actor::command_line(), Uuid::now_v7(), "", now()), &counts)
        })
        .unwrap();
    assert_eq!(rows::number(&db, "SELECT member_count FROM groups WHERE code = 'BIG'"), 1800);
    assert_eq!(events(&db).len(), 1800);
    assert_counts(&db);
}

/// Plans of statements are kept on a connection, and so are the tables of wishes: few after few, few after many, after what
/// was taken back, each change finds its own wishes only.
#[test]
fn a_change_finds_nothing_of_the_one_before_it() {
    let db = TestDb::new();
    let group = typed(&db, "G", "manual");
    let customers: Vec<Uuid> = (0..1_100).map(|n| rows::customer(&db, &format!("C{n:04}"))).collect();
    let mut conn = db.conn();
    let mut change = |customers: &[Uuid], stay: bool, keep: bool| {
        let wishes: Vec<Wish> = customers.iter().map(|id| Wish::of(group, *id).by_hand(stay)).collect();
        let mut told = Counts::default();
        let ended = conn.transaction::<_, clientele::error::Error, _>(|conn| {
            plan::begin(conn)?;
            plan::wish(conn, &wishes)?;
            told = plan::make(conn)?;
            write::write(conn, &Change::by(&Actor::command_line(), Uuid::now_v7(), "because", now()), &told)?;
            if keep { Ok(()) } else { Err(clientele::error::Error::Busy) }
        });
        assert_eq!(ended.is_ok(), keep);
        told
    };
    let joins = |joins, unchanged| Counts { joins, unchanged, ..Counts::default() };
    let leaves = |leaves| Counts { leaves, ..Counts::default() };
    assert_eq!(change(&customers[..2], true, false), joins(2, 0));
    assert_eq!(change(&customers[..1], true, true), joins(1, 0));
    assert_eq!(change(&customers[1..3], true, true), joins(2, 0));
    assert_eq!(change(&customers, true, true), joins(1_097, 3));
    assert_eq!(change(&customers[..1], false, true), leaves(1));
    assert_eq!(change(&customers[..2], true, true), joins(1, 1));
    assert_eq!(change(&customers, false, false), leaves(1_100));
    assert_eq!(change(&customers[5..7], false, true), leaves(2));
    assert_eq!(members(&db).len(), 1_098);
    assert_counts(&db);
}

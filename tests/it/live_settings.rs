//! The settings that a program keeps in memory are those of the database, whoever changes them and wherever.

use crate::support::TestDb;
use clientele::groups::group::ROOT_ID;
use clientele::inheritance::book::Book;
use clientele::inheritance::own::{Access, AssignedList, Setting};
use clientele::inheritance::store::live::{LiveSettings, tidy};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::sync::Arc;
use uuid::Uuid;

const VIP: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);

/// All Customers and VIP below it.
fn shop(conn: &mut PgConnection) {
    conn.batch_execute(&format!(
        "INSERT INTO groups (id, code, name, parent_id) VALUES ('{VIP}', 'VIP', 'VIP Customers', '{ROOT_ID}')"
    ))
    .unwrap();
}

fn net_days(book: &Book) -> Setting<i32> {
    book.level(VIP).unwrap().terms.net_days.clone()
}

#[test]
fn each_kind_of_change_is_seen_at_the_next_look() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    shop(conn);
    let live = LiveSettings::default();
    assert_eq!(live.now(conn).unwrap().children(ROOT_ID), [VIP]);
    let list = Uuid::from_u128(7);
    let set = Uuid::from_u128(8);
    let (vip, root) = (VIP, ROOT_ID);
    let steps: Vec<(String, fn(&Book) -> bool)> = vec![
        (format!("INSERT INTO group_payment_terms (group_id, net_days) VALUES ('{vip}', 30)"), |b| {
            net_days(b) == Setting::Value(30)
        }),
        ("UPDATE group_payment_terms SET net_days = 45".into(), |b| net_days(b) == Setting::Value(45)),
        ("DELETE FROM group_payment_terms".into(), |b| net_days(b) == Setting::Unset),
        (format!("UPDATE groups SET inherit_portal = false WHERE id = '{vip}'"), |b| {
            !b.level(VIP).unwrap().inherit.portal
        }),
        (format!("UPDATE groups SET status = 'inactive' WHERE id = '{vip}'"), |b| !b.level(VIP).unwrap().counts),
        (format!("UPDATE groups SET status = 'active', name = 'Very Important' WHERE id = '{vip}'"), |b| {
            b.level(VIP).unwrap().name == "Very Important"
        }),
        (
            format!(
                "INSERT INTO price_lists (id, code, name, currency) VALUES ('{list}', 'A', 'List A', 'USD');
                 INSERT INTO group_price_lists VALUES ('{vip}', '{list}', 10)"
            ),
            |b| has_list(b, |list| list.priority == 10),
        ),
        ("UPDATE price_lists SET status = 'inactive'".into(), |b| has_list(b, |list| !list.active)),
        ("UPDATE price_lists SET valid_to = '2026-01-31'".into(), |b| has_list(b, |list| list.valid_to.is_some())),
        ("DELETE FROM price_lists".into(), |b| b.level(VIP).unwrap().pricing.lists.is_empty()),
        (
            format!(
                "INSERT INTO visibility_groups (id, name) VALUES ('{set}', 'Standard');
                 INSERT INTO group_visibility VALUES ('{vip}', 'visibility_groups');
                 INSERT INTO group_visibility_groups VALUES ('{vip}', '{set}')"
            ),
            |b| shows(b) == "Standard",
        ),
        ("UPDATE visibility_groups SET name = 'Plain'".into(), |b| shows(b) == "Plain"),
        (format!("INSERT INTO group_portal (group_id, login) VALUES ('{root}', false)"), |b| {
            b.root().unwrap().portal.login == Some(false)
        }),
        (format!("UPDATE groups SET deleted_at = now() WHERE id = '{vip}'"), |b| b.level(VIP).is_none()),
        (format!("UPDATE groups SET deleted_at = NULL WHERE id = '{vip}'"), |b| b.children(ROOT_ID) == [VIP]),
    ];
    for (change, seen) in steps {
        let before = live.now(conn).unwrap();
        assert!(!seen(&before), "true before: {change}");
        conn.batch_execute(&change).unwrap();
        assert!(seen(&live.now(conn).unwrap()), "not seen: {change}");
    }
}

fn has_list(book: &Book, is: impl Fn(&AssignedList) -> bool) -> bool {
    book.level(VIP).unwrap().pricing.lists.iter().any(is)
}

fn shows(book: &Book) -> String {
    match &book.level(VIP).unwrap().visibility.access {
        Some(Access::VisibilityGroups(sets)) => sets.iter().map(|set| set.name.clone()).collect(),
        _ => String::new(),
    }
}

#[test]
fn what_does_not_concern_settings_loads_nothing() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    shop(conn);
    let live = LiveSettings::default();
    let first = live.now(conn).unwrap();
    conn.batch_execute("UPDATE groups SET member_count = 5, version = version + 1, description = 'Other'").unwrap();
    assert!(Arc::ptr_eq(&first, &live.now(conn).unwrap()));
}

#[test]
fn a_change_is_seen_once_it_is_saved_and_by_nobody_before() {
    let database = TestDb::new();
    let (here, there) = (&mut database.conn(), &mut database.conn());
    shop(here);
    let live = LiveSettings::default();
    live.now(here).unwrap();
    here.batch_execute("BEGIN").unwrap();
    here.batch_execute(&format!("INSERT INTO group_payment_terms (group_id, net_days) VALUES ('{VIP}', 30)")).unwrap();
    // Who writes sees it; the others don't, also after the writer has looked.
    assert_eq!(net_days(&live.now(here).unwrap()), Setting::Value(30));
    assert_eq!(net_days(&live.now(there).unwrap()), Setting::Unset);
    // A later change that is saved first doesn't hide the earlier one.
    there.batch_execute(&format!("INSERT INTO group_portal (group_id, quotes) VALUES ('{ROOT_ID}', false)")).unwrap();
    assert_eq!(live.now(there).unwrap().root().unwrap().portal.quotes, Some(false));
    here.batch_execute("COMMIT").unwrap();
    assert_eq!(net_days(&live.now(there).unwrap()), Setting::Value(30));
}

#[test]
fn a_change_that_is_taken_back_was_never_there() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    shop(conn);
    let live = LiveSettings::default();
    live.now(conn).unwrap();
    conn.batch_execute("BEGIN").unwrap();
    conn.batch_execute(&format!("INSERT INTO group_payment_terms (group_id, net_days) VALUES ('{VIP}', 30)")).unwrap();
    assert_eq!(net_days(&live.now(conn).unwrap()), Setting::Value(30));
    conn.batch_execute("ROLLBACK").unwrap();
    assert_eq!(net_days(&live.now(conn).unwrap()), Setting::Unset);
}

#[test]
fn who_was_away_while_changes_were_tidied_away_loads_everything() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    shop(conn);
    let away = LiveSettings::default();
    away.now(conn).unwrap();
    conn.batch_execute(&format!(
        "INSERT INTO group_payment_terms (group_id, net_days) VALUES ('{VIP}', 30);
         UPDATE settings_changes SET at = now() - interval '8 days'"
    ))
    .unwrap();
    tidy(conn).unwrap();
    let left: i64 = diesel::dsl::sql::<diesel::sql_types::BigInt>("SELECT count(*) FROM settings_changes")
        .get_result(conn)
        .unwrap();
    assert_eq!(left, 1);
    assert_eq!(net_days(&away.now(conn).unwrap()), Setting::Value(30));
}

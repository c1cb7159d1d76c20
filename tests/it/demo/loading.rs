//! Loading: repeatable, all or nothing, only into an empty database.

use super::{DEMO, NOW, load_at, moment, number, texts};
use crate::support::TestDb;
use clientele::demo::{DemoOptions, Outcome, Step, load};
use clientele::error::Error;
use diesel::prelude::*;

/// Every table with a checksum over all of its rows. `settings_changes` and `group_edits` have the numbers of
/// transactions, which are no part of the shop.
fn checksums(conn: &mut PgConnection) -> Vec<String> {
    let tables = texts(
        conn,
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '^__'
             AND tablename NOT IN ('settings_changes', 'group_edits') ORDER BY tablename",
    );
    assert!(tables.iter().any(|table| table == "order_lines"), "{tables:?}");
    let mut sums = Vec::new();
    for table in tables {
        let query = format!(
            "SELECT '{table} ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t"
        );
        sums.extend(texts(conn, &query));
    }
    sums
}

#[test]
fn the_same_moment_makes_the_same_rows() {
    let (one, other) = (TestDb::like(&DEMO), TestDb::new());
    let before = checksums(&mut other.conn());
    load_at(&mut other.conn(), NOW).unwrap();
    let after = checksums(&mut other.conn());
    assert_ne!(before, after);
    assert_eq!(checksums(&mut one.conn()), after);
}

#[test]
fn says_how_much_was_written_and_every_step_before_it() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    let mut steps: Vec<Step> = Vec::new();
    let options = DemoOptions { now: moment(NOW), if_empty: true };
    let outcome = load(conn, options, || Ok("the hash".into()), &mut |step| steps.push(step)).unwrap();
    let Outcome::Loaded(loaded) = outcome else { panic!("an empty database is loaded") };
    for (table, count) in [
        ("groups WHERE parent_id IS NOT NULL", loaded.groups),
        ("customers", loaded.customers),
        ("organizations", loaded.organizations),
        ("products", loaded.products),
        ("orders", loaded.orders),
        ("memberships", loaded.memberships),
        ("users WHERE password_hash = 'the hash'", 3),
        ("audit_events WHERE action = 'demo.loaded' AND actor_kind = 'command_line'", 1),
    ] {
        assert_eq!(number(conn, &format!("SELECT count(*) FROM {table}")), count as i64, "{table}");
    }
    assert_eq!((loaded.customers, loaded.organizations, loaded.products, loaded.orders), (1_200, 40, 300, 30_000));
    let numbers: Vec<u64> = steps.iter().map(|step| step.number).collect();
    assert_eq!(numbers, (1..=steps[0].of).collect::<Vec<_>>());
    let people = texts(conn, "SELECT email || ' ' || role FROM users ORDER BY 1");
    assert_eq!(people, ["admin@demo.test admin", "editor@demo.test editor", "viewer@demo.test viewer"]);
}

#[test]
fn refuses_a_database_that_holds_anything_and_changes_nothing() {
    let root = "01900000-0000-7000-8000-000000000000";
    let id = "01900000-0000-7000-8000-000000000001";
    for (statement, named) in [
        (
            format!(
                "INSERT INTO groups (id, code, name, parent_id, deleted_at) VALUES ('{id}', 'X', 'X', '{root}', now())"
            ),
            "1 group besides All Customers",
        ),
        (format!("INSERT INTO customers (id, code, name) VALUES ('{id}', 'X', 'X')"), "1 customer"),
        (format!("INSERT INTO organizations (id, code, name) VALUES ('{id}', 'X', 'X')"), "1 organization"),
        (
            format!("INSERT INTO products (id, sku, name, base_price, currency) VALUES ('{id}', 'X', 'X', 1, 'USD')"),
            "1 product",
        ),
        (
            format!("INSERT INTO price_lists (id, code, name, currency) VALUES ('{id}', 'X', 'X', 'USD')"),
            "1 price list",
        ),
        (format!("INSERT INTO visibility_groups (id, name) VALUES ('{id}', 'X')"), "1 visibility group"),
        (
            format!("INSERT INTO promotions (id, code, name, kind) VALUES ('{id}', 'X', 'X', 'free_shipping')"),
            "1 promotion",
        ),
        (format!("INSERT INTO segments (id, name) VALUES ('{id}', 'X')"), "1 segment"),
        (format!("INSERT INTO campaigns (id, code, name) VALUES ('{id}', 'X', 'X')"), "1 campaign"),
        (
            format!(
                "INSERT INTO users (id, email, name, role, password_hash) VALUES ('{id}', 'a@b', 'A', 'admin', 'x')"
            ),
            "1 user",
        ),
        (
            format!(
                "INSERT INTO tokens (id, name, role, token_hash, created_by, created_at) VALUES ('{id}', 'A', 'admin', 'x', 'me', now())"
            ),
            "1 API token",
        ),
        (
            "UPDATE store_settings SET time_zone = 'Europe/Berlin', version = 2".to_owned(),
            "1 change to the store settings",
        ),
        (format!("INSERT INTO group_portal (group_id, login) VALUES ('{root}', false)"), "1 setting of All Customers"),
    ] {
        let database = TestDb::new();
        let conn = &mut database.conn();
        diesel::sql_query(&statement).execute(conn).unwrap();
        let before = checksums(conn);
        match load_at(conn, NOW) {
            Err(Error::Conflict(sentence)) => assert!(sentence.contains(&format!("holds {named}. ")), "{sentence}"),
            other => panic!("{named}: {other:?}"),
        }
        let options = DemoOptions { now: moment(NOW), if_empty: true };
        let quiet = load(conn, options, || panic!("there is nothing to load"), &mut |_| {}).unwrap();
        assert_eq!(quiet, Outcome::LeftAlone, "{named}");
        assert_eq!(checksums(conn), before, "{named}");
    }
}

#[test]
fn two_that_start_together_load_it_once() {
    let database = TestDb::new();
    let outcomes: Vec<Outcome> = std::thread::scope(|threads| {
        let programs: Vec<_> = (0..2)
            .map(|_| {
                threads.spawn(|| {
                    let options = DemoOptions { now: moment(NOW), if_empty: true };
                    load(&mut database.conn(), options, || Ok("hash".into()), &mut |_| {}).unwrap()
                })
            })
            .collect();
        programs.into_iter().map(|program| program.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::LeftAlone).count(), 1, "{outcomes:?}");
    assert_eq!(number(&mut database.conn(), "SELECT count(*) FROM users"), 3);
}

#[test]
fn is_not_loaded_twice() {
    let database = TestDb::like(&DEMO);
    match load_at(&mut database.conn(), NOW) {
        Err(Error::Conflict(sentence)) => assert!(sentence.contains("1,200 customers"), "{sentence}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_failure_or_a_clock_that_is_wrong_leaves_the_database_empty() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    let before = checksums(conn);
    let options = DemoOptions { now: moment(NOW), if_empty: false };
    let failed = load(conn, options, || Err(Error::Busy), &mut |_| {});
    assert!(matches!(failed, Err(Error::Busy)), "{failed:?}");
    match load_at(conn, "2024-12-31T23:59:59Z") {
        Err(Error::Conflict(sentence)) => assert!(sentence.contains("The clock says 2024-12-31"), "{sentence}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(checksums(conn), before);
}

#[test]
fn other_days_make_a_shop_as_well() {
    for now in ["2025-01-01T00:00:00Z", "2028-02-29T23:59:59Z"] {
        let database = TestDb::new();
        let conn = &mut database.conn();
        load_at(conn, now).unwrap();
        let late = format!("SELECT count(*) FROM orders WHERE placed_at > '{now}' OR paid_at > '{now}'");
        assert_eq!(number(conn, &late), 0, "{now}");
        assert_eq!(number(conn, "SELECT count(*) FROM orders"), 30_000, "{now}");
        assert_eq!(
            number(
                conn,
                "SELECT count(*) FROM orders o WHERE NOT EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = o.id)"
            ),
            0,
            "{now}"
        );
        let early = "SELECT count(*) FROM membership_events e JOIN customers c ON c.id = e.customer_id
                     JOIN groups g ON g.id = e.group_id WHERE e.at < c.customer_since OR e.at < g.created_at";
        assert_eq!(number(conn, early), 0, "{now}");
        let vip = number(conn, "SELECT member_count FROM groups WHERE code = 'VIP'");
        assert!((42..=48).contains(&vip), "{now}: {vip}");
    }
}

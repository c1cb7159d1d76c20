//! The bench shop in small: as many rows as asked for, the same each time, and a schema that is whole afterwards.

use crate::support::TestDb;
use chrono::{DateTime, NaiveDate, Utc};
use clientele::bench_data::{Progress, Sizes, load};
use clientele::error::Error;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use std::cell::RefCell;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut PgConnection, sql: &str) -> Vec<String> {
    let rows: Vec<Line> = diesel::sql_query(sql).load(conn).unwrap();
    rows.into_iter().map(|row| row.line).collect()
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn number(conn: &mut PgConnection, sql: &str) -> i64 {
    diesel::sql_query(sql).get_result::<Number>(conn).unwrap().number
}

fn now() -> DateTime<Utc> {
    "2026-02-01T09:00:00Z".parse().unwrap()
}

fn sizes() -> Sizes {
    let until = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
    Sizes {
        customers: 2_000,
        orders: 3_000,
        lines: 7_500,
        groups: 60,
        memberships: 6_000,
        ..Sizes::scaled(0.001, until)
    }
}

/// Constraints, indexes and triggers, as PostgreSQL would make them.
const SCHEMA: &str = "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated AS line
     FROM pg_constraint WHERE connamespace = 'public'::regnamespace
     UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
     UNION ALL SELECT tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
     ORDER BY 1";

#[test]
fn as_many_rows_as_asked_for_and_a_whole_schema() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    let before = lines(conn, SCHEMA);
    let told = RefCell::new(Vec::new());
    load(conn, sizes(), now(), &|Progress { done, of, .. }| told.borrow_mut().push((done, of))).unwrap();
    assert_eq!(lines(conn, SCHEMA), before);
    let told = told.into_inner();
    assert!(told.windows(2).all(|pair| pair[0].0 <= pair[1].0 || pair[1].0 == pair[1].1), "progress goes on: {told:?}");
    assert!(told.iter().all(|(done, of)| done <= of), "{told:?}");
    let sizes = sizes();
    for (sql, wanted) in [
        ("SELECT count(*) AS number FROM customers", sizes.customers),
        ("SELECT count(*) AS number FROM orders", sizes.orders),
        ("SELECT count(*) AS number FROM order_lines", sizes.lines),
        ("SELECT count(*) AS number FROM memberships", sizes.memberships),
        ("SELECT count(*) AS number FROM price_list_entries", sizes.entries),
        ("SELECT count(*) - 1 AS number FROM groups", sizes.groups),
        // One has half of all customers, five a tenth each.
        ("SELECT max(member_count)::bigint AS number FROM groups", sizes.customers / 2),
        ("SELECT count(*) AS number FROM groups WHERE member_count = 200", 5),
        (
            "WITH RECURSIVE below(id, depth) AS (
                 SELECT id, 0 FROM groups WHERE parent_id IS NULL
                 UNION ALL SELECT g.id, b.depth + 1 FROM groups g JOIN below b ON g.parent_id = b.id
             ) SELECT max(depth)::bigint AS number FROM below",
            8,
        ),
        ("SELECT count(*) AS number FROM users", 0),
        ("SELECT count(*) AS number FROM tokens", 0),
    ] {
        assert_eq!(number(conn, sql), wanted as i64, "{sql}");
    }
    // Settings of every kind, so that labels have work to do.
    for table in
        ["group_pricing", "group_price_lists", "group_visibility_groups", "group_portal", "group_payment_terms"]
    {
        assert!(number(conn, &format!("SELECT count(*) AS number FROM {table}")) > 5, "{table}");
    }
}

#[test]
fn kept_figures_go_on_being_kept() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    load(conn, sizes(), now(), &|_| ()).unwrap();
    let totals = "SELECT customers * 1000000 + grouped_customers AS number FROM store_totals";
    let before = number(conn, totals);
    diesel::sql_query("DELETE FROM customers WHERE id = (SELECT customer_id FROM memberships WHERE customer_id NOT IN (SELECT customer_id FROM orders) LIMIT 1)")
        .execute(conn)
        .unwrap();
    assert_eq!(number(conn, totals), before - 1_000_001);
    let off = "SELECT count(*) AS number FROM groups g
               WHERE member_count <> (SELECT count(*) FROM memberships m WHERE m.group_id = g.id)";
    assert_eq!(number(conn, off), 0);
}

#[test]
fn the_same_sizes_make_the_same_rows() {
    let sums = || {
        let database = TestDb::new();
        let conn = &mut database.conn();
        load(conn, sizes(), now(), &|_| ()).unwrap();
        let tables = lines(
            conn,
            "SELECT tablename::text AS line FROM pg_tables
             WHERE schemaname = 'public' AND tablename !~ '^(__|audit|store_settings|settings_changes)' ORDER BY 1",
        );
        assert!(tables.iter().any(|table| table == "order_lines"), "{tables:?}");
        let sum = |table: &String| {
            let rows = format!(
                "SELECT '{table} ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS line FROM {table} t"
            );
            // All Customers is the migration's.
            lines(conn, &if table == "groups" { format!("{rows} WHERE parent_id IS NOT NULL") } else { rows }).concat()
        };
        tables.iter().map(sum).collect::<Vec<_>>()
    };
    assert_eq!(sums(), sums());
}

#[test]
fn a_database_that_holds_something_is_left_alone() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    diesel::sql_query("INSERT INTO customers (id, code, name) VALUES (uuid_v7(), 'C1', 'Ada')").execute(conn).unwrap();
    let before = lines(conn, SCHEMA);
    let Err(Error::Conflict(sentence)) = load(conn, sizes(), now(), &|_| ()) else { panic!("it is refused") };
    assert!(sentence.contains("The bench shop") && sentence.contains("1 customer"), "{sentence}");
    assert_eq!(lines(conn, SCHEMA), before);
    assert_eq!(number(conn, "SELECT count(*) AS number FROM orders"), 0);
}

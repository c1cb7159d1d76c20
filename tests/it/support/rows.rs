//! Rows that tests write and ask for in plain SQL: what the product must agree with.

use super::TestDb;
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Text};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Jsonb)]
    found: Value,
}

/// The rows of a query, each as an object by column.
pub fn all(db: &TestDb, query: &str) -> Vec<Value> {
    let query = format!("SELECT to_jsonb(f) AS found FROM ({query}) f");
    let rows: Vec<Row> = diesel::sql_query(&query).load(&mut db.conn()).unwrap_or_else(|e| panic!("{query}: {e}"));
    rows.into_iter().map(|row| row.found).collect()
}

/// The values of a query's only column.
pub fn column(db: &TestDb, query: &str) -> Vec<Value> {
    let only = |row: Value| row.as_object().and_then(|row| row.values().next()).unwrap().clone();
    all(db, query).into_iter().map(only).collect()
}

/// The texts of a query's only column.
pub fn texts(db: &TestDb, query: &str) -> Vec<String> {
    column(db, query).into_iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

/// The only value of a query.
pub fn one(db: &TestDb, query: &str) -> Value {
    let mut values = column(db, query);
    assert_eq!(values.len(), 1, "{query}");
    values.remove(0)
}

/// The only value of a query, a count or a sum.
pub fn number(db: &TestDb, query: &str) -> i64 {
    one(db, query).as_i64().unwrap()
}

/// The only value of a query, an id.
pub fn id(db: &TestDb, query: &str) -> Uuid {
    Uuid::parse_str(one(db, query).as_str().unwrap()).unwrap()
}

/// Runs a statement; how many rows it changed.
pub fn run(db: &TestDb, statement: &str) -> usize {
    diesel::sql_query(statement).execute(&mut db.conn()).unwrap_or_else(|e| panic!("{statement}: {e}"))
}

/// The id of the group with this code, deleted or not.
pub fn group_id(db: &TestDb, code: &str) -> Uuid {
    id(db, &format!("SELECT id FROM groups WHERE code = '{code}' ORDER BY deleted_at DESC NULLS FIRST LIMIT 1"))
}

/// A live, active, manual group; without a parent, under All Customers.
pub fn group(db: &TestDb, code: &str, name: &str, parent: Option<Uuid>) -> Uuid {
    let id = Uuid::now_v7();
    let parent = parent.unwrap_or(clientele::groups::group::ROOT_ID);
    let name = name.replace('\'', "''");
    run(db, &format!("INSERT INTO groups (id, code, name, parent_id) VALUES ('{id}', '{code}', '{name}', '{parent}')"));
    id
}

/// An active customer, named like its code.
pub fn customer(db: &TestDb, code: &str) -> Uuid {
    let id = Uuid::now_v7();
    run(db, &format!("INSERT INTO customers (id, code, name) VALUES ('{id}', '{code}', '{code}')"));
    id
}

/// An organization, named like its code.
pub fn organization(db: &TestDb, code: &str, group: Option<Uuid>) -> Uuid {
    let id = Uuid::now_v7();
    let group = group.map_or_else(|| "NULL".to_owned(), |group| format!("'{group}'"));
    run(
        db,
        &format!("INSERT INTO organizations (id, code, name, group_id) VALUES ('{id}', '{code}', '{code}', {group})"),
    );
    id
}

/// A completed order of one line at that instant, `net` in minor units of the currency; its purchases are rolled up.
pub fn order(db: &TestDb, number: &str, customer: Uuid, placed_at: &str, net: i64, currency: &str) -> Uuid {
    let (id, product) = (Uuid::now_v7(), Uuid::now_v7());
    run(
        db,
        &format!(
            "INSERT INTO products (id, sku, name, base_price, cost, currency) VALUES ('{product}', 'P-{number}', 'Product {number}', {net}, 0, '{currency}')"
        ),
    );
    run(
        db,
        &format!(
            "INSERT INTO orders (id, order_number, customer_id, placed_at, day, currency, net, gross, cost, is_credit_note)
             VALUES ('{id}', '{number}', '{customer}', '{placed_at}', ('{placed_at}'::timestamptz AT TIME ZONE 'UTC')::date, '{currency}', {net}, {net}, 0, false)"
        ),
    );
    run(
        db,
        &format!(
            "INSERT INTO order_lines (order_id, line, product_id, quantity, unit_price, list_price, unit_cost)
             VALUES ('{id}', 1, '{product}', 1, {net}, {net}, 0)"
        ),
    );
    run(db, &format!("SELECT recompute_purchases(ARRAY['{customer}'::uuid])"));
    id
}

/// How a membership came about.
#[derive(Clone, Copy, Debug)]
pub enum By {
    Hand,
    Rule,
    Both,
}

/// A membership; `since` is a day or an instant.
pub fn member(db: &TestDb, group: Uuid, customer: Uuid, since: &str, by: By, primary: bool) {
    let (hand, rule) = (!matches!(by, By::Rule), !matches!(by, By::Hand));
    run(
        db,
        &format!(
            "INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule, is_primary)
             VALUES ('{group}', '{customer}', '{since}', {hand}, {rule}, {primary})"
        ),
    );
}

/// An active product in USD, named like its SKU; the price in cents.
pub fn product(db: &TestDb, sku: &str, price: i64) -> Uuid {
    let id = Uuid::now_v7();
    run(
        db,
        &format!(
            "INSERT INTO products (id, sku, name, base_price, currency) VALUES ('{id}', '{sku}', 'Product {sku}', {price}, 'USD')"
        ),
    );
    id
}

/// An active price list in USD, without a window.
pub fn price_list(db: &TestDb, code: &str) -> Uuid {
    let id = Uuid::now_v7();
    run(
        db,
        &format!("INSERT INTO price_lists (id, code, name, currency) VALUES ('{id}', '{code}', 'List {code}', 'USD')"),
    );
    id
}

/// A price in a list, in cents.
pub fn entry(db: &TestDb, list: Uuid, product: Uuid, min_quantity: i32, price: i64) {
    run(db, &format!("INSERT INTO price_list_entries VALUES ('{list}', '{product}', {min_quantity}, {price})"));
}

/// Gives a group a price list.
pub fn assign(db: &TestDb, group: Uuid, list: Uuid, priority: i32) {
    run(db, &format!("INSERT INTO group_price_lists VALUES ('{group}', '{list}', {priority})"));
}

/// A visibility group with these products.
pub fn visibility_group(db: &TestDb, name: &str, products: &[Uuid]) -> Uuid {
    let id = Uuid::now_v7();
    run(db, &format!("INSERT INTO visibility_groups (id, name) VALUES ('{id}', '{name}')"));
    for product in products {
        run(db, &format!("INSERT INTO visibility_group_products VALUES ('{id}', '{product}')"));
    }
    id
}

/// Makes a group show this visibility group.
pub fn show(db: &TestDb, group: Uuid, set: Uuid) {
    run(db, &format!("INSERT INTO group_visibility VALUES ('{group}', 'visibility_groups') ON CONFLICT DO NOTHING"));
    run(db, &format!("INSERT INTO group_visibility_groups VALUES ('{group}', '{set}')"));
}

/// An import of products with a row that can't be imported.
pub fn import(db: &TestDb) -> Uuid {
    let id = Uuid::now_v7();
    let report = r#"{"rows": 2, "bad_rows": 1, "created": 1, "updated": 0, "unchanged": 0, "besides": [], "warnings": [],
        "reasons": [{"column": "sku", "cause": "is empty", "rows": 1, "first_rows": [2], "example": "is empty"}],
        "first_bad_rows": [{"row": 2, "reason": "sku is empty"}], "mapping": {"sku": "sku"}, "unused_columns": []}"#;
    run(
        db,
        &format!(
            "INSERT INTO imports (id, kind, file_name, file_bytes, stage, options, header, samples, actor_kind, actor_name,
                                  actor_role, created_at, report, bad_rows_bytes)
             VALUES ('{id}', 'products', 'products.csv', 3, 'refused', '{{}}', '[\"sku\"]', '[]', 'user', 'Ann', 'editor',
                     now(), '{report}', 3)"
        ),
    );
    run(db, &format!("INSERT INTO import_pieces VALUES ('{id}', 'file', 0, 'sku'), ('{id}', 'bad_rows', 0, 'sku')"));
    id
}

/// A webhook, and a delivery to it that was given up after an attempt.
pub fn webhook(db: &TestDb) -> (Uuid, Uuid) {
    let (endpoint, event, delivery) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    for statement in [
        format!(
            "INSERT INTO webhook_endpoints (id, url, description, kinds, secret, created_by, created_at, updated_at)
             VALUES ('{endpoint}', 'https://shop.example/hooks', 'Web shop', ARRAY['group.created', 'group.updated'],
                     sha256('a secret'), 'Ann', now(), now())"
        ),
        format!(
            r#"INSERT INTO outbox_events (id, kind, occurred_at, actor, data)
               VALUES ('{event}', 'group.updated', now(), '{{"kind": "user", "name": "Ann"}}', '{{"group": {{"code": "VIP"}}}}')"#
        ),
        format!(
            "INSERT INTO webhook_deliveries (id, event_id, endpoint_id, kind, state, attempts, last_status, last_error,
                                             last_ms, created_at, ended_at)
             VALUES ('{delivery}', '{event}', '{endpoint}', 'group.updated', 'dead', 8, 500,
                     'The receiver answered 500.', 31, now(), now())"
        ),
        format!(
            "INSERT INTO webhook_attempts VALUES ('{delivery}', 1, now(), 500, 'The receiver answered 500.', 'Oops', 31)"
        ),
    ] {
        run(db, &statement);
    }
    (endpoint, delivery)
}

/// A promotion of 10% off for everyone, named like its code.
pub fn promotion(db: &TestDb, code: &str) -> Uuid {
    let id = Uuid::now_v7();
    run(
        db,
        &format!(
            "INSERT INTO promotions (id, code, name, kind, percent) VALUES ('{id}', '{code}', '{code}', 'percent', 10)"
        ),
    );
    id
}

/// A campaign for everyone without promotions, named like its code.
pub fn campaign(db: &TestDb, code: &str) -> Uuid {
    let id = Uuid::now_v7();
    run(db, &format!("INSERT INTO campaigns (id, code, name) VALUES ('{id}', '{code}', '{code}')"));
    id
}

/// A segment that asks for nothing.
pub fn segment(db: &TestDb, name: &str) -> Uuid {
    let id = Uuid::now_v7();
    run(db, &format!("INSERT INTO segments (id, name) VALUES ('{id}', '{name}')"));
    id
}

/// The codes of the groups that are somebody's primary one: one or none.
pub fn primary(db: &TestDb, customer: Uuid) -> Vec<String> {
    texts(
        db,
        &format!(
            "SELECT g.code FROM memberships m JOIN groups g ON g.id = m.group_id
             WHERE m.customer_id = '{customer}' AND m.is_primary"
        ),
    )
}

/// A sum over every row of every table, by table: where two are alike, nothing was changed in between.
pub fn checksums(db: &TestDb) -> BTreeMap<String, String> {
    #[derive(QueryableByName)]
    struct Sum {
        #[diesel(sql_type = Text)]
        sum: String,
    }
    let tables = texts(db, "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'");
    assert!(tables.len() > 20, "{tables:?}");
    let mut conn = db.conn();
    tables
        .into_iter()
        .map(|table| {
            let query = format!(
                "SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE \"C\"), '')) AS sum FROM \"{table}\" t"
            );
            let sum: Sum = diesel::sql_query(query).get_result(&mut conn).unwrap();
            (table, sum.sum)
        })
        .collect()
}

/// Holds that nothing was changed since the sums were taken.
pub fn assert_unchanged(db: &TestDb, before: &BTreeMap<String, String>) {
    let after = checksums(db);
    let changed: Vec<&String> = before.keys().filter(|table| before.get(*table) != after.get(*table)).collect();
    assert!(changed.is_empty() && before.len() == after.len(), "{changed:?} changed");
}

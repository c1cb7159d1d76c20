//! The same rule, compiled to SQL and evaluated in memory, finds the same customers: for every field, operator, type
//! and missing value.

use super::people::{self, Person, conditions, fields, furnish, today};
use crate::support::TestDb;
use clientele::money::Currency;
use clientele::rules::condition::GroupName;
use clientele::rules::field::Op;
use clientele::rules::parse::{Context, parse};
use clientele::rules::rule::Rule;
use clientele::rules::store::compile::{People, compile};
use clientele::rules::store::facts;
use diesel::sql_types::Uuid as SqlUuid;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

fn groups(db: &TestDb) -> Vec<GroupName> {
    let found =
        crate::support::rows::all(db, "SELECT id, code FROM groups WHERE parent_id IS NOT NULL AND deleted_at IS NULL");
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    found
        .iter()
        .map(|row| GroupName { id: text(row, "id").parse().unwrap(), code: text(row, "code"), name: text(row, "code") })
        .collect()
}

fn read(rule: &Value, groups: &[GroupName]) -> Option<Rule> {
    parse(rule, &Context { currency: Currency::USD, groups, own: None, is_stored: false }).ok()
}

/// Whom the SQL finds, of all customers and of these.
fn by_sql(conn: &mut PgConnection, rule: &Rule, people: &People) -> BTreeSet<Uuid> {
    let compiled = compile(rule, Currency::USD, today(), people);
    let text = format!("SELECT c.id FROM {} WHERE {} AND {}", compiled.from, compiled.people, compiled.matches);
    let found: Vec<Found> = compiled.values.query(&text).load(conn).unwrap_or_else(|e| panic!("{e}\n{text}"));
    found.into_iter().map(|one| one.id).collect()
}

fn in_memory(conn: &mut PgConnection, rule: &Rule, ids: &[Uuid]) -> BTreeSet<Uuid> {
    let facts = facts::load(conn, ids, &rule.windows(), Currency::USD, today()).unwrap();
    assert_eq!(facts.len(), ids.len());
    facts.iter().filter(|facts| rule.holds(facts)).map(|facts| facts.id).collect()
}

/// Many different people, always the same ones.
fn crowd(size: usize) -> Vec<Person> {
    let mut runner = TestRunner::deterministic();
    (0..size).map(|_| people::person().new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn every_operator_of_every_field_agrees() {
    let db = TestDb::new();
    furnish(&db);
    let groups = groups(&db);
    let conn = &mut db.conn();
    let ids = people::write(conn, &crowd(150));
    let mut tried = BTreeSet::new();
    let mut told_apart = BTreeSet::new();
    for (field, days, values) in fields() {
        for op in Op::ALL {
            for condition in conditions(field, days, op.name(), &values) {
                let Some(rule) = read(&json!({"match": "all", "of": [condition]}), &groups) else { continue };
                let (sql, memory) = (by_sql(conn, &rule, &People::All), in_memory(conn, &rule, &ids));
                assert_eq!(sql, memory, "{condition}");
                tried.insert((field, op.name()));
                if !sql.is_empty() && sql.len() < ids.len() {
                    told_apart.insert((field, op.name()));
                }
            }
        }
    }
    // Every operator that a field takes was tried, and nearly all of them found some and not others.
    let taken: usize = clientele::rules::field::FIELDS
        .iter()
        .map(|field| Op::ALL.into_iter().filter(|op| op.suits(field.kind)).count())
        .sum();
    let names: BTreeSet<(&str, &str)> =
        tried.iter().map(|(field, op)| (if field.starts_with("metadata") { "metadata" } else { field }, *op)).collect();
    assert_eq!(names.len(), taken);
    let undecided: Vec<_> = tried.difference(&told_apart).collect();
    let never_missing = ["total_purchases", "purchases_last_days", "order_count", "orders_last_days", "status"];
    let expected = |(field, op): &&&(&str, &str)| !(never_missing.contains(field) && op.starts_with("is_"));
    assert_eq!(undecided.iter().filter(expected).count(), 0, "{undecided:?}");
}

/// A tree of random conditions that can be asked.
fn rule(groups: &[GroupName]) -> impl Strategy<Value = Value> + use<> {
    let mut all: Vec<Value> = fields()
        .into_iter()
        .flat_map(|(field, days, values)| {
            Op::ALL.into_iter().flat_map(move |op| conditions(field, days, op.name(), &values)).collect::<Vec<_>>()
        })
        .collect();
    all.retain(|condition| read(&json!({"match": "all", "of": [condition]}), groups).is_some());
    let leaf = prop::sample::select(all);
    let tree = leaf.prop_recursive(4, 24, 4, |inner| {
        (prop::bool::ANY, prop::collection::vec(inner, 1..4))
            .prop_map(|(all, of)| json!({"match": if all { "all" } else { "any" }, "of": of}))
    });
    prop::collection::vec(tree, 1..4).prop_map(|of| json!({"match": "any", "of": of}))
}

#[test]
fn random_rules_agree_on_random_people() {
    let db = TestDb::new();
    furnish(&db);
    let groups = groups(&db);
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    let cases = (prop::collection::vec(people::person(), 1..20), prop::collection::vec(rule(&groups), 12));
    let outcome = runner.run(&cases, |(people, rules)| {
        // Nothing of a case stays for the next.
        let conn = &mut db.conn();
        conn.begin_test_transaction().unwrap();
        let ids = people::write(conn, &people);
        for json in rules {
            let rule = read(&json, &groups).unwrap();
            let memory = in_memory(conn, &rule, &ids);
            prop_assert_eq!(&by_sql(conn, &rule, &People::All), &memory, "{}", json);
            let few: Vec<Uuid> = ids.iter().step_by(2).copied().collect();
            let found = by_sql(conn, &rule, &People::These(few.clone()));
            prop_assert_eq!(found, memory.iter().filter(|id| few.contains(id)).copied().collect::<BTreeSet<_>>());
            prop_assert_eq!(parse_again(&rule, &groups), Some(rule));
        }
        Ok(())
    });
    outcome.unwrap();
    assert_eq!(crate::support::rows::number(&db, "SELECT count(*) FROM customers"), 0);
}

/// A rule as it is stored reads back as the same rule.
fn parse_again(rule: &Rule, groups: &[GroupName]) -> Option<Rule> {
    read(&rule.to_json(Currency::USD), groups)
}

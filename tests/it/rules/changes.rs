//! Customers whose data changed: one at once, many right after an import.

use super::people;
use crate::support::TestDb;
use crate::support::rows::{By, all, customer, group, member, number, run, texts};
use chrono::{DateTime, Utc};
use clientele::auth::role::{Actor, Role};
use clientele::clock::Clock;
use clientele::imports::actions::{Request, import};
use clientele::imports::kind::Kind;
use clientele::imports::mapping::Wishes;
use clientele::rules::actions::{self, MOST_AT_ONCE, catch_up, customers_changed};
use diesel::Connection;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use std::io::Cursor;
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    "2026-03-31T12:00:00Z".parse().unwrap()
}

fn editor() -> Actor {
    Actor { name: "Ann Lee".into(), role: Role::Editor, ..Actor::command_line() }
}

fn ruled(db: &TestDb, code: &str, kind: &str, rule: &Value) -> Uuid {
    let id = group(db, code, &format!("{code} group"), None);
    run(db, &format!("UPDATE groups SET type = '{kind}' WHERE id = '{id}'"));
    db.conn().transaction(|conn| actions::save(conn, &editor(), id, rule, None, None, now())).unwrap();
    id
}

fn changed(db: &TestDb, ids: &[Uuid]) {
    db.conn().transaction(|conn| customers_changed(conn, &editor(), ids, now())).unwrap();
}

fn memberships(db: &TestDb) -> Vec<Value> {
    all(db, "SELECT group_id, customer_id, by_hand, by_rule FROM memberships ORDER BY 1, 2")
}

#[test]
fn one_customer_is_looked_at_by_all_rules_at_once() {
    let db = TestDb::new();
    let tagged = |tag: &str| json!({"match": "all", "of": [{"field": "tag", "op": "eq", "value": tag}]});
    for (code, kind, tag) in
        [("A", "automatic", "x"), ("B", "hybrid", "x"), ("C", "automatic", "y"), ("D", "automatic", "z")]
    {
        ruled(&db, code, kind, &tagged(tag));
    }
    let of = |customer: Uuid| {
        texts(
            &db,
            &format!(
                "SELECT g.code FROM memberships m JOIN groups g ON g.id = m.group_id WHERE m.customer_id = '{customer}' ORDER BY 1"
            ),
        )
    };
    let (one, other) = (customer(&db, "ONE"), customer(&db, "OTHER"));
    run(&db, "UPDATE customers SET tags = '{x,y}'");
    changed(&db, &[one]);
    assert_eq!((of(one), of(other).len()), (vec!["A".into(), "B".into(), "C".into()], 0));
    run(&db, "UPDATE customers SET tags = '{y,z}'");
    changed(&db, &[one]);
    assert_eq!(of(one), ["C", "D"]);
    let runs = texts(
        &db,
        "SELECT g.code || ' +' || r.joined || ' -' || r.\"left\" || ' ' || r.actor_name || ' ' || r.is_full FROM rule_runs r JOIN groups g ON g.id = r.group_id WHERE r.cause = 'change' ORDER BY r.started_at, r.id",
    );
    assert_eq!(runs[..3], ["A +1 -0 Ann Lee false", "B +1 -0 Ann Lee false", "C +1 -0 Ann Lee false"]);
    assert_eq!(runs[3..], ["A +0 -1 Ann Lee false", "B +0 -1 Ann Lee false", "D +1 -0 Ann Lee false"]);
    let events = number(
        &db,
        &format!(
            "SELECT count(*) FROM membership_events WHERE customer_id = '{one}' AND reason = 'customer changed by Ann Lee'"
        ),
    );
    assert_eq!(events, 6);
    changed(&db, &[one]);
    assert_eq!(number(&db, "SELECT count(*) FROM rule_runs WHERE cause = 'change'"), 6, "nothing more to do");
}

/// The way of one customer and the way of all make the same members, whoever was in the groups before.
#[test]
fn one_by_one_and_all_at_once_are_the_same() {
    let db = TestDb::new();
    people::furnish(&db);
    let mut runner = TestRunner::deterministic();
    let crowd: Vec<_> = (0..60).map(|_| people::person().new_tree(&mut runner).unwrap().current()).collect();
    let rules = [
        json!({"match": "any", "of": [
            {"field": "total_purchases", "op": "gt", "value": "100.00"},
            {"field": "region", "op": "not_in", "value": ["Bavaria"]},
        ]}),
        json!({"match": "all", "of": [
            {"field": "in_group", "op": "ne", "value": "GOLD"},
            {"field": "orders_last_days", "op": "gte", "value": 1, "days": 90},
        ]}),
        json!({"match": "all", "of": [{"field": "payment_history", "op": "gte", "value": "fair"}]}),
    ];
    let groups: Vec<Uuid> = rules
        .iter()
        .zip(["automatic", "hybrid", "hybrid"])
        .enumerate()
        .map(|(n, (rule, kind))| ruled(&db, &format!("RULED{n}"), kind, rule))
        .collect();
    run(&db, "UPDATE groups SET capacity = 10 WHERE code = 'RULED2'");
    let ids = people::write(&mut db.conn(), &crowd);
    // Some stand in the groups already, some are kept out.
    for (n, id) in ids.iter().enumerate() {
        let by = [By::Hand, By::Rule, By::Both][n % 3];
        if n % 4 == 0 {
            member(&db, groups[n / 4 % 3], *id, "2026-01-01", by, false);
        } else if n % 9 == 5 {
            run(
                &db,
                &format!(
                    "INSERT INTO membership_exclusions (group_id, customer_id, since) VALUES ('{}', '{id}', now())",
                    groups[n % 3]
                ),
            );
        }
    }
    let mut conn = db.conn();
    conn.begin_test_transaction().unwrap();
    for group in &groups {
        actions::run_now(&mut conn, &editor(), *group, now()).unwrap();
    }
    let by_sql: Vec<(Uuid, Uuid, bool, bool)> = standing(&mut conn);
    drop(conn);
    changed(&db, &ids);
    assert_eq!(standing(&mut db.conn()), by_sql);
    assert!(by_sql.iter().filter(|row| groups.contains(&row.0)).count() > 30);
}

fn standing(conn: &mut diesel::PgConnection) -> Vec<(Uuid, Uuid, bool, bool)> {
    use clientele::schema::memberships::dsl::*;
    use diesel::prelude::*;
    memberships.select((group_id, customer_id, by_hand, by_rule)).order((group_id, customer_id)).load(conn).unwrap()
}

#[test]
fn many_customers_are_noted_and_looked_at_right_after() {
    let db = TestDb::new();
    ruled(&db, "A", "automatic", &json!({"match": "all", "of": [{"field": "region", "op": "eq", "value": "R"}]}));
    run(
        &db,
        "INSERT INTO customers (id, code, name, region) SELECT uuid_v7(), 'C' || n, 'C' || n, 'R' FROM generate_series(1, 1500) n",
    );
    let ids: Vec<Uuid> = texts(&db, "SELECT id::text FROM customers").iter().map(|id| id.parse().unwrap()).collect();
    assert!(ids.len() > MOST_AT_ONCE);
    changed(&db, &ids);
    assert_eq!(memberships(&db).len(), 0);
    assert_eq!(catch_up(&mut db.conn(), now()).unwrap(), 1);
    assert_eq!(memberships(&db).len(), 1500);
    assert_eq!(catch_up(&mut db.conn(), now()).unwrap(), 0);
    assert_eq!(number(&db, "SELECT count(*) FROM rule_changes"), 0);
}

fn import_csv(db: &TestDb, kind: Kind, text: &str) {
    let actor = Actor::command_line();
    let request = Request {
        kind,
        file: "file.csv",
        wishes: Wishes::default(),
        create: Vec::new(),
        dry_run: false,
        good_rows: false,
        actor: &actor,
        now: Clock::fixed(now()).now(),
    };
    import(&mut db.conn(), &mut Cursor::new(text.as_bytes()), &request, None, &mut |_| {}).unwrap();
}

#[test]
fn an_import_is_followed_by_the_rules() {
    let db = TestDb::new();
    let rule =
        json!({"match": "all", "of": [{"field": "purchases_last_days", "op": "gte", "value": "100.00", "days": 30}]});
    ruled(&db, "BUYERS", "automatic", &rule);
    ruled(
        &db,
        "GERMANS",
        "automatic",
        &json!({"match": "all", "of": [{"field": "country", "op": "eq", "value": "DE"}]}),
    );
    let members = || {
        texts(
            &db,
            "SELECT g.code || ' ' || c.code FROM memberships m JOIN groups g ON g.id = m.group_id JOIN customers c ON c.id = m.customer_id WHERE m.by_rule ORDER BY 1",
        )
    };
    import_csv(&db, Kind::Customers, "code,name,country\nC1,One,DE\nC2,Two,FR\n");
    assert_eq!(members(), ["GERMANS C1"]);
    import_csv(&db, Kind::Products, "sku,name,base_price\nP,Pen,50\n");
    import_csv(
        &db,
        Kind::Orders,
        "order_number,placed_at,customer_code,sku,quantity,unit_price\nO1,2026-03-30,C2,P,2,50\nO2,2026-01-30,C1,P,9,50\n",
    );
    assert_eq!(members(), ["BUYERS C2", "GERMANS C1"]);
    assert_eq!(number(&db, "SELECT count(*) FROM rule_batches"), 0);
    assert_eq!(texts(&db, "SELECT DISTINCT cause FROM rule_runs WHERE joined > 0"), ["import"]);
    // By hand in a group that a rule asks for.
    ruled(
        &db,
        "GOLDEN",
        "automatic",
        &json!({"match": "all", "of": [{"field": "in_group", "op": "eq", "value": gold(&db)}]}),
    );
    import_csv(&db, Kind::Memberships, "group_code,customer_code\nGOLD,C1\n");
    assert_eq!(members(), ["BUYERS C2", "GERMANS C1", "GOLDEN C1"]);
}

fn gold(db: &TestDb) -> Uuid {
    group(db, "GOLD", "Gold", None)
}

#[test]
fn saving_a_customer_puts_it_where_the_rules_want_it() {
    let app = crate::support::TestApp::new();
    let db = &app.db;
    ruled(
        db,
        "GERMANS",
        "automatic",
        &json!({"match": "all", "of": [{"field": "country", "op": "eq", "value": "DE"}]}),
    );
    ruled(
        db,
        "GOLDEN",
        "hybrid",
        &json!({"match": "all", "of": [{"field": "in_group", "op": "eq", "value": gold(db)}]}),
    );
    let api = app.api(Role::Editor);
    let made = api.post("/admin/customers", &json!({"code": "C1", "name": "One", "country": "DE"}));
    assert_eq!(made.status, 201, "{}", made.json);
    let groups = || texts(db, "SELECT g.code FROM memberships m JOIN groups g ON g.id = m.group_id ORDER BY 1");
    assert_eq!(groups(), ["GERMANS"]);
    let path = format!("/admin/customers/{}", made.json["id"].as_str().unwrap());
    let changed = api.patch(&path, &json!({"country": "FR", "customerGroups": ["Gold"]}));
    assert_eq!(changed.status, 200, "{}", changed.json);
    assert_eq!(groups(), ["GOLD", "GOLDEN"]);
}

/// Whoever is put by hand into a group that a rule asks for, in whatever way, is looked at; so are the customers of an
/// organization whose code changes.
#[test]
fn groups_and_organizations_that_rules_ask_for_are_noted() {
    let app = crate::support::TestApp::new();
    let db = &app.db;
    let gold = gold(db);
    let asks = |field: &str, value: &str| json!({"match": "all", "of": [{"field": field, "op": "eq", "value": value}]});
    let one = customer(db, "ONE");
    let api = app.api(Role::Admin);
    let path = format!("/admin/pricing/customer-groups/{gold}");
    let groups = || {
        catch_up(&mut db.conn(), now()).unwrap();
        texts(db, "SELECT g.code FROM memberships m JOIN groups g ON g.id = m.group_id ORDER BY 1")
    };
    assert_eq!(api.patch(&path, &json!({"customerIds": [one]})).status, 200);
    assert_eq!(number(db, "SELECT count(*) FROM rule_batches"), 0, "no rule asks for a group");

    ruled(db, "GOLDEN", "hybrid", &asks("in_group", "GOLD"));
    ruled(db, "COMPANY", "automatic", &asks("organization", "NEW"));
    assert_eq!(groups(), ["GOLD", "GOLDEN"]);
    assert_eq!(api.patch(&path, &json!({"customerIdsToRemove": [one]})).status, 200);
    assert_eq!(groups(), Vec::<String>::new());
    assert_eq!(api.patch(&path, &json!({"customerIds": [one]})).status, 200);
    assert_eq!(groups(), ["GOLD", "GOLDEN"]);
    let why = "SELECT DISTINCT reason FROM membership_events WHERE actor_kind = 'rule_run' AND kind = 'left'";
    assert_eq!(texts(db, why), ["the customer's groups or organization changed"]);

    assert_eq!(api.delete(&path).status, 204);
    assert_eq!(texts(db, "SELECT DISTINCT cause FROM rule_batches"), ["change"]);
    run(db, &format!("UPDATE groups SET deleted_at = NULL WHERE id = '{gold}'"));
    assert_eq!(groups(), ["GOLD", "GOLDEN"]);

    let made = api.post("/admin/organizations", &json!({"code": "OLD", "name": "The company"}));
    let organization = made.json["id"].as_str().unwrap().to_owned();
    run(db, &format!("UPDATE customers SET organization_id = '{organization}'"));
    assert_eq!(api.patch(&format!("/admin/organizations/{organization}"), &json!({"code": "NEW"})).status, 200);
    assert_eq!(groups(), ["COMPANY", "GOLD", "GOLDEN"]);
}

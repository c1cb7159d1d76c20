//! Joins and leaves are told of as one event for each group, whoever made them.

use super::{admin, events, noon, webhook};
use crate::imports::Import;
use crate::support::{TestApp, TestDb, rows};
use clientele::auth::role::Role;
use clientele::imports::kind::Kind;
use clientele::rules::actions as rules;
use diesel::Connection;
use serde_json::{Value, json};

const NOWHERE: &str = "https://shop.example/hooks";
const BOTH: [&str; 2] = ["group.members.added", "group.members.removed"];

fn codes(data: &Value) -> Vec<&str> {
    data["customers"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

#[test]
fn a_bulk_add_is_one_event_whose_customers_are_all_found() {
    let app = TestApp::new();
    webhook(&app.db, NOWHERE, &BOTH);
    let group = rows::group(&app.db, "VIP", "VIP", None);
    rows::run(
        &app.db,
        "INSERT INTO customers (id, code, name)
         SELECT uuid_v7(), 'C-' || lpad(n::text, 4, '0'), 'Customer ' || n FROM generate_series(1, 1250) n",
    );
    let ids = rows::texts(&app.db, "SELECT id::text FROM customers");
    let api = app.api(Role::Editor);
    let path = format!("/admin/pricing/customer-groups/{group}");
    assert_eq!(api.patch(&path, &json!({"customerIds": ids})).status, 200);
    let told = events(&app.db);
    assert_eq!(told.len(), 1);
    let (kind, data) = &told[0];
    assert_eq!(kind, "group.members.added");
    assert_eq!((&data["count"], &data["group"]["memberCount"]), (&json!(1250), &json!(1250)));
    assert_eq!(data["group"]["id"], json!(group));
    assert_eq!(codes(data).len(), 100);

    let event = rows::id(&app.db, "SELECT id FROM outbox_events");
    let admin = app.api(Role::Admin);
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/admin/webhook-events/{event}/customers?limit=100{cursor}"));
        assert_eq!(page.status, 200, "{}", page.json);
        found.extend(page.json["items"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned()));
        match page.json["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    found.sort();
    let mut all = ids.clone();
    all.sort();
    assert_eq!(found, all);

    // Nobody is in it already: nothing is told.
    api.patch(&path, &json!({"customerIds": [ids[0]]}));
    assert_eq!(events(&app.db).len(), 1);
    api.patch(&path, &json!({"customerIdsToRemove": ids[..3]}));
    let (kind, data) = events(&app.db).pop().unwrap();
    assert_eq!((kind.as_str(), &data["count"]), ("group.members.removed", &json!(3)));
    assert_eq!(data["group"]["memberCount"], json!(1247));
}

#[test]
fn a_rule_run_tells_who_joined_and_who_left() {
    let db = TestDb::new();
    webhook(&db, NOWHERE, &BOTH);
    let group = rows::group(&db, "AUTO", "Automatic", None);
    rows::run(&db, "UPDATE groups SET type = 'automatic' WHERE code = 'AUTO'");
    for code in ["IN-1", "IN-2", "OUT"] {
        rows::customer(&db, code);
    }
    rows::run(&db, "UPDATE customers SET region = 'R' WHERE code LIKE 'IN-%'");
    let rule = json!({"match": "all", "of": [{"field": "region", "op": "eq", "value": "R"}]});
    db.conn().transaction(|conn| rules::save(conn, &admin(), group, &rule, None, None, noon())).unwrap();
    let (kind, data) = events(&db).pop().unwrap();
    assert_eq!((kind.as_str(), &data["count"]), ("group.members.added", &json!(2)));
    let mut joined = codes(&data);
    joined.sort_unstable();
    assert_eq!(joined, ["IN-1", "IN-2"]);
    assert_eq!(rows::texts(&db, "SELECT actor ->> 'kind' FROM outbox_events"), ["rule_run"]);
    rows::run(&db, "UPDATE customers SET region = CASE code WHEN 'OUT' THEN 'R' END");
    db.conn().transaction(|conn| rules::run_now(conn, &admin(), group, noon())).unwrap();
    let told = events(&db);
    assert_eq!(told.len(), 3);
    assert_eq!(told[1].0, "group.members.removed");
    assert_eq!((told[2].0.as_str(), codes(&told[2].1)), ("group.members.added", vec!["OUT"]));
}

#[test]
fn an_import_tells_of_groups_lists_prices_and_members() {
    let db = TestDb::new();
    let kinds: Vec<&str> = clientele::outbox::kind::Kind::ALL.iter().map(|kind| kind.name()).collect();
    webhook(&db, NOWHERE, &kinds);
    let import = |kind, file: &str| {
        let (report, _) = Import::of(kind, file).run(&mut db.conn()).unwrap();
        assert_eq!(report.bad_rows, 0, "{report:?}");
        let told = events(&db);
        rows::run(&db, "DELETE FROM outbox_events");
        told
    };
    let told = import(Kind::Groups, "code,name\nA,Alpha\nB,Beta\n");
    assert_eq!(told.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), ["group.created"; 2]);
    let told = import(Kind::Groups, "code,name,description\nA,Alpha,First\nB,Beta,\n");
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].0.as_str(), &told[0].1["changed"]), ("group.updated", &json!(["description"])));
    import(Kind::Customers, "code,name\nC1,One\nC2,Two\n");
    let told = import(Kind::Memberships, "group_code,customer_code\nA,C1\nA,C2\nB,C1\n");
    let counts: Vec<_> =
        told.iter().map(|(kind, data)| (kind.as_str(), &data["group"]["code"], &data["count"])).collect();
    let added = "group.members.added";
    assert_eq!(counts, [(added, &json!("A"), &json!(2)), (added, &json!("B"), &json!(1))]);
    import(Kind::Products, "sku,name,base_price\nX,Lamp,10.00\n");
    let told = import(Kind::PriceLists, "code,name\nL1,One\nL2,Two\n");
    assert_eq!(told.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), ["price_list.created"; 2]);
    let told = import(Kind::PriceLists, "code,name\nL1,One\nL2,Second\n");
    assert_eq!((told.len(), told[0].0.as_str()), (1, "price_list.updated"));
    let told = import(Kind::PriceListEntries, "price_list_code,sku,price\nL1,X,9.00\nL2,X,8.00\n");
    assert_eq!(told.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), ["price_list.entries.changed"; 2]);
    assert_eq!(import(Kind::PriceListEntries, "price_list_code,sku,price\nL1,X,9.00\n"), []);
}

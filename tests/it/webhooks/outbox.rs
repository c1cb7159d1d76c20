//! Events are written with the change that they tell of, or not at all.

use super::{admin, deliveries, events, noon, webhook};
use crate::support::{TestApp, TestDb, rows};
use clientele::auth::role::Role;
use clientele::error::Error;
use clientele::groups::actions as groups;
use clientele::groups::group::Details;
use clientele::outbox::kind::Kind;
use clientele::webhooks::actions;
use diesel::Connection;
use serde_json::{Map, Value, json};

const NOWHERE: &str = "https://shop.example/hooks";

fn all() -> Vec<&'static str> {
    Kind::ALL.iter().map(|kind| kind.name()).collect()
}

fn make_group(conn: &mut diesel::PgConnection, name: &str) -> Result<(), Error> {
    groups::create(conn, &admin(), Details::named(name), &Map::new(), "console", noon()).map(drop)
}

#[test]
fn an_event_is_there_when_its_change_is() {
    let db = TestDb::new();
    webhook(&db, NOWHERE, &["group.created"]);
    let undone = db.conn().transaction::<(), _, _>(|conn| {
        make_group(conn, "Undone")?;
        Err(Error::Busy)
    });
    assert!(matches!(undone, Err(Error::Busy)));
    assert_eq!(rows::number(&db, "SELECT count(*) FROM outbox_events"), 0);
    assert_eq!(rows::number(&db, "SELECT count(*) FROM webhook_deliveries"), 0);
    db.conn().transaction(|conn| make_group(conn, "Done")).unwrap();
    let told = events(&db);
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].0.as_str(), &told[0].1["group"]["name"]), ("group.created", &json!("Done")));
    let actor = rows::one(&db, "SELECT actor FROM outbox_events");
    assert_eq!(actor, json!({"kind": "command_line", "id": null, "name": "Ann Lee"}));
    assert_eq!(deliveries(&db), ["pending 0"]);
}

#[test]
fn only_what_somebody_wants_is_written() {
    let db = TestDb::new();
    let make = |name: &str| db.conn().transaction(|conn| make_group(conn, name)).unwrap();
    make("Nobody listens");
    let (paused, _) = webhook(&db, NOWHERE, &["group.created"]);
    db.conn().transaction(|conn| actions::set_active(conn, &admin(), paused, false, noon())).unwrap();
    webhook(&db, NOWHERE, &["group.deleted"]);
    make("Nobody wants it");
    assert_eq!(events(&db), []);
    webhook(&db, NOWHERE, &["group.created", "group.deleted"]);
    webhook(&db, NOWHERE, &["group.created"]);
    make("Two want it");
    assert_eq!(events(&db).len(), 1);
    assert_eq!(deliveries(&db), ["pending 0", "pending 0"]);
}

/// The fields of an event that the API's answer has, too.
fn agrees(told: &Value, answer: &Value) {
    let told = told.as_object().unwrap();
    assert!(told.len() >= 8, "{told:?}");
    for (name, value) in told {
        let theirs = &answer[name];
        if name.ends_with("At") {
            let at = |value: &Value| value.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
            assert_eq!(at(value), at(theirs), "{name}");
        } else {
            assert_eq!(value, theirs, "{name}");
        }
    }
}

#[test]
fn every_kind_is_told_of_as_the_api_has_it() {
    let app = TestApp::new();
    webhook(&app.db, NOWHERE, &all());
    let api = app.api(Role::Admin);
    let of = |answer: &Value| answer["id"].as_str().unwrap().to_owned();
    let last = || events(&app.db).pop().unwrap();
    let kinds = || events(&app.db).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
    let groups = "/admin/pricing/customer-groups";

    let group = api.post(groups, &json!({"name": "VIP", "description": "Best", "metadata": {"erp": 7}})).json;
    agrees(&last().1["group"], &group);
    let path = format!("{groups}/{}", of(&group));
    let changed = api.patch(&path, &json!({"capacity": 50, "name": "VIPs"})).json;
    let (kind, data) = last();
    assert_eq!((kind.as_str(), &data["changed"]), ("group.updated", &json!(["capacity", "name"])));
    agrees(&data["group"], &changed);
    api.patch(&format!("{path}/settings"), &json!({"paymentTerms": {"netDays": 30}}));
    assert_eq!(last().0, "group.updated");
    let rule = json!({"match": "all", "of": [{"field": "country", "op": "eq", "value": "DE"}]});
    api.patch(&path, &json!({"type": "hybrid", "rule": rule}));
    assert_eq!(last().1["changed"], json!(["rule", "runs"]));
    let other = api.post(groups, &json!({"name": "Other"})).json;
    api.patch(&path, &json!({"parentId": of(&other)}));
    let (kind, data) = last();
    assert_eq!((kind.as_str(), &data["group"]["parentId"]), ("group.moved", &other["id"]));
    assert_eq!(api.delete(&path).status, 204);
    let (kind, data) = last();
    assert_eq!((kind.as_str(), &data["group"]["code"]), ("group.deleted", &group["code"]));
    app.sign_in(Role::Admin).post(&format!("/groups/{}/restoration", of(&group)), &[]);
    assert_eq!(last().0, "group.restored");

    let product = json!({"sku": "LAMP", "name": "Lamp", "basePrice": "25.00"});
    api.post("/admin/products", &product);
    let list = api.post("/admin/price-lists", &json!({"code": "L", "name": "List", "validFrom": "2026-01-01"})).json;
    agrees(&last().1["priceList"], &list);
    let path = format!("/admin/price-lists/{}", of(&list));
    let changed = api.patch(&path, &json!({"name": "Lists"})).json;
    let (kind, data) = last();
    assert_eq!((kind.as_str(), &data["changed"]), ("price_list.updated", &json!(["name"])));
    agrees(&data["priceList"], &changed);
    api.post(&format!("{path}/entries"), &json!({"entries": [{"sku": "LAMP", "price": "20.00"}]}));
    assert_eq!(last().0, "price_list.entries.changed");
    assert_eq!(last().1["priceList"]["id"], list["id"]);
    api.delete(&path);
    let gone = json!({"priceList": {"id": of(&list), "code": "L", "name": "Lists"}});
    assert_eq!(last(), ("price_list.deleted".into(), gone));

    let sent = json!({"code": "P", "name": "Promo", "type": "discount", "percent": "5.00", "groupsIn": [of(&other)]});
    let promotion = api.post("/admin/promotions", &sent).json;
    agrees(&last().1["promotion"], &promotion);
    let path = format!("/admin/promotions/{}", of(&promotion));
    api.patch(&path, &json!({"validTo": "2026-12-31"}));
    let (kind, data) = last();
    assert_eq!((kind.as_str(), &data["changed"]), ("promotion.updated", &json!(["validTo"])));
    api.delete(&path);
    let gone = json!({"promotion": {"id": of(&promotion), "code": "P", "name": "Promo"}});
    assert_eq!(last(), ("promotion.deleted".into(), gone));

    let customer = rows::customer(&app.db, "C-1");
    let path = format!("{groups}/{}", of(&other));
    api.patch(&path, &json!({"customerIds": [customer]}));
    api.patch(&path, &json!({"customerIdsToRemove": [customer]}));
    let told = kinds();
    for kind in Kind::ALL {
        assert!(told.iter().any(|name| name == kind.name()), "nobody told of {}: {told:?}", kind.name());
    }
}

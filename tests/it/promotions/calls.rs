//! `/admin/promotions`, `/admin/campaigns` and `/admin/segments`.

use super::{Groups, PROMOTIONS, fields};
use crate::support::{TestApp, rows};
use clientele::auth::role::Role;
use serde_json::json;
use uuid::Uuid;

#[test]
fn a_promotion_of_every_type_goes_in_and_comes_back() {
    let app = TestApp::new();
    let groups = Groups::new(&app);
    let api = app.api(Role::Editor);
    rows::product(&app.db, "MUG", 500);
    let sale = json!({
        "code": "VIP-SPRING", "name": "VIP Spring Sale", "type": "discount", "percent": "10", "minimumPurchase": "500",
        "validFrom": "2026-03-01", "validTo": "2026-03-31", "stackWithGroupDiscount": true,
        "groupsIn": ["VIP", groups.gold.to_string()], "groupsNotIn": ["PLATINUM"],
    });
    let made = api.post(PROMOTIONS, &sale);
    assert_eq!(made.status, 201, "{}", made.json);
    for (field, value) in [
        ("percent", json!("10.00")),
        ("minimumPurchase", json!("500.00")),
        ("phase", json!("running")),
        ("status", json!("active")),
        ("reachesEveryone", json!(false)),
        ("combinable", json!(true)),
    ] {
        assert_eq!(made.json[field], value, "{field}");
    }
    let codes: Vec<_> = made.json["groupsIn"].as_array().unwrap().iter().map(|g| g["code"].as_str().unwrap()).collect();
    assert_eq!((codes, &made.json["groupsNotIn"][0]["code"]), (vec!["GOLD", "VIP"], &json!("PLATINUM")));
    assert_eq!(api.get(made.header("location")).json, made.json);
    for (code, sent, field, value) in [
        ("AMOUNT", json!({"type": "discount", "amount": "25.5"}), "amount", json!("25.50")),
        ("SHIP", json!({"type": "free_shipping"}), "type", json!("free_shipping")),
        (
            "GIFT",
            json!({"type": "freeItem", "freeItem": {"sku": "MUG"}}),
            "freeItem",
            json!({"sku": "MUG", "quantity": 1}),
        ),
        ("BOGO", json!({"type": "bogo", "buyQuantity": 2, "get_quantity": 1}), "getQuantity", json!(1)),
    ] {
        let mut sent = sent;
        (sent["code"], sent["name"]) = (json!(code), json!(code));
        let made = api.post(PROMOTIONS, &sent);
        assert_eq!((made.status, &made.json[field]), (201, &value), "{}", made.json);
        assert_eq!(made.json["reachesEveryone"], json!(true));
    }
    let path = made.header("location");
    let changed = api.patch(path, &json!({"validTo": null, "minimumPurchase": null, "groupsIn": []}));
    assert_eq!((changed.status, &changed.json["validTo"], &changed.json["groupsIn"]), (200, &json!(null), &json!([])));
    assert_eq!((&changed.json["reachesEveryone"], &changed.json["percent"]), (&json!(false), &json!("10.00")));
    let to_amount = api.patch(path, &json!({"amount": "5"}));
    assert_eq!((&to_amount.json["amount"], &to_amount.json["percent"]), (&json!("5.00"), &json!(null)));
    assert_eq!(api.send("PATCH", path, &[("if-match", "\"v1\"")], Some("{\"name\": \"Late\"}")).status, 409);
    let list = api.get(&format!("{PROMOTIONS}?status=running&limit=2"));
    assert_eq!((list.status, list.json["items"].as_array().unwrap().len()), (200, 2));
    let next = list.json["nextCursor"].as_str().unwrap();
    assert_eq!(api.get(&format!("{PROMOTIONS}?limit=2&cursor={next}")).json["items"].as_array().unwrap().len(), 2);
    assert_eq!(api.delete(path).status, 204);
    assert_eq!(api.get(path).status, 404);
}

#[test]
fn what_does_not_fit_is_refused_by_its_name_in_json() {
    let app = TestApp::new();
    Groups::new(&app);
    let api = app.api(Role::Editor);
    let id = rows::promotion(&app.db, "TAKEN");
    let viewer = app.api(Role::Viewer);
    // The first call of a token is noted beside it.
    assert_eq!((api.get(PROMOTIONS).status, viewer.get(PROMOTIONS).status), (200, 200));
    let before = rows::checksums(&app.db);
    let good = json!({"code": "A", "name": "A", "type": "discount", "percent": "10"});
    for (change, field) in [
        (json!({"code": "TAKEN"}), "code"),
        (json!({"percent": "100.01"}), "percent"),
        (json!({"percent": "-1"}), "percent"),
        (json!({"percent": null, "amount": "0"}), "amount"),
        (json!({"amount": "5"}), "amount"),
        (json!({"type": "lottery"}), "type"),
        (json!({"type": "freeItem", "freeItem": {"sku": "NONE", "quantity": 1}}), "freeItem.sku"),
        (json!({"type": "bogo", "buyQuantity": 1, "getQuantity": 0}), "getQuantity"),
        (json!({"validFrom": "2026-03-02", "validTo": "2026-03-01"}), "validTo"),
        (json!({"groupsIn": ["NONE"]}), "groupsIn"),
        (json!({"groupsIn": ["VIP"], "groupsNotIn": ["VIP"]}), "groupsNotIn"),
        (json!({"minimumPurchase": "1.005"}), "minimumPurchase"),
        (json!({"priority": 0}), "priority"),
        (json!({"status": "on"}), "status"),
    ] {
        let mut sent = good.clone();
        for (name, value) in change.as_object().unwrap() {
            sent[name] = value.clone();
        }
        assert_eq!(fields(&api.post(PROMOTIONS, &sent), 422), [field], "{sent}");
        let path = format!("{PROMOTIONS}/{id}");
        // Only an amount beside a percentage is one too many.
        if field != "code" && change != json!({"amount": "5"}) {
            assert_eq!(fields(&api.patch(&path, &change), 422), [field], "{change}");
        }
    }
    for path in [format!("{PROMOTIONS}/{}", Uuid::now_v7()), "/admin/segments/x".into(), "/admin/campaigns/x".into()] {
        assert_eq!(api.get(&path).status, 404);
        assert_eq!(api.delete(&path).status, 404);
    }
    for path in [PROMOTIONS, "/admin/segments", "/admin/campaigns"] {
        assert_eq!(viewer.post(path, &json!({"name": "A"})).status, 403, "{path}");
    }
    rows::assert_unchanged(&app.db, &before);
}

#[test]
fn a_code_means_its_group_whatever_another_is_called() {
    let app = TestApp::new();
    let groups = Groups::new(&app);
    let namesake = rows::group(&app.db, "VIP-2", "VIP", None);
    let api = app.api(Role::Editor);
    let sale = json!({"code": "SALE", "name": "Sale", "type": "discount", "percent": "5", "groupsIn": ["VIP"]});
    let made = api.post(PROMOTIONS, &sale);
    assert_eq!(made.json["groupsIn"][0]["code"], "VIP", "{}", made.json);
    assert_ne!(groups.vip, namesake);
    let segment = json!({"name": "All but VIP", "groupsIn": ["vip"], "groupsNotIn": ["VIP"]});
    let made = api.post("/admin/segments", &segment);
    // In small letters it is no code, but a name.
    assert_eq!(made.json["groupsIn"][0]["code"], "VIP-2", "{}", made.json);
    assert_eq!(made.json["groupsNotIn"][0]["code"], "VIP");
}

#[test]
fn segments_and_campaigns_have_the_same_shape() {
    let app = TestApp::new();
    Groups::new(&app);
    let api = app.api(Role::Editor);
    rows::promotion(&app.db, "SALE");
    let rule = json!({"match": "all", "of": [{"field": "country", "op": "eq", "value": "DE"}]});
    let made = api.post("/admin/segments", &json!({"name": "Germans", "groupsIn": ["VIP"], "rule": rule}));
    assert_eq!((made.status, &made.json["rule"]), (201, &rule), "{}", made.json);
    let segment = made.header("location");
    assert_eq!(api.get(&format!("{segment}?include=count")).json["count"], json!(0));
    let bad = json!({"match": "all", "of": [{"field": "country", "op": "eq"}]});
    assert_eq!(fields(&api.patch(segment, &json!({"rule": bad})), 422), ["rule.of[0].value"]);
    assert_eq!(fields(&api.patch(segment, &json!({"groupsNotIn": ["VIP"]})), 422), ["groupsNotIn"]);
    assert_eq!(fields(&api.post("/admin/segments", &json!({"name": "GERMANS"})), 422), ["name"]);
    assert_eq!(api.patch(segment, &json!({"rule": null})).json["rule"], json!(null));
    let sent = json!({"code": "SPRING", "name": "Spring", "segments": ["Germans"], "promotions": ["SALE"]});
    let made = api.post("/admin/campaigns", &sent);
    assert_eq!((made.status, &made.json["promotions"][0]["code"]), (201, &json!("SALE")), "{}", made.json);
    let campaign = made.header("location");
    assert_eq!(fields(&api.patch(campaign, &json!({"segments": ["None"]})), 422), ["segments"]);
    assert_eq!(fields(&api.patch(campaign, &json!({"validFrom": "x"})), 422), ["validFrom"]);
    assert_eq!(api.delete(segment).status, 409);
    assert_eq!(api.patch(campaign, &json!({"segments": [], "status": "inactive"})).json["phase"], json!("off"));
    assert_eq!(api.delete(segment).status, 204);
    assert_eq!(api.get("/admin/campaigns?status=off").json["items"].as_array().unwrap().len(), 1);
    assert_eq!(api.delete(campaign).status, 204);
}

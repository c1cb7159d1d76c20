//! `…/effective` and `…/settings`.

use super::shop;
use crate::support::{TestApp, rows};
use clientele::auth::role::Role;
use serde_json::{Value, json};

fn at(group: uuid::Uuid, end: &str) -> String {
    format!("/admin/pricing/customer-groups/{group}/{end}")
}

#[test]
fn own_settings_are_changed_field_by_field_and_every_value_says_where_it_is_from() {
    let app = TestApp::new();
    let (vip, platinum) = shop(&app);
    let api = app.api(Role::Editor);
    let change = json!({
        "pricing": {"discountPercent": "5.00", "combine": "add"},
        "paymentTerms": {"netDays": 45, "creditLimit": "250000.00", "earlyPayment": "none"},
        "portal": {"shop": "limited", "quotes": false},
    });
    let changed = api.patch(&at(platinum, "settings"), &change);
    assert_eq!(changed.status, 200, "{:?}", changed.json);
    let body = api.get(&at(platinum, "effective")).json;
    assert_eq!(body, changed.json);
    assert_eq!(body["chain"], json!(["PLATINUM", "VIP", "ALL"]));
    let own = json!({"groupId": platinum, "code": "PLATINUM", "name": "VIP Platinum", "inherited": false});
    let above = json!({"groupId": vip, "code": "VIP", "name": "VIP Customers", "inherited": true});
    for (pointer, value, source) in [
        ("/pricing/method", json!("percentage"), &own),
        ("/pricing/discountPercent", json!("20.00"), &own),
        ("/pricing/combine", json!("add"), &own),
        ("/paymentTerms/netDays", json!(45), &own),
        ("/paymentTerms/creditLimit", json!("250000.00"), &own),
        ("/paymentTerms/earlyPayment", json!(null), &own),
        ("/paymentTerms/methods", json!(["card", "net_terms"]), &above),
        ("/portal/shop", json!("limited"), &own),
        ("/portal/quotes", json!(false), &own),
        ("/portal/login", json!(true), &Value::Null),
        ("/visibility/access", json!("all"), &Value::Null),
    ] {
        assert_eq!(body.pointer(pointer), Some(&json!({"value": value, "source": source})), "{pointer}");
    }
    // A field left out is untouched, null takes one back.
    let again = api.patch(&at(platinum, "settings"), &json!({"paymentTerms": {"netDays": null}})).json;
    assert_eq!(again["paymentTerms"]["netDays"], json!({"value": 30, "source": above}));
    assert_eq!(again["paymentTerms"]["creditLimit"]["value"], "250000.00");
}

#[test]
fn what_does_not_fit_is_named_and_changes_nothing() {
    let app = TestApp::new();
    let (vip, _) = shop(&app);
    let api = app.api(Role::Editor);
    for (change, field) in [
        (json!({"pricing": {"discountPercent": "100.01"}}), "pricing.discountPercent"),
        (json!({"pricing": {"discountPercent": "-1"}}), "pricing.discountPercent"),
        (json!({"pricing": {"discountPercent": "1.005"}}), "pricing.discountPercent"),
        (json!({"pricing": {"discountPercent": 15}}), "pricing.discountPercent"),
        (json!({"pricing": {"method": "barter"}}), "pricing.method"),
        (
            json!({"pricing": {"priceLists": [{"priceListId": "NONE", "priority": 1}]}}),
            "pricing.priceLists[0].priceListId",
        ),
        (
            json!({"pricing": {"priceLists": [{"priceListId": "NONE", "priority": 1.5}]}}),
            "pricing.priceLists[0].priority",
        ),
        (json!({"pricing": {"scope": {"kind": "products", "products": ["NO-SUCH"]}}}), "pricing.scope.products"),
        (json!({"pricing": {"minimumOrder": {"amount": "1.005"}}}), "pricing.minimumOrder.amount"),
        (json!({"paymentTerms": {"netDays": -1}}), "paymentTerms.netDays"),
        (json!({"paymentTerms": {"earlyPayment": {"percent": "2.00"}}}), "paymentTerms.earlyPayment.days"),
        (json!({"paymentTerms": {"methods": ["shells"]}}), "paymentTerms.methods"),
        (json!({"visibility": {"included": ["NO-SUCH"]}}), "visibility.included"),
        (json!({"visibility": {"visibilityGroups": ["Nothing such"]}}), "visibility.visibilityGroups"),
        (json!({"portal": {"shop": "wide"}}), "portal.shop"),
        (json!({"portal": {"door": true}}), "portal.door"),
        (json!({"colour": {"red": 1}}), "colour"),
        (json!({"colour": {}}), "colour"),
        (json!({"colour": null}), "colour"),
        (json!({"portal": {"": true}}), "portal."),
        (json!({"pricing": {"colour": 1}}), "pricing.colour"),
        (json!({"pricing": {"minimumOrder": {"amout": "5.00"}}}), "pricing.minimumOrder.amout"),
        (json!({"pricing": {"minimumOrder": 5}}), "pricing.minimumOrder"),
        (
            json!({"paymentTerms": {"earlyPayment": {"percent": "2.00", "days": 10, "x": 1}}}),
            "paymentTerms.earlyPayment.x",
        ),
        (json!({"pricing": {"scope": {"kind": "all", "categories": ["Toys"]}}}), "pricing.scope.categories"),
        (json!({"pricing": {"scope": {"kind": "categories", "categories": ["No such"]}}}), "pricing.scope.categories"),
        (
            json!({"pricing": {"method": "fixed", "discountPercent": "5.00", "fixedAmount": "1.00"}}),
            "pricing.discountPercent",
        ),
        (json!({"pricing": {"method": "none", "discountPercent": "5.00"}}), "pricing.discountPercent"),
        (json!({"pricing": {"method": null, "fixedAmount": "5.00"}}), "pricing.fixedAmount"),
        (json!({"pricing": {"discountPercent": "5.00", "fixedAmount": "5.00"}}), "pricing.fixedAmount"),
        (json!({"pricing": {"method": "priceLists", "combine": "add"}}), "pricing.combine"),
        (json!({"pricing": {"method": "none", "scope": "all"}}), "pricing.scope"),
        (json!({"paymentTerms": {"netDays": 5, "net_days": 6}}), "paymentTerms.netDays"),
        (json!({"visibility": {"access": "all", "visibilityGroups": ["VIP"]}}), "visibility.visibilityGroups"),
        (json!({"visibility": {"access": "visibilityGroups"}}), "visibility.visibilityGroups"),
        (json!({"visibility": {"included": ["PEN"], "excluded": ["PEN"]}}), "visibility.excluded"),
        (json!({"pricing": []}), "pricing"),
    ] {
        let answer = api.patch(&at(vip, "settings"), &change);
        assert_eq!(answer.status, 422, "{change}");
        let fields: Vec<&str> =
            answer.json["errors"].as_array().unwrap().iter().filter_map(|error| error["field"].as_str()).collect();
        assert!(fields.contains(&field), "{change}: {fields:?}");
    }
    let version = rows::all(&app.db, "SELECT version FROM groups WHERE code = 'VIP'");
    assert_eq!(version, [json!({"version": 1})]);
}

#[test]
fn roles_and_versions_are_held() {
    let app = TestApp::new();
    let (vip, _) = shop(&app);
    let (viewer, editor) = (app.api(Role::Viewer), app.api(Role::Editor));
    let change = json!({"paymentTerms": {"netDays": 60}});
    assert_eq!(viewer.patch(&at(vip, "settings"), &change).status, 403);
    assert_eq!(viewer.get(&at(vip, "effective")).status, 200);
    assert_eq!(editor.patch(&at(vip, "settings"), &json!({"inherit": {"pricing": false}})).status, 403);
    let stale = editor.send("PATCH", &at(vip, "settings"), &[("If-Match", "\"v7\"")], Some(&change.to_string()));
    assert_eq!(stale.status, 409);
    let good = editor.send("PATCH", &at(vip, "settings"), &[("If-Match", "\"v1\"")], Some(&change.to_string()));
    assert_eq!((good.status, good.header("etag")), (200, "\"v2\""));
    assert_eq!(viewer.get(&at(uuid::Uuid::nil(), "effective")).status, 404);
}

#[test]
fn the_percentage_that_results_is_told_also_where_levels_compete() {
    let app = TestApp::new();
    let (vip, platinum) = shop(&app);
    let api = app.api(Role::Editor);
    let told = |change: Value| {
        let answer = api.patch(&at(platinum, "settings"), &change);
        assert_eq!(answer.status, 200, "{}", answer.json);
        let leaf = &answer.json["pricing"]["discountPercent"];
        (leaf["value"].clone(), leaf["source"]["code"].clone())
    };
    // VIP takes 15% off. 5% beside it never wins; 25% does; added, 5% comes to 20%.
    let percent = |percent: &str, combine: &str| json!({"pricing": {"discountPercent": percent, "combine": combine}});
    assert_eq!(told(percent("5.00", "compete")), (json!("15.00"), json!("VIP")));
    assert_eq!(told(percent("25.00", "compete")), (json!("25.00"), json!("PLATINUM")));
    assert_eq!(told(percent("5.00", "add")), (json!("20.00"), json!("PLATINUM")));
    let fixed = json!({"pricing": {"method": "fixed", "fixedAmount": "1.00"}});
    assert_eq!(told(fixed), (json!("15.00"), json!("VIP")));
    assert_eq!(told(json!({"pricing": {"fixedAmount": null}})), (json!("15.00"), json!("VIP")));
    // What people see says the same.
    assert_eq!(told(percent("5.00", "compete")), (json!("15.00"), json!("VIP")));
    let viewer = app.sign_in(Role::Viewer);
    let page = viewer.get(&format!("/groups/{platinum}")).text();
    assert!(
        page.contains("Pricing 15% discount on all products") && !page.contains("5% discount on all products;"),
        "{page}"
    );
    let customer = rows::id(&app.db, "SELECT id FROM customers LIMIT 1");
    let other = rows::group(&app.db, "OTHER", "Other", None);
    rows::run(
        &app.db,
        &format!("INSERT INTO group_pricing (group_id, method, percent) VALUES ('{other}', 'percentage', 30)"),
    );
    rows::member(&app.db, other, customer, "2026-01-01", rows::By::Hand, false);
    let page = viewer.get(&format!("/customers/{customer}")).text();
    assert!(page.contains("Prices 30% discount on all products from Other") && !page.contains("Prices 15%"), "{page}");
    assert_ne!(vip, platinum);
}

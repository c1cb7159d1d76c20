//! The edge cases of a customer's groups and lists.

use super::{ask, ask_for, asked, member, pen, percentage, verdicts, with_list};
use crate::support::rows::{self, By};
use serde_json::json;

#[test]
fn no_group() {
    let (app, api, _) = pen();
    let customer = rows::customer(&app.db, "C1");
    let item = ask(&api, Some(customer), "PEN");
    assert_eq!((&item["unitPrice"], &item["basePrice"]), (&json!("100.00"), &json!("100.00")));
    assert_eq!(item["source"], json!({"kind": "base", "groupCode": null, "levelCode": null, "priceListCode": null}));
    let answer = api.post("/store/prices", &json!({"customerId": customer, "items": [{"sku": "PEN", "quantity": 3}]}));
    assert_eq!(answer.json["groups"], json!([]));
    assert_eq!(answer.json["currency"], "USD");
    assert_eq!(answer.json["at"], "2026-03-10T12:00:00Z");
    assert_eq!(answer.json["items"][0]["lineTotal"], "300.00");
    assert!(answer.json["items"][0].get("trace").is_none(), "nobody asked why");
}

#[test]
fn a_guest_pays_base_prices() {
    let (app, api, pen) = pen();
    let list = rows::price_list(&app.db, "L");
    rows::entry(&app.db, list, pen, 1, 5_000);
    with_list(&app.db, "VIP", list);
    assert_eq!(ask(&api, None, "PEN")["unitPrice"], "100.00");
}

#[test]
fn inactive_group() {
    let (app, api, pen) = pen();
    let list = rows::price_list(&app.db, "L");
    rows::entry(&app.db, list, pen, 1, 5_000);
    let group = with_list(&app.db, "VIP", list);
    let customer = member(&app.db, "C1", group);
    assert_eq!(ask(&api, Some(customer), "PEN")["unitPrice"], "50.00");
    rows::run(&app.db, &format!("UPDATE groups SET status = 'inactive' WHERE id = '{group}'"));
    let item = ask(&api, Some(customer), "PEN");
    assert_eq!(item["unitPrice"], "100.00");
    assert_eq!(verdicts(&item), ["VIP group -: group inactive", "- base -: won"]);
}

#[test]
fn a_deleted_group_prices_nothing() {
    let (app, api, pen) = pen();
    let list = rows::price_list(&app.db, "L");
    rows::entry(&app.db, list, pen, 1, 5_000);
    let group = with_list(&app.db, "VIP", list);
    let customer = member(&app.db, "C1", group);
    rows::run(&app.db, &format!("UPDATE groups SET deleted_at = now() WHERE id = '{group}'"));
    assert_eq!(ask(&api, Some(customer), "PEN")["unitPrice"], "100.00");
    // So it is where it is the group of the customer's organization.
    let organization = rows::organization(&app.db, "ACME", Some(group));
    rows::run(&app.db, &format!("UPDATE customers SET organization_id = '{organization}' WHERE id = '{customer}'"));
    assert_eq!(ask(&api, Some(customer), "PEN")["unitPrice"], "100.00");
}

#[test]
fn empty_price_lists() {
    let (app, api, _) = pen();
    let group = rows::group(&app.db, "VIP", "VIP", None);
    rows::run(&app.db, &format!("INSERT INTO group_pricing (group_id, method) VALUES ('{group}', 'price_lists')"));
    let customer = member(&app.db, "C1", group);
    let item = ask(&api, Some(customer), "PEN");
    assert_eq!((&item["unitPrice"], verdicts(&item)), (&json!("100.00"), vec!["- base -: won".to_owned()]));
}

#[test]
fn all_price_lists_inactive() {
    let (app, api, pen) = pen();
    let (one, other) = (rows::price_list(&app.db, "L1"), rows::price_list(&app.db, "L2"));
    let group = with_list(&app.db, "VIP", one);
    rows::assign(&app.db, group, other, 10);
    for list in [one, other] {
        rows::entry(&app.db, list, pen, 1, 5_000);
    }
    rows::run(&app.db, "UPDATE price_lists SET status = 'inactive'");
    let customer = member(&app.db, "C1", group);
    let item = ask(&api, Some(customer), "PEN");
    assert_eq!(item["unitPrice"], "100.00");
    assert_eq!(
        verdicts(&item),
        ["VIP price_list L1: list inactive", "VIP price_list L2: list inactive", "- base -: won"]
    );
}

#[test]
fn no_matching_overrides() {
    let (app, api, _) = pen();
    let other = rows::product(&app.db, "INK", 2_000);
    let list = rows::price_list(&app.db, "L");
    rows::entry(&app.db, list, other, 1, 1_000);
    let group = with_list(&app.db, "VIP", list);
    let customer = member(&app.db, "C1", group);
    let item = ask(&api, Some(customer), "PEN");
    assert_eq!(item["unitPrice"], "100.00");
    assert_eq!(verdicts(&item), ["VIP price_list L: no entry", "- base -: won"]);
    assert_eq!(ask(&api, Some(customer), "INK")["unitPrice"], "10.00");
}

#[test]
fn of_two_groups_the_lowest_price_wins() {
    let (app, api, pen) = pen();
    let (gold, silver) = (rows::price_list(&app.db, "GOLD-L"), rows::price_list(&app.db, "SILVER-L"));
    rows::entry(&app.db, gold, pen, 1, 9_000);
    rows::entry(&app.db, silver, pen, 1, 8_000);
    let (first, second) = (with_list(&app.db, "GOLD", gold), with_list(&app.db, "SILVER", silver));
    let customer = member(&app.db, "C1", first);
    rows::member(&app.db, second, customer, "2025-06-01", By::Rule, false);
    let item = ask(&api, Some(customer), "PEN");
    assert_eq!(item["unitPrice"], "80.00");
    assert_eq!(
        item["source"],
        json!({"kind": "price_list", "groupCode": "SILVER", "levelCode": "SILVER", "priceListCode": "SILVER-L"})
    );
    assert_eq!(
        verdicts(&item),
        ["GOLD price_list GOLD-L: higher price", "SILVER price_list SILVER-L: won", "- base -: overridden"]
    );
    let answer = api.post("/store/prices", &json!({"customerId": customer, "items": [{"sku": "PEN"}]}));
    let groups: Vec<(&str, &str)> = answer.json["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (group["code"].as_str().unwrap(), group["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(groups, [("GOLD", "Own membership by hand, the primary group"), ("SILVER", "Own membership by rule")]);
}

#[test]
fn the_organizations_group_decides_over_the_contacts() {
    let (app, api, pen) = pen();
    let (cheap, dear) = (rows::price_list(&app.db, "CHEAP"), rows::price_list(&app.db, "DEAR"));
    rows::entry(&app.db, cheap, pen, 1, 5_000);
    rows::entry(&app.db, dear, pen, 1, 9_000);
    let (own, its) = (with_list(&app.db, "OWN", cheap), with_list(&app.db, "ORG", dear));
    let customer = member(&app.db, "C1", own);
    let organization = rows::organization(&app.db, "ACME", Some(its));
    rows::run(&app.db, &format!("UPDATE customers SET organization_id = '{organization}' WHERE id = '{customer}'"));
    let item = ask(&api, Some(customer), "PEN");
    assert_eq!(item["unitPrice"], "90.00");
    assert_eq!(
        verdicts(&item),
        ["ORG price_list DEAR: won", "OWN group -: organization's group decides", "- base -: overridden"]
    );
    // Inactive, it decides nothing: the contact's own groups count.
    rows::run(&app.db, &format!("UPDATE groups SET status = 'inactive' WHERE id = '{its}'"));
    assert_eq!(ask(&api, Some(customer), "PEN")["unitPrice"], "50.00");
}

#[test]
fn of_equal_priorities_the_lists_name_then_its_code_decides() {
    let (app, api, pen) = pen();
    let (second, first) = (rows::price_list(&app.db, "A"), rows::price_list(&app.db, "B"));
    rows::entry(&app.db, second, pen, 1, 1_000);
    rows::entry(&app.db, first, pen, 1, 9_000);
    let group = with_list(&app.db, "VIP", second);
    rows::assign(&app.db, group, first, 1);
    let customer = member(&app.db, "C1", group);
    rows::run(&app.db, "UPDATE price_lists SET name = CASE code WHEN 'A' THEN 'Zebra' ELSE 'Ant' END");
    assert_eq!(ask(&api, Some(customer), "PEN")["unitPrice"], "90.00");
    rows::run(&app.db, "UPDATE price_lists SET name = 'Same'");
    assert_eq!(ask(&api, Some(customer), "PEN")["unitPrice"], "10.00");
}

#[test]
fn quantity_breaks() {
    let (app, api, pen) = pen();
    let list = rows::price_list(&app.db, "L");
    for (from, price) in [(10, 8_000), (100, 7_000)] {
        rows::entry(&app.db, list, pen, from, price);
    }
    let group = with_list(&app.db, "VIP", list);
    let customer = member(&app.db, "C1", group);
    for (quantity, unit, total, verdict) in [
        (1, "100.00", "100.00", "VIP price_list L: quantity below 10"),
        (9, "100.00", "900.00", "VIP price_list L: quantity below 10"),
        (10, "80.00", "800.00", "VIP price_list L: won"),
        (99, "80.00", "7920.00", "VIP price_list L: won"),
        (100, "70.00", "7000.00", "VIP price_list L: won"),
        (1_000_000, "70.00", "70000000.00", "VIP price_list L: won"),
    ] {
        let item = ask_for(&api, Some(customer), "PEN", quantity);
        assert_eq!((&item["unitPrice"], &item["lineTotal"]), (&json!(unit), &json!(total)), "{quantity}");
        assert_eq!(verdicts(&item)[0], verdict, "{quantity}");
    }
}

#[test]
fn windows_hold_whole_days_of_the_stores_zone() {
    let (app, api, pen) = pen();
    rows::run(&app.db, "UPDATE store_settings SET time_zone = 'America/New_York'");
    let list = rows::price_list(&app.db, "L");
    rows::entry(&app.db, list, pen, 1, 5_000);
    rows::run(&app.db, "UPDATE price_lists SET valid_from = '2026-03-09', valid_to = '2026-03-10'");
    let group = with_list(&app.db, "VIP", list);
    let customer = member(&app.db, "C1", group);
    // New York is four hours behind UTC after 8 March 2026.
    for (at, price, verdict) in [
        ("2026-03-09T03:59:59Z", "100.00", "not yet valid"),
        ("2026-03-09T04:00:00Z", "50.00", "won"),
        ("2026-03-09", "50.00", "won"),
        ("2026-03-08T23:59:59", "100.00", "not yet valid"),
        ("2026-03-10T23:59:59", "50.00", "won"),
        ("2026-03-11T03:59:59Z", "50.00", "won"),
        ("2026-03-11T04:00:00Z", "100.00", "expired"),
        ("2026-03-11", "100.00", "expired"),
        ("2026-03-11T00:00:00+02:00", "50.00", "won"),
    ] {
        let body = json!({"customerId": customer, "at": at, "explain": true, "items": [{"sku": "PEN", "quantity": 1}]});
        let item = asked(&api, &body).remove(0);
        assert_eq!(item["unitPrice"], price, "{at}");
        assert_eq!(verdicts(&item)[0], format!("VIP price_list L: {verdict}"), "{at}");
    }
}

#[test]
fn in_another_currency_only_its_lists_price() {
    let (app, api, pen) = pen();
    rows::product(&app.db, "INK", 2_000);
    let (euro, dollar) = (rows::price_list(&app.db, "EUR-L"), rows::price_list(&app.db, "USD-L"));
    rows::run(&app.db, "UPDATE price_lists SET currency = 'EUR' WHERE code = 'EUR-L'");
    rows::entry(&app.db, euro, pen, 1, 7_700);
    rows::entry(&app.db, dollar, pen, 1, 100);
    let group = with_list(&app.db, "VIP", dollar);
    rows::assign(&app.db, group, euro, 10);
    percentage(&app.db, group, "50.00", false);
    let customer = member(&app.db, "C1", group);
    let body = json!({"customerId": customer, "currency": "EUR", "explain": true,
                      "items": [{"sku": "PEN", "quantity": 2}, {"sku": "INK", "quantity": 1}]});
    let items = asked(&api, &body);
    assert_eq!((&items[0]["unitPrice"], &items[0]["lineTotal"]), (&json!("77.00"), &json!("154.00")));
    assert_eq!(items[0]["basePrice"], json!(null));
    assert_eq!(
        verdicts(&items[0])[..2],
        ["VIP price_list USD-L: other currency".to_owned(), "VIP price_list EUR-L: won".to_owned()]
    );
    assert_eq!(
        (&items[1]["unitPrice"], &items[1]["lineTotal"], &items[1]["source"]),
        (&json!(null), &json!(null), &json!(null))
    );
    assert_eq!(items[1]["verdict"], "no price in EUR");
    assert_eq!(verdicts(&items[1]).last().unwrap(), "- base -: no price in EUR");
}

#[test]
fn a_price_of_0_is_a_price() {
    let (app, api, pen) = pen();
    let list = rows::price_list(&app.db, "L");
    rows::entry(&app.db, list, pen, 1, 0);
    let group = with_list(&app.db, "VIP", list);
    let customer = member(&app.db, "C1", group);
    let item = ask_for(&api, Some(customer), "PEN", 7);
    assert_eq!((&item["unitPrice"], &item["lineTotal"]), (&json!("0.00"), &json!("0.00")));
    assert_eq!(item["source"]["kind"], "price_list");
    // A base price of 0 stands as well.
    rows::product(&app.db, "GIFT", 0);
    assert_eq!(ask(&api, Some(customer), "GIFT")["unitPrice"], "0.00");
}

#[test]
fn many_items_come_in_their_order_and_one_product_may_come_twice() {
    let (app, api, pen) = pen();
    rows::product(&app.db, "INK", 2_000);
    let list = rows::price_list(&app.db, "L");
    rows::entry(&app.db, list, pen, 10, 8_000);
    let group = with_list(&app.db, "VIP", list);
    let customer = member(&app.db, "C1", group);
    let wished = [("INK", 2), ("PEN", 1), ("PEN", 10), ("INK", 1)];
    let items: Vec<_> = wished.iter().map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect();
    let found: Vec<(String, String)> = asked(&api, &json!({"customer_id": customer, "items": items}))
        .iter()
        .map(|item| (item["sku"].as_str().unwrap().into(), item["lineTotal"].as_str().unwrap().into()))
        .collect();
    let expected = [("INK", "40.00"), ("PEN", "100.00"), ("PEN", "800.00"), ("INK", "20.00")];
    assert_eq!(found, expected.map(|(sku, total)| (sku.to_owned(), total.to_owned())));
}

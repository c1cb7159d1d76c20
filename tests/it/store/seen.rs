//! What a customer sees, counts in and buys on.

use super::{ask, member, pen, percentage};
use crate::support::rows::{self, By};
use clientele::groups::group::ROOT_ID;
use serde_json::{Value, json};
use uuid::Uuid;

#[test]
fn a_product_nobody_sees_is_priced_and_marked() {
    let (app, api, pen) = pen();
    let ink = rows::product(&app.db, "INK", 2_000);
    let set = rows::visibility_group(&app.db, "Standard", &[ink]);
    let group = rows::group(&app.db, "VIP", "VIP", None);
    rows::show(&app.db, group, set);
    percentage(&app.db, group, "10.00", false);
    let customer = member(&app.db, "C1", group);
    let item = ask(&api, Some(customer), "PEN");
    assert_eq!((&item["unitPrice"], &item["visible"]), (&json!("90.00"), &json!(false)));
    assert_eq!(ask(&api, Some(customer), "INK")["visible"], true);
    assert_eq!(ask(&api, None, "PEN")["visible"], true, "All Customers restricts nothing");
    // A guest sees what All Customers sees.
    rows::run(&app.db, &format!("INSERT INTO group_visibility VALUES ('{ROOT_ID}', NULL)"));
    rows::run(&app.db, &format!("INSERT INTO group_visibility_products VALUES ('{ROOT_ID}', '{pen}', 'excluded')"));
    assert_eq!(ask(&api, None, "PEN")["visible"], false);
    assert_eq!(ask(&api, None, "INK")["visible"], true);
    // What isn't sold any more, nobody may buy.
    rows::run(&app.db, "UPDATE products SET status = 'inactive' WHERE sku = 'INK'");
    let item = ask(&api, Some(customer), "INK");
    assert_eq!((&item["unitPrice"], &item["visible"]), (&json!("18.00"), &json!(false)));
}

#[test]
fn any_group_shows_and_none_excludes() {
    let (app, api, pen) = pen();
    let ink = rows::product(&app.db, "INK", 2_000);
    let (pens, inks) =
        (rows::visibility_group(&app.db, "Pens", &[pen]), rows::visibility_group(&app.db, "Inks", &[ink]));
    let (one, other) = (rows::group(&app.db, "ONE", "One", None), rows::group(&app.db, "OTHER", "Other", None));
    rows::show(&app.db, one, pens);
    rows::show(&app.db, other, inks);
    let customer = member(&app.db, "C1", one);
    let seen = |sku: &str| ask(&api, Some(customer), sku)["visible"].as_bool().unwrap();
    assert_eq!((seen("PEN"), seen("INK")), (true, false));
    rows::member(&app.db, other, customer, "2025-01-02", By::Hand, false);
    assert_eq!((seen("PEN"), seen("INK")), (true, true));
    rows::run(&app.db, &format!("INSERT INTO group_visibility_products VALUES ('{other}', '{pen}', 'excluded')"));
    assert_eq!((seen("PEN"), seen("INK")), (false, true));
}

/// All pages of a customer's products as SKU and price.
fn products(api: &crate::support::Api, customer: Uuid, more: &str) -> Vec<(String, String)> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("/store/customers/{customer}/products?limit=2{more}{cursor}"));
        assert_eq!(page.status, 200, "{}", page.json);
        let items = page.json["items"].as_array().unwrap();
        let text = |item: &Value, field: &str| item[field].as_str().unwrap_or("-").to_owned();
        found.extend(items.iter().map(|item| (text(item, "sku"), text(item, "unitPrice"))));
        match page.json["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
        assert!(found.len() < 100, "the pages never end");
    }
}

#[test]
fn the_products_of_a_customer_are_those_it_sees_with_its_prices() {
    let (app, api, _) = pen();
    let made: Vec<Uuid> = (1..=5).map(|n| rows::product(&app.db, &format!("T{n}"), n * 1_000)).collect();
    rows::run(&app.db, "UPDATE products SET status = 'inactive' WHERE sku = 'T2'");
    let set = rows::visibility_group(&app.db, "Standard", &made);
    let group = rows::group(&app.db, "VIP", "VIP", None);
    rows::show(&app.db, group, set);
    rows::run(&app.db, &format!("INSERT INTO group_visibility_products VALUES ('{group}', '{}', 'excluded')", made[3]));
    percentage(&app.db, group, "10.00", false);
    let list = rows::price_list(&app.db, "EUR-L");
    rows::run(&app.db, "UPDATE price_lists SET currency = 'EUR'");
    rows::entry(&app.db, list, made[4], 1, 777);
    rows::assign(&app.db, group, list, 1);
    let customer = member(&app.db, "C1", group);
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(sku, price)| ((*sku).to_owned(), (*price).to_owned())).collect()
    };
    assert_eq!(products(&api, customer, ""), pairs(&[("T1", "9.00"), ("T3", "27.00"), ("T5", "45.00")]));
    assert_eq!(products(&api, customer, "&currency=EUR"), pairs(&[("T1", "-"), ("T3", "-"), ("T5", "7.77")]));
    // Who is in no group sees what All Customers sees.
    let other = rows::customer(&app.db, "C2");
    let all: Vec<String> = products(&api, other, "").into_iter().map(|(sku, _)| sku).collect();
    assert_eq!(all, ["PEN", "T1", "T3", "T4", "T5"]);
}

#[test]
fn groups_and_terms_say_where_they_are_from() {
    let (app, api, _) = pen();
    let group = rows::group(&app.db, "VIP", "VIP", None);
    let resting = rows::group(&app.db, "OLD", "Old", None);
    rows::run(&app.db, &format!("UPDATE groups SET status = 'inactive' WHERE id = '{resting}'"));
    rows::run(
        &app.db,
        &format!("INSERT INTO group_payment_terms (group_id, net_days, credit_limit) VALUES ('{group}', 30, 1000000)"),
    );
    let customer = member(&app.db, "C1", group);
    rows::member(&app.db, resting, customer, "2025-01-02", By::Rule, false);
    let groups = api.get(&format!("/store/customers/{customer}/groups")).json;
    assert_eq!(groups["items"][0]["code"], "VIP");
    assert_eq!(groups["items"][0]["reason"], "Own membership by hand, the primary group");
    assert_eq!(groups["leftOut"][0]["code"], "OLD");
    assert_eq!(groups["leftOut"][0]["reason"], "The group is inactive");
    // Owed is what is due and not paid, whatever its status, but what was cancelled; only in the store's currency.
    for (number, net, currency, change) in [
        ("O1", 40_000, "USD", "due_at = '2026-04-01'"),
        ("O2", 20_000, "USD", "due_at = '2026-02-01', status = 'open'"),
        ("O3", 99_000, "USD", "status = 'open'"),
        ("O4", 99_000, "USD", "due_at = '2026-04-01', paid_at = '2026-03-01'"),
        ("O5", 99_000, "USD", "due_at = '2026-04-01', status = 'cancelled'"),
        ("O6", 99_000, "EUR", "due_at = '2026-04-01'"),
    ] {
        rows::order(&app.db, number, customer, "2026-01-05T10:00:00Z", net, currency);
        rows::run(&app.db, &format!("UPDATE orders SET {change} WHERE order_number = '{number}'"));
    }
    let terms = api.get(&format!("/store/customers/{customer}/terms")).json;
    assert_eq!(terms["decidedBy"], "VIP");
    assert_eq!(terms["paymentTerms"]["netDays"]["value"], 30);
    assert_eq!(terms["paymentTerms"]["netDays"]["source"]["code"], "VIP");
    assert_eq!(terms["portal"]["login"], json!({"value": true, "source": null}));
    assert_eq!(terms["credit"], json!({"limit": "10000.00", "openBalance": "600.00", "left": "9400.00"}));
}

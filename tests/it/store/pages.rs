//! The price check, and what a customer gets.

use super::{member, pen, percentage, with_list};
use crate::support::{html, rows};
use clientele::auth::role::Role;
use serde_json::Value;
use uuid::Uuid;

#[test]
fn a_price_explains_itself_at_an_address_that_can_be_kept() {
    let (app, api, pen) = pen();
    rows::product(&app.db, "INK", 2_000);
    let list = rows::price_list(&app.db, "L");
    rows::entry(&app.db, list, pen, 10, 8_000);
    let group = with_list(&app.db, "VIP", list);
    percentage(&app.db, group, "15.00", false);
    let customer = member(&app.db, "C1", group);
    let browser = app.sign_in(Role::Viewer);
    assert!(browser.get("/tools/price-check").text().contains("Every price explains itself"));
    // A product is added by its SKU or as the only one of a name; the answer has an address of its own.
    let added =
        browser.get("/tools/price-check?customer_text=C1&add_text=Product+INK&add_quantity=2&sku=PEN&quantity=12");
    assert_eq!(added.status, 303, "{}", added.text());
    let address = added.location().to_owned();
    assert_eq!(
        address,
        format!("/tools/price-check?date=2026-03-10&customer={customer}&sku=PEN&quantity=12&sku=INK&quantity=2")
    );
    let page = browser.get(&address);
    let text = page.text();
    for sentence in [
        "Only Group VIP counts.",
        "Own membership by hand, the primary group.",
        "Group VIP: price list List L from 10 units on makes $80.00; this is the price.",
        "Group VIP: 15% off the base price; a price list of this group has the product.",
        "Group VIP: 15% off the base price makes $17.00; this is the price.",
        "12 × $80.00 = $960.00",
        "Total $994.00",
    ] {
        assert!(text.contains(sentence), "{sentence}: {text}");
    }
    // Its permalink is itself, and its JSON is what a shop gets.
    assert!(html::links(&page.body).iter().any(|link| link.replace("&amp;", "&") == address), "{address}");
    let json: Value = serde_json::from_str(&browser.get(&address.replace("check?", "check.json?")).body).unwrap();
    let asked = serde_json::json!({"customerId": customer, "at": "2026-03-10", "explain": true,
        "items": [{"sku": "PEN", "quantity": 12}, {"sku": "INK", "quantity": 2}]});
    assert_eq!(json, api.post("/store/prices", &asked).json);
    // A line can go, and nobody is a guest.
    let links: Vec<String> = html::links(&page.body).into_iter().map(|link| link.replace("&amp;", "&")).collect();
    let without = format!("/tools/price-check?date=2026-03-10&customer={customer}&sku=INK&quantity=2");
    assert!(links.contains(&without), "{links:?}");
    let guest = browser.get("/tools/price-check?sku=PEN&quantity=12&customer_text=").text();
    assert!(guest.contains("A guest") && guest.contains("The base price is $100.00: this is the price."), "{guest}");
}

#[test]
fn what_cannot_be_checked_is_told_at_its_field() {
    let (app, _, _) = pen();
    let browser = app.sign_in(Role::Viewer);
    let before = rows::checksums(&app.db);
    for (query, says) in [
        ("customer_text=nobody&sku=PEN&quantity=1", "Choose a customer from the list"),
        (&*format!("customer={}&sku=PEN&quantity=1", Uuid::now_v7()), "Choose a customer from the list"),
        ("sku=NONE&quantity=1", "There is no product with the SKU “NONE”."),
        ("sku=PEN&quantity=-1", "The quantity is a whole number from 1 to 1,000,000."),
        ("sku=PEN&quantity=99999999999", "The quantity is a whole number from 1 to 1,000,000."),
        ("add_text=PEN&add_quantity=0", "The quantity is a whole number from 1 to 1,000,000."),
        ("add_text=nothing", "Choose a product from the list, or type its SKU."),
        ("sku=PEN&quantity=1&date=2026-02-30", "is not a date or time"),
        ("sku=PEN&quantity=1&currency=XYZ", "Choose an ISO 4217 currency"),
    ] {
        let page = browser.get(&format!("/tools/price-check?{query}"));
        assert_eq!(page.status, 422, "{query}");
        assert!(page.text().contains(says), "{query}: {}", page.text());
        assert!(!page.text().contains("Why"), "{query}");
        let json =
            browser.get(&format!("/tools/price-check.json?{}", query.replace("add_text=PEN&", "sku=PEN&quantity=0&")));
        assert_eq!(json.status, 422, "{query}");
    }
    rows::assert_unchanged(&app.db, &before);
}

#[test]
fn a_customer_gets_lists_in_order_terms_credit_and_products() {
    let (app, _, pen) = pen();
    rows::product(&app.db, "INK", 2_000);
    let (now, later) = (rows::price_list(&app.db, "NOW"), rows::price_list(&app.db, "LATER"));
    rows::run(&app.db, "UPDATE price_lists SET valid_from = '2026-04-01' WHERE code = 'LATER'");
    rows::entry(&app.db, now, pen, 1, 9_000);
    rows::entry(&app.db, later, pen, 1, 5_000);
    let group = with_list(&app.db, "VIP", later);
    rows::assign(&app.db, group, now, 10);
    let set = rows::visibility_group(&app.db, "Pens", &[pen]);
    rows::show(&app.db, group, set);
    rows::run(
        &app.db,
        &format!("INSERT INTO group_payment_terms (group_id, net_days, credit_limit) VALUES ('{group}', 45, 100000)"),
    );
    let customer = member(&app.db, "C1", group);
    rows::order(&app.db, "O1", customer, "2026-03-01T10:00:00Z", 120_000, "USD");
    rows::run(&app.db, "UPDATE orders SET due_at = '2026-04-15'");
    let browser = app.sign_in(Role::Viewer);
    let text = browser.get(&format!("/customers/{customer}/gets")).text();
    for part in [
        "List LATER not yet valid 10 List NOW In force",
        "Payment terms Net 45 from Group VIP",
        "Open balance $1,200.00",
        "Credit left −$200.00 Over the limit",
        "Sees 1 of 3 active products.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = browser.get(&format!("/customers/{customer}/gets?on=2026-04-01")).text();
    assert!(text.contains("List LATER In force 10 List NOW In force"), "{text}");
    let products = |query: &str| html::rows(&browser.get(&format!("/customers/{customer}/products{query}")).body);
    assert_eq!(products(""), [["Product PEN PEN", "", "$100.00", "$90.00", "Price list List NOW"]]);
    assert_eq!(products("?on=2026-04-01"), [["Product PEN PEN", "", "$100.00", "$50.00", "Price list List LATER"]]);
    assert_eq!(browser.get(&format!("/customers/{}/gets", Uuid::now_v7())).status, 404);
}

//! "Why does this customer not get the discount?", for the four causes that the demo shop has prepared, and the price that
//! explains itself.

use super::{button, link, nothing_complains, signed_in};
use crate::support::TestApp;
use crate::support::browser::{Chromium, Setup};
use crate::support::rows;
use clientele::auth::role::Role;
use serde_json::Value;

fn row(app: &TestApp, query: &str) -> Value {
    rows::all(&app.db, query).remove(0)
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap()
}

/// Types into a field that suggests, and takes the suggestion that has this text.
fn pick(window: &Chromium, field: &str, typed: &str) {
    window.fill(&format!("[name={field}_text]"), typed);
    let option = format!("//ul[@id='field-{field}-list']//li[@role='option'][contains(., '{typed}')]");
    window.wait_for(&option);
    window.click(&option);
}

/// Asks why, on this day where one is given.
fn ask(window: &Chromium, customer: &str, sku: &str, day: Option<&str>) {
    window.goto("/tools/no-discount");
    pick(window, "customer", customer);
    pick(window, "product", sku);
    if let Some(day) = day {
        window.script(&format!("document.querySelector('[name=date]').value = '{day}'"));
    }
    window.click(&button("Find the cause"));
    window.wait_for_text("1. Group assignment");
}

const ALONE: &str = "SELECT c.code FROM customers c JOIN memberships m ON m.customer_id = c.id
    JOIN groups g ON g.id = m.group_id WHERE c.organization_id IS NULL
    GROUP BY c.code HAVING count(*) = 1 AND min(g.code) = ";

#[test]
fn why_a_customer_does_not_get_the_discount() {
    let app = TestApp::demo();
    let window = signed_in(&app, Role::Editor, Setup::default());
    let alone = |group: &str| row(&app, &format!("{ALONE} '{group}' ORDER BY c.code LIMIT 1"));

    // Wrong group: a retail customer misses what VIP customers get.
    let retail = alone("RETAIL");
    window.goto("/tools/no-discount");
    pick(&window, "customer", text(&retail, "code"));
    pick(&window, "product", "AUD-1001");
    pick(&window, "group", "VIP Customers");
    window.click(&button("Find the cause"));
    window.wait_for_text("isn't in VIP Customers, nor in a group that inherits its prices.");
    window.click(&link("Add the customer"));
    window.wait_for_path("where it is mended", |path| path.ends_with("/members/add"));
    nothing_complains(&window);

    // List expired: the season is over.
    let special = row(
        &app,
        "SELECT p.sku, l.name, (l.valid_to + 1)::text AS after FROM price_list_entries e
         JOIN price_lists l ON l.id = e.price_list_id JOIN products p ON p.id = e.product_id
         WHERE l.code = 'WHOLESALE-SPECIALS' ORDER BY p.sku LIMIT 1",
    );
    ask(&window, text(&alone("WHOLESALE"), "code"), text(&special, "sku"), Some(text(&special, "after")));
    window.wait_for_text(&format!("The price list {} expired after", text(&special, "name")));
    window.click("//li[contains(., 'expired after')]//a[normalize-space()='Open the price list']");
    window.wait_for_path("the list", |path| path.starts_with("/price-lists/"));

    // Product excluded: new customers see some products only.
    let hidden = row(
        &app,
        "SELECT p.sku FROM products p WHERE p.status = 'active' AND NOT EXISTS (
             SELECT FROM visibility_group_products x JOIN visibility_groups v ON v.id = x.visibility_group_id
             WHERE x.product_id = p.id AND v.name = 'Limited') ORDER BY p.sku LIMIT 1",
    );
    ask(&window, text(&alone("NEW"), "code"), text(&hidden, "sku"), None);
    window.wait_for_text("New Customers doesn't see it");
    window.click(&link("Change what the group sees"));
    window.wait_for_path("its visibility", |path| path.ends_with("/visibility"));

    // The organization's group decides over the contact's own.
    let contact = row(
        &app,
        "SELECT c.code, c.name, o.name AS organization, g.name AS own
         FROM customers c JOIN organizations o ON o.id = c.organization_id
         JOIN groups og ON og.id = o.group_id AND og.status = 'active'
         JOIN memberships m ON m.customer_id = c.id JOIN groups g ON g.id = m.group_id
         WHERE g.id <> og.id AND g.status = 'active' ORDER BY c.code LIMIT 1",
    );
    ask(&window, text(&contact, "code"), "AUD-1001", None);
    window.wait_for_text(&format!("the group of the organization {} decides alone.", text(&contact, "organization")));
    window.click(&link("Show the whole price check"));
    window.wait_for_path("the price check", |path| path.starts_with("/tools/price-check?"));
    window.wait_for_text("this is the price");
    assert!(window.text("main").contains(text(&contact, "name")));

    // There another product is added, and the address is the question.
    pick(&window, "add", "AUD-1002");
    window.click(&button("Check prices"));
    window.wait_for_path("both products", |path| path.contains("sku=AUD-1001") && path.contains("sku=AUD-1002"));
    window.wait_for_text("Total");
    window.click("[aria-label='Take AUD-1001 out']");
    window.wait_for_path("one of them", |path| !path.contains("sku=AUD-1001") && path.contains("sku=AUD-1002"));
    nothing_complains(&window);
}

/// Cents as the console writes dollars.
fn dollars(cents: i64) -> String {
    let whole = clientele::money::format_count(cents / 100);
    format!("${whole}.{:02}", cents % 100)
}

#[test]
fn an_order_of_the_vip_customer_shows_price_promotion_terms_and_early_payment() {
    let app = TestApp::demo();
    // One promotion of 10% on top of group prices, so that every figure can be reckoned here.
    rows::run(&app.db, "UPDATE promotions SET status = 'inactive'");
    let promotion = rows::promotion(&app.db, "JOURNEY");
    rows::run(&app.db, &format!("UPDATE promotions SET stacks = true WHERE id = '{promotion}'"));
    let customer = row(
        &app,
        "SELECT c.code FROM customers c JOIN memberships m ON m.customer_id = c.id AND m.is_primary
         JOIN groups g ON g.id = m.group_id
         WHERE g.code = 'VIP-PLATINUM' AND c.organization_id IS NULL AND c.status = 'active' ORDER BY c.code LIMIT 1",
    );
    // A product that no list of the customer's groups has: 15% and 5% more are taken off.
    let product = row(
        &app,
        "SELECT p.sku, p.base_price FROM products p WHERE p.status = 'active' AND NOT EXISTS (
             SELECT FROM price_list_entries e JOIN group_price_lists x ON x.price_list_id = e.price_list_id
             JOIN groups g ON g.id = x.group_id WHERE e.product_id = p.id AND g.code LIKE 'VIP%')
         AND EXISTS (SELECT FROM visibility_group_products v WHERE v.product_id = p.id) ORDER BY p.sku LIMIT 1",
    );
    let shipping = rows::number(&app.db, "SELECT flat_shipping FROM store_settings");
    // Half a cent is rounded away from zero.
    let share = |cents: i64, percent: i64| (cents * percent + 50) / 100;
    let unit = share(product["base_price"].as_i64().unwrap(), 80);
    let subtotal = unit * 10;
    let discount = share(subtotal, 10);
    let total = subtotal - discount + shipping;

    let window = signed_in(&app, Role::Viewer, Setup::default());
    window.goto("/tools/order-check");
    pick(&window, "customer", text(&customer, "code"));
    pick(&window, "add", text(&product, "sku"));
    window.fill("[name=add_quantity]", "10");
    window.click(&button("Check order"));
    window.wait_for_text("Terms");
    let told = window.text("main");
    let saves = total - share(total, 98);
    for part in [
        dollars(unit),
        "20% off".into(),
        format!("Subtotal {}", dollars(subtotal)),
        dollars(discount),
        format!("Total {}", dollars(total)),
        "JOURNEY".into(),
        "Payment methods Credit card, ACH/bank transfer, Wire transfer, Net terms".into(),
        "Payment terms Net 45".into(),
        "Credit limit $250,000.00".into(),
        format!("Early payment 2/10 Net 45: saves {} until December 2, 2026", dollars(saves)),
        "automatically".into(),
    ] {
        let plain = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(plain.contains(&part), "{part} in {plain}");
    }
    nothing_complains(&window);
    // The address is the question.
    window.click(&link("Permalink"));
    window.wait_for_path("the permalink", |path| path.contains("customer=") && path.contains("date=2026-11-22"));
    window.wait_for_text(&dollars(total));
    window.click(&link("Why these prices"));
    window.wait_for_text("additional 5% (total 20%)");
}

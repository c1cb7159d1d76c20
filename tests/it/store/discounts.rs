//! `/tools/no-discount`: the four prepared causes of the demo shop, and where each is mended.

use crate::support::{Browser, TestApp, html, rows};
use clientele::auth::role::Role;

/// What was found as a cause, by the heading that it stands under, and the links of the page.
fn causes(browser: &Browser, query: &str) -> (Vec<String>, Vec<String>) {
    let page = browser.get(&format!("/tools/no-discount?{query}"));
    assert_eq!(page.status, 200, "{}", page.text());
    let mut found = Vec::new();
    for section in page.body.split("<section").skip(1).filter(|section| section.contains("class=\"findings\"")) {
        let heading = html::elements(section, &["h2"]).remove(0);
        for item in html::elements(section, &["li"])
            .into_iter()
            .filter_map(|item| Some(item.strip_prefix("Cause ")?.to_owned()))
        {
            found.push(format!("{heading}: {item}"));
        }
    }
    (found, html::links(&page.body).into_iter().map(|link| link.replace("&amp;", "&")).collect())
}

/// A customer in exactly this group, without an organization.
fn member_of(app: &TestApp, code: &str) -> String {
    rows::texts(
        &app.db,
        &format!(
            "SELECT c.code FROM customers c JOIN memberships m ON m.customer_id = c.id JOIN groups g ON g.id = m.group_id
             WHERE c.organization_id IS NULL GROUP BY c.code HAVING count(*) = 1 AND min(g.code) = '{code}' ORDER BY c.code LIMIT 1"
        ),
    )
    .remove(0)
}

#[test]
fn wrong_group() {
    let app = TestApp::demo();
    let browser = app.sign_in(Role::Editor);
    let retail = member_of(&app, "RETAIL");
    let vip = rows::group_id(&app.db, "VIP");
    let (causes, links) = causes(&browser, &format!("customer_text={retail}&product_text=AUD-1001&group_text=VIP"));
    let who = rows::texts(&app.db, &format!("SELECT name FROM customers WHERE code = '{retail}'")).remove(0);
    let first = format!("1. Group assignment: {who} isn't in VIP Customers, nor in a group that inherits its prices.");
    assert!(causes[0].starts_with(&first), "{causes:?}");
    assert!(
        causes
            .iter()
            .any(|cause| cause.starts_with("2. Pricing rules of the groups: Retail has no price list and no discount"))
    );
    assert!(links.contains(&format!("/groups/{vip}/members/add")), "{links:?}");
    // Where the group's members are a rule's, the rule is tested.
    rows::run(&app.db, &format!("UPDATE groups SET type = 'automatic' WHERE id = '{vip}'"));
    let id = rows::id(&app.db, &format!("SELECT id FROM customers WHERE code = '{retail}'"));
    let (_, links) = self::causes(&browser, &format!("customer={id}&product_text=AUD-1001&group={vip}"));
    assert!(links.contains(&format!("/tools/rule-test?group={vip}&customer={id}")), "{links:?}");
}

#[test]
fn list_expired() {
    let app = TestApp::demo();
    let browser = app.sign_in(Role::Viewer);
    let customer = member_of(&app, "WHOLESALE");
    let special = rows::all(
        &app.db,
        "SELECT p.sku, l.id, l.name, l.valid_to::text AS last, (l.valid_to + 1)::text AS after
         FROM price_list_entries e JOIN price_lists l ON l.id = e.price_list_id JOIN products p ON p.id = e.product_id
         WHERE l.code = 'WHOLESALE-SPECIALS' ORDER BY p.sku LIMIT 1",
    )
    .remove(0);
    let text = |field: &str| special[field].as_str().unwrap();
    let asked = |day: &str| format!("customer_text={customer}&product_text={}&date={day}", text("sku"));
    let (found, links) = causes(&browser, &asked(text("after")));
    let expected = format!("4. Dates: The price list {} expired after", text("name"));
    assert!(found.iter().any(|cause| cause.starts_with(&expected)), "{found:?}");
    assert!(links.contains(&format!("/price-lists/{}", text("id"))), "{links:?}");
    // On the last day of its window it isn't.
    let (before, _) = causes(&browser, &asked(text("last")));
    assert!(!before.iter().any(|cause| cause.contains("expired") && cause.contains(text("name"))), "{before:?}");
}

#[test]
fn product_excluded() {
    let app = TestApp::demo();
    let browser = app.sign_in(Role::Viewer);
    rows::run(&app.db, "UPDATE groups SET status = 'active' WHERE code = 'BRONZE'");
    let customer = member_of(&app, "BRONZE");
    let sku = "SELECT sku FROM products WHERE category = 'Seating' ORDER BY sku LIMIT 1";
    let sku = rows::texts(&app.db, sku).remove(0);
    let (causes, links) = causes(&browser, &format!("customer_text={customer}&product_text={sku}"));
    let expected = "3. Product exclusions: The discount of Bronze Tier is for other products than";
    assert!(causes.iter().any(|cause| cause.starts_with(expected)), "{causes:?}");
    assert!(links.contains(&format!("/groups/{}/pricing", rows::group_id(&app.db, "BRONZE"))), "{links:?}");
    // What a group doesn't see, it doesn't get cheaper either.
    let new = member_of(&app, "NEW");
    let hidden = "SELECT p.sku FROM products p WHERE p.status = 'active' AND NOT EXISTS (
        SELECT FROM visibility_group_products x JOIN visibility_groups v ON v.id = x.visibility_group_id
        WHERE x.product_id = p.id AND v.name = 'Limited') ORDER BY p.sku LIMIT 1";
    let hidden = rows::texts(&app.db, hidden).remove(0);
    let (causes, links) = self::causes(&browser, &format!("customer_text={new}&product_text={hidden}"));
    let expected = "3. Product exclusions: New Customers doesn't see it";
    assert!(causes.iter().any(|cause| cause.starts_with(expected)), "{causes:?}");
    assert!(links.contains(&format!("/groups/{}/visibility", rows::group_id(&app.db, "NEW"))), "{links:?}");
}

#[test]
fn organizations_group_decides() {
    let app = TestApp::demo();
    let browser = app.sign_in(Role::Viewer);
    let contact = rows::all(
        &app.db,
        "SELECT c.id, c.code, c.name, o.name AS organization, g.name AS own
         FROM customers c JOIN organizations o ON o.id = c.organization_id JOIN groups og ON og.id = o.group_id AND og.status = 'active'
         JOIN memberships m ON m.customer_id = c.id JOIN groups g ON g.id = m.group_id
         WHERE g.id <> og.id AND g.status = 'active' ORDER BY c.code LIMIT 1",
    )
    .remove(0);
    let text = |field: &str| contact[field].as_str().unwrap();
    let (causes, links) = causes(&browser, &format!("customer_text={}&product_text=AUD-1001", text("code")));
    let expected = format!(
        "1. Group assignment: {} is in {}, but it doesn't count: the group of the organization {} decides alone.",
        text("name"),
        text("own"),
        text("organization")
    );
    assert!(causes[0].starts_with(&expected), "{causes:?}");
    assert!(links.contains(&format!("/customers/{}/edit", text("id"))), "{links:?}");
}

#[test]
fn what_is_missing_or_wrong_is_told_at_its_field() {
    let app = TestApp::new();
    rows::product(&app.db, "PEN", 10_000);
    rows::customer(&app.db, "C1");
    let browser = app.sign_in(Role::Viewer);
    assert!(browser.get("/tools/no-discount").text().contains("Four places to look"));
    for (query, says) in [
        ("product_text=PEN", "Choose a customer from the list"),
        ("customer_text=C2&product_text=PEN", "Choose a customer from the list"),
        ("customer_text=C1", "Choose a product from the list"),
        ("customer_text=C1&product_text=INK", "Choose a product from the list"),
        ("customer_text=C1&product_text=PEN&quantity=0", "The quantity is a whole number"),
        ("customer_text=C1&product_text=PEN&date=never", "is not a date or time"),
        ("customer_text=C1&product_text=PEN&group_text=none", "Choose a group from the list"),
    ] {
        let page = browser.get(&format!("/tools/no-discount?{query}"));
        assert_eq!(page.status, 422, "{query}");
        assert!(page.text().contains(says), "{query}: {}", page.text());
    }
    let page = browser.get("/tools/no-discount?customer_text=C1&product_text=PEN").text();
    assert!(page.contains("C1 is in no group that counts, so base prices hold."), "{page}");
}

#[test]
fn the_expected_groups_price_stands_beside_the_one_that_is_paid() {
    let app = TestApp::new();
    rows::product(&app.db, "PEN", 10_000);
    let ink = rows::product(&app.db, "INK", 2_000);
    let (retail, vip) =
        (rows::group(&app.db, "RETAIL", "Retail", None), rows::group(&app.db, "VIP", "VIP Customers", None));
    rows::run(
        &app.db,
        &format!("INSERT INTO group_pricing (group_id, method, percent) VALUES ('{vip}', 'percentage', 15)"),
    );
    // Lists of Retail that don't have the pen: one is over, one is switched off, one begins later.
    for (code, change) in
        [("OVER", "valid_to = '2026-03-09'"), ("OFF", "status = 'inactive'"), ("LATER", "valid_from = '2026-03-11'")]
    {
        let list = rows::price_list(&app.db, code);
        rows::entry(&app.db, list, ink, 1, 100);
        rows::run(&app.db, &format!("UPDATE price_lists SET {change} WHERE code = '{code}'"));
        rows::assign(&app.db, retail, list, 1);
    }
    let ann = rows::customer(&app.db, "ANN");
    rows::member(&app.db, retail, ann, "2026-01-01", rows::By::Hand, true);
    let browser = app.sign_in(Role::Viewer);
    let page = browser.get("/tools/no-discount?customer_text=ANN&product_text=PEN&group_text=VIP").text();
    for part in
        ["Pays now $100.00", "In VIP Customers $85.00 15% off", "In VIP Customers alone it would cost $15.00 less."]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    for list in ["List OVER", "List OFF", "List LATER"] {
        assert!(!page.contains(list), "{list} in {page}");
    }
    // The ink is in them: each is named with its cause.
    let (causes, _) = causes(&browser, "customer_text=ANN&product_text=INK");
    for cause in [
        "List OVER expired after March 9, 2026.",
        "List LATER is valid from March 11, 2026 only.",
        "List OFF; the list is inactive.",
    ] {
        assert!(causes.iter().any(|found| found.contains(cause)), "{cause} in {causes:?}");
    }
}

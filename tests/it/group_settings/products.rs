//! The products that a group's settings name one by one: included, excluded, discounted; and those behind the counts of
//! its visibility.

use super::shop;
use crate::support::{Browser, Page, TestApp, html, rows};
use clientele::auth::role::Role;
use serde_json::json;
use uuid::Uuid;

/// The shop with an ink for 200.00 and a nib for 50.00 besides.
fn stocked(app: &TestApp) -> (Uuid, Uuid) {
    let groups = shop(app);
    rows::product(&app.db, "INK", 20_000);
    rows::product(&app.db, "NIB", 5_000);
    groups
}

fn id(app: &TestApp, sku: &str) -> String {
    rows::id(&app.db, &format!("SELECT id FROM products WHERE sku = '{sku}'")).to_string()
}

fn named(app: &TestApp, mode: &str) -> Vec<String> {
    let query = format!(
        "SELECT g.code || ' ' || p.sku FROM group_visibility_products v JOIN groups g ON g.id = v.group_id
         JOIN products p ON p.id = v.product_id WHERE v.mode = '{mode}' ORDER BY 1"
    );
    rows::texts(&app.db, &query)
}

/// Names products on the page of a set, and looks at what that would do.
fn review(browser: &Browser, base: &str, way: &str, skus: &[&str], app: &TestApp) -> Page {
    let page = browser.get(&if way == "add" { format!("{base}/add") } else { base.to_owned() });
    let ids: Vec<String> = skus.iter().map(|sku| id(app, sku)).collect();
    let named: Vec<(&str, &str)> = ids.iter().map(|id| ("product", id.as_str())).collect();
    send(browser, &page, &format!("{base}/{way}"), &named)
}

/// Sends what a page's own form sends, with these fields.
fn send(browser: &Browser, page: &Page, path: &str, fields: &[(&str, &str)]) -> Page {
    let mut all = vec![("csrf", browser.csrf()), ("version", page.hidden("version").expect("a version"))];
    all.extend_from_slice(fields);
    browser.post(path, &all)
}

/// The same, and saves it.
fn change(browser: &Browser, base: &str, way: &str, skus: &[&str], app: &TestApp) -> Page {
    let review = review(browser, base, way, skus, app);
    assert_eq!(review.status, 200, "{}", review.text());
    browser.submit(&review.form(&format!("{base}/{way}")))
}

#[test]
fn excluded_products_are_chosen_with_their_impact_shown_and_come_to_subgroups_with_their_source() {
    let app = TestApp::new();
    let (vip, platinum) = stocked(&app);
    let editor = app.sign_in(Role::Editor);
    let base = format!("/groups/{vip}/visibility/excluded");
    let looked = review(&editor, &base, "add", &["PEN", "INK"], &app);
    let text = looked.text();
    for expected in ["Exclude 2 products?", "Pen PEN", "Customers affected 1", "Visible products 3 → 1 of 3"] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert_eq!(named(&app, "excluded"), Vec::<String>::new(), "nothing is saved yet");
    let saved = editor.submit(&looked.form(&format!("{base}/add")));
    assert_eq!((saved.status, saved.location()), (303, base.as_str()));
    assert_eq!(named(&app, "excluded"), ["VIP INK", "VIP PEN"]);
    let history = editor.get(&format!("/groups/{vip}/history")).text();
    assert!(history.contains("excluded products added: nothing → to INK, PEN"), "{history}");

    // Below, they are inherited: with their source, and not for removing there.
    let below = editor.get(&format!("/groups/{platinum}/visibility/excluded"));
    assert!(below.text().contains("from VIP Customers"), "{}", below.text());
    assert!(!below.body.contains("data-tick aria-label=\"Select PEN\""), "only own ones are removed");
    let own = editor.get(&format!("/groups/{platinum}/visibility/excluded?from=own"));
    assert!(own.text().contains("No product fits"), "{}", own.text());
    let hidden = editor.get(&format!("/groups/{platinum}/visibility/hidden")).text();
    assert!(hidden.contains("VIP Platinum doesn't see it: VIP Customers excludes it"), "{hidden}");
    assert!(hidden.contains("2 products"), "{hidden}");

    // A product that is excluded and then included is no longer excluded.
    let saved = change(&editor, &format!("/groups/{vip}/visibility/included"), "add", &["INK"], &app);
    assert_eq!(saved.status, 303);
    assert_eq!((named(&app, "excluded"), named(&app, "included")), (vec!["VIP PEN".into()], vec!["VIP INK".into()]));
    let removed = change(&editor, &base, "remove", &["PEN"], &app);
    assert_eq!(removed.status, 303);
    assert_eq!(named(&app, "excluded"), Vec::<String>::new());
}

#[test]
fn chosen_products_are_what_a_group_shows() {
    let app = TestApp::new();
    let (vip, platinum) = stocked(&app);
    let editor = app.sign_in(Role::Editor);
    let path = format!("/groups/{platinum}/visibility");
    let page = editor.get(&path);
    let looked = editor.submit(&page.form(&path).fill("visibility.access", "products"));
    assert!(looked.text().contains("Visible products 3 → 0 of 3"), "{}", looked.text());
    assert_eq!(editor.submit(&looked.form(&path)).status, 303);
    // The set is empty: nothing is seen, until products are included.
    assert!(editor.get(&format!("{path}/hidden")).text().contains("3 products"));
    let saved = change(&editor, &format!("{path}/included"), "add", &["NIB"], &app);
    assert_eq!(saved.status, 303);
    let page = editor.get(&path);
    assert_eq!(html::links(&page.body).iter().filter(|link| link.ends_with("/included")).count(), 1);
    assert!(page.text().contains("Hidden products 2") && page.text().contains("Included products 1 own"));
    // All Customers sees everything: nothing is this group's alone. Once it doesn't, the nib is.
    assert!(editor.get(&format!("{path}/exclusive")).text().contains("There are none"));
    rows::run(
        &app.db,
        &format!(
            "INSERT INTO group_visibility (group_id, access) VALUES ('{}', 'products')",
            clientele::groups::group::ROOT_ID
        ),
    );
    let exclusive = editor.get(&format!("{path}/exclusive")).text();
    assert!(exclusive.contains("NIB") && !exclusive.contains("INK"), "{exclusive}");
    assert!(exclusive.contains("VIP Platinum sees it"), "{exclusive}");
    assert_eq!(editor.get(&format!("/groups/{vip}/visibility/hidden?q=pen")).text().matches("PEN").count(), 1);
}

#[test]
fn a_discount_applies_to_chosen_products() {
    let app = TestApp::new();
    let (vip, platinum) = stocked(&app);
    let editor = app.sign_in(Role::Editor);
    let base = format!("/groups/{vip}/pricing/products");
    assert!(editor.get(&base).text().contains("The discount applies to all products now"));
    let looked = review(&editor, &base, "add", &["PEN"], &app);
    let text = looked.text();
    // Ann, through VIP Platinum: ink and nib lose their 15%, the pen keeps it.
    for expected in ["Discount 1 product?", "Go up 2", "Stay 1", "$170.00 → $200.00"] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert_eq!(editor.submit(&looked.form(&format!("{base}/add"))).status, 303);
    let scope = rows::all(&app.db, "SELECT scope, percent::text FROM group_pricing");
    assert_eq!(scope, [json!({"scope": "products", "percent": "15.00"})]);
    let page = editor.get(&format!("/groups/{vip}/pricing"));
    assert!(page.text().contains("1 product chosen"), "{}", page.text());
    // Saving the pricing form leaves them.
    let saved = editor.submit(&page.form(&format!("/groups/{vip}/pricing")).fill("pricing.notes", "Pens only."));
    assert_eq!(saved.status, 303);
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM group_pricing_products"), 1);
    // A group without a discount has nothing to choose products for.
    let other = review(&editor, &format!("/groups/{platinum}/pricing/products"), "add", &["PEN"], &app);
    assert_eq!(other.status, 409);
    assert!(other.text().contains("This group has no discount of its own."), "{}", other.text());
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM group_pricing_products"), 1);
}

#[test]
fn thousands_are_searched_paged_and_added_at_once_if_their_number_still_holds() {
    let app = TestApp::new();
    let (vip, _) = stocked(&app);
    rows::run(
        &app.db,
        "INSERT INTO products (id, sku, name, base_price, currency, category)
         SELECT uuid_v7(), 'BULK-' || lpad(n::text, 4, '0'), 'Bulk ' || n, 1000, 'USD', 'Bulk' FROM generate_series(1, 3000) n",
    );
    let editor = app.sign_in(Role::Editor);
    let base = format!("/groups/{vip}/visibility/excluded");
    let first = editor.get(&format!("{base}/add?category=Bulk"));
    assert!(first.text().contains("3,000 products") && first.text().contains("Add all 3,000 products that match"));
    assert!(first.text().contains("BULK-0050") && !first.text().contains("BULK-0051"));
    let next = html::links(&first.body).into_iter().find(|link| link.contains("after=")).expect("a next page");
    assert!(editor.get(&next).text().contains("BULK-0051"));
    let add = format!("{base}/add");
    let all = |count| [("all", "1"), ("q", ""), ("category", "Bulk"), ("count", count)];
    let looked = send(&editor, &first, &add, &all("3000"));
    assert!(looked.text().contains("Exclude 3,000 products?") && looked.text().contains("and 2,980 more"));
    // One more is there by now: nobody agreed to that.
    rows::product(&app.db, "BULK-X", 1);
    rows::run(&app.db, "UPDATE products SET category = 'Bulk' WHERE sku = 'BULK-X'");
    let before = rows::checksums(&app.db);
    let stale = editor.submit(&looked.form(&format!("{base}/add")));
    assert_eq!(stale.status, 409);
    assert!(stale.text().contains("3,001 products match now, not 3,000."), "{}", stale.text());
    rows::assert_unchanged(&app.db, &before);
    let looked = send(&editor, &stale, &add, &all("3001"));
    assert_eq!(editor.submit(&looked.form(&format!("{base}/add"))).status, 303);
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM group_visibility_products"), 3_001);
}

#[test]
fn nothing_ticked_a_stale_page_and_another_role_change_nothing() {
    let app = TestApp::new();
    let (vip, _) = stocked(&app);
    let (editor, viewer) = (app.sign_in(Role::Editor), app.sign_in(Role::Viewer));
    let base = format!("/groups/{vip}/visibility/excluded");
    let page = editor.get(&format!("{base}/add"));
    let before = rows::checksums(&app.db);
    let nothing = send(&editor, &page, &format!("{base}/add"), &[]);
    assert_eq!(nothing.status, 422);
    assert!(nothing.text().contains("Tick at least one product."), "{}", nothing.text());
    let nonsense = send(&editor, &page, &format!("{base}/add"), &[("product", "x")]);
    assert_eq!(nonsense.status, 422);
    assert_eq!(viewer.get(&base).status, 200);
    assert!(!viewer.get(&base).body.contains("Add products"));
    assert_eq!(viewer.get(&format!("{base}/add")).status, 403);
    let pen = id(&app, "PEN");
    let fields = [("csrf", viewer.csrf()), ("version", "1"), ("product", pen.as_str())];
    for way in ["add", "remove"] {
        assert_eq!(viewer.post(&format!("{base}/{way}"), &fields).status, 403);
    }
    rows::assert_unchanged(&app.db, &before);
    // In a second tab somebody was faster.
    let looked = review(&editor, &base, "add", &["PEN"], &app);
    rows::run(&app.db, "UPDATE groups SET version = version + 1 WHERE code = 'VIP'");
    let stale = editor.submit(&looked.form(&format!("{base}/add")));
    assert_eq!(stale.status, 409);
    assert!(stale.text().contains("Somebody changed VIP Customers"), "{}", stale.text());
    assert_eq!(named(&app, "excluded"), Vec::<String>::new());
}

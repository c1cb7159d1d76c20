//! What a change does to customers is shown before it is saved: deleting, restoring, deactivating and placing groups,
//! price lists and their prices.

use super::shop;
use crate::support::{TestApp, rows};
use clientele::auth::role::Role;
use serde_json::json;
use uuid::Uuid;

/// The shop with a list that VIP Customers uses: a pen for 60.00, from ten on for 50.00.
fn listed(app: &TestApp) -> (Uuid, Uuid, Uuid) {
    let (vip, platinum) = shop(app);
    let list = rows::price_list(&app.db, "PENS");
    let pen = rows::id(&app.db, "SELECT id FROM products WHERE sku = 'PEN'");
    rows::entry(&app.db, list, pen, 1, 6_000);
    rows::entry(&app.db, list, pen, 10, 5_000);
    rows::assign(&app.db, vip, list, 1);
    (vip, platinum, list)
}

fn says(text: &str, expected: &[&str]) {
    for expected in expected {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}

#[test]
fn deleting_a_group_shows_what_it_does_to_customers_wherever_its_children_go() {
    let app = TestApp::new();
    let (vip, _) = shop(&app);
    let retail = rows::group(&app.db, "RETAIL", "Retail", None);
    rows::run(
        &app.db,
        &format!("INSERT INTO group_pricing (group_id, method, percent) VALUES ('{retail}', 'percentage', 50)"),
    );
    let admin = app.sign_in(Role::Admin);
    let path = format!("/groups/{vip}/deletion");
    let page = admin.get(&path);
    says(&page.text(), &["Customers affected 1", "$85.00 → $100.00", "Sum of credit limits $100,000.00 → $0.00"]);
    // To another group: that is something else, and is looked at first.
    let form = page.form(&path).fill("children", "other").fill("children_to_text", "Retail");
    let review = admin.submit(&form);
    assert_eq!(review.status, 200);
    says(&review.text(), &["$85.00 → $50.00"]);
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM groups WHERE deleted_at IS NOT NULL"), 0);
    assert_eq!(admin.submit(&review.form(&path)).status, 303);
    let parent =
        rows::all(&app.db, "SELECT p.code FROM groups g JOIN groups p ON p.id = g.parent_id WHERE g.code = 'PLATINUM'");
    assert_eq!(parent, [json!({"code": "RETAIL"})]);
    // And back: nobody is in VIP itself, and its children stay where they went.
    let back = admin.get(&format!("/groups/{vip}/restoration"));
    says(&back.text(), &["Customers affected 0"]);
}

#[test]
fn restoring_a_group_shows_whom_it_decides_for_again() {
    let app = TestApp::new();
    let (_, platinum) = shop(&app);
    let admin = app.sign_in(Role::Admin);
    let path = format!("/groups/{platinum}/deletion");
    let page = admin.get(&path);
    says(&page.text(), &["1 customer from VIP Platinum to All Customers", "Net terms from Net 30 to No net terms"]);
    assert_eq!(admin.submit(&page.form(&path)).status, 303);
    let before = rows::one(&app.db, "SELECT to_jsonb(g) FROM groups g WHERE code = 'PLATINUM'");
    let back = admin.get(&format!("/groups/{platinum}/restoration"));
    says(
        &back.text(),
        &[
            "Customers affected 1",
            "1 customer from All Customers to VIP Platinum",
            "Net terms from No net terms to Net 30",
            "$100.00 → $85.00",
        ],
    );
    assert_eq!(rows::one(&app.db, "SELECT to_jsonb(g) FROM groups g WHERE code = 'PLATINUM'"), before);
    assert_eq!(admin.submit(&back.form(&format!("/groups/{platinum}/restoration"))).status, 303);
}

#[test]
fn another_status_or_place_is_saved_once_its_impact_was_seen() {
    let app = TestApp::new();
    let (vip, _) = shop(&app);
    let admin = app.sign_in(Role::Admin);
    let path = format!("/groups/{vip}");
    let edit = admin.get(&format!("{path}/edit")).form(&path);
    let review = admin.submit(&edit.fill("status", "inactive"));
    assert_eq!(review.status, 200);
    says(&review.text(), &["Nothing is saved yet", "Customers affected 1", "$85.00 → $100.00"]);
    assert_eq!(rows::texts(&app.db, "SELECT status FROM groups WHERE code = 'VIP'"), ["active"]);
    // Other answers than those that were looked at are looked at again.
    let other = review.form(&path).fill("status", "inactive").fill("name", "Very Important");
    assert_eq!(admin.submit(&other).status, 200);
    assert_eq!(admin.submit(&review.form(&path)).status, 303);
    assert_eq!(rows::texts(&app.db, "SELECT status FROM groups WHERE code = 'VIP'"), ["inactive"]);
    // A description is nobody's price.
    let edit = admin.get(&format!("{path}/edit")).form(&path);
    assert_eq!(admin.submit(&edit.fill("description", "As agreed.")).status, 303);
}

#[test]
fn a_price_list_is_switched_off_once_its_impact_was_seen() {
    let app = TestApp::new();
    let (vip, _, list) = listed(&app);
    let editor = app.sign_in(Role::Editor);
    let path = format!("/price-lists/{list}");
    let edit = editor.get(&format!("{path}/edit")).form(&path);
    let review = editor.submit(&edit.fill("status", "inactive"));
    assert_eq!(review.status, 200);
    says(&review.text(), &["Nothing is saved yet", "Customers affected 1", "$60.00 → $85.00"]);
    assert_eq!(rows::texts(&app.db, "SELECT status FROM price_lists"), ["active"]);
    assert_eq!(editor.submit(&review.form(&path)).status, 303);
    assert_eq!(rows::texts(&app.db, "SELECT status FROM price_lists"), ["inactive"]);
    let warned = editor.get(&format!("/groups/{vip}/pricing")).text();
    says(&warned, &["None of these lists is in force today"]);
    // A window that ends before it begins is told at its field.
    let edit = editor.get(&format!("{path}/edit")).form(&path);
    let refused = editor.submit(&edit.fill("valid_from", "2026-05-01").fill("valid_to", "2026-04-01"));
    assert_eq!(refused.status, 422);
    assert_eq!(rows::texts(&app.db, "SELECT coalesce(valid_from::text, 'open') FROM price_lists"), ["open"]);
}

#[test]
fn a_price_tells_whom_it_reaches_before_it_is_saved() {
    let app = TestApp::new();
    let (_, _, list) = listed(&app);
    let editor = app.sign_in(Role::Editor);
    let pen = rows::id(&app.db, "SELECT id FROM products WHERE sku = 'PEN'");
    let path = format!("/price-lists/{list}/entries/{pen}");
    let before = rows::checksums(&app.db);
    let ask = |prices: &[(&str, &str)]| {
        let mut fields = vec![("csrf", editor.csrf())];
        for (quantity, price) in prices {
            fields.push(("min_quantity", quantity));
            fields.push(("price", price));
        }
        editor.post(&format!("{path}/impact"), &fields)
    };
    let told = ask(&[("1", "55.00"), ("10", "50.00")]).text();
    says(&told, &["Affects 1 customer: VIP Customers, VIP Platinum.", "1 down", "$60.00 → $55.00"]);
    // A price from ten on is looked at for ten.
    says(&ask(&[("1", "60.00"), ("10", "58.00")]).text(), &["1 up", "$50.00 → $58.00"]);
    says(&ask(&[("1", "many")]).text(), &["appears here before it is saved"]);
    let new = [("csrf", editor.csrf()), ("product_text", "PEN"), ("min_quantity", "5"), ("price", "40.00")];
    let told = editor.post(&format!("/price-lists/{list}/entries/impact"), &new).text();
    says(&told, &["$60.00 → $40.00"]);
    says(&editor.get(&format!("{path}/removal")).text(), &["Affects 1 customer", "$60.00 → $85.00"]);
    let import = format!("/price-lists/{list}/import");
    let form = editor.get(&import).form(&import).fill("csv", "sku,price\nPEN,30").forge("step", "check");
    says(&editor.submit(&form).text(), &["Customers affected 1", "$60.00 → $30.00"]);
    rows::assert_unchanged(&app.db, &before);
}

#[test]
fn a_large_impact_comes_after_the_page() {
    let app = TestApp::new();
    let (vip, _) = shop(&app);
    rows::run(&app.db, "UPDATE groups SET member_count = 200000 WHERE code = 'VIP'");
    let (editor, admin) = (app.sign_in(Role::Editor), app.sign_in(Role::Admin));
    let path = format!("/groups/{vip}/pricing");
    let filled = editor.get(&path).form(&path).fill("pricing.discountPercent", "20");
    let coming = editor.submit(&filled);
    assert_eq!(coming.status, 200);
    says(&coming.text(), &["Many customers are affected"]);
    assert!(coming.body.contains("hx-trigger=\"load, ") && coming.hidden("reviewed").is_none());
    // Without scripts, a button asks for it.
    let shown = editor.submit(&coming.form(&path).forge("impact", "now"));
    says(&shown.text(), &["$85.00 → $80.00"]);
    assert_eq!(editor.submit(&shown.form(&path)).status, 303);
    let move_there = format!("/groups/{vip}/move");
    let retail = rows::group(&app.db, "RETAIL", "Retail", None);
    says(&admin.get(&format!("{move_there}?parent={retail}")).text(), &["Many customers are affected"]);
    says(&admin.get(&format!("/groups/{vip}/deletion")).text(), &["Many customers are affected"]);
}

#[test]
fn an_override_is_reverted_where_all_of_them_are_listed() {
    let app = TestApp::new();
    let (_, platinum) = shop(&app);
    rows::run(&app.db, &format!("INSERT INTO group_payment_terms (group_id, net_days) VALUES ('{platinum}', 45)"));
    let admin = app.sign_in(Role::Admin);
    let path = format!("/groups/{platinum}/inheritance");
    let page = admin.get(&path);
    says(&page.text(), &["Net 45 (vs Net 30)"]);
    let reverted = admin.submit(&page.form(&format!("/groups/{platinum}/payment-terms/reversion")));
    assert_eq!((reverted.status, reverted.location()), (303, path.as_str()));
    says(&admin.get(&path).text(), &["Net terms is inherited again.", "everything is inherited from VIP Customers"]);
}

#[test]
fn equal_priorities_are_warned_about_where_lists_are_assigned_and_used() {
    let app = TestApp::new();
    let (vip, _, list) = listed(&app);
    let other = rows::price_list(&app.db, "INKS");
    rows::assign(&app.db, vip, other, 1);
    let viewer = app.sign_in(Role::Viewer);
    let names = rows::texts(&app.db, "SELECT name FROM price_lists ORDER BY name, code");
    let text = viewer.get(&format!("/groups/{vip}/pricing")).text();
    says(&text, &[&format!("{} and {} have the same priority, 1.", names[0], names[1])]);
    says(&viewer.get(&format!("/price-lists/{list}/groups")).text(), &["the names decide"]);
}

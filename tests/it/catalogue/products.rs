//! Products: the list, a product's pages, its form, and `/admin/products`.

use super::{fields, follow, items, pages, told, walk};
use crate::support::rows::{self, By};
use crate::support::{TestApp, html};
use clientele::auth::role::Role;
use serde_json::json;
use uuid::Uuid;

const API: &str = "/admin/products";

#[test]
fn a_product_is_made_and_changed_through_its_form() {
    let app = TestApp::new();
    let editor = app.sign_in(Role::Editor);
    let form = editor.get("/products/new").form("/products");
    assert_eq!((form.value("currency"), form.value("status")), ("USD", "active"));
    let form = form.fill("sku", " A-1 ").fill("name", "Desk  lamp").fill("category", "Lighting");
    let page = follow(&editor, &editor.submit(&form.fill("base_price", "1,249.50").fill("cost", "700")));
    let text = page.text();
    for part in ["Desk lamp", "A-1", "Lighting", "$1,249.50", "$700.00", "No price list has it"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let id = rows::id(&app.db, "SELECT id FROM products WHERE sku = 'A-1'");
    let edit = editor.get(&format!("/products/{id}/edit")).form(&format!("/products/{id}"));
    assert_eq!(edit.value("base_price"), "1249.50");
    let page = follow(&editor, &editor.submit(&edit.fill("base_price", "999").fill("status", "inactive")));
    assert!(page.text().contains("It is no longer sold."), "{}", page.text());
    let log = editor.get("/audit").text();
    assert!(log.contains("created product Desk lamp"), "{log}");
    assert!(log.contains("changed product Desk lamp") && log.contains("$1,249.50"), "{log}");
}

#[test]
fn what_does_not_fit_is_refused_at_its_field_by_form_and_call() {
    let app = TestApp::new();
    let (editor, api) = (app.sign_in(Role::Editor), app.api(Role::Editor));
    let id = rows::product(&app.db, "A-1", 1000);
    rows::product(&app.db, "A-2", 1000);
    let form = editor.get(&format!("/products/{id}/edit")).form(&format!("/products/{id}"));
    api.get(API);
    let before = rows::checksums(&app.db);
    let (long_sku, long_name) = ("x".repeat(65), "x".repeat(201));
    for (field, json_field, value, sentence) in [
        ("sku", "sku", "", "Enter a SKU."),
        ("sku", "sku", "A-2", "Another product has this SKU. Choose a different one."),
        ("sku", "sku", &long_sku, "Use at most 64 characters."),
        ("name", "name", "  ", "Enter a name."),
        ("name", "name", &long_name, "Use at most 200 characters."),
        ("name", "name", "a\u{200b}b", "Remove the characters that can't be shown."),
        ("base_price", "basePrice", "1.005", "The base price has more decimals than USD has (2)."),
        ("base_price", "basePrice", "-1", "The base price can't be negative."),
        ("base_price", "basePrice", "1e3", "The base price is not an amount"),
        ("base_price", "basePrice", "99999999999999999999", "The base price is too large."),
        ("cost", "cost", "free", "The cost is not an amount"),
        ("currency", "currency", "YEN", "Choose an ISO 4217 currency"),
        ("status", "status", "gone", "Choose active or inactive."),
    ] {
        told(&editor.submit(&form.clone().fill(field, value)), 422, field, sentence);
        let answer = api.patch(&format!("{API}/{id}"), &json!({ json_field: value }));
        assert_eq!(fields(&answer, 422), [json_field], "{value}");
    }
    assert_eq!(fields(&api.patch(&format!("{API}/{id}"), &json!({"name": "a\0b"})), 422), ["name"]);
    assert_eq!(fields(&api.post(API, &json!({})), 422), ["sku", "name", "basePrice"]);
    assert_eq!(fields(&api.post(API, &json!({"sku": "N", "name": "N", "basePrice": [1]})), 422), ["basePrice"]);
    for path in [format!("{API}/{}", Uuid::now_v7()), format!("{API}/x")] {
        assert_eq!(api.get(&path).status, 404);
        assert_eq!(api.patch(&path, &json!({"name": "N"})).status, 404);
        assert_eq!(editor.get(&path.replace(API, "/products")).status, 404);
    }
    assert_eq!(app.api(Role::Viewer).post(API, &json!({"sku": "N"})).status, 403);
    let after = rows::checksums(&app.db);
    assert_eq!(before["products"], after["products"]);
}

#[test]
fn somebody_elses_change_is_not_overwritten() {
    let app = TestApp::new();
    let (editor, api) = (app.sign_in(Role::Editor), app.api(Role::Editor));
    let id = rows::product(&app.db, "A-1", 1000);
    let form = editor.get(&format!("/products/{id}/edit")).form(&format!("/products/{id}"));
    let changed = api.patch(&format!("{API}/{id}"), &json!({"name": "Theirs", "basePrice": "11.00"}));
    assert_eq!((changed.status, changed.header("etag")), (200, "\"v2\""));
    let page = editor.submit(&form.fill("base_price", "12"));
    told(&page, 409, "", "Theirs and yours");
    assert_eq!(html::rows(&page.body), [["Base price", "11.00", "12"]]);
    // What wasn't touched is theirs already; saving again is meant.
    let page = follow(&editor, &editor.submit(&page.form(&format!("/products/{id}"))));
    assert!(page.text().contains("Theirs") && page.text().contains("$12.00"), "{}", page.text());
    let stale = api.send("PATCH", &format!("{API}/{id}"), &[("if-match", "\"v1\"")], Some(r#"{"name": "Mine"}"#));
    assert_eq!(stale.status, 409);
}

#[test]
fn the_list_is_searched_filtered_sorted_and_paged() {
    let app = TestApp::new();
    for n in 1..=120 {
        rows::product(&app.db, &format!("P-{n:03}"), 100 * (n % 7));
    }
    rows::run(&app.db, "UPDATE products SET category = 'Odd', status = 'inactive' WHERE sku LIKE '%5'");
    let viewer = app.sign_in(Role::Viewer);
    let by = |order: &str| rows::texts(&app.db, &format!("SELECT name FROM products ORDER BY {order}"));
    for (address, order) in [
        ("/products", "sku"),
        ("/products?sort=-sku", "sku DESC"),
        ("/products?sort=price", "base_price, id"),
        ("/products?sort=-price", "base_price DESC, id DESC"),
        ("/products?sort=category", "category, id"),
        ("/products?sort=-name", "lower(name) DESC"),
    ] {
        let (forward, back) = pages(&viewer, address);
        assert_eq!(forward, by(order), "{address}");
        assert_eq!(back, forward, "{address}");
    }
    assert_eq!(pages(&viewer, "/products?category=Odd&status=inactive").0.len(), 12);
    assert_eq!(pages(&viewer, "/products?q=p-01").0.len(), 10);
    assert_eq!(pages(&viewer, "/products?q=p_0").0.len(), 0, "signs are meant literally");
    let none = viewer.get("/products?q=nothing").text();
    assert!(none.contains("No product fits") && none.contains("Search: nothing"), "{none}");
    let region = viewer.htmx_get("/products?q=P-120", "results");
    assert!(!region.body.contains("<html") && region.text().contains("Product P-120"));
    // A key of another column shows the list from its beginning.
    let key = html::attribute(&viewer.get("/products").body, "id=\"page-next\"", "href").unwrap();
    assert_eq!(viewer.get(&format!("{key}&sort=price")).status, 200);
    let options = viewer.get("/products/options?q=P-12").body;
    assert!(options.contains("P-120") && !options.contains("P-001"), "{options}");
    assert!(viewer.get("/search?q=p-120").text().contains("Product P-120"));
}

#[test]
fn a_products_page_says_which_lists_price_it_and_who_uses_them() {
    let app = TestApp::new();
    let product = rows::product(&app.db, "A-1", 1000);
    let (now, later) = (rows::price_list(&app.db, "NOW"), rows::price_list(&app.db, "LATER"));
    for (list, quantity, price) in [(now, 1, 900), (now, 10, 800), (later, 5, 700)] {
        rows::entry(&app.db, list, product, quantity, price);
    }
    rows::run(&app.db, "UPDATE price_lists SET valid_from = '2026-03-11' WHERE code = 'LATER'");
    let vip = rows::group(&app.db, "VIP", "VIP Customers", None);
    rows::assign(&app.db, vip, now, 1);
    let page = app.sign_in(Role::Viewer).get(&format!("/products/{product}"));
    assert_eq!(
        html::rows(&page.body),
        [
            ["List LATER LATER", "$7.00 from 5", "From Mar 11, 2026", "No group"],
            ["List NOW NOW", "$9.00 $8.00 from 10", "In force", "VIP Customers"],
        ]
    );
}

#[test]
fn a_products_page_says_which_groups_see_it_and_why() {
    let app = TestApp::new();
    let product = rows::product(&app.db, "A-1", 1000);
    let set = rows::visibility_group(&app.db, "Standard", &[product]);
    let empty = rows::visibility_group(&app.db, "Empty", &[]);
    let vip = rows::group(&app.db, "VIP", "VIP", None);
    rows::group(&app.db, "PLATINUM", "Platinum", Some(vip));
    let closed = rows::group(&app.db, "CLOSED", "Closed", None);
    rows::show(&app.db, vip, set);
    rows::show(&app.db, closed, empty);
    let customer = rows::customer(&app.db, "C");
    rows::member(&app.db, vip, customer, "2026-01-01", By::Hand, true);
    let viewer = app.sign_in(Role::Viewer);
    let page = viewer.get(&format!("/products/{product}/groups"));
    assert_eq!(
        html::rows(&page.body),
        [
            ["All Customers ALL", "Yes", "All Customers sees all products: nothing restricts them"],
            ["Closed CLOSED", "No", "Closed doesn't see it: nothing that the group may see has it"],
            ["Platinum PLATINUM", "Yes", "Platinum sees it: VIP shows Standard"],
            ["VIP VIP", "Yes", "VIP sees it: it shows Standard"],
        ]
    );
    assert!(page.text().contains("3 of 4 active groups see it."), "{}", page.text());
    let only = viewer.get(&format!("/products/{product}/groups?sees=no"));
    assert_eq!(html::rows(&only.body).len(), 1);
    // A change of the settings is seen at once.
    rows::run(&app.db, &format!("INSERT INTO group_visibility_products VALUES ('{vip}', '{product}', 'excluded')"));
    let page = viewer.get(&format!("/products/{product}/groups?q=plat")).text();
    assert!(page.contains("Platinum doesn't see it: VIP excludes it"), "{page}");
}

#[test]
fn calls_list_make_and_change_products() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    let made =
        api.post(API, &json!({"sku": "B-1", "name": "Lamp", "base_price": 85.1, "cost": "40", "category": "Light"}));
    assert_eq!(made.status, 201, "{}", made.json);
    let id = made.json["id"].as_str().unwrap();
    assert_eq!(
        made.json,
        json!({"id": id, "sku": "B-1", "name": "Lamp", "category": "Light", "basePrice": "85.10", "cost": "40.00",
               "currency": "USD", "status": "active", "version": 1})
    );
    assert_eq!(made.header("location"), format!("{API}/{id}"));
    let changed = api.patch(&format!("{API}/{id}"), &json!({"cost": null, "category": null, "status": "inactive"}));
    assert_eq!((&changed.json["cost"], &changed.json["category"]), (&json!(null), &json!(null)));
    assert_eq!(api.get(&format!("{API}/{id}")).json, changed.json);
    // Base prices are in the store's currency; another one takes a price list.
    let yen = json!({"sku": "Y", "name": "Y", "basePrice": "1200", "currency": "JPY"});
    assert_eq!(fields(&api.post(API, &yen), 422), ["currency"]);
    assert_eq!(fields(&api.patch(&format!("{API}/{id}"), &json!({"currency": "EUR"})), 422), ["currency"]);
    rows::run(&app.db, "UPDATE store_settings SET currency = 'JPY'");
    let made = api.post(API, &yen);
    assert_eq!((made.status, &made.json["basePrice"]), (201, &json!("1200")));
    rows::run(&app.db, "UPDATE store_settings SET currency = 'USD'");
    for n in 2..=5 {
        rows::product(&app.db, &format!("B-{n}"), 100);
    }
    assert_eq!(walk(&api, API, "sku"), ["B-1", "B-2", "B-3", "B-4", "B-5", "Y"]);
    assert_eq!(items(&api.get(&format!("{API}?q=b-3")), "sku"), ["B-3"]);
    assert_eq!(items(&api.get(&format!("{API}?status=inactive")), "sku"), ["B-1"]);
    for (query, field) in [("limit=0", "limit"), ("cursor=x", "cursor"), ("status=x", "status"), ("q=%00", "q")] {
        assert_eq!(fields(&api.get(&format!("{API}?{query}")), 422), [field]);
    }
    assert_eq!(api.delete(&format!("{API}/{id}")).status, 405);
}

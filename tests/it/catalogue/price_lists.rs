//! Price lists: the list, a list's pages and form, deleting, and `/admin/price-lists`.

use super::{fields, follow, items, pages, told, walk};
use crate::support::rows::{self, By};
use crate::support::{TestApp, html};
use clientele::auth::role::Role;
use serde_json::json;
use uuid::Uuid;

const API: &str = "/admin/price-lists";

#[test]
fn a_list_is_made_and_changed_through_its_form() {
    let app = TestApp::new();
    let editor = app.sign_in(Role::Editor);
    let form = editor.get("/price-lists/new").form("/price-lists");
    let form = form.fill("name", "VIP Price List").fill("code", "vip-pricing").fill("currency", "EUR");
    let page = follow(&editor, &editor.submit(&form.fill("valid_from", "2026-03-01").fill("valid_to", "2026-03-31")));
    let text = page.text();
    for part in ["VIP Price List", "vip-pricing", "In force", "EUR", "March 1, 2026 to March 31, 2026", "No prices yet"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let id = rows::id(&app.db, "SELECT id FROM price_lists");
    let form = editor.get(&format!("/price-lists/{id}/edit")).form(&format!("/price-lists/{id}"));
    let page = follow(&editor, &editor.submit(&form.fill("valid_to", "2026-03-09").fill("currency", "USD")));
    assert!(page.text().contains("Expired Mar 9, 2026"), "{}", page.text());
    assert!(editor.get("/audit").text().contains("changed price list VIP Price List: currency from EUR to USD"));
}

#[test]
fn what_does_not_fit_is_refused_at_its_field_by_form_and_call() {
    let app = TestApp::new();
    let (editor, api) = (app.sign_in(Role::Editor), app.api(Role::Editor));
    let id = rows::price_list(&app.db, "A");
    rows::price_list(&app.db, "B");
    rows::entry(&app.db, id, rows::product(&app.db, "P", 100), 1, 90);
    let form = editor.get(&format!("/price-lists/{id}/edit")).form(&format!("/price-lists/{id}"));
    api.get(API);
    let before = rows::checksums(&app.db);
    let long = "x".repeat(121);
    for (values, field, json_field, sentence) in [
        (vec![("code", "code", "")], "code", "code", "Enter a code."),
        (vec![("code", "code", "a b")], "code", "code", "Use 1 to 64 of the characters"),
        (vec![("code", "code", "B")], "code", "code", "Another price list has this code."),
        (vec![("name", "name", "")], "name", "name", "Enter a name."),
        (vec![("name", "name", &long)], "name", "name", "Use at most 120 characters."),
        (vec![("status", "status", "x")], "status", "status", "Choose active or inactive."),
        (vec![("currency", "currency", "usd")], "currency", "currency", "Choose an ISO 4217 currency"),
        (vec![("currency", "currency", "EUR")], "currency", "currency", "The list has prices in USD (1)."),
        (vec![("valid_from", "validFrom", "soon")], "valid_from", "validFrom", "Enter a day such as 2026-03-01"),
        (
            vec![("valid_from", "validFrom", "2026-03-02"), ("valid_to", "validTo", "2026-03-01")],
            "valid_to",
            "validTo",
            "The window ends before it begins.",
        ),
    ] {
        let filled = values.iter().fold(form.clone(), |form, (name, _, value)| form.fill(name, value));
        told(&editor.submit(&filled), 422, field, sentence);
        let body: serde_json::Map<_, _> =
            values.iter().map(|(_, name, value)| ((*name).to_owned(), json!(value))).collect();
        assert_eq!(fields(&api.patch(&format!("{API}/{id}"), &json!(body)), 422), [json_field]);
    }
    assert_eq!(fields(&api.post(API, &json!({"code": "N", "name": "a\0"})), 422), ["name"]);
    assert_eq!(fields(&api.post(API, &json!({"name": "N", "colour": "red"})), 422), ["colour"]);
    assert_eq!(fields(&api.get(&format!("{API}/{id}?include=colours")), 422), ["include"]);
    let nobody = Uuid::now_v7();
    for path in [format!("{API}/{nobody}"), format!("{API}/x"), format!("{API}/{nobody}/entries")] {
        assert_eq!(api.get(&path).status, 404, "{path}");
    }
    for rest in ["", "/edit", "/groups", "/import", "/deletion", "/entries.csv"] {
        assert_eq!(editor.get(&format!("/price-lists/{nobody}{rest}")).status, 404, "{rest}");
    }
    let viewer = app.api(Role::Viewer);
    viewer.get(API);
    for answer in [viewer.post(API, &json!({"code": "N"})), viewer.delete(&format!("{API}/{id}"))] {
        assert_eq!(answer.status, 403);
    }
    let stale = api.send("DELETE", &format!("{API}/{id}"), &[("if-match", "\"v7\"")], None);
    assert_eq!(stale.status, 409);
    let after = rows::checksums(&app.db);
    assert_eq!(
        (&before["price_lists"], &before["price_list_entries"]),
        (&after["price_lists"], &after["price_list_entries"])
    );
}

#[test]
fn somebody_elses_change_is_not_overwritten() {
    let app = TestApp::new();
    let editor = app.sign_in(Role::Editor);
    let id = rows::price_list(&app.db, "A");
    let form = editor.get(&format!("/price-lists/{id}/edit")).form(&format!("/price-lists/{id}"));
    rows::run(&app.db, "UPDATE price_lists SET version = 2, name = 'Theirs', status = 'inactive'");
    let page = editor.submit(&form.fill("name", "Mine"));
    told(&page, 409, "", "Somebody changed Theirs while you were editing it.");
    assert_eq!(html::rows(&page.body), [["Name", "Theirs", "Mine"]]);
    follow(&editor, &editor.submit(&page.form(&format!("/price-lists/{id}"))));
    let stored = rows::all(&app.db, "SELECT name, status FROM price_lists").remove(0);
    assert_eq!(stored, json!({"name": "Mine", "status": "inactive"}));
}

#[test]
fn the_list_is_searched_filtered_sorted_and_paged() {
    let app = TestApp::new();
    let product = rows::product(&app.db, "P", 100);
    for n in 1..=60 {
        let list = rows::price_list(&app.db, &format!("L-{n:02}"));
        for quantity in 1..=n % 4 {
            rows::entry(&app.db, list, product, quantity, 90);
        }
    }
    rows::run(&app.db, "UPDATE price_lists SET currency = 'EUR' WHERE code LIKE '%5'");
    rows::run(&app.db, "UPDATE price_lists SET status = 'inactive' WHERE code LIKE '%6'");
    let viewer = app.sign_in(Role::Viewer);
    let by =
        |order: &str| rows::texts(&app.db, &format!("SELECT name || ' ' || code FROM price_lists ORDER BY {order}"));
    for (address, order) in [
        ("/price-lists", "name"),
        ("/price-lists?sort=-name", "name DESC"),
        ("/price-lists?sort=entries", "entry_count, id"),
        ("/price-lists?sort=-entries", "entry_count DESC, id DESC"),
        ("/price-lists?sort=currency", "currency, id"),
        ("/price-lists?sort=-status", "status DESC, id DESC"),
    ] {
        let (forward, back) = pages(&viewer, address);
        assert_eq!((&forward, &back), (&by(order), &forward), "{address}");
    }
    assert_eq!(pages(&viewer, "/price-lists?currency=EUR").0.len(), 6);
    assert_eq!(pages(&viewer, "/price-lists?status=inactive&q=l-1").0, ["List L-16 L-16"]);
    assert!(viewer.get("/search?q=l-33").text().contains("List L-33"));
    assert!(viewer.get("/price-lists/options?q=l-33").body.contains("L-33"));
}

#[test]
fn the_groups_that_use_a_list_are_told_and_those_without_a_list_in_force() {
    let app = TestApp::new();
    let (old, new) = (rows::price_list(&app.db, "OLD"), rows::price_list(&app.db, "NEW"));
    rows::run(&app.db, "UPDATE price_lists SET valid_to = '2026-03-09' WHERE code = 'OLD'");
    let (vip, gold) = (rows::group(&app.db, "VIP", "VIP", None), rows::group(&app.db, "GOLD", "Gold", None));
    let gone = rows::group(&app.db, "GONE", "Gone", None);
    rows::run(&app.db, "UPDATE groups SET deleted_at = now() WHERE code = 'GONE'");
    for (group, list, priority) in [(vip, old, 1), (gold, old, 10), (gold, new, 20), (gone, old, 1)] {
        rows::assign(&app.db, group, list, priority);
    }
    let customer = rows::customer(&app.db, "C");
    rows::member(&app.db, vip, customer, "2026-01-01", By::Hand, true);
    let viewer = app.sign_in(Role::Viewer);
    let page = viewer.get(&format!("/price-lists/{old}/groups"));
    assert_eq!(
        html::rows(&page.body),
        [
            ["Gold GOLD", "10", "0", "Active", "In force"],
            ["VIP VIP", "1", "1", "Active", "All lists of this group are inactive"],
        ]
    );
    let text = viewer.get(&format!("/price-lists/{old}")).text();
    assert!(text.contains("2 groups use it") && text.contains("1 group has no list in force today"), "{text}");
    assert!(!viewer.get(&format!("/price-lists/{new}")).text().contains("no list in force"));
    let row = html::rows(&viewer.get("/price-lists?q=old").body).remove(0);
    assert_eq!(row.last().unwrap(), "2 1 has no list in force");
}

#[test]
fn deleting_a_list_shows_whom_it_touches_and_takes_it_from_its_groups() {
    let app = TestApp::new();
    let (editor, api) = (app.sign_in(Role::Editor), app.api(Role::Editor));
    let list = rows::price_list(&app.db, "A");
    rows::entry(&app.db, list, rows::product(&app.db, "P", 1000), 1, 900);
    let vip = rows::group(&app.db, "VIP", "VIP Customers", None);
    rows::assign(&app.db, vip, list, 1);
    let customer = rows::customer(&app.db, "C");
    rows::member(&app.db, vip, customer, "2026-01-01", By::Hand, true);
    let page = editor.get(&format!("/price-lists/{list}/deletion"));
    let text = page.text();
    for part in ["lose it: VIP Customers", "Members 1", "Customers affected 1", "Product P for C $9.00 → $10.00"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let page = follow(&editor, &editor.submit(&page.form(&format!("/price-lists/{list}/deletion"))));
    assert!(page.text().contains("No price lists yet"), "{}", page.text());
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM price_list_entries"), 0);
    assert_eq!(rows::number(&app.db, "SELECT version FROM groups WHERE code = 'VIP'"), 2);
    let event = rows::all(&app.db, "SELECT before FROM audit_events WHERE action = 'price_list.deleted'").remove(0);
    assert_eq!((&event["before"]["groups"], &event["before"]["prices"]), (&json!("VIP Customers"), &json!(1)));
    assert_eq!(editor.get(&format!("/price-lists/{list}")).status, 404);
    let other = rows::price_list(&app.db, "B");
    assert_eq!(api.delete(&format!("{API}/{other}")).status, 204);
    assert_eq!(api.delete(&format!("{API}/{other}")).status, 404);
}

#[test]
fn calls_list_make_and_change_lists() {
    let app = TestApp::new();
    let api = app.api(Role::Editor);
    let made =
        api.post(API, &json!({"code": "vip-pricing", "name": "VIP", "validFrom": "2026-03-01", "valid_to": null}));
    assert_eq!(made.status, 201, "{}", made.json);
    let id = made.json["id"].as_str().unwrap().to_owned();
    assert_eq!(
        made.json,
        json!({"id": id, "code": "vip-pricing", "name": "VIP", "currency": "USD", "status": "active",
               "validFrom": "2026-03-01", "validTo": null, "entryCount": 0, "version": 1})
    );
    let changed = api.send(
        "PATCH",
        &format!("{API}/{id}"),
        &[("if-match", "\"v1\"")],
        Some(r#"{"status": "inactive", "valid_from": null}"#),
    );
    assert_eq!((changed.status, changed.header("etag")), (200, "\"v2\""), "{}", changed.json);
    assert_eq!((&changed.json["validFrom"], &changed.json["status"]), (&json!(null), &json!("inactive")));
    for code in ["a", "b", "c", "d"] {
        rows::price_list(&app.db, code);
    }
    assert_eq!(walk(&api, API, "code"), ["a", "b", "c", "d", "vip-pricing"]);
    assert_eq!(items(&api.get(&format!("{API}?status=inactive&currency=USD&q=vip")), "code"), ["vip-pricing"]);
    for (query, field) in
        [("limit=x", "limit"), ("cursor=x", "cursor"), ("status=x", "status"), ("currency=x", "currency")]
    {
        assert_eq!(fields(&api.get(&format!("{API}?{query}")), 422), [field]);
    }
    let vip = rows::group(&app.db, "VIP", "VIP Customers", None);
    rows::assign(&app.db, vip, Uuid::parse_str(&id).unwrap(), 5);
    let groups = json!([{"id": vip, "code": "VIP", "name": "VIP Customers", "isActive": true, "priority": 5}]);
    assert_eq!(api.get(&format!("{API}/{id}?include=customerGroups")).json["customerGroups"], groups);
    assert_eq!(api.get(&format!("{API}?q=vip&include=customerGroups")).json["items"][0]["customerGroups"], groups);
}

#[test]
fn the_impact_of_a_list_favours_its_products_and_says_so() {
    let app = TestApp::new();
    let (list, group) = (rows::price_list(&app.db, "LAST"), rows::group(&app.db, "G", "Group", None));
    let early = rows::price_list(&app.db, "EARLY");
    let customer = rows::customer(&app.db, "C");
    rows::member(&app.db, group, customer, "2026-01-01", rows::By::Hand, true);
    rows::assign(&app.db, group, early, 1);
    rows::assign(&app.db, group, list, 10);
    // Two hundred products, most of them in the other list; the last three are in the one that goes.
    for i in 0..200 {
        let product = rows::product(&app.db, &format!("P{i:03}"), 1_000);
        let of = if i >= 197 { list } else { early };
        rows::entry(&app.db, of, product, 1, 700);
    }
    let editor = app.sign_in(Role::Editor);
    let path = format!("/price-lists/{list}");
    let told = editor.get(&format!("{path}/deletion")).text();
    for part in ["40 products (3 of them in List LAST)", "Go up 3", "$7.00 → $10.00"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let edit = editor.get(&format!("{path}/edit")).form(&path);
    let told = editor.submit(&edit.fill("status", "inactive")).text();
    assert!(told.contains("(3 of them in List LAST)") && told.contains("Go up 3"), "{told}");
}

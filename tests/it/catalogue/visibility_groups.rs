//! Visibility groups: the list, their products, deleting, and `/admin/visibility-groups`.

use super::{fields, follow, pages, told, walk};
use crate::support::html::{self, Form};
use crate::support::{Page, TestApp, rows};
use clientele::auth::role::Role;
use serde_json::json;
use uuid::Uuid;

const API: &str = "/admin/visibility-groups";

/// The form of ticked rows, not the search form above it, which has the same address.
fn ticks(page: &Page, action: &str) -> Form {
    let at = page.body.find("data-bulk").expect("a form of ticked rows");
    Form::of(&page.body[page.body[..at].rfind("<form").unwrap()..], action)
}

#[test]
fn a_visibility_group_is_made_filled_and_emptied() {
    let app = TestApp::new();
    let editor = app.sign_in(Role::Editor);
    for n in 1..=120 {
        rows::product(&app.db, &format!("P-{n:03}"), 1000);
    }
    rows::run(&app.db, "UPDATE products SET category = 'Odd' WHERE sku LIKE '%5'");
    let form = editor.get("/visibility-groups/new").form("/visibility-groups");
    let made = editor.submit(&form.fill("name", "Early Access").fill("description", "First\nto see"));
    let id = rows::id(&app.db, "SELECT id FROM visibility_groups");
    let path = format!("/visibility-groups/{id}");
    assert_eq!(made.location(), format!("{path}/add"));
    let choose = follow(&editor, &made);
    assert!(choose.text().contains("Add all 120 products"), "{}", choose.text());
    assert_eq!(pages(&editor, &format!("{path}/add")).0.len(), 120);
    let add = format!("{path}/add");
    let ids = rows::texts(&app.db, "SELECT id::text FROM products ORDER BY sku LIMIT 2");
    let form = ticks(&choose, &add);
    let ticked = ids.iter().fold(form.clone(), |form, id| form.forge("product", id));
    let page = follow(&editor, &editor.submit(&ticked));
    assert!(page.text().contains("2 products added to Early Access."), "{}", page.text());
    // All that match, as many as were shown.
    let search = editor.get(&format!("{add}?q=p-&category=Odd"));
    assert!(search.text().contains("Add all 12 products that match"), "{}", search.text());
    let all = ticks(&search, &add).forge("all", "1");
    assert_eq!((all.value("q"), all.value("category"), all.value("count")), ("p-", "Odd", "12"));
    rows::product(&app.db, "P-999", 1000);
    rows::run(&app.db, "UPDATE products SET category = 'Odd' WHERE sku = 'P-999'");
    told(&editor.submit(&all), 409, "", "13 products match now, not 12. Nothing was changed");
    let again = ticks(&editor.get(&format!("{add}?q=p-&category=Odd")), &add).forge("all", "1");
    follow(&editor, &editor.submit(&again));
    assert_eq!(rows::number(&app.db, "SELECT product_count FROM visibility_groups"), 15);
    told(&editor.submit(&form), 422, "", "Tick at least one product.");

    // Out again: some, then all after being asked.
    let remove = format!("{path}/remove");
    let some = editor.get(&path).form(&remove).forge("product", &ids[0]);
    follow(&editor, &editor.submit(&some));
    let all = editor.get(&format!("{path}?category=Odd")).form(&remove).forge("all", "1");
    let asked = editor.submit(&all);
    assert!(asked.text().contains("Remove 13 products from Early Access?"), "{}", asked.text());
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM visibility_group_products"), 14, "only asked");
    follow(&editor, &editor.submit(&asked.form(&remove)));
    assert_eq!(pages(&editor, &path).0, ["Product P-002"]);
    let log = editor.get("/audit").text();
    assert!(log.contains("changed visibility group Early Access: products from 14 to 1"), "{log}");
}

#[test]
fn what_does_not_fit_is_refused() {
    let app = TestApp::new();
    let (editor, api) = (app.sign_in(Role::Editor), app.api(Role::Editor));
    let id = rows::visibility_group(&app.db, "Ärzte", &[]);
    rows::visibility_group(&app.db, "Other", &[]);
    let form = editor.get(&format!("/visibility-groups/{id}/edit")).form(&format!("/visibility-groups/{id}"));
    let other = rows::id(&app.db, "SELECT id FROM visibility_groups WHERE name = 'Other'");
    let (long, longer) = ("x".repeat(121), "x".repeat(2_001));
    for (field, value, sentence) in [
        ("name", "", "Enter a name."),
        ("name", "OTHER", "Another visibility group has this name."),
        ("name", &long, "Use at most 120 characters."),
        ("description", &longer, "Use at most 2,000 characters."),
    ] {
        told(&editor.submit(&form.clone().fill(field, value)), 422, field, sentence);
        assert_eq!(fields(&api.patch(&format!("{API}/{id}"), &json!({ field: value })), 422), [field]);
    }
    assert_eq!(fields(&api.patch(&format!("{API}/{other}"), &json!({"name": "ÄRZTE"})), 422), ["name"]);
    assert_eq!(fields(&api.post(API, &json!({"name": "a\0"})), 422), ["name"]);
    assert_eq!(fields(&api.post(API, &json!({"name": "New", "skus": ["P-9"]})), 422), ["skus[0]"]);
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM visibility_groups"), 2);
    rows::run(&app.db, "UPDATE visibility_groups SET version = 2, description = 'Theirs' WHERE name = 'Other'");
    let stale = editor
        .post(&format!("/visibility-groups/{other}"), &[("version", "1"), ("name", "Other"), ("description", "Mine")]);
    told(&stale, 409, "", "Theirs and yours");
    for path in [format!("{API}/{}", Uuid::now_v7()), format!("{API}/x")] {
        assert_eq!(api.get(&path).status, 404);
        assert_eq!(editor.get(&path.replace(API, "/visibility-groups")).status, 404);
    }
    assert_eq!(app.api(Role::Viewer).post(API, &json!({"name": "New"})).status, 403);
}

#[test]
fn one_that_is_shown_stays() {
    let app = TestApp::new();
    let (editor, api) = (app.sign_in(Role::Editor), app.api(Role::Editor));
    let set = rows::visibility_group(&app.db, "Standard", &[rows::product(&app.db, "P", 100)]);
    let vip = rows::group(&app.db, "VIP", "VIP Customers", None);
    rows::show(&app.db, vip, set);
    let deletion = format!("/visibility-groups/{set}/deletion");
    let page = editor.get(&deletion);
    assert!(page.text().contains("Standard can't be deleted") && page.text().contains("VIP Customers"));
    let refused = editor.post(&deletion, &[("version", "1")]);
    told(&refused, 409, "", "Standard can't be deleted: VIP Customers shows it.");
    let answer = api.delete(&format!("{API}/{set}"));
    assert_eq!(answer.status, 409);
    assert!(answer.json["detail"].as_str().unwrap().contains("VIP Customers shows it"), "{}", answer.json);
    // A deleted group doesn't hold it.
    rows::run(&app.db, "UPDATE groups SET deleted_at = now() WHERE code = 'VIP'");
    let page = follow(&editor, &editor.submit(&editor.get(&deletion).form(&deletion)));
    assert!(page.text().contains("No visibility groups yet"));
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM visibility_group_products"), 0);
}

#[test]
fn lists_and_calls() {
    let app = TestApp::new();
    let (viewer, api) = (app.sign_in(Role::Viewer), app.api(Role::Editor));
    for n in 1..=3 {
        rows::product(&app.db, &format!("P-{n}"), 1000);
    }
    let made = api.post(API, &json!({"name": "Standard", "description": "All", "skus": ["P-1", "P-2"]}));
    assert_eq!(made.status, 201, "{}", made.json);
    let id = made.json["id"].as_str().unwrap().to_owned();
    assert_eq!((&made.json["productCount"], &made.json["name"]), (&json!(2), &json!("Standard")));
    let path = format!("{API}/{id}");
    let changed = api.patch(&path, &json!({"skus": ["P-3"], "skusToRemove": ["P-1"], "description": null}));
    assert_eq!((changed.status, &changed.json["description"]), (200, &json!("")), "{}", changed.json);
    assert_eq!(walk(&api, &format!("{path}/products"), "sku"), ["P-2", "P-3"]);
    assert_eq!(api.get(&path).json, changed.json);
    for n in 1..=55 {
        rows::visibility_group(&app.db, &format!("Set {n:02}"), &[]);
    }
    assert_eq!(walk(&api, &format!("{API}?q=set 0").replace(' ', "%20"), "name").len(), 9);
    let (forward, back) = pages(&viewer, "/visibility-groups?sort=-products");
    assert_eq!((forward.len(), forward[0].as_str(), &back), (56, "Standard", &forward));
    let rows = html::rows(&viewer.get("/visibility-groups?q=stand").body);
    assert_eq!(rows, [["Standard", "2", "0"]]);
    assert!(viewer.get("/search?q=standard").text().contains("Visibility groups Standard"));
    assert_eq!(api.delete(&path).status, 204);
    assert_eq!(api.get(&path).status, 404);
}

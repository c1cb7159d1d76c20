//! Bringing a deleted group back with its members.

use super::{follow, refused};
use crate::support::rows::{self, By};
use crate::support::{Browser, Page, TestApp, html};
use clientele::auth::role::Role;
use clientele::groups::group::ROOT_ID;
use serde_json::json;
use uuid::Uuid;

fn delete(browser: &Browser, id: Uuid) {
    let path = format!("/groups/{id}/deletion");
    follow(browser, &browser.submit(&browser.get(&path).form(&path)));
}

fn restore(browser: &Browser, id: Uuid, filled: &[(&str, &str)]) -> Page {
    let path = format!("/groups/{id}/restoration");
    let page = browser.get(&path);
    assert_eq!(page.status, 200, "{}", page.text());
    browser.submit(&filled.iter().fold(page.form(&path), |form, (name, value)| form.fill(name, value)))
}

#[test]
fn a_group_comes_back_as_it_went() {
    let app = TestApp::new();
    let top = rows::group(&app.db, "TOP", "Top", None);
    let one = rows::group(&app.db, "ONE", "One", Some(top));
    let child = rows::group(&app.db, "CHILD", "Child", Some(one));
    rows::run(
        &app.db,
        "UPDATE groups SET description = 'Said', type = 'hybrid', status = 'inactive', capacity = 9, metadata = '{\"a\": 1}'
         WHERE code = 'ONE'",
    );
    rows::run(
        &app.db,
        &format!("INSERT INTO group_pricing (group_id, method, percent) VALUES ('{one}', 'percentage', 5)"),
    );
    let customer = rows::customer(&app.db, "C");
    rows::member(&app.db, one, customer, "2025-01-01", By::Both, true);
    let columns = "to_jsonb(g) - 'version' - 'updated_at' AS g, (SELECT jsonb_agg(m) FROM memberships m) AS m,
                   (SELECT jsonb_agg(p) FROM group_pricing p) AS p, (SELECT jsonb_agg(s) FROM store_totals s) AS s";
    let query = format!("SELECT {columns} FROM groups g WHERE id = '{one}'");
    let before = rows::all(&app.db, &query);

    let admin = app.sign_in(Role::Admin);
    delete(&admin, one);
    let list = admin.get("/groups?deleted=1");
    assert_eq!(html::rows(&list.body)[0][0], "One Top › ONE");
    let way = html::links(&list.body).into_iter().find(|link| link.ends_with("/restoration")).unwrap();
    let page = admin.get(&way).text();
    assert!(page.contains("It comes back under Top with 1 member. Child groups stay where they went."), "{page}");
    let back = restore(&admin, one, &[]);
    assert_eq!(back.location(), format!("/groups/{one}"));
    assert!(follow(&admin, &back).text().contains("One is back with its members."));
    assert_eq!(rows::all(&app.db, &query), before);
    let parent = format!("SELECT parent_id FROM groups WHERE id = '{child}'");
    assert_eq!(rows::id(&app.db, &parent), top, "children stay where they went");
    for page in [admin.get(&way), admin.post(&way, &[("name", "Two")])] {
        refused(&page, 409, "One isn't deleted.");
    }
}

#[test]
fn a_name_or_code_taken_meanwhile_is_refused_with_a_free_one() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    let one = rows::group(&app.db, "ONE", "One", None);
    delete(&admin, one);
    let path = format!("/groups/{one}/restoration");
    let opened = admin.get(&path).form(&path);
    assert_eq!((opened.value("name"), opened.value("code")), ("One", "ONE"));
    for (code, name) in [("ONE", "ONE"), ("ONE-2", "One 2")] {
        rows::group(&app.db, code, name, None);
    }
    let before = rows::checksums(&app.db);
    let page = admin.submit(&opened);
    refused(&page, 422, "Another group took this name meanwhile. “One 3” is free.");
    refused(&page, 422, "Another group took this code meanwhile. “ONE-3” is free.");
    for (name, code, wrong) in [
        ("One 2", "FREE", "name"),
        ("Free", "ONE-2", "code"),
        ("", "FREE", "name"),
        ("Free", "not so", "code"),
        ("Free", "", "code"),
    ] {
        let page = admin.submit(&opened.clone().fill("name", name).fill("code", code));
        refused(&page, 422, "Nothing was saved yet.");
        assert!(page.body.contains(&format!("id=\"field-{wrong}-error\"")), "{name}/{code}: {}", page.text());
        let again = page.form(&path);
        assert_eq!((again.value("name"), again.value("code")), (name, code));
    }
    rows::assert_unchanged(&app.db, &before);
    // Who opens the page now gets the free ones.
    let page = admin.get(&path);
    assert!(page.text().contains("Another group took its name or code meanwhile; these are free:"));
    let offered = page.form(&path);
    assert_eq!((offered.value("name"), offered.value("code")), ("One 3", "ONE-3"));
    follow(&admin, &admin.submit(&offered));
    assert_eq!(rows::one(&app.db, &format!("SELECT name || code FROM groups WHERE id = '{one}'")), "One 3ONE-3");
}

#[test]
fn where_the_parent_is_gone_it_is_all_customers() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    let top = rows::group(&app.db, "TOP", "Top", None);
    let one = rows::group(&app.db, "ONE", "One", Some(top));
    delete(&admin, one);
    delete(&admin, top);
    let page = admin.get(&format!("/groups/{one}/restoration")).text();
    assert!(page.contains("It comes back under All Customers with 0 members."), "{page}");
    follow(&admin, &restore(&admin, one, &[]));
    let parent = format!("SELECT parent_id FROM groups WHERE id = '{one}'");
    assert_eq!(rows::id(&app.db, &parent), ROOT_ID);
    follow(&admin, &restore(&admin, top, &[]));
    assert_eq!(rows::id(&app.db, &parent), ROOT_ID, "it stays there");
}

#[test]
fn its_place_may_have_become_too_deep() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    let top = rows::group(&app.db, "TOP", "Top", None);
    let one = rows::group(&app.db, "ONE", "One", Some(top));
    delete(&admin, one);
    let deep =
        (1..=7).fold(ROOT_ID, |above, n| rows::group(&app.db, &format!("D{n}"), &format!("Deep {n}"), Some(above)));
    rows::run(&app.db, &format!("UPDATE groups SET parent_id = '{deep}' WHERE id = '{top}'"));
    let before = rows::checksums(&app.db);
    refused(&restore(&admin, one, &[]), 422, "The tree is at most 8 levels deep below All Customers.");
    rows::assert_unchanged(&app.db, &before);
    rows::run(&app.db, &format!("UPDATE groups SET parent_id = '{ROOT_ID}' WHERE id = '{top}'"));
    follow(&admin, &restore(&admin, one, &[]));
}

#[test]
fn it_becomes_primary_only_where_the_customer_has_none() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    let [one, other] = ["ONE", "OTHER"].map(|code| rows::group(&app.db, code, code, None));
    let [alone, both] = ["ALONE", "BOTH"].map(|code| rows::customer(&app.db, code));
    for customer in [alone, both] {
        rows::member(&app.db, one, customer, "2020-01-01", By::Hand, true);
    }
    rows::member(&app.db, other, both, "2021-01-01", By::Hand, false);
    delete(&admin, one);
    assert_eq!((rows::primary(&app.db, alone), rows::primary(&app.db, both)), (vec![], vec!["OTHER".to_owned()]));
    follow(&admin, &restore(&admin, one, &[]));
    assert_eq!(
        (rows::primary(&app.db, alone), rows::primary(&app.db, both)),
        (vec!["ONE".to_owned()], vec!["OTHER".to_owned()])
    );
}

#[test]
fn a_group_that_was_never_there_cannot_come_back() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    for id in [Uuid::now_v7().to_string(), "x".into()] {
        let path = format!("/groups/{id}/restoration");
        refused(&admin.get(&path), 404, "This group doesn't exist or was deleted.");
        refused(&admin.post(&path, &[("name", "A")]), 404, "This group doesn't exist or was deleted.");
    }
    assert_eq!(rows::one(&app.db, "SELECT count(*) FROM groups"), json!(1));
}

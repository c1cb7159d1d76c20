//! The customer form.

use super::{customer_id, groups_of, refused};
use crate::support::rows::{self, By};
use crate::support::{Browser, TestApp};
use clientele::auth::role::Role;
use serde_json::json;

fn new_form(browser: &Browser) -> crate::support::html::Form {
    browser.get("/customers/new").form("/customers")
}

#[test]
fn a_customer_is_made_with_all_its_fields() {
    let app = TestApp::new();
    let organization = rows::organization(&app.db, "ORG-1", None);
    rows::group(&app.db, "GOLD", "Gold", None);
    let editor = app.sign_in(Role::Editor);
    let form = new_form(&editor)
        .fill("name", " Acme  Corporation ")
        .fill("code", "C-1")
        .fill("email", "buy@acme.test")
        .fill("status", "active")
        .fill("country", "DE")
        .fill("region", "Bavaria")
        .fill("customer_since", "2024-02-29")
        .fill("payment_history", "good")
        .fill("organization_text", "ORG-1")
        .fill("tags", "key account; vip;; vip")
        .fill("groups", "gold\nNew Ones")
        .fill_rows("metadata", &[("Tier", "\"1\""), ("n", "2")]);
    let made = editor.submit(&form);
    let id = customer_id(&app.db, "C-1");
    assert_eq!((made.status, made.location()), (303, format!("/customers/{id}").as_str()), "{}", made.text());
    assert_eq!(
        rows::all(
            &app.db,
            "SELECT name, email, status, country, region, customer_since, payment_history, tags, metadata,
                    organization_id, version FROM customers"
        ),
        [json!({
            "name": "Acme Corporation", "email": "buy@acme.test", "status": "active", "country": "DE",
            "region": "Bavaria", "customer_since": "2024-02-29", "payment_history": "good",
            "tags": ["key account", "vip"], "metadata": {"Tier": "1", "n": 2}, "organization_id": organization,
            "version": 1
        })]
    );
    assert_eq!(groups_of(&app, "C-1"), ["Gold by hand*", "New Ones by hand"]);
    let page = editor.get(made.location());
    assert!(page.text().contains("Acme Corporation is there."), "{}", page.text());

    // The form holds what is stored, and saving it as it is changes nothing.
    let form = editor.get(&format!("/customers/{id}/edit")).form(&format!("/customers/{id}"));
    for (field, value) in [
        ("email", "buy@acme.test"),
        ("organization_text", "ORG-1"),
        ("tags", "key account; vip"),
        ("groups", "Gold\nNew Ones"),
        ("customer_since", "2024-02-29"),
    ] {
        assert_eq!(form.value(field), value, "{field}");
    }
    let before = rows::checksums(&app.db);
    assert_eq!(editor.submit(&form).status, 303);
    let after = rows::checksums(&app.db);
    let changed: Vec<_> = before.keys().filter(|table| before[*table] != after[*table]).collect();
    assert_eq!(changed, ["sessions"], "the message of the saved form");
}

#[test]
fn a_change_is_told_in_the_audit_log_and_on_the_customer() {
    let app = TestApp::new();
    let id = rows::customer(&app.db, "C-1");
    let editor = app.sign_in(Role::Editor);
    let path = format!("/customers/{id}");
    let form = editor.get(&format!("{path}/edit")).form(&path).fill("name", "Acme").fill("groups", "Gold");
    assert_eq!(editor.submit(&form).status, 303);
    let told = editor.get("/audit").text();
    assert!(told.contains("Editor 1 changed customer Acme : name from C-1 to Acme, groups set to Gold"), "{told}");
    assert!(told.contains("Editor 1 created group Gold"), "{told}");
    let history = editor.get(&format!("{path}/history?show=changes")).text();
    assert!(history.contains("Editor 1 changed customer Acme"), "{history}");
    let joins = editor.get(&format!("{path}/history")).text();
    assert!(joins.contains("Joined Gold , by Editor 1: Saved with the customer"), "{joins}");
}

#[test]
fn what_is_wrong_stands_at_its_field_and_nothing_is_saved() {
    let app = TestApp::new();
    rows::customer(&app.db, "TAKEN");
    for code in ["TWICE-1", "TWICE-2"] {
        let id = rows::organization(&app.db, code, None);
        rows::run(&app.db, &format!("UPDATE organizations SET name = 'Twice' WHERE id = '{id}'"));
    }
    rows::group(&app.db, "AUTO", "Auto", None);
    rows::run(&app.db, "UPDATE groups SET type = 'automatic' WHERE code = 'AUTO'");
    let editor = app.sign_in(Role::Editor);
    new_form(&editor);
    let before = rows::checksums(&app.db);
    let long = "x".repeat(300);
    for (field, value, told_at, sentence) in [
        ("code", "TAKEN", "code", "Another customer has this code."),
        ("code", "", "code", "Enter a code."),
        ("code", &long, "code", "Use at most 64 characters."),
        ("name", "", "name", "Enter a name."),
        ("name", &long, "name", "Use at most 200 characters."),
        ("name", "a\u{202e}b", "name", "Remove the characters that can't be shown."),
        ("email", "nobody", "email", "Enter an e-mail address"),
        ("email", "a b@c", "email", "Enter an e-mail address"),
        ("status", "gone", "status", "Choose active, inactive or blocked."),
        ("country", "QQ", "country", "Choose a country by its two letters"),
        ("region", &long, "region", "Use at most 120 characters."),
        ("customer_since", "2024-02-30", "customer_since", "Enter a day such as 2024-01-31"),
        ("customer_since", "0001-01-01", "customer_since", "Enter a day between 1900 and 2200."),
        ("customer_since", "2026-03-11", "customer_since", "Enter a day up to today, March 10, 2026."),
        ("payment_history", "splendid", "payment_history", "Choose one of the ratings"),
        ("organization_text", "nobody", "organization", "There is no organization of this name or code"),
        ("organization_text", "Twice", "organization", "or several have the name"),
        ("tags", &long, "tags", "Use at most 64 characters for a tag."),
        ("groups", "Auto", "groups", "Auto is an automatic group: its members come by rule."),
        ("groups", &long, "groups", "can't be a group's name. Use at most 120 characters."),
        ("status", "blocked", "groups", "The customer is blocked. Make the customer active first."),
    ] {
        let groups = if told_at == "groups" && field == "status" { "New" } else { "" };
        let form = new_form(&editor).fill("code", "NEW").fill("name", "New").fill("groups", groups).fill(field, value);
        let page = editor.submit(&form);
        refused(&page, 422, told_at, sentence);
        let again = page.form("/customers");
        assert_eq!(again.value("code"), form.value("code"), "what was typed is still there");
        // A choice that isn't offered can't be shown as chosen.
        if !["status", "country", "payment_history"].contains(&field) {
            assert_eq!(again.value(field), value, "{field}");
        }
    }
    let form = new_form(&editor).fill("code", "NEW").fill("name", "N").fill_rows("metadata", &[("a", "{")]);
    refused(&editor.submit(&form), 422, "metadata", "a: This begins like JSON and isn't");
    rows::assert_unchanged(&app.db, &before);
}

#[test]
fn over_somebody_elses_change_both_stand_side_by_side() {
    let app = TestApp::new();
    let id = rows::customer(&app.db, "C-1");
    let (ann, bea) = (app.sign_in(Role::Editor), app.sign_in(Role::Editor));
    let path = format!("/customers/{id}");
    let open = |browser: &Browser| browser.get(&format!("{path}/edit")).form(&path);
    let (anns, beas) = (open(&ann), open(&bea));
    assert_eq!(ann.submit(&anns.fill("region", "North").fill("email", "ann@x.test")).status, 303);
    let page = bea.submit(&beas.fill("region", "South").fill("name", "Bea's"));
    refused(&page, 409, "", "Somebody changed C-1 while you were editing it. Nothing of yours is saved yet.");
    let table = crate::support::html::rows(&page.body);
    assert_eq!(table, [["Name", "C-1", "Bea's"], ["Region", "North", "South"]], "only what both changed, and hers");
    let again = page.form(&path);
    assert_eq!((again.value("email"), again.value("region")), ("ann@x.test", "South"), "what she left alone is Ann's");
    assert_eq!(bea.submit(&again).status, 303);
    let saved = rows::all(&app.db, "SELECT name, email, region FROM customers");
    assert_eq!(saved, [json!({"name": "Bea's", "email": "ann@x.test", "region": "South"})]);
}

#[test]
fn groups_that_changed_meanwhile_are_kept() {
    let app = TestApp::new();
    let id = rows::customer(&app.db, "C-1");
    let [gold, silver] = ["Gold", "Silver"].map(|name| rows::group(&app.db, &name.to_uppercase(), name, None));
    rows::member(&app.db, gold, id, "2024-01-01", By::Hand, true);
    let editor = app.sign_in(Role::Editor);
    let path = format!("/customers/{id}");
    let open = editor.get(&format!("{path}/edit")).form(&path);
    // Somebody puts the customer into Silver on the group's page, which leaves the customer's own row alone.
    rows::member(&app.db, silver, id, "2024-02-01", By::Hand, false);
    assert_eq!(editor.submit(&open.clone().fill("name", "New name")).status, 303);
    assert_eq!(groups_of(&app, "C-1"), ["Gold by hand*", "Silver by hand"], "the list was left alone");
    let open = editor.get(&format!("{path}/edit")).form(&path).fill("groups", "Silver\nBronze");
    rows::run(&app.db, &format!("DELETE FROM memberships WHERE group_id = '{silver}'"));
    assert_eq!(editor.submit(&open).status, 303);
    assert_eq!(groups_of(&app, "C-1"), ["Bronze by hand*"], "Gold was taken, Bronze added, Silver gone by itself");
}

#[test]
fn a_customer_deleted_meanwhile_is_told() {
    let app = TestApp::new();
    let id = rows::customer(&app.db, "C-1");
    let editor = app.sign_in(Role::Editor);
    let path = format!("/customers/{id}");
    let form = editor.get(&format!("{path}/edit")).form(&path).fill("groups", "New");
    rows::run(&app.db, "DELETE FROM customers");
    let page = editor.submit(&form);
    refused(&page, 404, "", "This customer doesn't exist or was deleted.");
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM groups WHERE name = 'New'"), 0, "and no group is made");
}

#[test]
fn the_store_may_refuse_missing_groups() {
    let app = TestApp::new();
    rows::run(&app.db, "UPDATE store_settings SET create_missing_groups = false");
    rows::group(&app.db, "GOLD", "Gold", None);
    let editor = app.sign_in(Role::Editor);
    let page = editor.get("/customers/new");
    assert!(page.text().contains("The store is set to refuse names of groups that don't exist."));
    let form = page.form("/customers").fill("code", "C").fill("name", "C");
    refused(&editor.submit(&form.clone().fill("groups", "Gold\nGolden")), 422, "groups", "There is no group “Golden”.");
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM customers"), 0);
    assert_eq!(editor.submit(&form.fill("groups", "Gold")).status, 303);
}

//! All Customers and the store's default group keep what makes them what they are.

use super::{edit_form, follow, refused};
use crate::support::rows;
use crate::support::{TestApp, html};
use clientele::auth::role::Role;
use clientele::groups::group::ROOT_ID;
use serde_json::json;

#[test]
fn all_customers_stays_what_it_is() {
    let app = TestApp::new();
    rows::customer(&app.db, "C");
    let other = rows::group(&app.db, "OTHER", "Other", None).to_string();
    let admin = app.sign_in(Role::Admin);
    let form = edit_form(&admin, ROOT_ID);
    for hidden in ["code", "status", "type", "parent", "parent_text", "capacity"] {
        assert!(!form.has(hidden), "{hidden}");
    }
    let shown = admin.get(&format!("/groups/{ROOT_ID}"));
    assert!(!html::links(&shown.body).iter().any(|link| link.ends_with("/deletion")));
    assert!(shown.text().contains("Customers 1") && shown.text().contains("Every customer is in this group"));
    let before = rows::checksums(&app.db);
    for (field, value) in [
        ("code", "EVERYBODY"),
        ("status", "inactive"),
        ("type", "automatic"),
        ("type", "hybrid"),
        ("parent", other.as_str()),
        ("parent_text", "Other"),
        ("capacity", "100"),
    ] {
        let page = admin.submit(&form.clone().forge(field, value));
        refused(&page, 422, "All Customers keeps its code, status, type and place");
    }
    let deletion = format!("/groups/{ROOT_ID}/deletion");
    for page in [admin.get(&deletion), admin.post(&deletion, &[("version", "1")])] {
        refused(&page, 409, "All Customers can't be deleted: every group inherits from it.");
    }
    refused(&admin.get(&format!("/groups/{ROOT_ID}/restoration")), 409, "All Customers isn't deleted.");
    rows::assert_unchanged(&app.db, &before);

    let form = form.fill("name", "Everybody").fill("description", "All").fill_rows("metadata", &[("k", "v")]);
    follow(&admin, &admin.submit(&form));
    assert_eq!(
        rows::all(
            &app.db,
            "SELECT name, description, metadata, code, type, status, parent_id FROM groups WHERE code = 'ALL'"
        ),
        [json!({"name": "Everybody", "description": "All", "metadata": {"k": "v"}, "code": "ALL", "type": "manual",
                "status": "active", "parent_id": null})]
    );
    let editor = app.sign_in(Role::Editor);
    follow(&editor, &editor.submit(&edit_form(&editor, ROOT_ID).fill("name", "All Customers")));
}

#[test]
fn the_default_group_stays_live_active_and_not_automatic() {
    let app = TestApp::new();
    let retail = rows::group(&app.db, "RETAIL", "Retail", None);
    rows::run(&app.db, &format!("UPDATE store_settings SET default_group_id = '{retail}'"));
    let admin = app.sign_in(Role::Admin);
    let before = rows::checksums(&app.db);
    for (field, value) in [("status", "inactive"), ("type", "automatic")] {
        let page = admin.submit(&edit_form(&admin, retail).fill(field, value));
        refused(&page, 422, "Choose another default group in the store settings first.");
        assert!(page.body.contains(&format!("href=\"#field-{field}\"")), "{field}");
    }
    let path = format!("/groups/{retail}/deletion");
    let page = admin.post(&path, &[("version", "1")]);
    refused(&page, 409, "This is the store's default group.");
    refused(&admin.get(&path), 409, "Choose another default group in the store settings first.");
    rows::assert_unchanged(&app.db, &before);
    follow(&admin, &admin.submit(&edit_form(&admin, retail).fill("type", "hybrid")));
}

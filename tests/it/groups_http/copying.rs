//! Duplicating a group: the same settings, no members.

use super::{edit_form, follow, refused};
use crate::support::rows;
use crate::support::{TestApp, TestDb};
use clientele::auth::role::Role;
use clientele::groups::group::ROOT_ID;
use serde_json::{Value, json};
use uuid::Uuid;

/// All that a group holds in the tables that belong to groups, without what tells one group from another.
fn settings(db: &TestDb, group: Uuid) -> Vec<(String, Vec<Value>)> {
    let tables = rows::texts(
        db,
        "SELECT c.table_name::text FROM information_schema.columns c
         WHERE c.table_schema = 'public' AND c.column_name = 'group_id' AND c.table_name LIKE 'group\\_%'
           -- What a group priced and when it was edited is no setting of it.
           AND c.table_name NOT IN ('group_price_uses', 'group_edits')
         ORDER BY 1",
    );
    assert!(tables.len() >= 8, "{tables:?}");
    let own = "to_jsonb(g) - '{id,code,name,version,created_at,updated_at,search,member_count,origin,last_reviewed_at,last_reviewed_by}'::text[]";
    let fields = rows::column(db, &format!("SELECT {own} FROM groups g WHERE id = '{group}'"));
    let of = |table: String| {
        let query =
            format!("SELECT to_jsonb(t) - 'group_id' AS v FROM {table} t WHERE group_id = '{group}' ORDER BY v");
        let rows = rows::column(db, &query);
        (table, rows)
    };
    tables.into_iter().map(of).chain([("groups".to_owned(), fields)]).collect()
}

#[test]
fn a_copy_has_the_same_settings_and_no_members() {
    let app = TestApp::demo();
    // Every table has something to copy.
    let vip = rows::group_id(&app.db, "VIP");
    for values in [
        format!("group_pricing_products SELECT '{vip}', id FROM products ORDER BY sku LIMIT 3"),
        format!("group_pricing_categories VALUES ('{vip}', 'Seating')"),
        format!("group_visibility_products SELECT '{vip}', id, 'excluded' FROM products ORDER BY sku LIMIT 2"),
    ] {
        rows::run(&app.db, &format!("INSERT INTO {values}"));
    }
    let editor = app.sign_in(Role::Editor);
    let mut filled = std::collections::BTreeSet::new();
    for code in rows::texts(&app.db, "SELECT code FROM groups WHERE code <> 'ALL' ORDER BY code") {
        let id = rows::group_id(&app.db, &code);
        let made = editor.post(&format!("/groups/{id}/copy"), &[]);
        let copy = rows::group_id(&app.db, &format!("{code}-COPY"));
        assert_eq!(made.location(), format!("/groups/{copy}/edit"), "{}", made.text());
        let original = settings(&app.db, id);
        assert_eq!(settings(&app.db, copy), original, "{code}");
        filled.extend(original.into_iter().filter(|(_, rows)| !rows.is_empty()).map(|(table, _)| table));
        let members = format!("SELECT count(*) FROM memberships WHERE group_id = '{copy}'");
        assert_eq!(rows::number(&app.db, &members), 0);
        let name = rows::one(&app.db, &format!("SELECT name FROM groups WHERE id = '{copy}'"));
        let was = rows::one(&app.db, &format!("SELECT name FROM groups WHERE id = '{id}'"));
        assert_eq!(name, format!("{} copy", was.as_str().unwrap()));
    }
    assert_eq!(filled.len(), settings(&app.db, vip).len(), "every table was copied at least once: {filled:?}");
    let page = follow(&editor, &editor.post(&format!("/groups/{vip}/copy"), &[])).text();
    assert!(page.contains("VIP Customers copy 2") && page.contains("no members yet"), "{page}");
}

#[test]
fn copies_find_free_names_and_codes_and_stand_beside_the_original() {
    let app = TestApp::new();
    let parent = rows::group(&app.db, "PARENT", "Parent", None);
    let long = rows::group(&app.db, &"X".repeat(32), &"ü".repeat(120), Some(parent));
    let editor = app.sign_in(Role::Editor);
    for _ in 0..3 {
        follow(&editor, &editor.post(&format!("/groups/{long}/copy"), &[]));
    }
    let copies = rows::all(
        &app.db,
        "SELECT code, name, parent_id FROM groups WHERE parent_id <> '01900000-0000-7000-8000-000000000000' ORDER BY id OFFSET 1",
    );
    assert_eq!(copies.len(), 3);
    for copy in &copies {
        assert_eq!(copy["parent_id"], json!(parent));
        assert!(copy["name"].as_str().unwrap().chars().count() <= 120);
    }
    let everybody = editor.post(&format!("/groups/{ROOT_ID}/copy"), &[]);
    follow(&editor, &everybody);
    let copy = rows::all(&app.db, "SELECT parent_id, type, status FROM groups WHERE name = 'All Customers copy'");
    assert_eq!(copy, [json!({"parent_id": ROOT_ID, "type": "manual", "status": "active"})]);
    // A copy is a group of its own: what is changed there stays there.
    let copy = rows::group_id(&app.db, "ALL-COPY");
    follow(&editor, &editor.submit(&edit_form(&editor, copy).fill("name", "Mine")));
    assert_eq!(rows::one(&app.db, "SELECT name FROM groups WHERE code = 'ALL'"), "All Customers");
    rows::run(&app.db, "UPDATE groups SET deleted_at = now() WHERE code = 'ALL-COPY'");
    refused(&editor.post(&format!("/groups/{copy}/copy"), &[]), 404, "This group doesn't exist or was deleted.");
}

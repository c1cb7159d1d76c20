//! New groups and changes of them, through their form.

use super::{edit_form, follow, new_form, refused};
use crate::support::rows::{self, By};
use crate::support::{Page, TestApp, TestDb, html};
use clientele::auth::role::Role;
use clientele::groups::group::ROOT_ID;
use serde_json::{Value, json};
use uuid::Uuid;

fn stored(db: &TestDb, code: &str) -> Value {
    let columns = "name, code, description, status, type, parent_id, capacity, metadata, version";
    let query = format!("SELECT {columns} FROM groups WHERE code = '{code}' AND deleted_at IS NULL");
    rows::all(db, &query).remove(0)
}

fn conflicts(page: &Page) -> Vec<Vec<String>> {
    html::rows(&page.body)
}

#[test]
fn a_new_group_goes_on_to_its_settings() {
    let app = TestApp::new();
    let parent = rows::group(&app.db, "PARENT", "The Parent", None);
    let editor = app.sign_in(Role::Editor);
    let page = editor.get("/groups/new");
    assert!(html::elements(&page.body, &["button"]).contains(&"Continue to settings".into()));
    // What the seed's form draws.
    for label in
        ["Group name", "Group code", "Description", "Status", "Parent group", "Group type", "Capacity", "Metadata"]
    {
        assert!(page.text().contains(label), "{label}");
    }
    for (kind, meaning) in [
        ("Manual", "assign customers manually"),
        ("Automatic", "rule-based assignment"),
        ("Hybrid", "rules + manual overrides"),
    ] {
        assert!(page.text().contains(&format!("{kind} {meaning}")), "{kind}");
    }
    let form = new_form(&editor)
        .fill("name", "  Dealers &  friends ")
        .fill("code", "DEAL_1")
        .fill("description", "One\r\n\r\nTwo ")
        .fill("status", "inactive")
        .fill("type", "hybrid")
        .fill("parent", &parent.to_string())
        .fill("parent_text", "The Parent")
        .fill("capacity", "1,200")
        .fill_rows("metadata", &[("erpId", "007"), ("", ""), ("list", "[1, 2]")]);
    let made = editor.submit(&form);
    let id = rows::group_id(&app.db, "DEAL_1");
    assert_eq!(made.location(), format!("/groups/{id}/pricing"));
    assert_eq!(
        stored(&app.db, "DEAL_1"),
        json!({"name": "Dealers & friends", "code": "DEAL_1", "description": "One\n\nTwo", "status": "inactive",
               "type": "hybrid", "parent_id": parent, "capacity": 1200, "metadata": {"erpId": "007", "list": [1, 2]},
               "version": 1})
    );
    let settings = follow(&editor, &made).text();
    for text in [
        "Dealers & friends is there",
        "Pricing",
        "Visibility",
        "Payment terms",
        "Pricing method",
        "Price list assignment",
    ] {
        assert!(settings.contains(text), "{text:?} is not in {settings}");
    }
}

#[test]
fn a_new_groups_code_and_place_may_be_left_out_or_typed() {
    let app = TestApp::new();
    let parent = rows::group(&app.db, "PARENT", "The Parent", None);
    // One group's name is another one's code; a name is what picking puts there.
    let tricky = rows::group(&app.db, "TRICKY", "WHOSE", None);
    rows::group(&app.db, "WHOSE", "Whose code", None);
    let editor = app.sign_in(Role::Editor);
    for (name, text, picked, expected) in [
        ("At the top", "", None, ROOT_ID),
        ("By name", "the parent", None, parent),
        ("By code", " PARENT ", None, parent),
        ("Picked", "WHOSE", Some(tricky), tricky),
        ("Under all", "All Customers", None, ROOT_ID),
    ] {
        let form = new_form(&editor)
            .fill("name", name)
            .fill("parent", &picked.map(|id| id.to_string()).unwrap_or_default())
            .fill("parent_text", text);
        follow(&editor, &editor.submit(&form));
        let code = name.to_uppercase().replace(' ', "-");
        assert_eq!(stored(&app.db, &code)["parent_id"], json!(expected), "{name}");
    }
    let form = new_form(&editor).fill("name", "Lost").fill("parent_text", "Nowhere");
    refused(&editor.submit(&form), 422, "There is no group of this name.");
}

#[test]
fn each_field_is_edited() {
    let app = TestApp::new();
    let one = rows::group(&app.db, "ONE", "One", None);
    let other = rows::group(&app.db, "OTHER", "Other", None);
    let admin = app.sign_in(Role::Admin);
    let mut before = stored(&app.db, "ONE");
    for (field, value, column, expected) in [
        ("name", "Uno", "name", json!("Uno")),
        ("name", "uno", "name", json!("uno")),
        ("description", "a\r\nb", "description", json!("a\nb")),
        ("description", "", "description", json!("")),
        ("status", "inactive", "status", json!("inactive")),
        ("status", "active", "status", json!("active")),
        ("type", "automatic", "type", json!("automatic")),
        ("parent_text", "Other", "parent_id", json!(other)),
        ("parent_text", "", "parent_id", json!(ROOT_ID)),
        ("capacity", "7", "capacity", json!(7)),
        ("capacity", " ", "capacity", json!(null)),
        ("code", "ONE", "code", json!("ONE")),
    ] {
        let saved = admin.submit(&edit_form(&admin, one).fill(field, value));
        assert_eq!(saved.location(), format!("/groups/{one}"), "{field} {value}: {}", saved.text());
        let changes = before[column] != expected;
        before[column] = expected;
        before["version"] = json!(before["version"].as_i64().unwrap() + i64::from(changes));
        assert_eq!(stored(&app.db, "ONE"), before, "{field} {value}");
        assert!(follow(&admin, &saved).text().contains(&format!("{} is saved.", before["name"].as_str().unwrap())));
    }
    admin.submit(&edit_form(&admin, one).fill("code", "UNO"));
    assert_eq!(stored(&app.db, "UNO")["name"], "uno");
    // An empty code keeps the one there is.
    follow(&admin, &admin.submit(&edit_form(&admin, one).fill("code", "")));
    assert_eq!(stored(&app.db, "UNO")["name"], "uno");
}

#[test]
fn what_is_wrong_stands_at_its_field_and_what_was_typed_stays() {
    let app = TestApp::new();
    let one = rows::group(&app.db, "ONE", "One", None);
    rows::group(&app.db, "TAKEN", "Taken", None);
    let child = rows::group(&app.db, "CHILD", "Child", Some(one));
    let admin = app.sign_in(Role::Admin);
    let before = rows::checksums(&app.db);
    for (field, value, wrong, sentence) in [
        ("name", " ", "name", "Enter a name."),
        ("name", "a;b", "name", "Leave out the semicolon"),
        ("name", "TAKEN", "name", "Another group has this name."),
        ("name", &"ä".repeat(121), "name", "Use at most 120 characters."),
        ("code", "one two", "code", "Use 1 to 32 of the characters A–Z, 0–9, _ and -."),
        ("code", "TAKEN", "code", "Another group has this code."),
        ("description", &"x".repeat(2001), "description", "Use at most 2,000 characters."),
        ("status", "", "status", "Choose active or inactive."),
        ("type", "x", "type", "Choose manual, automatic or hybrid."),
        ("parent_text", "Nobody", "parent", "There is no group of this name."),
        ("parent_text", "One", "parent", "A group can't stand under itself"),
        ("parent_text", "CHILD", "parent", "A group can't stand under itself"),
        ("capacity", "many", "capacity", "Enter a whole number"),
        ("capacity", "0", "capacity", "Enter a number from 1"),
        ("capacity", "99999999999", "capacity", "Enter a whole number"),
    ] {
        let sent = edit_form(&admin, one).fill("description", "Typed before").fill(field, value);
        let page = admin.submit(&sent);
        refused(&page, 422, "Nothing was saved yet.");
        refused(&page, 422, sentence);
        assert!(page.body.contains(&format!("href=\"#field-{wrong}\"")), "the summary leads to {wrong}");
        if wrong != "type" {
            assert!(page.body.contains(&format!("id=\"field-{wrong}-error\"")), "the sentence stands at {wrong}");
        }
        let again = page.form(&format!("/groups/{one}"));
        // A choice that doesn't exist can't be shown as chosen.
        for (name, value) in sent.fields.iter().filter(|(name, _)| !["status", "type"].contains(&name.as_str())) {
            assert!(again.fields.contains(&(name.clone(), value.clone())), "{name} is kept: {:?}", again.fields);
        }
    }
    rows::assert_unchanged(&app.db, &before);
    let both = edit_form(&admin, child).fill("name", "").fill("code", "x y").fill("capacity", "-1");
    let page = admin.submit(&both);
    for field in ["name", "code", "capacity"] {
        assert!(
            page.body.contains(&format!("id=\"field-{field}-error\"")),
            "everything wrong is said at once: {field}"
        );
    }
}

#[test]
fn the_typed_parent_counts_where_there_are_no_scripts() {
    let app = TestApp::new();
    let [a, b] = ["A", "B"].map(|code| rows::group(&app.db, code, &format!("Group {code}"), None));
    let one = rows::group(&app.db, "ONE", "One", Some(a));
    let admin = app.sign_in(Role::Admin);
    let form = edit_form(&admin, one);
    assert_eq!((form.value("parent"), form.value("parent_text")), (a.to_string().as_str(), "Group A"));
    // Nothing fills in the hidden id, which is still A's.
    for (text, parent) in [("Group B", b), ("group a", a), ("B", b), ("", ROOT_ID)] {
        follow(&admin, &admin.submit(&edit_form(&admin, one).fill("parent_text", text)));
        assert_eq!(stored(&app.db, "ONE")["parent_id"], json!(parent), "{text}");
    }
}

#[test]
fn editors_neither_see_nor_change_status_and_place() {
    let app = TestApp::new();
    let other = rows::group(&app.db, "OTHER", "Other", None);
    let one = rows::group(&app.db, "ONE", "One", Some(other));
    let third = rows::group(&app.db, "THIRD", "Third", None).to_string();
    let editor = app.sign_in(Role::Editor);
    let form = edit_form(&editor, one);
    for hidden in ["status", "parent", "parent_text"] {
        assert!(!form.has(hidden), "{hidden}");
    }
    let before = rows::checksums(&app.db);
    for (field, value) in [
        ("status", "inactive"),
        ("parent", third.as_str()),
        ("parent_text", "Third"),
        ("parent", ""),
        ("parent_text", ""),
    ] {
        let page = editor.submit(&form.clone().fill("name", "New name").forge(field, value));
        refused(&page, 403, "Only administrators may");
    }
    rows::assert_unchanged(&app.db, &before);
    // What changes nothing is no offence.
    let same = form.fill("name", "Uno").forge("status", "active").forge("parent", &other.to_string());
    follow(&editor, &editor.submit(&same));
    assert_eq!(stored(&app.db, "ONE")["parent_id"], json!(other));
    assert_eq!(stored(&app.db, "ONE")["name"], "Uno");
}

#[test]
fn viewers_see_no_buttons_and_are_refused() {
    let app = TestApp::new();
    let one = rows::group(&app.db, "ONE", "One", None);
    let gone = rows::group(&app.db, "GONE", "Gone", None);
    rows::run(&app.db, "UPDATE groups SET deleted_at = now() WHERE code = 'GONE'");
    let [viewer, editor, admin] = Role::ALL.map(|role| app.sign_in(role));
    let path = |rest: &str| format!("/groups/{one}{rest}");
    for (browser, expected) in
        [(&viewer, vec![]), (&editor, vec![path("/edit")]), (&admin, vec![path("/deletion"), path("/edit")])]
    {
        let page = browser.get(&path(""));
        let ways: Vec<String> = html::links(&page.body)
            .into_iter()
            .filter(|link| link.ends_with("/edit") || link.ends_with("/deletion"))
            .collect();
        assert_eq!(ways, expected);
        let copies = page.body.contains(&format!("action=\"{}\"", path("/copy")));
        assert_eq!(copies, !expected.is_empty());
    }
    let before = rows::checksums(&app.db);
    let version = [("version", "1"), ("name", "New"), ("status", "active"), ("type", "manual")];
    for (browser, role) in [(&viewer, Role::Viewer), (&editor, Role::Editor)] {
        let mut refusals = vec![
            browser.get(&path("/deletion")),
            browser.post(&path("/deletion"), &version),
            browser.get(&format!("/groups/{gone}/restoration")),
            browser.post(&format!("/groups/{gone}/restoration"), &[]),
        ];
        if role == Role::Viewer {
            refusals.push(browser.get("/groups/new"));
            refusals.push(browser.post("/groups", &version));
            refusals.push(browser.get(&path("/edit")));
            refusals.push(browser.post(&path(""), &version));
            refusals.push(browser.post(&path("/copy"), &[]));
        }
        for page in refusals {
            refused(&page, 403, "You may not do this");
            assert!(page.body.contains("aria-label=\"Main\""), "within the console's frame");
        }
    }
    rows::assert_unchanged(&app.db, &before);
}

#[test]
fn a_change_over_somebody_elses_shows_both_sides_and_loses_neither() {
    let app = TestApp::new();
    let other = rows::group(&app.db, "OTHER", "Other", None);
    let one = rows::group(&app.db, "ONE", "One", None);
    let (mine, theirs) = (app.sign_in(Role::Admin), app.sign_in(Role::Admin));
    let form = edit_form(&mine, one);
    let changed = edit_form(&theirs, one)
        .fill("name", "Theirs")
        .fill("description", "Line 1\r\nLine 2")
        .fill("parent_text", "Other")
        .fill_rows("metadata", &[("k", "theirs")]);
    follow(&theirs, &theirs.submit(&changed));
    let before = rows::checksums(&app.db);

    let sent = form.fill("name", "Mine <b>").fill("capacity", "5").fill_rows("metadata", &[("k", "mine")]);
    let page = mine.submit(&sent);
    refused(&page, 409, "Somebody changed Theirs while you were editing it. Nothing of yours is saved yet.");
    let expected = [["Group name", "Theirs", "Mine <b>"], ["Capacity", "", "5"], ["Metadata", "k: theirs", "k: mine"]];
    assert_eq!(conflicts(&page), expected);
    rows::assert_unchanged(&app.db, &before);

    let again = page.form(&format!("/groups/{one}"));
    // What wasn't touched here is theirs now; what was typed stays.
    let theirs_now = ["version", "was", "description", "parent", "parent_text"];
    for (name, value) in sent.fields.iter().filter(|(name, _)| !theirs_now.contains(&name.as_str())) {
        assert!(again.fields.contains(&(name.clone(), value.clone())), "{name} is kept");
    }
    assert_eq!(again.value("version"), "2");
    follow(&mine, &mine.submit(&again.fill("parent_text", "Other")));
    let now = stored(&app.db, "ONE");
    assert_eq!(
        (&now["name"], &now["parent_id"], &now["capacity"], &now["metadata"], &now["version"]),
        (&json!("Mine <b>"), &json!(other), &json!(5), &json!({"k": "mine"}), &json!(3))
    );
    // Mending an error doesn't make an old form new.
    let stale = sent.fill("name", "");
    let page = mine.submit(&stale);
    refused(&page, 422, "Enter a name.");
    refused(&mine.submit(&page.form(&format!("/groups/{one}")).fill("name", "Again")), 409, "Theirs and yours");
}

#[test]
fn metadata_goes_through_the_editor_unharmed() {
    let app = TestApp::new();
    let one = rows::group(&app.db, "ONE", "One", None);
    let object = json!({"isSeller": true, "IsSeller": "true", "n": 1.5, "none": null, "text": "5", "empty": "",
        "spaced": " x ", "deep": {"innerKey": [1, {"a b": "ü"}]}, "quote": "say \"hi\"", "brace": "{not json",
        "lines": "a\nb", "html": "<b>&amp;</b>"});
    rows::run(&app.db, &format!("UPDATE groups SET metadata = '{object}'::jsonb WHERE code = 'ONE'"));
    let editor = app.sign_in(Role::Editor);
    let form = edit_form(&editor, one);
    follow(&editor, &editor.submit(&form.fill("name", "Uno")));
    assert_eq!(stored(&app.db, "ONE")["metadata"], object, "opening and saving changes nothing");

    let rows: [(&str, &str); 8] = [
        ("keyCase", "plain words"),
        ("KeyCase", "true"),
        ("number", "-2.50"),
        ("text", "\"7\""),
        ("list", "[1, \"a\", null]"),
        ("object", "{\"A\": {\"bC\": 1}}"),
        ("nothing", ""),
        ("", ""),
    ];
    follow(&editor, &editor.submit(&edit_form(&editor, one).fill_rows("metadata", &rows)));
    assert_eq!(
        stored(&app.db, "ONE")["metadata"],
        json!({"keyCase": "plain words", "KeyCase": true, "number": serde_json::from_str::<Value>("-2.50").unwrap(), "text": "7", "list": [1, "a", null],
               "object": {"A": {"bC": 1}}, "nothing": ""})
    );
    let shown = editor.get(&format!("/groups/{one}")).text();
    assert!(shown.contains("keyCase \"plain words\"") && shown.contains("KeyCase true"), "{shown}");

    let before = rows::checksums(&app.db);
    let long = "x".repeat(16 * 1024);
    for (rows, sentence) in [
        (vec![("a", "1"), ("a", "2")], "The key “a” is there twice"),
        (vec![("", "2")], "Give this value a key"),
        (vec![("a", "{\"x\":")], "a: This begins like JSON and isn't"),
        (vec![("a", &long)], "Metadata is at most 16 KiB"),
        (vec![(&long, "1")], "Use a key of at most 100 characters."),
        (vec![("a", "\"\\u0000\"")], "Remove the NUL character."),
    ] {
        let page = editor.submit(&edit_form(&editor, one).fill_rows("metadata", &rows));
        refused(&page, 422, sentence);
        let again = page.form(&format!("/groups/{one}"));
        for (key, value) in rows {
            assert!(again.fields.contains(&("metadata_key".into(), key.into())), "{key:.50} is kept");
            assert!(again.fields.contains(&("metadata_value".into(), value.into())), "{value:.50} is kept");
        }
    }
    rows::assert_unchanged(&app.db, &before);
}

#[test]
fn type_and_capacity_look_at_the_members() {
    let app = TestApp::new();
    let mix = rows::group(&app.db, "MIX", "Mix", None);
    rows::run(&app.db, "UPDATE groups SET type = 'hybrid' WHERE code = 'MIX'");
    let members: Vec<Uuid> = ["A", "B", "C", "D"].iter().map(|code| rows::customer(&app.db, code)).collect();
    for (customer, by) in members.iter().zip([By::Hand, By::Rule, By::Both, By::Rule]) {
        rows::member(&app.db, mix, *customer, "2026-01-01", by, true);
    }
    let editor = app.sign_in(Role::Editor);
    let page = editor.get(&format!("/groups/{mix}/edit")).text();
    assert!(page.contains("Of its 4 members, 1 are in it by hand alone and 2 by rule alone."), "shown first: {page}");
    let refusal = editor.submit(&edit_form(&editor, mix).fill("capacity", "3"));
    refused(&refusal, 422, "The group has 4 members already: enter at least that, or remove members first.");
    follow(&editor, &editor.submit(&edit_form(&editor, mix).fill("capacity", "4")));
    follow(&editor, &editor.submit(&edit_form(&editor, mix).fill("type", "manual")));
    let marks = "SELECT DISTINCT by_hand || ' ' || by_rule FROM memberships";
    assert_eq!(rows::texts(&app.db, marks), ["true false"]);
    assert_eq!(rows::number(&app.db, "SELECT member_count FROM groups WHERE code = 'MIX'"), 4);
}

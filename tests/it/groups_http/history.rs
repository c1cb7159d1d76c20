//! What happened to a group, in sentences: its changes, its joins and leaves.

use super::{edit_form, follow, new_form};
use crate::support::rows::{self, By};
use crate::support::{Browser, Page, TestApp, html};
use chrono::TimeDelta;
use clientele::auth::role::Role;
use uuid::Uuid;

/// The sentences of a history page, the newest first.
fn log(page: &Page) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.text());
    page.body
        .split("<li class=\"log-item\"")
        .skip(1)
        .map(|item| html::text(&format!("<li{}", item.split("</ol>").next().unwrap())))
        .collect()
}

fn history(browser: &Browser, id: Uuid) -> Vec<String> {
    log(&browser.get(&format!("/groups/{id}/history")))
}

#[test]
fn every_change_reads_as_a_sentence() {
    let app = TestApp::new();
    let top = rows::group(&app.db, "TOP", "Top", None);
    let (editor, admin) = (app.sign_in(Role::Editor), app.sign_in(Role::Admin));
    let names = [&editor, &admin].map(|browser| browser.user.as_ref().unwrap().name.clone());
    let [editor_name, admin_name] = names;
    let later = || app.clock.advance(TimeDelta::minutes(1));

    follow(&editor, &editor.submit(&new_form(&editor).fill("name", "One").fill("capacity", "5")));
    let one = rows::group_id(&app.db, "ONE");
    later();
    let change = edit_form(&editor, one)
        .fill("name", "Uno")
        .fill("capacity", "")
        .fill("description", "<Said>")
        .fill_rows("metadata", &[("k", "1")]);
    follow(&editor, &editor.submit(&change));
    later();
    follow(&admin, &admin.submit(&edit_form(&admin, one).fill("parent_text", "Top")));
    later();
    follow(&admin, &admin.submit(&edit_form(&admin, one).fill("status", "inactive").fill("type", "hybrid")));
    later();
    // Nothing changed, nothing to tell.
    follow(&admin, &admin.submit(&edit_form(&admin, one)));
    let deletion = format!("/groups/{one}/deletion");
    follow(&admin, &admin.submit(&admin.get(&deletion).form(&deletion)));
    later();
    let of_deleted = admin.get(&format!("/groups/{one}/history"));
    assert!(of_deleted.text().contains("Uno") && of_deleted.text().contains("Deleted"), "a deleted group has a past");
    let restoration = format!("/groups/{one}/restoration");
    follow(&admin, &admin.submit(&admin.get(&restoration).form(&restoration)));

    let told = history(&app.sign_in(Role::Viewer), one);
    let expected = [
        (&admin_name, "restored group Uno", "12:05", vec![]),
        (&admin_name, "deleted group Uno", "12:04", vec![]),
        (&admin_name, "changed group Uno", "12:03", vec!["status: active → to inactive", "type: manual → to hybrid"]),
        (&admin_name, "moved group Uno", "12:02", vec!["parent: All Customers → to Top"]),
        (
            &editor_name,
            "changed group Uno",
            "12:01",
            vec![
                "name: One → to Uno",
                "description: nothing → to <Said>",
                "capacity: 5 → to nothing",
                "metadata k: nothing → to 1",
            ],
        ),
        (&editor_name, "created group One", "12:00", vec!["capacity: 5", "name: One"]),
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, (who, what, when, changes)) in told.iter().zip(expected) {
        assert!(told.starts_with(&format!("{who} {what}")), "{told:?} is not {who} {what}");
        assert!(told.contains(when), "{told:?} at {when}");
        for change in changes {
            assert!(told.contains(change), "{change:?} is not in {told:?}");
        }
    }
    assert!(told[2].split("status:").count() == 2 && !told[2].contains("name:"), "only what changed: {}", told[2]);
    let moved = &history(&admin, top);
    assert!(moved.is_empty(), "the parent's own history is untouched: {moved:?}");
    // The global log tells the same.
    let audit = admin.get("/audit").text();
    for sentence in ["restored group Uno", "deleted group Uno", "moved group Uno", "created group One"] {
        assert!(audit.contains(sentence), "{sentence:?} is not in {audit}");
    }
}

#[test]
fn children_that_are_moved_by_a_deletion_know_it() {
    let app = TestApp::new();
    let one = rows::group(&app.db, "ONE", "One", None);
    let child = rows::group(&app.db, "CHILD", "Child", Some(one));
    let admin = app.sign_in(Role::Admin);
    let deletion = format!("/groups/{one}/deletion");
    follow(&admin, &admin.submit(&admin.get(&deletion).form(&deletion)));
    let told = history(&admin, child);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("moved group Child") && told[0].contains("parent: One → to All Customers"), "{told:?}");
}

#[test]
fn joins_and_leaves_are_kept_page_by_page() {
    let app = TestApp::new();
    let one = rows::group(&app.db, "ONE", "One", None);
    let customer = rows::customer(&app.db, "ACME");
    rows::member(&app.db, one, customer, "2026-01-01", By::Hand, true);
    // Many at the same moment, as an import makes them.
    rows::run(
        &app.db,
        &format!(
            "INSERT INTO membership_events (id, at, group_id, customer_id, kind, assignment, actor_kind, actor_name, reason)
             SELECT uuid_v7(), '2026-01-01 10:00Z', '{one}', '{customer}', CASE n % 2 WHEN 0 THEN 'left' ELSE 'joined' END,
                    'manual', 'user', 'Ann', 'reason ' || n
             FROM generate_series(1, 123) n"
        ),
    );
    let viewer = app.sign_in(Role::Viewer);
    let mut path = format!("/groups/{one}/history?show=members");
    let mut told = Vec::new();
    loop {
        let page = viewer.get(&path);
        told.extend(log(&page));
        match html::attribute(&page.body, "id=\"page-next\"", "href") {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!(told.len(), 123);
    let expected = rows::texts(&app.db, "SELECT reason FROM membership_events ORDER BY at DESC, id DESC");
    for (told, reason) in told.iter().zip(expected) {
        let verb = if reason.ends_with(['1', '3', '5', '7', '9']) { "Joined" } else { "Left" };
        assert!(told.starts_with(&format!("{verb} ACME ACME , by Ann: {reason} ")), "{told:?} is not about {reason}");
    }
    for query in ["after=x", "after=AAAA", "show=nothing"] {
        assert_eq!(viewer.get(&format!("/groups/{one}/history?{query}")).status, 200, "{query}");
    }
}

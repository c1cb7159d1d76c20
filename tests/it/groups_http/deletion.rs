//! Deleting a group: what it touches is shown first, child groups and primary marks go where they are told to.

use super::{follow, refused};
use crate::support::rows::{self, By};
use crate::support::{Browser, Page, TestApp, TestDb, html};
use clientele::auth::role::Role;
use clientele::groups::group::ROOT_ID;
use serde_json::json;
use uuid::Uuid;

fn confirm(browser: &Browser, id: Uuid) -> Page {
    browser.get(&format!("/groups/{id}/deletion"))
}

fn delete(browser: &Browser, id: Uuid, filled: &[(&str, &str)]) -> Page {
    let page = confirm(browser, id);
    assert_eq!(page.status, 200, "{}", page.text());
    let form = page.form(&format!("/groups/{id}/deletion"));
    browser.submit(&filled.iter().fold(form, |form, (name, value)| form.fill(name, value)))
}

fn parent(db: &TestDb, id: Uuid) -> Uuid {
    rows::id(db, &format!("SELECT parent_id FROM groups WHERE id = '{id}'"))
}

#[test]
fn the_dialog_says_what_the_rows_say() {
    let app = TestApp::demo();
    // A group of every kind of relation.
    rows::run(
        &app.db,
        "UPDATE organizations SET group_id = (SELECT id FROM groups WHERE code = 'WHOLESALE')
         WHERE id IN (SELECT organization_id FROM customers WHERE organization_id IS NOT NULL ORDER BY code LIMIT 40)",
    );
    let admin = app.sign_in(Role::Admin);
    let mut largest = [0; 6];
    for code in rows::texts(&app.db, "SELECT code FROM groups WHERE code NOT IN ('ALL', 'RETAIL') ORDER BY code") {
        let id = rows::group_id(&app.db, &code);
        let counts = [
            format!("SELECT count(*) FROM memberships WHERE group_id = '{id}'"),
            format!("SELECT count(*) FROM memberships WHERE group_id = '{id}' AND is_primary"),
            format!("SELECT count(*) FROM groups WHERE parent_id = '{id}' AND deleted_at IS NULL"),
            format!("SELECT count(*) FROM group_price_lists WHERE group_id = '{id}'"),
            format!("SELECT count(*) FROM organizations WHERE group_id = '{id}'"),
            format!("SELECT count(*) FROM customers c JOIN organizations o ON o.id = c.organization_id WHERE o.group_id = '{id}'"),
        ]
        .map(|query| rows::number(&app.db, &query));
        let [members, primary, children, lists, organizations, through] = counts;
        let facts = html::elements(&confirm(&admin, id).body, &["dt", "dd"]);
        let said = |label: &str| {
            let at = facts.iter().position(|fact| fact == label).unwrap_or_else(|| panic!("{label}: {facts:?}"));
            facts[at + 1].as_str()
        };
        for (label, count) in [
            ("Members", members),
            ("Primary group of", primary),
            ("Child groups", children),
            ("Price lists", lists),
            ("Organizations", organizations),
        ] {
            let first = said(label).split(' ').next().unwrap();
            assert_eq!(first, count.to_string(), "{code}: {label}");
        }
        if organizations > 0 {
            let with = if through == 1 { "with 1 customer,".into() } else { format!("with {through} customers,") };
            assert!(said("Organizations").contains(&with), "{code}: {}", said("Organizations"));
        }
        let asks = confirm(&admin, id).body.contains("name=\"children\"");
        assert_eq!(asks, children > 0, "{code}: only who has child groups is asked where they go");
        for (most, count) in largest.iter_mut().zip(counts) {
            *most = count.max(*most);
        }
    }
    assert!(largest.iter().all(|count| *count > 1), "the demo shop has something of each: {largest:?}");
}

#[test]
fn child_groups_go_to_the_parent_or_where_they_are_sent() {
    let app = TestApp::new();
    let [top, elsewhere] = ["TOP", "ELSEWHERE"].map(|code| rows::group(&app.db, code, &format!("Group {code}"), None));
    let admin = app.sign_in(Role::Admin);
    let tree = |n: u32| {
        let middle = rows::group(&app.db, &format!("MIDDLE{n}"), &format!("Middle {n}"), Some(top));
        let low = ["A", "B"].map(|c| rows::group(&app.db, &format!("{c}{n}"), &format!("{c} {n}"), Some(middle)));
        rows::group(&app.db, &format!("LOWEST{n}"), &format!("Lowest {n}"), Some(low[0]));
        (middle, low)
    };
    let other = elsewhere.to_string();
    let cases: [(&[(&str, &str)], Uuid); 5] = [
        (&[], top),
        (&[("children", "other"), ("children_to_text", "group elsewhere")], elsewhere),
        (&[("children", "other"), ("children_to", &other), ("children_to_text", "Group ELSEWHERE")], elsewhere),
        (&[("children", "other"), ("children_to_text", "All Customers")], ROOT_ID),
        (&[("children", "parent"), ("children_to_text", "ELSEWHERE")], top),
    ];
    for (n, (filled, expected)) in (0..).zip(cases) {
        let (middle, low) = tree(n);
        let gone = delete(&admin, middle, filled);
        assert_eq!(gone.location(), "/groups", "{filled:?}: {}", gone.text());
        for child in low {
            assert_eq!(parent(&app.db, child), expected, "{filled:?}");
        }
        let lowest = rows::group_id(&app.db, &format!("LOWEST{n}"));
        assert_eq!(parent(&app.db, lowest), low[0], "what stands lower stays where it is");
        let list = follow(&admin, &gone);
        assert!(list.text().contains(&format!("Middle {n} is deleted. It can be restored with its members.")));
        assert!(html::links(&list.body).contains(&format!("/groups/{middle}/restoration")), "the way back is offered");
        assert!(!list.text().contains(&format!("Middle {n} Group TOP")), "no longer listed");
    }
    let (middle, low) = tree(9);
    let before = rows::checksums(&app.db);
    for (to, sentence) in [
        ("", "Choose the group that the child groups go to"),
        ("Nobody", "Choose the group that the child groups go to"),
        ("Middle 9", "isn't the one being deleted"),
        ("A9", "A group can't stand under itself"),
        ("LOWEST9", "A group can't stand under itself"),
        ("MIDDLE0", "Choose the group that the child groups go to"),
    ] {
        let page = delete(&admin, middle, &[("children", "other"), ("children_to_text", to)]);
        refused(&page, 422, sentence);
        assert!(page.body.contains("id=\"field-children_to-error\""), "{to}");
        assert_eq!(page.form(&format!("/groups/{middle}/deletion")).value("children_to_text"), to);
    }
    let deepest =
        (0..6).fold(elsewhere, |above, n| rows::group(&app.db, &format!("D{n}"), &format!("Deep {n}"), Some(above)));
    assert_eq!(parent(&app.db, low[0]), middle);
    rows::run(&app.db, &format!("DELETE FROM groups WHERE id = '{deepest}'"));
    let page = delete(&admin, middle, &[("children", "other"), ("children_to_text", "D4")]);
    assert_eq!(page.status, 303, "exactly 8 levels: {}", page.text());
    assert_ne!(rows::checksums(&app.db), before);
}

#[test]
fn nothing_goes_deeper_than_eight_levels() {
    let app = TestApp::new();
    let above =
        (1..=7).fold(ROOT_ID, |above, n| rows::group(&app.db, &format!("D{n}"), &format!("Deep {n}"), Some(above)));
    let gone = rows::group(&app.db, "GONE", "Gone", None);
    let child = rows::group(&app.db, "CHILD", "Child", Some(gone));
    rows::group(&app.db, "GRANDCHILD", "Grandchild", Some(child));
    let admin = app.sign_in(Role::Admin);
    let before = rows::checksums(&app.db);
    let page = delete(&admin, gone, &[("children", "other"), ("children_to_text", "D7")]);
    refused(&page, 422, "The tree is at most 8 levels deep below All Customers.");
    rows::assert_unchanged(&app.db, &before);
    assert_eq!(above, rows::group_id(&app.db, "D7"));
    assert_eq!(delete(&admin, gone, &[("children", "other"), ("children_to_text", "D6")]).status, 303);
}

#[test]
fn the_primary_mark_goes_to_the_longest_standing_other_membership() {
    let app = TestApp::new();
    let group = |code: &str, name: &str| rows::group(&app.db, code, name, None);
    let gone = group("GONE", "Gone");
    let (alpha, beta, old) = (group("ALPHA", "Alpha"), group("BETA", "Beta"), group("OLD", "Old"));
    let (deleted, inactive) = (group("DELETED", "Deleted"), group("INACTIVE", "Inactive"));
    rows::run(&app.db, "UPDATE groups SET status = 'inactive' WHERE code = 'INACTIVE'");
    let cases = [
        // Who is where since when, and whose primary group is GONE before.
        ("OLDEST", vec![(alpha, "2024-01-02"), (old, "2023-01-01"), (beta, "2024-01-01")], true, vec!["OLD"]),
        ("TIE", vec![(beta, "2024-01-01"), (alpha, "2024-01-01")], true, vec!["ALPHA"]),
        ("ONLY", vec![], true, vec![]),
        ("DEAD", vec![(deleted, "2020-01-01"), (beta, "2024-01-01")], true, vec!["BETA"]),
        ("ALL-DEAD", vec![(deleted, "2020-01-01")], true, vec![]),
        ("ASLEEP", vec![(inactive, "2020-01-01"), (beta, "2024-01-01")], true, vec!["INACTIVE"]),
    ];
    for (code, others, primary, _) in &cases {
        let customer = rows::customer(&app.db, code);
        rows::member(&app.db, gone, customer, "2022-01-01", By::Hand, *primary);
        for (other, since) in others {
            rows::member(&app.db, *other, customer, since, By::Rule, false);
        }
    }
    let elsewhere = rows::customer(&app.db, "ELSEWHERE");
    rows::member(&app.db, gone, elsewhere, "2019-01-01", By::Hand, false);
    rows::member(&app.db, beta, elsewhere, "2022-01-01", By::Hand, true);
    rows::member(&app.db, alpha, elsewhere, "2020-01-01", By::Hand, false);
    rows::run(&app.db, "UPDATE groups SET deleted_at = now() WHERE code = 'DELETED'");

    let admin = app.sign_in(Role::Admin);
    follow(&admin, &delete(&admin, gone, &[]));
    for (code, _, _, expected) in &cases {
        let customer = rows::id(&app.db, &format!("SELECT id FROM customers WHERE code = '{code}'"));
        assert_eq!(rows::primary(&app.db, customer), *expected, "{code}");
    }
    assert_eq!(rows::primary(&app.db, elsewhere), ["BETA"], "who has another primary group keeps it");
    let distinct = "SELECT count(DISTINCT customer_id) FROM memberships m JOIN groups g ON g.id = m.group_id
                    WHERE g.deleted_at IS NULL";
    let kept = rows::number(&app.db, "SELECT grouped_customers FROM store_totals");
    assert_eq!(kept, rows::number(&app.db, distinct));
}

#[test]
fn a_stale_or_repeated_deletion_is_refused() {
    let app = TestApp::new();
    let one = rows::group(&app.db, "ONE", "One", None);
    let admin = app.sign_in(Role::Admin);
    let form = confirm(&admin, one).form(&format!("/groups/{one}/deletion"));
    rows::run(&app.db, "UPDATE groups SET version = 2 WHERE code = 'ONE'");
    let before = rows::checksums(&app.db);
    refused(&admin.submit(&form), 409, "Somebody changed One while you were editing it.");
    rows::assert_unchanged(&app.db, &before);
    follow(&admin, &delete(&admin, one, &[]));
    let deleted = rows::checksums(&app.db);
    for page in [
        admin.submit(&form),
        confirm(&admin, one),
        admin.get(&format!("/groups/{one}")),
        admin.get(&format!("/groups/{one}/pricing")),
    ] {
        refused(&page, 404, "This group doesn't exist or was deleted.");
    }
    rows::assert_unchanged(&app.db, &deleted);
    assert_eq!(
        rows::one(&app.db, "SELECT deleted_at = '2026-03-10 12:00Z' FROM groups WHERE code = 'ONE'"),
        json!(true)
    );
}

#[test]
fn rules_that_ask_for_the_group_are_named() {
    let app = TestApp::new();
    let gone = rows::group(&app.db, "GONE", "Gone", None);
    let other = rows::group(&app.db, "OTHER", "Other", None);
    let with_rule = |code: &str, condition: serde_json::Value| {
        let id = rows::group(&app.db, code, code, None);
        let rule = json!({"match": "all", "of": [{"match": "any", "of": [condition]}]});
        rows::run(&app.db, &format!("UPDATE groups SET type = 'hybrid', rule = '{rule}' WHERE id = '{id}'"));
    };
    with_rule("A-EQ", json!({"field": "in_group", "op": "eq", "value": gone}));
    with_rule("B-IN", json!({"field": "in_group", "op": "in", "value": [other, gone]}));
    with_rule("C-CODE", json!({"field": "in_group", "op": "ne", "value": "GONE"}));
    with_rule("D-OTHER", json!({"field": "in_group", "op": "eq", "value": other}));
    with_rule("E-TEXT", json!({"field": "tag", "op": "eq", "value": gone}));
    let rule = json!({"match": "all", "of": [{"field": "in_group", "op": "eq", "value": gone}]});
    rows::run(&app.db, &format!("INSERT INTO segments (id, name, rule) VALUES (uuid_v7(), 'Loyal', '{rule}')"));
    let page = confirm(&app.sign_in(Role::Admin), gone).text();
    let told = "Rules that ask for it 4 no longer find anybody in it: A-EQ, B-IN, C-CODE, the segment Loyal";
    assert!(page.contains(told), "{page}");
}

//! Organizations over the real application: list, page, form, API (SPEC 12, 13).

use crate::support::{Page, TestApp, html, rows};
use clientele::auth::role::Role;
use serde_json::{Value, json};
use uuid::Uuid;

const ORGANIZATIONS: &str = "/admin/organizations";

fn refused(page: &Page, status: u16, field: &str, sentence: &str) {
    let text = page.text();
    assert_eq!(page.status, status, "{text}");
    assert!(text.contains(sentence), "{sentence:?} is not in: {text}");
    assert!(field.is_empty() || page.body.contains(&format!("id=\"field-{field}-error\"")), "{field}: {text}");
}

#[test]
fn the_demo_reads_as_its_rows_say() {
    let app = TestApp::demo();
    let viewer = app.sign_in(Role::Viewer);
    let page = viewer.get("/organizations");
    let computed = rows::all(
        &app.db,
        "SELECT o.name, o.code, coalesce(p.name, '—') AS parent, coalesce(g.name, 'Each customer''s own') AS group_name,
                (SELECT count(*) FROM customers c WHERE c.organization_id = o.id)::text AS customers
         FROM organizations o LEFT JOIN organizations p ON p.id = o.parent_id LEFT JOIN groups g ON g.id = o.group_id
         ORDER BY lower(o.name), o.id LIMIT 50",
    );
    let expected: Vec<Vec<String>> = computed
        .iter()
        .map(|row| {
            ["name", "code", "parent", "group_name", "customers"]
                .map(|field| row[field].as_str().unwrap().to_owned())
                .to_vec()
        })
        .collect();
    assert_eq!(html::rows(&page.body), expected);
    let matching = |query: &str| viewer.get(&format!("/organizations?{query}&part=totals")).text();
    for (query, condition) in [
        ("grouped=with", "group_id IS NOT NULL"),
        ("grouped=without", "group_id IS NULL"),
        ("q=group", "search LIKE '%group%'"),
        ("q=org-01", "code LIKE 'ORG-01%'"),
        ("q=%25", "false"),
    ] {
        let count = rows::number(&app.db, &format!("SELECT count(*) FROM organizations WHERE {condition}"));
        assert_eq!(matching(query), format!("Matching organizations: {count}"), "{query}");
    }
}

#[test]
fn every_order_shows_every_row_once_forwards_and_backwards() {
    let app = TestApp::new();
    rows::run(
        &app.db,
        "INSERT INTO organizations (id, code, name)
         SELECT uuid_v7(), 'O' || n, (ARRAY['Ä', 'a', 'Z'])[n % 3 + 1] || ' firm ' || n % 20 FROM generate_series(1, 130) n",
    );
    let viewer = app.sign_in(Role::Viewer);
    for (sort, order) in
        [("name", "lower(name), id"), ("-name", "lower(name) DESC, id DESC"), ("code", "code"), ("-code", "code DESC")]
    {
        let expected = rows::texts(&app.db, &format!("SELECT code FROM organizations ORDER BY {order}"));
        let walk = |path: String, link: &str| {
            let (mut pages, mut page) = (Vec::new(), viewer.get(&path));
            loop {
                pages.push(html::rows(&page.body).iter().map(|row| row[1].clone()).collect::<Vec<_>>());
                match html::attribute(&page.body, &format!("id=\"page-{link}\""), "href") {
                    Some(next) => page = viewer.get(&next),
                    None => return (pages, page),
                }
            }
        };
        let (forwards, last) = walk(format!("/organizations?sort={sort}"), "next");
        assert_eq!(forwards.concat(), expected, "{sort}");
        let back = html::attribute(&last.body, "id=\"page-previous\"", "href").unwrap();
        let (mut backwards, _) = walk(back, "previous");
        backwards.reverse();
        assert_eq!(backwards.concat(), expected[..100], "{sort} backwards");
    }
}

#[test]
fn its_page_says_whose_group_decides() {
    let app = TestApp::new();
    let vip = rows::group(&app.db, "VIP", "VIP", None);
    let up = rows::organization(&app.db, "UP", None);
    let id = rows::organization(&app.db, "ORG", Some(vip));
    rows::run(&app.db, &format!("UPDATE organizations SET parent_id = '{up}' WHERE id = '{id}'"));
    for n in 0..30 {
        rows::customer(&app.db, &format!("C{n:02}"));
    }
    rows::run(&app.db, &format!("UPDATE customers SET organization_id = '{id}'"));
    let viewer = app.sign_in(Role::Viewer);
    let path = format!("/organizations/{id}");
    let page = viewer.get(&path);
    assert!(page.text().contains("It decides for all customers of this organization"), "{}", page.text());
    assert_eq!(viewer.htmx_get(&format!("{path}?part=total"), "total").text(), "30");
    assert!(viewer.get(&format!("{path}?part=total")).text().contains("Customers 30"), "without scripts, too");
    let codes = |page: &Page| html::rows(&page.body).iter().map(|row| row[0].clone()).collect::<Vec<_>>();
    assert_eq!(codes(&page).len(), 25);
    let next = viewer.get(&html::attribute(&page.body, "id=\"page-next\"", "href").unwrap());
    assert_eq!(codes(&next), (25..30).map(|n| format!("C{n} C{n}")).collect::<Vec<_>>());
    assert!(html::links(&page.body).contains(&format!("/customers?organization={id}")));
    assert!(viewer.get(&format!("/organizations/{up}")).text().contains("None: each customer's own groups count."));
    for (change, sentence) in [
        ("status = 'inactive'", "It decides nothing as long as it is inactive"),
        ("deleted_at = now()", "It decides nothing as long as it is deleted"),
    ] {
        rows::run(&app.db, &format!("UPDATE groups SET {change} WHERE code = 'VIP'"));
        assert!(viewer.get(&path).text().contains(sentence), "{sentence}");
    }
    assert!(
        html::links(&viewer.get(&format!("/groups/{}", rows::group(&app.db, "N", "N", None))).body)
            .iter()
            .all(|link| !link.starts_with("/organizations?"))
    );
}

#[test]
fn the_form_makes_and_changes() {
    let app = TestApp::new();
    rows::group(&app.db, "VIP", "VIP", None);
    let up = rows::organization(&app.db, "UP", None);
    let editor = app.sign_in(Role::Editor);
    let form = editor.get("/organizations/new").form("/organizations");
    let form =
        form.fill("name", " Acme  Group ").fill("code", "A-1").fill("parent_text", "up").fill("group_text", "vip");
    let made = editor.submit(&form);
    assert_eq!(made.status, 303, "{}", made.text());
    let id = rows::id(&app.db, "SELECT id FROM organizations WHERE code = 'A-1'");
    assert_eq!(made.location(), format!("/organizations/{id}"));
    let stored = || {
        rows::all(
            &app.db,
            &format!(
                "SELECT name, parent_id, (SELECT code FROM groups WHERE id = group_id) AS of, version FROM organizations WHERE id = '{id}'"
            ),
        )
    };
    assert_eq!(stored(), [json!({"name": "Acme Group", "parent_id": up, "of": "VIP", "version": 1})]);
    let path = format!("/organizations/{id}");
    let open = editor.get(&format!("{path}/edit")).form(&path);
    assert_eq!((open.value("parent_text"), open.value("group_text")), ("UP", "VIP"));
    assert_eq!(editor.submit(&open.fill("group_text", "").fill("parent_text", "")).status, 303);
    assert_eq!(stored(), [json!({"name": "Acme Group", "parent_id": null, "of": null, "version": 2})]);
    let told = editor.get("/audit").text();
    assert!(told.contains("Editor 1 created organization Acme Group"), "{told}");
    assert!(told.contains("Editor 1 changed organization Acme Group : group VIP removed, parent UP removed"), "{told}");
}

#[test]
fn what_is_wrong_stands_at_its_field_and_nothing_is_saved() {
    let app = TestApp::new();
    let top = rows::organization(&app.db, "TOP", None);
    let below = rows::organization(&app.db, "BELOW", None);
    rows::run(&app.db, &format!("UPDATE organizations SET parent_id = '{top}' WHERE id = '{below}'"));
    let editor = app.sign_in(Role::Editor);
    let api = app.api(Role::Editor);
    api.get(ORGANIZATIONS);
    let path = format!("/organizations/{top}");
    let open = editor.get(&format!("{path}/edit")).form(&path);
    let before = rows::checksums(&app.db);
    let long = "x".repeat(300);
    let circle = "An organization can't stand under itself or under one of its own branches.";
    for (field, value, told_at, sentence) in [
        ("name", "", "name", "Enter a name."),
        ("name", long.as_str(), "name", "Use at most 200 characters."),
        ("code", "", "code", "Enter a code."),
        ("code", "BELOW", "code", "Another organization has this code."),
        ("parent_text", "TOP", "parent", circle),
        ("parent_text", "BELOW", "parent", circle),
        ("parent_text", "nobody", "parent", "There is no organization of this name or code"),
        ("group_text", "nobody", "group", "There is no group of this name or code."),
        ("group_text", "All Customers", "group", "Choose a group that exists and isn't All Customers, or none."),
    ] {
        refused(&editor.submit(&open.clone().fill(field, value)), 422, told_at, sentence);
    }
    let call = format!("{ORGANIZATIONS}/{top}");
    for (body, field) in [
        (json!({"parentId": below}), "parentId"),
        (json!({"parent_id": top}), "parentId"),
        (json!({"parentId": Uuid::now_v7()}), "parentId"),
        (json!({"groupId": Uuid::now_v7()}), "groupId"),
        (json!({"groupId": clientele::groups::group::ROOT_ID}), "groupId"),
        (json!({"code": "BELOW"}), "code"),
        (json!({"name": null}), "name"),
        (json!({"else": 1}), "else"),
    ] {
        let answer = api.patch(&call, &body);
        assert_eq!((answer.status, &answer.json["errors"][0]["field"]), (422, &json!(field)), "{}", answer.json);
    }
    let after = rows::checksums(&app.db);
    assert_eq!(after["organizations"], before["organizations"]);
    assert_eq!(after["audit_events"], before["audit_events"]);
}

#[test]
fn over_somebody_elses_change_both_stand_side_by_side() {
    let app = TestApp::new();
    let id = rows::organization(&app.db, "ORG", None);
    let editor = app.sign_in(Role::Editor);
    let path = format!("/organizations/{id}");
    let open = editor.get(&format!("{path}/edit")).form(&path);
    rows::run(&app.db, "UPDATE organizations SET name = 'Theirs', version = version + 1");
    let page = editor.submit(&open.fill("name", "Mine"));
    refused(&page, 409, "", "Somebody changed Theirs while you were editing it.");
    assert_eq!(html::rows(&page.body), [["Name", "Theirs", "Mine"]]);
    assert_eq!(editor.submit(&page.form(&path)).status, 303);
    assert_eq!(rows::one(&app.db, "SELECT name FROM organizations"), "Mine");
}

#[test]
fn two_who_move_each_other_under_each_other_make_no_circle() {
    let app = TestApp::new();
    let [one, other] = ["ONE", "OTHER"].map(|code| rows::organization(&app.db, code, None));
    let statuses: Vec<u16> = std::thread::scope(|threads| {
        let moves = [(one, other), (other, one)].map(|(id, parent)| {
            let app = &app;
            threads.spawn(move || {
                app.api(Role::Editor).patch(&format!("{ORGANIZATIONS}/{id}"), &json!({ "parentId": parent })).status
            })
        });
        moves.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let mut sorted = statuses.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [200, 422], "one wins, the other would close a circle");
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM organizations WHERE parent_id IS NULL"), 1);
}

#[test]
fn the_api_has_the_same_shape() {
    let app = TestApp::new();
    let vip = rows::group(&app.db, "VIP", "VIP", None);
    let (viewer, editor) = (app.api(Role::Viewer), app.api(Role::Editor));
    assert_eq!(viewer.post(ORGANIZATIONS, &json!({"code": "A", "name": "A"})).status, 403);
    let made = editor.post(ORGANIZATIONS, &json!({"code": "A", "name": "Acme", "group_id": vip}));
    assert_eq!(made.status, 201, "{}", made.json);
    let id = made.json["id"].as_str().unwrap();
    let expected = json!({"id": id, "code": "A", "name": "Acme", "parentId": null, "groupId": vip, "version": 1,
                          "createdAt": "2026-03-10T12:00:00Z", "updatedAt": "2026-03-10T12:00:00Z"});
    assert_eq!(made.json, expected);
    let path = format!("{ORGANIZATIONS}/{id}");
    assert_eq!((made.header("location"), made.header("etag")), (path.as_str(), "\"v1\""));
    assert_eq!(viewer.get(&path).json, expected);
    let patched = editor.patch(&path, &json!({"groupId": null}));
    assert_eq!((patched.status, &patched.json["groupId"], &patched.json["version"]), (200, &Value::Null, &json!(2)));
    let stale = editor.send("PATCH", &path, &[("if-match", "\"v1\"")], Some("{\"name\": \"B\"}"));
    assert_eq!(stale.status, 409);
    for n in 0..5 {
        rows::organization(&app.db, &format!("O{n}"), None);
    }
    let first = viewer.get(&format!("{ORGANIZATIONS}?limit=4"));
    let next = viewer.get(&format!("{ORGANIZATIONS}?limit=4&cursor={}", first.json["nextCursor"].as_str().unwrap()));
    assert_eq!((first.json["items"].as_array().unwrap().len(), next.json["items"].as_array().unwrap().len()), (4, 2));
    assert_eq!(next.json["nextCursor"], Value::Null);
    assert_eq!(viewer.get(&format!("{ORGANIZATIONS}?q=acm")).json["items"][0]["code"], "A");
    assert_eq!(viewer.get(&format!("{ORGANIZATIONS}?cursor=x")).status, 422);
    assert_eq!(viewer.get(&format!("{ORGANIZATIONS}/{}", Uuid::now_v7())).status, 404);
}

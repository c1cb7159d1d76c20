//! The members' pages, read and filled in as a browser would.

use super::{assert_counts, members, typed};
use crate::support::html::{self, Form};
use crate::support::rows::{self, By};
use crate::support::{Browser, Page, TestApp};
use clientele::auth::role::Role;
use uuid::Uuid;

/// The names in the tables of a page.
fn names(page: &Page) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.text());
    let first_name = |row: Vec<String>| row.into_iter().find(|cell| !cell.is_empty()).unwrap_or_default();
    html::rows(&page.body).into_iter().map(first_name).collect()
}

/// The form that changes something: the search form above it has the same address.
fn post_form(page: &Page, action: &str) -> Form {
    let mark = format!("<form method=\"post\" action=\"{action}\"");
    let at = page.body.find(&mark).unwrap_or_else(|| panic!("there is no form to {action}: {}", page.text()));
    Form::of(&page.body[at..], action)
}

/// The form of a page with these customers ticked.
fn ticked(page: &Page, action: &str, customers: &[Uuid]) -> Form {
    let form = post_form(page, action);
    customers.iter().fold(form, |form, customer| {
        assert!(page.body.contains(&format!("value=\"{customer}\"")), "{customer} is on the page");
        form.forge("id", &customer.to_string())
    })
}

fn follow(browser: &Browser, page: &Page) -> Page {
    assert_eq!(page.status, 303, "{}", page.text());
    browser.get(page.location())
}

#[test]
fn customers_are_added_removed_and_put_back() {
    let app = TestApp::new();
    let vip = typed(&app.db, "VIP", "hybrid");
    let retail = typed(&app.db, "RETAIL", "manual");
    rows::run(&app.db, &format!("UPDATE store_settings SET default_group_id = '{retail}'"));
    let [acme, tech, other] = ["ACME", "TECH", "OTHER"].map(|code| rows::customer(&app.db, code));
    rows::member(&app.db, retail, acme, "2020-01-01", By::Hand, true);
    let editor = app.sign_in(Role::Editor);
    let add = format!("/groups/{vip}/members/add");
    let page = editor.get(&format!("{add}?q=c"));
    assert_eq!(names(&page), ["ACME ACME", "TECH TECH"]);
    assert!(page.text().contains("RETAIL"), "current groups are shown");
    let form = ticked(&page, &add, &[acme, tech]).fill("reason", "Good customers");
    let after = follow(&editor, &editor.submit(&form));
    assert!(after.text().contains("2 customers joined VIP."), "{}", after.text());
    assert_eq!(members(&app.db), ["ACME RETAIL h*", "ACME VIP h", "TECH VIP h*"]);
    assert_eq!(rows::texts(&app.db, "SELECT DISTINCT reason FROM membership_events"), ["Good customers"]);
    let history = editor.get(&format!("/groups/{vip}/history?show=members")).text();
    assert!(history.contains("Joined ACME") && history.contains("Good customers"), "{history}");

    // Undo from the toast.
    let undo = html::attribute(&after.body, "members/undo", "action").expect("the message can undo");
    let undone = follow(&editor, &editor.submit(&after.form(&undo)));
    assert!(undone.text().contains("Undone. 2 customers left VIP."), "{}", undone.text());
    assert_eq!(members(&app.db), ["ACME RETAIL h*"]);

    // Again, then removed to the default group.
    follow(&editor, &editor.submit(&ticked(&editor.get(&add), &add, &[acme, tech, other])));
    let remove = format!("/groups/{vip}/members/remove");
    let page = editor.get(&remove);
    assert!(page.text().contains("Move to default group (RETAIL)") && page.text().contains("Never bought anything"));
    let after = follow(&editor, &editor.submit(&ticked(&page, &remove, &[tech]).fill("reason", "Too small")));
    assert!(after.text().contains("1 customer left VIP. 1 joined another group."), "{}", after.text());
    assert_eq!(members(&app.db), ["ACME RETAIL h*", "ACME VIP h", "OTHER VIP h*", "TECH RETAIL h*"]);
    // To one by name, from the row's own menu.
    let page = editor.get(&format!("{remove}?id={other}"));
    assert_eq!(names(&page), ["OTHER OTHER"]);
    let mut form = post_form(&page, &remove);
    form.fields.retain(|(name, _)| name != "then");
    let form = form.forge("then", "group").fill("to_text", "retail");
    follow(&editor, &editor.submit(&form));
    assert_eq!(members(&app.db), ["ACME RETAIL h*", "ACME VIP h", "OTHER RETAIL h*", "TECH RETAIL h*"]);
    // Removing from a hybrid group excludes, until that is lifted.
    let excluded = editor.get(&format!("/groups/{vip}/members?show=excluded"));
    assert_eq!(names(&excluded), ["OTHER OTHER", "TECH TECH"]);
    assert!(excluded.text().contains("Too small"));
    let lift = editor.post(&format!("/groups/{vip}/members/exclusion"), &[("customer", &tech.to_string())]);
    assert_eq!(names(&follow(&editor, &lift)), ["OTHER OTHER"]);
    // A primary group is chosen.
    let chosen = editor.post(&format!("/groups/{vip}/members/primary"), &[("customer", &acme.to_string())]);
    assert_eq!(chosen.status, 303);
    assert_eq!(rows::primary(&app.db, acme), ["VIP"]);
    assert_counts(&app.db);
}

#[test]
fn all_that_match_are_meant_as_long_as_they_are_those_who_were_counted() {
    let app = TestApp::new();
    let group = typed(&app.db, "G", "manual");
    rows::run(
        &app.db,
        "INSERT INTO customers (id, code, name, status)
         SELECT uuid_v7(), 'ACME-' || n, 'Acme ' || n, CASE n WHEN 7 THEN 'blocked' ELSE 'active' END FROM generate_series(1, 130) n",
    );
    rows::customer(&app.db, "OTHER");
    let editor = app.sign_in(Role::Editor);
    let add = format!("/groups/{group}/members/add");
    let page = editor.get(&format!("{add}?q=acme"));
    assert_eq!(names(&page).len(), 50);
    let counted = editor.htmx_get(&format!("{add}?q=acme&part=matching"), "matching");
    assert!(counted.text().contains("Select all 130 customers that match"), "{}", counted.body);
    assert!(!counted.body.contains("<html"), "only the part of the page");
    let all = html::attribute(&counted.body, "name=\"all\"", "value").unwrap();
    rows::run(&app.db, "INSERT INTO customers (id, code, name) VALUES (uuid_v7(), 'ACME-131', 'Acme 131')");
    let form = post_form(&page, &add).forge("all", &all);
    let refused = editor.submit(&form);
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("now 131 customers match"), "{}", refused.text());
    assert_eq!(members(&app.db).len(), 0);
    // The page shows the new number, chosen as before.
    let again = post_form(&refused, &add);
    assert_eq!(again.value("list"), "q=acme");
    let done = follow(&editor, &editor.submit(&again));
    let text = done.text();
    assert!(text.contains("130 customers joined G. 1 was refused."), "{text}");
    assert!(text.contains("The customer is blocked. Make the customer active first."), "{text}");
    assert_eq!(names(&done), ["Acme 7 ACME-7"]);
    // And back from here.
    let undo = html::attribute(&done.body, "members/undo", "action").unwrap();
    follow(&editor, &editor.submit(&done.form(&undo)));
    assert_eq!(members(&app.db).len(), 0);
    assert_counts(&app.db);
}

#[test]
fn what_is_wrong_is_said_at_its_field_and_nothing_is_lost() {
    let app = TestApp::new();
    let group = typed(&app.db, "G", "manual");
    let customer = rows::customer(&app.db, "ACME");
    rows::member(&app.db, group, customer, "2020-01-01", By::Hand, true);
    let editor = app.sign_in(Role::Editor);
    let (add, remove) = (format!("/groups/{group}/members/add"), format!("/groups/{group}/members/remove"));
    let long = "x".repeat(501);
    let before = rows::checksums(&app.db);
    for (path, fields, sentence) in [
        (&add, vec![("mode", "only")], "Select at least one customer."),
        (&add, vec![("mode", "only"), ("id", "x")], "Select the customers again"),
        (&add, vec![("mode", "all"), ("id", "ID")], "Choose how to add"),
        (&add, vec![("mode", "only"), ("id", "ID"), ("reason", &long)], "Use at most 500 characters."),
        (&add, vec![("mode", "only"), ("list", "q=nobody"), ("all", "0.0")], "Nobody matches the search"),
        (&add, vec![("mode", "only"), ("all", "many")], "Select all that match again"),
        (&remove, vec![("id", "ID"), ("then", "")], "Choose what becomes of the customers."),
        (&remove, vec![("id", "ID"), ("then", "default")], "The store has no default group."),
        (&remove, vec![("id", "ID"), ("then", "group"), ("to_text", "nowhere")], "Choose the group that they move to"),
        (&remove, vec![("id", "ID"), ("then", "group"), ("to_text", "G")], "another group than the one"),
        (&remove, vec![("id", "ID"), ("then", "group"), ("to_text", "All Customers")], "Choose another group."),
    ] {
        let id = customer.to_string();
        let fields: Vec<_> =
            fields.into_iter().map(|(name, value)| (name, if value == "ID" { id.as_str() } else { value })).collect();
        let page = editor.post(path, &fields);
        assert_eq!(page.status, 422, "{sentence}: {}", page.text());
        assert!(page.text().contains(sentence), "{sentence}: {}", page.text());
    }
    rows::assert_unchanged(&app.db, &before);
    let root = clientele::groups::group::ROOT_ID;
    let page = editor.post(&format!("/groups/{root}/members/add"), &[("mode", "only"), ("id", &customer.to_string())]);
    assert_eq!(page.status, 409, "{}", page.text());
    let automatic = typed(&app.db, "AUTO", "automatic");
    for page in ["add", "remove"] {
        let page = editor.get(&format!("/groups/{automatic}/members/{page}"));
        assert!(page.status == 409 && page.text().contains("automatic"), "{}", page.text());
    }
    // A capacity below the present members.
    let edit = editor.get(&format!("/groups/{group}/edit")).form(&format!("/groups/{group}"));
    let other = rows::customer(&app.db, "OTHER");
    rows::member(&app.db, group, other, "2020-01-01", By::Hand, true);
    let refused = editor.submit(&edit.fill("capacity", "1"));
    assert!(refused.status == 422 && refused.text().contains("has 2 members already"), "{}", refused.text());
    // Nobody fits.
    let none = editor.get(&format!("/groups/{group}/members?q=nobody"));
    assert!(none.status == 200 && none.text().contains("No member fits"), "{}", none.text());
    for query in ["after=x", "before=AAAA", "sort=-boom", "last=never&sort=last_order", "purchases=some&status=blocked"]
    {
        for page in ["", "/add", "/remove"] {
            assert_eq!(editor.get(&format!("/groups/{group}/members{page}?{query}")).status, 200, "{page} {query}");
        }
    }
}

#[test]
fn members_come_in_any_order_page_by_page() {
    let app = TestApp::new();
    let group = typed(&app.db, "G", "manual");
    for statement in [
        "INSERT INTO customers (id, code, name)
         SELECT uuid_v7(), 'C' || n, 'Name ' || (n * 7919 % 131) FROM generate_series(1, 131) n"
            .to_owned(),
        format!(
            "INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule, is_primary)
             SELECT '{group}', id, timestamptz '2020-01-01 00:00:00.123456Z' + make_interval(days => length(name)), true,
                    name LIKE '%1%', true FROM customers"
        ),
        "INSERT INTO customer_purchases (customer_id, net, gross, cost, orders, first_order_on, last_order_on)
         SELECT id, length(name) * 100, 0, 0, 1, '2025-01-01', date '2025-01-01' + length(code) FROM customers
         WHERE name LIKE '%3%'"
            .to_owned(),
    ] {
        rows::run(&app.db, &statement);
    }
    let viewer = app.sign_in(Role::Viewer);
    for (sort, order) in [
        ("name", "lower(c.name), c.id"),
        ("-name", "lower(c.name) DESC, c.id DESC"),
        ("since", "m.since, c.id"),
        ("-purchases", "coalesce(p.net, 0) DESC, c.id DESC"),
        ("last_order", "p.last_order_on NULLS FIRST, c.id"),
        ("-last_order", "p.last_order_on DESC NULLS LAST, c.id DESC"),
    ] {
        let expected = rows::texts(
            &app.db,
            &format!(
                "SELECT c.name || ' Primary ' || c.code FROM memberships m JOIN customers c ON c.id = m.customer_id
                 LEFT JOIN customer_purchases p ON p.customer_id = c.id ORDER BY {order}"
            ),
        );
        let mut path = format!("/groups/{group}/members?sort={sort}");
        let (mut found, mut last) = (Vec::new(), path.clone());
        while !path.is_empty() {
            let page = viewer.get(&path);
            found.extend(names(&page));
            last = path;
            path = html::attribute(&page.body, "id=\"page-next\"", "href").unwrap_or_default();
        }
        assert_eq!(found, expected, "{sort}");
        // And back again.
        let mut back = names(&viewer.get(&last));
        let mut page = viewer.get(&last);
        while let Some(previous) = html::attribute(&page.body, "id=\"page-previous\"", "href") {
            page = viewer.get(&previous);
            back.splice(0..0, names(&page));
        }
        assert_eq!(back, expected, "{sort}, backwards");
    }
    for (filter, condition) in [
        ("q=name+1", "c.search LIKE '%name 1%'"),
        ("assignment=rule_manual", "m.by_rule AND m.by_hand"),
        ("assignment=rule", "NOT m.by_hand"),
        ("purchases=none", "p.net IS NULL"),
        ("purchases=some&last=never", "p.net > 0 AND p.last_order_on IS NULL"),
        ("last=before-365", "p.last_order_on IS NULL OR p.last_order_on <= date '2026-03-10' - 365"),
    ] {
        let expected = rows::number(
            &app.db,
            &format!(
                "SELECT count(*) FROM memberships m JOIN customers c ON c.id = m.customer_id
                 LEFT JOIN customer_purchases p ON p.customer_id = c.id WHERE {condition}"
            ),
        );
        let counted = viewer.get(&format!("/groups/{group}/members?{filter}&part=matching")).text();
        let said = format!("Matching members: {expected}");
        let empty = expected == 0 && counted.contains("No member fits");
        assert!(counted.contains(&said) || empty, "{filter}: {said} is not in {counted}");
    }
}

#[test]
fn who_counts_through_an_organization_is_shown_apart() {
    let app = TestApp::new();
    let group = typed(&app.db, "G", "manual");
    let org = Uuid::now_v7();
    rows::run(
        &app.db,
        &format!(
            "INSERT INTO organizations (id, code, name, group_id) VALUES ('{org}', 'ORG', 'The Organization', '{group}')"
        ),
    );
    for n in 1..=60 {
        let customer = rows::customer(&app.db, &format!("C{n:02}"));
        rows::run(&app.db, &format!("UPDATE customers SET organization_id = '{org}' WHERE id = '{customer}'"));
    }
    let viewer = app.sign_in(Role::Viewer);
    let page = viewer.get(&format!("/groups/{group}/members?show=organizations"));
    assert_eq!(names(&page).len(), 50);
    assert!(page.text().contains("The Organization") && page.text().contains("60 customers"), "{}", page.text());
    let next = html::attribute(&page.body, "id=\"page-next\"", "href").unwrap();
    assert_eq!(names(&viewer.get(&next)).last().unwrap(), "C60 C60");
    assert!(viewer.get(&format!("/groups/{group}/members")).text().contains("No members yet"));
}

#[test]
fn the_troubleshooter_names_every_cause_with_its_way_out() {
    let app = TestApp::new();
    let group = typed(&app.db, "VIP", "hybrid");
    rows::run(&app.db, "UPDATE groups SET capacity = 1 WHERE code = 'VIP'");
    let [member, acme] = ["MEMBER", "ACME"].map(|code| rows::customer(&app.db, code));
    rows::member(&app.db, group, member, "2020-01-01", By::Hand, true);
    rows::run(&app.db, "UPDATE customers SET status = 'blocked' WHERE code = 'ACME'");
    rows::run(
        &app.db,
        &format!(
            "INSERT INTO membership_exclusions (group_id, customer_id, since) VALUES ('{group}', '{acme}', now())"
        ),
    );
    let editor = app.sign_in(Role::Editor);
    let page = editor.get("/tools/cannot-add?customer_text=acme&group_text=VIP");
    assert_eq!(page.status, 200, "{}", page.text());
    for sentence in [
        "The customer is blocked. Make the customer active first.",
        "The customer is excluded from VIP. Lift the exclusion first.",
        "VIP is full (capacity 1). Raise its capacity, or remove members first.",
    ] {
        assert!(page.text().contains(sentence), "{sentence} is not in {}", page.text());
    }
    for link in [
        format!("/customers/{acme}"),
        format!("/groups/{group}/members?show=excluded"),
        format!("/groups/{group}/edit"),
    ] {
        assert!(html::links(&page.body).contains(&link), "{link}");
    }
    let viewer = app.sign_in(Role::Viewer);
    let by_id = format!("/tools/cannot-add?customer={member}&group={group}");
    let text = viewer.get(&by_id).text();
    assert!(text.contains("Member by hand already") && text.contains("Only editors and administrators"), "{text}");
    let text = editor.get(&by_id).text();
    assert!(text.contains("Nothing stands in the way"), "{text}");
    let missed = editor.get("/tools/cannot-add?customer_text=nobody&group_text=VIP");
    assert!(missed.status == 422 && missed.text().contains("Choose a customer from the list"), "{}", missed.text());
    let found = editor.get("/tools/cannot-add/customers?q=acm");
    assert!(found.status == 200 && found.body.contains(&acme.to_string()), "{}", found.body);
}

/// Who can't join where it was to move can be removed all the same, and is told how.
#[test]
fn a_blocked_member_is_told_that_it_can_be_removed_without_moving() {
    let app = TestApp::new();
    let group = rows::group(&app.db, "G", "Group", None);
    rows::group(&app.db, "RETAIL", "Retail", None);
    let member = rows::customer(&app.db, "ACME");
    rows::member(&app.db, group, member, "2020-01-01", By::Hand, true);
    rows::run(&app.db, "UPDATE customers SET status = 'blocked'");
    let editor = app.sign_in(Role::Editor);
    let path = format!("/groups/{group}/members/remove");
    let mut form = post_form(&editor.get(&path), &path);
    form.fields.retain(|(name, _)| name != "then");
    let form = form.forge("then", "group").fill("to_text", "retail").forge("id", &member.to_string());
    let told = follow(&editor, &editor.submit(&form)).text();
    assert!(told.contains("The customer is blocked.") && told.contains("Retail refuses such a customer."), "{told}");
    assert!(told.contains("To remove one without moving it, choose “Remove group assignment”."), "{told}");
}

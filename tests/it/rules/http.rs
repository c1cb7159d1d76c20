//! The pages of rules: writing, previewing, saving, running, deciding, testing; for people without scripts.

use crate::support::html::{Form, text};
use crate::support::rows::{self, customer, group, number, one, run, texts};
use crate::support::{Browser, Page, TestApp, TestDb};
use chrono::Duration;
use clientele::auth::role::Role;
use clientele::jobs::scheduler::tick;
use serde_json::json;
use uuid::Uuid;

struct Shop {
    app: TestApp,
    hybrid: Uuid,
}

impl Shop {
    /// Ten customers in region R and two elsewhere; a hybrid group without a rule.
    fn new() -> Self {
        let app = TestApp::new();
        let hybrid = group(&app.db, "HYBRID", "Hybrid", None);
        run(&app.db, "UPDATE groups SET type = 'hybrid' WHERE code = 'HYBRID'");
        for n in 0..12 {
            let id = customer(&app.db, &format!("C{n:02}"));
            let region = if n < 10 { "R" } else { "X" };
            run(
                &app.db,
                &format!("UPDATE customers SET region = '{region}', name = 'Customer {n:02}' WHERE id = '{id}'"),
            );
        }
        Self { app, hybrid }
    }

    fn db(&self) -> &TestDb {
        &self.app.db
    }

    fn path(&self) -> String {
        format!("/groups/{}/rules", self.hybrid)
    }
}

/// The form of the builder with a button pressed.
fn press(browser: &Browser, page: &Page, path: &str, button: &str) -> Page {
    browser.submit(&form(page, path).forge("do", button))
}

fn form(page: &Page, path: &str) -> Form {
    page.form(path)
}

/// A rule on the region, as a person without scripts writes it: first the field, then the value.
fn write_region(browser: &Browser, shop: &Shop, value: &str) -> Page {
    let path = shop.path();
    let page = browser.get(&path);
    assert_eq!(page.status, 200);
    let page = browser.submit(&form(&page, &path).fill("r-0.field", "region").forge("do", "refresh"));
    assert_eq!(page.status, 200, "{}", page.text());
    browser.submit(&form(&page, &path).fill("r-0.value", value).forge("do", "preview"))
}

#[test]
fn a_rule_is_written_previewed_and_saved_without_scripts() {
    let shop = Shop::new();
    let (editor, path) = (shop.app.sign_in(Role::Editor), shop.path());
    let preview = write_region(&editor, &shop, "R");
    let told = preview.text();
    assert_eq!(preview.status, 200, "{told}");
    for part in [
        "region is “R”",
        "Matching customers 10",
        "83% of 12 customers",
        "Would join 10",
        "Would leave 0",
        "10 left after this",
        "Customer 00",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
    assert_eq!(one(shop.db(), "SELECT rule FROM groups WHERE code = 'HYBRID'"), json!(null), "nothing is saved yet");

    let difference = press(&editor, &preview, &path, "save");
    let told = difference.text();
    assert!(told.contains("Saving this rule") && told.contains("10 customers : Customer 00, Customer 01"), "{told}");
    assert_eq!(number(shop.db(), "SELECT count(*) FROM memberships"), 0);

    let saved = press(&editor, &difference, &path, "confirm");
    assert_eq!((saved.status, saved.location()), (303, path.as_str()), "{}", saved.text());
    assert_eq!(number(shop.db(), "SELECT count(*) FROM memberships WHERE by_rule"), 10);
    let page = editor.get(&path).text();
    for part in [
        "10 customers joined and 0 left",
        "evaluated March 10, 2026, 12:00",
        "next run March 11, 2026, 00:00",
        "Rule saved",
        "Done 10 10 0 0",
    ] {
        assert!(page.contains(part), "{part:?} is not in {page}");
    }
}

/// SPEC 5: with a capacity the longest-standing join first. What is shown before is what the run then does.
#[test]
fn with_a_capacity_those_are_shown_who_get_a_place() {
    let shop = Shop::new();
    let (editor, path) = (shop.app.sign_in(Role::Editor), shop.path());
    run(shop.db(), "UPDATE groups SET capacity = 3 WHERE code = 'HYBRID'");
    run(shop.db(), "UPDATE customers SET customer_since = DATE '2020-01-01' - right(code, 2)::int");
    run(shop.db(), "UPDATE customers SET customer_since = NULL WHERE code = 'C09'");
    let preview = write_region(&editor, &shop, "R");
    let told = preview.text();
    for part in ["Matching customers 10", "Would join 3", "Would join (3)", "No place 7"] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
    let difference = press(&editor, &preview, &path, "save");
    let told = difference.text();
    assert!(told.contains("3 customers : Customer 06, Customer 07, Customer 08 Save and run"), "{told}");
    let listed = editor.submit(&form(&difference, &path).forge("show", "joining"));
    let names: Vec<String> = crate::support::html::rows(&listed.body).into_iter().map(|row| row[0].clone()).collect();
    assert!(names.iter().filter(|name| name.starts_with("Customer")).count() == 3, "{names:?}");
    assert_eq!(press(&editor, &difference, &path, "confirm").status, 303);
    let joined =
        texts(shop.db(), "SELECT c.name FROM memberships m JOIN customers c ON c.id = m.customer_id ORDER BY 1");
    assert_eq!(joined, ["Customer 06", "Customer 07", "Customer 08"], "whoever was shown");

    let told = press(&editor, &editor.get(&path), &path, "preview").text();
    assert!(told.contains("Would join (0)") && told.contains("No place 7"), "{told}");
    // The tester says so, and keeps the order in which customers were picked.
    let ids: Vec<String> = ["C05", "C00", "C06"]
        .map(|code| rows::id(shop.db(), &format!("SELECT id FROM customers WHERE code = '{code}'")).to_string())
        .into();
    let page = editor.get(&format!(
        "/tools/rule-test?group={}&customer={}&customer={}&customer={}",
        shop.hybrid, ids[0], ids[1], ids[2]
    ));
    let told = page.text();
    assert!(told.contains("not a member: the group is full (capacity 3)"), "{told}");
    let places: Vec<usize> = ids.iter().map(|id| page.body.find(&format!("id=\"test-{id}\"")).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
    run(shop.db(), "UPDATE groups SET deleted_at = now()  WHERE code = 'HYBRID'");
    let gone = editor.get(&format!("/tools/rule-test?group={}", shop.hybrid));
    assert_eq!(gone.status, 422);
    assert!(gone.text().contains("This group doesn't exist or was deleted. Choose another one."), "{}", gone.text());
    assert!(gone.body.contains("aria-invalid=\"true\""), "at the field");
}

#[test]
fn conditions_and_groups_come_and_go() {
    let shop = Shop::new();
    let (editor, path) = (shop.app.sign_in(Role::Editor), shop.path());
    let page = press(&editor, &editor.get(&path), &path, "add-group:r");
    assert!(form(&page, &path).has("r-1.match") && form(&page, &path).value("r-1.match") == "any");
    let page = press(&editor, &page, &path, "add-condition:r-1");
    assert!(form(&page, &path).has("r-1-1.field"));
    let filled = form(&page, &path).fill("r-1-1.field", "payment_history").fill("r-1-0.field", "order_count");
    let page = editor.submit(&filled.forge("do", "refresh"));
    assert!(page.body.contains("value=\"excellent\""), "the field's own values are offered");
    let page = press(&editor, &page, &path, "remove:r-1-0");
    assert_eq!(form(&page, &path).value("r-1-0.field"), "payment_history");
    let page = editor.submit(&form(&page, &path).fill("r-1-0.op", "ne").forge("do", "refresh"));
    assert!(page.text().contains("A customer without this value doesn't match."));
    let page = press(&editor, &page, &path, "remove:r-1");
    assert!(!form(&page, &path).has("r-1.match"));
}

#[test]
fn what_is_wrong_stands_at_its_condition() {
    let shop = Shop::new();
    let (editor, path) = (shop.app.sign_in(Role::Editor), shop.path());
    let before = rows::checksums(shop.db());
    let page = press(&editor, &editor.get(&path), &path, "save");
    assert_eq!(page.status, 422);
    assert!(page.text().contains("Choose a field.") && page.body.contains("href=\"#field-r-0-field\""));
    let page = editor.submit(&form(&page, &path).fill("r-0.field", "order_count").forge("do", "refresh"));
    assert_eq!(page.status, 200, "while it is written nothing is complained about");
    let page = editor.submit(&form(&page, &path).fill("r-0.value", "many").forge("do", "save"));
    assert_eq!((page.status, form(&page, &path).value("r-0.value")), (422, "many"));
    assert!(page.text().contains("Enter a whole number up to 1,000,000,000."));
    let page = editor.submit(&form(&page, &path).fill("r-0.field", "in_group").forge("do", "refresh"));
    let page = editor.submit(&form(&page, &path).fill("r-0.value_text", "hybrid").forge("do", "save"));
    assert!(page.status == 422 && page.text().contains("A rule can't refer to the group that it fills."));
    // Whatever is sent instead of a form is no reason to fall over.
    for body in [
        "r-0-0-0-0-0-0-0-0-0-0.field=x",
        "do=confirm",
        "do=remove:r-99999999999999999999",
        "do=save&r.match=&r-0.match=",
        "show=joining.after.x",
    ] {
        let answer = editor.send(
            "POST",
            &path,
            &[("content-type", "application/x-www-form-urlencoded")],
            Some(&format!("csrf={}&{body}", editor.csrf())),
        );
        assert!([200, 400, 409, 422].contains(&answer.status), "{body}: {}", answer.status);
    }
    rows::assert_unchanged(shop.db(), &before);
}

#[test]
fn what_was_shown_is_what_is_saved() {
    let shop = Shop::new();
    let (editor, path) = (shop.app.sign_in(Role::Editor), shop.path());
    let difference = press(&editor, &write_region(&editor, &shop, "R"), &path, "save");
    // Somebody else is in the region by now.
    run(shop.db(), "UPDATE customers SET region = 'R' WHERE code = 'C11'");
    let again = press(&editor, &difference, &path, "confirm");
    assert_eq!(again.status, 409);
    assert!(
        again.text().contains("Customers changed since the difference was shown")
            && again.text().contains("11 customers")
    );
    assert_eq!(number(shop.db(), "SELECT count(*) FROM memberships"), 0);
    // Another rule than the one whose difference is on the screen.
    let other = editor.submit(&form(&again, &path).fill("r-0.value", "X").forge("do", "confirm"));
    assert_eq!(other.status, 409);
    assert!(other.text().contains("The rule isn't the one"));
    // Somebody else saved meanwhile: theirs is shown.
    let fresh = press(&editor, &other, &path, "save");
    run(
        shop.db(),
        r#"UPDATE groups SET version = version + 1, rule = '{"match":"all","of":[{"field":"country","op":"eq","value":"DE"}]}'"#,
    );
    let stale = press(&editor, &fresh, &path, "confirm");
    assert_eq!(stale.status, 409);
    assert!(stale.text().contains("Saved by somebody else meanwhile: country is “DE”"), "{}", stale.text());
    assert_eq!(press(&editor, &stale, &path, "confirm").status, 303);
    // What doesn't concern the rule is nobody's other rule; how often it runs is.
    let mine = press(&editor, &editor.get(&path), &path, "save");
    run(shop.db(), "UPDATE groups SET version = version + 1, description = 'Meanwhile'");
    assert!(!press(&editor, &mine, &path, "save").text().contains("Saved by somebody else"));
    run(shop.db(), "UPDATE rule_schedules SET every = 'week'");
    let theirs = press(&editor, &mine, &path, "save").text();
    assert!(theirs.contains("Saved by somebody else meanwhile") && theirs.contains("Every Monday"), "{theirs}");
    let often = editor.submit(&form(&editor.get(&path), &path).fill("r-0.value", "X").forge("do", "save"));
    let often = editor.submit(&form(&often, &path).fill("every", "minute").forge("do", "confirm"));
    assert!(often.status == 422 && often.text().contains("Choose how often"), "{}", often.text());
    let unknown = editor.submit(&form(&editor.get(&path), &path).fill("r-0.op", "like").forge("do", "save"));
    assert_eq!(unknown.status, 422, "{}", unknown.text());
    assert_eq!(texts(shop.db(), "SELECT c.code FROM memberships m JOIN customers c ON c.id = m.customer_id"), ["C10"]);
}

#[test]
fn the_regions_are_answered_by_themselves() {
    let shop = Shop::new();
    let (editor, path) = (shop.app.sign_in(Role::Editor), shop.path());
    let difference = press(&editor, &write_region(&editor, &shop, "R"), &path, "save");
    press(&editor, &difference, &path, "confirm");
    for (region, says) in [("preview", "Matching customers"), ("runs", "Rule saved"), ("rule", "Add condition")] {
        let part = editor.htmx_get(&path, region);
        assert_eq!(part.status, 200);
        assert!(!part.body.contains("<html") && part.text().contains(says), "{region}: {}", part.text());
    }
    let viewer = shop.app.sign_in(Role::Viewer);
    let page = viewer.get(&format!("{path}?part=preview"));
    assert!(page.text().contains("region is “R”") && page.text().contains("Matching customers 10"));
    assert!(!page.body.contains("rule-form") && !page.text().contains("Run now"));
    assert_eq!(viewer.post(&path, &[("do", "save")]).status, 403);
}

#[test]
fn a_held_run_is_looked_at_and_decided() {
    let shop = Shop::new();
    let (editor, path) = (shop.app.sign_in(Role::Editor), shop.path());
    run(
        shop.db(),
        "INSERT INTO customers (id, code, name, region) SELECT uuid_v7(), 'M' || lpad(n::text, 3, '0'), 'Member ' || lpad(n::text, 3, '0'), 'R' FROM generate_series(1, 90) n",
    );
    let difference = press(&editor, &write_region(&editor, &shop, "R"), &path, "save");
    assert_eq!(press(&editor, &difference, &path, "confirm").status, 303);
    let held = |hours| {
        run(shop.db(), "UPDATE customers SET region = 'X' WHERE code LIKE 'M%' AND code <= 'M060'");
        shop.app.clock.advance(Duration::hours(hours));
        while tick(&mut shop.db().conn(), shop.app.clock.now()).unwrap() {}
        rows::id(shop.db(), "SELECT id FROM rule_runs WHERE outcome = 'held'")
    };
    let first = held(13);
    // Sessions end in the night.
    let editor = shop.app.sign_in(Role::Editor);
    let page = editor.get(&path).text();
    assert!(
        page.contains("A run waits for approval")
            && page.contains("would have removed 60 members, more than 20% of the group"),
        "{page}"
    );
    assert!(page.contains("Member 001, Member 002") && page.contains("50 more"), "{page}");
    let list = editor.get(&format!("{path}/runs/{first}"));
    assert!(
        list.text().contains("Would have left: 60 members") && list.text().contains("Member 050"),
        "{}",
        list.text()
    );
    let next = crate::support::html::links(&list.body).into_iter().find(|link| link.contains("after=")).unwrap();
    assert!(editor.get(&next).text().contains("Member 060"));
    let discarded = editor.submit(&editor.get(&path).form(&format!("{path}/runs/{first}/discarding")));
    assert_eq!((discarded.status, discarded.location()), (303, path.as_str()));
    assert_eq!(number(shop.db(), "SELECT member_count FROM groups WHERE code = 'HYBRID'"), 100);
    // Who was on the list can still be looked at.
    let list = editor.get(&format!("{path}/runs/{first}"));
    assert!(list.text().contains("Discarded") && list.text().contains("Member 050"), "{}", list.text());
    assert!(!list.body.contains("/approval"));
    let second = held(24);
    let editor = shop.app.sign_in(Role::Editor);
    let approved = editor.submit(&editor.get(&path).form(&format!("{path}/runs/{second}/approval")));
    assert_eq!(approved.status, 303);
    assert!(editor.get(&path).text().contains("0 customers joined and 60 left"));
    // The run names them, page by page.
    let run = texts(shop.db(), "SELECT id::text FROM rule_runs WHERE cause = 'approval'").remove(0);
    let mut next = Some(format!("{path}/runs/{run}"));
    let mut named = 0;
    while let Some(page) = next.map(|at| editor.get(&at)) {
        assert_eq!(page.status, 200);
        named += page.text().matches("Member 0").count();
        next = crate::support::html::links(&page.body).into_iter().find(|link| link.contains("after="));
    }
    assert_eq!(named, 60);
    assert_eq!(number(shop.db(), "SELECT member_count FROM groups WHERE code = 'HYBRID'"), 40);
    assert_eq!(editor.get(&format!("{path}/runs/{}", Uuid::now_v7())).status, 404);
    assert_eq!(editor.get(&format!("{path}/runs/x")).status, 404);
}

#[test]
fn groups_without_rules_say_so() {
    let shop = Shop::new();
    let editor = shop.app.sign_in(Role::Editor);
    let manual = group(shop.db(), "MANUAL", "Manual", None);
    let page = editor.get(&format!("/groups/{manual}/rules"));
    assert!(page.status == 200 && page.text().contains("Manual is a manual group: its members are chosen by hand."));
    let root = editor.get(&format!("/groups/{}/rules", clientele::groups::group::ROOT_ID));
    assert!(root.status == 200 && root.text().contains("it needs no rule"));
    let refused = editor.post(&format!("/groups/{}/rules/runs", shop.hybrid), &[]);
    assert!(refused.status == 409 && refused.text().contains("Hybrid has no rule yet."), "{}", refused.text());
}

#[test]
fn the_tester_explains_members_and_others() {
    let shop = Shop::new();
    let (editor, db) = (shop.app.sign_in(Role::Editor), shop.db());
    let rule = json!({"match": "all", "of": [
        {"field": "region", "op": "eq", "value": "R"},
        {"field": "account_age_months", "op": "gte", "value": 12},
        {"field": "payment_history", "op": "ne", "value": "poor"},
    ]});
    let api = shop.app.api(Role::Editor);
    run(db, "UPDATE customers SET customer_since = '2025-05-10', payment_history = 'good'");
    run(db, "UPDATE customers SET customer_since = '2020-01-01' WHERE code = 'C00'");
    run(db, "UPDATE customers SET customer_since = '2020-01-01', payment_history = NULL WHERE code = 'C01'");
    let saved = api.post(&format!("/admin/pricing/customer-groups/{}/rules/runs", shop.hybrid), &json!({"rule": rule}));
    assert_eq!((saved.status, saved.json["joined"].as_i64()), (200, Some(1)), "{}", saved.json);

    let start = editor.get("/tools/rule-test");
    assert!(start.status == 200 && start.text().contains("Why does a rule assign a customer"));
    // By typing alone: names and codes, without scripts.
    let page = editor.get("/tools/rule-test?group_text=hybrid&customer_text=C00");
    let told = page.text();
    assert!(
        told.contains("Customer 00") && told.contains("Matches the rule") && told.contains("member by rule"),
        "{told}"
    );
    assert!(told.contains("account age is at least 12 months 74 months Pass"), "{told}");
    let c00 = rows::id(db, "SELECT id FROM customers WHERE code = 'C00'");
    let c02 = rows::id(db, "SELECT id FROM customers WHERE code = 'C02'");
    let page =
        editor.get(&format!("/tools/rule-test?group={}&customer={c00}&customer={c02}&customer_text=c01", shop.hybrid));
    let told = page.text();
    assert!(told.contains("account age is at least 12 months 10 months Fail 2 months short"), "{told}");
    assert!(told.contains("not a member") && !told.contains("There is no customer"), "{told}");
    let page = editor.get(&format!("/tools/rule-test?group={}&customer_text=Customer+01", shop.hybrid)).text();
    assert!(page.contains("payment history is not poor — Missing"), "{page}");
    let page = editor.get(&format!("/tools/rule-test?group={}&customer_text=Nobody", shop.hybrid)).text();
    assert!(page.contains("There is no customer of this name or code."), "{page}");

    // Nearest: who fails one condition only; C10 and C11 fail two.
    let near = editor.htmx_get(&format!("/tools/rule-test?group={}&part=nearest", shop.hybrid), "nearest");
    let names: Vec<String> = crate::support::html::rows(&near.body).into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(names.len(), 9, "{}", near.text());
    assert!(names[0].starts_with("Customer 02") && names[8].starts_with("Customer 01"), "{names:?}");
    assert!(near.text().contains("10 months 2 months short") && near.text().contains("— Missing"), "{}", near.text());

    for (path, label) in
        [("/tools/rule-test/customers?q=customer+0", "Customer 00"), ("/tools/rule-test/options?q=hyb", "Hybrid")]
    {
        let options = editor.get(path);
        assert!(options.status == 200 && text(&options.body).contains(label), "{}", options.body);
    }
    assert!(text(&editor.get("/tools/rule-test/options?q=zzz").body).contains("Nothing found"));
}

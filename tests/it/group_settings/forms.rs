//! The forms: what is inherited beside each field, the impact before anything is saved, reverting, two people at once.

use super::shop;
use crate::support::{Page, TestApp, html, rows};
use clientele::auth::role::Role;
use serde_json::json;
use uuid::Uuid;

fn terms(app: &TestApp, group: Uuid) -> serde_json::Value {
    let columns = "net_days, credit_limit, early_percent, early_days, explicit_none";
    rows::all(&app.db, &format!("SELECT {columns} FROM group_payment_terms WHERE group_id = '{group}'"))
        .pop()
        .unwrap_or_default()
}

fn path(group: Uuid, page: &str) -> String {
    format!("/groups/{group}/{page}")
}

fn form(page: &Page, group: Uuid, area: &str) -> html::Form {
    page.form(&path(group, area))
}

#[test]
fn every_field_shows_what_it_would_inherit_and_from_whom() {
    let app = TestApp::new();
    let (vip, platinum) = shop(&app);
    let viewer = app.sign_in(Role::Viewer);
    let text = viewer.get(&path(platinum, "payment-terms")).text();
    for expected in ["Inherited: Credit card, Net terms from VIP Customers", "from VIP Customers", "Inherited: 2/10"] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    let page = viewer.get(&path(platinum, "payment-terms"));
    assert_eq!(html::attribute(&page.body, "name=\"paymentTerms.netDays\"", "placeholder").as_deref(), Some("30"));
    let limit = html::attribute(&page.body, "name=\"paymentTerms.creditLimit\"", "placeholder");
    assert_eq!(limit.as_deref(), Some("$100,000.00"));
    assert!(viewer.get(&path(platinum, "pricing")).text().contains("15% discount on all products from VIP Customers"));
    assert!(viewer.get(&path(vip, "visibility")).text().contains("Inherited: Yes (default)"));
    // Who may not save has no button for it.
    assert!(!page.body.contains("Save payment terms"));
}

#[test]
fn a_change_is_saved_once_its_impact_was_seen() {
    let app = TestApp::new();
    let (_, platinum) = shop(&app);
    let editor = app.sign_in(Role::Editor);
    let page = editor.get(&path(platinum, "payment-terms"));
    let filled = form(&page, platinum, "payment-terms")
        .fill("paymentTerms.netDays", "45")
        .fill("paymentTerms.creditLimit", "250,000");
    let review = editor.submit(&filled);
    assert_eq!(review.status, 200);
    let text = review.text();
    for expected in [
        "Customers affected 1",
        "Sum of credit limits $100,000.00 → $250,000.00",
        "Net terms from Net 30 to Net 45",
        "Credit limit from $100,000.00 to $250,000.00",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert_eq!(terms(&app, platinum), json!(null), "nothing is saved yet");
    let saved = editor.submit(&form(&review, platinum, "payment-terms"));
    assert_eq!((saved.status, saved.location()), (303, path(platinum, "payment-terms").as_str()));
    assert_eq!(terms(&app, platinum)["net_days"], 45);
    assert_eq!(terms(&app, platinum)["credit_limit"], 25_000_000);
    let after = editor.get(&path(platinum, "payment-terms")).text();
    assert!(after.contains("own instead of $100,000.00, from VIP Customers"), "{after}");
    let history = editor.get(&path(platinum, "history")).text();
    assert!(
        history.contains("net days: nothing → to 45") && history.contains("credit limit: nothing → to $250,000.00"),
        "{history}"
    );
}

#[test]
fn an_impact_that_was_seen_for_other_answers_does_not_count() {
    let app = TestApp::new();
    let (vip, _) = shop(&app);
    let editor = app.sign_in(Role::Editor);
    let page = editor.get(&path(vip, "pricing"));
    let review = editor.submit(&form(&page, vip, "pricing").fill("pricing.discountPercent", "20"));
    let changed = form(&review, vip, "pricing").fill("pricing.discountPercent", "90");
    let again = editor.submit(&changed);
    assert_eq!(again.status, 200);
    assert!(again.text().contains("$85.00 → $10.00"), "{}", again.text());
    let percent = rows::all(&app.db, "SELECT percent::text FROM group_pricing");
    assert_eq!(percent, [json!({"percent": "15.00"})]);
}

#[test]
fn what_nobody_notices_is_saved_at_once() {
    let app = TestApp::new();
    let (vip, _) = shop(&app);
    let editor = app.sign_in(Role::Editor);
    let page = editor.get(&path(vip, "pricing"));
    let saved = editor.submit(&form(&page, vip, "pricing").fill("pricing.notes", "As agreed in March."));
    assert_eq!(saved.status, 303);
    let notes = rows::all(&app.db, "SELECT notes FROM group_pricing");
    assert_eq!(notes, [json!({"notes": "As agreed in March."})]);
}

#[test]
fn explicitly_none_and_unset_are_told_apart() {
    let app = TestApp::new();
    let (_, platinum) = shop(&app);
    let editor = app.sign_in(Role::Editor);
    let page = editor.get(&path(platinum, "payment-terms"));
    let filled = form(&page, platinum, "payment-terms")
        .forge("paymentTerms.creditLimit.none", "on")
        .forge("paymentTerms.earlyPayment.none", "on");
    let review = editor.submit(&filled);
    assert!(review.text().contains("Credit limit from $100,000.00 to No limit"), "{}", review.text());
    editor.submit(&form(&review, platinum, "payment-terms"));
    assert_eq!(terms(&app, platinum)["explicit_none"], json!(["credit_limit", "early_payment"]));
    // One click puts one of them back.
    let page = editor.get(&path(platinum, "payment-terms"));
    let reversion = format!("{}/reversion", path(platinum, "payment-terms"));
    let revert = page.form(&reversion).fill("field", "paymentTerms.creditLimit");
    let reverted = editor.submit(&revert);
    assert_eq!((page.status, reverted.status), (200, 303));
    assert_eq!(terms(&app, platinum)["explicit_none"], json!(["early_payment"]));
    // A page from before somebody's change doesn't take it back.
    let stale = editor.submit(&revert.fill("field", "paymentTerms.earlyPayment"));
    assert_eq!(stale.status, 409);
    assert_eq!(terms(&app, platinum)["explicit_none"], json!(["early_payment"]));
    let unknown = editor.post(&path(platinum, "payment-terms/reversion"), &[("csrf", editor.csrf()), ("field", "x")]);
    assert_eq!(unknown.status, 422);
}

#[test]
fn bad_values_are_named_at_their_fields_and_change_nothing() {
    let app = TestApp::new();
    let (vip, _) = shop(&app);
    let editor = app.sign_in(Role::Editor);
    for (area, field, value, sentence) in [
        ("pricing", "pricing.discountPercent", "100.01", "Enter a percentage from 0 to 100."),
        ("pricing", "pricing.discountPercent", "-1", "Enter a percentage from 0 to 100."),
        ("pricing", "pricing.discountPercent", "1.005", "A percentage has at most two decimals."),
        ("pricing", "pricing.discountPercent", "", "Enter the discount in percent."),
        ("pricing", "pricing.minimumOrder.quantity", "-1", "The minimum quantity can't be negative."),
        ("pricing", "pricing.minimumOrder.quantity", "1.5", "is no whole number"),
        ("pricing", "pricing.minimumOrder.amount", "1.005", "has more decimals than USD has (2)"),
        ("payment-terms", "paymentTerms.netDays", "-30", "Enter whole days from 1 to 365"),
        ("payment-terms", "paymentTerms.earlyPayment.days", "", "Enter within how many days"),
        ("payment-terms", "paymentTerms.creditLimit", "-5", "can't be negative"),
        ("payment-terms", "paymentTerms.creditLimit", "many", "is not an amount"),
    ] {
        let page = editor.get(&path(vip, area));
        let refused = editor.submit(&form(&page, vip, area).fill(field, value));
        assert_eq!(refused.status, 422, "{field} {value}");
        assert!(refused.text().contains(sentence), "{field} {value}: {}", refused.text());
        assert_eq!(form(&refused, vip, area).value(field), value, "what was typed is still there");
    }
    assert_eq!(terms(&app, vip)["net_days"], 30);
}

#[test]
fn a_priority_is_a_whole_number_and_a_scope_names_categories() {
    let app = TestApp::new();
    let (vip, _) = shop(&app);
    let list = rows::price_list(&app.db, "PENS");
    let editor = app.sign_in(Role::Editor);
    let page = editor.get(&path(vip, "pricing"));
    for priority in ["1.5", "0", "high", "", "9999999999"] {
        let filled = form(&page, vip, "pricing").forge("list_id", &list.to_string()).forge("list_priority", priority);
        let refused = editor.submit(&filled);
        assert_eq!(refused.status, 422, "{priority}");
        assert!(refused.text().contains("is a whole number from 1; lower comes first."), "{}", refused.text());
    }
    let none = editor.submit(&form(&page, vip, "pricing").fill("pricing.scope", "categories"));
    assert_eq!(none.status, 422);
    assert!(none.text().contains("Tick at least one category."), "{}", none.text());
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM group_price_lists"), 0);
    // The pen's category is offered, and another one can be typed.
    let filled = form(&page, vip, "pricing")
        .fill("pricing.scope", "categories")
        .forge("pricing.categories", "Writing")
        .fill("pricing.categories.new", "Paper");
    assert!(page.text().contains("Writing"));
    // The only product is in one of them: nobody pays another price, and nothing is to be looked at first.
    assert_eq!(editor.submit(&filled).status, 303);
    let names = rows::texts(&app.db, "SELECT category FROM group_pricing_categories ORDER BY category");
    assert_eq!(names, ["Paper", "Writing"]);
}

#[test]
fn two_people_at_once_lose_nothing() {
    let app = TestApp::new();
    let (vip, _) = shop(&app);
    let (one, two) = (app.sign_in(Role::Editor), app.sign_in(Role::Editor));
    let (first, second) = (one.get(&path(vip, "payment-terms")), two.get(&path(vip, "payment-terms")));
    let review = one.submit(&form(&first, vip, "payment-terms").fill("paymentTerms.netDays", "60"));
    assert_eq!(one.submit(&form(&review, vip, "payment-terms")).status, 303);
    // The other one changed another field: theirs stays, hers is ready to be saved.
    let stale = two.submit(&form(&second, vip, "payment-terms").fill("paymentTerms.creditLimit", "5000"));
    assert_eq!(stale.status, 409);
    let merged = form(&stale, vip, "payment-terms");
    assert_eq!((merged.value("paymentTerms.netDays"), merged.value("paymentTerms.creditLimit")), ("60", "5000"));
    assert_eq!(html::rows(&stale.body), [["Credit limit", "$100,000.00", "$5,000.00"]]);
    let review = two.submit(&merged);
    assert_eq!(two.submit(&form(&review, vip, "payment-terms")).status, 303);
    assert_eq!((&terms(&app, vip)["net_days"], &terms(&app, vip)["credit_limit"]), (&json!(60), &json!(500_000)));
}

#[test]
fn two_versions_are_told_as_the_pages_show_them() {
    let app = TestApp::new();
    let (vip, _) = shop(&app);
    let list = rows::price_list(&app.db, "PENS");
    let set = rows::visibility_group(&app.db, "Standard", &[]);
    let editor = app.sign_in(Role::Editor);
    let stale = |area: &str, fill: &[(&str, &str)], theirs: &str| {
        let mut filled = form(&editor.get(&path(vip, area)), vip, area);
        for (field, value) in fill {
            filled = filled.fill(field, value);
        }
        rows::run(&app.db, theirs);
        rows::run(&app.db, "UPDATE groups SET version = version + 1 WHERE code = 'VIP'");
        let answer = editor.submit(&filled);
        assert_eq!(answer.status, 409, "{}", answer.text());
        html::rows(&answer.body)[0].clone()
    };
    let theirs = format!("INSERT INTO group_portal (group_id, shop, quotes) VALUES ('{vip}', 'limited', false)");
    assert_eq!(stale("visibility", &[("portal.shop", "none")], &theirs), ["Shop access", "Limited", "None"]);
    let theirs = format!("INSERT INTO group_visibility VALUES ('{vip}', 'visibility_groups')");
    rows::run(&app.db, &theirs);
    let theirs = format!("INSERT INTO group_visibility_groups VALUES ('{vip}', '{set}')");
    let told = stale("visibility", &[("visibility.access", "all")], &theirs);
    assert_eq!(told, ["Product access", "Specific visibility groups", "All products visible"]);
    let theirs = format!("INSERT INTO group_price_lists VALUES ('{vip}', '{list}', 7)");
    let told = stale("pricing", &[("pricing.method", "fixed"), ("pricing.fixedAmount", "5")], &theirs);
    let told_method = ["Pricing method", "Percentage discount, 15%, Competes: the lowest price wins"];
    assert_eq!((&told[..2], told[2].as_str()), (&told_method.map(String::from)[..], "Fixed price adjustment, $5.00"));
}

#[test]
fn own_price_lists_are_taken_back_in_one_click() {
    let app = TestApp::new();
    let (vip, platinum) = shop(&app);
    let (own, above) = (rows::price_list(&app.db, "OWN"), rows::price_list(&app.db, "ABOVE"));
    rows::assign(&app.db, platinum, own, 1);
    rows::assign(&app.db, vip, above, 1);
    let editor = app.sign_in(Role::Editor);
    let page = editor.get(&path(platinum, "pricing"));
    assert!(page.body.contains("Revert price lists to the inherited value"), "{}", page.body);
    let revert = page.form(&format!("{}/reversion", path(platinum, "pricing"))).fill("field", "pricing.priceLists");
    let back = editor.submit(&revert);
    assert_eq!(back.status, 303);
    assert_eq!(rows::texts(&app.db, "SELECT group_id::text FROM group_price_lists"), [vip.to_string()]);
    let page = editor.get(&path(platinum, "pricing"));
    assert!(page.text().contains("Price list List ABOVE (priority 1)") && !page.body.contains("Revert price lists"));
    // It stands among the overrides as well.
    rows::assign(&app.db, platinum, own, 1);
    let admin = app.sign_in(Role::Admin);
    assert!(admin.get(&path(platinum, "inheritance")).body.contains("value=\"pricing.priceLists\""));
}

#[test]
fn roles_are_held() {
    let app = TestApp::new();
    let (vip, platinum) = shop(&app);
    let (viewer, editor) = (app.sign_in(Role::Viewer), app.sign_in(Role::Editor));
    let fields = [("csrf", viewer.csrf()), ("version", "1")];
    for area in ["pricing", "visibility", "payment-terms", "inheritance"] {
        for end in ["", "/impact", "/reversion"] {
            if (area, end) == ("inheritance", "/reversion") {
                continue;
            }
            let answer = viewer.post(&format!("{}{end}", path(vip, area)), &fields);
            assert_eq!(answer.status, 403, "{area}{end}");
        }
    }
    // Switches are the administrators'.
    let answer = editor.post(&path(platinum, "inheritance"), &[("csrf", editor.csrf()), ("version", "1")]);
    assert_eq!(answer.status, 403);
}

#[test]
fn an_inherit_switch_shows_what_it_cuts_off() {
    let app = TestApp::new();
    let (_, platinum) = shop(&app);
    let admin = app.sign_in(Role::Admin);
    let page = admin.get(&path(platinum, "inheritance"));
    assert!(page.text().contains("Parent group VIP Customers"), "{}", page.text());
    let off = [
        ("csrf", admin.csrf()),
        ("version", "1"),
        ("inherit.pricing", "on"),
        ("inherit.visibility", "on"),
        ("inherit.portal", "on"),
    ];
    let review = admin.post(&path(platinum, "inheritance"), &off);
    assert!(review.text().contains("Net terms from Net 30 to No net terms"), "{}", review.text());
    let saved = admin.submit(&form(&review, platinum, "inheritance"));
    assert_eq!(saved.status, 303);
    let switches =
        rows::all(&app.db, "SELECT inherit_pricing, inherit_payment_terms FROM groups WHERE code = 'PLATINUM'");
    assert_eq!(switches, [json!({"inherit_pricing": true, "inherit_payment_terms": false})]);
}

//! The settings of a group and the tree in a real browser: VIP Platinum, as the seed draws it, made anew.

use super::{button, link, nothing_complains, signed_in};
use crate::support::TestApp;
use crate::support::browser::{Chromium, Setup};
use crate::support::rows::{self, By};
use clientele::auth::role::Role;

/// Saves a form of settings: the first time shows what that does, the second saves it.
fn save(window: &Chromium, label: &str, impact: &[&str], done: &str) {
    window.click(&button(label));
    window.wait_for("#impact [name=reviewed]");
    for expected in impact {
        window.until(expected, |page| page.text("#impact").contains(expected));
    }
    if !window.text("body").contains(done) {
        window.click(&button(label));
    }
    window.wait_for_text(done);
}

#[test]
fn vip_platinum_made_anew_inherits_overrides_moves_and_reverts() {
    let app = TestApp::demo();
    let window = signed_in(&app, Role::Admin, Setup::default());

    // A group below VIP Customers; its settings come next.
    window.goto("/groups/new");
    window.type_into("[name=name]", "Platinum anew");
    window.type_into("[name=parent_text]", "VIP");
    window.click("//li[@role='option'][contains(., 'VIP Customers')]");
    window.click(&button("Continue to settings"));
    let path = window.wait_for_path("the pricing page", |path| path.ends_with("/pricing"));
    let group = path.trim_end_matches("/pricing").to_owned();
    let id = rows::group_id(&app.db, "PLATINUM-ANEW");
    assert_eq!(group, format!("/groups/{id}"));
    let customer = rows::customer(&app.db, "ANEW");
    rows::member(&app.db, id, customer, "2026-01-05", By::Hand, true);

    // It inherits 15%, whose source is there, and adds 5%.
    window.wait_for_text("15% discount on all products from VIP Customers");
    window.click("//label[contains(., 'Percentage discount')]");
    window.type_into("[name='pricing.discountPercent']", "5");
    window.choose("[name='pricing.combine']", "Adds to the inherited percentage");
    save(&window, "Save pricing", &["Customers affected", "Go down"], "Pricing of Platinum anew: saved.");
    nothing_complains(&window);

    // Net 45 instead of Net 30, and a limit of $250,000 instead of $100,000.
    window.goto(&format!("{group}/payment-terms"));
    window.wait_for_text("from VIP Customers");
    window.type_into("[name='paymentTerms.netDays']", "45");
    window.type_into("[name='paymentTerms.creditLimit']", "250,000");
    let impact = ["Net 30", "Net 45", "$100,000.00 → $250,000.00"];
    save(&window, "Save payment terms", &impact, "Payment terms of Platinum anew: saved.");
    window.wait_for_text("instead of $100,000.00, from VIP Customers");

    // What it shows comes besides what VIP Customers shows.
    window.goto(&format!("{group}/visibility"));
    window.wait_for_text("Early Access Products");
    let hidden = window.text("//div[dt='Hidden products']");
    window.click("//label[contains(., 'Specific visibility groups')]");
    window.click("//label[contains(., 'Wholesale Only')]");
    // Its customers see those products already: nobody is affected, so that it is saved at once.
    window.click(&button("Save visibility"));
    window.wait_for_text("Visibility of Platinum anew: saved.");
    // Additive: a choice of its own takes nothing away.
    assert_eq!(window.text("//div[dt='Hidden products']"), hidden);
    let exclusive = window.text("//div[dt='Exclusive products']");
    window.click("//div[dt='Exclusive products']//a");
    window.wait_for_text("Platinum anew sees it");
    assert!(!exclusive.contains(" 0 "), "{exclusive}");

    // One product is taken out, with its impact, and comes back.
    window.goto(&format!("{group}/visibility/excluded"));
    window.click(&link("Add products"));
    window.wait_for("[data-tick]");
    window.click("tbody tr:first-child [data-tick]");
    window.click(&button("Add selected"));
    window.wait_for_text("Exclude 1 product?");
    window.wait_for_text("Visible products");
    window.click(&button("Exclude them"));
    window.wait_for_text("1 product excluded for Platinum anew.");
    window.click("tbody tr:first-child [data-tick]");
    window.click(&button("Remove selected"));
    window.wait_for_text("No longer exclude 1 product?");
    window.click(&button("Remove them"));
    window.wait_for_text("1 product no longer excluded for Platinum anew.");

    // All of it beside what it stands for.
    window.goto(&format!("{group}/inheritance"));
    for expected in [
        "Parent group VIP Customers",
        "Additional 5% (total 20%)",
        "$250,000.00 (vs $100,000.00)",
        "Net 45 (vs Net 30)",
    ] {
        window.wait_for_text(expected);
    }

    // Moved away, with what it loses.
    window.click(&link("Move to…"));
    window.wait_for_text("stands below VIP Customers now");
    window.fill("[name=parent_text]", "Retail");
    window.click("//li[@role='option'][normalize-space()][contains(., 'Retail')]");
    window.until("the impact", |page| page.text("#impact").contains("Customers affected 1"));
    window.until("what goes up", |page| page.text("#impact").contains("Go up"));
    window.click(&button("Move group"));
    window.wait_for_text("Platinum anew is moved.");
    let parent = rows::texts(
        &app.db,
        "SELECT p.code FROM groups g JOIN groups p ON p.id = g.parent_id WHERE g.code = 'PLATINUM-ANEW'",
    );
    assert_eq!(parent, ["RETAIL"]);
    window.goto(&format!("{group}/move?parent={}", rows::group_id(&app.db, "VIP")));
    window.until("the way back", |page| page.text("#impact").contains("Go down"));
    window.click(&button("Move group"));
    window.wait_for_text("Platinum anew is moved.");

    // An override is taken back: the inherited value holds again.
    window.goto(&format!("{group}/payment-terms"));
    window.click("[aria-label='Revert credit limit to the inherited value']");
    window.wait_for_text("Credit limit is inherited again.");
    assert_eq!(window.value("[name='paymentTerms.creditLimit']"), "");
    assert_eq!(window.value("[name='paymentTerms.netDays']"), "45");
    let limits = rows::texts(
        &app.db,
        "SELECT coalesce(credit_limit::text, 'unset') FROM group_payment_terms t JOIN groups g ON g.id = t.group_id
         WHERE g.code = 'PLATINUM-ANEW'",
    );
    assert_eq!(limits, ["unset"]);
    nothing_complains(&window);
}

#[test]
fn a_price_tells_whom_it_reaches_while_it_is_typed() {
    let app = TestApp::demo();
    let window = signed_in(&app, Role::Editor, Setup::default());
    let list = rows::id(&app.db, "SELECT id FROM price_lists WHERE code = 'WHOLESALE'");
    window.goto(&format!("/price-lists/{list}"));
    window.click("//td[contains(@class, 'row-tools')]/a[contains(., 'Edit')]");
    window.wait_for("tr .price-row");
    window.fill("tr .price-row [name=price]", "0.01");
    window.until("the reach", |page| page.text("tr .impact-brief").contains("Affects"));
    window.until("the price", |page| page.text("tr .impact-brief").contains("→ $0.01"));
    nothing_complains(&window);
}

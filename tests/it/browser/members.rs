//! Members in a browser with scripts: search, selecting some and all that match, adding, undoing, removing.

use super::{button, nothing_complains, signed_in};
use crate::support::TestApp;
use crate::support::browser::Setup;
use crate::support::rows;
use clientele::auth::role::Role;

#[test]
fn members_come_and_go_by_hand() {
    let app = TestApp::demo();
    let window = signed_in(&app, Role::Editor, Setup::default());
    let vip = rows::group_id(&app.db, "VIP");
    let count = || rows::number(&app.db, "SELECT member_count FROM groups WHERE code = 'VIP'");
    let before = count();
    window.goto(&format!("/groups/{vip}"));
    window.click("//a[normalize-space()='Add customers']");
    window.wait_for_text("Add customers to group: VIP Customers");
    // Searching replaces the rows, and tells how many match in all.
    window.type_into("main [name=q]", "dataflow");
    window.until("the search", |page| page.count("[data-tick]") == 1);
    window.wait_for_text("Select all 1 customer that match");
    window.click("[data-tick]");
    window.wait_for_text("Selected: 1 customer");
    window.type_into("[name=reason]", "Grew fast");
    window.click(&button("Add to group"));
    window.wait_for_text("1 customer joined VIP Customers.");
    assert_eq!(count(), before + 1);
    window.click(&button("Undo"));
    window.wait_for_text("Undone. 1 customer left VIP Customers.");
    assert_eq!(count(), before);

    // All that match, also beyond the page.
    window.goto(&format!("/groups/{vip}/members/add?status=active"));
    window.wait_for("[data-tick-matching]");
    let all = window.script("return document.querySelector('[data-tick-matching]').dataset.count");
    let all: i64 = all.as_str().unwrap().parse().unwrap();
    assert_eq!(all, rows::number(&app.db, "SELECT count(*) FROM customers WHERE status = 'active'"));
    window.click("[data-tick-matching]");
    window.wait_for_text(&format!("Selected: {} customers", clientele::money::format_count(all)));

    // Members are sorted, ticked and removed.
    window.goto(&format!("/groups/{vip}/members"));
    window.click("#sort-purchases");
    window.wait_for_path("the order", |path| path.contains("sort=-purchases"));
    window.click("[data-tick-all]");
    let shown = window.count("[data-tick]");
    window.wait_for_text(&format!("{shown} customers selected"));
    window.click("[data-tick-all]");
    window.click("[data-tick]");
    window.wait_for_text("1 customer selected");
    window.click(&button("Remove…"));
    window.wait_for_text("Shown are the customers you selected.");
    window.wait_for_text("Selected: 1 customer");
    window.click("[name=then][value=none]");
    window.click(&button("Remove from group"));
    window.wait_for_text("1 customer left VIP Customers.");
    assert_eq!(count(), before - 1);
    window.goto(&format!("/groups/{vip}/members?show=excluded"));
    window.click("//button[starts-with(normalize-space(), 'Lift exclusion')]");
    window.wait_for_text("The exclusion is lifted");
    nothing_complains(&window);
}

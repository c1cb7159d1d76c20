//! Everything without a mouse.

use super::{names, nothing_complains, signed_in};
use crate::support::browser::{Chromium, Setup, key};
use crate::support::rows;
use crate::support::{PASSWORD, TestApp};
use clientele::auth::role::Role;
use serde_json::json;

/// What has the focus: a link's or button's text, or a field's name.
fn focused(window: &Chromium) -> String {
    let script =
        "const e = document.activeElement; return e.name || e.getAttribute('aria-label') || e.textContent.trim()";
    window.script(script).as_str().unwrap_or_default().to_owned()
}

/// Goes on with Tab until something has the focus that a person can see.
fn tab_to(window: &Chromium, wanted: &str) {
    for _ in 0..60 {
        window.press(&key::TAB.to_string());
        let ring = "const e = document.activeElement, s = getComputedStyle(e), l = getComputedStyle(e.closest('label') ?? e);
            return [s, l].some((s) => (s.outlineStyle !== 'none' && s.outlineWidth !== '0px') || s.boxShadow !== 'none')";
        assert_eq!(window.script(ring), true, "the focus on {:?} can't be seen", focused(window));
        if focused(window) == wanted {
            return;
        }
    }
    panic!("Tab never comes to {wanted:?}");
}

#[test]
fn the_palette_jumps_anywhere() {
    let app = TestApp::demo();
    let window = signed_in(&app, Role::Admin, Setup::default());
    let vip = format!("/groups/{}", rows::group_id(&app.db, "VIP"));
    let gold = format!("/groups/{}", rows::group_id(&app.db, "GOLD"));
    window.press_with(key::CONTROL, 'k');
    window.wait_for("dialog#jump[open]");
    window.press("vip cust");
    window.until("VIP Customers first", |page| {
        page.texts("#jump-results [data-hit]").first().is_some_and(|hit| hit.starts_with("VIP Customers"))
    });
    window.press(&key::ENTER.to_string());
    window.wait_for_path("VIP Customers", |path| path == vip);

    // Arrows walk through what was found, Escape closes and changes nothing.
    window.press_with(key::CONTROL, 'k');
    window.press("tier");
    window.until("the tiers", |page| page.texts("#jump-results [data-hit]").len() == 4);
    let at = window.texts("#jump-results [data-hit]").iter().position(|hit| hit.starts_with("Gold Tier")).unwrap();
    window.press(&key::DOWN.to_string().repeat(at + 2));
    window.press(&key::UP.to_string());
    assert!(focused(&window).starts_with("Gold Tier"), "{}", focused(&window));
    window.press(&key::ESCAPE.to_string());
    window.until("the palette is closed", |page| !page.is_there("dialog#jump[open]"));
    assert_eq!(window.path(), vip);
    window.press_with(key::CONTROL, 'k');
    window.press("gold");
    window.until("gold", |page| {
        page.texts("#jump-results [data-hit]").first().is_some_and(|hit| hit.starts_with("Gold Tier"))
    });
    window.press(&key::ENTER.to_string());
    window.wait_for_path("Gold Tier", |path| path == gold);
    // Pages are found, too.
    window.press_with(key::CONTROL, 'k');
    window.press("audit");
    window.until("audit", |page| page.texts("#jump-results [data-hit]").len() == 1);
    window.press(&key::ENTER.to_string());
    window.wait_for_path("the log", |path| path == "/audit");
    nothing_complains(&window);
}

#[test]
fn a_group_is_made_by_keyboard_alone() {
    let app = TestApp::demo();
    let window = Chromium::open(&app.url, Setup::default());
    let user = app.user(Role::Admin);
    window.goto("/groups");
    if focused(&window) != "email" {
        tab_to(&window, "email");
    }
    window.press(&user.email);
    tab_to(&window, "password");
    window.press(&format!("{PASSWORD}{}", key::ENTER));
    window.wait_for_path("the list", |path| path == "/groups");

    // The first stop skips the menu.
    window.press(&key::TAB.to_string());
    assert_eq!(focused(&window), "Skip to content");
    window.press(&key::ENTER.to_string());
    tab_to(&window, "New group");
    window.press(&key::ENTER.to_string());
    window.wait_for_path("the form", |path| path == "/groups/new");
    tab_to(&window, "name");
    window.press("Typed");
    tab_to(&window, "status");
    window.press("Inactive");
    tab_to(&window, "parent_text");
    window.press("whole");
    window.wait_for("//li[@role='option'][contains(., 'Wholesale')]");
    window.press(&key::DOWN.to_string());
    window.wait_for("li[role=option][aria-selected=true]");
    window.press(&key::ENTER.to_string());
    window.until("the parent is picked", |page| page.value("[name=parent_text]") == "Wholesale");
    tab_to(&window, "type");
    window.press(&key::DOWN.to_string().repeat(2));
    tab_to(&window, "Continue to settings");
    window.press(&key::ENTER.to_string());
    window.wait_for_path("the settings", |path| path.ends_with("/pricing"));
    let made = "SELECT jsonb_build_array(g.status, g.type, p.code) FROM groups g JOIN groups p ON p.id = g.parent_id WHERE g.code = 'TYPED'";
    assert_eq!(rows::one(&app.db, made), json!(["inactive", "hybrid", "WHOLESALE"]));

    // The list is searched and sorted from the keyboard, and the heading keeps the focus.
    window.goto("/groups");
    tab_to(&window, "q");
    window.press("typed");
    window.until("the new group alone", |page| names(page) == ["Typed"]);
    let tab = |times: usize| window.press(&key::TAB.to_string().repeat(times));
    tab(1);
    while !focused(&window).starts_with("Customers") {
        tab(1);
        assert_ne!(focused(&window), "q", "Tab went round without a heading");
    }
    window.press(&key::ENTER.to_string());
    window.wait_for("th[aria-sort=descending] #sort-customers");
    assert!(focused(&window).starts_with("Customers"), "{}", focused(&window));
    window.press_with(key::SHIFT, key::TAB);
    assert!(focused(&window).starts_with("Group name"), "{}", focused(&window));
    nothing_complains(&window);
}

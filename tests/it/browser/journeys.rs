//! What people come for, from the first page to the last, with scripts and without.

use super::{button, link, names, nothing_complains, sign_in, signed_in};
use crate::support::TestApp;
use crate::support::browser::{Chromium, Setup};
use crate::support::rows;
use clientele::auth::role::Role;
use serde_json::json;

fn stored(app: &TestApp, code: &str) -> serde_json::Value {
    let columns =
        "g.name, g.description, g.type, g.capacity, g.metadata, p.code AS parent, g.deleted_at IS NOT NULL AS deleted";
    let query =
        format!("SELECT {columns} FROM groups g LEFT JOIN groups p ON p.id = g.parent_id WHERE g.code = '{code}'");
    rows::all(&app.db, &query).remove(0)
}

#[test]
fn the_life_of_a_group() {
    let app = TestApp::demo();
    let window = signed_in(&app, Role::Admin, Setup::default());

    // The list, searched, filtered and sorted without leaving it.
    window.script("window.stays = true");
    assert!(names(&window).len() > 10);
    window.type_into("[name=q]", "tier");
    window.until("the tiers alone", |page| {
        names(page) == ["Bronze Tier", "Gold Tier", "Silver Tier", "Tiered Customers"]
    });
    window.wait_for_path("the search in the address", |path| path == "/groups?q=tier");
    window.wait_for_text("Matching groups: 4");
    window.choose("select[name=type]", "Manual");
    window.until("a chip", |page| page.texts(".chips .chip") == ["Search: tier", "Type: Manual"]);
    window.choose("select[name=status]", "Inactive");
    window.wait_for_text("No group fits");
    window.click("[aria-label='Remove the filter Status']");
    window.until("the filter is gone", |page| page.texts(".chips .chip") == ["Search: tier", "Type: Manual"]);
    window.until("the tiers again", |page| names(page).len() == 4);
    window.click("#sort-customers");
    window.wait_for("th[aria-sort=descending] #sort-customers");
    window.click("#sort-customers");
    window.wait_for("th[aria-sort=ascending] #sort-customers");
    window.back();
    window.wait_for("th[aria-sort=descending] #sort-customers");
    let by_members = rows::texts(
        &app.db,
        "SELECT name FROM groups WHERE name LIKE '%Tier%' ORDER BY member_count DESC, lower(name)",
    );
    window.until("the largest first", |page| names(page) == by_members);
    nothing_complains(&window);

    // A new group, with a parent that is found by typing.
    window.goto("/groups");
    window.click(&link("New group"));
    window.wait_for_text("New customer group");
    window.type_into("[name=name]", "Platinum Tier");
    window.type_into("[name=description]", "The next step up.");
    window.type_into("[name=parent_text]", "tiered");
    window.wait_for("//li[@role='option'][contains(., 'Tiered Customers')]");
    window.click("//li[@role='option'][contains(., 'Tiered Customers')]");
    assert_eq!(window.value("[name=parent_text]"), "Tiered Customers");
    window.click("//label[contains(., 'Hybrid')]");
    window.type_into("[name=capacity]", "30");
    window.type_into("[name=metadata_key]", "rank");
    window.type_into("[name=metadata_value]", "0");
    window.click(&button("Add a row"));
    window.type_into("[data-row]:last-child [name=metadata_key]", "invitedBy");
    window.type_into("[data-row]:last-child [name=metadata_value]", "Sales");
    window.click(&button("Continue to settings"));
    let settings = window.wait_for_path("the settings", |path| path.ends_with("/pricing"));
    window.wait_for_text("Platinum Tier is there.");
    assert!(window.text("main").contains("Inherited"));
    assert_eq!(
        stored(&app, "PLATINUM-TIER"),
        json!({"name": "Platinum Tier", "description": "The next step up.", "type": "hybrid", "capacity": 30,
               "metadata": {"rank": 0, "invitedBy": "Sales"}, "parent": "TIERED", "deleted": false})
    );
    let group = settings.trim_end_matches("/pricing").to_owned();

    // Edited: a mistake is told, what was typed stays, and it is mended.
    window.click(&link("Overview"));
    window.click(&link("Edit group"));
    window.fill("[name=name]", "GOLD TIER");
    window.fill("[name=description]", "Changed");
    window.click(&button("Save group"));
    window.wait_for_text("Another group has this name.");
    assert_eq!(
        (window.value("[name=name]"), window.value("[name=description]")),
        ("GOLD TIER".into(), "Changed".into())
    );
    window.fill("[name=name]", "Diamond Tier");
    window.click("[data-row]:first-child [data-row-remove]");
    window.click(&button("Save group"));
    window.wait_for_path("the overview", |path| path == group);
    window.wait_for_text("Diamond Tier is saved.");
    let now = stored(&app, "PLATINUM-TIER");
    assert_eq!((&now["name"], &now["metadata"]), (&json!("Diamond Tier"), &json!({"invitedBy": "Sales"})));

    // Duplicated.
    window.click(&button("Duplicate"));
    window.wait_for_path("the copy's form", |path| path.ends_with("/edit") && !path.starts_with(&group));
    assert_eq!(window.value("[name=name]"), "Diamond Tier copy");
    window.fill("[name=name]", "Ruby Tier");
    window.click(&button("Save group"));
    window.wait_for_text("Ruby Tier is saved.");
    assert_eq!(stored(&app, "PLATINUM-TIER-COPY")["parent"], "TIERED");

    // Deleted, with what it touches shown first: the parent of four.
    window.goto(&format!("/groups/{}", rows::group_id(&app.db, "TIERED")));
    window.click(&link("Delete"));
    window.wait_for_text("Delete Tiered Customers?");
    let facts = window.texts("dl.facts div");
    assert!(facts.iter().any(|fact| fact.starts_with("Child groups5 go to another parent")), "{facts:?}");
    let reviewed = window.value("#impact [name=reviewed]");
    window.click("//label[contains(., 'To another group')]");
    window.type_into("[name=children_to_text]", "retail");
    window.click("//li[@role='option'][contains(., 'Retail')]");
    // What was looked at is what is done: the impact of the other parent comes first.
    window.until("the impact of the other parent", |page| {
        page.is_there("#impact [name=reviewed]") && page.value("#impact [name=reviewed]") != reviewed
    });
    window.click(&button("Delete group"));
    window.wait_for_text("Tiered Customers is deleted.");
    assert_eq!(stored(&app, "GOLD")["parent"], "RETAIL");
    assert!(!names(&window).contains(&"Tiered Customers".into()));

    // Restored from the filter.
    window.choose("select[name=deleted]", "Deleted groups");
    window.until("the deleted group", |page| names(page) == ["Tiered Customers"]);
    window.click("//a[contains(., 'Restore') and ancestor::tr]");
    window.wait_for_text("Restore Tiered Customers?");
    window.click(&button("Restore group"));
    window.wait_for_text("Tiered Customers is back with its members.");
    assert_eq!(
        (&stored(&app, "TIERED")["deleted"], &stored(&app, "GOLD")["parent"]),
        (&json!(false), &json!("RETAIL"))
    );
    nothing_complains(&window);
}

#[test]
fn everything_works_without_scripts() {
    let app = TestApp::demo();
    let window = Chromium::open(&app.url, Setup { scripts: false, ..Setup::default() });
    sign_in(&window, &app.user(Role::Admin));
    window.type_into("[name=q]", "tier");
    window.choose("select[name=status]", "Active");
    window.click(&button("Search"));
    window.wait_for_path("the search", |path| path.contains("q=tier") && path.contains("status=active"));
    window.wait_for_text("Gold Tier");
    window.click("#sort-customers");
    window.wait_for("th[aria-sort=descending] #sort-customers");
    window.click(&link("Count what matches"));
    window.wait_for_text("Matching groups: 4");

    window.goto("/groups/new");
    window.type_into("[name=name]", "Plain Tier");
    window.type_into("[name=parent_text]", "tiered customers");
    window.click("//label[contains(., 'Hybrid')]");
    window.type_into("[name=metadata_key]", "plain");
    window.type_into("[name=metadata_value]", "[1, 2]");
    window.click(&button("Continue to settings"));
    window.wait_for_text("Plain Tier is there.");
    assert_eq!(
        stored(&app, "PLAIN-TIER"),
        json!({"name": "Plain Tier", "description": "", "type": "hybrid", "capacity": null, "metadata": {"plain": [1, 2]},
               "parent": "TIERED", "deleted": false})
    );
    window.click(&link("Overview"));
    window.click(&link("Edit group"));
    window.fill("[name=code]", "no good");
    window.click(&button("Save group"));
    window.wait_for_text("Use 1 to 32 of the characters");
    window.fill("[name=code]", "PLAIN");
    // The hidden id is still the old parent's.
    window.fill("[name=parent_text]", "VIP");
    window.click(&button("Save group"));
    window.wait_for_text("Plain Tier is saved.");
    assert_eq!(stored(&app, "PLAIN")["parent"], "VIP");
    window.click(&button("Duplicate"));
    window.wait_for_text("Edit Plain Tier copy");
    window.click(&button("Save group"));
    window.wait_for_text("Plain Tier copy is saved.");
    window.click(&link("Delete"));
    window.click(&button("Delete group"));
    window.wait_for_text("Plain Tier copy is deleted.");
    window.click(&link("Restore"));
    window.click(&button("Restore group"));
    window.wait_for_text("Plain Tier copy is back with its members.");
    window.goto("/search");
    window.type_into("main [name=q]", "plain");
    window.click("//main//button[normalize-space()='Search']");
    window.click("//main//a[contains(., 'Plain Tier copy')]");
    window.wait_for_text("Group information");
}

#[test]
fn viewers_find_nothing_to_change() {
    let app = TestApp::demo();
    let window = signed_in(&app, Role::Viewer, Setup::default());
    let vip = format!("/groups/{}", rows::group_id(&app.db, "VIP"));
    for (path, says) in [("/groups", "VIP Customers"), (vip.as_str(), "Acme Corporation")] {
        window.goto(path);
        window.wait_for_text(says);
        for label in ["New group", "Edit group", "Delete", "Restore"] {
            assert!(!window.is_there(&link(label)), "{label} on {path}");
        }
        assert!(!window.is_there(&button("Duplicate")));
    }
    for label in ["Store", "Users", "API tokens"] {
        assert!(!window.is_there(&format!("//nav//a[normalize-space()='{label}']")), "{label} is in the menu");
    }
    window.goto("/groups/new");
    window.wait_for_text("You may not do this");
    nothing_complains(&window);
}

#[test]
fn colours_change_at_once_and_stay() {
    let app = TestApp::demo();
    let window = signed_in(&app, Role::Viewer, Setup::default());
    let background = |window: &Chromium| window.script("return getComputedStyle(document.body).backgroundColor");
    let theme = |window: &Chromium| window.script("return document.documentElement.dataset.bsTheme");
    window.click(".shell-person-button");
    window.click(&button("Light"));
    window.until("light", |page| theme(page) == "light");
    let light = background(&window);
    window.script("window.stays = true");
    window.click(".shell-person-button");
    window.click(&button("Dark"));
    window.until("dark", |page| theme(page) == "dark");
    assert_eq!(window.script("return window.stays"), true, "without loading the page anew");
    window.until("other colours", |page| background(page) != light);
    let dark = background(&window);
    for path in ["/groups?q=gold", "/audit"] {
        window.goto(path);
        assert_eq!((theme(&window), background(&window)), (json!("dark"), dark.clone()), "{path}");
    }
    nothing_complains(&window);
}

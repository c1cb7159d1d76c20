//! A hybrid group with the rule that the VIP customers have: previewed, saved, run; one pinned by hand, another
//! excluded, and both stay so; a non-member explained.

use super::{button, link, nothing_complains, sign_in};
use crate::support::browser::{Chromium, Setup};
use crate::support::rows::{self, number, texts};
use crate::support::{TestApp, TestUser};
use clientele::auth::role::Role;
use uuid::Uuid;

/// Whom the rule matches, asked in plain SQL of the orders.
const MATCHING: &str = "
    SELECT c.id, c.name FROM customers c
    JOIN (SELECT customer_id, sum(net) AS net FROM orders WHERE status = 'completed' AND currency = 'USD' GROUP BY 1) p
        ON p.customer_id = c.id
    WHERE p.net > 5000000 AND c.customer_since <= (SELECT max(day) FROM orders) - interval '13 months'
      AND c.payment_history = 'excellent'";

fn opened(setup: Setup) -> (TestApp, Chromium, Uuid) {
    let app = TestApp::demo();
    let window = Chromium::open(&app.url, setup);
    let editor: TestUser = app.user(Role::Editor);
    sign_in(&window, &editor);
    window.goto("/groups/new");
    window.type_into("[name=name]", "Key accounts");
    window.click("//label[contains(., 'Hybrid')]");
    window.click(&button("Continue to settings"));
    window.wait_for_path("the settings", |path| path.ends_with("/pricing"));
    let group = rows::group_id(&app.db, "KEY-ACCOUNTS");
    (app, window, group)
}

/// The seed's rule, condition by condition.
fn write_the_rule(window: &Chromium, ask: impl Fn()) {
    for (place, field, op, value) in [
        (0, "Total purchases", "is greater than", "50000.00"),
        (1, "Account age (months)", "is greater than", "12"),
        (2, "Payment history", "is", "Excellent"),
    ] {
        if place > 0 {
            window.click(&button("Add condition"));
        }
        let part = |name: &str| format!("[name='r-{place}.{name}']");
        window.wait_for(&part("field"));
        window.choose(&part("field"), field);
        ask();
        window.wait_for(&part("op"));
        if op != "is" {
            window.choose(&part("op"), op);
            ask();
        }
        window.wait_for(&part("value"));
        if place == 2 { window.choose(&part("value"), value) } else { window.type_into(&part("value"), value) }
    }
}

/// Who is in the group, and how.
fn members(app: &TestApp, group: Uuid) -> Vec<String> {
    let query = format!(
        "SELECT c.name || CASE WHEN m.by_hand AND m.by_rule THEN ' both' WHEN m.by_hand THEN ' by hand' ELSE ' by rule' END
         FROM memberships m JOIN customers c ON c.id = m.customer_id WHERE m.group_id = '{group}' ORDER BY 1"
    );
    texts(&app.db, &query)
}

#[test]
fn a_rule_fills_a_group_and_people_have_the_last_word() {
    let (app, window, group) = opened(Setup::default());
    let matching = number(&app.db, &format!("SELECT count(*) FROM ({MATCHING}) m"));
    window.click(&link("Rules"));
    window.wait_for_text("Automatic assignment rule");
    write_the_rule(&window, || {});
    // The preview follows what is written, and nothing is saved.
    window.wait_for_text(
        "total purchases is greater than $50,000.00 and account age is greater than 12 months and payment history is excellent",
    );
    window.wait_for_text(&format!("Would join ({matching})"));
    assert!(members(&app, group).is_empty());
    nothing_complains(&window);

    window.click(&button("Save rule"));
    window.wait_for_text("Saving this rule");
    window.wait_for_text(&format!("{matching} customers"));
    assert!(members(&app, group).is_empty());
    window.click(&button("Save and run"));
    window.wait_for_text(&format!("{matching} customers joined and 0 left"));
    let joined: Vec<String> = texts(&app.db, &format!("SELECT name || ' by rule' FROM ({MATCHING}) m ORDER BY 1"));
    assert_eq!(members(&app, group), joined);

    // Who joined stands in the history.
    window.goto(&format!("/groups/{group}/history?show=members"));
    window.wait_for_text("by Rule run: rule saved by Editor 1");

    // One is pinned by hand, another one is taken out.
    let near = "SmartTech LLC";
    window.goto(&format!("/groups/{group}/members/add?q=SmartTech"));
    window.click(&format!("[aria-label='{near}']"));
    window.click(&button("Add to group"));
    window.wait_for_path("the members", |path| {
        path.starts_with(&format!("/groups/{group}/members?")) || path == format!("/groups/{group}/members")
    });
    let out = texts(&app.db, &format!("SELECT name FROM ({MATCHING}) m ORDER BY name LIMIT 1")).remove(0);
    window.goto(&format!("/groups/{group}/members/remove?q={}", out.replace(' ', "+").replace('&', "%26")));
    window.click(&format!("[aria-label='{out}']"));
    window.click("[name=then][value=none]");
    window.click(&button("Remove from group"));
    window.wait_for_path("the members", |path| !path.contains("/remove"));

    window.goto(&format!("/groups/{group}/rules"));
    window.click(&button("Run now"));
    window.wait_for_text("0 customers joined and 0 left");
    let now = members(&app, group);
    assert!(now.contains(&format!("{near} by hand")), "{now:?}");
    assert!(!now.iter().any(|member| member.starts_with(&out)), "{now:?}");
    assert_eq!(now.len() as i64, matching);

    // The tester says why: one was taken out by hand, others fall short.
    window.click(&link("Test with customers"));
    window.wait_for_text("Nearest non-members");
    window.wait_for_text("short");
    window.type_into("[name=customer_text]", &out);
    window.click(&format!("//li[@role='option'][contains(., \"{out}\")]"));
    window.click(&button("Test"));
    window.wait_for_text("excluded by hand");
    window.type_into("[name=customer_text]", "InnoSystems");
    window.click("//li[@role='option'][contains(., 'InnoSystems')]");
    window.click(&button("Test"));
    window.wait_for_text("Doesn't match the rule");
    window.wait_for_text("2 months short");
    nothing_complains(&window);
}

#[test]
fn a_rule_is_written_without_scripts() {
    let (app, window, group) = opened(Setup { scripts: false, ..Setup::default() });
    window.click(&link("Rules"));
    write_the_rule(&window, || window.click(&button("Show the fields of what is chosen")));
    window.click(&button("Save rule"));
    window.wait_for_text("Saving this rule");
    window.click(&button("Save and run"));
    window.wait_for_text("customers joined and 0 left");
    assert_eq!(members(&app, group).len() as i64, number(&app.db, &format!("SELECT count(*) FROM ({MATCHING}) m")));
}

#[test]
fn the_preview_follows_a_group_that_is_chosen() {
    let (_app, window, _) = opened(Setup::default());
    window.click(&link("Rules"));
    window.wait_for_text("Automatic assignment rule");
    window.choose("[name='r-0.field']", "In group (by hand)");
    window.wait_for("[name='r-0.value_text']");
    window.type_into("[name='r-0.value_text']", "gold ti");
    let option = "//li[@role='option'][contains(., 'Gold Tier')]";
    window.wait_for(option);
    // Half a name is no mistake while the suggestions are open.
    std::thread::sleep(std::time::Duration::from_millis(900));
    assert!(!window.text("#preview").contains("There is no group"), "{}", window.text("#preview"));
    window.click(option);
    window.until("the preview", |page| page.text("#preview").contains("Would join ("));
    assert!(window.text("#preview .rule-sentence").contains("Gold Tier"), "{}", window.text("#preview"));
    nothing_complains(&window);
}

//! The pages of reports.

use super::troubled;
use crate::support::{TestApp, html, rows};
use clientele::auth::role::Role;

/// The seed's rows, in its order and its words.
#[test]
fn a_group_is_compared_with_all_customers() {
    let app = TestApp::demo();
    let viewer = app.sign_in(Role::Viewer);
    let vip = rows::group_id(&app.db, "VIP");
    let page = viewer.get(&format!("/groups/{vip}/report"));
    assert_eq!(page.status, 200);
    let shown = html::rows(&page.body);
    let named = |name: &str| shown.iter().find(|row| row[0] == name).unwrap_or_else(|| panic!("{name}: {shown:?}"));
    assert!(named("Total Revenue")[2].ends_with("% of total"));
    assert!(named("Orders")[2].ends_with("% of total"));
    assert!(named("Order Frequency")[1].ends_with("/year"));
    for metric in ["Average Order Value", "Order Frequency", "Customer Lifetime Value"] {
        assert!(named(metric)[2].ends_with(" higher") || named(metric)[2].ends_with(" lower"), "{metric}");
    }
    for rate in ["Retention Rate", "Discount Given", "Net Margin"] {
        assert!(named(rate)[1].ends_with('%') && named(rate)[2].contains("point"), "{rate}");
    }
    let revenue = viewer.get("/reports");
    assert!(!revenue.text().contains("vs All Customers"), "everyone is compared with nobody");
}

#[test]
fn a_wrong_period_keeps_what_was_typed_and_says_what_to_do() {
    let app = TestApp::demo();
    let viewer = app.sign_in(Role::Viewer);
    let vip = rows::group_id(&app.db, "VIP");
    for (query, says) in [
        ("period=days&from=2026-03-01&to=2026-02-01", "The period ends before it begins on March 1, 2026."),
        ("period=days&from=2027-03-01&to=2027-04-01", "The period lies in the future: today is November 22, 2026."),
        ("period=days&from=soon&to=2026-02-01", "Enter a day as YYYY-MM-DD"),
    ] {
        let page = viewer.get(&format!("/groups/{vip}/report?{query}"));
        assert_eq!(page.status, 422, "{query}");
        assert!(page.text().contains(says), "{query}: {}", page.text());
        let typed = query.split("from=").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
        assert!(page.body.contains(&format!(r#"name="from" value="{typed}""#)), "{query}");
    }
    rows::run(&app.db, "UPDATE groups SET deleted_at = now() WHERE code = 'NEW'");
    assert_eq!(viewer.get(&format!("/groups/{}/report", rows::group_id(&app.db, "NEW"))).status, 404);
}

#[test]
fn a_group_is_chosen_by_searching() {
    let app = TestApp::demo();
    let viewer = app.sign_in(Role::Viewer);
    let gold = rows::group_id(&app.db, "GOLD");
    let page = viewer.get("/reports?group_text=GOLD&period=ytd");
    assert_eq!((page.status, page.location()), (303, format!("/groups/{gold}/report?period=ytd").as_str()));
    assert_eq!(viewer.get("/reports?group_text=no+such+group").status, 404);
    assert_eq!(viewer.get("/reports?group=nonsense").status, 404);
}

#[test]
fn the_region_alone_is_given_to_htmx() {
    let app = troubled();
    let viewer = app.sign_in(Role::Viewer);
    let vip = rows::group_id(&app.db, "VIP");
    let region = viewer.htmx_get(&format!("/groups/{vip}/report?period=90d"), "report");
    assert!(region.body.contains("Performance metrics") && !region.body.contains("<html"), "{}", region.body);
    assert!(region.text().contains("Members of inactive subgroups count, too: Resting."), "{}", region.text());
    assert!(!region.text().contains("Gone"));
}

/// SPEC 1: orders in other currencies count nowhere, and pages say how many they are, by whose they are.
#[test]
fn pages_say_how_many_orders_are_in_other_currencies() {
    let app = TestApp::new();
    let group = rows::group(&app.db, "G", "Group", None);
    let below = rows::group(&app.db, "B", "Below", Some(group));
    for (code, group, currency) in [("A", Some(group), "EUR"), ("B", Some(below), "EUR"), ("C", None, "GBP")] {
        let customer = rows::customer(&app.db, code);
        if let Some(group) = group {
            rows::member(&app.db, group, customer, "2026-01-01", rows::By::Hand, true);
        }
        rows::order(&app.db, &format!("{code}-1"), customer, "2026-03-03T10:00:00Z", 700, currency);
        rows::order(&app.db, &format!("{code}-2"), customer, "2026-03-04T10:00:00Z", 700, "USD");
    }
    let viewer = app.sign_in(Role::Viewer);
    let told = |query: &str| viewer.get(&format!("/reports/other-currencies{query}")).text();
    assert_eq!(told(""), "Of all time, 3 orders of the whole store are in other currencies than USD and not counted.");
    let alone = format!("?group={group}&subgroups=no");
    assert_eq!(told(&alone), "Of all time, 1 order of these members is in other currencies than USD and not counted.");
    let all = format!("?group={group}&subgroups=yes");
    assert_eq!(told(&all), "Of all time, 2 orders of these members are in other currencies than USD and not counted.");
    // The pages that show purchases ask for it.
    for (page, asked) in [
        (format!("/groups/{group}/members"), alone.replace('&', "&amp;")),
        (format!("/groups/{group}/report"), all.replace('&', "&#38;")),
    ] {
        let body = viewer.get(&page).body;
        assert!(body.contains(&format!("hx-get=\"/reports/other-currencies{asked}\"")), "{page}: {body}");
    }
    rows::run(&app.db, "UPDATE orders SET currency = 'USD' WHERE currency = 'EUR'");
    rows::run(&app.db, "SELECT rebuild_purchases()");
    assert_eq!(told(&alone), "All orders of these members are in USD.");
}

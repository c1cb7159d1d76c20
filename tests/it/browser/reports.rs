//! A manager's way through the reports: a group's performance, another period, four groups side by side, a workbook, and
//! paper.

use super::{link, nothing_complains, signed_in};
use crate::support::TestApp;
use crate::support::browser::Setup;
use clientele::auth::role::Role;

/// The width of A4 between its margins of 15 mm.
const PAPER: i64 = 680;

#[test]
fn a_manager_reads_compares_exports_and_prints() {
    let app = TestApp::demo();
    let window = signed_in(&app, Role::Viewer, Setup::default());
    window.click("//a[normalize-space()='VIP Customers']");
    window.wait_for_text("Group information");
    window.wait_for_text("Margin after discount");
    window.click(&link("Report"));
    window.wait_for_text("Last 12 months: November 23, 2025 to November 22, 2026");
    window.wait_for_text("of total");
    // What is drawn tells its figures, and what follows the page comes by itself.
    assert!(window.count("svg.chart .chart-bar") >= 26);
    window.wait_for_text("Came from");

    // A named period is shown as soon as it is chosen; typing a day means chosen days.
    window.choose("select[name=period]", "Year to date");
    window.wait_for_text("Year to date: January 1, 2026 to November 22, 2026");
    let named = window.wait_for_path("the period in the address", |path| path.contains("period=ytd"));
    assert!(!named.contains("from=") && !named.contains("shown="), "{named}");
    window.until("the days of the period", |page| page.value("[name=from]") == "2026-01-01");
    window.script(
        "const from = document.querySelector('[name=from]'); from.value = '2026-12-24';
         from.dispatchEvent(new Event('change', { bubbles: true }))",
    );
    assert_eq!(window.value("select[name=period]"), "days");
    window.click("//form[contains(@class, 'report-picker')]//button[normalize-space()='Show']");
    window.wait_for_text("The period lies in the future");
    window.choose("select[name=period]", "Last 90 days");
    window.wait_for_text("Last 90 days: August 25, 2026 to November 22, 2026");

    // Four groups side by side.
    window.click(&link("Compare groups"));
    for (typed, name) in
        [("vip", "VIP Customers"), ("gold", "Gold Tier"), ("silver", "Silver Tier"), ("retail", "Retail")]
    {
        if window.is_there(&format!("//ul[@aria-label='Groups compared']//strong[normalize-space()='{name}']")) {
            continue;
        }
        window.type_into("[name=add_text]", typed);
        let option = format!("//li[@role='option'][contains(., '{name}')]");
        window.wait_for(&option);
        window.click(&option);
        window.click("//button[normalize-space()='Add group']");
        window.wait_for(&format!("//ul[@aria-label='Groups compared']//strong[normalize-space()='{name}']"));
    }
    window.wait_for_text("Orders/Customer");
    assert_eq!(window.count("table.comparison thead th"), 5);
    assert!(window.count("table.comparison td[data-best]") >= 7);
    let kept = window.path();
    window.goto(&kept);
    window.until("the same choice", |page| page.count("table.comparison thead th") == 5);

    // On a phone a chart is seen as a whole.
    window.resize(375);
    let whole =
        "return [...document.querySelectorAll('.chart-box')].every((box) => box.scrollWidth <= box.clientWidth)";
    assert_eq!(window.script(whole), true);
    window.show_as_seen();

    // The workbook comes whole.
    let begins = window.script_later(
        "const done = arguments[arguments.length - 1];
         const link = [...document.querySelectorAll('a[data-export]')].find((a) => a.pathname.endsWith('.xlsx'));
         fetch(link.pathname + location.search).then(async (answer) => {
             const bytes = new Uint8Array(await answer.arrayBuffer());
             done([answer.status, bytes[0], bytes[1], String(bytes.length) === answer.headers.get('content-length')]);
         });",
    );
    assert_eq!(begins, serde_json::json!([200, 0x50, 0x4b, true]));
    window.script(
        "window.saved = []; HTMLAnchorElement.prototype.click = function () { window.saved.push([this.download, this.href]); }",
    );
    window.click("//a[contains(@href, 'compare.xlsx')]");
    window.until("the file is saved", |page| page.script("return window.saved.length") == 1);
    let name = window.script("return window.saved[0][0]");
    assert!(name.as_str().unwrap().ends_with(".xlsx"), "{name}");
    nothing_complains(&window);

    // On paper: the page alone, no wider than it.
    for path in [kept.as_str(), "/reports", "/reports/portfolio"] {
        window.goto(path);
        window.show_as_printed(PAPER);
        let wide = window.script("return document.documentElement.scrollWidth");
        assert!(wide.as_i64().unwrap() <= PAPER, "{path} is {wide} wide on paper");
        window.show_as_seen();
        let pages = window.printed();
        assert!(pages.starts_with(b"%PDF"), "{path}");
    }
    nothing_complains(&window);
}

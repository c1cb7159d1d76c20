//! Comparison, portfolio, economics, the review card and files.

use super::troubled;
use crate::support::{Page, TestApp, html, rows};
use clientele::auth::role::Role;
use std::io::Read;

fn ids(app: &TestApp, codes: &[&str]) -> String {
    codes.iter().map(|code| format!("group={}&", rows::group_id(&app.db, code))).collect()
}

#[test]
fn two_to_six_groups_stand_side_by_side() {
    let app = TestApp::demo();
    let viewer = app.sign_in(Role::Viewer);
    let four = ids(&app, &["VIP", "GOLD", "SILVER", "RETAIL"]);
    let page = viewer.get(&format!("/reports/compare?{four}"));
    assert_eq!(page.status, 200);
    let shown = html::rows(&page.body);
    let labels: Vec<&str> = shown.iter().map(|row| row[0].as_str()).collect();
    let wanted = [
        "Customers",
        "Revenue",
        "Avg Order Value",
        "Orders/Customer",
        "Retention Rate",
        "Discount Given",
        "Net Margin",
    ];
    assert_eq!(labels, wanted, "the seed's rows");
    // The best of each row is marked in words and by a star; the report of the group says the same figure.
    assert!(shown.iter().all(|row| row.iter().any(|cell| cell.contains("★") && cell.contains("(best)"))), "{shown:?}");
    let gold = viewer.get(&format!("/groups/{}/report", rows::group_id(&app.db, "GOLD")));
    let revenue = html::rows(&gold.body).into_iter().find(|row| row[0] == "Total Revenue").unwrap()[1].clone();
    assert!(shown[1][2].contains(&revenue), "{} {revenue}", shown[1][2]);
    // Adding one keeps the choice and the period.
    let added = viewer.get(&format!("/reports/compare?{four}period=ytd&add_text=BRONZE"));
    let bronze = rows::group_id(&app.db, "BRONZE");
    assert_eq!(added.location(), format!("/reports/compare?{four}period=ytd&group={bronze}"));
    assert_eq!(viewer.get(&format!("/reports/compare?{four}period=ytd&add_text=bronze")).location(), added.location());
    // Whoever types what is no group is told at the field, and loses nothing.
    let lost = viewer.get(&format!("/reports/compare?{four}period=ytd&add_text=zzz"));
    assert_eq!(lost.status, 422);
    assert!(lost.text().contains("There is no group of this name or code."), "{}", lost.text());
    assert!(lost.body.contains(r#"name="add_text" value="zzz" aria-invalid="true""#));
    assert_eq!(html::rows(&lost.body).len(), 7, "the comparison is still there");
    // As the API takes them: codes or ids in a row.
    let gold = rows::group_id(&app.db, "GOLD");
    let listed = viewer.get(&format!("/reports/compare?groups=vip,{gold},SILVER,RETAIL"));
    assert_eq!((listed.status, html::rows(&listed.body)), (200, shown));
    let without =
        html::links(&listed.body).into_iter().filter(|link| link.starts_with("/reports/compare?group=")).count();
    assert!(without >= 4, "each can be taken out again");
}

#[test]
fn a_choice_that_cannot_be_compared_says_why() {
    let app = TestApp::demo();
    let viewer = app.sign_in(Role::Viewer);
    let seven = ids(&app, &["VIP", "GOLD", "SILVER", "RETAIL", "BRONZE", "NEW", "RETURNING"]);
    let page = viewer.get(&format!("/reports/compare?{seven}"));
    assert_eq!(page.status, 422);
    assert!(page.text().contains("Compare at most 6 groups at once; now there are 7."), "{}", page.text());
    let one = viewer.get(&format!("/reports/compare?{}", ids(&app, &["VIP"])));
    assert_eq!(one.status, 200, "on the way");
    assert!(one.text().contains("Choose the groups to compare"));
    assert_eq!(viewer.get(&format!("/reports/compare.csv?{}", ids(&app, &["VIP"]))).status, 422);
    rows::run(&app.db, "UPDATE groups SET deleted_at = now() WHERE code = 'NEW'");
    let gone = viewer.get(&format!("/reports/compare?{}", ids(&app, &["VIP", "GOLD", "NEW"])));
    assert_eq!(gone.status, 404);
    assert!(gone.text().contains("doesn't exist or was deleted") && gone.text().contains("Avg Order Value"));
    let api = app.api(Role::Viewer);
    for (groups, status) in [
        ("VIP,GOLD", 200),
        ("VIP", 422),
        ("", 422),
        ("VIP,NEW", 404),
        ("VIP,GOLD,SILVER,RETAIL,BRONZE,RETURNING,ALL", 422),
    ] {
        assert_eq!(api.get(&format!("/admin/reports/comparison?groups={groups}")).status, status, "{groups}");
    }
    let both = api.get("/admin/reports/comparison?groups=VIP,GOLD&period=90d").json;
    let gold = rows::group_id(&app.db, "GOLD");
    let alone = api.get(&format!("/admin/reports/groups/{gold}?period=90d")).json;
    assert_eq!(both["groups"][1], alone, "the same per group");
}

/// Every row of the portfolio is the group's own report, in every order and on every page.
#[test]
fn the_portfolio_holds_every_group_once() {
    let app = troubled();
    rows::run(
        &app.db,
        "INSERT INTO groups (id, code, name, parent_id) SELECT uuid_v7(), 'X' || n, 'Extra ' || n,
             '01900000-0000-7000-8000-000000000000' FROM generate_series(1, 70) n",
    );
    let viewer = app.sign_in(Role::Viewer);
    let all = rows::number(&app.db, "SELECT count(*) FROM groups WHERE deleted_at IS NULL AND parent_id IS NOT NULL");
    for sort in ["", "name", "-members", "growth", "-margin", "retention", "share", "-growth"] {
        let mut seen: Vec<String> = Vec::new();
        let mut growth: Vec<String> = Vec::new();
        let mut next = Some(format!("/reports/portfolio?sort={sort}"));
        while let Some(path) = next {
            let page = viewer.get(&path);
            assert_eq!(page.status, 200, "{path}");
            let rows = html::rows(&page.body);
            seen.extend(rows.iter().map(|row| row[0].clone()));
            growth.extend(rows.into_iter().map(|row| row[3].clone()));
            next = link(&page, "page-next");
        }
        if sort.ends_with("growth") {
            let missing: Vec<bool> = growth.iter().map(|growth| growth == "—").collect();
            assert!(missing.is_sorted() && !missing[0], "{sort}: what can't be told comes last: {growth:?}");
        }
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!((seen.len() as i64, count as i64), (all, all), "{sort}");
    }
    let first = viewer.get("/reports/portfolio");
    for row in html::rows(&first.body).iter().take(5) {
        let code = row[0].split_whitespace().last().unwrap();
        let report = viewer.get(&format!("/groups/{}/report", rows::group_id(&app.db, code)));
        let lines = html::rows(&report.body);
        let value = |metric: &str| lines.iter().find(|line| line[0] == metric).unwrap()[1].clone();
        let own = [value("Total Revenue"), value("Net Margin"), value("Retention Rate")];
        assert_eq!([row[2].clone(), row[4].clone(), row[5].clone()], own, "{code}");
    }
    let empty = viewer.get("/reports/portfolio?show=empty&sort=-name");
    assert!(empty.text().contains("Nobody here") && !empty.text().contains("Gold Tier"));
    let overlaps = viewer.htmx_get("/reports/portfolio?part=overlaps", "overlaps");
    let shared = rows::number(
        &app.db,
        "SELECT count(*) FROM memberships a JOIN memberships b USING (customer_id) JOIN groups x ON x.id = a.group_id
         JOIN groups y ON y.id = b.group_id WHERE x.code = 'GOLD' AND y.code = 'RESTING'",
    );
    assert_eq!(shared, 20);
    assert!(overlaps.text().contains("Resting") && !overlaps.text().contains("Gone"), "{}", overlaps.text());
}

fn link(page: &Page, id: &str) -> Option<String> {
    let (_, rest) = page.body.split_once(&format!(r#"id="{id}" href=""#))?;
    Some(rest.split('"').next()?.replace("&#38;", "&").replace("&amp;", "&"))
}

#[test]
fn economics_tell_who_came_and_went_and_what_is_owed() {
    let app = TestApp::demo();
    let db = &app.db;
    let (from, to) = (rows::group(db, "FROM", "Where from", None), rows::group(db, "TO", "Where to", None));
    let event = |customer, group: uuid::Uuid, kind: &str, at: &str| {
        rows::run(
            db,
            &format!(
                "INSERT INTO membership_events (id, at, group_id, customer_id, kind, assignment, actor_kind, actor_name)
                 VALUES (uuid_v7(), '{at}', '{group}', '{customer}', '{kind}', 'manual', 'user', 'Ann')"
            ),
        );
    };
    for (code, moves) in [
        ("M-1", vec![(from, "left", "2026-05-01"), (to, "joined", "2026-05-01")]),
        // There and back again.
        (
            "M-2",
            vec![
                (from, "left", "2026-05-01"),
                (to, "joined", "2026-05-01"),
                (to, "left", "2026-05-02"),
                (from, "joined", "2026-05-02"),
            ],
        ),
        // Before the period.
        ("M-3", vec![(from, "left", "2024-05-01"), (to, "joined", "2024-05-01")]),
        ("M-4", vec![(to, "joined", "2026-05-01")]),
    ] {
        let customer = rows::customer(db, code);
        for (group, kind, at) in moves {
            event(customer, group, kind, at);
        }
        rows::member(db, to, customer, "2026-05-01", rows::By::Hand, true);
    }
    let owing = rows::id(db, "SELECT id FROM customers WHERE code = 'M-1'");
    let order = rows::order(db, "OWED-1", owing, "2026-06-01T00:00:00Z", 12_300, "USD");
    rows::run(db, &format!("UPDATE orders SET due_at = '2026-07-01' WHERE id = '{order}'"));
    rows::run(db, &format!("INSERT INTO group_payment_terms (group_id, credit_limit) VALUES ('{to}', 10000)"));
    let viewer = app.sign_in(Role::Viewer);
    let page = viewer.htmx_get(&format!("/groups/{to}/report?part=economics"), "economics");
    let text = page.text();
    assert!(!page.body.contains("<html") && text.contains("Open balance today $123 1 member owes something"), "{text}");
    assert!(text.contains("Credit limit today $100 1 member owes more than that"), "{text}");
    let shown = html::rows(&page.body);
    assert_eq!(shown, [["Where from", "1"], ["No group left", "1"]], "{text}");
    let file = viewer.get(&format!("/groups/{to}/report.csv")).body;
    for line in [
        "Open balance today,123.00,1",
        "\"Credit limit of each member today, and who owes more\",100.00,1",
        "Came from,Where from,1",
    ] {
        assert!(file.lines().any(|known| known == line), "{line}: {file}");
    }
    let other = viewer.get(&format!("/groups/{from}/report?part=economics"));
    assert!(other.text().contains("Where to 1"), "{}", other.text());
}

#[test]
fn the_review_card_names_whom_to_look_at_and_who_looked() {
    let app = TestApp::demo();
    let db = &app.db;
    let (silver, gold) = (rows::group(db, "S", "Small", None), rows::group(db, "B", "Big", None));
    for (group, percent) in [(silver, 5), (gold, 10)] {
        rows::run(
            db,
            &format!(
                "INSERT INTO group_pricing (group_id, method, percent) VALUES ('{group}', 'percentage', {percent})"
            ),
        );
    }
    let buys = |code: &str, group, net| {
        let customer = rows::customer(db, code);
        rows::member(db, group, customer, "2024-12-01", rows::By::Hand, true);
        rows::order(db, &format!("O-{code}"), customer, "2025-03-01T00:00:00Z", net, "USD");
    };
    buys("RICH", silver, 900_000);
    buys("POOR", silver, 100);
    buys("USUAL", gold, 500_000);
    let (editor, viewer) = (app.sign_in(Role::Editor), app.sign_in(Role::Viewer));
    let path = format!("/groups/{silver}/review");
    let card = viewer.htmx_get(&path, "review").text();
    assert!(card.contains("Never") && card.contains("1 member buying as much as its members do"), "{card}");
    assert!(card.contains("2 years here on December 1, 2026"), "{card}");
    assert!(!card.contains("Mark as reviewed"), "{card}");
    assert_eq!(viewer.post(&path, &[]).status, 403);
    // A rule decides where there is one.
    rows::run(
        db,
        &format!(
            "UPDATE groups SET type = 'hybrid', rule = '{{\"match\":\"all\",\"of\":[{{\"field\":\"total_purchases\",\"op\":\"lt\",\"value\":\"50.00\"}}]}}' WHERE id = '{gold}'"
        ),
    );
    let card = viewer.get(&path).text();
    assert!(card.contains("matching its rule") && card.contains("POOR"), "{card}");
    assert_eq!(editor.post(&path, &[]).location(), format!("/groups/{silver}"));
    let name = editor.user.as_ref().unwrap().name.clone();
    assert!(viewer.get(&path).text().contains(&format!("November 22, 2026 by {name}")));
    let told = rows::texts(db, "SELECT action FROM audit_events ORDER BY id DESC LIMIT 1");
    assert_eq!(told, ["group.reviewed"]);
}

fn bytes(app: &TestApp, browser: &crate::support::Browser, path: &str) -> (String, Vec<u8>) {
    let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
    let request = agent.get(format!("{}{path}", app.url)).header("cookie", browser.session().unwrap());
    let mut response = request.call().unwrap();
    let kind = response.headers().get("content-type").unwrap().to_str().unwrap().to_owned();
    let mut bytes = Vec::new();
    response.body_mut().as_reader().read_to_end(&mut bytes).unwrap();
    (kind, bytes)
}

#[test]
fn files_hold_the_same_figures() {
    let app = TestApp::demo();
    let name = "=1+1 \"Evil\"";
    rows::run(&app.db, &format!("UPDATE customers SET name = '{name}' WHERE name = 'Acme Corporation'"));
    let viewer = app.sign_in(Role::Viewer);
    let vip = rows::group_id(&app.db, "VIP");
    let api = app.api(Role::Viewer).get(&format!("/admin/reports/groups/{vip}")).json;
    let csv = viewer.get(&format!("/groups/{vip}/report.csv"));
    let cents = api["metrics"]["revenue"].as_str().unwrap();
    assert!(csv.body.contains(&format!("Total Revenue,{cents},")), "{}", csv.body);
    assert!(csv.body.contains("\"'=1+1 \"\"Evil\"\"\""), "{}", csv.body);
    // No figure in words begins like a formula.
    assert!(csv.body.contains("% higher") && !csv.body.contains("'+"), "{}", csv.body);
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"report-vip-2025-11-23-2026-11-22.csv\"");
    let four = ids(&app, &["VIP", "GOLD"]);
    for path in [
        format!("/groups/{vip}/report.xlsx"),
        "/reports.xlsx?period=ytd".into(),
        format!("/reports/compare.xlsx?{four}"),
        "/reports/portfolio.xlsx".into(),
    ] {
        let (kind, bytes) = bytes(&app, &viewer, &path);
        assert_eq!(kind, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
        assert!(bytes.starts_with(b"PK\x03\x04"), "{path}");
    }
    let portfolio = viewer.get("/reports/portfolio.csv").body;
    let groups =
        rows::number(&app.db, "SELECT count(*) FROM groups WHERE deleted_at IS NULL AND parent_id IS NOT NULL");
    assert_eq!(portfolio.lines().count() as i64, groups + 1);
    assert!(portfolio.lines().any(|line| line.starts_with("VIP,VIP Customers,active,45,") && line.contains(cents)));
    assert_eq!(viewer.get(&format!("/groups/{vip}/report.csv?from=2026-03-01&to=2026-01-01")).status, 422);
}

/// The report names ten of those at risk; the file has all of them, in the same order.
#[test]
fn all_at_risk_members_are_exported() {
    let app = TestApp::new();
    let group = rows::group(&app.db, "G", "Group", None);
    for n in 0..14 {
        let customer = rows::customer(&app.db, &format!("C{n:02}"));
        rows::member(&app.db, group, customer, "2020-01-01", rows::By::Hand, true);
        rows::order(&app.db, &format!("O-{n}"), customer, "2024-06-01T10:00:00Z", 1_000 + n, "USD");
    }
    let loyal = rows::id(&app.db, "SELECT id FROM customers WHERE code = 'C00'");
    rows::order(&app.db, "O-AGAIN", loyal, "2026-01-01T10:00:00Z", 500, "USD");
    let outside = rows::customer(&app.db, "X");
    rows::order(&app.db, "O-X", outside, "2024-06-01T10:00:00Z", 9_900, "USD");
    let viewer = app.sign_in(Role::Viewer);
    let report = viewer.get(&format!("/groups/{group}/report"));
    assert!(report.text().contains("All 13 as CSV"), "{}", report.text());
    let path = html::links(&report.body).into_iter().find(|link| link.contains("at-risk.csv")).unwrap();
    let file = viewer.get(&path);
    assert_eq!(file.status, 200);
    let lines: Vec<&str> = file.body.lines().collect();
    assert_eq!(lines.len(), 14, "{}", file.body);
    assert_eq!(lines[0], "Code,Name,Bought before,Last order");
    assert_eq!((lines[1], lines[13]), ("C13,C13,10.13,2024-06-01", "C01,C01,10.01,2024-06-01"));
    assert_eq!(viewer.get("/reports/at-risk.csv").body.lines().nth(1), Some("X,X,99.00,2024-06-01"), "of everyone");
    let early = viewer.get(&format!("/groups/{group}/report?from=2022-01-01&to=2022-12-31"));
    assert!(early.text().contains("Nobody ordered in the preceding period."), "{}", early.text());
}

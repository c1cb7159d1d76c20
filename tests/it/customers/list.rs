//! The customer list: columns, search, filters, order, paging, totals, CSV.

use crate::support::rows::{self, By};
use crate::support::{Browser, Page, TestApp, html};
use clientele::auth::role::Role;
use clientele::groups::group::ROOT_ID;

/// The codes of the page's customers.
fn codes(page: &Page) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.text());
    let code = |row: &Vec<String>| {
        let below = row[0].split(" · ").next().unwrap();
        below.rsplit(' ').next().unwrap().to_owned()
    };
    html::rows(&page.body).iter().map(code).collect()
}

/// The list page by page, as its link goes on, beginning at `path`; all codes in order of the pages, and the last page.
fn walk(browser: &Browser, path: &str, link: &str) -> (Vec<Vec<String>>, Page) {
    let mut pages = Vec::new();
    let mut page = browser.get(path);
    loop {
        pages.push(codes(&page));
        assert!(pages.len() < 20, "the pages don't end");
        match html::attribute(&page.body, &format!("id=\"page-{link}\""), "href") {
            Some(next) => page = browser.get(&next),
            None => return (pages, page),
        }
    }
}

#[test]
fn the_demo_reads_as_its_rows_say() {
    let app = TestApp::demo();
    let viewer = app.sign_in(Role::Viewer);
    let page = viewer.get("/customers");
    let heads = html::elements(page.body.split("</thead>").next().unwrap(), &["th"]);
    let expected =
        ["Customer", "Status", "Groups that count", "Organization", "Country", "Since", "Purchases", "Last order"];
    assert_eq!(heads, expected);
    let computed = rows::all(
        &app.db,
        "SELECT c.name || ' ' || c.code || coalesce(' · ' || c.email, '') AS name, initcap(c.status) AS status,
                coalesce(o.name, '—') AS organization, coalesce(c.country, '—') AS country,
                coalesce(to_char(c.customer_since, 'Mon YYYY'), '—') AS since,
                '$' || to_char(round(coalesce(p.net, 0) / 100.0), 'FM999,999,990') AS purchases,
                coalesce(to_char(p.last, 'Mon FMDD, YYYY'), 'Never') AS last
         FROM customers c LEFT JOIN organizations o ON o.id = c.organization_id
         LEFT JOIN LATERAL (
             SELECT sum(net) AS net, max(day) FILTER (WHERE NOT is_credit_note) AS last
             FROM orders WHERE customer_id = c.id AND status = 'completed' AND currency = 'USD') p ON true
         ORDER BY lower(c.name), lower(c.code) LIMIT 50",
    );
    let shown = html::rows(&page.body);
    assert_eq!(shown.len(), 50);
    for (row, expected) in shown.iter().zip(&computed) {
        let text = |field: &str| expected[field].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        let (name, others) = (&row[0], [&row[1], &row[3], &row[4], &row[5], &row[6], &row[7]]);
        assert_eq!(*name, text("name"));
        let fields = ["status", "organization", "country", "since", "purchases", "last"].map(text);
        assert_eq!(others.map(String::as_str), fields.each_ref().map(String::as_str), "{name}");
    }
    let customers = rows::number(&app.db, "SELECT count(*) FROM customers");
    assert!(page.text().contains(&format!("Total customers: {},{:03}", customers / 1000, customers % 1000)));
}

#[test]
fn the_groups_that_count_are_those_of_the_organization_or_the_customers_own() {
    let app = TestApp::new();
    let vip = rows::group(&app.db, "VIP", "VIP", None);
    let groups = ["A", "B", "C"].map(|name| rows::group(&app.db, name, name, None));
    let own = rows::customer(&app.db, "OWN");
    for (n, group) in groups.iter().enumerate() {
        rows::member(&app.db, *group, own, &format!("202{n}-01-01"), By::Hand, n == 2);
    }
    rows::customer(&app.db, "NONE");
    let through = rows::customer(&app.db, "THROUGH");
    rows::member(&app.db, groups[0], through, "2024-01-01", By::Hand, true);
    let organization = rows::organization(&app.db, "ORG", Some(vip));
    rows::run(&app.db, &format!("UPDATE customers SET organization_id = '{organization}' WHERE code = 'THROUGH'"));
    let counted = || -> Vec<String> {
        html::rows(&app.sign_in(Role::Viewer).get("/customers").body).into_iter().map(|row| row[2].clone()).collect()
    };
    assert_eq!(counted(), ["None", "C, A +1", "VIP by organization"]);
    rows::run(&app.db, "UPDATE groups SET status = 'inactive' WHERE code IN ('VIP', 'C')");
    assert_eq!(counted(), ["None", "A, B", "A"]);
}

#[test]
fn one_searches_as_one_types() {
    let app = TestApp::new();
    for (code, name, email) in [
        ("AC-1", "Acme Corporation", "buy@acme.test"),
        ("AC-2", "Global Supplies", "info@global.test"),
        ("X_Y%1", "Ärzte & <Söhne>", "arzt@praxis.test"),
        ("B\\S", "Back", "x@back.test"),
    ] {
        rows::customer(&app.db, code);
        rows::run(&app.db, &format!("UPDATE customers SET name = '{name}', email = '{email}' WHERE code = '{code}'"));
    }
    let viewer = app.sign_in(Role::Viewer);
    for (typed, expected) in [
        ("acme", vec!["AC-1"]),
        ("CORPORAT", vec!["AC-1"]),
        ("ac-", vec!["AC-1", "AC-2"]),
        ("global.te", vec!["AC-2"]),
        // Fewer than three letters: the beginning of a word of the name, of the code, of the address.
        ("su", vec!["AC-2"]),
        ("ac", vec!["AC-1", "AC-2"]),
        ("bu", vec!["AC-1"]),
        ("up", vec![]),
        ("är", vec!["X_Y%1"]),
        ("x_y%", vec!["X_Y%1"]),
        ("_y_", vec![]),
        ("%%%", vec![]),
        ("b\\s", vec!["B\\S"]),
        ("ÄRZTE & <S", vec!["X_Y%1"]),
        ("' OR 1=1 --", vec![]),
    ] {
        let query = serde_urlencoded::to_string([("q", typed)]).unwrap();
        let region = viewer.htmx_get(&format!("/customers?{query}"), "results");
        assert_eq!(codes(&region), expected, "{typed}");
        assert!(!region.body.contains("<html") && !region.body.contains("<h1"), "only the region");
        let page = viewer.get(&format!("/customers?{query}"));
        assert_eq!(codes(&page), expected, "the same without scripts: {typed}");
        let total = viewer.get(&format!("/customers?{query}&part=totals")).text();
        assert_eq!(total, format!("Matching customers: {}", expected.len()), "{typed}");
        if expected.is_empty() {
            assert!(region.text().contains("No customer fits"));
        }
    }
}

/// A shop of customers of whom many are alike in whatever the list is sorted and filtered by.
fn many() -> TestApp {
    let app = TestApp::new();
    rows::run(
        &app.db,
        "INSERT INTO organizations (id, code, name) SELECT uuid_v7(), 'O' || n, 'Org ' || n FROM generate_series(1, 3) n",
    );
    rows::run(
        &app.db,
        "INSERT INTO customers (id, code, name, status, country, payment_history, tags, customer_since, organization_id)
         SELECT uuid_v7(), 'C' || n, (ARRAY['Ä', 'a', 'Z', 'ß', 'É'])[n % 5 + 1] || ' firm ' || n % 40,
                (ARRAY['active', 'active', 'inactive', 'blocked'])[n % 4 + 1], (ARRAY['US', 'DE', NULL])[n % 3 + 1],
                (ARRAY['excellent', 'good', 'fair', 'poor', NULL])[n % 5 + 1],
                CASE WHEN n % 6 = 0 THEN ARRAY['key account', 'x'] ELSE '{}' END,
                CASE WHEN n % 4 > 0 THEN date '2024-01-01' + n % 9 END,
                CASE WHEN n % 7 = 0 THEN (SELECT id FROM organizations WHERE code = 'O' || n % 3 + 1) END
         FROM generate_series(1, 160) n",
    );
    let group = rows::group(&app.db, "G", "Some; not".trim_end_matches("; not"), None);
    rows::run(
        &app.db,
        &format!(
            "INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule)
             SELECT '{group}', id, now(), true, false FROM customers WHERE right(code, 1) IN ('1', '2')"
        ),
    );
    rows::run(
        &app.db,
        "INSERT INTO customer_purchases (customer_id, net, gross, cost, orders, first_order_on, last_order_on)
         SELECT id, (n % 8 - 1) * 60000, 0, 0, CASE WHEN n % 8 = 0 THEN 0 ELSE n % 8 END, NULL,
                CASE WHEN n % 8 > 0 THEN date '2025-01-01' + n % 5 END
         FROM (SELECT id, ltrim(code, 'C')::int AS n FROM customers) c WHERE n % 3 > 0",
    );
    app
}

#[test]
fn every_order_shows_every_row_once_forwards_and_backwards() {
    let app = many();
    let viewer = app.sign_in(Role::Viewer);
    for (filter, condition) in [
        ("", "true"),
        ("status=active&payment_history=good", "status = 'active' AND payment_history = 'good'"),
        ("q=firm", "true"),
    ] {
        for (sort, order) in [
            ("name", "lower(name), lower(code)"),
            ("-name", "lower(name) DESC, lower(code) DESC"),
            ("since", "customer_since NULLS LAST, c.id"),
            ("-since", "customer_since DESC NULLS LAST, CASE WHEN customer_since IS NULL THEN c.id END, c.id DESC"),
            ("purchases", "net NULLS LAST, c.id"),
            ("-purchases", "net DESC NULLS LAST, CASE WHEN net IS NULL THEN c.id END, c.id DESC"),
            ("last_order", "last_order_on NULLS LAST, c.id"),
            ("-last_order", "last_order_on DESC NULLS LAST, CASE WHEN last_order_on IS NULL THEN c.id END, c.id DESC"),
        ] {
            let path = format!("/customers?{filter}&sort={sort}");
            let query = format!(
                "SELECT code FROM customers c LEFT JOIN customer_purchases p ON p.customer_id = c.id
                 WHERE {condition} ORDER BY {order}"
            );
            let expected = rows::texts(&app.db, &query);
            let (forwards, last) = walk(&viewer, &path, "next");
            assert_eq!(forwards.concat(), expected, "{path}");
            assert_eq!(forwards.len(), expected.len().div_ceil(50).max(1), "pages are full");
            let Some(back) = html::attribute(&last.body, "id=\"page-previous\"", "href") else {
                assert_eq!(forwards.len(), 1, "{path}");
                continue;
            };
            let (mut backwards, _) = walk(&viewer, &back, "previous");
            backwards.reverse();
            assert_eq!(
                backwards.concat(),
                expected[..expected.len() - forwards.last().unwrap().len()],
                "{path} backwards"
            );
        }
    }
}

#[test]
fn filters_narrow_the_list_and_go_one_by_one() {
    let app = many();
    let viewer = app.sign_in(Role::Viewer);
    let group = rows::group_id(&app.db, "G");
    let organization = rows::id(&app.db, "SELECT id FROM organizations WHERE code = 'O2'");
    let member = "EXISTS (SELECT FROM memberships m WHERE m.customer_id = c.id)";
    let bought =
        |what: &str| format!("EXISTS (SELECT FROM customer_purchases p WHERE p.customer_id = c.id AND {what})");
    for (query, condition, chips) in [
        ("status=blocked".to_owned(), "status = 'blocked'".to_owned(), vec!["Status: Blocked"]),
        ("country=DE".into(), "country = 'DE'".into(), vec!["Country: Germany"]),
        ("payment_history=unknown".into(), "payment_history IS NULL".into(), vec!["Payment history: Unknown"]),
        ("tag=key+account".into(), "'key account' = ANY (tags)".into(), vec!["Tag: key account"]),
        ("tag=key".into(), "false".into(), vec!["Tag: key"]),
        ("purchases=some".into(), bought("orders > 0"), vec!["Purchases: Has ordered"]),
        ("purchases=none".into(), format!("NOT {}", bought("orders > 0")), vec!["Purchases: Never ordered"]),
        ("purchases=1000".into(), bought("net >= 100000"), vec!["Purchases: At least $1,000"]),
        (format!("group={group}"), member.into(), vec!["Group: Some"]),
        ("group_text=some".into(), member.into(), vec!["Group: some"]),
        ("group_text=G".into(), member.into(), vec!["Group: G"]),
        ("group_text=nobody".into(), "false".into(), vec!["Group: nobody"]),
        (format!("group={ROOT_ID}"), "true".into(), vec!["Group: All Customers"]),
        (
            format!("organization={organization}"),
            format!("organization_id = '{organization}'"),
            vec!["Organization: Org 2"],
        ),
        ("organization_text=O2".into(), format!("organization_id = '{organization}'"), vec!["Organization: O2"]),
        (
            format!("q=firm&status=active&group={group}&group_text=Some&purchases=some"),
            format!("status = 'active' AND {member} AND {}", bought("orders > 0")),
            vec!["Search: firm", "Status: Active", "Purchases: Has ordered", "Group: Some"],
        ),
    ] {
        let query_text = format!("SELECT code FROM customers c WHERE {condition} ORDER BY lower(name), lower(code)");
        let expected = rows::texts(&app.db, &query_text);
        let (pages, page) = walk(&viewer, &format!("/customers?{query}"), "next");
        assert_eq!(pages.concat(), expected, "{query}");
        let total = viewer.get(&format!("/customers?{query}&part=totals")).text();
        assert_eq!(total, format!("Matching customers: {}", expected.len()), "{query}");
        let list = page.body.split("class=\"chips\"").nth(1).unwrap().split("</ul>").next().unwrap();
        let shown = html::elements(list, &["li"]);
        let shown: Vec<&str> = shown.iter().map(|text| text.as_str()).filter(|text| *text != "Clear all").collect();
        assert_eq!(shown, chips, "{query}");
        // Every cross leads to the list without its filter.
        for (link, chip) in html::links(list).iter().zip(&chips) {
            assert!(!viewer.get(link).text().contains(chip), "{link} is still narrowed by {chip}");
        }
    }
}

#[test]
fn the_export_says_what_the_list_says() {
    let app = many();
    rows::run(&app.db, "UPDATE customers SET name = '=1+1', email = 'a@b' WHERE code = 'C5'");
    let viewer = app.sign_in(Role::Viewer);
    for query in ["", "?status=active&sort=-purchases", "?group_text=nobody"] {
        let page = viewer.get(&format!("/customers{query}"));
        let link = html::links(&page.body).into_iter().find(|link| link.starts_with("/customers.csv")).unwrap();
        let answer = viewer.get(&link);
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8"));
        let mut reader = csv::ReaderBuilder::new().from_reader(answer.body.as_bytes());
        assert_eq!(reader.headers().unwrap().iter().take(3).collect::<Vec<_>>(), ["code", "name", "email"]);
        let exported: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let (pages, _) = walk(&viewer, &format!("/customers{query}"), "next");
        assert_eq!(exported.iter().map(|row| &row[0]).collect::<Vec<_>>(), pages.concat(), "{query}");
        assert!(exported.iter().all(|row| !row[1].starts_with('=')), "no cell is a formula");
        if query.contains("purchases") {
            let first: i64 = exported[0][11].replace('.', "").parse().unwrap();
            assert_eq!(
                first,
                rows::number(
                    &app.db,
                    "SELECT max(net) FROM customer_purchases p JOIN customers c ON c.id = p.customer_id WHERE status = 'active'"
                )
            );
        }
    }
}

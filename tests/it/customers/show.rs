//! A customer's pages: overview, orders, history.

use super::customer_id;
use crate::support::rows::{self, By};
use crate::support::{TestApp, html};
use clientele::auth::role::Role;
use uuid::Uuid;

#[test]
fn acme_reads_as_its_rows_say() {
    let app = TestApp::demo();
    let viewer = app.sign_in(Role::Viewer);
    let acme = rows::id(&app.db, "SELECT id FROM customers WHERE name = 'Acme Corporation'");
    let page = viewer.get(&format!("/customers/{acme}"));
    let text = page.text();
    let figures = rows::all(
        &app.db,
        &format!(
            "SELECT '$' || to_char(round(sum(net) / 100.0), 'FM999,999,990') AS lifetime,
                    '$' || to_char(round(coalesce(sum(net) FILTER (WHERE date_part('year', day) =
                        date_part('year', timestamp '{now}')), 0) / 100.0), 'FM999,999,990') AS this_year,
                    count(*) FILTER (WHERE NOT is_credit_note) AS orders,
                    to_char(max(day) FILTER (WHERE NOT is_credit_note), 'FMMonth FMDD, YYYY') AS last
             FROM orders WHERE customer_id = '{acme}' AND status = 'completed' AND currency = 'USD'",
            now = crate::demo::NOW
        ),
    );
    for field in ["lifetime", "this_year", "last"] {
        let figure = figures[0][field].as_str().unwrap();
        assert!(text.contains(figure), "{field} {figure} is not in {text}");
    }
    assert!(text.contains(&format!("Orders {} ", figures[0]["orders"])), "{text}");
    assert!(text.contains("Only VIP Customers counts."));
    assert!(text.contains("Own membership by rule and by hand, the primary group"));
    assert!(text.contains("Net 30") && text.contains("$100,000") && text.contains("from VIP Customers"));

    // Every order once, each with its lines.
    let mut numbers = Vec::new();
    let mut path = format!("/customers/{acme}/orders");
    let first = loop {
        let page = viewer.get(&path);
        let shown = html::rows(&page.body);
        numbers.extend(shown.iter().map(|row| row[0].trim_end_matches(" Credit note").to_owned()));
        match html::attribute(&page.body, "id=\"page-next\"", "href") {
            Some(next) => path = next,
            None => break html::links(&page.body).into_iter().find(|link| link.contains("/orders/")).unwrap(),
        }
    };
    let newest_first =
        format!("SELECT order_number FROM orders WHERE customer_id = '{acme}' ORDER BY placed_at DESC, id DESC");
    assert_eq!(numbers, rows::texts(&app.db, &newest_first));
    let order = first.rsplit('/').next().unwrap().to_owned();
    let skus = format!(
        "SELECT p.name || ' ' || p.sku FROM order_lines l JOIN products p ON p.id = l.product_id
         WHERE l.order_id = '{order}' ORDER BY l.line"
    );
    let shown: Vec<String> = html::rows(&viewer.get(&first).body).into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(shown, rows::texts(&app.db, &skus));

    let history = viewer.get(&format!("/customers/{acme}/history")).text();
    assert!(history.contains("Joined VIP Customers"), "{history}");
}

#[test]
fn the_organizations_group_decides_and_says_so() {
    let app = TestApp::new();
    let vip = rows::group(&app.db, "VIP", "VIP", None);
    let (gold, rests) = (rows::group(&app.db, "GOLD", "Gold", None), rows::group(&app.db, "REST", "Resting", None));
    rows::run(&app.db, "UPDATE groups SET status = 'inactive' WHERE code = 'REST'");
    rows::run(&app.db, &format!("INSERT INTO group_payment_terms (group_id, net_days) VALUES ('{vip}', 45)"));
    rows::run(&app.db, &format!("INSERT INTO group_payment_terms (group_id, net_days) VALUES ('{gold}', 10)"));
    let customer = rows::customer(&app.db, "C");
    rows::member(&app.db, gold, customer, "2024-05-06", By::Rule, true);
    rows::member(&app.db, rests, customer, "2023-01-01", By::Hand, false);
    let viewer = app.sign_in(Role::Viewer);
    let path = format!("/customers/{customer}");

    let own = viewer.get(&path);
    let why = |page: &crate::support::Page| -> Vec<Vec<String>> {
        let tables = page.body.split("aria-label=\"The customer's groups\"").nth(1).unwrap();
        html::rows(tables.split("</table>").next().unwrap())
    };
    assert_eq!(
        why(&own),
        [
            ["Gold Primary GOLD", "Rule", "May 6, 2024", "Yes", "Own membership by rule, the primary group"],
            ["Resting REST", "Manual", "January 1, 2023", "No", "The group is inactive"],
        ]
    );
    assert!(own.text().contains("Net 10 from Gold"), "{}", own.text());

    let organization = rows::organization(&app.db, "Acme", Some(vip));
    rows::run(&app.db, &format!("UPDATE customers SET organization_id = '{organization}'"));
    let through = viewer.get(&path);
    let decides = "The group of the organization Acme decides";
    assert_eq!(
        why(&through),
        [
            ["VIP VIP", "Through the organization", "—", "Yes", "The group of the organization Acme"],
            ["Gold Primary GOLD", "Rule", "May 6, 2024", "No", decides],
            ["Resting REST", "Manual", "January 1, 2023", "No", decides],
        ]
    );
    assert!(through.text().contains("Only VIP counts: it is the group of the organization Acme."));
    assert!(through.text().contains("Net 45 from VIP"), "{}", through.text());

    rows::run(&app.db, "UPDATE groups SET deleted_at = now() WHERE code = 'VIP'");
    let text = viewer.get(&path).text();
    assert!(text.contains("Only Gold counts.") && text.contains("but it is inactive or deleted"), "{text}");
}

#[test]
fn a_customer_without_anything_has_a_page() {
    let app = TestApp::new();
    let customer = rows::customer(&app.db, "C");
    let viewer = app.sign_in(Role::Viewer);
    let text = viewer.get(&format!("/customers/{customer}")).text();
    assert!(text.contains("No group counts: base prices, and the settings of All Customers."), "{text}");
    assert!(text.contains("Prices Base prices") && text.contains("Last order Never"), "{text}");
    assert!(!text.contains("Edit customer"), "a viewer only reads");
    assert!(viewer.get(&format!("/customers/{customer}/orders")).text().contains("No orders yet"));
    assert!(viewer.get(&format!("/customers/{customer}/history")).text().contains("Nothing yet"));
}

#[test]
fn orders_in_other_currencies_are_shown_and_counted_nowhere() {
    let app = TestApp::new();
    let customer = rows::customer(&app.db, "C");
    rows::order(&app.db, "USD-1", customer, "2026-02-03T10:00:00Z", 12_345, "USD");
    rows::order(&app.db, "EUR-1", customer, "2026-02-04T10:00:00Z", 99_999, "EUR");
    let viewer = app.sign_in(Role::Viewer);
    let text = viewer.get(&format!("/customers/{customer}")).text();
    assert!(text.contains("1 order is in other currencies than USD"), "{text}");
    assert!(text.contains("Purchases, lifetime $123") && text.contains("Feb 2026 1 $123.45"), "{text}");
    let orders = html::rows(&viewer.get(&format!("/customers/{customer}/orders")).body);
    assert_eq!((orders[0][0].as_str(), orders[0][3].as_str()), ("EUR-1", "€999.99 other currency"));
    assert_eq!((orders[1][0].as_str(), orders[1][3].as_str()), ("USD-1", "$123.45"));
}

#[test]
fn joins_and_leaves_are_paged_with_their_reasons() {
    let app = TestApp::new();
    let customer = rows::customer(&app.db, "C");
    let group = rows::group(&app.db, "GOLD", "Gold", None);
    rows::run(
        &app.db,
        &format!(
            "INSERT INTO membership_events (id, at, group_id, customer_id, kind, assignment, actor_kind, actor_name, reason)
             SELECT uuid_v7(), timestamptz '2026-01-01 00:00Z' + n / 2 * interval '1 day', '{group}', '{customer}',
                    (ARRAY['joined', 'left'])[n % 2 + 1], 'manual', 'user', 'Ann', 'Reason ' || n || '.'
             FROM generate_series(0, 119) n"
        ),
    );
    let viewer = app.sign_in(Role::Viewer);
    let mut path = format!("/customers/{customer}/history");
    let mut seen = Vec::new();
    loop {
        let page = viewer.get(&path);
        let items = html::elements(&page.body, &["li"]).into_iter().filter(|item| item.contains(", by Ann: "));
        seen.extend(items.map(|item| item.split("Reason ").nth(1).unwrap().split('.').next().unwrap().to_owned()));
        match html::attribute(&page.body, "id=\"page-next\"", "href") {
            Some(next) => path = next,
            None => break,
        }
    }
    let newest_first = "SELECT btrim(split_part(reason, ' ', 2), '.') FROM membership_events ORDER BY at DESC, id DESC";
    assert_eq!(seen, rows::texts(&app.db, newest_first));
}

#[test]
fn what_is_not_there_is_not_found() {
    let app = TestApp::new();
    let (one, other) = (rows::customer(&app.db, "ONE"), rows::customer(&app.db, "OTHER"));
    let order = rows::order(&app.db, "O-1", one, "2026-02-03T10:00:00Z", 100, "USD");
    let viewer = app.sign_in(Role::Viewer);
    assert_eq!(customer_id(&app.db, "ONE"), one);
    assert_eq!(viewer.get(&format!("/customers/{one}/orders/{order}")).status, 200);
    let nobody = Uuid::now_v7();
    for path in [
        format!("/customers/{nobody}"),
        "/customers/nonsense".into(),
        format!("/customers/{nobody}/orders"),
        format!("/customers/{nobody}/history"),
        format!("/customers/{other}/orders/{order}"),
        format!("/customers/{one}/orders/nonsense"),
    ] {
        assert_eq!(viewer.get(&path).status, 404, "{path}");
    }
}

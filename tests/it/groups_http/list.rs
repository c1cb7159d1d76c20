//! The group list: columns, search, filters, order, paging, totals.

use crate::support::rows::{self, By};
use crate::support::{Browser, Page, TestApp, html};
use clientele::auth::role::Role;
use std::collections::BTreeSet;

/// Name with place and code, customers, revenue, pricing, visibility, status, type.
fn list(page: &Page) -> Vec<Vec<String>> {
    assert_eq!(page.status, 200, "{}", page.text());
    html::rows(&page.body)
}

/// What stands last in a row's first cell.
fn codes(page: &Page) -> Vec<String> {
    list(page).iter().map(|row| row[0].rsplit(' ').next().unwrap().to_owned()).collect()
}

/// The list page by page, as its link goes on, beginning at `path`: the codes of each page, and the last page.
fn walk(browser: &Browser, path: &str, link: &str) -> (Vec<Vec<String>>, Page) {
    let mut pages = Vec::new();
    let mut page = browser.get(path);
    loop {
        pages.push(codes(&page));
        assert!(pages.len() < 50, "the pages don't end");
        match html::attribute(&page.body, &format!("id=\"page-{link}\""), "href") {
            Some(next) => page = browser.get(&next),
            None => return (pages, page),
        }
    }
}

#[test]
fn the_demo_reads_as_drawn() {
    let app = TestApp::demo();
    let viewer = app.sign_in(Role::Viewer);
    let page = viewer.get("/groups");
    let heads = html::elements(page.body.split("</thead>").next().unwrap(), &["th"]);
    assert_eq!(heads, ["Group name", "Customers", "Revenue", "Pricing", "Visibility", "Status", "Type"]);

    let visible = |code: &str| {
        let names = format!(
            "SELECT string_agg(v.name, ', ' ORDER BY v.name) FROM group_visibility_groups gv
             JOIN visibility_groups v ON v.id = gv.visibility_group_id JOIN groups g ON g.id = gv.group_id
             WHERE g.code = '{code}'"
        );
        rows::texts(&app.db, &names).remove(0)
    };
    let (everybody, vip) = (format!("{} from All Customers", visible("ALL")), visible("VIP"));
    let (trade, starter) = (visible("WHOLESALE"), visible("NEW"));
    let (from_vip, from_trade) = (format!("{vip} from VIP Customers"), format!("{trade} from Wholesale"));
    // The demo's settings as SPEC 3 says them: the first list's name, "15%", "−$5.00" or "Standard".
    let expected = [
        ("All Customers", "ALL", "Standard", visible("ALL")),
        ("Bronze Tier", "Tiered Customers › BRONZE", "2.5%", everybody.clone()),
        ("Distributor", "Wholesale › DISTRIBUTOR", "Distributor Contract Prices", from_trade.clone()),
        ("Gold Tier", "Tiered Customers › GOLD", "10%", everybody.clone()),
        ("New Customers", "Retail › NEW", "Standard from Retail", starter),
        ("Reseller", "Wholesale › RESELLER", "Reseller Price List", from_trade),
        ("Retail", "RETAIL", "Standard", everybody.clone()),
        ("Returning Customers", "Retail › RETURNING", "\u{2212}$5.00", everybody.clone()),
        ("Silver Tier", "Tiered Customers › SILVER", "5%", everybody.clone()),
        ("Tiered Customers", "TIERED", "Standard", everybody),
        ("VIP Customers", "VIP", "VIP Price List", vip),
        ("VIP Platinum", "VIP Customers › VIP-PLATINUM", "20%", from_vip),
        ("Wholesale", "WHOLESALE", "Wholesale Season's Specials", trade),
    ];
    // What the rows themselves say; not what is kept beside them.
    let computed = rows::all(
        &app.db,
        "SELECT g.code, initcap(g.type) AS type, initcap(g.status) AS status,
                to_char(count(DISTINCT c.id), 'FM999,990') AS customers,
                '$' || to_char(round(coalesce(sum(o.net), 0) / 100), 'FM999,999,990') AS revenue
         FROM groups g
         LEFT JOIN customers c ON g.code = 'ALL' OR EXISTS (
             SELECT FROM memberships m WHERE m.group_id = g.id AND m.customer_id = c.id)
         LEFT JOIN LATERAL (
             SELECT sum(net) AS net FROM orders WHERE customer_id = c.id AND status = 'completed' AND currency = 'USD') o ON true
         GROUP BY g.id ORDER BY lower(g.name)",
    );
    let expected: Vec<Vec<String>> = expected
        .iter()
        .zip(&computed)
        .map(|((name, place, pricing, visibility), row)| {
            assert_eq!(place.rsplit(' ').next(), row["code"].as_str());
            let text = |field: &str| row[field].as_str().unwrap().to_owned();
            vec![
                format!("{name} {place}"),
                text("customers"),
                text("revenue"),
                (*pricing).into(),
                visibility.clone(),
                text("status"),
                text("type"),
            ]
        })
        .collect();
    assert_eq!(list(&page), expected);

    let groups = rows::number(&app.db, "SELECT count(*) FROM groups");
    let customers = rows::number(&app.db, "SELECT count(DISTINCT customer_id) FROM memberships");
    assert!((1_000..10_000).contains(&customers));
    let totals = format!(
        "Total groups: {groups} · Distinct customers below All Customers: {},{:03}",
        customers / 1000,
        customers % 1000
    );
    assert!(page.text().contains(&totals), "{totals:?} is not in {}", page.text());
}

#[test]
fn one_searches_as_one_types() {
    let app = TestApp::new();
    for (code, name) in [
        ("GOLD", "Gold Tier"),
        ("G2", "Golden Oldies"),
        ("PCT", "100% wool"),
        ("UND_R", "Ärzte & <Söhne>"),
        ("BS", "Back\\slash"),
    ] {
        rows::group(&app.db, code, name, None);
    }
    let viewer = app.sign_in(Role::Viewer);
    for (typed, expected) in [
        ("gold", vec!["GOLD", "G2"]),
        ("GOLD", vec!["GOLD", "G2"]),
        (" oldies ", vec!["G2"]),
        ("und_", vec!["UND_R"]),
        ("%", vec!["PCT"]),
        ("_", vec!["UND_R"]),
        ("\\", vec!["BS"]),
        ("ärzte & <s", vec!["UND_R"]),
        ("ÄRZTE", vec!["UND_R"]),
        ("nobody", vec![]),
        ("' OR 1=1 --", vec![]),
    ] {
        let query = serde_urlencoded::to_string([("q", typed)]).unwrap();
        let region = viewer.htmx_get(&format!("/groups?{query}"), "results");
        let mut found = codes(&region);
        found.sort_by_key(|code| expected.iter().position(|e| e == code));
        assert_eq!(found, expected, "{typed}");
        assert!(!region.body.contains("<html") && !region.body.contains("<h1"), "only the region: {}", region.body);
        assert!(region.header("vary").contains("HX-Target") && region.header("vary").contains("HX-Request"));
        let page = viewer.get(&format!("/groups?{query}"));
        assert_eq!(list(&page), list(&region), "the same list without scripts");
        assert!(page.body.contains("<h1"));
        assert_eq!(html::attribute(&page.body, "type=\"search\" name=\"q\"", "value").unwrap(), typed);
        if expected.is_empty() {
            refuses_nothing(&region);
        }
    }
}

fn refuses_nothing(page: &Page) {
    let text = page.text();
    assert!(text.contains("No group fits") && text.contains("Show all groups"), "{text}");
}

/// Groups of every status and type with members who are in several of them.
fn mixed() -> TestApp {
    let app = TestApp::new();
    let customers: Vec<_> = (0..7).map(|n| rows::customer(&app.db, &format!("C{n}"))).collect();
    let mut number = 0;
    for status in ["active", "inactive"] {
        for kind in ["manual", "automatic", "hybrid"] {
            for half in ["North", "South"] {
                number += 1;
                let code = format!("G{number}");
                let group = rows::group(&app.db, &code, &format!("{half} {kind} {status}"), None);
                let change = format!("UPDATE groups SET status = '{status}', type = '{kind}' WHERE id = '{group}'");
                rows::run(&app.db, &change);
                for customer in &customers[number % 4..number % 4 + number % 3] {
                    rows::member(&app.db, group, *customer, "2026-01-01", By::Hand, false);
                }
            }
        }
    }
    rows::run(&app.db, "UPDATE groups SET deleted_at = now() WHERE code IN ('G3', 'G4', 'G8')");
    app
}

#[test]
fn filters_narrow_the_list_and_go_one_by_one() {
    let app = mixed();
    let viewer = app.sign_in(Role::Viewer);
    for (query, condition) in [
        ("status=active", "deleted_at IS NULL AND status = 'active'"),
        ("status=inactive&type=hybrid", "deleted_at IS NULL AND status = 'inactive' AND type = 'hybrid'"),
        ("type=automatic", "deleted_at IS NULL AND type = 'automatic'"),
        ("q=south&type=manual", "deleted_at IS NULL AND type = 'manual' AND name LIKE 'South%'"),
        ("deleted=1", "deleted_at IS NOT NULL"),
        ("deleted=1&q=north", "deleted_at IS NOT NULL AND name LIKE 'North%'"),
        ("q=nowhere", "false"),
    ] {
        let page = viewer.get(&format!("/groups?{query}"));
        let expected = rows::texts(&app.db, &format!("SELECT code FROM groups WHERE {condition} ORDER BY lower(name)"));
        assert_eq!(codes(&page), expected, "{query}");

        // The totals come after the page, and as a page of their own where there are no scripts.
        let totals = viewer.get(&format!("/groups?{query}&part=totals")).text();
        let groups = rows::number(&app.db, &format!("SELECT count(*) FROM groups WHERE {condition}"));
        let customers = rows::number(
            &app.db,
            &format!(
                "SELECT count(DISTINCT m.customer_id) FROM memberships m JOIN groups g ON g.id = m.group_id
                 WHERE {condition}"
            ),
        );
        let said = format!("Matching groups: {groups} · Distinct customers below All Customers: {customers}");
        assert_eq!(totals, said, "{query}");
        let later = html::attribute(&page.body, "id=\"totals\"", "hx-get").unwrap();
        assert_eq!(viewer.htmx_get(&later, "totals").text(), said, "{query}");

        // Every filter is a chip whose cross leads to the list without it.
        let parts: BTreeSet<&str> = query.split('&').collect();
        let chips = page.body.split("class=\"chips\"").nth(1).unwrap().split("</ul>").next().unwrap();
        let mut without: Vec<BTreeSet<String>> = html::links(chips)
            .iter()
            .map(|link| {
                link.trim_start_matches("/groups").trim_start_matches('?').split('&').map(str::to_owned).collect()
            })
            .collect();
        assert_eq!(without.pop().unwrap(), BTreeSet::from([String::new()]), "the last clears all");
        let expected: Vec<BTreeSet<String>> = parts
            .iter()
            .map(|gone| parts.iter().filter(|part| *part != gone).map(|part| (*part).to_owned()).collect())
            .map(|left: BTreeSet<String>| if left.is_empty() { BTreeSet::from([String::new()]) } else { left })
            .collect();
        without.sort();
        let mut expected = expected;
        expected.sort();
        assert_eq!(without, expected, "{query}");
    }
    let plain = viewer.get("/groups").text();
    let distinct = "SELECT count(DISTINCT m.customer_id) FROM memberships m JOIN groups g ON g.id = m.group_id \
                    WHERE g.deleted_at IS NULL";
    let said =
        format!("Total groups: 10 · Distinct customers below All Customers: {}", rows::number(&app.db, distinct));
    assert!(plain.contains(&said), "{said:?} is not in {plain}");
}

/// A shop of many groups of which many are alike in whatever the list is sorted by.
fn many() -> TestApp {
    let app = TestApp::new();
    rows::run(
        &app.db,
        "INSERT INTO customers (id, code, name) SELECT uuid_v7(), 'C' || n, 'C' || n FROM generate_series(1, 4) n",
    );
    rows::run(
        &app.db,
        "INSERT INTO groups (id, code, name, status, type, parent_id, deleted_at)
         SELECT uuid_v7(), 'G' || n, (ARRAY['Ä', 'a', 'Z', 'ß', 'É'])[n % 5 + 1] || ' group ' || n,
                (ARRAY['active', 'active', 'inactive'])[n % 3 + 1], (ARRAY['manual', 'automatic', 'hybrid', 'manual'])[n % 4 + 1],
                '01900000-0000-7000-8000-000000000000', CASE WHEN n > 170 THEN now() END
         FROM generate_series(1, 291) n",
    );
    rows::run(
        &app.db,
        "INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule)
         SELECT g.id, c.id, now(), true, false
         FROM groups g JOIN customers c ON right(c.code, 1)::int <= ltrim(g.code, 'G')::int % 5 WHERE g.code <> 'ALL'",
    );
    app
}

#[test]
fn every_order_shows_every_row_once_forwards_and_backwards() {
    let app = many();
    let viewer = app.sign_in(Role::Viewer);
    for (filter, condition) in [
        ("", "deleted_at IS NULL"),
        ("deleted=1", "deleted_at IS NOT NULL"),
        ("q=group+1&status=active", "deleted_at IS NULL AND name LIKE '%group 1%' AND status = 'active'"),
    ] {
        for (sort, order) in [
            ("name", "lower(name), id"),
            ("-name", "lower(name) DESC, id DESC"),
            ("customers", "member_count, lower(name), id"),
            ("-customers", "member_count DESC, lower(name), id"),
            ("status", "status, lower(name), id"),
            ("-status", "status DESC, lower(name), id"),
            ("type", "type, lower(name), id"),
            ("-type", "type DESC, lower(name), id"),
        ] {
            let path = format!("/groups?{filter}&sort={sort}");
            let expected = rows::texts(&app.db, &format!("SELECT code FROM groups WHERE {condition} ORDER BY {order}"));
            let (forwards, last) = walk(&viewer, &path, "next");
            assert_eq!(forwards.concat(), expected, "{path}");
            assert!(forwards.len() == expected.len().div_ceil(50), "pages are full");
            let Some(back) = html::attribute(&last.body, "id=\"page-previous\"", "href") else {
                assert_eq!(forwards.len(), 1, "{path}");
                continue;
            };
            let (mut backwards, first) = walk(&viewer, &back, "previous");
            backwards.reverse();
            assert_eq!(backwards, forwards[..forwards.len() - 1], "{path}, going back");
            let next = html::attribute(&first.body, "id=\"page-next\"", "href").unwrap();
            assert_eq!(codes(&viewer.get(&next)), forwards[1], "{path}, turning round");
        }
    }
}

#[test]
fn a_heading_sorts_up_and_then_down() {
    let app = mixed();
    let viewer = app.sign_in(Role::Viewer);
    let page = viewer.get("/groups?status=active&sort=customers");
    for (column, aria, next) in [
        ("name", "none", "/groups?status=active"),
        ("customers", "ascending", "/groups?status=active&sort=-customers"),
        ("status", "none", "/groups?status=active&sort=status"),
        ("type", "none", "/groups?status=active&sort=type"),
    ] {
        let link = html::attribute(&page.body, &format!("id=\"sort-{column}\""), "href").unwrap();
        assert_eq!(link, next, "{column}");
        let heading = page.body.split("<th ").find(|th| th.contains(&format!("id=\"sort-{column}\""))).unwrap();
        assert!(heading.contains(&format!("aria-sort=\"{aria}\"")), "{column}: {heading}");
    }
    let down = viewer.get("/groups?status=active&sort=-customers");
    assert!(down.body.contains("aria-sort=\"descending\""));
}

#[test]
fn the_list_shows_each_role_its_buttons() {
    let app = mixed();
    for (role, new, restore) in [(Role::Viewer, false, false), (Role::Editor, true, false), (Role::Admin, true, true)] {
        let browser = app.sign_in(role);
        let page = browser.get("/groups");
        assert_eq!(html::links(&page.body).contains(&"/groups/new".into()), new, "{role}");
        let deleted = browser.get("/groups?deleted=1");
        let restores = html::links(&deleted.body).iter().filter(|link| link.ends_with("/restoration")).count();
        assert_eq!(restores, if restore { 3 } else { 0 }, "{role}");
        assert!(html::links(&deleted.body).iter().any(|link| link.ends_with("/history")), "a deleted group has a past");
    }
}

#[test]
fn the_revenue_of_large_groups_follows_the_page() {
    let app = TestApp::new();
    let [large, small] = ["LARGE", "SMALL"].map(|code| rows::group(&app.db, code, code, None));
    rows::run(
        &app.db,
        "INSERT INTO customers (id, code, name) SELECT uuid_v7(), 'C' || n, 'C' || n FROM generate_series(1, 20005) n",
    );
    for (group, first) in [(large, 1), (small, 20_001)] {
        rows::run(
            &app.db,
            &format!(
                "INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule)
                 SELECT '{group}', id, now(), true, false FROM customers WHERE ltrim(code, 'C')::int >= {first}"
            ),
        );
    }
    rows::run(
        &app.db,
        "INSERT INTO orders (id, order_number, customer_id, placed_at, day, status, currency, net, gross, cost, is_credit_note)
         SELECT uuid_v7(), code, id, '2026-01-15', '2026-01-15', CASE code WHEN 'C3' THEN 'open' ELSE 'completed' END,
                CASE code WHEN 'C4' THEN 'EUR' ELSE 'USD' END, 1000000, 1000000, 0, false
         FROM customers WHERE code IN ('C1', 'C2', 'C3', 'C4', 'C20001')",
    );
    rows::run(&app.db, "SELECT rebuild_purchases()");
    let viewer = app.sign_in(Role::Viewer);
    let page = viewer.get("/groups?sort=name");
    let revenue = |page: &Page| list(page).into_iter().map(|mut row| row.remove(2)).collect::<Vec<_>>();
    assert_eq!(revenue(&page), ["…", "…", "…"]);
    let later = html::attribute(&page.body, "id=\"revenue\"", "hx-get").unwrap();
    assert_eq!(revenue(&viewer.get(&later)), ["$30,000", "$30,000", "$10,000"], "without scripts");
    let cells = viewer.htmx_get(&later, "revenue");
    for (group, text) in [(large, "$30,000"), (small, "$10,000")] {
        let cell = cells.body.split(&format!("revenue-{group}")).nth(1).unwrap();
        assert!(html::text(&format!("<{cell}")).starts_with(text), "{}", cells.body);
    }
    assert_eq!(revenue(&viewer.get("/groups?q=small")), ["$10,000"], "little is there at once");
}

#[test]
fn an_old_or_foolish_address_shows_a_list() {
    let app = mixed();
    let viewer = app.sign_in(Role::Viewer);
    let long = "x".repeat(10_000);
    let plain = codes(&viewer.get("/groups"));
    for query in [
        "status=huge&type=x&sort=;drop&deleted=yes",
        "after=AAAA&before=%00",
        "sort=-",
        "nothing=1&nothing=2",
        &format!("after={long}"),
        "after=eyJrZXkiOiIiLCJuYW1lIjoiIiwiaWQiOiIwMTkwMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDAifQ",
    ] {
        assert_eq!(codes(&viewer.get(&format!("/groups?{query}"))), plain, "{query}");
    }
    assert_eq!(codes(&viewer.get(&format!("/groups?q={long}"))), [""; 0]);
    // A key of another order: beginning anywhere is fine, as long as it is a list.
    let key = "eyJrZXkiOiJ4IiwibmFtZSI6IiIsImlkIjoiMDE5MDAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAwIn0";
    for sort in ["customers", "-customers", "status", "-type"] {
        list(&viewer.get(&format!("/groups?sort={sort}&after={key}")));
    }
}

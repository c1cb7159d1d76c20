//! How much goes over the wire: 200 KB for the first visit of the list, 20 KB for a page after that.

use crate::support::rows;
use crate::support::{Browser, TestApp, html};
use clientele::auth::role::Role;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;

/// The bytes of a whole answer as a browser of today is sent it: status, headers and compressed body.
fn wire(app: &TestApp, browser: &Browser, path: &str) -> usize {
    let host = app.url.trim_start_matches("http://");
    let mut connection = TcpStream::connect(host).unwrap();
    let cookie = browser.session().unwrap();
    write!(
        connection,
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nAccept: text/html,*/*\r\n\
         Accept-Encoding: gzip, deflate, br, zstd\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"), "{path}: {}", String::from_utf8_lossy(&answer[..200]));
    answer.len()
}

/// The addresses on this site that a page or a style sheet or a script makes a browser fetch.
fn references(text: &str) -> BTreeSet<String> {
    let quoted = ["src=\"", "href=\"", "url(", "url(\"", "url('", "from\"", "from \"", "import\"", "import \""];
    let found = quoted.iter().flat_map(|mark| text.split(mark).skip(1));
    found
        .map(|rest| rest.split(['"', '\'', ')', '#', '?']).next().unwrap())
        .filter(|address| address.starts_with("/assets/"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_first_visit_of_the_list_is_light() {
    let app = TestApp::demo();
    let browser = app.sign_in(Role::Admin);
    let mut waiting = vec!["/groups".to_owned()];
    let mut fetched = BTreeSet::new();
    let mut bytes = 0;
    while let Some(path) = waiting.pop() {
        if fetched.insert(path.clone()) {
            bytes += wire(&app, &browser, &path);
            waiting.extend(references(&browser.get(&path).body));
        }
    }
    for kind in [".css", ".js", ".svg"] {
        assert!(fetched.iter().any(|path| path.ends_with(kind)), "no {kind} among {fetched:?}");
    }
    assert!(bytes <= 200_000, "the first visit of the list takes {bytes} bytes: {fetched:?}");
}

#[test]
fn later_pages_are_lighter() {
    let app = TestApp::demo();
    let browser = app.sign_in(Role::Admin);
    let cached = references(&browser.get("/groups").body);
    // A log with something in it.
    for code in rows::texts(&app.db, "SELECT code FROM groups ORDER BY code") {
        let id = rows::group_id(&app.db, &code);
        assert_eq!(browser.post(&format!("/groups/{id}/copy"), &[]).status, 303);
    }
    browser.get("/groups");
    let vip = rows::group_id(&app.db, "VIP");
    let group = format!("/groups/{vip}");
    let customer = rows::id(&app.db, "SELECT id FROM customers WHERE name = 'Acme Corporation'");
    let customer = format!("/customers/{customer}");
    let organization = rows::id(&app.db, "SELECT id FROM organizations WHERE code = 'ORG-001'");
    let organization = format!("/organizations/{organization}");
    let product = rows::id(&app.db, "SELECT id FROM products ORDER BY sku LIMIT 1");
    let list = rows::id(&app.db, "SELECT id FROM price_lists ORDER BY entry_count DESC, id LIMIT 1");
    let set = rows::id(&app.db, "SELECT id FROM visibility_groups ORDER BY product_count DESC, id LIMIT 1");
    let promotion = rows::id(&app.db, "SELECT id FROM promotions WHERE code = 'VIP-SPRING'");
    let segment = rows::id(&app.db, "SELECT id FROM segments");
    let (webhook, delivery) = rows::webhook(&app.db);
    for path in [
        "/groups".to_owned(),
        "/groups?deleted=1".into(),
        "/groups/new".into(),
        group.clone(),
        format!("{group}/edit"),
        format!("{group}/pricing"),
        format!("{group}/pricing/products"),
        format!("{group}/visibility"),
        format!("{group}/visibility/included/add"),
        format!("{group}/visibility/exclusive"),
        format!("{group}/payment-terms"),
        format!("{group}/inheritance"),
        format!("{group}/history"),
        format!("{group}/history?show=members"),
        format!("{group}/deletion"),
        "/customers".into(),
        "/customers?sort=-purchases&q=co".into(),
        "/customers/new".into(),
        customer.clone(),
        format!("{customer}/edit"),
        format!("{customer}/orders"),
        format!("{customer}/gets"),
        format!("{customer}/products"),
        "/tools/price-check?sku=AUD-1001&quantity=3".into(),
        "/tools/no-discount?customer_text=C-0014&product_text=AUD-1001".into(),
        "/docs/api".into(),
        "/tools/conflicts?kind=unreachable".into(),
        format!("{customer}/history"),
        "/organizations".into(),
        "/organizations/new".into(),
        organization.clone(),
        format!("{organization}/edit"),
        "/search?q=vip".into(),
        format!("{group}/report"),
        format!("{group}/review"),
        "/reports".into(),
        "/reports/compare".into(),
        "/reports/portfolio".into(),
        "/products".into(),
        "/products/new".into(),
        format!("/products/{product}"),
        format!("/products/{product}/groups"),
        "/price-lists".into(),
        format!("/price-lists/{list}"),
        format!("/price-lists/{list}/groups"),
        format!("/price-lists/{list}/import"),
        "/visibility-groups".into(),
        format!("/visibility-groups/{set}"),
        "/promotions".into(),
        "/promotions/new".into(),
        format!("/promotions/{promotion}"),
        format!("/promotions/{promotion}/edit"),
        "/campaigns".into(),
        "/campaigns/new".into(),
        "/segments".into(),
        "/segments/new".into(),
        format!("/segments/{segment}"),
        "/tools/order-check".into(),
        "/imports".into(),
        "/audit".into(),
        "/settings/store".into(),
        "/settings/users".into(),
        "/settings/users/new".into(),
        "/settings/tokens".into(),
        "/settings/webhooks".into(),
        "/settings/webhooks/new".into(),
        format!("/settings/webhooks/{webhook}"),
        format!("/settings/webhooks/{webhook}/deliveries/{delivery}"),
        "/account/password".into(),
    ] {
        let page = browser.get(&path);
        let new: Vec<String> = references(&page.body).difference(&cached).cloned().collect();
        assert!(new.is_empty(), "{path} needs more files than the list: {new:?}");
        assert!(!html::text(&page.body).is_empty());
        let bytes = wire(&app, &browser, &path);
        assert!(bytes <= 20_000, "{path} takes {bytes} bytes");
    }
}

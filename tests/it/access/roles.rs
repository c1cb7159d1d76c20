//! What a role may not do, the server refuses, and its pages don't offer.

use super::routes::{Ids, ROUTES};
use super::{group, state};
use crate::support::{Browser, TestApp};
use clientele::auth::role::Role;
use std::collections::BTreeSet;

/// Fields with which every form can be read: what a role may not do is refused, whatever was sent.
const FIELDS: [(&str, &str); 2] = [("version", "1"), ("name", "")];

#[test]
fn another_roles_pages_are_refused_and_change_nothing() {
    for role in Role::ALL {
        let app = TestApp::new();
        let (ids, browser) = (Ids::new(&app), app.sign_in(role));
        for route in ROUTES.iter().filter(|route| route.path != "/logout") {
            let address = route.address(&ids);
            let before = state(&app.db);
            let page = if route.method == "GET" { browser.get(&address) } else { browser.post(&address, &FIELDS) };
            let what = format!("{role} {} {address}: {}", route.method, page.status);
            if role < route.least {
                assert_eq!(page.status, 403, "{what}");
                assert!(page.text().contains("You may not do this"), "{what}");
                assert_eq!(state(&app.db), before, "{what}");
            } else {
                assert!(matches!(page.status, 200 | 201 | 303 | 409 | 422), "{what}");
            }
        }
        assert_eq!(browser.post("/logout", &[]).location(), "/login?after=sign-out");
    }
}

#[test]
fn htmx_is_refused_with_a_message() {
    let app = TestApp::new();
    let viewer = app.sign_in(Role::Viewer);
    let page = viewer.htmx_get("/settings/users", "results");
    assert_eq!((page.status, page.header("hx-retarget")), (403, "#toasts"));
    assert!(page.text().contains("Only administrators may manage users and API tokens."), "{}", page.text());
}

#[test]
fn nobody_is_shown_what_they_may_not_do() {
    for role in Role::ALL {
        let app = TestApp::new();
        let (_, _, browser) = (Ids::new(&app), group(&app.db, "Retail"), app.sign_in(role));
        let found = crawl(&browser);
        for (method, address) in &found {
            let Some(route) = ROUTES.iter().find(|route| route.is(method, address)) else {
                assert!(
                    ["/theme", "/assets/", "/openapi.json"].iter().any(|path| address.starts_with(path)),
                    "{method} {address}"
                );
                continue;
            };
            assert!(role >= route.least, "{role} is offered {method} {address}");
        }
        // What the role may do, it finds.
        for route in ROUTES.iter().filter(|route| route.least <= role && is_reached_by_links(route.path)) {
            assert!(
                found.iter().any(|(method, address)| route.is(method, address)),
                "{role} finds no way to {} {}",
                route.method,
                route.path
            );
        }
    }
}

/// All but what scripts fetch, what a change of members leads to, and a deleted group's restoration: none is deleted
/// here.
fn is_reached_by_links(path: &str) -> bool {
    let scripted = ["/options", "/customers", "/impact", "/events"].iter().any(|end| path.ends_with(end))
        || path == "/hierarchy/{id}";
    // What an answer leads to, and what a shop knows by the id that it was given.
    let asked_for = path.ends_with(".json") || path == "/orders/{id}";
    // What follows a report by itself, and files that are there once groups are chosen, or once somebody stopped buying.
    let follows =
        path == "/reports/other-currencies" || path.starts_with("/reports/compare.") || path.ends_with("/at-risk.csv");
    let after_a_change = path.ends_with("/members/change") || path.ends_with("/members/undo");
    !scripted && !asked_for && !follows && !after_a_change && !path.ends_with("/restoration")
}

/// Follows every link from the group list on: all addresses, and those that forms are sent to.
fn crawl(browser: &Browser) -> BTreeSet<(&'static str, String)> {
    let mut found = BTreeSet::new();
    let mut waiting = vec!["/groups".to_owned()];
    while let Some(address) = waiting.pop() {
        if !found.insert(("GET", address.clone())) {
            continue;
        }
        assert!(found.len() < 500, "the pages never end");
        let page = browser.get(&address);
        assert_eq!(page.status, 200, "{address} is linked to");
        if !page.header("content-type").starts_with("text/html") {
            continue;
        }
        for tag in page.body.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or_default()) {
            let attribute = |name: &str| {
                let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
                rest.split('"').next().map(|value| value.replace("&#38;", "&"))
            };
            if tag.starts_with("form ") && attribute("method").as_deref() == Some("post") {
                found.extend(attribute("action").map(|action| ("POST", action)));
            } else if tag.starts_with("a ") {
                // Sorting and filters lead to the same pages again.
                let link = attribute("href").filter(|link| link.starts_with('/'));
                waiting.extend(link.map(|link| link.split(['?', '#']).next().unwrap_or_default().to_owned()));
            }
        }
    }
    found
}

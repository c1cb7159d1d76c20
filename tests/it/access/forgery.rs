//! A change is taken only from our own forms.

use super::routes::{Ids, ROUTES};
use super::state;
use crate::support::{TestApp, form};
use clientele::auth::role::Role;

#[test]
fn a_form_without_our_token_changes_nothing() {
    let app = TestApp::new();
    let (ids, browser) = (Ids::new(&app), app.sign_in(Role::Admin));
    let other = app.sign_in(Role::Admin).csrf().to_owned();
    let before = state(&app.db);
    for route in ROUTES.iter().filter(|route| route.method == "POST") {
        let address = route.address(&ids);
        let fields = [("name", "Forged"), ("role", "admin"), ("version", "1")];
        for token in [None, Some(""), Some("made-up"), Some(other.as_str())] {
            let fields: Vec<_> = fields.into_iter().chain(token.map(|token| ("csrf", token))).collect();
            let page = browser.send("POST", &address, &[], Some(&form(&fields)));
            assert_eq!(page.status, 403, "{address} {token:?}");
            assert!(page.text().contains("This form has expired or didn't come from this site."), "{address}");
        }
        // Of another kind than forms, and with nothing at all.
        let json = [("content-type", "application/json")];
        assert_eq!(browser.send("POST", &address, &json, Some("{}")).status, 403, "{address}");
        assert_eq!(browser.send("POST", &address, &[("x-csrf-token", "made-up")], None).status, 403, "{address}");
    }
    assert_eq!(state(&app.db), before);
    assert_eq!(browser.get("/account/password").status, 200, "a forged sign-out signs nobody out");
}

#[test]
fn another_site_is_refused_whatever_it_brings() {
    let app = TestApp::new();
    let browser = app.sign_in(Role::Admin);
    let before = state(&app.db);
    let body = form(&[("name", "Forged"), ("role", "admin"), ("csrf", browser.csrf())]);
    for site in ["cross-site", "same-site"] {
        let page = browser.send("POST", "/settings/tokens", &[("sec-fetch-site", site)], Some(&body));
        assert_eq!(page.status, 403, "{site}");
    }
    assert_eq!(state(&app.db), before);
    for site in ["same-origin", "none"] {
        let page = browser.send("POST", "/settings/tokens", &[("sec-fetch-site", site)], Some(&body));
        assert_eq!(page.status, 201, "{site}");
    }
}

#[test]
fn htmx_brings_the_token_in_a_header() {
    let app = TestApp::new();
    let browser = app.sign_in(Role::Admin);
    let headers = [("hx-request", "true"), ("x-csrf-token", browser.csrf())];
    let page = browser.send("POST", "/settings/tokens", &headers, Some(&form(&[("name", "Shop"), ("role", "viewer")])));
    assert_eq!(page.status, 201);
}

#[test]
fn who_is_not_signed_in_changes_nothing() {
    let app = TestApp::new();
    let (ids, nobody) = (Ids::new(&app), app.browser());
    let before = state(&app.db);
    for route in ROUTES {
        let address = route.address(&ids);
        let page = if route.method == "GET" { nobody.get(&address) } else { nobody.post(&address, &[("name", "x")]) };
        let next = if route.method == "GET" { format!("?{}", form(&[("next", &address)])) } else { String::new() };
        assert_eq!((page.status, page.location()), (303, format!("/login{next}").as_str()), "{address}");
    }
    for address in ["/nowhere", "/settings/nowhere"] {
        assert_eq!(nobody.get(address).status, 303, "what there is, and isn't, is for people who are signed in");
    }
    assert_eq!(state(&app.db), before);
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let app = TestApp::new();
    let browser = app.sign_in(Role::Admin);
    let before = state(&app.db);
    for bytes in [300 * 1024, 3 * 1024 * 1024] {
        let body = form(&[("name", &"x".repeat(bytes)), ("role", "viewer"), ("csrf", browser.csrf())]);
        let page = browser.send("POST", "/settings/tokens", &[], Some(&body));
        assert_eq!(page.status, 413, "{bytes}");
        assert!(page.text().contains("Too much at once"), "{}", page.text());
    }
    assert_eq!(state(&app.db), before);
}

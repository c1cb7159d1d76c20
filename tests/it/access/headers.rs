//! What every response tells the browser not to do.

use crate::support::{Page, TestApp, form};
use clientele::auth::role::Role;
use clientele::web::security::SECURITY_HEADERS;

/// All of them, whatever the answer is; `cache` where the response says otherwise for itself.
fn holds(page: &Page, status: u16, cache: Option<&str>, what: &str) {
    assert_eq!(page.status, status, "{what}: {}", page.body);
    for (name, value) in SECURITY_HEADERS {
        let expected = cache.filter(|_| name == "cache-control").unwrap_or(value);
        assert_eq!(page.header(name.as_str()), expected, "{what} {name}");
    }
    assert!(!page.header("x-request-id").is_empty(), "{what} has a number");
    if page.header("content-type").starts_with("text/html") {
        for inline in ["<script>", " style=\"", " onclick=", "javascript:"] {
            assert!(!page.body.contains(inline), "{what}: the policy forbids {inline}");
        }
    }
}

#[test]
fn every_response_carries_them() {
    let app = TestApp::new();
    let (nobody, admin) = (app.browser(), app.sign_in(Role::Admin));
    let style =
        nobody.get("/login").body.split("href=\"").find(|link| link.starts_with("/assets/")).unwrap().to_owned();
    let style = style.split('"').next().unwrap();
    for (path, status, cache) in [
        ("/login", 200, None),
        ("/groups", 303, None),
        ("/healthz", 200, None),
        ("/readyz", 200, None),
        (style, 200, Some("public, max-age=31536000, immutable")),
        ("/assets/nothing.css", 404, None),
        ("/admin/pricing/customer-groups", 401, None),
    ] {
        holds(&nobody.get(path), status, cache, path);
    }
    for (path, status) in [
        ("/", 303),
        ("/groups", 200),
        ("/groups.csv", 200),
        ("/groups/not-an-id", 404),
        ("/groups/01900000-0000-7000-8000-00000000dead", 404),
        ("/nowhere", 404),
        ("/settings/users", 200),
        ("/audit", 200),
        ("/groups/01900000-0000-7000-8000-000000000000/deletion", 409),
    ] {
        holds(&admin.get(path), status, None, path);
    }
    holds(&app.sign_in(Role::Viewer).get("/settings/users"), 403, None, "another role's page");
    holds(&admin.post("/settings/users", &[]), 422, None, "a form refused");
    holds(&admin.post("/settings/store", &[("version", "")]), 400, None, "a form without its version");
    holds(&admin.post("/settings/tokens", &[("name", &"x".repeat(300 * 1024))]), 413, None, "a form too large");
    let forged = admin.send("POST", "/groups", &[], Some(&form(&[("name", "x")])));
    holds(&forged, 403, None, "a forged form");
    for _ in 0..5 {
        app.browser().sign_in("a@b.test", "wrong");
    }
    holds(&app.browser().sign_in("a@b.test", "wrong"), 429, None, "too many attempts");
}

#[test]
fn what_is_not_done_here_is_said() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    let token = [("x-csrf-token", admin.csrf())];
    let page = admin.send("DELETE", "/groups", &token, None);
    holds(&page, 405, None, "a method that isn't taken");
    assert!(page.text().contains("This address doesn't take that kind of request."), "{}", page.text());
}

//! The sign-in page.

use super::state;
use crate::support::{Browser, PASSWORD, Page, TestApp, form};
use clientele::auth::actions::change_user;
use clientele::auth::role::{Actor, Role};
use clientele::auth::user::NewUser;

/// Sends the sign-in form as its page has it, with other fields besides.
fn try_with(browser: &Browser, email: &str, password: &str, more: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
    let token = browser.get("/login").hidden("csrf").unwrap().to_owned();
    let mut fields = vec![("email", email), ("password", password), ("csrf", token.as_str())];
    fields.extend(more);
    browser.send("POST", "/login", headers, Some(&form(&fields)))
}

fn attempt(browser: &Browser, email: &str, password: &str) -> Page {
    try_with(browser, email, password, &[], &[])
}

#[test]
fn who_is_not_signed_in_goes_to_the_sign_in_page_and_comes_back() {
    let app = TestApp::new();
    let browser = app.browser();
    let page = browser.get("/groups?status=active");
    assert_eq!((page.status, page.location()), (303, "/login?next=%2Fgroups%3Fstatus%3Dactive"));
    let asked = browser.get(page.location());
    assert_eq!(asked.hidden("next"), Some("/groups?status=active"));
    let user = app.user(Role::Viewer);
    let page = try_with(&browser, &user.email, PASSWORD, &[("next", "/groups?status=active")], &[]);
    assert_eq!((page.status, page.location()), (303, "/groups?status=active"));
    assert_eq!(browser.get("/groups").status, 200);
}

#[test]
fn signing_in_leads_nowhere_else_but_into_the_console() {
    let app = TestApp::new();
    let user = app.user(Role::Viewer);
    for (next, leads) in [
        ("https://evil.test/", "/groups"),
        ("//evil.test", "/groups"),
        ("/\\evil.test", "/groups"),
        ("/login?next=/login", "/groups"),
        ("", "/groups"),
        ("/audit", "/audit"),
    ] {
        let asked = app.browser().get(&format!("/login?{}", form(&[("next", next)])));
        assert_eq!(asked.hidden("next"), Some(leads), "{next}");
        let page = try_with(&app.browser(), &user.email, PASSWORD, &[("next", next)], &[]);
        assert_eq!((page.status, page.location()), (303, leads), "{next}");
    }
}

#[test]
fn who_is_signed_in_already_goes_on() {
    let app = TestApp::new();
    let browser = app.sign_in(Role::Viewer);
    for page in [browser.get("/login?next=/audit"), browser.post("/login", &[("next", "/audit")])] {
        assert_eq!((page.status, page.location()), (303, "/audit"));
    }
}

#[test]
fn an_email_is_the_same_in_capitals() {
    let app = TestApp::new();
    let user = app.user(Role::Viewer);
    let page = attempt(&app.browser(), &format!("  {} ", user.email.to_uppercase()), PASSWORD);
    assert_eq!(page.status, 303);
}

#[test]
fn a_refusal_does_not_tell_which_accounts_exist() {
    let app = TestApp::new();
    let (known, disabled) = (app.user(Role::Editor), app.user(Role::Editor));
    let details = NewUser { email: disabled.email.clone(), name: disabled.name.clone(), role: disabled.role };
    let by = Actor::command_line();
    change_user(&mut app.db.conn(), &by, disabled.id, 1, &details, false, app.clock.now()).unwrap();
    let before = state(&app.db);
    let answer = |email: &str, password: &str| {
        let page = attempt(&app.browser(), email, password);
        let told = page.text();
        assert!(told.contains("Email or password is wrong."), "{told}");
        assert!(!page.body.contains(PASSWORD), "a password is never shown again");
        let names: Vec<_> = page.headers.keys().map(|name| name.as_str().to_owned()).collect();
        // What was typed, and the form's own token, are all that may differ.
        let token = page.hidden("csrf").unwrap_or_default().to_owned();
        (page.status, names, page.body.replace(email, "EMAIL").replace(&token, "TOKEN"))
    };
    let wrong_password = answer(&known.email, "not the password");
    assert_eq!(wrong_password.0, 422);
    assert_eq!(answer("nobody@shop.test", "not the password"), wrong_password);
    assert_eq!(answer("not-an-address", PASSWORD), wrong_password);
    assert_eq!(answer(&disabled.email, PASSWORD), wrong_password);
    assert_eq!(answer("nul\0byte@shop.test", PASSWORD).0, 422);
    assert_eq!(state(&app.db), before);
}

#[test]
fn what_is_missing_is_said_at_its_field() {
    let app = TestApp::new();
    for (email, password, said) in [
        ("", "x", vec!["Enter your email address."]),
        ("a@b.test", "", vec!["Enter your password."]),
        (" ", "", vec!["Enter your email address.", "Enter your password."]),
    ] {
        let page = attempt(&app.browser(), email, password);
        assert_eq!(page.status, 422);
        for sentence in said {
            assert!(page.text().contains(sentence), "{sentence}");
        }
    }
}

#[test]
fn the_form_must_be_ours() {
    let app = TestApp::new();
    let user = app.user(Role::Viewer);
    let right = [("email", user.email.as_str()), ("password", PASSWORD)];
    // A browser that never saw the form, and one that saw it and brings another token.
    for (fields, seen) in [
        (right.to_vec(), false),
        ([&right[..], &[("csrf", "made-up")]].concat(), false),
        (right.to_vec(), true),
        ([&right[..], &[("csrf", "made-up")]].concat(), true),
    ] {
        let browser = app.browser();
        if seen {
            browser.get("/login");
        }
        let page = browser.send("POST", "/login", &[], Some(&form(&fields)));
        assert_eq!(page.status, 403);
        assert!(page.text().contains("This form had expired"), "{}", page.text());
        assert!(page.body.contains(&user.email), "what was typed is still there");
        assert!(!page.body.contains(PASSWORD));
        assert_eq!(browser.session(), None);
        // The form that came back works.
        let token = page.hidden("csrf").unwrap().to_owned();
        assert_eq!(
            browser.send("POST", "/login", &[], Some(&form(&[&right[..], &[("csrf", &token)]].concat()))).status,
            303
        );
    }
    for site in ["cross-site", "same-site"] {
        let browser = app.browser();
        let page = try_with(&browser, &user.email, PASSWORD, &[], &[("sec-fetch-site", site)]);
        assert_eq!((page.status, browser.session()), (403, None), "{site}");
    }
}

#[test]
fn cookies_are_for_the_server_and_this_site_only() {
    let app = TestApp::new();
    let user = app.user(Role::Viewer);
    for (headers, secure) in
        [(&[][..], false), (&[("x-forwarded-proto", "https")], true), (&[("x-forwarded-proto", "http")], false)]
    {
        let browser = app.browser();
        let asked = browser.send("GET", "/login", headers, None);
        let form_cookie = cookies(&asked).remove(0);
        assert!(form_cookie.starts_with("clientele_sign_in="), "{form_cookie}");
        assert!(form_cookie.contains("; HttpOnly") && form_cookie.contains("; SameSite=Strict"), "{form_cookie}");
        assert_eq!(form_cookie.contains("; Secure"), secure, "{form_cookie}");

        let brought = form_cookie.split(';').next().unwrap();
        let fields = [("email", user.email.as_str()), ("password", PASSWORD), ("csrf", asked.hidden("csrf").unwrap())];
        let headers: Vec<_> = headers.iter().copied().chain([("cookie", brought)]).collect();
        let page = app.browser().send("POST", "/login", &headers, Some(&form(&fields)));
        assert_eq!(page.status, 303);
        let session = cookies(&page).into_iter().find(|cookie| cookie.starts_with("clientele_session=")).unwrap();
        assert!(session.contains("; HttpOnly") && session.contains("; SameSite=Lax"), "{session}");
        assert!(session.contains("; Path=/") && !session.contains("Max-Age"), "{session}");
        assert_eq!(session.contains("; Secure"), secure, "{session}");
    }
}

fn cookies(page: &Page) -> Vec<String> {
    page.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

#[test]
fn signing_in_is_in_the_audit_log_and_on_the_list_of_users() {
    let app = TestApp::new();
    let (admin, editor) = (app.sign_in(Role::Admin), app.user(Role::Editor));
    assert!(admin.get("/settings/users").text().contains(&format!("{} Editor May sign in never", editor.email)));
    app.sign_in_as(&editor);
    assert!(admin.get("/settings/users").text().contains(&format!("{} Editor May sign in just now", editor.email)));
    let told = format!("{} signed in as {}", editor.name, editor.email);
    assert!(admin.get("/audit").text().contains(&told), "{told}");
}

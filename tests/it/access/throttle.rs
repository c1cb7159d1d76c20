//! A few tries per account and per address, the same for accounts that don't exist.

use crate::support::{Browser, PASSWORD, Page, TestApp, form};
use chrono::Duration;
use clientele::auth::actions::begin_sign_in;
use clientele::auth::role::Role;
use clientele::auth::throttle::Subjects;
use diesel::Connection;
use std::sync::Barrier;

fn attempt_from(browser: &Browser, address: &str, email: &str, password: &str) -> Page {
    let token = browser.get("/login").hidden("csrf").unwrap().to_owned();
    let fields = [("email", email), ("password", password), ("csrf", &token)];
    browser.send("POST", "/login", &[("x-forwarded-for", address)], Some(&form(&fields)))
}

fn attempt(app: &TestApp, email: &str, password: &str) -> Page {
    attempt_from(&app.browser(), "198.51.100.1", email, password)
}

#[test]
fn the_sixth_try_waits_also_with_the_right_password() {
    let app = TestApp::new();
    let user = app.user(Role::Viewer);
    for email in [user.email.as_str(), "nobody@shop.test"] {
        let statuses: Vec<u16> = (0..5).map(|_| attempt(&app, email, "wrong").status).collect();
        assert_eq!(statuses, [422; 5], "{email}");
        for password in ["wrong", PASSWORD] {
            let page = attempt(&app, email, password);
            assert_eq!((page.status, page.header("retry-after")), (429, "900"), "{email}");
            assert!(page.text().contains("Too many attempts. Try again in 15 minutes."), "{}", page.text());
            assert!(!page.body.contains(PASSWORD));
        }
    }
    app.clock.advance(Duration::minutes(10));
    assert_eq!(attempt(&app, &user.email, PASSWORD).header("retry-after"), "300");
    app.clock.advance(Duration::minutes(5) - Duration::seconds(1));
    assert_eq!(attempt(&app, &user.email, PASSWORD).status, 429);
    app.clock.advance(Duration::seconds(1));
    assert_eq!(attempt(&app, &user.email, PASSWORD).status, 303);
}

#[test]
fn a_sign_in_that_succeeds_starts_the_count_anew() {
    let app = TestApp::new();
    let user = app.user(Role::Viewer);
    for _ in 0..3 {
        for _ in 0..4 {
            assert_eq!(attempt(&app, &user.email, "wrong").status, 422);
        }
        assert_eq!(attempt(&app, &user.email, PASSWORD).status, 303);
    }
}

#[test]
fn capitals_make_no_other_account() {
    let app = TestApp::new();
    let user = app.user(Role::Viewer);
    for _ in 0..5 {
        attempt(&app, &user.email.to_uppercase(), "wrong");
    }
    assert_eq!(attempt(&app, &user.email, PASSWORD).status, 429);
}

#[test]
fn tries_at_the_same_moment_do_not_slip_through() {
    const AT_ONCE: usize = 12;
    let app = TestApp::new();
    let user = app.user(Role::Viewer);
    let together = Barrier::new(AT_ONCE);
    let mut statuses: Vec<u16> = std::thread::scope(|threads| {
        let tries: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                threads.spawn(|| {
                    together.wait();
                    attempt(&app, &user.email, "wrong").status
                })
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [[422; 5].as_slice(), &[429; AT_ONCE - 5]].concat());
}

#[test]
fn an_address_that_tries_many_accounts_waits_and_others_do_not() {
    let app = TestApp::new();
    let user = app.user(Role::Viewer);
    let mut conn = app.db.conn();
    for n in 0..50 {
        let email = format!("guess-{n}@shop.test");
        let subjects = Subjects::new(&email, "203.0.113.9");
        let counted = conn.transaction(|conn| begin_sign_in(conn, &email, &subjects, app.clock.now()));
        assert!(counted.unwrap().is_none());
    }
    // What stands before the last entry anyone can write.
    for address in ["203.0.113.9", "10.1.1.1, 203.0.113.9"] {
        assert_eq!(attempt_from(&app.browser(), address, &user.email, PASSWORD).status, 429, "{address}");
    }
    for address in ["203.0.113.10", "203.0.113.9, 203.0.113.10"] {
        assert_eq!(attempt_from(&app.browser(), address, &user.email, PASSWORD).status, 303, "{address}");
    }
}

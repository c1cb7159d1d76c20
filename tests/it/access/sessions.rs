//! Sessions: held on the server, rotated, revoked, and over after a while.

use crate::support::{Browser, PASSWORD, TestApp, TestDb};
use chrono::Duration;
use clientele::auth::role::{Actor, Role};
use clientele::auth::user::NewUser;
use clientele::auth::{actions, password::Hashed};
use clientele::db::Db;

/// Whether this cookie still lets someone in.
fn works(app: &TestApp, cookie: &str) -> bool {
    let page = app.browser().send("GET", "/account/password", &[("cookie", cookie)], None);
    assert!(page.status == 200 || page.location().starts_with("/login"), "{} {}", page.status, page.body);
    page.status == 200
}

fn cookie(browser: &Browser) -> String {
    browser.session().expect("a session")
}

#[test]
fn every_sign_in_has_a_key_of_its_own_and_signing_out_ends_it() {
    let app = TestApp::new();
    let user = app.user(Role::Viewer);
    let mut browser = app.sign_in_as(&user);
    let first = cookie(&browser);
    assert!(works(&app, &first));
    let page = browser.post("/logout", &[]);
    assert_eq!((page.status, page.location()), (303, "/login?after=sign-out"));
    assert_eq!(browser.session(), None);
    assert!(browser.get(page.location()).text().contains("You are signed out."));
    assert!(!works(&app, &first));
    browser.sign_in(&user.email, PASSWORD);
    let second = cookie(&browser);
    assert_ne!(first, second);
    assert!(works(&app, &second) && !works(&app, &first));
}

#[test]
fn a_key_from_before_the_sign_in_is_worth_nothing_after_it() {
    let app = TestApp::new();
    let user = app.user(Role::Viewer);
    let mut browser = app.sign_in_as(&user);
    let before = cookie(&browser);
    app.clock.advance(Duration::hours(3));
    // The browser still sends the old key along.
    assert_eq!(browser.sign_in(&user.email, PASSWORD).status, 303);
    let after = cookie(&browser);
    assert_ne!(before, after);
    assert!(works(&app, &after) && !works(&app, &before));
}

#[test]
fn a_key_that_nobody_was_given_is_ignored() {
    let app = TestApp::new();
    let real = cookie(&app.sign_in(Role::Viewer));
    let (name, value) = real.split_once('=').unwrap();
    let mut flipped: Vec<char> = value.chars().collect();
    let last = flipped.len() - 1;
    flipped[last] = if flipped[last] == 'a' { 'b' } else { 'a' };
    for forged in [format!("{name}=abc"), format!("{name}="), format!("{name}={}", String::from_iter(flipped))] {
        assert!(!works(&app, &forged), "{forged}");
    }
    assert!(works(&app, &real));
}

#[test]
fn what_ends_a_persons_sessions() {
    type End = fn(&TestApp, &NewUser, uuid::Uuid);
    let ends: [(&str, End, bool); 4] = [
        (
            "a new password",
            |app, _, id| {
                let hashed = Hashed::of("another password").unwrap();
                let by = Actor::command_line();
                actions::set_password(&mut app.db.conn(), &by, id, &hashed, app.clock.now()).unwrap();
            },
            true,
        ),
        ("being disabled", |app, user, id| change(app, user, id, false), true),
        ("another role", |app, user, id| change(app, &NewUser { role: Role::Viewer, ..user.clone() }, id, true), true),
        ("another name", |app, user, id| change(app, &NewUser { name: "Ada".into(), ..user.clone() }, id, true), false),
    ];
    for (what, end, ended) in ends {
        let app = TestApp::new();
        let (user, other) = (app.user(Role::Editor), app.user(Role::Editor));
        let (one, two) = (cookie(&app.sign_in_as(&user)), cookie(&app.sign_in_as(&user)));
        let others = cookie(&app.sign_in_as(&other));
        end(&app, &NewUser { email: user.email, name: user.name, role: user.role }, user.id);
        assert_eq!((works(&app, &one), works(&app, &two)), (!ended, !ended), "{what}");
        assert!(works(&app, &others), "{what} of somebody else");
    }
}

fn change(app: &TestApp, user: &NewUser, id: uuid::Uuid, enabled: bool) {
    actions::change_user(&mut app.db.conn(), &Actor::command_line(), id, 1, user, enabled, app.clock.now()).unwrap();
}

#[test]
fn a_changed_name_shows_at_once() {
    let app = TestApp::new();
    let user = app.user(Role::Editor);
    let browser = app.sign_in_as(&user);
    let renamed = NewUser { email: user.email, name: "Ada Quill".into(), role: user.role };
    change(&app, &renamed, user.id, true);
    assert!(browser.get("/account/password").text().contains("Ada Quill Editor"));
}

#[test]
fn a_session_ends_after_two_idle_hours() {
    let app = TestApp::new();
    let session = cookie(&app.sign_in(Role::Viewer));
    app.clock.advance(Duration::hours(2) - Duration::seconds(1));
    assert!(works(&app, &session), "that was a request, and the hours start anew");
    app.clock.advance(Duration::hours(2) - Duration::seconds(1));
    assert!(works(&app, &session));
    app.clock.advance(Duration::hours(2));
    assert!(!works(&app, &session));
}

#[test]
fn a_session_ends_after_twelve_hours_however_busy() {
    let app = TestApp::new();
    let session = cookie(&app.sign_in(Role::Viewer));
    for _ in 0..11 {
        app.clock.advance(Duration::hours(1));
        assert!(works(&app, &session));
    }
    app.clock.advance(Duration::minutes(59));
    assert!(works(&app, &session));
    app.clock.advance(Duration::minutes(1));
    assert!(!works(&app, &session));
}

#[test]
fn a_busy_database_signs_nobody_out() {
    let db = TestDb::new();
    let pool = Db::connect(&db.url(), 1, std::time::Duration::from_secs(1)).unwrap();
    let app = TestApp::with_pool(db, pool.clone(), "2026-03-10T12:00:00Z".parse().unwrap());
    let browser = app.sign_in(Role::Viewer);
    let only_one = pool.connection().unwrap();
    for path in ["/groups", "/login"] {
        let page = browser.get(path);
        assert_eq!((page.status, page.header("retry-after")), (503, "2"), "{path}");
        assert!(page.text().contains("Busy right now"), "{path}");
    }
    assert_eq!(browser.post("/logout", &[]).status, 503);
    drop(only_one);
    assert_eq!(browser.get("/account/password").status, 200);
}

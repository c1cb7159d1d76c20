//! Changing one's own password.

use super::state;
use crate::support::{PASSWORD, TestApp};
use clientele::auth::role::Role;

const NEW: &str = "some other words";

#[test]
fn it_takes_the_current_one_and_ends_every_session() {
    let app = TestApp::new();
    let user = app.user(Role::Viewer);
    let (browser, elsewhere) = (app.sign_in_as(&user), app.sign_in_as(&user));
    let fields = [("current", PASSWORD), ("password", NEW), ("again", NEW)];
    let page = browser.post("/account/password", &fields);
    assert_eq!((page.status, page.location()), (303, "/login?after=new-password"));
    for ended in [&browser, &elsewhere] {
        assert_eq!(ended.get("/account/password").location(), "/login?next=%2Faccount%2Fpassword");
    }
    assert!(browser.get(page.location()).text().contains("Sign in with the new one."));
    assert_eq!(app.browser().sign_in(&user.email, PASSWORD).status, 422);
    assert_eq!(app.browser().sign_in(&user.email, NEW).status, 303);
    let told = format!("{} set the password of {}", user.name, user.email);
    assert!(app.sign_in(Role::Viewer).get("/audit").text().contains(&told));
}

#[test]
fn what_is_wrong_is_said_and_nothing_changes() {
    let app = TestApp::new();
    let user = app.user(Role::Viewer);
    let browser = app.sign_in_as(&user);
    let before = state(&app.db);
    for (current, new, again, said) in [
        ("", NEW, NEW, "Enter your current password."),
        ("not this one", NEW, NEW, "This isn't your current password."),
        (PASSWORD, "short", "short", "Use at least 12 characters"),
        (PASSWORD, NEW, "some other word", "The two passwords differ."),
        (PASSWORD, PASSWORD, PASSWORD, "Choose another password than the current one."),
    ] {
        let page = browser.post("/account/password", &[("current", current), ("password", new), ("again", again)]);
        assert_eq!(page.status, 422, "{said}");
        assert!(page.text().contains(said), "{said}: {}", page.text());
        assert!(!page.body.contains(PASSWORD) && !page.body.contains(NEW), "a password is never shown again");
    }
    assert_eq!(state(&app.db), before);
    assert_eq!(browser.get("/account/password").status, 200, "still signed in");
}

#[test]
fn a_session_left_open_is_no_way_to_guess_it() {
    let app = TestApp::new();
    let user = app.user(Role::Viewer);
    let browser = app.sign_in_as(&user);
    let guess =
        |current: &str| browser.post("/account/password", &[("current", current), ("password", NEW), ("again", NEW)]);
    for n in 0..5 {
        assert_eq!(guess(&format!("guess {n}")).status, 422);
    }
    let page = guess(PASSWORD);
    assert_eq!((page.status, page.header("retry-after")), (429, "900"));
    assert_eq!(app.browser().sign_in(&user.email, PASSWORD).status, 429, "one count for both");
}

//! Who gets in, and what each may do.

use crate::support::{TestApp, form};
use clientele::auth::role::Role;

#[test]
fn who_is_not_signed_in_goes_to_the_sign_in_page_and_comes_back() {
    let app = TestApp::new();
    let mut browser = app.browser();
    let page = browser.get("/groups?status=active");
    assert_eq!((page.status, page.location()), (303, "/login?next=%2Fgroups%3Fstatus%3Dactive"));
    let user = app.user(Role::Viewer);
    let token = browser.get(page.location()).hidden("csrf").unwrap().to_owned();
    let fields = [
        ("email", user.email.as_str()),
        ("password", "four words of a test"),
        ("csrf", &token),
        ("next", "/groups?status=active"),
    ];
    let page = browser.send("POST", "/login", &[], Some(&form(&fields)));
    assert_eq!((page.status, page.location()), (303, "/groups?status=active"));
    assert_eq!(browser.get("/account/password").status, 200);
    assert_eq!(browser.sign_in("x", "y").location(), "/groups", "who is signed in already goes on");
}

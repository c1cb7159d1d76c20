//! The console in a real browser, on the demo shop.

mod accessibility;
mod journeys;
mod keyboard;
mod members;
mod reports;
mod rules;
mod settings;
mod store;

use crate::support::browser::{Chromium, Setup};
use crate::support::{PASSWORD, TestApp, TestUser};
use clientele::auth::role::Role;

/// A window in which a new person of this role has signed in by hand.
fn signed_in(app: &TestApp, role: Role, setup: Setup) -> Chromium {
    let window = Chromium::open(&app.url, setup);
    sign_in(&window, &app.user(role));
    window
}

fn sign_in(window: &Chromium, user: &TestUser) {
    window.goto("/groups");
    window.wait_for_path("the sign-in page", |path| path.starts_with("/login"));
    window.type_into("[name=email]", &user.email);
    window.type_into("[name=password]", PASSWORD);
    window.click(&button("Sign in"));
    window.wait_for_path("the list", |path| path == "/groups");
}

fn button(label: &str) -> String {
    format!("//button[normalize-space()='{label}']")
}

fn link(label: &str) -> String {
    format!("//a[normalize-space()='{label}']")
}

/// The first cell of each row of the list without place and code.
fn names(window: &Chromium) -> Vec<String> {
    window.texts("#results tbody th a")
}

/// What must be so on every page.
fn nothing_complains(window: &Chromium) {
    let complaints = window.complaints();
    assert!(complaints.is_empty(), "{}: {complaints:#?}", window.path());
}

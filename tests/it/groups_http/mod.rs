//! The pages of customer groups (SPEC 3, 12) over the real application, read and filled in as a browser would.

mod copying;
mod deletion;
mod editing;
mod exporting;
mod history;
mod list;
mod protection;
mod restoration;

use crate::support::html::Form;
use crate::support::{Browser, Page};
use std::fmt::Display;

/// The edit form of a group.
fn edit_form(browser: &Browser, id: impl Display) -> Form {
    let page = browser.get(&format!("/groups/{id}/edit"));
    assert_eq!(page.status, 200, "{}", page.text());
    page.form(&format!("/groups/{id}"))
}

/// The form of a new group.
fn new_form(browser: &Browser) -> Form {
    browser.get("/groups/new").form("/groups")
}

/// Follows the redirect of a change that was made.
fn follow(browser: &Browser, page: &Page) -> Page {
    assert_eq!(page.status, 303, "{}", page.text());
    let next = browser.get(page.location());
    assert_eq!(next.status, 200, "{}", next.text());
    next
}

/// What a refused form says, with a look at its status.
fn refused(page: &Page, status: u16, sentence: &str) {
    let text = page.text();
    assert_eq!(page.status, status, "{text}");
    assert!(text.contains(sentence), "{sentence:?} is not in: {text}");
}

//! The tabs of a group, which the pages of several features stand under.

use uuid::Uuid;

/// A tab of a group's pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// What it says.
    pub label: &'static str,
    /// Its page.
    pub path: String,
    /// Whether it is the one shown.
    pub current: bool,
}

/// The tabs in order, with where they stand below the group's page.
const TABS: [(&str, &str); 9] = [
    ("Overview", ""),
    ("Members", "/members"),
    ("Rules", "/rules"),
    ("Pricing", "/pricing"),
    ("Visibility", "/visibility"),
    ("Payment terms", "/payment-terms"),
    ("Inheritance", "/inheritance"),
    ("Report", "/report"),
    ("History", "/history"),
];

/// The tabs of a group, with the one that is shown.
pub fn tabs(group: Uuid, current: &str) -> Vec<Tab> {
    TABS.into_iter()
        .map(|(label, path)| Tab { label, path: format!("/groups/{group}{path}"), current: label == current })
        .collect()
}

//! What stands around every page: the menu, who is signed in, messages, the colours.

use crate::auth::role::{Permission, Role};
use crate::web::theme::Theme;
use serde::{Deserialize, Serialize};

/// The product's name, as the menu and the window's title show it.
pub const PRODUCT: &str = "Clientele";

/// What `templates/shell/` needs of a request. A page's template has it as its field `shell`.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// What the store is called, beside the product's name; empty for nothing.
    pub store: String,
    /// Who is signed in; `None` on the sign-in page and on errors before anyone is known.
    pub person: Option<Person>,
    /// The token that every form and htmx request sends back.
    pub csrf: String,
    /// Path and query of this page.
    pub path: String,
    /// Messages from the step before, shown once.
    pub flashes: Vec<Flash>,
    /// The colours.
    pub theme: Theme,
    /// Deliveries of webhooks that were given up, for administrators; counted up to 100.
    pub failed_deliveries: i64,
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// As the menu shows it.
    pub name: String,
    /// The sign-in.
    pub email: String,
    /// What they may do.
    pub role: Role,
}

impl Person {
    /// Up to two letters that stand for the name.
    pub fn initials(&self) -> String {
        let mut words = self.name.split_whitespace().filter_map(|word| word.chars().next());
        let first = words.next();
        first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
    }
}

/// A message about what has just happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// How it went.
    pub kind: FlashKind,
    /// One sentence.
    pub text: String,
    /// What can be done about it: "Undo", "View".
    pub action: Option<FlashAction>,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FlashKind {
    /// It is done.
    Success,
    /// Worth knowing.
    Info,
    /// It is done, but.
    Warning,
    /// It is not done.
    Error,
}

/// A button or link in a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlashAction {
    /// What it says.
    pub label: String,
    /// Where it goes.
    pub path: String,
    /// Whether it changes something (a form with POST) or only leads somewhere (a link).
    pub post: bool,
}

impl Flash {
    /// It is done.
    pub fn success(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Success, text: text.into(), action: None }
    }

    /// Worth knowing.
    pub fn info(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Info, text: text.into(), action: None }
    }

    /// It is done, but.
    pub fn warning(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Warning, text: text.into(), action: None }
    }

    /// It is not done.
    pub fn error(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Error, text: text.into(), action: None }
    }

    /// With a link to where it can be seen.
    pub fn link(mut self, label: &str, path: impl Into<String>) -> Self {
        self.action = Some(FlashAction { label: label.into(), path: path.into(), post: false });
        self
    }

    /// With a button that changes something: undo.
    pub fn button(mut self, label: &str, path: impl Into<String>) -> Self {
        self.action = Some(FlashAction { label: label.into(), path: path.into(), post: true });
        self
    }
}

impl FlashKind {
    /// The icon beside the text.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Success => "circle-check",
            Self::Info => "info-circle",
            Self::Warning => "alert-triangle",
            Self::Error => "alert-circle",
        }
    }

    /// The tone of the style sheet.
    pub fn tone(self) -> &'static str {
        match self {
            Self::Success => "good",
            Self::Info => "info",
            Self::Warning => "warn",
            Self::Error => "bad",
        }
    }

    /// Whether a screen reader interrupts for it.
    pub fn urgent(self) -> bool {
        matches!(self, Self::Error | Self::Warning)
    }
}

/// A page of the main menu.
struct Page {
    section: &'static str,
    label: &'static str,
    path: &'static str,
    icon: &'static str,
    needs: Permission,
}

const fn page(
    section: &'static str,
    label: &'static str,
    path: &'static str,
    icon: &'static str,
    needs: Permission,
) -> Page {
    Page { section, label, path, icon, needs }
}

/// The page at which failed deliveries are seen.
const WEBHOOKS: &str = "/settings/webhooks";

/// The main menu (SPEC 12), in order. A page is listed when it exists.
const PAGES: [Page; 26] = [
    page("CRM", "Customer Groups", "/groups", "users-group", Permission::Read),
    page("CRM", "Hierarchy", "/hierarchy", "binary-tree-2", Permission::Read),
    page("CRM", "Customers", "/customers", "user", Permission::Read),
    page("CRM", "Organizations", "/organizations", "building", Permission::Read),
    page("Catalogue", "Products", "/products", "package", Permission::Read),
    page("Catalogue", "Price lists", "/price-lists", "tag", Permission::Read),
    page("Catalogue", "Visibility groups", "/visibility-groups", "eye", Permission::Read),
    page("Marketing", "Promotions", "/promotions", "discount", Permission::Read),
    page("Marketing", "Campaigns", "/campaigns", "speakerphone", Permission::Read),
    page("Marketing", "Segments", "/segments", "target-arrow", Permission::Read),
    page("Reports", "Group performance", "/reports", "chart-bar", Permission::Read),
    page("Reports", "Compare groups", "/reports/compare", "arrows-sort", Permission::Read),
    page("Reports", "Portfolio", "/reports/portfolio", "category", Permission::Read),
    page("Tools", "Price check", "/tools/price-check", "tag", Permission::Read),
    page("Tools", "Order check", "/tools/order-check", "shopping-cart", Permission::Read),
    page("Tools", "Missing discount", "/tools/no-discount", "search", Permission::Read),
    page("Tools", "Rule tester", "/tools/rule-test", "wand", Permission::Read),
    page("Tools", "Cannot add a customer", "/tools/cannot-add", "user-plus", Permission::Read),
    page("Tools", "Pricing conflicts", "/tools/conflicts", "alert-triangle", Permission::Read),
    page("Activity", "Imports", "/imports", "upload", Permission::Read),
    page("Activity", "Audit", "/audit", "history", Permission::Read),
    page("Activity", "API", "/docs/api", "code", Permission::Read),
    page("Settings", "Store", "/settings/store", "building-store", Permission::ManageStore),
    page("Settings", "Users", "/settings/users", "users", Permission::ManagePeople),
    page("Settings", "API tokens", "/settings/tokens", "key", Permission::ManagePeople),
    page("Settings", "Webhooks", WEBHOOKS, "webhook", Permission::ManageWebhooks),
];

/// A part of the menu with its heading.
#[derive(Debug, PartialEq, Eq)]
pub struct MenuSection {
    /// The heading.
    pub label: &'static str,
    /// Its pages.
    pub items: Vec<MenuItem>,
}

/// A page in the menu.
#[derive(Debug, PartialEq, Eq)]
pub struct MenuItem {
    /// What it says.
    pub label: &'static str,
    /// Where it goes.
    pub path: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// Whether this page, or one below it, is the one shown.
    pub current: bool,
    /// How many things wait there for somebody to look at them, counted up to 100.
    pub failed: i64,
}

impl Shell {
    /// The pages that the person signed in may see (SPEC 2), under their headings.
    pub fn menu(&self) -> Vec<MenuSection> {
        let mut sections: Vec<MenuSection> = Vec::new();
        let role = self.person.as_ref().map(|person| person.role);
        for page in PAGES.iter().filter(|page| role.is_some_and(|role| role.may(page.needs))) {
            let item = MenuItem {
                label: page.label,
                path: page.path,
                icon: page.icon,
                current: self.is_nearest(page.path),
                failed: if page.path == WEBHOOKS { self.failed_deliveries } else { 0 },
            };
            match sections.last_mut().filter(|section| section.label == page.section) {
                Some(section) => section.items.push(item),
                None => sections.push(MenuSection { label: page.section, items: vec![item] }),
            }
        }
        sections
    }

    /// Whether the person signed in may do it; what they may not do, they don't see the button of.
    pub fn may(&self, permission: Permission) -> bool {
        self.person.as_ref().is_some_and(|person| person.role.may(permission))
    }

    /// Whether this page is below it, and below no other page of the menu that lies deeper.
    fn is_nearest(&self, path: &str) -> bool {
        let deeper = |other: &Page| other.path.len() > path.len() && self.is_at(other.path);
        self.is_at(path) && !PAGES.iter().any(deeper)
    }

    fn is_at(&self, path: &str) -> bool {
        let here = self.path.split('?').next().unwrap_or_default();
        here.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(role: Option<Role>, path: &str) -> Shell {
        let person = role.map(|role| Person { name: "Ada Maria Quill".into(), email: "ada@demo.test".into(), role });
        Shell { person, path: path.into(), ..Shell::default() }
    }

    #[test]
    fn the_menu_shows_what_the_role_may_see() {
        let paths = |role| -> Vec<&str> {
            shell(role, "/").menu().iter().flat_map(|section| section.items.iter().map(|item| item.path)).collect()
        };
        assert_eq!(paths(None), [""; 0]);
        let all: Vec<&str> = PAGES.iter().map(|page| page.path).collect();
        assert_eq!(all[0], "/groups");
        let settings = ["/settings/store", "/settings/users", "/settings/tokens", WEBHOOKS];
        let without: Vec<&str> = all.iter().copied().filter(|path| !settings.contains(path)).collect();
        assert_eq!(paths(Some(Role::Viewer)), without);
        assert_eq!(paths(Some(Role::Editor)), without);
        assert_eq!(paths(Some(Role::Admin)), all);
        assert_eq!(shell(Some(Role::Viewer), "/").menu()[0].label, "CRM");
    }

    #[test]
    fn what_failed_is_told_at_its_page() {
        let shell = Shell { failed_deliveries: 3, ..shell(Some(Role::Admin), "/") };
        let failed: Vec<(&str, i64)> = shell
            .menu()
            .iter()
            .flat_map(|section| section.items.iter().map(|item| (item.path, item.failed)))
            .filter(|(_, failed)| *failed > 0)
            .collect();
        assert_eq!(failed, [(WEBHOOKS, 3)]);
    }

    #[test]
    fn the_page_shown_and_those_below_it_are_current() {
        for (path, current) in [
            ("/groups", true),
            ("/groups?q=/audit", true),
            ("/groups/new", true),
            ("/groupsets", false),
            ("/audit", false),
        ] {
            assert_eq!(shell(Some(Role::Viewer), path).menu()[0].items[0].current, current, "{path}");
        }
    }

    #[test]
    fn initials_are_first_and_last() {
        for (name, initials) in [("Ada Maria Quill", "AQ"), ("ada", "A"), ("", ""), ("émile zola", "ÉZ")] {
            let person = Person { name: name.into(), email: String::new(), role: Role::Viewer };
            assert_eq!(person.initials(), initials);
        }
    }
}

//! axe-core on every page: WCAG 2.2 AA and its best practices, in light and dark, wide and narrow; and no page that
//! makes the console complain or that is wider than a small telephone.

use super::{button, nothing_complains, sign_in};
use crate::support::browser::{Chromium, Setup};
use crate::support::rows;
use crate::support::{TestApp, TestUser};
use clientele::auth::role::Role;
use std::path::Path;
use uuid::Uuid;

const AXE: &str = "node_modules/axe-core/axe.min.js";

/// What axe finds wrong with the page as it is now: the rule, what it asks for, and where.
fn violations(window: &Chromium, axe: &str) -> Vec<String> {
    window.script(&format!("if (!window.axe) {{ {axe} }}"));
    let found = window.script_later(
        "const done = arguments[arguments.length - 1];
         const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
         axe.run(document, { runOnly: { type: 'tag', values: tags } }).then(
             (result) => done(result.violations.flatMap((rule) => rule.nodes.map((node) =>
                 `${rule.id} (${rule.help}): ${node.html.slice(0, 200)} | ${node.failureSummary.replace(/\\s+/g, ' ').slice(0, 300)}`))),
             (fault) => done([String(fault)]));",
    );
    found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// How many pixels the document is wider than the window.
fn overflow(window: &Chromium) -> i64 {
    window.script("const d = document.documentElement; return d.scrollWidth - d.clientWidth").as_i64().unwrap()
}

struct Look<'a> {
    window: &'a Chromium,
    axe: String,
    what: &'static str,
    seen: usize,
    wrong: Vec<String>,
}

impl<'a> Look<'a> {
    fn new(window: &'a Chromium, what: &'static str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(AXE);
        let axe = std::fs::read_to_string(&path).expect("axe-core: run make build, which installs the npm packages");
        Self { window, axe, what, seen: 0, wrong: Vec::new() }
    }

    /// Looks at the page that is open, which must be the one that is meant.
    fn at(&mut self, page: &str, says: &str) {
        self.window.wait_for_text(says);
        self.seen += 1;
        let mut wrong = violations(self.window, &self.axe);
        wrong.extend(self.window.complaints());
        let over = overflow(self.window);
        if over > 0 {
            wrong.push(format!("the document is {over} pixels wider than the window"));
        }
        self.wrong.extend(wrong.into_iter().map(|text| format!("{page} ({}): {text}", self.what)));
    }

    fn page(&mut self, path: &str, says: &str) {
        self.window.goto(path);
        self.at(path, says);
    }

    /// How many pages were fine.
    fn end(self) -> usize {
        assert!(self.wrong.is_empty(), "{} faults:\n{}", self.wrong.len(), self.wrong.join("\n"));
        self.seen
    }
}

/// The demo shop with something on every page.
struct Stage {
    app: TestApp,
    admin: TestUser,
    viewer: TestUser,
    deleted: Uuid,
    vip: Uuid,
    /// A customer who was removed from VIP.
    excluded: Uuid,
    /// A change of members that was refused in part.
    change: Uuid,
    /// A run of the rule of VIP that waits for approval.
    held: Uuid,
}

impl Stage {
    fn new() -> Self {
        let app = TestApp::demo();
        let (admin, viewer) = (app.user(Role::Admin), app.user(Role::Viewer));
        let browser = app.sign_in_as(&admin);
        app.api(Role::Editor);
        rows::webhook(&app.db);
        // A name that has no place to break.
        rows::run(
            &app.db,
            "UPDATE groups SET status = 'inactive', name = 'Bronzetiercustomersofthenorthernregions' WHERE code = 'BRONZE'",
        );
        let reseller = rows::group_id(&app.db, "RESELLER");
        let path = format!("/groups/{reseller}/deletion");
        assert_eq!(browser.submit(&browser.get(&path).form(&path)).status, 303);
        let vip = rows::group_id(&app.db, "VIP");
        let path = format!("/groups/{vip}");
        let edit =
            browser.get(&format!("{path}/edit")).form(&path).fill("description", "Our best customers, said anew.");
        assert_eq!(browser.submit(&edit).status, 303);
        let members = format!("{path}/members");
        let excluded = rows::id(
            &app.db,
            "SELECT m.customer_id AS id FROM memberships m JOIN groups g ON g.id = m.group_id JOIN customers c ON c.id = m.customer_id
             WHERE g.code = 'VIP' AND c.status = 'active' AND c.name <> 'Acme Corporation' ORDER BY c.name LIMIT 1",
        );
        let id = excluded.to_string();
        let removal =
            browser.post(&format!("{members}/remove"), &[("id", &id), ("then", "none"), ("reason", "Moved away")]);
        assert_eq!(removal.status, 303, "{}", removal.text());
        let addition = browser.post(&format!("{members}/add"), &[("id", &id), ("mode", "only")]);
        let change = addition.location().split_once("change=").expect("somebody was refused").1.parse().unwrap();
        let held = Uuid::now_v7();
        rows::run(
            &app.db,
            &format!(
                "INSERT INTO rule_runs (id, group_id, started_at, cause, actor_kind, actor_name, is_full, \"left\", outcome)
                 VALUES ('{held}', '{vip}', now(), 'schedule', 'rule_run', 'Rule run', true, 12, 'held')"
            ),
        );
        rows::run(
            &app.db,
            &format!(
                "INSERT INTO rule_run_leaves SELECT '{held}', customer_id FROM memberships WHERE group_id = '{vip}' LIMIT 12"
            ),
        );
        Self { app, admin, viewer, deleted: reseller, vip, excluded, change, held }
    }
}

/// Looks at every page.
fn tour(what: &'static str, width: u32, theme: &str) -> usize {
    let stage = Stage::new();
    let window = Chromium::open(&stage.app.url, Setup { width, ..Setup::default() });
    window.goto("/login");
    window.set_cookie("theme", theme);
    let mut look = Look::new(&window, what);
    look.page("/login", "Sign in");
    window.type_into("[name=email]", "nobody@shop.test");
    window.type_into("[name=password]", "not it");
    window.click(&button("Sign in"));
    look.at("/login, refused", "Email or password is wrong.");

    sign_in(&window, &stage.viewer);
    look.page("/groups/new", "You may not do this");
    look.page("/groups", "VIP Customers");
    window.forget_cookies();
    window.set_cookie("theme", theme);
    sign_in(&window, &stage.admin);
    let vip = format!("/groups/{}", stage.vip);
    let user = format!("/settings/users/{}", stage.viewer.id);
    let token = rows::id(&stage.app.db, "SELECT id FROM tokens ORDER BY created_at LIMIT 1");
    let id = |query: &str| rows::id(&stage.app.db, query);
    let webhook = format!("/settings/webhooks/{}", id("SELECT id FROM webhook_endpoints LIMIT 1"));
    let delivery = id("SELECT id FROM webhook_deliveries LIMIT 1");
    let acme = format!("/customers/{}", id("SELECT id FROM customers WHERE name = 'Acme Corporation'"));
    let order = id("SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id
                    WHERE c.name = 'Acme Corporation' ORDER BY o.placed_at LIMIT 1");
    let order = format!("{acme}/orders/{order}");
    let decided = "FROM organizations o JOIN groups g ON g.id = o.group_id AND g.status = 'active'";
    let organization = format!("/organizations/{}", id(&format!("SELECT o.id {decided} ORDER BY o.code LIMIT 1")));
    let by_organization = format!(
        "/customers/{}",
        id(&format!("SELECT c.id {decided} JOIN customers c ON c.organization_id = o.id ORDER BY c.code LIMIT 1"))
    );
    let product = format!("/products/{}", rows::id(&stage.app.db, "SELECT id FROM products ORDER BY sku LIMIT 1"));
    let list =
        format!("/price-lists/{}", rows::id(&stage.app.db, "SELECT id FROM price_lists WHERE code = 'WHOLESALE'"));
    let entry = product.replace("/products/", "/entries/");
    let set = "SELECT visibility_group_id FROM group_visibility_groups ORDER BY visibility_group_id LIMIT 1";
    let set = format!("/visibility-groups/{}", rows::id(&stage.app.db, set));
    let promotion = format!("/promotions/{}", id("SELECT id FROM promotions WHERE code = 'LOYALTY-5'"));
    let campaign = format!("/campaigns/{}", id("SELECT id FROM campaigns"));
    let segment = format!("/segments/{}", id("SELECT id FROM segments"));
    let import = format!("/imports/{}", rows::import(&stage.app.db));
    let shown = "SELECT p.sku FROM products p JOIN visibility_group_products v ON v.product_id = p.id
               JOIN visibility_groups g ON g.id = v.visibility_group_id
               WHERE p.status = 'active' AND g.name = 'Standard Products' ORDER BY p.base_price LIMIT 1";
    let sku = rows::texts(&stage.app.db, shown).remove(0);
    let customer = acme.trim_start_matches("/customers/");
    let order_check = format!("/tools/order-check?customer={customer}&sku={sku}&quantity=3");
    for (path, says) in [
        ("/groups", "Total groups"),
        ("/groups?q=tier&status=active&sort=-customers", "Status: Active"),
        ("/groups?q=nobody", "No group fits"),
        ("/groups?deleted=1", "Restore"),
        ("/groups/new", "New customer group"),
        (&vip, "Acme Corporation"),
        (&format!("{vip}/edit"), "Edit VIP Customers"),
        (&format!("{vip}/rules"), "Matching customers"),
        (&format!("{vip}/rules/runs/{}", stage.held), "Would have left"),
        (&format!("/groups/{}/rules", rows::group_id(&stage.app.db, "RETAIL")), "is a manual group"),
        (&format!("/tools/rule-test?group={}&customer_text=C-0298", stage.vip), "short"),
        ("/tools/rule-test", "Customer to test"),
        (&format!("{vip}/pricing"), "Pricing method"),
        (&format!("{vip}/pricing/products"), "applies to all products now"),
        (&format!("{vip}/pricing/products/add"), "Add all"),
        (&format!("{vip}/visibility"), "Exclusive products"),
        (&format!("{vip}/visibility/included"), "Included products"),
        (&format!("{vip}/visibility/excluded/add?q=lamp"), "that match"),
        (&format!("{vip}/visibility/hidden"), "Hidden products"),
        (&format!("{vip}/visibility/exclusive"), "Why"),
        (&format!("{vip}/payment-terms"), "Payment options"),
        (&format!("{vip}/inheritance"), "Overrides"),
        ("/hierarchy", "All Customers"),
        (&format!("{vip}/move"), "stands below"),
        (&format!("{vip}/history"), "changed group VIP Customers"),
        (&format!("{vip}/history?show=members"), "Joined"),
        (&format!("{vip}/members"), "Acme Corporation"),
        (&format!("{vip}/members?q=acme&status=active&sort=-purchases"), "Matching members:"),
        (&format!("{vip}/members?q=nobody"), "No member fits"),
        (&format!("{vip}/members?show=excluded"), "Lift exclusion"),
        (&format!("{vip}/members?show=organizations"), "organization"),
        (&format!("{vip}/members/add"), "Selected: 0 customers"),
        (&format!("{vip}/members/add?q=corp"), "that match, also on other pages"),
        (&format!("{vip}/members/remove"), "On removal"),
        (&format!("{vip}/members/change?change={}", stage.change), "Who was refused"),
        ("/tools/price-check", "Every price explains itself"),
        (&format!("/tools/price-check?customer_text=C-0014&sku={sku}&quantity=3"), "this is the price"),
        ("/tools/price-check?customer_text=nobody&add_text=nothing", "There is no answer yet."),
        ("/tools/no-discount", "Four places to look"),
        (&format!("/tools/no-discount?customer_text=C-0014&product_text={sku}"), "decides alone"),
        ("/tools/no-discount?customer_text=nobody", "Choose a product from the list"),
        ("/docs/api", "What shops and ERPs"),
        ("/docs/api?section=Store", "/store/prices"),
        ("/tools/conflicts", "No conflicts"),
        ("/tools/conflicts?kind=unreachable", "has expired"),
        ("/tools/conflicts?kind=cost", "Prices below cost"),
        ("/tools/cannot-add", "Cannot add a customer"),
        (&format!("/tools/cannot-add?customer={}&group={}", stage.excluded, stage.vip), "The customer is excluded"),
        ("/tools/cannot-add?customer_text=nobody&group_text=VIP", "Choose a customer from the list"),
        (&format!("{vip}/deletion"), "Where do the child groups go?"),
        (&format!("/groups/{}/restoration", stage.deleted), "Restore Reseller?"),
        (&format!("/groups/{}/history", stage.deleted), "Deleted"),
        (&format!("/groups/{}/deletion", rows::group_id(&stage.app.db, "RETAIL")), "That can't be done now"),
        (&format!("/groups/{}", clientele::groups::group::ROOT_ID), "Every customer is in this group"),
        (&format!("/groups/{}", rows::group_id(&stage.app.db, "BRONZE")), "It prices nothing"),
        ("/customers", "Total customers"),
        ("/customers?status=active&country=US&purchases=1000&sort=-purchases&tag=tax-exempt", "Tag: tax-exempt"),
        ("/customers?q=nobody%20at%20all", "No customer fits"),
        ("/customers/new", "New customer"),
        (&acme, "Only VIP Customers counts."),
        (&format!("{acme}/edit"), "Edit Acme Corporation"),
        (&format!("{acme}/gets"), "Credit left"),
        (&format!("{acme}/products"), "Because of"),
        (&format!("{acme}/orders"), "At list price"),
        (&format!("{acme}/history"), "Joined"),
        (&format!("{acme}/history?show=changes"), "Nothing yet"),
        (&order, "Unit price"),
        (&by_organization, "it is the group of the organization"),
        ("/organizations", "Total organizations"),
        ("/organizations?q=nobody", "No organization fits"),
        ("/organizations/new", "New organization"),
        (&organization, "It decides for all customers"),
        (&format!("{organization}/edit"), "Edit"),
        (&format!("/groups/{}/report", stage.vip), "At-risk members"),
        (&format!("/groups/{}/report?part=economics", stage.vip), "Came from"),
        (&format!("/groups/{}/report?from=2026-03-01&to=2026-02-01", stage.vip), "ends before it begins"),
        (&format!("/groups/{}/review", stage.vip), "Margin after discount"),
        ("/reports", "Top customers"),
        (&format!("/reports/compare?group={}", stage.vip), "Choose the groups to compare"),
        (
            &format!("/reports/compare?group={}&group={}", stage.vip, clientele::groups::group::ROOT_ID),
            "Orders/Customer",
        ),
        ("/reports/portfolio?part=overlaps", "Overlapping groups"),
        ("/reports/portfolio?show=empty", "No group to show"),
        ("/search?q=vip", "VIP Platinum"),
        ("/search?q=acme", "Acme Corporation"),
        ("/search?q=zzzz", "Nothing found"),
        ("/imports", "Send a file"),
        (&import, "Download them to mend"),
        (&format!("{import}/columns"), "The same in all rows"),
        ("/audit", "deleted group Reseller"),
        ("/audit?action=group.deleted", "deleted group Reseller"),
        ("/settings/store", "Store"),
        ("/settings/users", "Users"),
        ("/settings/users/new", "New user"),
        (&user, "Edit Viewer"),
        (&format!("{user}/password"), "Set the password of"),
        ("/settings/tokens", "A editor's token"),
        ("/settings/tokens/new", "New API token"),
        (&format!("/settings/tokens/{token}/revocation"), "Revoke"),
        ("/settings/webhooks", "Web shop"),
        ("/settings/webhooks/new", "Create webhook"),
        (&webhook, "1 delivery has failed"),
        (&format!("{webhook}?event=promotion.deleted"), "No delivery fits"),
        (&format!("{webhook}/edit"), "Save webhook"),
        (&format!("{webhook}/secret"), "Replace the secret?"),
        (&format!("{webhook}/deletion"), "Delete Web shop?"),
        (&format!("{webhook}/deliveries/{delivery}"), "The receiver answered 500"),
        ("/products", "Base price"),
        ("/products?q=lamp&status=active&sort=-price", "Status: Active"),
        ("/products?q=nothing", "No product fits"),
        ("/products/new", "New product"),
        (&product, "Price lists"),
        (&format!("{product}/edit"), "Save product"),
        (&format!("{product}/groups"), "Why"),
        ("/price-lists", "In force"),
        ("/price-lists?currency=EUR", "Currency: EUR"),
        ("/price-lists/new", "New price list"),
        (&list, "Add a price"),
        (&format!("{list}?q=nothing"), "No product fits"),
        (&format!("{list}/edit"), "Save price list"),
        (&format!("{list}/groups"), "Priority"),
        (&format!("{list}/import"), "Import prices"),
        (&format!("{list}/deletion"), "What it touches"),
        (&format!("{list}{entry}"), "Save prices"),
        (&format!("{list}{entry}/removal"), "Remove from the list"),
        ("/visibility-groups", "Shown by groups"),
        ("/visibility-groups/new", "New visibility group"),
        (&set, "shown by"),
        (&format!("{set}/edit"), "Save visibility group"),
        (&format!("{set}/add"), "Add products"),
        (&format!("{set}/deletion"), "can't be deleted"),
        ("/promotions", "VIP Spring Sale"),
        ("/promotions?q=nothing", "No promotion fits"),
        ("/promotions/new", "New promotion"),
        (&promotion, "Who is reached"),
        (&format!("{promotion}?part=reach"), "customers reached"),
        (&format!("{promotion}/edit"), "Save promotion"),
        (&format!("{promotion}/deletion"), "Delete promotion"),
        ("/campaigns", "Win back"),
        ("/campaigns/new", "New campaign"),
        (&campaign, "We have missed you"),
        (&format!("{campaign}/edit"), "Save campaign"),
        (&format!("{campaign}/deletion"), "in no other campaign"),
        ("/segments", "Quiet regulars"),
        ("/segments/new", "New segment"),
        (&format!("{segment}?part=who"), "customers in it"),
        (&format!("{segment}/edit"), "over the groups that count today"),
        (&format!("{segment}/deletion"), "can't be deleted"),
        ("/tools/order-check", "Try an order before the customer does"),
        (&order_check, "Approved automatically"),
        ("/tools/order-check?customer_text=nobody&sku=NONE", "There is no answer yet."),
        ("/account/password", "New password"),
        ("/nothing", "Not found"),
    ] {
        look.page(path, says);
    }

    window.goto(&format!("{vip}/pricing"));
    window.fill("[name='pricing.discountPercent']", "20");
    look.at("an impact before it is saved", "Largest changes");
    window.goto(&format!("{vip}/pricing"));
    window.fill("[name='pricing.discountPercent']", "200");
    window.click(&button("Save pricing"));
    look.at("settings, refused", "Enter a percentage from 0 to 100.");
    window.goto(&format!("{vip}/visibility/excluded/add"));
    window.click("tbody tr:first-child [data-tick]");
    window.click(&button("Add selected"));
    look.at("products to exclude, before it is saved", "Exclude 1 product?");
    window.goto("/groups/new");
    window.type_into("[name=capacity]", "many");
    window.click(&button("Continue to settings"));
    look.at("/groups/new, refused", "Enter a whole number");
    window.goto(&format!("{vip}/edit"));
    rows::run(&stage.app.db, "UPDATE groups SET version = version + 1, description = 'Theirs' WHERE code = 'VIP'");
    window.fill("[name=description]", "Mine");
    window.click(&button("Save group"));
    look.at("the form over somebody else's change", "Theirs and yours");
    window.goto(&format!("{vip}/members/add?q=nor"));
    window.click(&button("Add to group"));
    look.at("adding nobody", "Select at least one customer.");
    window.goto(&format!("{vip}/members"));
    window.click("[data-tick-all]");
    look.at("ticked members", "customers selected");
    window.goto(&format!("{vip}/rules"));
    window.wait_for_text("Matching customers");
    window.click("[name=do][value='add-group:r']");
    window.wait_for("[name='r-3-0.field']");
    window.choose("[name='r-3-0.field']", "Payment history");
    window.wait_for("[name='r-3-0.op']");
    window.choose("[name='r-3-0.op']", "is none of");
    window.wait_for("[name='r-3-0.value']");
    look.at("a nested group in the builder", "A customer without this value doesn't match");
    window.click("[name=do][value='save']");
    look.at("a refused rule", "Enter one value or more");
    window.click("[name='r-3-0.value'][value='poor']");
    window.fill("[name='r-0.value']", "30000.00");
    window.click("[name=do][value='save']");
    look.at("what saving would do", "Saving this rule");
    window.goto("/customers/new");
    window.type_into("[name=email]", "nobody");
    window.type_into("[name=groups]", "Semi;colon");
    window.click(&button("Create customer"));
    look.at("/customers/new, refused", "Enter an e-mail address");
    window.goto(&format!("{acme}/edit"));
    rows::run(
        &stage.app.db,
        "UPDATE customers SET version = version + 1, region = 'Theirs' WHERE name = 'Acme Corporation'",
    );
    window.fill("[name=region]", "Mine");
    window.click(&button("Save customer"));
    look.at("a customer's form over somebody else's change", "Theirs and yours");
    window.goto("/settings/tokens/new");
    window.type_into("[name=name]", "Web shop");
    window.click(&button("Create token"));
    look.at("a new token", "Copy the token now");
    window.goto("/settings/webhooks/new");
    window.click(&button("Create webhook"));
    look.at("a webhook, refused", "Choose at least one event.");

    window.goto(&list);
    window.click("//td[contains(@class, 'row-tools')]/a[contains(., 'Edit')]");
    window.wait_for("tr .price-row");
    look.at("a row of prices being edited", "Save prices");
    window.type_into("tr .price-row [name=price]", "x");
    window.click(&button("Save prices"));
    look.at("a row of prices, refused", "is not an amount");
    window.goto(&list);
    window.click(&button("Add"));
    look.at("a new price, refused", "Choose a product.");
    window.goto(&format!("{list}/import"));
    window.type_into("[name=csv]", "sku,price\nnothing,1");
    window.click(&button("Check the rows"));
    look.at("rows that can't be imported", "What is wrong");

    // What opens over a page.
    window.goto("/groups");
    window.script("document.querySelector('[data-jump-open]').click()");
    window.type_into("#jump [name=q]", "vip");
    look.at("the palette", "VIP Platinum");
    if width < 992 {
        window.goto("/groups");
        window.click("[aria-label=Menu]");
        look.at("the menu", "Customer Groups");
    } else {
        window.goto("/groups");
        window.click(".shell-person-button");
        look.at("the person's menu", "Sign out");
    }
    window.goto("/groups/new");
    window.type_into("[name=parent_text]", "vip");
    window.wait_for("//li[@role='option'][contains(., 'VIP Platinum')]");
    look.at("a field that suggests", "VIP Platinum");
    nothing_complains(&window);
    look.end()
}

#[test]
fn every_page_is_accessible_in_light() {
    assert!(tour("light", 1280, "light") > 45);
}

#[test]
fn every_page_is_accessible_in_dark() {
    assert!(tour("dark", 1280, "dark") > 45);
}

#[test]
fn every_page_is_accessible_on_a_small_telephone() {
    assert!(tour("375 px", 375, "light") > 45);
}

//! Every route of the console, and the least role that it is for: the table of SPEC 2 as the pages have it.

use super::group;
use crate::support::{TestApp, rows};
use clientele::auth::role::Role;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use uuid::Uuid;

/// A route of the pages.
pub struct Route {
    pub method: &'static str,
    /// With `{id}` where one stands, and `{product}` where a product's follows.
    pub path: &'static str,
    pub least: Role,
}

const fn route(method: &'static str, path: &'static str, least: Role) -> Route {
    Route { method, path, least }
}

/// All routes behind the sign-in.
pub const ROUTES: &[Route] = &[
    route("GET", "/groups", Role::Viewer),
    route("POST", "/groups", Role::Editor),
    route("GET", "/groups.csv", Role::Viewer),
    route("GET", "/groups.xlsx", Role::Viewer),
    route("GET", "/groups/{id}/members.csv", Role::Viewer),
    route("GET", "/groups/{id}/members.xlsx", Role::Viewer),
    route("GET", "/groups/new", Role::Editor),
    route("GET", "/groups/options", Role::Viewer),
    route("GET", "/groups/{id}", Role::Viewer),
    route("POST", "/groups/{id}", Role::Editor),
    route("GET", "/groups/{id}/edit", Role::Editor),
    route("POST", "/groups/{id}/copy", Role::Editor),
    route("GET", "/groups/{id}/deletion", Role::Admin),
    route("POST", "/groups/{id}/deletion/impact", Role::Admin),
    route("POST", "/groups/{id}/deletion", Role::Admin),
    route("GET", "/groups/{id}/restoration", Role::Admin),
    route("POST", "/groups/{id}/restoration", Role::Admin),
    route("GET", "/groups/{id}/rules", Role::Viewer),
    route("POST", "/groups/{id}/rules", Role::Editor),
    route("POST", "/groups/{id}/rules/runs", Role::Editor),
    route("GET", "/groups/{id}/rules/runs/{run}", Role::Viewer),
    route("POST", "/groups/{id}/rules/runs/{run}/approval", Role::Editor),
    route("POST", "/groups/{id}/rules/runs/{run}/discarding", Role::Editor),
    route("GET", "/tools/rule-test", Role::Viewer),
    route("GET", "/tools/rule-test/customers", Role::Viewer),
    route("GET", "/tools/rule-test/options", Role::Viewer),
    route("GET", "/groups/{id}/history", Role::Viewer),
    route("GET", "/groups/{id}/report", Role::Viewer),
    route("GET", "/reports", Role::Viewer),
    route("GET", "/groups/{id}/report/at-risk.csv", Role::Viewer),
    route("GET", "/reports/at-risk.csv", Role::Viewer),
    route("GET", "/groups/{id}/report.csv", Role::Viewer),
    route("GET", "/groups/{id}/report.xlsx", Role::Viewer),
    route("GET", "/groups/{id}/review", Role::Viewer),
    route("POST", "/groups/{id}/review", Role::Editor),
    route("GET", "/reports.csv", Role::Viewer),
    route("GET", "/reports.xlsx", Role::Viewer),
    route("GET", "/reports/portfolio", Role::Viewer),
    route("GET", "/reports/portfolio.csv", Role::Viewer),
    route("GET", "/reports/portfolio.xlsx", Role::Viewer),
    route("GET", "/reports/compare", Role::Viewer),
    route("GET", "/reports/compare.csv", Role::Viewer),
    route("GET", "/reports/compare.xlsx", Role::Viewer),
    route("GET", "/reports/other-currencies", Role::Viewer),
    route("GET", "/groups/{id}/members", Role::Viewer),
    route("GET", "/groups/{id}/members/add", Role::Editor),
    route("POST", "/groups/{id}/members/add", Role::Editor),
    route("GET", "/groups/{id}/members/remove", Role::Editor),
    route("POST", "/groups/{id}/members/remove", Role::Editor),
    route("GET", "/groups/{id}/members/change", Role::Viewer),
    route("POST", "/groups/{id}/members/undo", Role::Editor),
    route("POST", "/groups/{id}/members/primary", Role::Editor),
    route("POST", "/groups/{id}/members/exclusion", Role::Editor),
    route("GET", "/tools/price-check", Role::Viewer),
    route("GET", "/tools/price-check.json", Role::Viewer),
    route("GET", "/tools/no-discount", Role::Viewer),
    route("GET", "/tools/conflicts", Role::Viewer),
    route("GET", "/tools/cannot-add", Role::Viewer),
    route("GET", "/tools/cannot-add/customers", Role::Viewer),
    route("GET", "/customers", Role::Viewer),
    route("POST", "/customers", Role::Editor),
    route("GET", "/customers.csv", Role::Viewer),
    route("GET", "/customers/new", Role::Editor),
    route("GET", "/customers/{id}", Role::Viewer),
    route("POST", "/customers/{id}", Role::Editor),
    route("GET", "/customers/{id}/edit", Role::Editor),
    route("GET", "/customers/{id}/gets", Role::Viewer),
    route("GET", "/customers/{id}/products", Role::Viewer),
    route("GET", "/orders/{id}", Role::Viewer),
    route("GET", "/customers/{id}/orders", Role::Viewer),
    route("GET", "/customers/{id}/orders/{order}", Role::Viewer),
    route("GET", "/customers/{id}/history", Role::Viewer),
    route("GET", "/organizations", Role::Viewer),
    route("POST", "/organizations", Role::Editor),
    route("GET", "/organizations/new", Role::Editor),
    route("GET", "/organizations/options", Role::Viewer),
    route("GET", "/organizations/{id}", Role::Viewer),
    route("POST", "/organizations/{id}", Role::Editor),
    route("GET", "/organizations/{id}/edit", Role::Editor),
    route("GET", "/groups/{id}/pricing", Role::Viewer),
    route("POST", "/groups/{id}/pricing", Role::Editor),
    route("GET", "/groups/{id}/pricing/uses", Role::Viewer),
    route("POST", "/groups/{id}/pricing/impact", Role::Editor),
    route("POST", "/groups/{id}/pricing/reversion", Role::Editor),
    route("GET", "/groups/{id}/visibility", Role::Viewer),
    route("POST", "/groups/{id}/visibility", Role::Editor),
    route("POST", "/groups/{id}/visibility/impact", Role::Editor),
    route("POST", "/groups/{id}/visibility/reversion", Role::Editor),
    route("GET", "/groups/{id}/visibility/included", Role::Viewer),
    route("GET", "/groups/{id}/visibility/included/add", Role::Editor),
    route("POST", "/groups/{id}/visibility/included/add", Role::Editor),
    route("POST", "/groups/{id}/visibility/included/remove", Role::Editor),
    route("GET", "/groups/{id}/visibility/excluded", Role::Viewer),
    route("GET", "/groups/{id}/visibility/excluded/add", Role::Editor),
    route("POST", "/groups/{id}/visibility/excluded/add", Role::Editor),
    route("POST", "/groups/{id}/visibility/excluded/remove", Role::Editor),
    route("GET", "/groups/{id}/pricing/products", Role::Viewer),
    route("GET", "/groups/{id}/pricing/products/add", Role::Editor),
    route("POST", "/groups/{id}/pricing/products/add", Role::Editor),
    route("POST", "/groups/{id}/pricing/products/remove", Role::Editor),
    route("GET", "/groups/{id}/visibility/hidden", Role::Viewer),
    route("GET", "/groups/{id}/visibility/exclusive", Role::Viewer),
    route("GET", "/groups/{id}/payment-terms", Role::Viewer),
    route("POST", "/groups/{id}/payment-terms", Role::Editor),
    route("POST", "/groups/{id}/payment-terms/impact", Role::Editor),
    route("POST", "/groups/{id}/payment-terms/reversion", Role::Editor),
    route("GET", "/groups/{id}/inheritance", Role::Viewer),
    route("POST", "/groups/{id}/inheritance", Role::Admin),
    route("POST", "/groups/{id}/inheritance/impact", Role::Admin),
    route("GET", "/hierarchy", Role::Viewer),
    route("GET", "/hierarchy/{id}", Role::Viewer),
    route("GET", "/hierarchy/{id}/customers", Role::Viewer),
    route("GET", "/groups/{id}/move", Role::Admin),
    route("POST", "/groups/{id}/move", Role::Admin),
    route("POST", "/groups/{id}/move/impact", Role::Admin),
    route("GET", "/search", Role::Viewer),
    // What deletes stands last: the thing is gone for what comes after it.
    route("GET", "/products", Role::Viewer),
    route("POST", "/products", Role::Editor),
    route("GET", "/products/new", Role::Editor),
    route("GET", "/products/options", Role::Viewer),
    route("GET", "/products/{id}", Role::Viewer),
    route("POST", "/products/{id}", Role::Editor),
    route("GET", "/products/{id}/edit", Role::Editor),
    route("GET", "/products/{id}/groups", Role::Viewer),
    route("GET", "/price-lists", Role::Viewer),
    route("POST", "/price-lists", Role::Editor),
    route("GET", "/price-lists/new", Role::Editor),
    route("GET", "/price-lists/options", Role::Viewer),
    route("GET", "/price-lists/{id}", Role::Viewer),
    route("POST", "/price-lists/{id}", Role::Editor),
    route("GET", "/price-lists/{id}/edit", Role::Editor),
    route("GET", "/price-lists/{id}/groups", Role::Viewer),
    route("GET", "/price-lists/{id}/uses", Role::Viewer),
    route("POST", "/price-lists/{id}/entries", Role::Editor),
    route("POST", "/price-lists/{id}/entries/impact", Role::Editor),
    route("GET", "/price-lists/{id}/entries.csv", Role::Viewer),
    route("GET", "/price-lists/{id}/import", Role::Editor),
    route("POST", "/price-lists/{id}/import", Role::Editor),
    route("GET", "/price-lists/{id}/entries/{product}", Role::Editor),
    route("POST", "/price-lists/{id}/entries/{product}", Role::Editor),
    route("POST", "/price-lists/{id}/entries/{product}/impact", Role::Editor),
    route("GET", "/price-lists/{id}/entries/{product}/removal", Role::Editor),
    route("POST", "/price-lists/{id}/entries/{product}/removal", Role::Editor),
    route("GET", "/price-lists/{id}/deletion", Role::Editor),
    route("POST", "/price-lists/{id}/deletion", Role::Editor),
    route("GET", "/visibility-groups", Role::Viewer),
    route("POST", "/visibility-groups", Role::Editor),
    route("GET", "/visibility-groups/new", Role::Editor),
    route("GET", "/visibility-groups/{id}", Role::Viewer),
    route("POST", "/visibility-groups/{id}", Role::Editor),
    route("GET", "/visibility-groups/{id}/edit", Role::Editor),
    route("GET", "/visibility-groups/{id}/add", Role::Editor),
    route("POST", "/visibility-groups/{id}/add", Role::Editor),
    route("POST", "/visibility-groups/{id}/remove", Role::Editor),
    route("GET", "/visibility-groups/{id}/deletion", Role::Editor),
    route("POST", "/visibility-groups/{id}/deletion", Role::Editor),
    route("GET", "/promotions", Role::Viewer),
    route("POST", "/promotions", Role::Editor),
    route("GET", "/promotions/new", Role::Editor),
    route("GET", "/promotions/options", Role::Viewer),
    route("GET", "/promotions/{id}", Role::Viewer),
    route("POST", "/promotions/{id}", Role::Editor),
    route("GET", "/promotions/{id}/edit", Role::Editor),
    route("GET", "/promotions/{id}/deletion", Role::Editor),
    route("POST", "/promotions/{id}/deletion", Role::Editor),
    route("GET", "/campaigns", Role::Viewer),
    route("POST", "/campaigns", Role::Editor),
    route("GET", "/campaigns/new", Role::Editor),
    route("GET", "/campaigns/{id}", Role::Viewer),
    route("POST", "/campaigns/{id}", Role::Editor),
    route("GET", "/campaigns/{id}/edit", Role::Editor),
    route("GET", "/campaigns/{id}/deletion", Role::Editor),
    route("POST", "/campaigns/{id}/deletion", Role::Editor),
    route("GET", "/segments", Role::Viewer),
    route("POST", "/segments", Role::Editor),
    route("GET", "/segments/new", Role::Editor),
    route("GET", "/segments/options", Role::Viewer),
    route("GET", "/segments/{id}", Role::Viewer),
    route("POST", "/segments/{id}", Role::Editor),
    route("GET", "/segments/{id}/edit", Role::Editor),
    route("GET", "/segments/{id}/deletion", Role::Editor),
    route("POST", "/segments/{id}/deletion", Role::Editor),
    route("GET", "/tools/order-check", Role::Viewer),
    route("GET", "/tools/order-check.json", Role::Viewer),
    route("GET", "/docs/api", Role::Viewer),
    route("GET", "/imports", Role::Viewer),
    route("POST", "/imports", Role::Editor),
    route("GET", "/imports/{id}", Role::Viewer),
    route("GET", "/imports/{id}/columns", Role::Editor),
    route("POST", "/imports/{id}/columns", Role::Editor),
    route("GET", "/imports/{id}/events", Role::Viewer),
    route("GET", "/imports/{id}/bad-rows.csv", Role::Editor),
    route("POST", "/imports/{id}/start", Role::Editor),
    route("POST", "/imports/{id}/discard", Role::Editor),
    route("GET", "/audit", Role::Viewer),
    route("GET", "/audit.csv", Role::Viewer),
    route("GET", "/settings/store", Role::Admin),
    route("POST", "/settings/store", Role::Admin),
    route("GET", "/settings/users", Role::Admin),
    route("POST", "/settings/users", Role::Admin),
    route("GET", "/settings/users/new", Role::Admin),
    route("GET", "/settings/users/{id}", Role::Admin),
    route("POST", "/settings/users/{id}", Role::Admin),
    route("GET", "/settings/users/{id}/password", Role::Admin),
    route("POST", "/settings/users/{id}/password", Role::Admin),
    route("GET", "/settings/tokens", Role::Admin),
    route("POST", "/settings/tokens", Role::Admin),
    route("GET", "/settings/tokens/new", Role::Admin),
    route("GET", "/settings/tokens/{id}/revocation", Role::Admin),
    route("POST", "/settings/tokens/{id}/revocation", Role::Admin),
    route("GET", "/settings/webhooks", Role::Admin),
    route("POST", "/settings/webhooks", Role::Admin),
    route("GET", "/settings/webhooks/new", Role::Admin),
    route("GET", "/settings/webhooks/{id}", Role::Admin),
    route("POST", "/settings/webhooks/{id}", Role::Admin),
    route("GET", "/settings/webhooks/{id}/edit", Role::Admin),
    route("GET", "/settings/webhooks/{id}/secret", Role::Admin),
    route("POST", "/settings/webhooks/{id}/secret", Role::Admin),
    route("POST", "/settings/webhooks/{id}/test", Role::Admin),
    route("POST", "/settings/webhooks/{id}/pause", Role::Admin),
    route("POST", "/settings/webhooks/{id}/resumption", Role::Admin),
    route("POST", "/settings/webhooks/{id}/replay", Role::Admin),
    route("GET", "/settings/webhooks/{id}/deletion", Role::Admin),
    route("POST", "/settings/webhooks/{id}/deletion", Role::Admin),
    route("GET", "/settings/webhooks/{id}/deliveries/{delivery}", Role::Admin),
    route("POST", "/settings/webhooks/{id}/deliveries/{delivery}/replay", Role::Admin),
    route("GET", "/account/password", Role::Viewer),
    route("POST", "/account/password", Role::Viewer),
    route("POST", "/logout", Role::Viewer),
];

/// What stands outside of the guard: the files, the sign-in itself, the colours. The API (`api.rs`, `api/`) takes
/// tokens.
const OUTSIDE: &[&str] = &["/assets/", "/login", "/theme"];

impl Route {
    /// The address with an id that exists.
    pub fn address(&self, ids: &Ids) -> String {
        let mut parts = self.path.split('/').skip(1);
        let id = match (parts.next(), parts.next()) {
            (_, Some("users")) => ids.user,
            (_, Some("tokens")) => ids.token,
            (_, Some("webhooks")) => ids.webhook,
            (Some("customers"), _) => ids.customer,
            (Some("orders"), _) => ids.order,
            (Some("organizations"), _) => ids.organization,
            (Some("products"), _) => ids.product,
            (Some("price-lists"), _) => ids.list,
            (Some("visibility-groups"), _) => ids.set,
            (Some("promotions"), _) => ids.promotion,
            (Some("campaigns"), _) => ids.campaign,
            (Some("segments"), _) => ids.segment,
            (Some("imports"), _) => ids.import,
            _ => ids.group,
        };
        let path = self.path.replace("{id}", &id.to_string()).replace("{run}", &ids.run.to_string());
        let path = path.replace("{delivery}", &ids.delivery.to_string());
        path.replace("{order}", &ids.order.to_string()).replace("{product}", &ids.product.to_string())
    }

    /// Whether this is the route of an address.
    pub fn is(&self, method: &str, address: &str) -> bool {
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let (mine, theirs) = (self.path.split('/'), path.split('/'));
        let fits =
            |(mine, theirs): (&str, &str)| mine == theirs || (mine.starts_with('{') && Uuid::try_parse(theirs).is_ok());
        self.method == method && mine.clone().count() == theirs.clone().count() && mine.zip(theirs).all(fits)
    }
}

/// Something of each kind.
pub struct Ids {
    pub group: Uuid,
    pub user: Uuid,
    pub token: Uuid,
    /// Of the group's rule, waiting for approval.
    pub run: Uuid,
    pub customer: Uuid,
    pub order: Uuid,
    pub organization: Uuid,
    /// In `list` and in `set`.
    pub product: Uuid,
    pub list: Uuid,
    pub set: Uuid,
    pub promotion: Uuid,
    pub campaign: Uuid,
    pub segment: Uuid,
    pub import: Uuid,
    pub webhook: Uuid,
    /// To the webhook, given up.
    pub delivery: Uuid,
}

impl Ids {
    pub fn new(app: &TestApp) -> Self {
        let customer = rows::customer(&app.db, "C-1");
        let (group, run) = (group(&app.db, "Wholesale").id, Uuid::now_v7());
        rows::run(
            &app.db,
            &format!(
                r#"UPDATE groups SET type = 'hybrid', rule = '{{"match":"all","of":[{{"field":"region","op":"is_empty"}}]}}' WHERE id = '{group}'"#
            ),
        );
        rows::run(
            &app.db,
            &format!(
                "INSERT INTO rule_runs (id, group_id, started_at, cause, actor_kind, actor_name, is_full, outcome)
                 VALUES ('{run}', '{group}', now(), 'schedule', 'rule_run', 'Rule run', true, 'held')"
            ),
        );
        let product = rows::product(&app.db, "A-1", 1000);
        let list = rows::price_list(&app.db, "LIST-1");
        rows::entry(&app.db, list, product, 1, 900);
        // One more, which isn't in the set.
        let other = rows::product(&app.db, "A-2", 2000);
        // The group's settings name both.
        for statement in [
            format!(
                "INSERT INTO group_pricing (group_id, method, percent, scope) VALUES ('{group}', 'percentage', 5, 'products')"
            ),
            format!("INSERT INTO group_pricing_products VALUES ('{group}', '{product}')"),
            format!("INSERT INTO group_visibility (group_id) VALUES ('{group}')"),
            format!(
                "INSERT INTO group_visibility_products VALUES ('{group}', '{product}', 'included'), ('{group}', '{other}', 'excluded')"
            ),
        ] {
            rows::run(&app.db, &statement);
        }
        let set = rows::visibility_group(&app.db, "Standard", &[product]);
        let (promotion, campaign) = (rows::promotion(&app.db, "PROMO-1"), rows::campaign(&app.db, "CAMPAIGN-1"));
        let segment = rows::segment(&app.db, "Buyers");
        // A paused one, and one that isn't.
        rows::webhook(&app.db);
        rows::run(&app.db, "UPDATE webhook_endpoints SET active = false");
        let (webhook, delivery) = rows::webhook(&app.db);
        Self {
            promotion,
            campaign,
            segment,
            import: rows::import(&app.db),
            webhook,
            delivery,
            group,
            user: app.user(Role::Viewer).id,
            token: app.api(Role::Viewer).id,
            run,
            order: rows::order(&app.db, "O-1", customer, "2026-01-02T09:00:00Z", 1000, "USD"),
            organization: rows::organization(&app.db, "ORG-1", None),
            customer,
            product,
            list,
            set,
        }
    }
}

/// Every `web::resource` in the sources, so that a new page can't be left out of the table.
#[test]
fn the_table_has_every_page() {
    let mut known: BTreeSet<String> = BTreeSet::new();
    sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut |text| {
        for (_, rest) in text.match_indices("web::resource(").map(|(at, call)| text.split_at(at + call.len())) {
            let path = rest.strip_prefix('"').unwrap_or_else(|| panic!("write the path out: {rest:.60}"));
            known.extend(path.split('"').next().map(str::to_owned));
        }
    });
    known.retain(|path| !OUTSIDE.iter().any(|outside| path.starts_with(outside)));
    let table: BTreeSet<String> = ROUTES.iter().map(|route| route.path.to_owned()).collect();
    assert_eq!(known, table);
}

fn sources(folder: &Path, read: &mut impl FnMut(&str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if ["api", "api.rs"].iter().any(|api| path.ends_with(api)) {
            continue;
        }
        if path.is_dir() {
            sources(&path, read);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            read(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn an_address_has_one_route() {
    let id = Uuid::now_v7();
    for (method, address, path) in [
        ("GET", "/groups".to_owned(), "/groups"),
        ("GET", "/groups/new".to_owned(), "/groups/new"),
        ("GET", format!("/groups/{id}?x=1"), "/groups/{id}"),
        ("POST", format!("/groups/{id}/copy"), "/groups/{id}/copy"),
    ] {
        let found: Vec<_> = ROUTES.iter().filter(|route| route.is(method, &address)).map(|route| route.path).collect();
        assert_eq!(found, [path], "{address}");
    }
    assert!(!ROUTES.iter().any(|route| route.is("POST", "/groups/new")));
}

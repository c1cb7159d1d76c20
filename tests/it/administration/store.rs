//! `/settings/store`.

use super::number;
use crate::access::{group, state};
use crate::support::{Browser, Page, TestApp};
use clientele::auth::role::{Actor, Role};
use clientele::groups::actions;
use clientele::groups::group::{Details, GroupType, ROOT_ID, Status};
use diesel::prelude::*;
use serde_json::Map;

const FRESH: [(&str, &str); 7] = [
    ("version", "1"),
    ("currency", "USD"),
    ("time_zone", "UTC"),
    ("default_group", ""),
    ("default_group_text", ""),
    ("flat_shipping", "0.00"),
    ("missing_groups", "create"),
];

fn save(browser: &Browser, changes: &[(&str, &str)]) -> Page {
    let changed = |name: &str| changes.iter().find(|(changed, _)| *changed == name);
    let fields: Vec<_> = FRESH.iter().map(|field| *changed(field.0).unwrap_or(field)).collect();
    browser.post("/settings/store", &fields)
}

/// Whether this option of this select is the chosen one.
fn chosen(page: &Page, value: &str) -> bool {
    page.body.contains(&format!("<option value=\"{value}\" selected"))
}

#[test]
fn the_settings_are_shown_and_saved() {
    let app = TestApp::new();
    let (admin, retail) = (app.sign_in(Role::Admin), group(&app.db, "Retail"));
    let page = admin.get("/settings/store");
    assert!(chosen(&page, "USD") && chosen(&page, "UTC"));
    assert_eq!(page.hidden("version"), Some("1"));
    let changes = [
        ("currency", "EUR"),
        ("time_zone", "Europe/Berlin"),
        ("default_group_text", "retail"),
        ("flat_shipping", "9.95"),
        ("missing_groups", "refuse"),
    ];
    let saved = save(&admin, &changes);
    assert_eq!((saved.status, saved.location()), (303, "/settings/store"));
    let page = admin.get("/settings/store");
    assert!(chosen(&page, "EUR") && chosen(&page, "Europe/Berlin") && chosen(&page, "refuse"));
    assert!(page.body.contains("value=\"9.95\"") && page.body.contains("value=\"Retail\""));
    assert_eq!(
        (page.hidden("default_group"), page.hidden("version")),
        (Some(retail.id.to_string().as_str()), Some("2"))
    );
    assert_eq!(number(&app, "SELECT flat_shipping FROM store_settings"), 995);
    let told = admin.get("/audit").text();
    let sentence = "Administrator 1 changed the settings of the store: currency from USD to EUR, \
                    time zone from UTC to Europe/Berlin, default group set to Retail, flat shipping from 0.00 to 9.95";
    assert!(told.contains(sentence), "{told}");
}

#[test]
fn every_wrong_field_is_named_and_nothing_changes() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    let made = |details: Details| {
        actions::create(&mut app.db.conn(), &Actor::command_line(), details, &Map::new(), "console", app.clock.now())
            .unwrap()
    };
    let automatic = made(Details { kind: GroupType::Automatic, ..Details::named("By rule") });
    let inactive = made(Details { status: Status::Inactive, ..Details::named("Asleep") });
    let before = state(&app.db);
    for (field, value, at, said) in [
        ("currency", "EURO", "currency", "Choose an ISO 4217 currency"),
        ("currency", "XAU", "currency", "Choose an ISO 4217 currency"),
        ("time_zone", "Mars/Olympus", "time_zone", "Choose a time zone"),
        ("flat_shipping", "free", "flat_shipping", "is not an amount"),
        ("flat_shipping", "-1", "flat_shipping", "can't be negative"),
        ("missing_groups", "", "missing_groups", "Choose whether missing groups"),
        ("flat_shipping", "1.005", "flat_shipping", "has more decimals than USD has"),
        ("flat_shipping", "99999999999999999", "flat_shipping", "is too large"),
        ("default_group_text", "Nobody", "default_group", "There is no group of this name or code."),
        ("default_group_text", automatic.name.as_str(), "default_group", "Choose an active group that isn't automatic"),
        ("default_group_text", inactive.code.as_str(), "default_group", "Choose an active group that isn't automatic"),
        ("default_group_text", "ALL", "default_group", "Choose an active group that isn't automatic"),
    ] {
        let page = save(&admin, &[(field, value)]);
        assert_eq!(page.status, 422, "{field} {value}");
        assert!(page.body.contains(&format!("id=\"field-{at}-error\"")), "the error of {value} stands at {at}");
        assert!(page.text().contains(said), "{value}: {}", page.text());
        assert!(page.body.contains(value) || field != "flat_shipping", "what was typed is still there");
    }
    let root = ROOT_ID.to_string();
    let without_text: Vec<_> = FRESH
        .into_iter()
        .filter(|(name, _)| *name != "default_group_text")
        .map(|(name, value)| (name, if name == "default_group" { root.as_str() } else { value }))
        .collect();
    assert_eq!(admin.post("/settings/store", &without_text).status, 422);
    assert_eq!(save(&admin, &[("version", "one")]).status, 400);
    assert_eq!(state(&app.db), before);
}

#[test]
fn without_scripts_the_text_decides_about_the_default_group() {
    let app = TestApp::new();
    let (admin, retail, vip) = (app.sign_in(Role::Admin), group(&app.db, "Retail"), group(&app.db, "VIP"));
    let (retail_id, vip_id) = (retail.id.to_string(), vip.id.to_string());
    // What the page held, with another name typed over it.
    assert_eq!(save(&admin, &[("default_group", &retail_id), ("default_group_text", "VIP")]).status, 303);
    let now = |id: &str| number(&app, &format!("SELECT count(*) FROM store_settings WHERE default_group_id = '{id}'"));
    assert_eq!(now(&vip_id), 1);
    // Emptied.
    assert_eq!(save(&admin, &[("version", "2"), ("default_group", &vip_id)]).status, 303);
    assert_eq!(number(&app, "SELECT count(*) FROM store_settings WHERE default_group_id IS NULL"), 1);
}

#[test]
fn a_change_over_somebody_elses_shows_both_and_saves_neither() {
    let app = TestApp::new();
    let (admin, _) = (app.sign_in(Role::Admin), group(&app.db, "Retail"));
    assert_eq!(save(&admin, &[("flat_shipping", "5"), ("default_group_text", "Retail")]).status, 303);
    let before = state(&app.db);
    let page = save(&admin, &[("flat_shipping", "7.50"), ("currency", "EUR")]);
    assert_eq!(page.status, 409);
    let told = page.text();
    for said in
        ["Somebody changed the store's settings", "Currency USD EUR", "Flat shipping 5.00 7.50", "Default group Retail"]
    {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert!(!told.contains("Time zone UTC UTC"), "what agrees is not listed");
    assert!(chosen(&page, "EUR") && page.body.contains("value=\"7.50\""), "yours is still in the form");
    assert_eq!(state(&app.db), before);
    assert_eq!(page.hidden("version"), Some("2"));
    assert_eq!(save(&admin, &[("version", "2"), ("flat_shipping", "7.50"), ("currency", "EUR")]).status, 303);
}

#[test]
fn another_zone_moves_days_and_another_currency_rebuilds_purchases() {
    let app = TestApp::new();
    let admin = app.sign_in(Role::Admin);
    // Late in the evening in New York it is the next month in UTC.
    diesel::sql_query(
        "WITH c AS (INSERT INTO customers (id, code, name) VALUES (gen_random_uuid(), 'C1', 'Acme') RETURNING id)
         INSERT INTO orders (id, order_number, customer_id, placed_at, day, currency, net, gross, cost, is_credit_note)
         SELECT gen_random_uuid(), n, c.id, '2026-02-01T03:00:00Z', '2026-02-01', currency, net, net, 0, false
         FROM c, (VALUES ('1', 'USD', 1000), ('2', 'EUR', 200), ('3', 'EUR', 30)) o (n, currency, net)",
    )
    .execute(&mut app.db.conn())
    .unwrap();
    diesel::sql_query("SELECT rebuild_purchases()").execute(&mut app.db.conn()).unwrap();
    let bought = |month: &str| {
        number(
            &app,
            &format!(
                "SELECT coalesce(sum(net), 0)::bigint FROM store_days WHERE date_trunc('month', day::timestamp) = '{month}'"
            ),
        )
    };
    let others = || {
        let region = admin.htmx_get("/settings/store?part=orders", "other-orders");
        assert!(!region.body.contains("<form"), "the region alone");
        region.text()
    };
    assert_eq!((bought("2026-01-01"), bought("2026-02-01")), (0, 1000));
    assert!(others().starts_with("2 orders are in other currencies than USD"), "{}", others());
    assert!(
        admin.get("/settings/store").body.contains("href=\"/settings/store?part=orders\""),
        "without scripts: a link"
    );
    assert!(admin.get("/settings/store?part=orders").text().contains("2 orders are in other currencies than USD"));

    // Rules that run at midnight run at the new zone's; one that is tried again or due stays as it is.
    for (code, every, next, failures) in [
        ("DAILY", "day", "2026-03-11T00:00:00Z", 0),
        ("WEEKLY", "week", "2026-03-16T00:00:00Z", 0),
        ("FAILED", "day", "2026-03-10T12:05:00Z", 1),
        ("DUE", "day", "2026-03-10T00:00:00Z", 0),
    ] {
        let id = crate::support::rows::group(&app.db, code, code, None);
        diesel::sql_query(format!(
            "INSERT INTO rule_schedules (group_id, every, next_run_at, failures) VALUES ('{id}', '{every}', '{next}', {failures})"
        ))
        .execute(&mut app.db.conn())
        .unwrap();
    }
    assert_eq!(save(&admin, &[("time_zone", "America/New_York")]).status, 303);
    let next = crate::support::rows::texts(
        &app.db,
        "SELECT g.code || ' ' || to_char(s.next_run_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI')
         FROM rule_schedules s JOIN groups g ON g.id = s.group_id ORDER BY 1",
    );
    assert_eq!(next, ["DAILY 03-11 04:00", "DUE 03-10 00:00", "FAILED 03-10 12:05", "WEEKLY 03-16 04:00"]);
    assert_eq!((bought("2026-01-01"), bought("2026-02-01")), (1000, 0));
    assert_eq!(number(&app, "SELECT count(*) FROM orders WHERE day = '2026-01-31'"), 3);

    let changes = [("version", "2"), ("time_zone", "America/New_York"), ("currency", "EUR")];
    assert_eq!(save(&admin, &changes).status, 303);
    assert_eq!((bought("2026-01-01"), bought("2026-02-01")), (230, 0));
    assert_eq!(number(&app, "SELECT net FROM customer_purchases"), 230);
    assert!(others().starts_with("1 order is in other currencies than EUR"), "{}", others());
}

//! Which groups and lists priced something for shops: counted beside the price, written later.

use super::{member, pen, percentage, with_list};
use crate::support::rows::{self, By};
use chrono::NaiveDate;
use clientele::auth::role::Role;
use clientele::pricing::store::usage;
use clientele::pricing::usage::Counts;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

#[test]
fn what_won_a_price_is_told_on_its_page() {
    let (app, api, pen) = pen();
    rows::product(&app.db, "INK", 2_000);
    let list = rows::price_list(&app.db, "L");
    rows::entry(&app.db, list, pen, 1, 5_000);
    let (vip, gold) = (with_list(&app.db, "VIP", list), rows::group(&app.db, "GOLD", "Gold", None));
    percentage(&app.db, gold, "10.00", false);
    let customer = member(&app.db, "C1", vip);
    rows::member(&app.db, gold, customer, "2025-02-01", By::Hand, false);
    let browser = app.sign_in(Role::Viewer);
    let told = |path: &str| browser.get(path).text();
    assert!(told(&format!("/price-lists/{list}/uses")).contains("Priced nothing for shops in the last 30 days."));
    // Looking at a price on a page is no shop's question.
    browser.get(&format!("/tools/price-check?customer={customer}&sku=PEN&quantity=1"));
    let items = json!([{"sku": "PEN", "quantity": 1}, {"sku": "INK", "quantity": 1}]);
    for _ in 0..3 {
        assert_eq!(api.post("/store/prices", &json!({"customerId": customer, "items": items})).status, 200);
    }
    assert_eq!(api.post("/store/prices", &json!({"items": items})).status, 200, "a guest's base prices are nobody's");
    assert!(told(&format!("/price-lists/{list}/uses")).contains("Priced 3 items for shops"));
    assert!(told(&format!("/groups/{vip}/pricing/uses")).contains("Priced 3 items for shops"));
    assert!(told(&format!("/groups/{gold}/pricing/uses")).contains("Priced 3 items for shops"));
    let part = browser.htmx_get(&format!("/groups/{gold}/pricing/uses"), "uses");
    assert_eq!(part.text().trim(), "Priced 3 items for shops in the last 30 days.");
    assert!(browser.get(&format!("/groups/{gold}/pricing")).body.contains("/pricing/uses"));
    assert!(browser.get(&format!("/price-lists/{list}")).body.contains("/uses"));
}

#[test]
fn counts_of_nodes_add_up_by_day_and_those_of_what_is_gone_are_left_out() {
    let (app, _, _) = pen();
    let mut conn = app.db.conn();
    let (list, gold) = (rows::price_list(&app.db, "L"), rows::group(&app.db, "GOLD", "Gold", None));
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let counts = |prices: i64| Counts {
        groups: BTreeMap::from([((gold, day("2026-03-01")), prices), ((Uuid::now_v7(), day("2026-03-01")), 9)]),
        lists: BTreeMap::from([((list, day("2026-02-01")), prices), ((list, day("2026-03-10")), 1)]),
    };
    usage::add(&mut conn, &counts(4)).unwrap();
    usage::add(&mut conn, &counts(6)).unwrap();
    assert_eq!(usage::of_group(&mut conn, gold, day("2026-03-01")).unwrap(), 10);
    assert_eq!(usage::of_group(&mut conn, gold, day("2026-03-02")).unwrap(), 0);
    assert_eq!(usage::of_list(&mut conn, list, day("2026-01-01")).unwrap(), 12);
    assert_eq!(usage::of_list(&mut conn, list, day("2026-02-02")).unwrap(), 2);
    usage::tidy(&mut conn, day("2026-03-01")).unwrap();
    assert_eq!(usage::of_list(&mut conn, list, day("2026-01-01")).unwrap(), 2);
    rows::run(&app.db, &format!("DELETE FROM price_lists WHERE id = '{list}'"));
    assert_eq!(rows::number(&app.db, "SELECT count(*) FROM price_list_uses"), 0);
}

//! The settings of VIP Customers and VIP Platinum, value for value as drawn; what they show and what they hide.

use super::{number, shop, texts};
use serde_json::{Value, json};

fn row(conn: &mut diesel::PgConnection, table: &str, code: &str) -> Value {
    let query = format!(
        "SELECT to_jsonb(t) - 'group_id' FROM {table} t JOIN groups g ON g.id = t.group_id WHERE g.code = '{code}'"
    );
    let rows = texts(conn, &query);
    assert_eq!(rows.len(), 1, "{table} of {code}");
    serde_json::from_str(&rows[0]).unwrap()
}

/// A number with the digits that the database keeps.
fn exact(number: &str) -> Value {
    serde_json::from_str(number).unwrap()
}

#[test]
fn vip_customers_hold_what_is_drawn() {
    let (_database, mut conn) = shop();
    let pricing = row(&mut conn, "group_pricing", "VIP");
    for (field, value) in [
        ("method", json!("percentage")),
        ("percent", exact("15.00")),
        ("adds_to_inherited", json!(false)),
        ("scope", json!("all")),
        ("stack_with_promotions", json!(true)),
        ("no_minimum_order", json!(true)),
        ("minimum_order_amount", json!(null)),
    ] {
        assert_eq!(pricing[field], value, "{field}");
    }
    let lists = texts(
        &mut conn,
        "SELECT l.name || ' ' || a.priority || ' ' || l.status FROM group_price_lists a
         JOIN price_lists l ON l.id = a.price_list_id JOIN groups g ON g.id = a.group_id WHERE g.code = 'VIP'",
    );
    assert_eq!(lists, ["VIP Price List 1 active"]);
    assert_eq!(
        row(&mut conn, "group_portal", "VIP"),
        json!({"login": true, "shop": "full", "quotes": true, "orders": true, "invoices": "full"})
    );
    assert_eq!(
        row(&mut conn, "group_payment_terms", "VIP"),
        json!({
            "methods": ["card", "ach", "wire", "net_terms"], "net_days": 30, "credit_limit": 10_000_000,
            "auto_approve_under": 1_000_000, "require_po": false, "early_percent": exact("2.00"), "early_days": 10,
            "explicit_none": [],
        })
    );
    assert_eq!(shown(&mut conn, "VIP"), ["Early Access Products", "Standard Products", "VIP Exclusive Products"]);
}

#[test]
fn vip_platinum_overrides_what_is_drawn_and_inherits_the_rest() {
    let (_database, mut conn) = shop();
    let pricing = row(&mut conn, "group_pricing", "VIP-PLATINUM");
    assert_eq!((&pricing["method"], &pricing["percent"]), (&json!("percentage"), &exact("5.00")));
    assert_eq!(pricing["adds_to_inherited"], json!(true));
    let terms = row(&mut conn, "group_payment_terms", "VIP-PLATINUM");
    assert_eq!(
        terms,
        json!({
            "methods": null, "net_days": 45, "credit_limit": 25_000_000, "auto_approve_under": null, "require_po": null,
            "early_percent": null, "early_days": null, "explicit_none": [],
        })
    );
    let switches = "SELECT concat_ws(' ', inherit_pricing, inherit_visibility, inherit_portal, inherit_payment_terms)
                    FROM groups WHERE code = 'VIP-PLATINUM'";
    assert_eq!(texts(&mut conn, switches), ["t t t t"]);
    assert_eq!(shown(&mut conn, "VIP-PLATINUM"), Vec::<String>::new());
}

#[test]
fn from_vip_customers_nothing_is_hidden_and_45_products_are_theirs_alone() {
    let (_database, mut conn) = shop();
    let sees = |code: &str| {
        format!(
            "(SELECT x.product_id FROM visibility_group_products x
              JOIN group_visibility_groups v ON v.visibility_group_id = x.visibility_group_id
              JOIN groups g ON g.id = v.group_id WHERE g.code IN ({code}))"
        )
    };
    let (vip, all) = (sees("'VIP', 'ALL'"), sees("'ALL'"));
    let active = "SELECT count(*) FROM products WHERE status = 'active' AND id";
    assert_eq!(number(&mut conn, &format!("{active} NOT IN {vip}")), 0, "hidden");
    assert_eq!(number(&mut conn, &format!("{active} IN {vip} AND id NOT IN {all}")), 45, "exclusive");
    assert!(number(&mut conn, &format!("{active} IN {}", sees("'WHOLESALE'"))) > 240);
}

#[test]
fn new_customers_see_the_limited_range_only() {
    let (_database, mut conn) = shop();
    assert_eq!(shown(&mut conn, "NEW"), ["Limited"]);
    assert_eq!(texts(&mut conn, "SELECT inherit_visibility FROM groups WHERE code = 'NEW'"), ["false"]);
    assert_eq!(texts(&mut conn, "SELECT code FROM groups WHERE NOT inherit_visibility"), ["NEW"]);
}

#[test]
fn the_store_has_retail_as_default_group_in_a_fresh_currency_and_zone() {
    let (_database, mut conn) = shop();
    let store = "SELECT concat_ws(' ', s.currency, s.time_zone, s.flat_shipping, g.code) FROM store_settings s
                 JOIN groups g ON g.id = s.default_group_id";
    assert_eq!(texts(&mut conn, store), ["USD UTC 995 RETAIL"]);
}

/// The names of the visibility groups of a group's own access choice.
fn shown(conn: &mut diesel::PgConnection, code: &str) -> Vec<String> {
    let query = format!(
        "SELECT v.name FROM group_visibility a JOIN groups g ON g.id = a.group_id
         JOIN group_visibility_groups x ON x.group_id = a.group_id
         JOIN visibility_groups v ON v.id = x.visibility_group_id
         WHERE g.code = '{code}' AND a.access = 'visibility_groups' ORDER BY v.name"
    );
    texts(conn, &query)
}

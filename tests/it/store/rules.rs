//! SPEC 7's rules and examples as a shop gets them.

use super::{ask, member, pen, percentage, verdicts, with_list};
use crate::support::rows::{self, By};
use serde_json::json;

#[test]
fn grandparent_10_parent_15_on_toys_child_adds_5() {
    let (app, api, _) = pen();
    let toy = rows::product(&app.db, "TOY", 10_000);
    rows::run(&app.db, &format!("UPDATE products SET category = 'Toys' WHERE id = '{toy}'"));
    let top = rows::group(&app.db, "TOP", "Top", None);
    let middle = rows::group(&app.db, "MIDDLE", "Middle", Some(top));
    let child = rows::group(&app.db, "CHILD", "Child", Some(middle));
    percentage(&app.db, top, "10.00", false);
    percentage(&app.db, middle, "15.00", false);
    rows::run(&app.db, &format!("UPDATE group_pricing SET scope = 'categories' WHERE group_id = '{middle}'"));
    rows::run(&app.db, &format!("INSERT INTO group_pricing_categories VALUES ('{middle}', 'Toys')"));
    percentage(&app.db, child, "5.00", true);
    let customer = member(&app.db, "C1", child);
    assert_eq!(ask(&api, Some(customer), "TOY")["unitPrice"], "80.00");
    let item = ask(&api, Some(customer), "PEN");
    assert_eq!(item["unitPrice"], "85.00");
    assert_eq!(
        verdicts(&item),
        [
            "CHILD percentage -: won",
            "MIDDLE percentage -: out of scope",
            "TOP percentage -: higher price",
            "- base -: higher price"
        ]
    );
}

#[test]
fn adding_percentages_over_100_is_free() {
    let (app, api, _) = pen();
    let parent = rows::group(&app.db, "P", "Parent", None);
    let child = rows::group(&app.db, "C", "Child", Some(parent));
    percentage(&app.db, parent, "80.00", false);
    percentage(&app.db, child, "30.00", true);
    let customer = member(&app.db, "C1", child);
    assert_eq!(ask(&api, Some(customer), "PEN")["unitPrice"], "0.00");
}

#[test]
fn the_first_list_ends_the_search_of_its_level_only() {
    let (app, api, pen) = pen();
    let (first, second, above) =
        (rows::price_list(&app.db, "FIRST"), rows::price_list(&app.db, "SECOND"), rows::price_list(&app.db, "ABOVE"));
    let parent = with_list(&app.db, "PARENT", above);
    let child = rows::group(&app.db, "CHILD", "Child", Some(parent));
    rows::assign(&app.db, child, first, 1);
    rows::assign(&app.db, child, second, 10);
    rows::entry(&app.db, first, pen, 1, 9_000);
    rows::entry(&app.db, second, pen, 1, 1_000);
    rows::entry(&app.db, above, pen, 1, 8_500);
    let customer = member(&app.db, "C1", child);
    let item = ask(&api, Some(customer), "PEN");
    assert_eq!(item["unitPrice"], "85.00");
    assert_eq!(item["source"]["levelCode"], "PARENT");
    assert_eq!(
        verdicts(&item),
        [
            "CHILD price_list FIRST: higher price",
            "CHILD price_list SECOND: an earlier list decides",
            "PARENT price_list ABOVE: won",
            "- base -: overridden"
        ]
    );
}

#[test]
fn a_contract_price_above_the_base_price_wins_alone_only() {
    let (app, api, pen) = pen();
    let list = rows::price_list(&app.db, "CONTRACT");
    rows::entry(&app.db, list, pen, 1, 12_000);
    let contract = with_list(&app.db, "CONTRACT", list);
    let customer = member(&app.db, "C1", contract);
    assert_eq!(ask(&api, Some(customer), "PEN")["unitPrice"], "120.00");
    // A group without a candidate contributes nothing, one with an adjustment competes.
    let other = rows::group(&app.db, "OTHER", "Other", None);
    rows::member(&app.db, other, customer, "2025-01-02", By::Hand, false);
    assert_eq!(ask(&api, Some(customer), "PEN")["unitPrice"], "120.00");
    percentage(&app.db, other, "1.00", false);
    assert_eq!(ask(&api, Some(customer), "PEN")["unitPrice"], "99.00");
}

#[test]
fn ties_go_to_the_nearest_level_then_the_primary_group_then_the_name() {
    let (app, api, _) = pen();
    let parent = rows::group(&app.db, "PARENT", "Parent", None);
    let child = rows::group(&app.db, "CHILD", "Child", Some(parent));
    percentage(&app.db, parent, "10.00", false);
    let customer = member(&app.db, "C1", child);
    let winner = || ask(&api, Some(customer), "PEN")["source"]["levelCode"].clone();
    assert_eq!(winner(), "PARENT");
    let own = rows::group(&app.db, "ZULU", "Zulu", None);
    percentage(&app.db, own, "10.00", false);
    rows::member(&app.db, own, customer, "2025-01-02", By::Hand, false);
    assert_eq!(winner(), "ZULU", "own before inherited");
    let earlier = rows::group(&app.db, "ALPHA", "Alpha", None);
    percentage(&app.db, earlier, "10.00", false);
    rows::member(&app.db, earlier, customer, "2025-01-03", By::Hand, false);
    assert_eq!(winner(), "ALPHA", "by name");
    rows::run(&app.db, "UPDATE memberships SET is_primary = false");
    rows::run(&app.db, &format!("UPDATE memberships SET is_primary = true WHERE group_id = '{own}'"));
    assert_eq!(winner(), "ZULU", "the primary group first");
}

#[test]
fn unit_prices_are_rounded_half_away_from_zero_and_never_below_0() {
    let (app, api, _) = pen();
    rows::product(&app.db, "ODD", 1_010);
    rows::product(&app.db, "CHEAP", 100);
    let group = rows::group(&app.db, "G", "G", None);
    percentage(&app.db, group, "7.50", false);
    let customer = member(&app.db, "C1", group);
    // 10.10 − 7.5% = 9.3425.
    let item = super::ask_for(&api, Some(customer), "ODD", 3);
    assert_eq!((&item["unitPrice"], &item["lineTotal"]), (&json!("9.34"), &json!("28.02")));
    // 50% of 10.10 + a half cent: 5.05; 50% of 1.01 would be 50.5 cents and becomes 51.
    rows::product(&app.db, "HALF", 101);
    rows::run(&app.db, "UPDATE group_pricing SET percent = 50");
    assert_eq!(ask(&api, Some(customer), "HALF")["unitPrice"], "0.51");
    rows::run(&app.db, "UPDATE group_pricing SET method = 'fixed', percent = NULL, fixed_amount = 500");
    assert_eq!(ask(&api, Some(customer), "CHEAP")["unitPrice"], "0.00");
    assert_eq!(ask(&api, Some(customer), "PEN")["unitPrice"], "95.00");
}

#[test]
fn the_pricing_switch_cuts_the_chain_and_an_inactive_parent_is_left_out() {
    let (app, api, _) = pen();
    let parent = rows::group(&app.db, "PARENT", "Parent", None);
    let child = rows::group(&app.db, "CHILD", "Child", Some(parent));
    percentage(&app.db, parent, "15.00", false);
    percentage(&app.db, child, "5.00", true);
    let customer = member(&app.db, "C1", child);
    let price = || ask(&api, Some(customer), "PEN")["unitPrice"].clone();
    assert_eq!(price(), "80.00");
    rows::run(&app.db, &format!("UPDATE groups SET inherit_pricing = false WHERE id = '{child}'"));
    assert_eq!(price(), "95.00");
    rows::run(&app.db, &format!("UPDATE groups SET inherit_pricing = true WHERE id = '{child}'"));
    rows::run(&app.db, &format!("UPDATE groups SET status = 'inactive' WHERE id = '{parent}'"));
    assert_eq!(price(), "95.00");
}

#[test]
fn chosen_products_only() {
    let (app, api, pen) = pen();
    rows::product(&app.db, "INK", 2_000);
    let group = rows::group(&app.db, "G", "G", None);
    percentage(&app.db, group, "10.00", false);
    rows::run(&app.db, "UPDATE group_pricing SET scope = 'products'");
    rows::run(&app.db, &format!("INSERT INTO group_pricing_products VALUES ('{group}', '{pen}')"));
    let customer = member(&app.db, "C1", group);
    assert_eq!(ask(&api, Some(customer), "PEN")["unitPrice"], "90.00");
    assert_eq!(ask(&api, Some(customer), "INK")["unitPrice"], "20.00");
}

#[test]
fn a_change_counts_at_the_next_request() {
    let (app, api, pen) = pen();
    let list = rows::price_list(&app.db, "L");
    rows::entry(&app.db, list, pen, 1, 5_000);
    let group = with_list(&app.db, "VIP", list);
    let customer = member(&app.db, "C1", group);
    assert_eq!(ask(&api, Some(customer), "PEN")["unitPrice"], "50.00");
    rows::run(&app.db, "UPDATE price_list_entries SET price = 4000");
    assert_eq!(ask(&api, Some(customer), "PEN")["unitPrice"], "40.00");
    rows::run(&app.db, "DELETE FROM group_price_lists");
    assert_eq!(ask(&api, Some(customer), "PEN")["unitPrice"], "100.00");
}

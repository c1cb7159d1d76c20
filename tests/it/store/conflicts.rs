//! `/tools/conflicts`: each kind with its cause, and nothing where all is well.

use super::{member, pen, with_list};
use crate::support::{html, rows};
use clientele::auth::role::Role;

#[test]
fn each_kind_is_found_with_its_cause_and_a_way_to_mend_it() {
    let (app, _, pen) = pen();
    let ink = rows::product(&app.db, "INK", 2_000);
    rows::run(&app.db, "UPDATE products SET cost = 1500");
    let browser = app.sign_in(Role::Viewer);
    for kind in ["priorities", "unreachable", "members", "targets", "cost"] {
        assert!(browser.get(&format!("/tools/conflicts?kind={kind}")).text().contains("No conflicts"), "{kind}");
    }
    let lists: Vec<_> = ["A", "B", "C", "D", "E"].iter().map(|code| rows::price_list(&app.db, code)).collect();
    let [a, b, c, d, e] = lists[..] else { unreachable!() };
    // A has all that B has; C is the only one with ink; D expired, E is empty.
    for (list, product, quantity, price) in
        [(a, pen, 1, 9_000), (b, pen, 5, 8_000), (c, ink, 1, 1_499), (d, ink, 1, 1_500)]
    {
        rows::entry(&app.db, list, product, quantity, price);
    }
    rows::run(&app.db, &format!("UPDATE price_lists SET valid_to = '2026-03-09' WHERE id = '{d}'"));
    let vip = with_list(&app.db, "VIP", a);
    for (list, priority) in [(b, 2), (c, 2), (d, 3), (e, 4)] {
        rows::assign(&app.db, vip, list, priority);
    }
    let nobodys = with_list(&app.db, "NOBODYS", a);
    member(&app.db, "C1", vip);
    let told = |kind: &str| {
        let page = browser.get(&format!("/tools/conflicts?kind={kind}"));
        assert_eq!(page.status, 200);
        html::rows(&page.body)
    };
    let pricing = "Change the group's lists";
    assert_eq!(told("priorities"), [["Group VIP", "List B, List C all have the priority 2.", pricing]]);
    assert_eq!(
        told("unreachable"),
        [
            ["Group VIP", "List A comes before List B and has all of its products.", pricing],
            ["Group VIP", "List D has expired.", "Open the price list"],
            ["Group VIP", "List E has no prices.", "Open the price list"],
        ]
    );
    assert_eq!(
        told("members"),
        [["Group NOBODYS", "List A would price for it, but it has no members.", "Add members"]]
    );
    assert_eq!(
        told("cost"),
        [["Product INK (INK)", "List C has it at $14.99 from 1 unit on; it costs $15.00.", "Change the price"]]
    );
    // A member of a group below, or a customer of an organization, is somebody.
    let below = rows::group(&app.db, "BELOW", "Below", Some(nobodys));
    rows::organization(&app.db, "ACME", Some(below));
    assert!(told("members").is_empty());
}

#[test]
fn many_conflicts_come_in_pages() {
    let (app, _, pen) = pen();
    let (a, b) = (rows::price_list(&app.db, "A"), rows::price_list(&app.db, "B"));
    rows::entry(&app.db, a, pen, 1, 9_000);
    for n in 0..55 {
        let group = with_list(&app.db, &format!("G{n:02}"), a);
        rows::assign(&app.db, group, b, 1);
    }
    let browser = app.sign_in(Role::Viewer);
    for kind in ["priorities", "unreachable", "members"] {
        let first = browser.get(&format!("/tools/conflicts?kind={kind}"));
        let next = html::attribute(&first.body, "id=\"page-next\"", "href").unwrap();
        let second = browser.get(&next);
        assert_eq!((html::rows(&first.body).len(), html::rows(&second.body).len()), (50, 5), "{kind}");
        assert!(html::attribute(&second.body, "id=\"page-next\"", "href").is_none());
        assert_eq!(html::rows(&second.body)[4][0], "Group G54", "{kind}");
    }
}

#[test]
fn targets_that_contradict_each_other_or_reach_nobody_are_found() {
    let (app, _, _) = pen();
    let vip = rows::group(&app.db, "VIP", "VIP", None);
    let platinum = rows::group(&app.db, "PLATINUM", "Platinum", Some(vip));
    let empty = rows::group(&app.db, "EMPTY", "Empty", None);
    let off = rows::group(&app.db, "OFF", "Off", None);
    rows::run(&app.db, &format!("UPDATE groups SET status = 'inactive' WHERE id = '{off}'"));
    member(&app.db, "C1", platinum);
    member(&app.db, "C2", off);
    let promotion = |code: &str, meant: &[uuid::Uuid], not_meant: &[uuid::Uuid]| {
        let id = rows::promotion(&app.db, code);
        rows::run(&app.db, &format!("UPDATE promotions SET reaches_everyone = false WHERE id = '{id}'"));
        for (groups, is_in) in [(meant, true), (not_meant, false)] {
            for group in groups {
                rows::run(&app.db, &format!("INSERT INTO promotion_targets VALUES ('{id}', '{group}', {is_in})"));
            }
        }
        id
    };
    promotion("A-FINE", &[vip], &[]);
    promotion("B-CLASH", &[platinum], &[vip]);
    promotion("C-EMPTY", &[empty], &[]);
    promotion("D-OFF", &[off], &[]);
    promotion("E-REST", &[vip], &[platinum]);
    let over = promotion("F-OVER", &[empty], &[]);
    rows::run(&app.db, &format!("UPDATE promotions SET valid_to = '2026-03-09' WHERE id = '{over}'"));
    rows::run(
        &app.db,
        &format!(
            "INSERT INTO segments (id, name) VALUES ('{vip}', 'G Nobody');
             "
        )
        .trim(),
    );
    rows::run(&app.db, &format!("INSERT INTO segment_groups VALUES ('{vip}', '{empty}', true)"));
    let campaign = rows::campaign(&app.db, "SPRING");
    rows::run(
        &app.db,
        &format!("INSERT INTO campaign_segments (campaign_id, segment_id) VALUES ('{campaign}', '{vip}')"),
    );
    let browser = app.sign_in(Role::Viewer);
    let told = html::rows(&browser.get("/tools/conflicts?kind=targets").body);
    let (promotion, nobody) = ("Change the promotion", "Nobody is in the groups that it is for: it reaches nobody.");
    assert_eq!(
        told,
        [
            [
                "B-CLASH (promotion)",
                "It is for Platinum, which stands in VIP, for which it is not: nobody there is reached.",
                promotion
            ],
            ["C-EMPTY (promotion)", nobody, promotion],
            ["D-OFF (promotion)", "All groups that it is for are inactive or deleted: it reaches nobody.", promotion],
            ["E-REST (promotion)", nobody, promotion],
            ["G Nobody (segment)", &format!("{nobody} Campaigns for this segment: SPRING."), "Change the segment"],
        ]
    );
}

#[test]
fn discounts_below_cost_are_found_and_lists_that_are_over_are_not() {
    let (app, _, pen) = pen();
    // A pen of 100.00 costs 86.00; paper of 10.00 costs 2.00.
    let paper = rows::product(&app.db, "PAPER", 1_000);
    rows::run(&app.db, "UPDATE products SET cost = CASE sku WHEN 'PEN' THEN 8600 ELSE 200 END");
    rows::run(&app.db, "UPDATE products SET category = 'Toys' WHERE sku = 'PAPER'");
    let group = |code: &str, parent, method: &str| {
        let id = rows::group(&app.db, code, code, parent);
        rows::run(&app.db, &format!("INSERT INTO group_pricing (group_id, method, {method}"));
        id
    };
    let percent = |percent: &str| format!("percent) SELECT id, 'percentage', {percent} FROM groups WHERE code = ");
    let ten = group("TEN", None, &format!("{}'TEN'", percent("10")));
    group("FIFTEEN", None, &format!("{}'FIFTEEN'", percent("15")));
    group(
        "ADDS",
        Some(ten),
        "percent, adds_to_inherited) SELECT id, 'percentage', 5, true FROM groups WHERE code = 'ADDS'",
    );
    group("AMOUNT", None, "fixed_amount) SELECT id, 'fixed', 1401 FROM groups WHERE code = 'AMOUNT'");
    group("JUST", None, "fixed_amount) SELECT id, 'fixed', 800 FROM groups WHERE code = 'JUST'");
    let toys = group(
        "TOYS",
        None,
        "percent, scope) SELECT id, 'percentage', 70, 'categories' FROM groups WHERE code = 'TOYS'",
    );
    rows::run(&app.db, &format!("INSERT INTO group_pricing_categories VALUES ('{toys}', 'Toys')"));
    let listed = group("LISTED", None, &format!("{}'LISTED'", percent("15")));
    let (list, over) = (rows::price_list(&app.db, "L"), rows::price_list(&app.db, "OVER"));
    rows::entry(&app.db, list, pen, 1, 9_000);
    rows::assign(&app.db, listed, list, 1);
    rows::entry(&app.db, over, pen, 1, 1);
    rows::entry(&app.db, over, paper, 1, 1);
    rows::run(&app.db, "UPDATE price_lists SET valid_to = '2026-03-09' WHERE code = 'OVER'");
    let browser = app.sign_in(Role::Viewer);
    let told = html::rows(&browser.get("/tools/conflicts?kind=cost").body);
    let most = |takes: &str, price: &str| {
        format!("{takes} off sells 1 product below cost, Product PEN (PEN) most: at {price}, while it costs $86.00.")
    };
    let mend = "Change the discount";
    assert_eq!(
        told,
        [
            ["ADDS", &most("15%", "$85.00"), mend],
            [
                "AMOUNT",
                "$14.01 off sells 2 products below cost, Product PAPER (PAPER) most: at $0.00, while it costs $2.00.",
                mend
            ],
            ["FIFTEEN", &most("15%", "$85.00"), mend],
        ]
    );
}

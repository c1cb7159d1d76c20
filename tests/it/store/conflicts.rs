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
    for kind in ["priorities", "unreachable", "members", "cost"] {
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

//! Every sentence of SPEC 8 on promotions that orders get, as a named example.

use super::amounts::Line;
use super::combining::{Promoted, promote};
use super::eligibility::Asker;
use super::promotion::{FreeItem, Offer, Promotion, Targets};
use super::verdict::Verdict;
use super::window::Window;
use crate::groups::group::Status;
use crate::inheritance::level::Levels;
use std::collections::HashSet;
use uuid::Uuid;

/// A promotion that runs for everyone, is combinable and stacks.
pub fn promotion(code: &str, offer: Offer) -> Promotion {
    Promotion {
        id: Uuid::from_u128(code.bytes().fold(1, |n, b| n * 256 + u128::from(b))),
        code: code.into(),
        name: code.into(),
        status: Status::Active,
        window: Window::default(),
        offer,
        minimum_purchase: None,
        stacks: true,
        combinable: true,
        priority: 10,
        targets: Targets { everyone: true, ..Targets::default() },
        campaigns: Vec::new(),
    }
}

pub fn percent(code: &str, percent: &str) -> Promotion {
    promotion(code, Offer::Percent(percent.parse().unwrap()))
}

fn alone(promotion: Promotion) -> Promotion {
    Promotion { combinable: false, ..promotion }
}

fn at(priority: i32, promotion: Promotion) -> Promotion {
    Promotion { priority, ..promotion }
}

fn gift(code: &str) -> Promotion {
    promotion(
        code,
        Offer::FreeItem(FreeItem {
            product: Uuid::from_u128(9),
            sku: "MUG".into(),
            name: "Mug".into(),
            quantity: 2,
            active: true,
        }),
    )
}

/// A line at its base price.
pub fn line(quantity: i32, unit: i64) -> Line {
    let total = unit * i64::from(quantity);
    Line { quantity, base_total: Some(total), group_total: total, group_stacks: true }
}

pub fn order(promotions: &[Promotion], lines: &[Line], shipping: i64) -> Promoted {
    let (levels, segments) = (Levels::default(), HashSet::new());
    let day = "2026-03-10".parse().unwrap();
    promote(promotions, lines, shipping, true, &Asker { day, levels: &levels, counting: &[], segments: &segments })
}

/// Each promotion with what it saves, or a word on why it doesn't.
fn told(promoted: &Promoted) -> Vec<String> {
    let told = |verdict: &Verdict| match verdict {
        Verdict::Applied { saves, .. } => saves.to_string(),
        other => other.word().to_lowercase(),
    };
    promoted.verdicts.iter().map(told).collect()
}

#[test]
fn the_choice_of_promotions() {
    let (buy_two, shipping) = (Offer::BuyGet { buy: 2, get: 1 }, || promotion("SHIP", Offer::FreeShipping));
    for (says, promotions, lines, fee, total, verdicts) in [
        ("no promotions", vec![], vec![line(2, 100)], 10, 210, &[][..]),
        (
            "combinable promotions apply in priority order, each on what the one before left",
            vec![at(2, percent("A", "50")), at(1, promotion("B", Offer::Amount(20)))],
            vec![line(1, 100)],
            0,
            40,
            &["40", "20"],
        ),
        (
            "ties of the priority go by code",
            vec![promotion("B", Offer::Amount(20)), percent("A", "50")],
            vec![line(1, 100)],
            0,
            30,
            &["20", "50"],
        ),
        (
            "a non-combinable one competes alone and wins with the lower total",
            vec![percent("A", "10"), percent("B", "10"), alone(percent("C", "30"))],
            vec![line(1, 100)],
            0,
            70,
            &["outbid", "outbid", "30"],
        ),
        (
            "or loses to the combinable ones together",
            vec![percent("A", "10"), percent("B", "10"), alone(percent("C", "15"))],
            vec![line(1, 100)],
            0,
            81,
            &["10", "9", "outbid"],
        ),
        (
            "the lowest order total includes shipping",
            vec![alone(percent("A", "10")), alone(shipping())],
            vec![line(1, 100)],
            15,
            100,
            &["outbid", "15"],
        ),
        (
            "ties: fewer promotions",
            vec![percent("A", "10"), promotion("B", Offer::Amount(9)), alone(promotion("C", Offer::Amount(19)))],
            vec![line(1, 100)],
            0,
            81,
            &["outbid", "outbid", "19"],
        ),
        (
            "then the earlier priority",
            vec![at(3, alone(percent("A", "10"))), at(2, alone(percent("B", "10")))],
            vec![line(1, 100)],
            0,
            90,
            &["outbid", "10"],
        ),
        (
            "free items don't count: money off wins over a gift",
            vec![alone(gift("GIFT")), alone(percent("A", "1"))],
            vec![line(1, 100)],
            0,
            99,
            &["outbid", "1"],
        ),
        ("a gift comes with the others", vec![gift("GIFT"), percent("A", "1")], vec![line(1, 100)], 0, 99, &["0", "1"]),
        ("a gift alone comes, too", vec![alone(gift("GIFT"))], vec![line(1, 100)], 0, 100, &["0"]),
        (
            "of each three units of a line one is free",
            vec![promotion("B", buy_two.clone())],
            vec![line(7, 100), line(2, 50)],
            0,
            600,
            &["200"],
        ),
        (
            "units of different lines don't add up",
            vec![promotion("B", buy_two)],
            vec![line(2, 100), line(1, 100)],
            0,
            300,
            &["too few units"],
        ),
        (
            "an amount is per order",
            vec![promotion("A", Offer::Amount(30))],
            vec![line(1, 100), line(2, 100)],
            5,
            275,
            &["30"],
        ),
        ("no fee, nothing to take off", vec![shipping()], vec![line(1, 100)], 0, 100, &["nothing to take off"]),
        (
            "more than everything is everything",
            vec![at(1, promotion("A", Offer::Amount(500))), at(2, percent("B", "10"))],
            vec![line(1, 100)],
            5,
            5,
            &["100", "nothing to take off"],
        ),
        ("an order without lines", vec![percent("A", "10")], vec![], 5, 5, &["nothing to take off"]),
    ] {
        let promoted = order(&promotions, &lines, fee);
        assert_eq!(
            (promoted.total(), told(&promoted)),
            (total, verdicts.iter().map(|t| (*t).to_owned()).collect()),
            "{says}"
        );
        let saved: i64 = promoted.verdicts.iter().map(Verdict::saves).sum();
        assert_eq!(promoted.subtotal + fee - saved, total, "{says}");
    }
}

#[test]
fn minimum_purchase_is_measured_on_the_subtotal_before_promotions() {
    let with_minimum = |minimum| Promotion { minimum_purchase: Some(minimum), ..at(2, percent("B", "10")) };
    let half = || at(1, percent("A", "50"));
    for (minimum, total) in [(100, 45), (101, 50), (0, 45)] {
        let promoted = order(&[half(), with_minimum(minimum)], &[line(1, 100)], 0);
        assert_eq!(promoted.total(), total, "{minimum}");
    }
    let promoted = order(&[with_minimum(130)], &[line(1, 100)], 0);
    assert_eq!(promoted.verdicts, [Verdict::BelowMinimum { minimum: 130, missing: 30 }]);
}

#[test]
fn the_example_of_stacking() {
    let line = |group_stacks| Line { quantity: 1, base_total: Some(10_000), group_total: 8_000, group_stacks };
    let ten = |stacks| Promotion { stacks, ..percent("TEN", "10") };
    for (promotion_stacks, group_stacks, total, word) in [
        (true, true, 7_200, "Applied"),
        (false, true, 8_000, "Group price as low"),
        (true, false, 8_000, "Group price as low"),
        (false, false, 8_000, "Group price as low"),
    ] {
        let promoted = order(&[ten(promotion_stacks)], &[line(group_stacks)], 0);
        assert_eq!((promoted.total(), promoted.verdicts[0].word()), (total, word));
        assert_eq!((promoted.subtotal, promoted.discount), (8_000, 8_000 - total));
    }
}

#[test]
fn what_takes_nothing_off_at_its_step_still_counts_where_others_need_it() {
    // 100 less 10% is 90, no lower than the group's 80; less 15% of that is 76.50.
    let line = Line { quantity: 1, base_total: Some(10_000), group_total: 8_000, group_stacks: true };
    let not_stacking = |code, off| Promotion { stacks: false, ..percent(code, off) };
    let promoted = order(&[not_stacking("A", "10"), not_stacking("B", "15")], &[line], 0);
    assert_eq!((promoted.total(), told(&promoted)), (7_650, vec!["0".to_owned(), "350".to_owned()]));
    assert_eq!(promoted.verdicts[0], Verdict::Applied { saves: 0, gives: None });
}

#[test]
fn windows_and_status_decide_first() {
    for (window, status, word) in [
        (("2026-03-10", "2026-03-10"), Status::Active, "Applied"),
        (("2026-03-11", ""), Status::Active, "Scheduled"),
        (("", "2026-03-09"), Status::Active, "Ended"),
        (("", ""), Status::Inactive, "Off"),
    ] {
        let window = Window::read(window.0, window.1, &mut Vec::new());
        let promoted = order(&[Promotion { window, status, ..percent("A", "10") }], &[line(1, 100)], 0);
        assert_eq!(promoted.verdicts[0].word(), word);
    }
}

#[test]
fn amounts_and_minimums_are_in_the_stores_currency() {
    let (levels, segments) = (Levels::default(), HashSet::new());
    let day = "2026-03-10".parse().unwrap();
    let asker = Asker { day, levels: &levels, counting: &[], segments: &segments };
    let minimum = Promotion { minimum_purchase: Some(1), ..percent("C", "10") };
    let promotions = [percent("A", "10"), promotion("B", Offer::Amount(5)), minimum];
    let promoted = promote(&promotions, &[line(1, 100)], 0, false, &asker);
    assert_eq!(told(&promoted), ["10", "other currency", "other currency"]);
}

#[test]
fn gifts_are_named_and_not_charged() {
    let promoted = order(&[gift("GIFT")], &[line(1, 100)], 0);
    let gifts: Vec<_> = promoted.free_items().map(|item| (item.sku.as_str(), item.quantity)).collect();
    assert_eq!((gifts, promoted.total()), (vec![("MUG", 2)], 100));
}

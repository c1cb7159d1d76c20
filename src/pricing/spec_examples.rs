//! SPEC 7, rule by rule.

use super::facts::{Entry, Product, Question};
use super::resolve::{Counting, Ladder, Resolution};
use super::trace::{Offer, Verdict};
use crate::inheritance::level::{Level, Levels};
use crate::inheritance::own::{Adjustment, AssignedList, OwnPricing, Scope, Switches};
use crate::money::Currency;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::sync::Arc;
use uuid::Uuid;

pub(super) const EUR: &str = "EUR";

pub(super) fn day(d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, d).unwrap()
}

pub(super) fn ask(quantity: i32) -> Question {
    Question { quantity, day: day(15), currency: Currency::USD }
}

pub(super) fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub(super) fn list(n: u128, priority: i32) -> AssignedList {
    AssignedList {
        id: id(1000 + n),
        code: format!("L{n}"),
        name: format!("List {n}"),
        priority,
        active: true,
        currency: Currency::USD,
        valid_from: None,
        valid_to: None,
    }
}

pub(super) fn entry(list: u128, min_quantity: i32, price: i64) -> Entry {
    Entry { list_id: id(1000 + list), min_quantity, price }
}

fn percent(whole: i64, adds: bool) -> Adjustment {
    Adjustment::Percentage { percent: Decimal::new(whole * 100, 2), adds, scope: Scope::All }
}

fn fixed(amount: i64) -> Adjustment {
    Adjustment::Fixed { amount, scope: Scope::All }
}

/// Group `n` below group `parent` (0 = a root).
pub(super) fn group(n: u128, parent: u128, adjustment: Adjustment, lists: Vec<AssignedList>) -> Level {
    Level {
        id: id(n),
        code: format!("G{n}"),
        name: format!("Group {n}"),
        parent_id: (parent > 0).then(|| id(parent)),
        counts: true,
        pricing: OwnPricing { adjustment, lists, ..OwnPricing::default() },
        ..Level::default()
    }
}

pub(super) fn book(groups: Vec<Level>) -> Levels {
    groups.into_iter().map(|level| (level.id, Arc::new(level))).collect()
}

pub(super) fn product(entries: Vec<Entry>) -> Product {
    Product::new(id(500), "SKU", 10_000, Currency::USD).with_entries(entries)
}

pub(super) fn member_of(groups: &[u128]) -> Vec<Counting> {
    groups.iter().enumerate().map(|(i, n)| Counting { id: id(*n), is_primary: i == 0 }).collect()
}

fn resolve<'a>(levels: &'a Levels, groups: &[u128], product: &Product, question: &Question) -> Resolution<'a> {
    Ladder::new(levels, &member_of(groups), &[]).resolve(product, question)
}

fn price(groups: Vec<Level>, counting: &[u128], product: &Product, quantity: i32) -> Option<i64> {
    resolve(&book(groups), counting, product, &ask(quantity)).unit_price
}

#[test]
fn without_a_group_the_base_price_holds() {
    let levels = book(vec![group(1, 0, Adjustment::Unset, vec![])]);
    let got = resolve(&levels, &[], &product(vec![]), &ask(1));
    assert_eq!((got.unit_price, got.base_price), (Some(10_000), Some(10_000)));
    assert_eq!(got.winner().map(|step| step.offer), Some(Offer::Base));
}

#[test]
fn a_list_ends_the_search_of_its_level_only() {
    // Of the level the list with the lower number decides, though the other would be cheaper.
    let two = |first, second| group(1, 0, percent(50, false), vec![list(first, 1), list(second, 10)]);
    let entries = || product(vec![entry(1, 1, 9_000), entry(2, 1, 8_000)]);
    assert_eq!(price(vec![two(1, 2)], &[1], &entries(), 1), Some(9_000));
    assert_eq!(price(vec![two(2, 1)], &[1], &entries(), 1), Some(8_000));
    // The parent's level competes all the same.
    let child = || group(2, 1, Adjustment::Unset, vec![list(1, 1)]);
    assert_eq!(price(vec![group(1, 0, percent(50, false), vec![]), child()], &[2], &entries(), 1), Some(5_000));
    assert_eq!(price(vec![group(1, 0, percent(5, false), vec![]), child()], &[2], &entries(), 1), Some(9_000));
}

#[test]
fn of_the_list_the_largest_reached_quantity_decides() {
    let groups = || vec![group(1, 0, Adjustment::PriceLists, vec![list(1, 1)])];
    let product = product(vec![entry(1, 100, 7_000), entry(1, 1, 9_000), entry(1, 10, 8_000)]);
    for (quantity, expected) in [(1, 9_000), (9, 9_000), (10, 8_000), (99, 8_000), (100, 7_000), (5_000, 7_000)] {
        assert_eq!(price(groups(), &[1], &product, quantity), Some(expected), "{quantity}");
    }
}

#[test]
fn a_list_that_says_nothing_lets_the_next_one_speak() {
    let (from, to) = (day(15), day(15));
    for (silent, verdict) in [
        (AssignedList { active: false, ..list(1, 1) }, Verdict::ListInactive),
        (AssignedList { valid_from: Some(day(16)), ..list(1, 1) }, Verdict::NotYetValid(day(16))),
        (AssignedList { valid_to: Some(day(14)), ..list(1, 1) }, Verdict::Expired(day(14))),
        (
            AssignedList { currency: Currency::from_code(EUR).unwrap(), ..list(1, 1) },
            Verdict::OtherCurrency(Currency::from_code(EUR).unwrap()),
        ),
        (list(3, 1), Verdict::NoEntry),
        (list(4, 1), Verdict::QuantityBelow(5)),
    ] {
        let levels = book(vec![group(1, 0, Adjustment::PriceLists, vec![silent, list(2, 10)])]);
        let product = product(vec![entry(1, 1, 1_000), entry(2, 1, 9_000), entry(4, 5, 1_000)]);
        let got = resolve(&levels, &[1], &product, &ask(1));
        assert_eq!(got.trace[0].verdict, verdict);
        assert_eq!(got.unit_price, Some(9_000));
    }
    // A window is whole days, both ends in.
    let today = AssignedList { valid_from: Some(from), valid_to: Some(to), ..list(1, 1) };
    let groups = vec![group(1, 0, Adjustment::PriceLists, vec![today])];
    assert_eq!(price(groups, &[1], &product(vec![entry(1, 1, 1_000)]), 1), Some(1_000));
}

#[test]
fn percentages_add_for_each_product_as_the_spec_says() {
    // Grandparent 10%, parent 15% on Toys, child adds 5%: a toy gets 20%, another product 15%.
    let toys = Adjustment::Percentage {
        percent: Decimal::new(1_500, 2),
        adds: false,
        scope: Scope::Categories(vec!["Toys".into()]),
    };
    let groups = || {
        vec![
            group(1, 0, percent(10, false), vec![]),
            group(2, 1, toys.clone(), vec![]),
            group(3, 2, percent(5, true), vec![]),
        ]
    };
    let mut toy = product(vec![]);
    toy.category = "Toys".into();
    assert_eq!(price(groups(), &[3], &toy, 1), Some(8_000));
    assert_eq!(price(groups(), &[3], &product(vec![]), 1), Some(8_500));
    // At most 100%; lists and fixed adjustments are never added to.
    let over = vec![group(1, 0, percent(80, false), vec![]), group(2, 1, percent(30, true), vec![])];
    assert_eq!(price(over, &[2], &product(vec![]), 1), Some(0));
    let on_fixed = vec![group(1, 0, fixed(400), vec![]), group(2, 1, percent(5, true), vec![])];
    assert_eq!(price(on_fixed, &[2], &product(vec![]), 1), Some(9_500));
    // At a level with an override its percentage isn't what applies to this product.
    let on_list = vec![group(1, 0, percent(15, false), vec![list(1, 1)]), group(2, 1, percent(5, true), vec![])];
    assert_eq!(price(on_list, &[2], &product(vec![entry(1, 1, 9_900)]), 1), Some(9_500));
    // The switch cuts the chain: nothing to add to.
    let alone =
        Level { inherit: Switches { pricing: false, ..Switches::default() }, ..group(2, 1, percent(5, true), vec![]) };
    assert_eq!(price(vec![group(1, 0, percent(15, false), vec![]), alone], &[2], &product(vec![]), 1), Some(9_500));
}

#[test]
fn an_override_above_the_base_price_wins_where_nothing_else_applies() {
    let contract = || group(1, 0, Adjustment::PriceLists, vec![list(1, 1)]);
    let dear = || product(vec![entry(1, 1, 12_000)]);
    assert_eq!(price(vec![contract()], &[1], &dear(), 1), Some(12_000));
    // Another group without a candidate contributes nothing.
    assert_eq!(price(vec![contract(), group(2, 0, Adjustment::Unset, vec![])], &[2, 1], &dear(), 1), Some(12_000));
    assert_eq!(price(vec![contract(), group(2, 0, percent(1, false), vec![])], &[2, 1], &dear(), 1), Some(9_900));
    // Adjustments alone never raise a price, and one that lowers nothing leaves the base price as the reason.
    let levels = book(vec![group(1, 0, percent(0, false), vec![])]);
    let got = resolve(&levels, &[1], &product(vec![]), &ask(1));
    assert_eq!(got.winner().map(|step| step.offer), Some(Offer::Base));
}

#[test]
fn ties_go_to_the_nearest_level_then_the_primary_group_then_the_name() {
    let winner = |groups: Vec<Level>, counting: &[u128]| {
        let levels = book(groups);
        let got = resolve(&levels, counting, &product(vec![]), &ask(1));
        let step = got.winner().unwrap();
        (step.group.unwrap().name.clone(), step.level.unwrap().name.clone())
    };
    let ten = |n, parent| group(n, parent, percent(10, false), vec![]);
    let nothing = |n, parent| group(n, parent, Adjustment::Unset, vec![]);
    assert_eq!(winner(vec![ten(1, 0), ten(2, 1)], &[2]), ("Group 2".into(), "Group 2".into()));
    // The primary group inherits it, the other one has it itself: own before inherited.
    assert_eq!(winner(vec![ten(1, 0), nothing(2, 1), ten(3, 0)], &[2, 3]), ("Group 3".into(), "Group 3".into()));
    assert_eq!(winner(vec![ten(2, 0), ten(1, 0)], &[2, 1]), ("Group 2".into(), "Group 2".into()));
    assert_eq!(winner(vec![ten(2, 0), ten(1, 0), ten(3, 0)], &[9, 2, 1]).0, "Group 1");
}

#[test]
fn in_another_currency_only_lists_in_it_price() {
    let eur = Currency::from_code(EUR).unwrap();
    let question = Question { currency: eur, ..ask(1) };
    let in_euro = AssignedList { currency: eur, ..list(1, 1) };
    let levels = book(vec![group(1, 0, percent(50, false), vec![in_euro])]);
    let got = resolve(&levels, &[1], &product(vec![entry(1, 1, 7_700)]), &question);
    assert_eq!((got.base_price, got.unit_price), (None, Some(7_700)));
    let got = resolve(&levels, &[1], &product(vec![]), &question);
    assert_eq!((got.unit_price, got.winner()), (None, None));
    assert_eq!(got.trace.last().unwrap().verdict, Verdict::NoPrice(eur));
    assert_eq!(got.trace.last().unwrap().verdict.name(), "no price in EUR");
}

#[test]
fn groups_that_do_not_count_are_named_with_the_reason() {
    let levels = book(vec![group(1, 0, percent(10, false), vec![]), group(2, 0, percent(90, false), vec![])]);
    let ladder = Ladder::new(&levels, &member_of(&[1]), &[(id(2), Verdict::OrganizationDecides)]);
    let got = ladder.resolve(&product(vec![]), &ask(1));
    assert_eq!(got.unit_price, Some(9_000));
    let sentences: Vec<String> = got.trace.iter().map(|step| step.sentence(Currency::USD)).collect();
    assert_eq!(
        sentences,
        [
            "Group 1: 10% off the base price makes $90.00; this is the price.",
            "Group 2: the group of the customer's organization decides alone.",
            "The base price is $100.00: another price is lower.",
        ]
    );
}

#[test]
fn sentences_say_what_is_inherited_and_added() {
    let levels = book(vec![group(1, 0, percent(15, false), vec![list(1, 1)]), group(2, 1, percent(5, true), vec![])]);
    let got = resolve(&levels, &[2], &product(vec![entry(1, 10, 1)]), &ask(1));
    let sentences: Vec<String> = got.trace.iter().map(|step| step.sentence(Currency::USD)).collect();
    assert_eq!(
        sentences,
        [
            "Group 2, inherited from Group 1: price list List 1; the list has this product from 10 units on.",
            "Group 2: additional 5% (total 20%) off the base price makes $80.00; this is the price.",
            "Group 2, inherited from Group 1: 15% off the base price makes $85.00; another price is lower.",
            "The base price is $100.00: another price is lower.",
        ]
    );
}

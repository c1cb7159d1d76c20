//! What a change would do is told before it is saved: whom it reaches, which prices move, whose terms and credit change.

use crate::support::TestDb;
use chrono::NaiveDate;
use clientele::groups::group::ROOT_ID;
use clientele::impact::store::assess::{Exposure, Impact, assess};
use clientele::inheritance::book::Book;
use clientele::inheritance::level::Level;
use clientele::inheritance::own::{Access, Adjustment, Scope, Setting};
use clientele::inheritance::store::live::LiveSettings;
use clientele::money::Currency;
use clientele::pricing::facts::Question;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use rust_decimal::Decimal;
use std::sync::Arc;
use uuid::Uuid;

const VIP: Uuid = Uuid::from_u128(1);
const PLATINUM: Uuid = Uuid::from_u128(2);
const RETAIL: Uuid = Uuid::from_u128(3);

/// VIP (15%, limit 1,000.00) with Platinum below it (adds 5%), and Retail. Ann is in VIP, Bea in VIP and Retail with
/// Retail as her primary group, Cora in Platinum; Dan is in VIP himself, but his organization's group is Retail; Eve's
/// organization has VIP, and she is in nothing herself; Finn is in nothing at all.
fn shop(conn: &mut PgConnection) -> Arc<Book> {
    conn.batch_execute(&format!(
        "INSERT INTO groups (id, code, name, parent_id) VALUES
             ('{VIP}', 'VIP', 'VIP', '{ROOT_ID}'), ('{PLATINUM}', 'PLATINUM', 'Platinum', '{VIP}'),
             ('{RETAIL}', 'RETAIL', 'Retail', '{ROOT_ID}');
         INSERT INTO group_pricing (group_id, method, percent, adds_to_inherited) VALUES
             ('{VIP}', 'percentage', 15, false), ('{PLATINUM}', 'percentage', 5, true);
         INSERT INTO group_payment_terms (group_id, credit_limit) VALUES ('{VIP}', 100000), ('{RETAIL}', 20000);
         INSERT INTO organizations (id, code, name, group_id) VALUES
             (uuid_v7(), 'ORG-R', 'Retail & Co', '{RETAIL}'), (uuid_v7(), 'ORG-V', 'Very & Co', '{VIP}');
         INSERT INTO customers (id, code, name, organization_id)
         SELECT uuid_v7(), code, name, (SELECT id FROM organizations o WHERE o.code = org)
         FROM (VALUES ('A', 'Ann', NULL), ('B', 'Bea', NULL), ('C', 'Cora', NULL), ('D', 'Dan', 'ORG-R'),
                      ('E', 'Eve', 'ORG-V'), ('F', 'Finn', NULL)) AS v (code, name, org);
         INSERT INTO memberships (group_id, customer_id, since, by_hand, by_rule, is_primary)
         SELECT g.id, c.id, now(), true, false, is_primary
         FROM (VALUES ('VIP', 'A', true), ('VIP', 'B', false), ('RETAIL', 'B', true), ('PLATINUM', 'C', true),
                      ('VIP', 'D', true)) AS v (g, c, is_primary)
         JOIN groups g ON g.code = v.g JOIN customers c ON c.code = v.c;
         INSERT INTO products (id, sku, name, base_price, cost, currency)
         VALUES (uuid_v7(), 'P1', 'Pen', 10000, 5000, 'USD'), (uuid_v7(), 'P2', 'Ink', 20000, NULL, 'USD')"
    ))
    .unwrap();
    LiveSettings::default().now(conn).unwrap()
}

fn question() -> Question {
    Question { quantity: 1, day: NaiveDate::from_ymd_opt(2026, 3, 15).unwrap(), currency: Currency::USD }
}

fn changed(book: &Book, id: Uuid, change: impl Fn(&mut Level)) -> Book {
    let mut level = book.level(id).unwrap().clone();
    change(&mut level);
    book.with([(id, Some(Arc::new(level)))])
}

fn ask(conn: &mut PgConnection, book: &Book, after: &Book) -> Impact {
    assess(conn, book, after, &question()).unwrap()
}

fn names(impact: &Impact) -> Vec<&str> {
    impact.groups.iter().map(|group| group.name.as_str()).collect()
}

fn percent(percent: i64, adds: bool) -> Adjustment {
    Adjustment::Percentage { percent: Decimal::new(percent * 100, 2), adds, scope: Scope::All }
}

#[test]
fn nothing_changes_nothing() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    let book = shop(conn);
    let impact = ask(conn, &book, &changed(&book, VIP, |_| {}));
    assert!(impact.is_nothing() && impact.customers == 0 && impact.prices.is_none() && impact.exposure.is_none());
    // A name is no setting.
    let renamed = changed(&book, VIP, |level| level.name = "Very Important".into());
    assert!(ask(conn, &book, &renamed).is_nothing());
}

#[test]
fn a_discount_reaches_members_subgroups_and_organizations_but_not_whom_another_group_decides_for() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    let book = shop(conn);
    let impact = ask(conn, &book, &changed(&book, VIP, |level| level.pricing.adjustment = percent(25, false)));
    assert_eq!(names(&impact), ["VIP", "Platinum"]);
    // Ann, Bea, Cora, Eve; not Dan.
    assert_eq!(impact.customers, 4);
    let prices = impact.prices.unwrap();
    assert_eq!((prices.customers, prices.products), (4, 2));
    assert_eq!((prices.up, prices.down, prices.same), (0, 8, 0));
    // Cora pays 80.00 and then 70.00 for a pen: −12.50%; the others 85.00 and 75.00: −11.76%.
    let largest = &prices.swings[0];
    assert_eq!((largest.customer.as_str(), largest.percent()), ("Cora", Some(Decimal::new(-1_250, 2))));
    assert_eq!((largest.before, largest.after), (8_000, 7_000));
    // Of pens, which have a cost: 335.00 and 295.00 paid, 200.00 cost.
    assert_eq!(prices.margin_before, Some(Decimal::new(4_030, 2)));
    assert_eq!(prices.margin_after, Some(Decimal::new(3_220, 2)));
    assert_eq!(impact.differences[0].before, "15% discount on all products");
    assert_eq!(impact.differences[0].after, "25% discount on all products");
    assert_eq!(impact.exposure, None);
}

#[test]
fn a_group_that_stops_counting_leaves_its_customers_to_others() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    let book = shop(conn);
    let impact = ask(conn, &book, &changed(&book, VIP, |level| level.counts = false));
    // Platinum loses what it inherits: its 5% is all that is left.
    assert_eq!(names(&impact), ["VIP", "Platinum"]);
    assert_eq!(impact.customers, 4);
    let prices = impact.prices.unwrap();
    assert_eq!((prices.up, prices.down), (8, 0));
    // Before: Ann, Cora and Eve by VIP's 1,000.00, Bea by Retail's 200.00. After: Ann, Cora and Eve have no limit.
    assert_eq!(
        impact.exposure,
        Some(Exposure { before: 320_000, after: 20_000, unlimited_before: 0, unlimited_after: 3 })
    );
}

#[test]
fn terms_of_the_deciding_group_make_the_exposure() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    let book = shop(conn);
    let after = changed(&book, PLATINUM, |level| level.terms.credit_limit = Setting::Value(250_000));
    let impact = ask(conn, &book, &after);
    assert_eq!((names(&impact), impact.customers), (vec!["Platinum"], 1));
    assert_eq!(impact.prices, None);
    assert_eq!(
        impact.exposure,
        Some(Exposure { before: 100_000, after: 250_000, unlimited_before: 0, unlimited_after: 0 })
    );
    let credit = &impact.differences[0];
    assert_eq!(
        (credit.label, credit.before.as_str(), credit.after.as_str()),
        ("Credit limit", "$1,000.00", "$2,500.00")
    );
}

#[test]
fn moving_a_group_changes_what_it_inherits() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    let book = shop(conn);
    let impact = ask(conn, &book, &changed(&book, PLATINUM, |level| level.parent_id = Some(RETAIL)));
    assert_eq!((names(&impact), impact.customers), (vec!["Platinum"], 1));
    let prices = impact.prices.unwrap();
    assert_eq!((prices.up, prices.down), (2, 0));
    assert_eq!(
        impact.exposure,
        Some(Exposure { before: 100_000, after: 20_000, unlimited_before: 0, unlimited_after: 0 })
    );
}

#[test]
fn the_bottom_layer_reaches_also_who_has_no_group() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    let book = shop(conn);
    let impact = ask(conn, &book, &changed(&book, ROOT_ID, |level| level.portal.login = Some(false)));
    assert_eq!(names(&impact), ["All Customers", "Retail", "VIP", "Platinum"]);
    assert!(impact.without_groups);
    assert_eq!(impact.customers, 6);
}

#[test]
fn who_has_the_value_from_elsewhere_is_reached_but_not_affected() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    let book = shop(conn);
    let counts = |impact: &Impact| (impact.customers, impact.reached, impact.is_exact);
    // Retail is Bea's primary group: VIP's terms are not hers. Cora inherits them, Eve's organization has VIP.
    let days = changed(&book, VIP, |level| level.terms.net_days = Setting::Value(45));
    assert_eq!(counts(&ask(conn, &book, &days)), (3, 4, true));
    let portal = changed(&book, VIP, |level| level.portal.login = Some(false));
    assert_eq!(counts(&ask(conn, &book, &portal)), (3, 4, true));
    // Retail's are Bea's, and Dan's through his organization.
    let days = changed(&book, RETAIL, |level| level.terms.net_days = Setting::Value(45));
    assert_eq!(counts(&ask(conn, &book, &days)), (2, 2, true));
    // 10% in Retail is Dan's price; Bea has 15% by VIP all the same.
    let percent_of_retail = changed(&book, RETAIL, |level| level.pricing.adjustment = percent(10, false));
    assert_eq!(counts(&ask(conn, &book, &percent_of_retail)), (1, 2, true));
    // Retail shows nothing any more: Dan sees nothing, Bea what VIP shows.
    let narrow = changed(&book, RETAIL, |level| level.visibility.access = Some(Access::VisibilityGroups(Vec::new())));
    assert_eq!(counts(&ask(conn, &book, &narrow)), (1, 2, true));
    // 85.00 of a category that no product has, 15.00 off what costs 100.00 or more: it takes the products to tell.
    let scope = Scope::Categories(vec!["Toys".into()]);
    let toys = changed(&book, RETAIL, |level| {
        level.pricing.adjustment =
            Adjustment::Percentage { percent: Decimal::from(50), adds: false, scope: scope.clone() };
    });
    assert_eq!(counts(&ask(conn, &book, &toys)), (0, 2, true));
    let fixed = |amount| {
        changed(&book, RETAIL, move |level| level.pricing.adjustment = Adjustment::Fixed { amount, scope: Scope::All })
    };
    assert_eq!(counts(&ask(conn, &book, &fixed(1_500))), (1, 2, true));
    assert_eq!(counts(&ask(conn, &book, &fixed(1_501))), (2, 2, true));
}

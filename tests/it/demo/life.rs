//! Life in the shop: three years that end today, few big buyers, growth, seasons, returns, open and late invoices.

use super::{TODAY, number, shop};

#[test]
fn orders_reach_back_three_years_and_end_now() {
    let (_database, mut conn) = shop();
    assert_eq!(number(&mut conn, &format!("SELECT {TODAY} - max(day) FROM orders")), 0);
    assert!(number(&mut conn, &format!("SELECT min(day) - ({TODAY} - interval '3 years')::date FROM orders")) < 7);
    assert_eq!(number(&mut conn, &format!("SELECT count(*) FROM orders WHERE day <= {TODAY} - interval '3 years'")), 0);
    let now = "'2026-11-22T08:30:00Z'";
    assert_eq!(
        number(&mut conn, &format!("SELECT count(*) FROM orders WHERE placed_at > {now} OR paid_at > {now}")),
        0
    );
    let before = "SELECT count(*) FROM orders o JOIN customers c ON c.id = o.customer_id
                  WHERE o.day < c.customer_since OR o.paid_at < o.placed_at OR o.due_at < o.placed_at";
    assert_eq!(number(&mut conn, before), 0);
}

#[test]
fn orders_are_completed_open_cancelled_and_given_back() {
    let (_database, mut conn) = shop();
    for (condition, least) in [
        ("status = 'completed' AND NOT is_credit_note", 28_000),
        ("status = 'open' AND due_at > placed_at AND paid_at IS NULL", 40),
        ("status = 'cancelled'", 250),
        ("is_credit_note AND net < 0", 750),
        ("currency = 'EUR'", 150),
        ("status = 'completed' AND due_at IS NOT NULL AND paid_at IS NULL", 300),
        ("paid_at > due_at", 2_000),
        ("paid_at <= due_at", 6_000),
    ] {
        let count = number(&mut conn, &format!("SELECT count(*) FROM orders WHERE {condition}"));
        assert!(count >= least, "{condition}: {count}");
    }
    let returned = "SELECT count(*) FROM order_lines l JOIN orders o ON o.id = l.order_id
                    WHERE l.quantity < 0 AND NOT o.is_credit_note AND o.net > 0";
    assert!(number(&mut conn, returned) > 100, "single lines come back with the next order");
    let old = format!("SELECT count(*) FROM orders WHERE status = 'open' AND day < {TODAY} - 30");
    assert_eq!(number(&mut conn, &old), 0);
}

#[test]
fn few_customers_buy_most_and_the_shop_grows_at_a_sane_margin() {
    let (_database, mut conn) = shop();
    let share = "SELECT 100 * sum(net) FILTER (WHERE place <= total / 5) / sum(net) FROM (
                 SELECT net, row_number() OVER (ORDER BY net DESC) AS place, count(*) OVER () AS total
                 FROM customer_purchases) AS ranked";
    assert!((60..=85).contains(&number(&mut conn, share)), "the first fifth buys most");
    let year = |n: i64| {
        format!(
            "SELECT sum(net) FROM orders WHERE status = 'completed' AND currency = 'USD'
             AND day > {TODAY} - {} AND day <= {TODAY} - {}",
            365 * (n + 1),
            365 * n
        )
    };
    let years: Vec<i64> = (0..3).map(|n| number(&mut conn, &year(n))).collect();
    assert!(years[0] > years[1] && years[1] > years[2], "{years:?}");
    let margin = number(&mut conn, "SELECT 100 * (sum(net) - sum(cost)) / sum(net) FROM store_days");
    assert!((20..=35).contains(&margin), "{margin}%");
}

#[test]
fn the_better_the_group_the_larger_and_the_more_frequent_its_orders() {
    let (_database, mut conn) = shop();
    let mut figures = |code: &str| {
        let of_members = format!(
            "FROM orders o JOIN memberships m ON m.customer_id = o.customer_id JOIN groups g ON g.id = m.group_id
             WHERE g.code = '{code}' AND o.status = 'completed' AND o.currency = 'USD' AND o.day > {TODAY} - 365"
        );
        let average =
            number(&mut conn, &format!("SELECT sum(net) / count(*) FILTER (WHERE NOT is_credit_note) {of_members}"));
        let orders =
            number(&mut conn, &format!("SELECT count(*) FILTER (WHERE NOT is_credit_note) * 1000 {of_members}"));
        let members = number(&mut conn, &format!("SELECT member_count FROM groups WHERE code = '{code}'"));
        (average, orders / members)
    };
    let ranked = [figures("VIP"), figures("GOLD"), figures("SILVER"), figures("RETAIL")];
    assert!(ranked.windows(2).all(|pair| pair[0].0 > pair[1].0 && pair[0].1 > pair[1].1), "{ranked:?}");
}

#[test]
fn who_would_be_vip_but_for_one_condition_is_there_to_be_found() {
    let (_database, mut conn) = shop();
    for (name, fails) in [
        ("DataFlow Corp", "c.payment_history <> 'excellent' AND p.net > 5000000"),
        ("InnoSystems", "c.customer_since > DATE '2026-11-22' - interval '12 months' AND p.net > 5000000"),
        ("SmartTech LLC", "p.net BETWEEN 4000000 AND 4999999 AND c.payment_history = 'excellent'"),
        ("Global Supplies", "c.payment_history <> 'excellent' AND p.net > 10000000"),
    ] {
        let query = format!(
            "SELECT count(*) FROM customers c JOIN customer_purchases p ON p.customer_id = c.id
             WHERE c.name = '{name}' AND {fails}"
        );
        assert_eq!(number(&mut conn, &query), 1, "{name}");
    }
}

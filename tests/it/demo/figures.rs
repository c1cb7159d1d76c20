//! Sums: headers are sums of lines, roll-ups are sums of headers, prices follow the groups.

use super::{differences, number, shop};

#[test]
fn headers_are_the_sums_of_their_lines() {
    let (_database, mut conn) = shop();
    let headers = "SELECT id, net, gross, cost, is_credit_note FROM orders";
    let lines = "SELECT order_id, sum(quantity * unit_price)::bigint, sum(quantity * list_price)::bigint,
                 sum(quantity * unit_cost)::bigint, bool_and(quantity < 0) FROM order_lines GROUP BY 1";
    assert_eq!(differences(&mut conn, headers, lines), 0);
    let days = "SELECT count(*) FROM orders WHERE day <> (placed_at AT TIME ZONE 'UTC')::date";
    assert_eq!(number(&mut conn, days), 0);
}

/// How many bought on a day, and on which day last before that.
const RETURNS: &str = "
    SELECT day, previous, count(*) FROM (
        SELECT DISTINCT o.customer_id, o.day,
               coalesce((SELECT max(e.day) FROM orders e
                         WHERE e.customer_id = o.customer_id AND e.day < o.day AND e.status = 'completed'
                           AND e.currency = 'USD' AND NOT e.is_credit_note), '-infinity') AS previous
        FROM orders o WHERE o.status = 'completed' AND o.currency = 'USD' AND NOT o.is_credit_note
    ) b GROUP BY 1, 2";

#[test]
fn rolled_up_purchases_are_plain_sums() {
    let (_database, mut conn) = shop();
    let counted = "FROM orders WHERE status = 'completed' AND currency = 'USD' GROUP BY 1";
    let sums = "sum(net)::bigint, sum(gross)::bigint, sum(cost)::bigint, count(*) FILTER (WHERE NOT is_credit_note)";
    for (kept, plain) in [
        (
            "SELECT customer_id, net, gross, cost, orders::bigint, first_order_on, last_order_on FROM customer_purchases",
            format!(
                "SELECT customer_id, {sums}, min(day) FILTER (WHERE NOT is_credit_note),
                 max(day) FILTER (WHERE NOT is_credit_note) {counted}"
            ),
        ),
        (
            "SELECT customer_id, day, net, gross, cost, orders::bigint FROM customer_days",
            format!("SELECT customer_id, day, {sums} {counted}, 2"),
        ),
        ("SELECT day, net, gross, cost, orders FROM store_days", format!("SELECT day, {sums} {counted}")),
        ("SELECT day, previous, customers FROM store_returns", RETURNS.into()),
    ] {
        assert!(number(&mut conn, &format!("SELECT count(*) FROM ({kept}) AS k")) > 30, "{kept}");
        assert_eq!(differences(&mut conn, kept, &plain), 0, "{kept}");
    }
}

/// Customers who only ever were in one group and whose organization decides nothing pay its percentage less, to the
/// cent, from the moment they joined.
#[test]
fn discounts_follow_the_groups() {
    let (_database, mut conn) = shop();
    for (code, kept_percent) in [("GOLD", 90), ("SILVER", 95), ("RETAIL", 100)] {
        let lines = format!(
            "FROM order_lines l JOIN orders o ON o.id = l.order_id JOIN memberships m ON m.customer_id = o.customer_id
             JOIN groups g ON g.id = m.group_id JOIN customers c ON c.id = o.customer_id
             LEFT JOIN organizations z ON z.id = c.organization_id
             WHERE g.code = '{code}' AND o.placed_at >= m.since AND o.currency = 'USD' AND l.quantity > 0
               AND z.group_id IS NULL AND NOT EXISTS (
                   SELECT 1 FROM membership_events e JOIN groups x ON x.id = e.group_id
                   WHERE e.customer_id = c.id AND x.code NOT IN ('{code}', 'NEW'))"
        );
        assert!(number(&mut conn, &format!("SELECT count(*) {lines}")) > 500, "{code}");
        let wrong = format!("SELECT count(*) {lines} AND l.unit_price <> round(l.list_price * {kept_percent} / 100.0)");
        assert_eq!(number(&mut conn, &wrong), 0, "{code}");
    }
}

#[test]
fn wholesale_pays_the_entry_of_its_list_for_the_quantity() {
    let (_database, mut conn) = shop();
    let lines =
        "FROM order_lines l JOIN orders o ON o.id = l.order_id JOIN memberships m ON m.customer_id = o.customer_id
        JOIN groups g ON g.id = m.group_id JOIN customers c ON c.id = o.customer_id
        LEFT JOIN organizations z ON z.id = c.organization_id
        JOIN LATERAL (SELECT e.price FROM price_list_entries e JOIN price_lists p ON p.id = e.price_list_id
                      WHERE p.code = 'WHOLESALE' AND e.product_id = l.product_id AND e.min_quantity <= l.quantity
                      ORDER BY e.min_quantity DESC LIMIT 1) entry ON true
        WHERE g.code = 'WHOLESALE' AND o.placed_at >= m.since AND o.currency = 'USD' AND l.quantity > 0
          AND z.group_id IS NULL AND NOT EXISTS (
              SELECT 1 FROM membership_events e JOIN groups x ON x.id = e.group_id
              WHERE e.customer_id = c.id AND x.code NOT IN ('WHOLESALE', 'NEW'))
          AND NOT EXISTS (
              SELECT 1 FROM price_list_entries e JOIN price_lists p ON p.id = e.price_list_id
              WHERE p.code = 'WHOLESALE-SPECIALS' AND e.product_id = l.product_id
                AND o.day BETWEEN p.valid_from AND p.valid_to)";
    assert!(number(&mut conn, &format!("SELECT count(*) {lines}")) > 5_000);
    assert_eq!(number(&mut conn, &format!("SELECT count(*) {lines} AND l.unit_price <> entry.price")), 0);
}

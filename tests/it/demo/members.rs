//! Who is in which group: as drawn, as the rules say, and as the history tells.

use super::{TODAY, differences, number, shop, texts};
use serde_json::{Value, json};

#[test]
fn the_groups_have_the_members_that_are_drawn_and_kept_counts_are_true() {
    let (_database, mut conn) = shop();
    let counts = texts(
        &mut conn,
        "SELECT code || ' ' || member_count FROM groups
         WHERE code IN ('VIP', 'GOLD', 'SILVER', 'WHOLESALE', 'RETAIL', 'NEW') ORDER BY member_count",
    );
    assert_eq!(counts, ["VIP 45", "NEW 78", "GOLD 89", "SILVER 156", "WHOLESALE 234", "RETAIL 567"]);
    let kept = "SELECT id, member_count::bigint FROM groups";
    let recounted =
        "SELECT g.id, count(m.group_id) FROM groups g LEFT JOIN memberships m ON m.group_id = g.id GROUP BY g.id";
    assert_eq!(differences(&mut conn, kept, recounted), 0);
    let kept = "SELECT customers, grouped_customers FROM store_totals";
    let recounted = "SELECT (SELECT count(*) FROM customers), (SELECT count(DISTINCT customer_id) FROM memberships)";
    assert_eq!(differences(&mut conn, kept, recounted), 0);
}

#[test]
fn the_tree_and_the_types_are_those_of_the_manual() {
    let (_database, mut conn) = shop();
    let tree = texts(
        &mut conn,
        "SELECT concat_ws(' ', coalesce(p.code, '-'), g.code, g.name, g.type, g.status) FROM groups g
         LEFT JOIN groups p ON p.id = g.parent_id ORDER BY p.code NULLS FIRST, g.code",
    );
    assert_eq!(
        tree,
        [
            "- ALL All Customers manual active",
            "ALL RETAIL Retail manual active",
            "ALL TIERED Tiered Customers manual active",
            "ALL VIP VIP Customers hybrid active",
            "ALL WHOLESALE Wholesale manual active",
            "RETAIL NEW New Customers automatic active",
            "RETAIL RETURNING Returning Customers automatic active",
            "TIERED BRONZE Bronze Tier manual active",
            "TIERED GOLD Gold Tier manual active",
            "TIERED SILVER Silver Tier manual active",
            "VIP VIP-PLATINUM VIP Platinum manual active",
            "WHOLESALE DISTRIBUTOR Distributor manual active",
            "WHOLESALE RESELLER Reseller manual active",
        ]
    );
    assert_eq!(texts(&mut conn, "SELECT created_at::date FROM groups WHERE code = 'VIP'"), ["2024-01-01"]);
}

/// A rule run would join and remove nobody: by rule is exactly who matches, and all of them may be members.
#[test]
fn members_by_rule_are_exactly_those_whom_the_rule_matches() {
    let (_database, mut conn) = shop();
    let of_rows = [
        (
            "VIP",
            "p.net > 50000 * 100 AND c.customer_since + interval '13 months' <= {today} AND c.payment_history = 'excellent'",
        ),
        ("NEW", "c.customer_since + interval '6 months' > {today} AND c.status = 'active'"),
        (
            "RETURNING",
            "c.metadata ->> 'channel' = 'web shop' AND p.orders >= 5 AND p.last_order_on >= {today} - 365
             AND c.customer_since + interval '6 months' <= {today} AND c.status = 'active'",
        ),
    ];
    for (code, condition) in of_rows {
        let matched = format!(
            "SELECT c.id FROM customers c
             LEFT JOIN (SELECT customer_id, sum(net) AS net, count(*) FILTER (WHERE NOT is_credit_note) AS orders,
                               max(day) FILTER (WHERE NOT is_credit_note) AS last_order_on
                        FROM orders WHERE status = 'completed' AND currency = 'USD' GROUP BY 1) p ON p.customer_id = c.id
             WHERE {}",
            condition.replace("{today}", TODAY)
        );
        let members = format!(
            "SELECT m.customer_id FROM memberships m JOIN groups g ON g.id = m.group_id WHERE g.code = '{code}' AND m.by_rule"
        );
        assert!(number(&mut conn, &format!("SELECT count(*) FROM ({matched}) AS x")) >= 30, "{code}");
        assert_eq!(differences(&mut conn, &matched, &members), 0, "{code}");
        let refused = format!("SELECT count(*) FROM customers WHERE status <> 'active' AND id IN ({matched})");
        assert_eq!(number(&mut conn, &refused), 0, "{code}");
    }
    let others =
        "SELECT count(*) FROM memberships m JOIN groups g ON g.id = m.group_id WHERE m.by_rule AND g.rule IS NULL";
    assert_eq!(number(&mut conn, others), 0);
    let by_hand = "SELECT count(*) FROM memberships m JOIN groups g ON g.id = m.group_id WHERE m.by_hand AND g.type = 'automatic'";
    assert_eq!(number(&mut conn, by_hand), 0);
}

#[test]
fn the_vip_rule_is_the_one_that_is_drawn() {
    let (_database, mut conn) = shop();
    let stored = texts(&mut conn, "SELECT rule FROM groups WHERE code = 'VIP'");
    let stored: Value = serde_json::from_str(&stored[0]).unwrap();
    assert_eq!(
        stored,
        json!({"match": "all", "of": [
            {"field": "total_purchases", "op": "gt", "value": "50000.00"},
            {"field": "account_age_months", "op": "gt", "value": 12},
            {"field": "payment_history", "op": "eq", "value": "excellent"},
        ]})
    );
}

#[test]
fn the_named_customers_are_where_they_are_drawn() {
    let (_database, mut conn) = shop();
    let members = texts(
        &mut conn,
        "SELECT concat_ws(' ', c.name, to_char(m.since, 'Mon YYYY'),
                CASE WHEN m.by_hand AND m.by_rule THEN 'Rule + Manual' WHEN m.by_rule THEN 'Rule' ELSE 'Manual' END)
         FROM memberships m JOIN groups g ON g.id = m.group_id JOIN customers c ON c.id = m.customer_id
         JOIN customer_purchases p ON p.customer_id = c.id
         WHERE g.code = 'VIP' ORDER BY p.net DESC LIMIT 4",
    );
    assert_eq!(
        members,
        [
            "Acme Corporation Jan 2024 Rule + Manual",
            "TechStart Inc Mar 2024 Rule",
            "Global Supplies Jun 2024 Manual",
            "Enterprise Ltd Aug 2024 Rule",
        ]
    );
    let groups = texts(
        &mut conn,
        "SELECT c.name || ': ' || string_agg(g.code, ', ') FROM customers c
         JOIN memberships m ON m.customer_id = c.id JOIN groups g ON g.id = m.group_id
         WHERE c.name IN ('DataFlow Corp', 'InnoSystems', 'SmartTech LLC', 'BuildRight Inc', 'Old Customer Inc')
         GROUP BY c.name ORDER BY c.name",
    );
    assert_eq!(
        groups,
        [
            "BuildRight Inc: NEW",
            "DataFlow Corp: GOLD",
            "InnoSystems: SILVER",
            "Old Customer Inc: VIP",
            "SmartTech LLC: RETAIL",
        ]
    );
    let quiet = format!(
        "SELECT {TODAY} - p.last_order_on FROM customer_purchases p JOIN customers c ON c.id = p.customer_id
         WHERE c.name = 'Old Customer Inc'"
    );
    assert!(number(&mut conn, &quiet) > 365);
}

#[test]
fn the_first_group_joined_is_primary_unless_another_was_chosen() {
    let (_database, mut conn) = shop();
    let primary =
        "SELECT m.customer_id, g.code FROM memberships m JOIN groups g ON g.id = m.group_id WHERE m.is_primary";
    // Being invited into VIP Platinum makes it primary.
    let expected = "SELECT DISTINCT ON (m.customer_id) m.customer_id, g.code FROM memberships m
                    JOIN groups g ON g.id = m.group_id
                    ORDER BY m.customer_id, (g.code = 'VIP-PLATINUM') DESC, m.since, g.name";
    assert_eq!(differences(&mut conn, primary, &format!("(SELECT * FROM ({expected}) AS x)")), 0);
}

#[test]
fn the_history_ends_where_memberships_are() {
    let (_database, mut conn) = shop();
    let told = "SELECT group_id, customer_id FROM membership_events GROUP BY 1, 2
                HAVING sum(CASE kind WHEN 'joined' THEN 1 ELSE -1 END) = 1";
    assert_eq!(differences(&mut conn, told, "SELECT group_id, customer_id FROM memberships"), 0);
    let joined = "SELECT group_id, customer_id, max(at) FROM membership_events e WHERE kind = 'joined'
                  AND EXISTS (SELECT 1 FROM memberships m WHERE (m.group_id, m.customer_id) = (e.group_id, e.customer_id))
                  GROUP BY 1, 2";
    assert_eq!(differences(&mut conn, joined, "SELECT group_id, customer_id, since FROM memberships"), 0);
    assert!(number(&mut conn, "SELECT count(*) FROM membership_events WHERE kind = 'left'") > 100);
    let early = "SELECT count(*) FROM membership_events e JOIN customers c ON c.id = e.customer_id
                 JOIN groups g ON g.id = e.group_id WHERE e.at < c.customer_since OR e.at < g.created_at";
    assert_eq!(number(&mut conn, early), 0);
    let future = "SELECT count(*) FROM membership_events WHERE at > '2026-11-22T08:30:00Z'";
    assert_eq!(number(&mut conn, future), 0);
    let by_rule_runs =
        "SELECT count(*) FROM membership_events WHERE (actor_kind = 'rule_run') <> (assignment = 'rule')";
    assert_eq!(number(&mut conn, by_rule_runs), 0);
}

//! The wholesaler: seven files in the import's own format.

use super::{Choice, contents, import, raw_table, same};
use crate::imports::Shop;
use clientele::imports::kind::Kind;
use diesel::ExecuteCopyFromDsl;
use diesel::pg::{CopyFormat, CopyHeader};

const FILES: [(Kind, &str); 7] = [
    (Kind::Groups, "wwi/groups.csv"),
    (Kind::Organizations, "wwi/organizations.csv"),
    (Kind::Customers, "wwi/customers.csv"),
    (Kind::Products, "wwi/products.csv"),
    (Kind::Orders, "wwi/orders.csv.gz"),
    (Kind::PriceLists, "wwi/price_lists.csv"),
    (Kind::PriceListEntries, "wwi/price_list_entries.csv"),
];

#[test]
#[ignore = "needs the real data: make test-data"]
fn the_wholesaler_agrees_with_its_files() {
    let mut shop = Shop::new();
    copy_files(&mut shop);
    for (kind, file) in FILES {
        let (report, _) = import(&mut shop, kind, file, &Choice::default());
        assert_eq!((report.bad_rows, report.counts.updated, report.counts.unchanged), (0, 0, 0), "{report}");
    }
    check_master_data(&mut shop);
    check_orders(&mut shop);
    check_groups(&mut shop);
    shop.check_purchases();
    shop.check_counts();

    let before = contents(&mut shop);
    for (kind, file) in FILES {
        let (report, _) = import(&mut shop, kind, file, &Choice::default());
        assert_eq!((report.bad_rows, report.counts.created, report.counts.updated), (0, 0, 0), "{report}");
    }
    assert_eq!(contents(&mut shop), before, "a second import changes nothing");
}

fn copy_files(shop: &mut Shop) {
    raw_table!(shop, "wwi/groups.csv", grps(code, name, parent_code, kind, status, description));
    raw_table!(shop, "wwi/organizations.csv", organizations(code, name, parent_code, group_code));
    raw_table!(
        shop,
        "wwi/customers.csv",
        customers(code, name, email, status, country, region, since, history, organization_code, groups, tags)
    );
    raw_table!(shop, "wwi/products.csv", products(sku, name, category, base_price, cost, currency, status));
    raw_table!(
        shop,
        "wwi/orders.csv.gz",
        lines(
            order_number,
            placed_at,
            customer_code,
            status,
            currency,
            sku,
            quantity,
            list_price,
            unit_price,
            unit_cost
        )
    );
    raw_table!(shop, "wwi/price_lists.csv", price_lists(code, name, currency, status, valid_from, valid_to));
    raw_table!(shop, "wwi/price_list_entries.csv", entries(price_list_code, sku, min_quantity, price));
}

fn check_master_data(shop: &mut Shop) {
    same(
        shop,
        "groups",
        "SELECT g.code, g.name, p.code AS parent, g.type, g.status, g.description
         FROM groups g JOIN groups p ON p.id = g.parent_id ORDER BY 1",
        "SELECT code, name, coalesce(nullif(parent_code, ''), 'ALL') AS parent, kind, status, coalesce(description, '') AS d
         FROM raw.grps ORDER BY 1",
    );
    same(
        shop,
        "organizations",
        "SELECT o.code, o.name, p.code AS parent FROM organizations o LEFT JOIN organizations p ON p.id = o.parent_id ORDER BY 1",
        "SELECT code, name, nullif(parent_code, '') AS parent FROM raw.organizations ORDER BY 1",
    );
    same(
        shop,
        "customers",
        "SELECT c.code, c.name, c.email, c.status, c.country, c.region, c.customer_since::text, c.payment_history,
                o.code AS org, array_to_string(c.tags, ';') AS tags
         FROM customers c LEFT JOIN organizations o ON o.id = c.organization_id ORDER BY 1",
        // Spaces around a value are no part of it.
        "SELECT code, trim(name) AS name, nullif(trim(email), '') AS email, status, nullif(country, '') AS country, nullif(region, '') AS region,
                nullif(since, '') AS since, nullif(history, '') AS history, nullif(organization_code, '') AS org,
                coalesce(tags, '') AS tags
         FROM raw.customers ORDER BY 1",
    );
    same(
        shop,
        "products",
        "SELECT sku, name, category, base_price::text, cost::text, currency, status FROM products ORDER BY 1",
        "SELECT sku, trim(name) AS name, coalesce(category, '') AS category, (base_price::numeric * 100)::bigint::text AS price,
                (nullif(cost, '')::numeric * 100)::bigint::text AS cost, currency, status
         FROM raw.products ORDER BY 1",
    );
    same(
        shop,
        "price lists",
        "SELECT code, name, currency, status, valid_from::text, valid_to::text FROM price_lists ORDER BY 1",
        "SELECT code, name, currency, status, valid_from, valid_to FROM raw.price_lists ORDER BY 1",
    );
    same(
        shop,
        "price list entries",
        "SELECT l.code, p.sku, e.min_quantity::text, e.price::text FROM price_list_entries e
         JOIN price_lists l ON l.id = e.price_list_id JOIN products p ON p.id = e.product_id ORDER BY 1, 2, 3",
        "SELECT price_list_code, sku, min_quantity, (price::numeric * 100)::bigint::text AS price
         FROM raw.entries ORDER BY 1, 2, 3",
    );
}

fn check_orders(shop: &mut Shop) {
    // The wholesaler's own figure (README of the data).
    assert_eq!(shop.rows("SELECT sum(net) FROM orders"), ["17763427640"]);
    same(
        shop,
        "order lines, one by one and in their order",
        "SELECT o.order_number, l.line, c.code, p.sku, l.quantity, l.unit_price, l.list_price, l.unit_cost, o.day
         FROM order_lines l JOIN orders o ON o.id = l.order_id JOIN customers c ON c.id = o.customer_id
         JOIN products p ON p.id = l.product_id ORDER BY 1, 2",
        "SELECT order_number, row_number() OVER (PARTITION BY order_number ORDER BY n) AS line, customer_code, sku,
                quantity::int, (unit_price::numeric * 100)::bigint AS unit_price,
                (list_price::numeric * 100)::bigint AS list_price, (unit_cost::numeric * 100)::bigint AS unit_cost,
                placed_at::date AS day
         FROM raw.lines ORDER BY 1, 2",
    );
    same(
        shop,
        "orders",
        "SELECT order_number, placed_at AT TIME ZONE 'UTC' AS at, status, currency, net, gross, cost, is_credit_note
         FROM orders ORDER BY 1",
        "SELECT order_number, min(placed_at)::timestamp AS at, min(status) AS status, min(currency) AS currency,
                (sum(quantity::numeric * unit_price::numeric) * 100)::bigint AS net,
                (sum(quantity::numeric * list_price::numeric) * 100)::bigint AS gross,
                (sum(quantity::numeric * unit_cost::numeric) * 100)::bigint AS cost, bool_and(quantity::int < 0) AS credit
         FROM raw.lines GROUP BY 1 ORDER BY 1",
    );
    same(
        shop,
        "purchases of each customer",
        "SELECT c.code, p.net, p.gross, p.cost, p.orders, p.first_order_on, p.last_order_on
         FROM customer_purchases p JOIN customers c ON c.id = p.customer_id ORDER BY 1",
        "SELECT customer_code, (sum(quantity::numeric * unit_price::numeric) * 100)::bigint AS net,
                (sum(quantity::numeric * list_price::numeric) * 100)::bigint AS gross,
                (sum(quantity::numeric * unit_cost::numeric) * 100)::bigint AS cost,
                count(DISTINCT order_number) AS orders, min(placed_at)::date AS first, max(placed_at)::date AS last
         FROM raw.lines GROUP BY 1 ORDER BY 1",
    );
}

/// What the group list shows of the wholesaler: customers and revenue.
fn check_groups(shop: &mut Shop) {
    same(
        shop,
        "customers and revenue of each group",
        "SELECT g.name, g.member_count, count(m.customer_id) AS members, count(*) FILTER (WHERE m.is_primary) AS primaries,
                sum(p.net)::bigint AS net
         FROM groups g JOIN memberships m ON m.group_id = g.id LEFT JOIN customer_purchases p ON p.customer_id = m.customer_id
         GROUP BY g.id ORDER BY 1",
        "SELECT g.name, count(*) AS members, count(*) AS again, count(*) AS primaries, sum(c.net)::bigint AS net
         FROM raw.grps g
         JOIN (SELECT c.code, c.groups, (SELECT (sum(quantity::numeric * unit_price::numeric) * 100)::bigint
                                         FROM raw.lines l WHERE l.customer_code = c.code) AS net
               FROM raw.customers c) c ON c.groups = g.name
         GROUP BY 1 ORDER BY 1",
    );
    same(
        shop,
        "joins in the history",
        "SELECT count(*) FROM membership_events WHERE kind = 'joined' AND assignment = 'manual'",
        "SELECT count(*) FROM raw.customers WHERE groups <> ''",
    );
}

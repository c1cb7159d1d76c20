//! The web shop's till: one raw file of invoices, as dirty as life.

use super::{Choice, contents, import, raw_table, same};
use crate::imports::Shop;
use clientele::imports::kind::{Kind, Missing};
use diesel::ExecuteCopyFromDsl;
use diesel::pg::{CopyFormat, CopyHeader};
use std::collections::BTreeMap;

const FILE: &str = "online_retail/online_retail.csv.gz";

/// What is wrong with each row by itself, from the texts alone.
const JUDGED: &str = "CREATE VIEW raw.judged AS
    SELECT *, customer IS NULL AS without_customer,
           price::numeric < 0 AS is_negative,
           price::numeric <> round(price::numeric, 2) AS has_too_many_decimals
    FROM raw.till;
    CREATE VIEW raw.spoilt AS
    SELECT DISTINCT invoice FROM raw.judged WHERE without_customer OR is_negative OR has_too_many_decimals;
    CREATE TABLE raw.good AS
    SELECT n, invoice, stock, nullif(trim(description), '') AS description, quantity::int AS quantity,
           date::timestamp AS at, (price::numeric * 100)::bigint AS price, customer, country
    FROM raw.judged WHERE invoice NOT IN (SELECT invoice FROM raw.spoilt)";

/// What most rows say of each product and customer that had to be made; of equally frequent ones the first.
const MADE: &str = "CREATE TABLE raw.prices AS
    SELECT DISTINCT ON (stock) stock, price FROM (
        SELECT stock, price, count(*) AS rows, min(n) AS first FROM raw.good GROUP BY 1, 2
    ) p ORDER BY stock, price = 0, rows DESC, first;
    CREATE TABLE raw.names AS
    SELECT DISTINCT ON (stock) stock, coalesce(description, stock) AS name FROM (
        SELECT stock, description, count(*) AS rows, min(n) AS first FROM raw.good GROUP BY 1, 2
    ) d ORDER BY stock, description IS NULL, rows DESC, first;
    CREATE TABLE raw.countries AS
    SELECT DISTINCT ON (customer) customer, country FROM (
        SELECT customer, country, count(*) AS rows, min(n) AS first FROM raw.good GROUP BY 1, 2
    ) c ORDER BY customer, country IN ('Channel Islands', 'European Community', 'Unspecified'), rows DESC, first";

#[test]
#[ignore = "needs the real data: make test-data"]
fn the_till_agrees_with_its_file() {
    let mut shop = Shop::new();
    shop.execute("UPDATE store_settings SET currency = 'GBP'");
    raw_table!(shop, FILE, till(invoice, stock, description, quantity, date, price, customer, country));
    shop.execute(JUDGED);
    shop.execute(MADE);
    let choice = Choice {
        create: vec![Missing::Customers, Missing::Products],
        set: vec![("currency".into(), "GBP".into())],
        good_rows: true,
    };
    let (report, bad_rows) = import(&mut shop, Kind::Orders, FILE, &choice);

    let number = |shop: &mut Shop, query: &str| -> i64 { shop.rows(query)[0].parse().unwrap() };
    assert_eq!(i64::try_from(report.rows).unwrap(), number(&mut shop, "SELECT count(*) FROM raw.till"));
    let expected = number(&mut shop, "SELECT count(*) FROM raw.till WHERE invoice IN (SELECT invoice FROM raw.spoilt)");
    assert_eq!(report.bad_rows, expected);
    let causes: BTreeMap<_, _> =
        report.reasons.iter().map(|reason| (format!("{} {}", reason.column, reason.cause), reason.rows)).collect();
    let held = "WHERE NOT (without_customer OR is_negative OR has_too_many_decimals)
                AND invoice IN (SELECT invoice FROM raw.spoilt)";
    let expected = [
        ("customer_code is empty", "WHERE without_customer"),
        ("unit_price is negative", "WHERE is_negative"),
        ("unit_price has more decimals than the currency has", "WHERE has_too_many_decimals"),
        (" belongs to an order with a bad row", held),
    ];
    for (cause, filter) in expected {
        let rows = number(&mut shop, &format!("SELECT count(*) FROM raw.judged {filter}"));
        assert!(rows > 0, "{cause}");
        assert_eq!(causes.get(cause), Some(&rows), "{cause}: {causes:?}");
    }
    assert_eq!(causes.len(), expected.len(), "{causes:?}");

    check_bad_rows(&mut shop, &bad_rows);
    check_warnings(&mut shop, &report.warnings);
    check_stored(&mut shop);
    shop.check_purchases();
    shop.check_counts();

    let before = contents(&mut shop);
    let (again, _) = import(&mut shop, Kind::Orders, FILE, &choice);
    assert_eq!((again.counts.created, again.counts.updated), (0, 0), "{again}");
    assert_eq!(contents(&mut shop), before, "a second import changes nothing");
}

/// The CSV to mend has exactly the rows that were not imported, as they stand in the file.
fn check_bad_rows(shop: &mut Shop, csv: &str) {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.headers().unwrap().len(), 10);
    let handed_back: Vec<_> = reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let place = record[8].parse::<i64>().unwrap() - 1;
            let own: Vec<_> = record.iter().take(8).collect();
            assert!(!record[9].is_empty());
            format!("{place}|{}", own.join("|"))
        })
        .collect();
    let expected = shop.rows(
        "SELECT n, invoice, stock, description, quantity, date, price, customer, country FROM raw.till
         WHERE invoice IN (SELECT invoice FROM raw.spoilt) ORDER BY n",
    );
    assert!(handed_back == expected, "the bad rows differ");
}

fn check_warnings(shop: &mut Shop, warnings: &[clientele::imports::problem::Warning]) {
    let expected = [
        (
            "rows name a country",
            "SELECT count(*) FROM raw.till WHERE country IN ('Channel Islands', 'European Community', 'Unspecified')",
        ),
        (
            "rows repeat an earlier row",
            "SELECT count(*) - count(DISTINCT (invoice, stock, description, quantity, at, price, customer, country)) FROM raw.good",
        ),
        (
            "orders have rows with different times",
            "SELECT count(*) FROM (SELECT 1 FROM raw.good GROUP BY invoice HAVING min(at) <> max(at)) o",
        ),
        (
            "new products have several names",
            "SELECT count(*) FROM (SELECT 1 FROM raw.good GROUP BY stock HAVING count(DISTINCT description) > 1) p",
        ),
        (
            "new products have no price above 0",
            "SELECT count(*) FROM (SELECT 1 FROM raw.good GROUP BY stock HAVING max(price) = 0) p",
        ),
        (
            "new customers are in several countries",
            "SELECT count(*) FROM (SELECT 1 FROM raw.good
                 WHERE country NOT IN ('Channel Islands', 'European Community', 'Unspecified')
                 GROUP BY customer HAVING count(DISTINCT country) > 1) c",
        ),
        (
            "new products have a SKU that differs",
            "SELECT count(DISTINCT stock) FROM raw.good g
             WHERE EXISTS (SELECT FROM raw.prices o WHERE lower(o.stock) = lower(g.stock) AND o.stock <> g.stock)",
        ),
    ];
    for (text, query) in expected {
        let count: u64 = shop.rows(query)[0].parse().unwrap();
        let warned = warnings.iter().find(|warning| warning.text.starts_with(text)).map_or(0, |warning| warning.count);
        assert_eq!(warned, count, "{text}");
    }
}

fn check_stored(shop: &mut Shop) {
    same(
        shop,
        "order lines, one by one and in their order",
        "SELECT o.order_number, l.line, c.code, p.sku, l.quantity, l.unit_price, l.list_price, l.unit_cost
         FROM order_lines l JOIN orders o ON o.id = l.order_id JOIN customers c ON c.id = o.customer_id
         JOIN products p ON p.id = l.product_id ORDER BY 1, 2",
        "SELECT invoice, row_number() OVER (PARTITION BY invoice ORDER BY n) AS line, customer, stock, quantity, g.price,
                p.price AS list, 0 AS cost
         FROM raw.good g JOIN raw.prices p USING (stock) ORDER BY 1, 2",
    );
    same(
        shop,
        "orders and credit notes",
        "SELECT order_number, placed_at AT TIME ZONE 'UTC' AS at, day, status, currency, net, is_credit_note FROM orders ORDER BY 1",
        "SELECT invoice, min(at) AS at, min(at)::date AS day, 'completed' AS status, 'GBP' AS currency,
                sum(quantity * price)::bigint AS net, bool_and(quantity < 0) AS credit
         FROM raw.good GROUP BY 1 ORDER BY 1",
    );
    same(
        shop,
        "credit notes are those that the till calls so",
        "SELECT count(*) FROM orders WHERE is_credit_note",
        "SELECT count(DISTINCT invoice) FROM raw.good WHERE invoice LIKE 'C%'",
    );
    same(
        shop,
        "made products",
        "SELECT sku, name, base_price, cost, currency, status FROM products ORDER BY 1",
        "SELECT stock, name, price, NULL::bigint AS cost, 'GBP' AS currency, 'active' AS status
         FROM raw.prices JOIN raw.names USING (stock) ORDER BY 1",
    );
    same(
        shop,
        "made customers",
        "SELECT code, name, country, status FROM customers ORDER BY 1",
        "SELECT customer, customer AS name,
                CASE country WHEN 'United Kingdom' THEN 'GB' WHEN 'Germany' THEN 'DE' WHEN 'France' THEN 'FR'
                    WHEN 'EIRE' THEN 'IE' WHEN 'Spain' THEN 'ES' WHEN 'Netherlands' THEN 'NL' WHEN 'Belgium' THEN 'BE'
                    WHEN 'Switzerland' THEN 'CH' WHEN 'Portugal' THEN 'PT' WHEN 'Australia' THEN 'AU'
                    WHEN 'Norway' THEN 'NO' WHEN 'Italy' THEN 'IT' WHEN 'Finland' THEN 'FI' WHEN 'Cyprus' THEN 'CY'
                    WHEN 'Sweden' THEN 'SE' WHEN 'Austria' THEN 'AT' WHEN 'Denmark' THEN 'DK' WHEN 'Japan' THEN 'JP'
                    WHEN 'Poland' THEN 'PL' WHEN 'Israel' THEN 'IL' WHEN 'USA' THEN 'US' WHEN 'Singapore' THEN 'SG'
                    WHEN 'Iceland' THEN 'IS' WHEN 'Canada' THEN 'CA' WHEN 'Greece' THEN 'GR' WHEN 'Malta' THEN 'MT'
                    WHEN 'United Arab Emirates' THEN 'AE' WHEN 'RSA' THEN 'ZA' WHEN 'Lebanon' THEN 'LB'
                    WHEN 'Lithuania' THEN 'LT' WHEN 'Brazil' THEN 'BR' WHEN 'Czech Republic' THEN 'CZ'
                    WHEN 'Bahrain' THEN 'BH' WHEN 'Saudi Arabia' THEN 'SA' WHEN 'Hong Kong' THEN 'HK' END AS country,
                'active' AS status
         FROM raw.countries ORDER BY 1",
    );
    same(
        shop,
        "purchases of each customer",
        "SELECT c.code, p.net, p.orders FROM customer_purchases p JOIN customers c ON c.id = p.customer_id ORDER BY 1",
        "SELECT customer, sum(net)::bigint AS net, count(*) FILTER (WHERE NOT credit) AS orders
         FROM (SELECT invoice, customer, sum(quantity * price) AS net, bool_and(quantity < 0) AS credit
               FROM raw.good GROUP BY 1, 2) o
         GROUP BY 1 ORDER BY 1",
    );
}

//! Customers and products of the file's orders, and how those are made that don't exist.

use crate::error::Result;
use crate::imports::problem::{EXAMPLES, Warnings};
use crate::imports::store::{Job, number, run, staging, words};
use diesel::pg::PgConnection;
use diesel::sql_types::{Text, Timestamptz};
use diesel::{RunQueryDsl, sql_query};

/// Finds the customers and products of the orders that come in. New ones get an id, and what most rows say of them.
pub(super) fn gather(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    gather_buyers(conn)?;
    gather_products(conn, job)
}

fn gather_buyers(conn: &mut PgConnection) -> Result<()> {
    staging::temporary(
        conn,
        "import_buyers",
        "code text, id uuid, is_new boolean, name text, country text, names bigint, countries bigint",
    )?;
    run(
        conn,
        "INSERT INTO import_buyers (code, id, is_new)
         SELECT b.customer_code, coalesce(c.id, uuid_v7()), c.id IS NULL
         FROM (SELECT customer_code, min(first_row) AS first_row FROM import_heads GROUP BY customer_code) b
         LEFT JOIN customers c ON c.code = b.customer_code
         ORDER BY b.first_row",
    )?;
    staging::analyze(conn, "import_buyers")?;
    for (column, target, distinct) in [("customer_name", "name", "names"), ("customer_country", "country", "countries")]
    {
        run(
            conn,
            &format!(
                "UPDATE import_buyers b SET {target} = m.value, {distinct} = m.values
                 FROM (
                     SELECT DISTINCT ON (customer_code) customer_code, value, count(*) OVER (PARTITION BY customer_code) AS values
                     FROM (
                         SELECT s.customer_code, s.{column} AS value, count(*) AS rows, min(s.row) AS first_row
                         FROM import_orders s JOIN import_buyers b ON b.code = s.customer_code AND b.is_new
                         WHERE s.{column} IS NOT NULL GROUP BY s.customer_code, s.{column}
                     ) v ORDER BY customer_code, rows DESC, first_row
                 ) m WHERE b.code = m.customer_code"
            ),
        )?;
    }
    Ok(())
}

/// A new product's base price is the list price of most rows in the store's currency, or else their positive unit price. Its
/// cost is that of most of them, where they have one. One that is only sold in other currencies has no base price yet
/// (SPEC 7, rule 5).
fn gather_products(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    staging::temporary(
        conn,
        "import_skus",
        "sku text, id uuid, is_new boolean, name text, names bigint, base_price bigint, cost bigint, currency text,
         is_foreign boolean",
    )?;
    run(
        conn,
        "INSERT INTO import_skus
         SELECT b.sku, coalesce(p.id, uuid_v7()), p.id IS NULL, p.name, 1, p.base_price, p.cost, p.currency, false
         FROM (SELECT sku, min(row) AS first_row FROM import_orders GROUP BY sku) b
         LEFT JOIN products p ON p.sku = b.sku
         ORDER BY b.first_row",
    )?;
    staging::analyze(conn, "import_skus")?;
    run(
        conn,
        "UPDATE import_skus k SET name = m.product_name, names = m.names
         FROM (
             SELECT DISTINCT ON (sku) sku, product_name, count(*) OVER (PARTITION BY sku) AS names
             FROM (
                 SELECT s.sku, s.product_name, count(*) AS rows, min(s.row) AS first_row
                 FROM import_orders s JOIN import_skus k ON k.sku = s.sku AND k.is_new
                 WHERE s.product_name IS NOT NULL GROUP BY s.sku, s.product_name
             ) v ORDER BY sku, rows DESC, first_row
         ) m WHERE k.sku = m.sku",
    )?;
    sql_query(
        "UPDATE import_skus k SET currency = $1, is_foreign = m.currency <> $1,
                base_price = CASE WHEN m.currency = $1 THEN m.price ELSE 0 END
         FROM (
             SELECT DISTINCT ON (sku) sku, price, currency
             FROM (
                 SELECT s.sku, s.currency, s.list_price IS NOT NULL AS is_listed, coalesce(s.list_price, s.unit_price) AS price,
                        count(*) AS rows, min(s.row) AS first_row
                 FROM import_orders s JOIN import_skus k ON k.sku = s.sku AND k.is_new
                 GROUP BY 1, 2, 3, 4
             ) v ORDER BY sku, currency <> $1, price = 0, NOT is_listed, rows DESC, first_row
         ) m WHERE k.sku = m.sku",
    )
    .bind::<Text, _>(job.currency.code())
    .execute(conn)?;
    run(
        conn,
        "UPDATE import_skus k SET cost = m.unit_cost
         FROM (
             SELECT DISTINCT ON (sku) sku, unit_cost
             FROM (
                 SELECT s.sku, s.unit_cost, count(*) AS rows, min(s.row) AS first_row
                 FROM import_orders s JOIN import_skus k ON k.sku = s.sku AND k.is_new AND k.currency = s.currency
                 WHERE s.unit_cost IS NOT NULL GROUP BY s.sku, s.unit_cost
             ) v ORDER BY sku, rows DESC, first_row
         ) m WHERE k.sku = m.sku",
    )?;
    staging::analyze(conn, "import_skus")
}

/// What was decided for new customers and products where the rows disagree.
pub(super) fn warn(conn: &mut PgConnection, warnings: &mut Warnings) -> Result<()> {
    let decided = [
        (
            "sku",
            "import_skus WHERE is_new AND names > 1",
            "new products have several names; the most frequent is taken",
        ),
        (
            "sku",
            "import_skus WHERE is_new AND base_price = 0 AND NOT is_foreign",
            "new products have no price above 0; theirs is 0",
        ),
        (
            "sku",
            "import_skus WHERE is_new AND is_foreign",
            "new products are only sold in other currencies than the store's; they are inactive until they have a base price",
        ),
        (
            "sku",
            "import_skus k WHERE is_new AND EXISTS (
                 SELECT FROM import_skus o WHERE lower(o.sku) = lower(k.sku) AND o.sku <> k.sku
             )",
            "new products have a SKU that differs from another one by upper and lower case only; they stay apart",
        ),
        (
            "code",
            "import_buyers WHERE is_new AND names > 1",
            "new customers have several names; the most frequent is taken",
        ),
        (
            "code",
            "import_buyers WHERE is_new AND countries > 1",
            "new customers are in several countries; the most frequent is taken",
        ),
    ];
    for (key, from, text) in decided {
        let count = number(conn, &format!("SELECT count(*) AS number FROM {from}"))?;
        let examples = words(conn, &format!("SELECT {key} AS word FROM {from} ORDER BY {key} LIMIT {EXAMPLES}"))?;
        warnings.push(text, count.unsigned_abs(), examples);
    }
    let foreign = "import_lines l JOIN import_skus k ON k.id = l.product_id JOIN import_heads h ON h.order_number = l.order_number
                   WHERE k.currency <> h.currency AND (l.without_list_price OR l.without_cost)";
    let count = number(conn, &format!("SELECT count(*) AS number FROM {foreign}"))?;
    let examples =
        words(conn, &format!("SELECT 'row ' || l.row AS word FROM {foreign} ORDER BY l.row LIMIT {EXAMPLES}"))?;
    warnings.push(
        "rows are in another currency than their product; without a list price of their own it is the unit price, \
         without a cost it is 0",
        count.unsigned_abs(),
        examples,
    );
    Ok(())
}

/// Makes the new customers and products. Without a name the code is the name until someone writes a better one.
pub(super) fn make(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    sql_query(
        "INSERT INTO customers (id, code, name, country, created_at, updated_at)
         SELECT id, code, coalesce(name, code), country, $1, $1 FROM import_buyers WHERE is_new ORDER BY code",
    )
    .bind::<Timestamptz, _>(job.now)
    .execute(conn)?;
    sql_query(
        "INSERT INTO products (id, sku, name, base_price, cost, currency, status, created_at, updated_at)
         SELECT id, sku, coalesce(name, sku), base_price, cost, currency,
                CASE WHEN is_foreign THEN 'inactive' ELSE 'active' END, $1, $1
         FROM import_skus WHERE is_new ORDER BY sku",
    )
    .bind::<Timestamptz, _>(job.now)
    .execute(conn)?;
    Ok(())
}

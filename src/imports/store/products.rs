//! Products.

use super::{Counts, Job, planned, problems, run, staging, update_planned};
use crate::error::Result;
use diesel::pg::PgConnection;
use diesel::sql_types::{Array, Bool, Text, Timestamptz};
use diesel::{RunQueryDsl, sql_query};

pub(super) fn check(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    problems::find_repeated(conn, "import_products", "sku", "sku")?;
    // Without a currency column the amounts were read in the store's currency.
    sql_query(
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT s.row, s.sku, 'base_price', 'is in another currency than stored',
                format('was read as %s, but the product is priced in %s: add a currency column', s.currency, p.currency)
         FROM import_products s JOIN products p ON p.sku = s.sku
         WHERE NOT $1 AND p.currency <> s.currency",
    )
    .bind::<Bool, _>(job.has("currency"))
    .execute(conn)?;
    problems::drop_from(conn, "import_products")?;
    staging::temporary(
        conn,
        "import_product_plan",
        "row bigint, id uuid, is_new boolean, is_changed boolean, sku text, name text, category text, base_price bigint,
         cost bigint, currency text, status text, version integer",
    )?;
    sql_query(
        "INSERT INTO import_product_plan
         SELECT n.row, n.id, p.id IS NULL,
                p.id IS NULL OR (n.name, n.category, n.base_price, n.cost, n.currency, n.status)
                    IS DISTINCT FROM (p.name, p.category, p.base_price, p.cost, p.currency, p.status),
                n.sku, n.name, n.category, n.base_price, n.cost, n.currency, n.status, p.version
         FROM (
             SELECT s.row, coalesce(p.id, uuid_v7()) AS id, s.sku, s.name, s.base_price, s.currency,
                    CASE WHEN 'category' = ANY ($1) OR p.id IS NULL THEN coalesce(s.category, '')
                         ELSE p.category END AS category,
                    CASE WHEN 'cost' = ANY ($1) THEN s.cost ELSE p.cost END AS cost,
                    CASE WHEN 'status' = ANY ($1) OR p.id IS NULL THEN coalesce(s.status, 'active')
                         ELSE p.status END AS status
             FROM import_products s LEFT JOIN products p ON p.sku = s.sku
         ) n
         LEFT JOIN products p ON p.id = n.id",
    )
    .bind::<Array<Text>, _>(job.present)
    .execute(conn)?;
    // A cost that the file doesn't have would silently be in the new currency.
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT n.row, n.sku, 'currency', 'changes without the cost',
                format('changes from %s to %s, but the file has no cost for it', p.currency, n.currency)
         FROM import_product_plan n JOIN products p ON p.id = n.id
         WHERE n.currency <> p.currency AND n.cost IS NOT NULL AND n.cost = p.cost
           AND NOT EXISTS (SELECT FROM import_products s WHERE s.row = n.row AND s.cost IS NOT NULL)",
    )?;
    problems::drop_from(conn, "import_product_plan")?;
    staging::analyze(conn, "import_product_plan")
}

pub(super) fn counts(conn: &mut PgConnection) -> Result<Counts> {
    planned(conn, "import_product_plan")
}

pub(super) fn merge(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    sql_query(
        "INSERT INTO products (id, sku, name, category, base_price, cost, currency, status, created_at, updated_at)
         SELECT id, sku, name, category, base_price, cost, currency, status, $1, $1
         FROM import_product_plan WHERE is_new ORDER BY row",
    )
    .bind::<Timestamptz, _>(job.now)
    .execute(conn)?;
    update_planned(
        conn,
        "import_product_plan",
        job.now,
        "UPDATE products p
         SET name = n.name, category = n.category, base_price = n.base_price, cost = n.cost, currency = n.currency,
             status = n.status, version = p.version + 1, updated_at = $1
         FROM import_product_plan n WHERE p.id = n.id AND n.is_changed AND NOT n.is_new AND p.version = n.version",
    )
}

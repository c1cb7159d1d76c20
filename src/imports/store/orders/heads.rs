//! The file's orders: what their rows say together, and which of them can't come in.

use crate::error::Result;
use crate::imports::kind::Missing;
use crate::imports::problem::{EXAMPLES, Warnings};
use crate::imports::store::{Job, number, run, staging, words};
use diesel::pg::PgConnection;
use diesel::sql_types::Bool;
use diesel::{RunQueryDsl, sql_query};

/// Rows whose customer or product isn't there and isn't to be made.
pub(super) fn find_unknown(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    if !job.creates(Missing::Customers) {
        run(
            conn,
            "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
             SELECT s.row, s.order_number, 'customer_code', 'names an unknown customer',
                    format('names “%s”, but there is no such customer: import customers first, or let the import create them',
                           s.customer_code)
             FROM import_orders s LEFT JOIN customers c ON c.code = s.customer_code WHERE c.id IS NULL",
        )?;
    }
    if !job.creates(Missing::Products) {
        run(
            conn,
            "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
             SELECT s.row, s.order_number, 'sku', 'names an unknown product',
                    format('names “%s”, but there is no such product: import products first, or let the import create them',
                           s.sku)
             FROM import_orders s LEFT JOIN products p ON p.sku = s.sku WHERE p.id IS NULL",
        )?;
    }
    Ok(())
}

/// One row per order number. Where rows differ about the head, the least and the greatest value show it.
pub(super) fn gather(conn: &mut PgConnection) -> Result<()> {
    staging::temporary(
        conn,
        "import_heads",
        "order_number text, first_row bigint, lines bigint, placed_at timestamptz, day date, last_placed_at timestamptz,
         customer_code text, status text, currency text, paid_at timestamptz, due_at timestamptz, is_credit_note boolean,
         differs boolean",
    )?;
    run(
        conn,
        "INSERT INTO import_heads
         SELECT order_number, min(row), count(*), min(placed_at), min(day), max(placed_at), min(customer_code),
                min(status), min(currency), min(paid_at), min(due_at), bool_and(quantity < 0),
                min(customer_code) <> max(customer_code) OR coalesce(min(status) <> max(status), false)
                    OR min(currency) <> max(currency) OR coalesce(min(paid_at) <> max(paid_at), false)
                    OR coalesce(min(due_at) <> max(due_at), false)
         FROM import_orders GROUP BY order_number",
    )?;
    staging::analyze(conn, "import_heads")
}

/// Rows that say something else about their order than the first one, and orders whose amounts were read in another
/// currency than they are stored in.
pub(super) fn find_conflicts(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    if number(conn, "SELECT count(*) AS number FROM import_heads WHERE differs")? > 0 {
        run(conn, "CREATE INDEX ON import_orders (order_number)")?;
        find_differences(conn)?;
    }
    sql_query(
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT s.row, s.order_number, 'unit_price', 'is in another currency than stored',
                format('was read as %s, but the order is stored in %s: add a currency column', s.currency, o.currency)
         FROM orders o JOIN import_orders s ON s.order_number = o.order_number
         WHERE NOT $1 AND o.currency <> s.currency",
    )
    .bind::<Bool, _>(job.has("currency"))
    .execute(conn)?;
    Ok(())
}

fn find_differences(conn: &mut PgConnection) -> Result<()> {
    for column in ["customer_code", "status", "currency", "paid_at", "due_at"] {
        run(
            conn,
            &format!(
                "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
                 SELECT s.row, s.order_number, '{column}', 'differs within the order',
                        format('differs from row %s of the same order, %s', f.row, s.order_number)
                 FROM import_heads h
                 JOIN LATERAL (
                     SELECT row, {column} FROM import_orders
                     WHERE order_number = h.order_number AND {column} IS NOT NULL ORDER BY row LIMIT 1
                 ) f ON true
                 JOIN import_orders s ON s.order_number = h.order_number AND s.{column} <> f.{column}
                 WHERE h.differs"
            ),
        )?;
    }
    Ok(())
}

/// An order comes in whole or not at all: takes out the orders that have a bad row, and says so of their other rows.
pub(super) fn hold_back(conn: &mut PgConnection) -> Result<()> {
    staging::temporary(conn, "import_bad_orders", "order_number text, bad_row bigint")?;
    run(
        conn,
        "INSERT INTO import_bad_orders SELECT natural_key, min(row) FROM import_problems
         WHERE natural_key IS NOT NULL GROUP BY natural_key",
    )?;
    staging::analyze(conn, "import_bad_orders")?;
    if number(conn, "SELECT count(*) AS number FROM import_bad_orders")? == 0 {
        return Ok(());
    }
    staging::analyze(conn, "import_problems")?;
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT s.row, s.order_number, '', 'belongs to an order with a bad row',
                format('belongs to the order %s, whose row %s is bad', s.order_number, b.bad_row)
         FROM import_orders s JOIN import_bad_orders b ON b.order_number = s.order_number
         WHERE NOT EXISTS (SELECT FROM import_problems p WHERE p.row = s.row)",
    )?;
    run(conn, "DELETE FROM import_orders s USING import_bad_orders b WHERE b.order_number = s.order_number")?;
    run(conn, "DELETE FROM import_heads h USING import_bad_orders b WHERE b.order_number = h.order_number")?;
    staging::analyze(conn, "import_orders")
}

/// What comes in as it stands, and may not be meant so.
pub(super) fn warn(conn: &mut PgConnection, warnings: &mut Warnings) -> Result<()> {
    staging::temporary(conn, "import_repeats", "row bigint")?;
    // Rows are compared by a hash of all their columns first: one key instead of seventeen.
    run(
        conn,
        "INSERT INTO import_repeats
         SELECT row FROM (
             SELECT row, row_number() OVER (
                 PARTITION BY order_number, hash_record_extended(ROW(
                     sku, quantity, unit_price, placed_at, customer_code, status, currency, list_price, unit_cost, paid_at,
                     due_at, product_name, customer_name, customer_country), 0)
                 ORDER BY row) AS turn
             FROM import_orders
         ) r WHERE turn > 1",
    )?;
    let repeats = number(conn, "SELECT count(*) AS number FROM import_repeats")?;
    let examples =
        words(conn, &format!("SELECT 'row ' || row AS word FROM import_repeats ORDER BY row LIMIT {EXAMPLES}"))?;
    warnings.push(
        "rows repeat an earlier row of their order exactly; each stays a line of its own",
        repeats.unsigned_abs(),
        examples,
    );
    let spread = "FROM import_heads WHERE placed_at <> last_placed_at";
    let count = number(conn, &format!("SELECT count(*) AS number {spread}"))?;
    let examples =
        words(conn, &format!("SELECT 'order ' || order_number AS word {spread} ORDER BY first_row LIMIT {EXAMPLES}"))?;
    warnings.push("orders have rows with different times; the earliest is taken", count.unsigned_abs(), examples);
    Ok(())
}

//! Orders and lines as they will be stored, and which of the stored ones differ.

use crate::error::Result;
use crate::imports::store::{Job, number, run, staging};
use diesel::pg::PgConnection;
use diesel::sql_types::{Array, Text};
use diesel::{RunQueryDsl, sql_query};

/// The largest total of an order, in minor units.
const MAX_TOTAL: &str = "9000000000000000";

/// The lines, numbered within their order as the file has them. A missing list price is the product's base price, a
/// missing cost the product's cost, in the product's currency; in another one there is neither.
pub(super) fn lines(conn: &mut PgConnection) -> Result<()> {
    staging::temporary(
        conn,
        "import_lines",
        "order_number text, line integer, row bigint, product_id uuid, quantity integer, unit_price bigint,
         list_price bigint, unit_cost bigint, without_list_price boolean, without_cost boolean",
    )?;
    run(
        conn,
        "INSERT INTO import_lines
         SELECT s.order_number, row_number() OVER (PARTITION BY s.order_number ORDER BY s.row), s.row, k.id, s.quantity,
                s.unit_price,
                coalesce(s.list_price, CASE WHEN k.currency = s.currency THEN k.base_price ELSE s.unit_price END),
                coalesce(s.unit_cost, CASE WHEN k.currency = s.currency THEN k.cost END, 0),
                s.list_price IS NULL, s.unit_cost IS NULL
         FROM import_orders s JOIN import_skus k ON k.sku = s.sku",
    )?;
    staging::analyze(conn, "import_lines")?;
    staging::temporary(conn, "import_sums", "order_number text, net numeric, gross numeric, cost numeric")?;
    run(
        conn,
        "INSERT INTO import_sums
         SELECT order_number, sum(unit_price::numeric * quantity), sum(list_price::numeric * quantity),
                sum(unit_cost::numeric * quantity)
         FROM import_lines GROUP BY order_number",
    )?;
    staging::analyze(conn, "import_sums")
}

/// Orders whose lines are fine one by one, but too much together.
pub(super) fn find_too_large(conn: &mut PgConnection) -> Result<usize> {
    run(
        conn,
        &format!(
            "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
             SELECT h.first_row, h.order_number, '', 'is too large', 'begins an order whose total is too large'
             FROM import_sums s JOIN import_heads h ON h.order_number = s.order_number
             WHERE greatest(abs(s.net), abs(s.gross), abs(s.cost)) > {MAX_TOTAL}"
        ),
    )
}

/// The orders against what is stored. What the file has no column for stays as it is.
pub(super) fn orders(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    staging::temporary(
        conn,
        "import_order_plan",
        "place bigint, order_number text, id uuid, is_new boolean, is_changed boolean, customer_id uuid,
         old_customer_id uuid, lines bigint, placed_at timestamptz, day date, status text, currency text, net bigint,
         gross bigint, cost bigint, is_credit_note boolean, paid_at timestamptz, due_at timestamptz",
    )?;
    sql_query(
        "INSERT INTO import_order_plan
         SELECT row_number() OVER (ORDER BY n.first_row), n.order_number, coalesce(o.id, uuid_v7()), o.id IS NULL,
                o.id IS NULL OR (n.customer_id, n.placed_at, n.status, n.currency, n.net, n.gross, n.cost,
                                 n.is_credit_note, n.paid_at, n.due_at)
                    IS DISTINCT FROM (o.customer_id, o.placed_at, o.status, o.currency, o.net, o.gross, o.cost,
                                      o.is_credit_note, o.paid_at, o.due_at),
                n.customer_id, o.customer_id, n.lines, n.placed_at, n.day, n.status, n.currency, n.net, n.gross, n.cost,
                n.is_credit_note, n.paid_at, n.due_at
         FROM (
             SELECT h.first_row, h.order_number, o.id, b.id AS customer_id, h.lines, h.placed_at, h.day, h.currency,
                    CASE WHEN 'status' = ANY ($1) OR o.id IS NULL THEN coalesce(h.status, 'completed')
                         ELSE o.status END AS status,
                    s.net::bigint AS net, s.gross::bigint AS gross, s.cost::bigint AS cost, h.is_credit_note,
                    CASE WHEN 'paid_at' = ANY ($1) THEN h.paid_at ELSE o.paid_at END AS paid_at,
                    CASE WHEN 'due_at' = ANY ($1) THEN h.due_at ELSE o.due_at END AS due_at
             FROM import_heads h
             JOIN import_sums s ON s.order_number = h.order_number
             JOIN import_buyers b ON b.code = h.customer_code
             LEFT JOIN orders o ON o.order_number = h.order_number
         ) n
         LEFT JOIN orders o ON o.id = n.id",
    )
    .bind::<Array<Text>, _>(job.present)
    .execute(conn)?;
    staging::analyze(conn, "import_order_plan")?;
    if number(conn, "SELECT count(*) AS number FROM import_order_plan WHERE NOT is_new")? > 0 {
        compare_lines(conn)?;
    }
    staging::temporary(conn, "import_touched", "customer_id uuid")?;
    run(
        conn,
        "INSERT INTO import_touched
         SELECT customer_id FROM import_order_plan WHERE is_changed
         UNION SELECT old_customer_id FROM import_order_plan WHERE is_changed AND old_customer_id IS NOT NULL",
    )?;
    Ok(())
}

/// Orders whose head is as stored may still have other lines.
fn compare_lines(conn: &mut PgConnection) -> Result<()> {
    run(
        conn,
        "UPDATE import_order_plan n SET is_changed = true
         FROM (
             SELECT DISTINCT n.order_number
             FROM import_order_plan n
             JOIN import_lines l ON l.order_number = n.order_number
             LEFT JOIN order_lines o ON o.order_id = n.id AND o.line = l.line
             WHERE NOT n.is_changed
               AND (o.product_id, o.quantity, o.unit_price, o.list_price, o.unit_cost)
                   IS DISTINCT FROM (l.product_id, l.quantity, l.unit_price, l.list_price, l.unit_cost)
         ) d WHERE d.order_number = n.order_number",
    )?;
    run(
        conn,
        "UPDATE import_order_plan n SET is_changed = true
         FROM (
             SELECT n.id FROM import_order_plan n JOIN order_lines o ON o.order_id = n.id
             WHERE NOT n.is_changed GROUP BY n.id, n.lines HAVING count(*) <> n.lines
         ) d WHERE d.id = n.id",
    )?;
    Ok(())
}

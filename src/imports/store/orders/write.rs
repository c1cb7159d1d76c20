//! Orders and lines are written.

use crate::error::Result;
use crate::imports::store::{Job, in_chunks, run};
use diesel::pg::PgConnection;
use diesel::sql_types::{Array, Text};
use diesel::{RunQueryDsl, sql_query};

pub(super) fn orders(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    run(
        conn,
        "INSERT INTO orders (id, order_number, customer_id, placed_at, day, status, currency, net, gross, cost,
                             is_credit_note, paid_at, due_at)
         SELECT id, order_number, customer_id, placed_at, day, status, currency, net, gross, cost, is_credit_note, paid_at,
                due_at
         FROM import_order_plan WHERE is_new ORDER BY place",
    )?;
    // What the file has no column for is not written, so that nobody's change of it is lost.
    sql_query(
        "UPDATE orders o
         SET customer_id = n.customer_id, placed_at = n.placed_at, day = n.day, currency = n.currency, net = n.net,
             gross = n.gross, cost = n.cost, is_credit_note = n.is_credit_note,
             status = CASE WHEN 'status' = ANY ($1) THEN n.status ELSE o.status END,
             paid_at = CASE WHEN 'paid_at' = ANY ($1) THEN n.paid_at ELSE o.paid_at END,
             due_at = CASE WHEN 'due_at' = ANY ($1) THEN n.due_at ELSE o.due_at END
         FROM import_order_plan n WHERE o.id = n.id AND n.is_changed AND NOT n.is_new",
    )
    .bind::<Array<Text>, _>(job.present)
    .execute(conn)?;
    Ok(())
}

pub(super) fn lines(conn: &mut PgConnection) -> Result<()> {
    run(
        conn,
        "DELETE FROM order_lines l USING import_order_plan n WHERE l.order_id = n.id AND n.is_changed AND NOT n.is_new",
    )?;
    in_chunks(
        conn,
        "import_order_plan",
        "place",
        "INSERT INTO order_lines (order_id, line, product_id, quantity, unit_price, list_price, unit_cost)
         SELECT n.id, l.line, l.product_id, l.quantity, l.unit_price, l.list_price, l.unit_cost
         FROM import_order_plan n JOIN import_lines l ON l.order_number = n.order_number
         WHERE n.is_changed AND n.place > $1 AND n.place <= $2
         ORDER BY n.place, l.line",
    )
}

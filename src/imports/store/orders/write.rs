//! Orders and lines are written.

use crate::error::Result;
use crate::imports::store::{in_chunks, run};
use diesel::pg::PgConnection;

pub(super) fn orders(conn: &mut PgConnection) -> Result<()> {
    run(
        conn,
        "INSERT INTO orders (id, order_number, customer_id, placed_at, day, status, currency, net, gross, cost,
                             is_credit_note, paid_at, due_at)
         SELECT id, order_number, customer_id, placed_at, day, status, currency, net, gross, cost, is_credit_note, paid_at,
                due_at
         FROM import_order_plan WHERE is_new ORDER BY place",
    )?;
    run(
        conn,
        "UPDATE orders o
         SET customer_id = n.customer_id, placed_at = n.placed_at, day = n.day, status = n.status, currency = n.currency,
             net = n.net, gross = n.gross, cost = n.cost, is_credit_note = n.is_credit_note, paid_at = n.paid_at,
             due_at = n.due_at
         FROM import_order_plan n WHERE o.id = n.id AND n.is_changed AND NOT n.is_new",
    )?;
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

//! Orders with their lines, and the purchases rolled up from them.

use super::copy_into;
use crate::demo::catalogue::Product;
use crate::demo::customers::Customer;
use crate::demo::orders::Order;
use crate::error::Result;
use crate::schema::{order_lines, orders};
use diesel::pg::PgConnection;
use diesel::prelude::*;

/// Writes the orders' headers. The store's zone is UTC.
pub fn write_orders(conn: &mut PgConnection, all: &[Order], customers: &[Customer]) -> Result<()> {
    let rows = all.iter().map(|one| {
        let (net, gross, cost) = one.totals();
        (
            orders::id.eq(one.id),
            orders::order_number.eq(&one.number),
            orders::customer_id.eq(customers[one.customer].id),
            orders::placed_at.eq(one.placed_at),
            orders::day.eq(one.placed_at.date_naive()),
            orders::status.eq(one.standing.status),
            orders::currency.eq(one.currency),
            orders::net.eq(net),
            orders::gross.eq(gross),
            orders::cost.eq(cost),
            orders::is_credit_note.eq(one.is_credit_note),
            orders::paid_at.eq(one.standing.paid_at),
            orders::due_at.eq(one.standing.due_at),
        )
    });
    copy_into!(conn, orders::table, rows);
    Ok(())
}

/// Writes the orders' lines.
pub fn write_order_lines(conn: &mut PgConnection, all: &[Order], stock: &[Product]) -> Result<()> {
    let rows = all.iter().flat_map(|order| {
        order.lines.iter().zip(1..).map(|(line, number)| {
            (
                order_lines::order_id.eq(order.id),
                order_lines::line.eq(number),
                order_lines::product_id.eq(stock[line.product].id),
                order_lines::quantity.eq(line.quantity),
                order_lines::unit_price.eq(line.unit_price),
                order_lines::list_price.eq(line.list_price),
                order_lines::unit_cost.eq(line.unit_cost),
            )
        })
    });
    copy_into!(conn, order_lines::table, rows);
    Ok(())
}

/// Rolls up the purchases of all customers and of the store.
pub fn rebuild_purchases(conn: &mut PgConnection) -> Result<()> {
    diesel::sql_query("SELECT rebuild_purchases()").execute(conn)?;
    Ok(())
}

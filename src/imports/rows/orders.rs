//! Rows of orders: one line each, with what the order's head says repeated.

use crate::clock::store_day;
use crate::imports::copy::Line;
use crate::imports::countries::country_code;
use crate::imports::problem::Problem;
use crate::imports::row::{Cell, Cells, Row};
use crate::imports::values::{self, Fault};

/// The largest amount of a line, in minor units; sums of many still fit where they are kept.
const MAX_AMOUNT: u64 = 9_000_000_000_000_000;

pub(super) fn line<'a>(cells: &Cells<'a>, row: &mut Row<'_>, line: &mut Line) -> Option<&'a str> {
    let [
        order_number,
        placed_at,
        customer_code,
        sku,
        quantity,
        unit_price,
        status,
        currency,
        list_price,
        unit_cost,
        paid_at,
        due_at,
        product_name,
        customer_name,
        customer_country,
    ] = cells.all();
    line.text(row.required(order_number, |text| values::line(text, 64)));
    let placed = row.required_instant(placed_at);
    line.instant(placed);
    line.day(placed.map(|at| store_day(at, row.context.zone)));
    line.text(row.required(customer_code, |text| values::line(text, 64)));
    line.text(row.required(sku, |text| values::line(text, 64)));

    let store_currency = row.context.currency;
    let own = row.optional(currency, values::currency);
    let currency_of_order = own.unwrap_or(store_currency);
    let count = row.required(quantity, not_zero);
    line.number(count);
    let price = row.required(unit_price, |text| values::amount(text, currency_of_order));
    line.number(price);
    line.text(row.optional(status, |text| values::choice(text, &["completed", "open", "cancelled"])));
    line.text(Some(currency_of_order.code()));
    let list = row.optional(list_price, |text| values::amount(text, currency_of_order));
    line.number(list);
    let cost = row.optional(unit_cost, |text| values::amount(text, currency_of_order));
    line.number(cost);
    if let Some(count) = count {
        for amount in [price, list, cost].into_iter().flatten() {
            let total = amount.unsigned_abs().checked_mul(u64::from(count.unsigned_abs()));
            if total.is_none_or(|total| total > MAX_AMOUNT) {
                row.problems.push(Problem::of_row("is too large", "adds up to too large an amount"));
                break;
            }
        }
    }
    line.instant(row.instant(paid_at));
    line.instant(row.instant(due_at));
    line.text(row.optional(product_name, |text| values::line(text, 200)));
    line.text(row.optional(customer_name, |text| values::line(text, 200)));
    line.text(country(row, customer_country));
    order_number.text()
}

fn not_zero(text: &str) -> Result<i32, Fault> {
    match values::whole(text)? {
        0 => Err(Fault::new("is zero", format!("{} is zero: a line has at least one piece", values::shown(text)))),
        quantity => Ok(quantity),
    }
}

/// The country of a customer that may have to be made. A till's "Unspecified" is no reason to refuse an order.
fn country(row: &mut Row<'_>, cell: Cell<'_>) -> Option<&'static str> {
    let text = cell.text()?;
    let code = country_code(text);
    if code.is_none() {
        let number = row.number;
        row.warnings.add("rows name a country that is none (ISO 3166 code or English name); it is left empty", || {
            format!("row {number}: {text}")
        });
    }
    code
}

//! Rows of products.

use crate::imports::copy::Line;
use crate::imports::row::{Cells, Row};
use crate::imports::values;

pub(super) fn product<'a>(cells: &Cells<'a>, row: &mut Row<'_>, line: &mut Line) -> Option<&'a str> {
    let [sku, name, base_price, category, cost, currency, status] = cells.all();
    line.text(row.required(sku, |text| values::line(text, 64)));
    line.text(row.required(name, |text| values::line(text, 200)));
    let store_currency = row.context.currency;
    let own = row.optional(currency, values::currency);
    let currency_of_row = own.unwrap_or(store_currency);
    line.number(row.required(base_price, |text| values::amount(text, currency_of_row)));
    line.text(row.optional(category, |text| values::line(text, 120)));
    line.number(row.optional(cost, |text| values::amount(text, currency_of_row)));
    line.text(Some(currency_of_row.code()));
    line.text(row.optional(status, |text| values::choice(text, &["active", "inactive"])));
    sku.text()
}

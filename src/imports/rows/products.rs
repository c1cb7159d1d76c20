//! Rows of products.

use crate::imports::copy::Line;
use crate::imports::row::{Cells, Row};
use crate::imports::values;

pub(super) fn product<'a>(cells: &Cells<'a>, row: &mut Row<'_>, line: &mut Line) -> Option<&'a str> {
    let [sku, name, base_price, category, cost, currency, status] = cells.all();
    line.text(row.required(sku, |text| values::line(text, 64)));
    line.text(row.required(name, |text| values::line(text, 200)));
    let store_currency = row.context.currency;
    // Base prices are in the store's currency (SPEC 7, rule 5).
    row.optional(currency, |text| values::only_currency(text, store_currency));
    line.number(row.required(base_price, |text| values::amount(text, store_currency)));
    line.text(row.optional(category, |text| values::line(text, 120)));
    line.number(row.optional(cost, |text| values::amount(text, store_currency)));
    line.text(Some(store_currency.code()));
    line.text(row.optional(status, |text| values::choice(text, &["active", "inactive"])));
    sku.text()
}

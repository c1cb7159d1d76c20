//! Rows of price lists, of their entries, and of their assignment to groups.

use crate::imports::copy::Line;
use crate::imports::problem::Problem;
use crate::imports::row::{Cells, Row};
use crate::imports::values::{self, Fault};

pub(super) fn list<'a>(cells: &Cells<'a>, row: &mut Row<'_>, line: &mut Line) -> Option<&'a str> {
    let [code, name, currency, status, valid_from, valid_to] = cells.all();
    line.text(row.required(code, values::price_list_code));
    line.text(row.required(name, |text| values::line(text, 120)));
    line.text(row.optional(currency, values::currency).map(|currency| currency.code()));
    line.text(row.optional(status, |text| values::choice(text, &["active", "inactive"])));
    let (from, to) = (row.day(valid_from), row.day(valid_to));
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        row.problems.push(Problem {
            column: "valid_to",
            cause: "ends before it begins",
            message: format!("{to} lies before {from}, where the list begins"),
        });
    }
    line.day(from);
    line.day(to);
    code.text()
}

pub(super) fn entry<'a>(cells: &Cells<'a>, row: &mut Row<'_>, line: &mut Line) -> Option<&'a str> {
    let [price_list_code, sku, min_quantity, price] = cells.all();
    line.text(row.required(price_list_code, values::price_list_code));
    line.text(row.required(sku, |text| values::line(text, 64)));
    line.number(Some(row.optional(min_quantity, values::positive).unwrap_or(1)));
    line.text(row.required(price, decimal));
    price_list_code.text()
}

/// A price whose currency, its list's, is only known in the database: checked there for its decimals.
fn decimal(text: &str) -> Result<&str, Fault> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.bytes().any(|byte| byte.is_ascii_digit())
        && digits.bytes().filter(|byte| *byte == b'.').count() <= 1;
    if !plain {
        let message = format!("{} is not an amount: write it like 1250.00", values::shown(text));
        return Err(Fault::new("is not an amount", message));
    }
    if text.starts_with('-') {
        return Err(Fault::new("is negative", format!("{} is negative", values::shown(text))));
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.trim_start_matches('0').len() > 13 || fraction.len() > 15 {
        return Err(Fault::new("is too large", format!("{} is too large", values::shown(text))));
    }
    Ok(text)
}

pub(super) fn assignment<'a>(cells: &Cells<'a>, row: &mut Row<'_>, line: &mut Line) -> Option<&'a str> {
    let [group_code, price_list_code, priority] = cells.all();
    line.text(row.required(group_code, values::group_code));
    line.text(row.required(price_list_code, values::price_list_code));
    line.number(row.optional(priority, values::positive));
    group_code.text()
}

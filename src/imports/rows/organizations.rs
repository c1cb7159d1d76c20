//! Rows of organizations.

use crate::imports::copy::Line;
use crate::imports::row::{Cells, Row};
use crate::imports::values;

pub(super) fn organization<'a>(cells: &Cells<'a>, row: &mut Row<'_>, line: &mut Line) -> Option<&'a str> {
    let [code, name, parent_code, group_code] = cells.all();
    line.text(row.required(code, |text| values::line(text, 64)));
    line.text(row.required(name, |text| values::line(text, 200)));
    line.text(row.optional(parent_code, |text| values::line(text, 64)));
    line.text(row.optional(group_code, values::group_code));
    code.text()
}

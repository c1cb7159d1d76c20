//! Rows of groups.

use crate::imports::copy::Line;
use crate::imports::row::{Cells, Row};
use crate::imports::values;

pub(super) fn group<'a>(cells: &Cells<'a>, row: &mut Row<'_>, line: &mut Line) -> Option<&'a str> {
    let [code, name, parent_code, kind, status, description] = cells.all();
    line.text(row.required(code, values::group_code));
    line.text(row.required(name, values::group_name).as_deref());
    line.text(row.optional(parent_code, values::group_code));
    line.text(row.optional(kind, |text| values::choice(text, &["manual", "automatic", "hybrid"])));
    line.text(row.optional(status, |text| values::choice(text, &["active", "inactive"])));
    line.text(row.optional(description, |text| values::text(text, 2000)));
    code.text()
}

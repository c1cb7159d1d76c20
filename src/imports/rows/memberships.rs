//! Rows of memberships.

use crate::imports::copy::Line;
use crate::imports::problem::Problem;
use crate::imports::row::{Cells, Row};
use crate::imports::values;

pub(super) fn membership<'a>(cells: &Cells<'a>, row: &mut Row<'_>, line: &mut Line) -> Option<&'a str> {
    let [group_code, customer_code, since, primary] = cells.all();
    line.text(row.required(group_code, values::group_code));
    line.text(row.required(customer_code, |text| values::line(text, 64)));
    let joined = row.instant(since);
    if joined.is_some_and(|at| at > row.context.now) {
        row.problems.push(Problem {
            column: "since",
            cause: "lies in the future",
            message: format!("{} lies in the future", values::shown(since.text().unwrap_or_default())),
        });
    }
    line.instant(joined);
    line.flag(row.optional(primary, values::flag));
    customer_code.text()
}

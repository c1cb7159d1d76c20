//! The rows that all figures are sums of: differences of running totals (docs/adr/0025).

use super::Scope;
use crate::db::composed::{Composed, sql};
use crate::reports::frame::Frame;
use uuid::Uuid;

/// `m`: the distinct members of each scope, as (`g`, `customer_id`); `g` counts the scopes from 0. Scopes of everyone
/// have no rows here.
pub fn members(scopes: &[Scope]) -> Composed {
    let mut numbers = Vec::new();
    let mut groups: Vec<Uuid> = Vec::new();
    let mut distinct = false;
    for (g, scope) in (0..).zip(scopes) {
        if let Scope::Groups(ids) = scope {
            numbers.extend(ids.iter().map(|_| g));
            groups.extend(ids);
            distinct |= ids.len() > 1;
        }
    }
    // One group is asked by its id, so that the planner knows how large it is.
    if let [group] = groups[..] {
        return sql("SELECT ")
            .number(numbers[0])
            .sql(" AS g, customer_id FROM memberships WHERE group_id = ")
            .id(group);
    }
    if numbers.iter().all(|g| *g == 0) {
        return sql("SELECT DISTINCT 0::bigint AS g, customer_id FROM memberships WHERE group_id = ANY (")
            .ids(groups)
            .sql(")");
    }
    sql(if distinct { "SELECT DISTINCT t.g, x.customer_id" } else { "SELECT t.g, x.customer_id" })
        .sql(" FROM unnest(")
        .numbers(numbers)
        .sql("::bigint[], ")
        .ids(groups)
        .sql("::uuid[]) AS t (g, group_id) JOIN memberships x ON x.group_id = t.group_id")
}

/// What a customer bought between two borders of the frame, as a difference of its running totals.
const DIFFERENCES: [[&str; 3]; 4] = [
    ["x.net[x.d3] - x.net[x.d2]", "x.net[x.d2] - x.net[x.d1]", "x.net[x.d1] - x.net[x.d0]"],
    ["x.gross[x.d3] - x.gross[x.d2]", "x.gross[x.d2] - x.gross[x.d1]", "x.gross[x.d1] - x.gross[x.d0]"],
    ["x.cost[x.d3] - x.cost[x.d2]", "x.cost[x.d2] - x.cost[x.d1]", "x.cost[x.d1] - x.cost[x.d0]"],
    ["x.orders[x.d3] - x.orders[x.d2]", "x.orders[x.d2] - x.orders[x.d1]", "x.orders[x.d1] - x.orders[x.d0]"],
];

/// A difference of running totals.
#[derive(Clone, Copy, Debug)]
pub enum Sum {
    /// Net.
    Net,
    /// Gross.
    Gross,
    /// Cost.
    Cost,
    /// Orders.
    Orders,
}

impl Sum {
    /// The SQL of what a row `x` of [`places`] bought in the period (0), the preceding one (1) or the one before (2).
    pub fn of(self, period: usize) -> &'static str {
        DIFFERENCES[self as usize][period.min(2)]
    }
}

/// The columns `d0` to `d3`: the places in the running totals `r` at the borders of the frame.
pub fn places(frame: &Frame) -> Composed {
    let mut columns = Composed::default();
    for (border, name) in frame.borders().into_iter().zip(["d0", "d1", "d2", "d3"]) {
        if name != "d0" {
            columns = columns.sql(", ");
        }
        columns = columns.sql("width_bucket(").day(border).sql(", r.days) + 1 AS ").sql(name);
    }
    columns
}

/// `p`: amounts and orders by customer in the period (0) and the preceding one (1), orders in the one before (2), of the
/// rows `x` of a set that has the running totals and their [`places`].
pub fn by_customer(set: &'static str) -> Composed {
    let columns = [
        (Sum::Net, "net0", "net1"),
        (Sum::Gross, "gross0", "gross1"),
        (Sum::Cost, "cost0", "cost1"),
        (Sum::Orders, "orders0", "orders1"),
    ];
    let mut query = sql("SELECT x.g, x.customer_id");
    for (sum, last, before) in columns {
        query = query.sql(", ").sql(sum.of(0)).sql(" AS ").sql(last);
        query = query.sql(", ").sql(sum.of(1)).sql(" AS ").sql(before);
    }
    query.sql(", ").sql(Sum::Orders.of(2)).sql(" AS orders2 FROM ").sql(set).sql(" x")
}

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

/// Arrays that are looked into often, unpacked once: short ones are packed in a row, and unpacked at each look.
/// `OFFSET 0` keeps the planner from unpacking them, and from searching places, once for each column that is made of them.
const UNPACKED: &str = "x.net || '{}'::bigint[] AS net, x.gross || '{}'::bigint[] AS gross,
    x.cost || '{}'::bigint[] AS cost, x.orders || '{}'::integer[] AS orders";

/// Rows `x` as [`Sum`] wants them, with their days and [`places`], of running totals `r`.
pub fn placed(frame: &Frame, totals: &'static str) -> Composed {
    sql("(SELECT r.*, ")
        .then(places(frame))
        .sql(" FROM (SELECT x.customer_id, x.days || '{}'::date[] AS days, ")
        .sql(UNPACKED)
        .sql(" FROM ")
        .sql(totals)
        .sql(" x OFFSET 0) r OFFSET 0) x")
}

/// `p`: amounts and orders by customer in the period (0) and the preceding one (1), orders in the one before (2), and the
/// net of all time, of the rows of a set `x` that has the running totals and their [`places`].
pub fn by_customer() -> Composed {
    let columns = [
        (Sum::Net, "net0", "net1"),
        (Sum::Gross, "gross0", "gross1"),
        (Sum::Cost, "cost0", "cost1"),
        (Sum::Orders, "orders0", "orders1"),
    ];
    let mut query = sql("SELECT x.g, x.customer_id, x.net[cardinality(x.net)] AS lifetime");
    for (sum, last, before) in columns {
        query = query.sql(", ").sql(sum.of(0)).sql(" AS ").sql(last);
        query = query.sql(", ").sql(sum.of(1)).sql(" AS ").sql(before);
    }
    query
        .sql(", ")
        .sql(Sum::Orders.of(2))
        .sql(" AS orders2 FROM (SELECT x.g, x.customer_id, x.d0, x.d1, x.d2, x.d3, ")
        .sql(UNPACKED)
        .sql(" FROM x OFFSET 0) x")
}

/// What was bought by scope and month of the period, of the same set `x`.
pub const MONTHS: &str = "
    SELECT g, date_trunc('month', day::timestamp)::date AS month, sum(net) AS net, sum(orders) AS orders
    FROM (SELECT g, days[i - 1] AS day, net[i] - net[i - 1] AS net, orders[i] - orders[i - 1] AS orders
          FROM (SELECT g, x.days || '{}'::date[] AS days, x.net || '{}'::bigint[] AS net,
                       x.orders || '{}'::integer[] AS orders, generate_series(x.d2 + 1, x.d3) AS i FROM x) x
          OFFSET 0) d
    GROUP BY 1, 2";

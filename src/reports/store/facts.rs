//! The rows that all figures are sums of: customer-months where a month is whole, orders where it isn't.

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

/// The condition on a month of a roll-up that all its days lie in the frame's periods and in the same one.
pub fn whole_months(frame: &Frame) -> Composed {
    let mut condition = sql("x.month >= ").day(frame.months.0).sql(" AND x.month < ").day(frame.months.1);
    for month in &frame.split {
        condition = condition.sql(" AND x.month <> ").day(*month);
    }
    condition
}

/// The condition on an order that it counts and lies on a day that no whole month covers; nothing where there are none.
pub fn ragged_days(frame: &Frame) -> Option<Composed> {
    let mut condition = sql("o.status = 'completed' AND o.currency = (SELECT currency FROM store_settings) AND (false");
    for (begin, stop) in &frame.days {
        condition = condition.sql(" OR o.day >= ").day(*begin).sql(" AND o.day < ").day(*stop);
    }
    (!frame.days.is_empty()).then(|| condition.sql(")"))
}

/// `f`: what the members in `m`, or all customers, bought in the frame's periods, as (`g`, `customer_id`, `day`, `net`,
/// `gross`, `cost`, `orders`). The day of a whole month is its first.
pub fn purchases(frame: &Frame, of_members: bool) -> Composed {
    let who = |months: bool| match (of_members, months) {
        (true, true) => {
            "SELECT m.g, x.customer_id, x.month AS day, x.net, x.gross, x.cost, x.orders
                         FROM m JOIN customer_months x ON x.customer_id = m.customer_id WHERE "
        }
        (false, true) => {
            "SELECT 0::bigint AS g, x.customer_id, x.month AS day, x.net, x.gross, x.cost, x.orders
                          FROM customer_months x WHERE "
        }
        (true, false) => {
            " UNION ALL
                          SELECT m.g, o.customer_id, o.day, o.net, o.gross, o.cost, (NOT o.is_credit_note)::int
                          FROM m JOIN orders o ON o.customer_id = m.customer_id WHERE "
        }
        (false, false) => {
            " UNION ALL
                           SELECT 0, o.customer_id, o.day, o.net, o.gross, o.cost, (NOT o.is_credit_note)::int
                           FROM orders o WHERE "
        }
    };
    let whole = sql(who(true)).then(whole_months(frame));
    match ragged_days(frame) {
        Some(days) => whole.sql(who(false)).then(days),
        None => whole,
    }
}

/// `p`: `f` by customer: amounts and orders in the period (0) and the preceding one (1), orders in the one before (2).
pub fn by_customer(frame: &Frame) -> Composed {
    let [last, before, _] = frame.begins();
    let last = || sql("f.day >= ").day(last);
    let before_last = || sql("f.day < ").day(frame.begins()[0]).sql(" AND f.day >= ").day(before);
    let mut columns = sql("SELECT f.g, f.customer_id");
    for (column, name) in [("f.net", "net0"), ("f.gross", "gross0"), ("f.cost", "cost0"), ("f.orders", "orders0")] {
        columns = columns.sql(", sum(").sql(column).sql(") FILTER (WHERE ").then(last()).sql(")::bigint AS ").sql(name);
    }
    for (column, name) in [("f.net", "net1"), ("f.gross", "gross1"), ("f.cost", "cost1"), ("f.orders", "orders1")] {
        columns = columns
            .sql(", sum(")
            .sql(column)
            .sql(") FILTER (WHERE ")
            .then(before_last())
            .sql(")::bigint AS ")
            .sql(name);
    }
    columns
        .sql(", sum(f.orders) FILTER (WHERE f.day < ")
        .day(before)
        .sql(") AS orders2 FROM f GROUP BY f.g, f.customer_id")
}

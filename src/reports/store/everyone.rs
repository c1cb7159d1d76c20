//! The figures of all customers, of whom there are too many to look at each.

use super::facts::{Sum, placed};
use crate::db::composed::sql;
use crate::error::Result;
use crate::reports::frame::Frame;
use crate::reports::metrics::{Figures, Month, Named, Returned};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Uuid as SqlUuid};
use uuid::Uuid;

#[derive(QueryableByName)]
struct Part {
    #[diesel(sql_type = BigInt)]
    period: i64,
    #[diesel(sql_type = Date)]
    month: NaiveDate,
    #[diesel(sql_type = BigInt)]
    net: i64,
    #[diesel(sql_type = BigInt)]
    gross: i64,
    #[diesel(sql_type = BigInt)]
    cost: i64,
    #[diesel(sql_type = BigInt)]
    orders: i64,
}

/// The figures of all customers. What everyone bought is rolled up by day; who came back takes a look at every customer
/// who bought; `with_names`, who of them is named, another one.
pub fn of_everyone(conn: &mut PgConnection, frame: &Frame, with_names: bool) -> Result<Figures> {
    #[derive(QueryableByName)]
    struct Lives {
        #[diesel(sql_type = BigInt)]
        members: i64,
        #[diesel(sql_type = BigInt)]
        lifetime: i64,
    }
    let lives: Lives = sql("SELECT t.customers AS members,
                                   coalesce((SELECT sum(net) FROM store_days), 0)::bigint AS lifetime FROM store_totals t")
        .get_result(conn)?;
    let mut figures = Figures::default();
    for ground in [&mut figures.now, &mut figures.before] {
        (ground.members, ground.lifetime) = (lives.members, lives.lifetime);
    }
    figures.trend = frame.periods[0].months().map(|month| Month { month, net: 0, orders: 0 }).collect();
    for part in parts(conn, frame)? {
        let ground = if part.period == 0 { &mut figures.now } else { &mut figures.before };
        ground.sums.net += part.net;
        ground.sums.gross += part.gross;
        ground.sums.cost += part.cost;
        ground.sums.orders += part.orders;
        let month = figures.trend.iter_mut().find(|month| part.period == 0 && month.month == part.month);
        if let Some(month) = month {
            month.net += part.net;
            month.orders += part.orders;
        }
    }
    [figures.now.returned, figures.before.returned] = returned(conn, frame)?;
    if with_names {
        figures.named = named(conn, frame)?;
    }
    Ok(figures)
}

/// What everyone bought, by period (0 and 1) and month.
fn parts(conn: &mut PgConnection, frame: &Frame) -> Result<Vec<Part>> {
    let [_, before, last, end] = frame.borders();
    let query = sql("SELECT CASE WHEN day > ")
        .day(last)
        .sql(
            " THEN 0 ELSE 1 END::bigint AS period, date_trunc('month', day::timestamp)::date AS month,
                    sum(net)::bigint AS net, sum(gross)::bigint AS gross, sum(cost)::bigint AS cost,
                    sum(orders)::bigint AS orders
             FROM store_days WHERE day > ",
        )
        .day(before)
        .sql(" AND day <= ")
        .day(end)
        .sql(" GROUP BY 1, 2");
    Ok(query.load(conn)?)
}

/// Who of all customers ordered again, in the period and in the preceding one. Who bought in both of two stretches of days
/// is counted in each of them, and once in both together (docs/adr/0029).
fn returned(conn: &mut PgConnection, frame: &Frame) -> Result<[Returned; 2]> {
    #[derive(QueryableByName)]
    struct Buyers {
        #[diesel(sql_type = BigInt)]
        now: i64,
        #[diesel(sql_type = BigInt)]
        before: i64,
        #[diesel(sql_type = BigInt)]
        first: i64,
        #[diesel(sql_type = BigInt)]
        now_or_before: i64,
        #[diesel(sql_type = BigInt)]
        before_or_first: i64,
    }
    let [first, before, last, end] = frame.borders();
    let between = |after: NaiveDate, until: NaiveDate| {
        sql("coalesce(sum(customers) FILTER (WHERE day > ")
            .day(after)
            .sql(" AND day <= ")
            .day(until)
            .sql(" AND previous <= ")
            .day(after)
            .sql("), 0)::bigint AS ")
    };
    let buyers: Buyers = sql("SELECT ")
        .then(between(last, end))
        .sql("now, ")
        .then(between(before, last))
        .sql("before, ")
        .then(between(first, before))
        .sql("first, ")
        .then(between(before, end))
        .sql("now_or_before, ")
        .then(between(first, last))
        .sql("before_or_first FROM store_returns WHERE previous <= ")
        .day(last)
        .sql(" AND day > ")
        .day(first)
        .sql(" AND day <= ")
        .day(end)
        .get_result(conn)?;
    Ok([
        Returned { before: buyers.before, again: buyers.now + buyers.before - buyers.now_or_before },
        Returned { before: buyers.first, again: buyers.before + buyers.first - buyers.before_or_first },
    ])
}

/// The revenue of the tenth of those in a set who bought most, and of those who stopped.
macro_rules! tenth {
    ($set:literal) => {
        concat!(
            "SELECT (SELECT net0 FROM ",
            $set,
            " WHERE net0 > 0 ORDER BY net0 DESC OFFSET 9 LIMIT 1) AS net0,
                    (SELECT net1 FROM ",
            $set,
            " WHERE stopped ORDER BY net1 DESC OFFSET 9 LIMIT 1) AS net1"
        )
    };
}

/// Those who bought most of all time. The tenth of them in a period bought at most as much as the tenth of everyone did, so
/// that of everyone only those above it need to be kept.
const BOUGHT_MOST: &str =
    "(SELECT t.* FROM (SELECT customer_id FROM customer_purchases ORDER BY net DESC, customer_id DESC LIMIT 1000) m
     JOIN customer_running_totals t ON t.customer_id = m.customer_id)";

/// Who of all customers is named, as in [`NAMED`].
fn named(conn: &mut PgConnection, frame: &Frame) -> Result<Named> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        at_risk: bool,
        #[diesel(sql_type = SqlUuid)]
        customer_id: Uuid,
        #[diesel(sql_type = BigInt)]
        revenue: i64,
    }
    let bought = |totals| {
        sql("SELECT x.customer_id, ")
            .sql(Sum::Net.of(0))
            .sql(" AS net0, ")
            .sql(Sum::Net.of(1))
            .sql(" AS net1, ")
            .sql(Sum::Orders.of(1))
            .sql(" > 0 AND ")
            .sql(Sum::Orders.of(0))
            .sql(" = 0 AS stopped FROM ")
            .then(placed(frame, totals))
            .sql(" OFFSET 0")
    };
    let rows: Vec<Row> = sql("WITH most AS MATERIALIZED (")
        .then(bought(BOUGHT_MOST))
        .sql("), bound AS MATERIALIZED (")
        .sql(concat!(tenth!("most"), "), p AS MATERIALIZED (SELECT b.* FROM ("))
        .then(bought("customer_running_totals"))
        .sql(concat!(
            ") b, bound l
                 WHERE b.net0 > 0 AND (l.net0 IS NULL OR b.net0 >= l.net0)
                    OR b.stopped AND (l.net1 IS NULL OR b.net1 >= l.net1)
             ), last AS MATERIALIZED (",
            tenth!("p"),
            ")
             SELECT false AS at_risk, customer_id, p.net0 AS revenue FROM p, last l
             WHERE p.net0 > 0 AND (l.net0 IS NULL OR p.net0 >= l.net0)
             UNION ALL
             SELECT true, customer_id, p.net1 FROM p, last l
             WHERE p.stopped AND (l.net1 IS NULL OR p.net1 >= l.net1)"
        ))
        .load(conn)?;
    let some = |at_risk| {
        let listed = rows.iter().filter(move |row| row.at_risk == at_risk);
        listed.map(|row| (row.customer_id, row.revenue)).collect()
    };
    Ok(Named { top: some(false), at_risk: some(true) })
}

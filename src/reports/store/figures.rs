//! The figures of groups and of everyone, in one statement for however many groups.

use super::Scope;
use super::facts::{Sum, by_customer, members, places};
use crate::db::composed::sql;
use crate::error::{Error, Result};
use crate::reports::frame::Frame;
use crate::reports::metrics::{Figures, Ground, Month, Named, Returned};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Jsonb, Uuid as SqlUuid};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What retention looks at: the period, and the preceding one.
type BothReturned = [Returned; 2];

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    g: i64,
    #[diesel(sql_type = BigInt)]
    members: i64,
    #[diesel(sql_type = BigInt)]
    lifetime: i64,
    #[diesel(sql_type = Jsonb)]
    now: Value,
    #[diesel(sql_type = Jsonb)]
    before: Value,
    #[diesel(sql_type = Jsonb)]
    returned: Value,
    #[diesel(sql_type = Jsonb)]
    trend: Value,
    #[diesel(sql_type = Jsonb)]
    named: Value,
}

/// The figures of each scope, in their order. All groups take one pass over the roll-ups.
pub fn figures(conn: &mut PgConnection, frame: &Frame, scopes: &[Scope]) -> Result<Vec<Figures>> {
    let mut found = vec![Figures::default(); scopes.len()];
    for figures in &mut found {
        figures.trend = frame.periods[0].months().map(|month| Month { month, net: 0, orders: 0 }).collect();
    }
    if scopes.iter().any(|scope| matches!(scope, Scope::Groups(_))) {
        for row in of_groups(conn, frame, scopes)? {
            let Some(figures) = usize::try_from(row.g).ok().and_then(|g| found.get_mut(g)) else { continue };
            let (members, lifetime) = (row.members, row.lifetime);
            let [now, before]: BothReturned = read(row.returned)?;
            figures.now = Ground { members, lifetime, sums: read(row.now)?, returned: now };
            figures.before = Ground { members, lifetime, sums: read(row.before)?, returned: before };
            let months: Vec<Month> = read(row.trend)?;
            fill(&mut figures.trend, &months);
            figures.named = read(row.named)?;
        }
    }
    if scopes.contains(&Scope::Everyone) {
        let everyone = of_everyone(conn, frame, true)?;
        for (figures, _) in found.iter_mut().zip(scopes).filter(|(_, scope)| **scope == Scope::Everyone) {
            *figures = everyone.clone();
        }
    }
    Ok(found)
}

fn fill(trend: &mut [Month], months: &[Month]) {
    let known: BTreeMap<NaiveDate, &Month> = months.iter().map(|month| (month.month, month)).collect();
    for month in trend {
        if let Some(found) = known.get(&month.month) {
            *month = **found;
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value).map_err(Error::internal)
}

/// `named`: of each scope the customers of `p` who bought most, and of those who stopped, who had bought most. As many
/// as are named, and those who bought as much as the last of them: names decide. The last one's revenue is found first,
/// which takes no sorting of everyone.
const NAMED: &str = "
    listed AS (
        SELECT g, customer_id, net0 AS revenue, 'top' AS list FROM p WHERE net0 > 0
        UNION ALL
        SELECT g, customer_id, net1, 'at_risk' FROM p WHERE orders1 > 0 AND orders0 = 0
    ), last AS MATERIALIZED (
        SELECT s.g, k.list, (SELECT t.revenue FROM listed t WHERE t.g = s.g AND t.list = k.list
                             ORDER BY t.revenue DESC OFFSET 9 LIMIT 1) AS revenue
        FROM (SELECT DISTINCT g FROM p) s CROSS JOIN (VALUES ('top'), ('at_risk')) k (list)
    ), named AS (
        SELECT g, jsonb_object_agg(list, people) AS named
        FROM (SELECT l.g, l.list, jsonb_agg(jsonb_build_array(l.customer_id, l.revenue)) AS people
              FROM last e JOIN listed l ON l.g = e.g AND l.list = e.list AND (e.revenue IS NULL OR l.revenue >= e.revenue)
              GROUP BY l.g, l.list) l GROUP BY g
    )";

fn of_groups(conn: &mut PgConnection, frame: &Frame, scopes: &[Scope]) -> Result<Vec<Row>> {
    let query = sql("WITH x AS MATERIALIZED (SELECT m.g, r.*, ")
        .then(places(frame))
        .sql(" FROM (")
        .then(members(scopes))
        .sql(") m JOIN customer_running_totals r ON r.customer_id = m.customer_id), p AS MATERIALIZED (")
        .then(by_customer("x"))
        .sql("), ")
        .sql(NAMED)
        .sql(
            ", sums AS (
                 SELECT g, jsonb_build_object('net', coalesce(sum(net0), 0), 'gross', coalesce(sum(gross0), 0),
                            'cost', coalesce(sum(cost0), 0), 'orders', coalesce(sum(orders0), 0)) AS now,
                        jsonb_build_object('net', coalesce(sum(net1), 0), 'gross', coalesce(sum(gross1), 0),
                            'cost', coalesce(sum(cost1), 0), 'orders', coalesce(sum(orders1), 0)) AS before,
                        jsonb_build_array(
                            jsonb_build_object('before', count(*) FILTER (WHERE orders1 > 0),
                                'again', count(*) FILTER (WHERE orders1 > 0 AND orders0 > 0)),
                            jsonb_build_object('before', count(*) FILTER (WHERE orders2 > 0),
                                'again', count(*) FILTER (WHERE orders2 > 0 AND orders1 > 0))) AS returned
                 FROM p GROUP BY g
             ), months AS (
                 SELECT g, jsonb_agg(jsonb_build_object('month', month, 'net', net, 'orders', orders)) AS trend
                 FROM (SELECT x.g, date_trunc('month', x.days[i - 1]::timestamp)::date AS month,
                              sum(x.net[i] - x.net[i - 1]) AS net, sum(x.orders[i] - x.orders[i - 1]) AS orders
                       FROM x CROSS JOIN LATERAL generate_series(x.d2 + 1, x.d3) AS i GROUP BY 1, 2) t GROUP BY g
             ), lives AS (
                 SELECT g, sum(net[cardinality(net)])::bigint AS net FROM x GROUP BY g
             ), m AS (
                 SELECT g, count(*) AS members FROM (",
        )
        .then(members(scopes))
        .sql(
            ") m GROUP BY g
             ), nothing AS (
                 SELECT jsonb_build_object('net', 0, 'gross', 0, 'cost', 0, 'orders', 0) AS sums,
                        jsonb_build_object('before', 0, 'again', 0) AS returned
             )
             SELECT m.g, m.members, coalesce(l.net, 0) AS lifetime, coalesce(s.now, n.sums) AS now, coalesce(s.before, n.sums) AS before,
                    coalesce(s.returned, jsonb_build_array(n.returned, n.returned)) AS returned,
                    coalesce(t.trend, '[]') AS trend, coalesce(w.named, '{}') AS named
             FROM m CROSS JOIN nothing n LEFT JOIN lives l ON l.g = m.g LEFT JOIN sums s ON s.g = m.g
             LEFT JOIN months t ON t.g = m.g LEFT JOIN named w ON w.g = m.g",
        );
    Ok(query.load(conn)?)
}

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
fn returned(conn: &mut PgConnection, frame: &Frame) -> Result<BothReturned> {
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
    let rows: Vec<Row> = sql("WITH p AS MATERIALIZED (SELECT x.customer_id, ")
        .sql(Sum::Net.of(0))
        .sql(" AS net0, ")
        .sql(Sum::Net.of(1))
        .sql(" AS net1, ")
        .sql(Sum::Orders.of(1))
        .sql(" > 0 AND ")
        .sql(Sum::Orders.of(0))
        .sql(" = 0 AS stopped FROM (SELECT r.*, ")
        .then(places(frame))
        .sql(
            " FROM customer_running_totals r) x
             ), last AS MATERIALIZED (
                 SELECT (SELECT net0 FROM p WHERE net0 > 0 ORDER BY net0 DESC OFFSET 9 LIMIT 1) AS net0,
                        (SELECT net1 FROM p WHERE stopped ORDER BY net1 DESC OFFSET 9 LIMIT 1) AS net1
             )
             SELECT false AS at_risk, customer_id, p.net0 AS revenue FROM p, last l
             WHERE p.net0 > 0 AND (l.net0 IS NULL OR p.net0 >= l.net0)
             UNION ALL
             SELECT true, customer_id, p.net1 FROM p, last l
             WHERE p.stopped AND (l.net1 IS NULL OR p.net1 >= l.net1)",
        )
        .load(conn)?;
    let some = |at_risk| {
        let listed = rows.iter().filter(move |row| row.at_risk == at_risk);
        listed.map(|row| (row.customer_id, row.revenue)).collect()
    };
    Ok(Named { top: some(false), at_risk: some(true) })
}

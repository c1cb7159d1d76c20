//! The figures of groups and of everyone, in one statement for however many groups.

use super::Scope;
use super::everyone::of_everyone;
use super::facts::{MONTHS, by_customer, members, places};
use crate::db::composed::sql;
use crate::error::{Error, Result};
use crate::reports::frame::Frame;
use crate::reports::metrics::{Figures, Ground, Month, Returned};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Jsonb};
use serde_json::Value;
use std::collections::BTreeMap;

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
        .then(by_customer())
        .sql("), ")
        .sql(NAMED)
        .sql(
            ", sums AS (
                 SELECT g, sum(lifetime)::bigint AS lifetime,
                        jsonb_build_object('net', coalesce(sum(net0), 0), 'gross', coalesce(sum(gross0), 0),
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
                 FROM (",
        )
        .sql(MONTHS)
        .sql(
            ") t GROUP BY g
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
             SELECT m.g, m.members, coalesce(s.lifetime, 0) AS lifetime, coalesce(s.now, n.sums) AS now, coalesce(s.before, n.sums) AS before,
                    coalesce(s.returned, jsonb_build_array(n.returned, n.returned)) AS returned,
                    coalesce(t.trend, '[]') AS trend, coalesce(w.named, '{}') AS named
             FROM m CROSS JOIN nothing n LEFT JOIN sums s ON s.g = m.g
             LEFT JOIN months t ON t.g = m.g LEFT JOIN named w ON w.g = m.g",
        );
    Ok(query.load(conn)?)
}

//! Who fits a better sibling, and whose anniversary it is.

use crate::db::composed::sql;
use crate::error::Result;
use crate::reports::review::{Anniversary, BetterFit, NAMED};
use crate::rules::store::compile::Compiled;
use crate::rules::store::sql::Value;
use crate::schema::groups;
use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Integer, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// How far ahead anniversaries are told.
const DAYS_AHEAD: u64 = 30;

#[derive(QueryableByName)]
struct Fit {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    members: i64,
}

fn fit((group, name): (Uuid, &str), by_rule: bool, rows: Vec<Fit>) -> Option<BetterFit> {
    let members = rows.first()?.members;
    let some = rows.into_iter().map(|row| (row.id, row.name)).collect();
    Some(BetterFit { group, name: name.to_owned(), by_rule, members, some })
}

/// Members of a group who match a sibling's rule and aren't in it; nothing where there are none.
pub fn matching(
    conn: &mut PgConnection,
    group: Uuid,
    sibling: (Uuid, &str),
    rule: &Compiled,
) -> Result<Option<BetterFit>> {
    let mut values = rule.values.clone();
    let own = values.place(Value::Id(group));
    let other = values.place(Value::Id(sibling.0));
    let limit = values.place(Value::Number(NAMED as i64));
    let rows: Vec<Fit> = values
        .query(&format!(
            "SELECT c.id, c.name, count(*) OVER () AS members FROM {}
             WHERE EXISTS (SELECT FROM memberships m WHERE m.customer_id = c.id AND m.group_id = {own})
               AND NOT EXISTS (SELECT FROM memberships m WHERE m.customer_id = c.id AND m.group_id = {other})
               AND c.status = 'active' AND {}
             ORDER BY lower(c.name), c.id LIMIT {limit}",
            rule.from, rule.matches
        ))
        .load(conn)?;
    Ok(fit(sibling, true, rows))
}

/// Members of a group who have bought at least as much as a sibling's members on average, and aren't in it.
pub fn buying_alike(conn: &mut PgConnection, group: Uuid, sibling: (Uuid, &str)) -> Result<Option<BetterFit>> {
    let rows: Vec<Fit> = sql("WITH usual AS (
             SELECT avg(p.net) AS net FROM memberships m JOIN customer_purchases p ON p.customer_id = m.customer_id
             WHERE m.group_id = ")
    .id(sibling.0)
    .sql(
        ")
         SELECT c.id, c.name, count(*) OVER () AS members
         FROM usual u, memberships m JOIN customer_purchases p ON p.customer_id = m.customer_id
         JOIN customers c ON c.id = m.customer_id
         WHERE p.net >= u.net AND u.net > 0 AND c.status = 'active'
           AND NOT EXISTS (SELECT FROM memberships o WHERE o.customer_id = m.customer_id AND o.group_id = ",
    )
    .id(sibling.0)
    .sql(") AND m.group_id = ")
    .id(group)
    .sql(" ORDER BY p.net DESC, lower(c.name), c.id LIMIT ")
    .number(NAMED as i64)
    .load(conn)?;
    Ok(fit(sibling, false, rows))
}

/// The next anniversaries of members of a group, by how long they have been in it: days of the next month on which a
/// year or more is full.
pub fn anniversaries(conn: &mut PgConnection, group: Uuid, today: NaiveDate, zone: &str) -> Result<Vec<Anniversary>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Date)]
        day: NaiveDate,
        #[diesel(sql_type = Integer)]
        years: i32,
    }
    let last = today.checked_add_days(Days::new(DAYS_AHEAD)).unwrap_or(today);
    // The first full year that ends today or later; February 29 is celebrated on the 28th in other years.
    let rows: Vec<Row> = sql("SELECT c.id, c.name, a.day, a.years
         FROM (SELECT m.customer_id, (m.since AT TIME ZONE ")
    .text(zone)
    .sql(")::date AS since FROM memberships m WHERE m.group_id = ")
    .id(group)
    .sql(") m CROSS JOIN LATERAL (SELECT extract(year FROM age(")
    .day(today)
    .sql(
        "::date - 1, m.since))::int + 1 AS years) y CROSS JOIN LATERAL (
             SELECT y.years, (m.since + make_interval(years => y.years))::date AS day) a
         JOIN customers c ON c.id = m.customer_id
         WHERE m.since < ",
    )
    .day(today)
    .sql(" AND a.day <= ")
    .day(last)
    .sql(" ORDER BY a.years DESC, a.day, lower(c.name) LIMIT ")
    .number(NAMED as i64)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| Anniversary { id: row.id, name: row.name, on: row.day, years: row.years }).collect())
}

/// Notes that a group was looked through.
pub fn mark(conn: &mut PgConnection, group: Uuid, by: &str, now: DateTime<Utc>) -> Result<()> {
    diesel::update(groups::table.find(group))
        .set((groups::last_reviewed_at.eq(now), groups::last_reviewed_by.eq(by)))
        .execute(conn)?;
    Ok(())
}

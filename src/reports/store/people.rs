//! The customers that a report names: who buys most, and who has stopped.

use super::Scope;
use super::facts::{by_customer, members, purchases};
use crate::db::composed::{Composed, sql};
use crate::error::Result;
use crate::reports::frame::Frame;
use crate::reports::people::{NAMED, People, Person};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    revenue: i64,
    #[diesel(sql_type = Nullable<Date>)]
    last_order_on: Option<NaiveDate>,
    #[diesel(sql_type = Bool)]
    is_top: bool,
}

impl From<&Row> for Person {
    fn from(row: &Row) -> Self {
        let (code, name) = (row.code.clone(), row.name.clone());
        Self { id: row.id, code, name, revenue: row.revenue, last_order_on: row.last_order_on }
    }
}

/// The best customers of a scope, and those at risk: [`NAMED`] of each.
pub fn people(conn: &mut PgConnection, frame: &Frame, scope: &Scope) -> Result<People> {
    let query = sql("WITH ").then(by_scope(frame, scope)).sql(
        ", top AS (
                 SELECT customer_id, net0 AS revenue FROM p WHERE net0 > 0
                 ORDER BY net0 DESC FETCH FIRST 10 ROWS WITH TIES
             ), gone AS (
                 SELECT customer_id, coalesce(net1, 0) AS revenue FROM p WHERE orders1 > 0 AND coalesce(orders0, 0) = 0
                 ORDER BY coalesce(net1, 0) DESC FETCH FIRST 10 ROWS WITH TIES
             ), named AS (
                 SELECT *, true AS is_top FROM top UNION ALL SELECT *, false FROM gone
             )
             SELECT c.id, c.code, c.name, n.revenue, l.last_order_on, n.is_top
             FROM named n JOIN customers c ON c.id = n.customer_id
             LEFT JOIN customer_purchases l ON l.customer_id = c.id
             ORDER BY n.is_top, n.revenue DESC, lower(c.name), c.code",
    );
    let rows: Vec<Row> = query.load(conn)?;
    let some = |top: bool| {
        let wanted = rows.iter().filter(|row| row.is_top == top);
        wanted.take(NAMED).map(Person::from).collect()
    };
    Ok(People { top: some(true), at_risk: some(false) })
}

/// `p` of one scope, with what it stands on.
fn by_scope(frame: &Frame, scope: &Scope) -> Composed {
    match scope {
        Scope::Everyone => sql("f AS (").then(purchases(frame, false)),
        Scope::Groups(_) => sql("m AS MATERIALIZED (")
            .then(members(std::slice::from_ref(scope)))
            .sql("), f AS (")
            .then(purchases(frame, true)),
    }
    .sql("), p AS (")
    .then(by_customer(frame))
    .sql(")")
}

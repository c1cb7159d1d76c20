//! All who bought in the preceding period and not in this one: what is exported.

use super::Scope;
use super::facts::{Sum, members, places};
use crate::db::composed::{Composed, sql};
use crate::error::Result;
use crate::reports::frame::Frame;
use crate::reports::people::Person;
use chrono::NaiveDate;
use diesel::pg::{PgConnection, PgRowByRowLoadingMode};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Uuid as SqlUuid};
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
}

/// The running totals `r` of the customers of a scope.
fn totals(scope: &Scope) -> Composed {
    match scope {
        Scope::Everyone => sql(" FROM customer_running_totals r"),
        Scope::Groups(_) => sql(" FROM (")
            .then(members(std::slice::from_ref(scope)))
            .sql(") m JOIN customer_running_totals r ON r.customer_id = m.customer_id"),
    }
}

/// Gives `take` all of them, who bought most first, as a report names its first few: one statement, of which nothing is
/// kept.
///
/// # Errors
/// Those of the database and of `take`.
pub fn each(
    conn: &mut PgConnection,
    frame: &Frame,
    scope: &Scope,
    mut take: impl FnMut(&Person) -> Result<()>,
) -> Result<()> {
    let query = sql("SELECT c.id, c.code, c.name, s.revenue, b.last_order_on FROM (SELECT x.customer_id, ")
        .sql(Sum::Net.of(1))
        .sql(" AS revenue FROM (SELECT r.*, ")
        .then(places(frame))
        .then(totals(scope))
        .sql(") x WHERE ")
        .sql(Sum::Orders.of(1))
        .sql(" > 0 AND ")
        .sql(Sum::Orders.of(0))
        .sql(
            " = 0) s JOIN customers c ON c.id = s.customer_id
             LEFT JOIN customer_purchases b ON b.customer_id = c.id
             ORDER BY s.revenue DESC, lower(c.name), c.code",
        );
    for row in query.load_iter::<Row, PgRowByRowLoadingMode>(conn)? {
        let Row { id, code, name, revenue, last_order_on } = row?;
        take(&Person { id, code, name, revenue, last_order_on })?;
    }
    Ok(())
}

//! All members who match, one after the other: what is exported.

use super::list::{Measure, Member, TOLD, assigned, conditions};
use crate::db::composed::sql;
use crate::error::Result;
use crate::members::listing::Filter;
use diesel::pg::{PgConnection, PgRowByRowLoadingMode};
use diesel::prelude::*;
use uuid::Uuid;

/// Gives `take` all members who match, the longest-standing first: one statement, of which nothing is kept.
pub fn each(
    conn: &mut PgConnection,
    group: Uuid,
    filter: &Filter,
    measure: &Measure,
    mut take: impl FnMut(&Member) -> Result<()>,
) -> Result<()> {
    let query = sql(TOLD)
        .sql(
            " FROM memberships m JOIN customers c ON c.id = m.customer_id
              LEFT JOIN customer_purchases p ON p.customer_id = m.customer_id WHERE m.group_id = ",
        )
        .id(group)
        .sql(assigned(filter))
        .then(conditions(filter, measure))
        .sql(" ORDER BY m.since, m.customer_id");
    for member in query.load_iter::<Member, PgRowByRowLoadingMode>(conn)? {
        take(&member?)?;
    }
    Ok(())
}

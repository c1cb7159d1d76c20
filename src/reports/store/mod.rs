//! The figures of reports in the database: set-based, over memberships and the roll-ups.

pub mod at_risk;
pub mod economics;
pub mod everyone;
pub mod facts;
pub mod figures;
pub mod people;
pub mod performance;
pub mod portfolio;
pub mod review;
pub mod reviewing;

use crate::error::{Error, Result};
use diesel::pg::PgConnection;
use uuid::Uuid;

/// Whose figures are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All customers, members of a group or not.
    Everyone,
    /// The distinct members of these groups.
    Groups(Vec<Uuid>),
}

/// Runs the questions of a report on one moment of the data, with the memory that sets of this size want. It changes
/// nothing, so it may run on a replica.
///
/// # Errors
/// Those of the questions.
pub fn at_one_moment<T>(conn: &mut PgConnection, ask: impl FnOnce(&mut PgConnection) -> Result<T>) -> Result<T> {
    use diesel::connection::SimpleConnection;
    conn.build_transaction().read_only().repeatable_read().run(|conn| {
        // Members' running totals are looked up by key, which costs little more than reading them in a row.
        conn.batch_execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL random_page_cost = 1.1")
            .map_err(Error::from)?;
        ask(conn)
    })
}

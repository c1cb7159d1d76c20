//! The pages and commands of administrators: users, tokens, the store, the audit log.

mod audit_filters;
mod audit_log;
mod commands;
mod store;
mod tokens;
mod users;

use crate::support::TestApp;

/// The number at one place in the database.
pub fn number(app: &TestApp, query: &str) -> i64 {
    use diesel::prelude::*;
    let query = diesel::dsl::sql::<diesel::sql_types::BigInt>(&format!("({query})"));
    diesel::select(query).get_result(&mut app.db.conn()).unwrap()
}

//! Customers and groups found by typing, for the tester.

use super::runs::Somebody;
use crate::db::functions::lower;
use crate::error::Result;
use crate::groups::store::naming::escape_like;
use crate::schema::{customers, groups};
use diesel::prelude::*;
use uuid::Uuid;

/// Customers whose name, code or email contains the text, by name.
pub fn search(conn: &mut PgConnection, text: &str, limit: i64) -> Result<Vec<Somebody>> {
    let pattern = format!("%{}%", escape_like(&text.to_lowercase()));
    Ok(customers::table
        .filter(customers::search.like(pattern))
        .select((customers::id, customers::code, customers::name, lower(customers::name)))
        .order((lower(customers::name), customers::id))
        .limit(limit)
        .load(conn)?)
}

/// The customer with exactly this code, or the first one of this name, whatever the case.
pub fn by_code_or_name(conn: &mut PgConnection, text: &str) -> Result<Option<Uuid>> {
    let text = text.replace('\0', "");
    if text.is_empty() {
        return Ok(None);
    }
    let by_code = customers::table.filter(customers::code.eq(&text)).select(customers::id).first(conn).optional()?;
    if by_code.is_some() {
        return Ok(by_code);
    }
    Ok(customers::table
        .filter(lower(customers::name).eq(lower(&text)))
        .select(customers::id)
        .order(customers::id)
        .first(conn)
        .optional()?)
}

/// Live groups with a rule whose name or code contains the text, by name.
pub fn ruled_groups(conn: &mut PgConnection, text: &str, limit: i64) -> Result<Vec<Somebody>> {
    let pattern = format!("%{}%", escape_like(&text.to_lowercase()));
    Ok(groups::table
        .filter(groups::deleted_at.is_null())
        .filter(groups::rule.is_not_null())
        .filter(groups::search.like(pattern))
        .select((groups::id, groups::code, groups::name, lower(groups::name)))
        .order((lower(groups::name), groups::id))
        .limit(limit)
        .load(conn)?)
}

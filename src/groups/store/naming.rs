//! Names and codes of groups: whether they are taken, and groups found by them.

use crate::db::functions::lower;
use crate::error::Result;
use crate::schema::groups;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// Whether another live group has this name (whatever the case) or code.
pub fn taken(conn: &mut PgConnection, except: Option<Uuid>, name: &str, code: Option<&str>) -> Result<(bool, bool)> {
    let others = || {
        let query = groups::table.filter(groups::deleted_at.is_null()).select(groups::id).into_boxed();
        match except {
            Some(id) => query.filter(groups::id.ne(id)),
            None => query,
        }
    };
    // PostgreSQL folds the case on both sides: its rules, not Rust's, hold the unique index.
    let same_name = others().filter(lower(groups::name).eq(lower(name))).first::<Uuid>(conn).optional()?.is_some();
    let same_code = match code {
        Some(code) => others().filter(groups::code.eq(code)).first::<Uuid>(conn).optional()?.is_some(),
        None => false,
    };
    Ok((same_name, same_code))
}

/// Codes of live groups that begin like this one, to number a suggestion past them.
pub fn codes_like(conn: &mut PgConnection, code: &str) -> Result<Vec<String>> {
    let stem: String = code.chars().take(24).collect();
    Ok(groups::table
        .filter(groups::deleted_at.is_null())
        .filter(groups::code.like(format!("{}%", escape_like(&stem))))
        .select(groups::code)
        .load(conn)?)
}

/// Lower-cased names of live groups that begin like this one.
pub fn names_like(conn: &mut PgConnection, name: &str) -> Result<Vec<String>> {
    let stem: String = name.chars().take(100).collect();
    Ok(groups::table
        .filter(groups::deleted_at.is_null())
        .filter(lower(groups::name).like(format!("{}%", escape_like(&stem.to_lowercase()))))
        .select(lower(groups::name))
        .load(conn)?)
}

/// The live group of exactly this name (whatever the case) or code: what a field says. A name comes before another
/// group's code, since a name is what picking puts there.
pub fn by_name_or_code(conn: &mut PgConnection, text: &str) -> Result<Option<Uuid>> {
    Ok(groups::table
        .filter(groups::deleted_at.is_null())
        .filter(groups::code.eq(text).or(lower(groups::name).eq(lower(text))))
        .select(groups::id)
        .order(lower(groups::name).eq(lower(text)).desc())
        .first(conn)
        .optional()?)
}

/// The live group of exactly this code.
pub fn by_code(conn: &mut PgConnection, code: &str) -> Result<Option<Uuid>> {
    let live = groups::table.filter(groups::deleted_at.is_null());
    Ok(live.filter(groups::code.eq(code)).select(groups::id).first(conn).optional()?)
}

/// Text for the right side of LIKE, taken literally.
pub fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// A group found by a search that picks one: its name, code and place.
#[derive(Clone, Debug, QueryableByName)]
pub struct Found {
    /// Id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Code.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// The parent's name.
    #[diesel(sql_type = Nullable<Text>)]
    pub parent: Option<String>,
    /// Kept by the database.
    #[diesel(sql_type = Integer)]
    pub member_count: i32,
}

/// Live groups whose name or code contains the text; those that begin with it come first.
pub fn search(conn: &mut PgConnection, text: &str, with_root: bool, limit: i64) -> Result<Vec<Found>> {
    let text = escape_like(&text.trim().to_lowercase());
    Ok(diesel::sql_query(
        "SELECT g.id, g.name, g.code, p.name AS parent, g.member_count
         FROM groups g LEFT JOIN groups p ON p.id = g.parent_id
         WHERE g.deleted_at IS NULL AND g.search LIKE '%' || $1 || '%' AND ($2 OR g.parent_id IS NOT NULL)
         ORDER BY (lower(g.name) LIKE $1 || '%' OR lower(g.code) LIKE $1 || '%') DESC, lower(g.name), g.id
         LIMIT $3",
    )
    .bind::<Text, _>(text)
    .bind::<Bool, _>(with_root)
    .bind::<BigInt, _>(limit)
    .load(conn)?)
}

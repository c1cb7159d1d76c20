//! Visibility groups in the database: one group's row. Beside it: the list, and the products in a group or not in it.

pub mod list;
pub mod products;

use super::set::Details;
use crate::error::{Error, Result};
use crate::schema::{group_visibility_groups, visibility_groups};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// A visibility group as stored.
#[derive(Clone, Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = visibility_groups)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct VisibilityGroup {
    /// Id.
    pub id: Uuid,
    /// Unique, whatever the case.
    pub name: String,
    /// Up to 2,000 characters.
    pub description: String,
    /// For optimistic locking; its products count, too.
    pub version: i32,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC.
    pub updated_at: DateTime<Utc>,
    /// Kept by the database, never counted.
    pub product_count: i32,
}

impl VisibilityGroup {
    /// The fields that people type.
    pub fn details(&self) -> Details {
        Details { name: self.name.clone(), description: self.description.clone() }
    }
}

/// How a missing visibility group is told.
pub fn gone() -> Error {
    Error::NotFound("This visibility group doesn't exist or was deleted.".into())
}

/// An id as an address or a call has it. One that is none names nothing.
pub fn parse_id(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| gone())
}

/// A visibility group.
pub fn get(conn: &mut PgConnection, id: Uuid) -> Result<VisibilityGroup> {
    let found = visibility_groups::table.find(id).select(VisibilityGroup::as_select()).first(conn).optional()?;
    found.ok_or_else(gone)
}

/// A visibility group, locked until the transaction ends: nobody begins to show it meanwhile.
pub fn lock(conn: &mut PgConnection, id: Uuid) -> Result<VisibilityGroup> {
    let found = visibility_groups::table.find(id).select(VisibilityGroup::as_select()).for_update().first(conn);
    found.optional()?.ok_or_else(gone)
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// The visibility group of this name, whatever the case as PostgreSQL folds it.
pub fn by_name(conn: &mut PgConnection, name: &str) -> Result<Option<Uuid>> {
    let found: Option<Id> = sql_query("SELECT id FROM visibility_groups WHERE lower(name) = lower($1)")
        .bind::<Text, _>(name)
        .get_result(conn)
        .optional()?;
    Ok(found.map(|row| row.id))
}

/// Inserts a visibility group.
pub fn insert(conn: &mut PgConnection, id: Uuid, details: &Details, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(visibility_groups::table)
        .values((
            visibility_groups::id.eq(id),
            visibility_groups::name.eq(&details.name),
            visibility_groups::description.eq(&details.description),
            visibility_groups::created_at.eq(now),
            visibility_groups::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

/// Writes a visibility group's fields; its version goes up by one.
pub fn update(conn: &mut PgConnection, id: Uuid, details: &Details, now: DateTime<Utc>) -> Result<()> {
    diesel::update(visibility_groups::table.find(id))
        .set((
            visibility_groups::name.eq(&details.name),
            visibility_groups::description.eq(&details.description),
            visibility_groups::version.eq(visibility_groups::version + 1),
            visibility_groups::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

fn refused(error: diesel::result::Error) -> Error {
    match Error::constraint(&error) {
        Some("visibility_groups_name") => Error::field("name", "Another visibility group has this name."),
        _ => error.into(),
    }
}

/// A live customer group that shows a visibility group.
#[derive(Clone, Debug, QueryableByName)]
pub struct ShownBy {
    /// The customer group.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Its code.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Whether it takes part.
    #[diesel(sql_type = Bool)]
    pub active: bool,
}

/// The first `limit` live customer groups by name that show a visibility group.
pub fn shown_by(conn: &mut PgConnection, id: Uuid, limit: i64) -> Result<Vec<ShownBy>> {
    Ok(sql_query(
        "SELECT g.id, g.name, g.code, g.status = 'active' AS active
         FROM group_visibility_groups s JOIN groups g ON g.id = s.group_id AND g.deleted_at IS NULL
         WHERE s.visibility_group_id = $1 ORDER BY lower(g.name), g.id LIMIT $2",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<BigInt, _>(limit)
    .load(conn)?)
}

/// How many live customer groups show a visibility group.
pub fn shown_by_count(conn: &mut PgConnection, id: Uuid) -> Result<i64> {
    use crate::schema::groups;
    Ok(group_visibility_groups::table
        .inner_join(groups::table.on(groups::id.eq(group_visibility_groups::group_id)))
        .filter(group_visibility_groups::visibility_group_id.eq(id))
        .filter(groups::deleted_at.is_null())
        .count()
        .get_result(conn)?)
}

/// Deletes a visibility group with its set of products. Deleted customer groups that showed it come back without it.
pub fn delete(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    diesel::delete(group_visibility_groups::table)
        .filter(group_visibility_groups::visibility_group_id.eq(id))
        .execute(conn)?;
    diesel::delete(visibility_groups::table.find(id)).execute(conn)?;
    Ok(())
}

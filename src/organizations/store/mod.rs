//! Organizations in the database: one organization's row, and its neighbours: finding, the list.

pub mod finding;
pub mod list;

use super::organization::Details;
use crate::error::{Error, Result};
use crate::groups::group::ROOT_ID;
use crate::schema::{customers, groups, organizations};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Uuid as SqlUuid};
use uuid::Uuid;

/// An organization as stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = organizations)]
pub struct Organization {
    /// Id.
    pub id: Uuid,
    /// Unique.
    pub code: String,
    /// Not unique.
    pub name: String,
    /// The organization above.
    pub parent_id: Option<Uuid>,
    /// The group that decides for its customers.
    pub group_id: Option<Uuid>,
    /// For optimistic locking.
    pub version: i32,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC.
    pub updated_at: DateTime<Utc>,
}

impl Organization {
    /// The fields that people type.
    pub fn details(&self) -> Details {
        Details { code: self.code.clone(), name: self.name.clone(), parent_id: self.parent_id, group_id: self.group_id }
    }
}

/// How a missing organization is told.
pub fn gone() -> Error {
    Error::NotFound("This organization doesn't exist.".into())
}

/// An id as an address or a call has it. One that is none names nothing.
pub fn parse_id(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| gone())
}

/// The organization of this id.
pub fn any(conn: &mut PgConnection, id: Uuid) -> Result<Option<Organization>> {
    Ok(organizations::table.find(id).select(Organization::as_select()).first(conn).optional()?)
}

/// The organizations of these ids, in this order; ids that are none are left out.
pub fn by_ids(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Organization>> {
    let rows = organizations::table.filter(organizations::id.eq_any(ids)).select(Organization::as_select());
    let mut found: Vec<Organization> = rows.load(conn)?;
    found.sort_by_key(|organization| ids.iter().position(|id| *id == organization.id));
    Ok(found)
}

/// The organization of this id.
///
/// # Errors
/// [`Error::NotFound`].
pub fn one(conn: &mut PgConnection, id: Uuid) -> Result<Organization> {
    any(conn, id)?.ok_or_else(gone)
}

/// The same, locked until the transaction ends; customers may still be put under it.
pub fn lock(conn: &mut PgConnection, id: Uuid) -> Result<Organization> {
    let row = organizations::table.find(id).select(Organization::as_select()).for_no_key_update();
    row.first(conn).optional()?.ok_or_else(gone)
}

/// Waits for whoever else puts organizations under others, and holds them off until the transaction ends: two moves
/// that are harmless alone can close a circle together. It comes before any lock of a row.
pub fn hold_tree(conn: &mut PgConnection) -> Result<()> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(7300002)").execute(conn)?;
    Ok(())
}

/// Whether `id` is `parent` or stands somewhere above it, so that it can't be put under it.
pub fn is_above(conn: &mut PgConnection, id: Uuid, parent: Uuid) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        above: bool,
    }
    let row: Row = diesel::sql_query(
        "WITH RECURSIVE above(id, parent_id) AS (
             SELECT id, parent_id FROM organizations WHERE id = $1
             UNION
             SELECT o.id, o.parent_id FROM organizations o JOIN above a ON o.id = a.parent_id
         )
         SELECT EXISTS (SELECT FROM above WHERE id = $2) AS above",
    )
    .bind::<SqlUuid, _>(parent)
    .bind::<SqlUuid, _>(id)
    .get_result(conn)?;
    Ok(row.above)
}

/// Whether another organization has this code.
pub fn code_taken(conn: &mut PgConnection, except: Option<Uuid>, code: &str) -> Result<bool> {
    let same: Option<Uuid> =
        organizations::table.filter(organizations::code.eq(code)).select(organizations::id).first(conn).optional()?;
    Ok(same.is_some_and(|id| Some(id) != except))
}

/// The name of a live group that may decide for an organization's customers; it stays live until the transaction ends.
pub fn lock_group(conn: &mut PgConnection, id: Uuid) -> Result<Option<String>> {
    let live = groups::table.find(id).filter(groups::deleted_at.is_null()).filter(groups::id.ne(ROOT_ID));
    Ok(live.select(groups::name).for_key_share().first(conn).optional()?)
}

/// The name of a group, deleted or not.
pub fn group_name(conn: &mut PgConnection, id: Uuid) -> Result<Option<String>> {
    Ok(groups::table.find(id).select(groups::name).first(conn).optional()?)
}

/// Inserts an organization.
pub fn insert(conn: &mut PgConnection, id: Uuid, details: &Details, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(organizations::table)
        .values((
            organizations::id.eq(id),
            organizations::code.eq(&details.code),
            organizations::name.eq(&details.name),
            organizations::parent_id.eq(details.parent_id),
            organizations::group_id.eq(details.group_id),
            organizations::created_at.eq(now),
            organizations::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

/// Writes an organization's fields; its version goes up by one.
pub fn update(conn: &mut PgConnection, id: Uuid, details: &Details, now: DateTime<Utc>) -> Result<()> {
    diesel::update(organizations::table.find(id))
        .set((
            organizations::code.eq(&details.code),
            organizations::name.eq(&details.name),
            organizations::parent_id.eq(details.parent_id),
            organizations::group_id.eq(details.group_id),
            organizations::version.eq(organizations::version + 1),
            organizations::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

/// What the database's own constraints refuse, as errors at the field: two writers at once find it here.
fn refused(error: diesel::result::Error) -> Error {
    match Error::constraint(&error) {
        Some("organizations_code") => Error::field("code", "Another organization has this code."),
        Some("organizations_not_own_parent") => Error::field("parent", "An organization can't stand under itself."),
        Some("organizations_parent_id_fkey") => Error::field("parent", "This organization doesn't exist."),
        Some("organizations_group_id_fkey") => Error::field("group", "This group doesn't exist."),
        _ => error.into(),
    }
}

/// How many customers buy for an organization: counted in its index, for a part of a page that follows it.
pub fn customers(conn: &mut PgConnection, id: Uuid) -> Result<i64> {
    Ok(customers::table.filter(customers::organization_id.eq(id)).count().get_result(conn)?)
}

/// The organizations directly under one, by name, the first `limit` of them.
pub fn children(conn: &mut PgConnection, id: Uuid, limit: i64) -> Result<Vec<(Uuid, String)>> {
    Ok(organizations::table
        .filter(organizations::parent_id.eq(id))
        .select((organizations::id, organizations::name))
        .order((organizations::name, organizations::id))
        .limit(limit)
        .load(conn)?)
}

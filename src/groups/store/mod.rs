//! Groups in the database: one group's row. Its neighbours: names and searching, what stands in relation to a group,
//! its members, its settings as a whole, the list.

pub mod copying;
pub mod history;
pub mod list;
pub mod members;
pub mod naming;
pub mod standing;

use super::group::{Details, GroupType, ROOT_ID, Status};
use crate::auth::store::Token;
use crate::db::among::among;
use crate::error::{Error, Result};
use crate::schema::{group_price_lists, groups, price_lists, tokens};
use chrono::{DateTime, Utc};
use diesel::dsl::array;
use diesel::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A group as stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = groups)]
pub struct Group {
    /// Id.
    pub id: Uuid,
    /// Unique among live groups.
    pub code: String,
    /// Unique among live groups, whatever the case.
    pub name: String,
    /// Up to 2,000 characters.
    pub description: String,
    status: String,
    type_: String,
    /// The group above; `None` for All Customers.
    pub parent_id: Option<Uuid>,
    /// The most members.
    pub capacity: Option<i32>,
    /// A JSON object.
    pub metadata: Value,
    /// The assignment rule (SPEC 5).
    pub rule: Option<Value>,
    /// Kept by the database, never counted. 0 for All Customers, whose members have no rows.
    pub member_count: i32,
    /// For optimistic locking.
    pub version: i32,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC.
    pub updated_at: DateTime<Utc>,
    /// Since when it is deleted.
    pub deleted_at: Option<DateTime<Utc>>,
    /// When somebody last looked it through.
    pub last_reviewed_at: Option<DateTime<Utc>>,
    /// Who.
    pub last_reviewed_by: Option<String>,
}

impl Group {
    /// Active or inactive.
    pub fn status(&self) -> Status {
        Status::from_name(&self.status).unwrap_or(Status::Inactive)
    }

    /// Manual, automatic or hybrid.
    pub fn kind(&self) -> GroupType {
        GroupType::from_name(&self.type_).unwrap_or(GroupType::Manual)
    }

    /// Whether it is All Customers.
    pub fn is_root(&self) -> bool {
        self.id == ROOT_ID
    }

    /// The fields that people type.
    pub fn details(&self) -> Details {
        Details {
            name: self.name.clone(),
            code: Some(self.code.clone()),
            description: self.description.clone(),
            status: self.status(),
            kind: self.kind(),
            parent_id: self.parent_id,
            capacity: self.capacity,
        }
    }

    /// The metadata object.
    pub fn metadata(&self) -> Map<String, Value> {
        self.metadata.as_object().cloned().unwrap_or_default()
    }
}

/// How a missing group is told.
pub fn gone() -> Error {
    Error::NotFound("This group doesn't exist or was deleted.".into())
}

/// An id as an address or a call has it. One that is none names nothing.
pub fn parse_id(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| gone())
}

/// A live group.
pub fn live(conn: &mut PgConnection, id: Uuid) -> Result<Group> {
    any(conn, id)?.filter(|group| group.deleted_at.is_none()).ok_or_else(gone)
}

/// A group, deleted or not.
pub fn any(conn: &mut PgConnection, id: Uuid) -> Result<Option<Group>> {
    Ok(groups::table.find(id).select(Group::as_select()).get_result(conn).optional()?)
}

/// A live group, and the lists assigned to it with their priorities in their order (SPEC 7).
pub type WithLists = (Option<Group>, Vec<(Uuid, i32)>);

/// Groups read along with the live tokens of these hashes, in one round trip: what the API is asked most. In the order
/// of the questions; nothing where no live token has the hash.
pub fn with_tokens(conn: &mut PgConnection, asked: &[(Vec<u8>, Uuid)]) -> Result<Vec<Option<(Token, WithLists)>>> {
    let distinct_hashes: BTreeSet<&[u8]> = asked.iter().map(|(hash, _)| hash.as_slice()).collect();
    let distinct_ids: BTreeSet<Uuid> = asked.iter().map(|(_, id)| *id).collect();
    let (hashes, ids) = (Vec::from_iter(distinct_hashes), Vec::from_iter(distinct_ids));
    let lists = || {
        group_price_lists::table
            .inner_join(price_lists::table)
            .filter(group_price_lists::group_id.eq(groups::id))
            .order((group_price_lists::priority, price_lists::name, price_lists::code))
    };
    type Found = (Vec<u8>, Token, Option<Group>, Vec<Uuid>, Vec<i32>);
    let found: Vec<Found> = tokens::table
        .left_join(groups::table.on(among(groups::id, ids).and(groups::deleted_at.is_null())))
        .filter(among(tokens::token_hash, hashes))
        .filter(tokens::revoked_at.is_null())
        .select((
            tokens::token_hash,
            Token::as_select(),
            Option::<Group>::as_select(),
            array(lists().select(group_price_lists::price_list_id)),
            array(lists().select(group_price_lists::priority)),
        ))
        .load(conn)?;
    let answer = |(hash, id): &(Vec<u8>, Uuid)| {
        let mut of_token = found.iter().filter(|row| row.0 == *hash).peekable();
        let token = of_token.peek()?.1.clone();
        let row = of_token.find(|row| row.2.as_ref().is_some_and(|group| group.id == *id));
        let lists = row.map(|row| row.3.iter().copied().zip(row.4.iter().copied()).collect());
        Some((token, (row.and_then(|row| row.2.clone()), lists.unwrap_or_default())))
    };
    Ok(asked.iter().map(answer).collect())
}

/// The same for one question.
pub fn with_token(conn: &mut PgConnection, hash: &[u8], id: Uuid) -> Result<Option<(Token, WithLists)>> {
    Ok(with_tokens(conn, &[(hash.to_vec(), id)])?.pop().flatten())
}

/// The groups of these ids, in this order; ids that are none are left out.
pub fn by_ids(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Group>> {
    let mut found: Vec<Group> = groups::table.filter(groups::id.eq_any(ids)).select(Group::as_select()).load(conn)?;
    found.sort_by_key(|group| ids.iter().position(|id| *id == group.id));
    Ok(found)
}

/// Waits for whoever makes, changes or moves groups, and holds the others off until the transaction ends: what was
/// seen to be free stays free, and a parent stays there. The trigger that keeps the tree takes the same lock, so it
/// comes before any lock of a row, or two writers would wait for each other.
pub fn hold_tree(conn: &mut PgConnection) -> Result<()> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(7300001)").execute(conn)?;
    Ok(())
}

/// A group locked until the transaction ends, deleted or not. Memberships and child groups may still be put under it.
pub fn lock(conn: &mut PgConnection, id: Uuid) -> Result<Group> {
    hold_tree(conn)?;
    groups::table.find(id).select(Group::as_select()).for_no_key_update().first(conn).optional()?.ok_or_else(gone)
}

/// Inserts a group. `details.code` must be given by now.
pub fn insert(
    conn: &mut PgConnection,
    id: Uuid,
    details: &Details,
    metadata: &Map<String, Value>,
    origin: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(groups::table)
        .values((
            groups::id.eq(id),
            groups::code.eq(details.code.as_deref().unwrap_or_default()),
            groups::name.eq(&details.name),
            groups::description.eq(&details.description),
            groups::status.eq(details.status.name()),
            groups::type_.eq(details.kind.name()),
            groups::parent_id.eq(details.parent_id),
            groups::capacity.eq(details.capacity),
            groups::metadata.eq(json!(metadata)),
            groups::origin.eq(origin),
            groups::created_at.eq(now),
            groups::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

/// Writes a group's fields and metadata; its version goes up by one.
pub fn update(
    conn: &mut PgConnection,
    id: Uuid,
    details: &Details,
    metadata: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::update(groups::table.find(id))
        .set((
            groups::code.eq(details.code.as_deref().unwrap_or_default()),
            groups::name.eq(&details.name),
            groups::description.eq(&details.description),
            groups::status.eq(details.status.name()),
            groups::type_.eq(details.kind.name()),
            groups::parent_id.eq(details.parent_id),
            groups::capacity.eq(details.capacity),
            groups::metadata.eq(json!(metadata)),
            groups::version.eq(groups::version + 1),
            groups::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

/// What the database's own constraints refuse, as errors at the field. The checks before a write find nearly all
/// of it; two writers at once find the rest here.
pub fn refused(error: diesel::result::Error) -> Error {
    match Error::constraint(&error) {
        Some("groups_live_name") => Error::field("name", "Another group has this name."),
        Some("groups_live_code") => Error::field("code", "Another group has this code."),
        Some("groups_no_cycle") => {
            Error::field("parent", "A group can't stand under itself or under one of its own subgroups.")
        }
        Some("groups_depth") => {
            Error::field("parent", "The tree is at most 8 levels deep below All Customers. Choose a parent higher up.")
        }
        Some("groups_live_parent" | "groups_parent_id_fkey") => {
            Error::field("parent", "The parent group doesn't exist or was deleted. Choose another one.")
        }
        _ => error.into(),
    }
}

/// Sets parent and deletion mark (moving, deleting, restoring); the version goes up by one.
pub fn place(
    conn: &mut PgConnection,
    id: Uuid,
    parent_id: Option<Uuid>,
    deleted_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::update(groups::table.find(id))
        .set((
            groups::parent_id.eq(parent_id),
            groups::deleted_at.eq(deleted_at),
            groups::version.eq(groups::version + 1),
            groups::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

/// The version goes up by one, for settings that changed.
pub fn touch(conn: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    diesel::update(groups::table.find(id))
        .set((groups::version.eq(groups::version + 1), groups::updated_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

/// The live groups directly under one, by name, locked until the transaction ends.
pub fn lock_children(conn: &mut PgConnection, id: Uuid) -> Result<Vec<Group>> {
    Ok(groups::table
        .filter(groups::parent_id.eq(id))
        .filter(groups::deleted_at.is_null())
        .select(Group::as_select())
        .order(groups::id)
        .for_no_key_update()
        .load(conn)?)
}

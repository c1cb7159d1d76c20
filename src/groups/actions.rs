//! Creating and editing groups: permission → load → decide → save → audit, in one transaction.

use super::group::{Details, GroupType, ROOT_ID, Status, suggest_code};
use super::metadata;
use super::store::{self, Group, naming, standing};
use crate::audit::event::{Action, NewEvent, difference};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, FieldError, Result};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Makes a group. Without a code, one is suggested from the name and made unique.
pub fn create(
    conn: &mut PgConnection,
    actor: &Actor,
    details: Details,
    object: &Map<String, Value>,
    origin: &str,
    now: DateTime<Utc>,
) -> Result<Group> {
    actor.require(Permission::EditGroups)?;
    let mut details = details.checked().map_err(Error::Invalid)?;
    metadata::check(&Value::Object(object.clone())).map_err(|e| Error::Invalid(vec![e]))?;
    details.parent_id = details.parent_id.or(Some(ROOT_ID));
    if details.code.is_none() {
        details.code = Some(free_code(conn, &details.name)?);
    }
    refuse_taken(conn, None, &details)?;
    let id = Uuid::now_v7();
    store::insert(conn, id, &details, object, origin, now)?;
    let group = store::live(conn, id)?;
    let after = fields(conn, &group)?;
    record(conn, actor, now, &NewEvent::group(Action::GroupCreated, id, &group.name, None, Some(after)))?;
    Ok(group)
}

/// A code suggested from a name, free until the transaction ends.
pub fn free_code(conn: &mut PgConnection, name: &str) -> Result<String> {
    store::hold_tree(conn)?;
    let stem = suggest_code(name, |_| false);
    let used = naming::codes_like(conn, &stem)?;
    Ok(suggest_code(name, |code| used.iter().any(|u| u == code)))
}

/// Changes a group's fields and metadata. `version` is the one the form was filled from; `None` = whatever is there.
/// Another parent or status takes an administrator (SPEC 2).
pub fn edit(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    details: Details,
    object: Option<Map<String, Value>>,
    now: DateTime<Utc>,
) -> Result<Group> {
    actor.require(Permission::EditGroups)?;
    let mut details = details.checked().map_err(Error::Invalid)?;
    let old = store::lock(conn, id)?;
    if old.deleted_at.is_some() {
        return Err(store::gone());
    }
    refuse_stale(&old, version)?;
    let object = object.unwrap_or_else(|| old.metadata());
    metadata::check(&Value::Object(object.clone())).map_err(|e| Error::Invalid(vec![e]))?;
    if details.code.is_none() {
        details.code = Some(old.code.clone());
    }
    if !old.is_root() {
        details.parent_id = details.parent_id.or(Some(ROOT_ID));
    }
    if details.parent_id != old.parent_id || details.status != old.status() {
        actor.require(Permission::ShapeTree)?;
    }
    refuse_change(conn, &old, &details)?;
    refuse_taken(conn, Some(id), &details)?;
    if details == old.details() && object == old.metadata() {
        return Ok(old);
    }
    let before = fields(conn, &old)?;
    store::update(conn, id, &details, &object, now)?;
    if details.kind == GroupType::Manual && old.kind() != GroupType::Manual {
        standing::keep_members_by_hand(conn, id)?;
    }
    let group = store::live(conn, id)?;
    let after = fields(conn, &group)?;
    if let Some((before, after)) = difference(&before, &after) {
        let moved = after.as_object().is_some_and(|fields| fields.len() == 1 && fields.contains_key("parent"));
        let action = if moved { Action::GroupMoved } else { Action::GroupChanged };
        record(conn, actor, now, &NewEvent::group(action, id, &group.name, Some(before), Some(after)))?;
    }
    Ok(group)
}

/// Refuses a change over somebody else's.
pub fn refuse_stale(group: &Group, version: Option<i32>) -> Result<()> {
    match version {
        Some(version) if version != group.version => Err(Error::Stale(format!(
            "Somebody changed {} while you were editing it. Nothing of yours is saved yet.",
            group.name
        ))),
        _ => Ok(()),
    }
}

fn refuse_taken(conn: &mut PgConnection, except: Option<Uuid>, details: &Details) -> Result<()> {
    let (name, code) = naming::taken(conn, except, &details.name, details.code.as_deref())?;
    let mut errors = Vec::new();
    if name {
        errors.push(FieldError::new("name", "Another group has this name. Choose a different one."));
    }
    if code {
        errors.push(FieldError::new("code", "Another group has this code. Choose a different one."));
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

/// What must not change in the present state: All Customers, the store's default group, a capacity below the members.
fn refuse_change(conn: &mut PgConnection, old: &Group, new: &Details) -> Result<()> {
    let mut errors = Vec::new();
    if old.is_root() {
        let same = new.code.as_deref() == Some(&old.code)
            && new.status == Status::Active
            && new.kind == GroupType::Manual
            && new.parent_id.is_none()
            && new.capacity.is_none();
        if !same {
            errors.push(FieldError::new(
                "",
                "All Customers keeps its code, status, type and place: only its name, description and metadata can change.",
            ));
        }
    }
    if new.capacity.is_some_and(|capacity| capacity < old.member_count) {
        errors.push(FieldError::new(
            "capacity",
            format!(
                "The group has {} members already: enter at least that, or remove members first.",
                old.member_count
            ),
        ));
    }
    let leaves = new.status == Status::Inactive || new.kind == GroupType::Automatic;
    if leaves && (new.status != old.status() || new.kind != old.kind()) && standing::is_store_default(conn, old.id)? {
        let field = if new.status == Status::Inactive { "status" } else { "type" };
        errors.push(FieldError::new(
            field,
            "This is the store's default group, which must be active and not automatic. Choose another default group in the store settings first.",
        ));
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

/// A group's fields as the audit log keeps them: the parent by name, so that the sentence is readable for good.
pub fn fields(conn: &mut PgConnection, group: &Group) -> Result<Value> {
    let parent = match group.parent_id {
        Some(parent) => store::any(conn, parent)?.map(|parent| parent.name),
        None => None,
    };
    Ok(json!({
        "name": group.name,
        "code": group.code,
        "description": group.description,
        "status": group.status().name(),
        "type": group.kind().name(),
        "parent": parent,
        "capacity": group.capacity,
        "metadata": group.metadata,
    }))
}

//! Deleting groups softly, and bringing them back (SPEC 3).

use super::actions::{self, fields, refuse_stale};
use super::group::{ROOT_ID, suggest_code, suggest_name};
use super::store::{self, Group, naming, standing};
use crate::audit::event::{Action, NewEvent};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, FieldError, Result};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::json;
use uuid::Uuid;

/// Deletes a group. Its child groups go under `children_to` (`None` = its parent); its members stay with it for a
/// restore, and who had it as the primary group gets the longest-standing other one.
pub fn delete(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    children_to: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<()> {
    actor.require(Permission::ShapeTree)?;
    let group = lock_with_totals(conn, id)?;
    if group.deleted_at.is_some() {
        return Err(store::gone());
    }
    refuse_protected(conn, &group)?;
    refuse_stale(&group, version)?;
    let target = children_to.or(group.parent_id).unwrap_or(ROOT_ID);
    move_children(conn, actor, &group, target, now)?;
    standing::pass_primary_on(conn, id)?;
    let before = fields(conn, &group)?;
    store::place(conn, id, group.parent_id, Some(now), now)?;
    record(conn, actor, now, &NewEvent::group(Action::GroupDeleted, id, &group.name, Some(before), None))
}

/// Whoever writes memberships holds the totals first and the group after them; so does this.
fn lock_with_totals(conn: &mut PgConnection, id: Uuid) -> Result<Group> {
    store::hold_tree(conn)?;
    standing::hold_totals(conn)?;
    store::lock(conn, id)
}

/// Refuses to delete All Customers and the store's default group.
pub fn refuse_protected(conn: &mut PgConnection, group: &Group) -> Result<()> {
    if group.is_root() {
        return Err(Error::Conflict("All Customers can't be deleted: every group inherits from it.".into()));
    }
    if standing::is_store_default(conn, group.id)? {
        return Err(Error::Conflict(
            "This is the store's default group. Choose another default group in the store settings first.".into(),
        ));
    }
    Ok(())
}

fn move_children(
    conn: &mut PgConnection,
    actor: &Actor,
    group: &Group,
    target: Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
    let children = store::lock_children(conn, group.id)?;
    if children.is_empty() {
        return Ok(());
    }
    let target = store::any(conn, target)?
        .filter(|target| target.deleted_at.is_none() && target.id != group.id)
        .ok_or_else(|| Error::field("children_to", "Choose a group that exists and isn't the one being deleted."))?;
    for child in children {
        store::place(conn, child.id, Some(target.id), None, now).map_err(|error| match error {
            Error::Invalid(errors) => {
                Error::Invalid(errors.into_iter().map(|e| FieldError { field: "children_to".into(), ..e }).collect())
            }
            other => other,
        })?;
        let event = NewEvent::group(
            Action::GroupMoved,
            child.id,
            &child.name,
            Some(json!({ "parent": group.name })),
            Some(json!({ "parent": target.name })),
        );
        record(conn, actor, now, &event)?;
    }
    Ok(())
}

/// Brings a deleted group back with its members, under its former parent or, if that is gone, under All Customers.
/// `name` and `code` replace its own where somebody took those meanwhile; a refusal suggests free ones.
pub fn restore(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    name: Option<&str>,
    code: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Group> {
    actor.require(Permission::ShapeTree)?;
    let group = lock_with_totals(conn, id)?;
    if group.deleted_at.is_none() {
        return Err(Error::Conflict(format!("{} isn't deleted.", group.name)));
    }
    let mut details = group.details();
    if let Some(name) = name {
        details.name = name.into();
    }
    if let Some(code) = code {
        details.code = Some(code.into());
    }
    details = details.checked().map_err(Error::Invalid)?;
    if details.code.is_none() {
        details.code = Some(group.code.clone());
    }
    refuse_taken_with_suggestion(conn, &details.name, details.code.as_deref().unwrap_or_default())?;
    let parent_is_there = match group.parent_id {
        Some(parent) => store::any(conn, parent)?.is_some_and(|parent| parent.deleted_at.is_none()),
        None => false,
    };
    details.parent_id = if parent_is_there { group.parent_id } else { Some(ROOT_ID) };
    // The fields first, while it is still deleted: name and code must be right when it becomes live.
    store::update(conn, id, &details, &group.metadata(), now)?;
    store::place(conn, id, details.parent_id, None, now)?;
    standing::become_primary_where_none(conn, id)?;
    let restored = store::live(conn, id)?;
    let after = actions::fields(conn, &restored)?;
    record(conn, actor, now, &NewEvent::group(Action::GroupRestored, id, &restored.name, None, Some(after)))?;
    Ok(restored)
}

/// A name and a code that are free, close to the wanted ones.
pub fn free_name_and_code(conn: &mut PgConnection, name: &str, code: &str) -> Result<(String, String)> {
    let names = naming::names_like(conn, name)?;
    let codes = naming::codes_like(conn, code)?;
    let free_name = suggest_name(name, |candidate| names.contains(&candidate.to_lowercase()));
    let free_code = suggest_code(code, |candidate| codes.iter().any(|used| used == candidate));
    // A code that is free stays exactly as it is; only a taken one is numbered.
    let free_code = if codes.iter().any(|used| used == code) { free_code } else { code.to_owned() };
    Ok((free_name, free_code))
}

fn refuse_taken_with_suggestion(conn: &mut PgConnection, name: &str, code: &str) -> Result<()> {
    let (name_taken, code_taken) = naming::taken(conn, None, name, Some(code))?;
    let (free_name, free_code) = free_name_and_code(conn, name, code)?;
    let mut errors = Vec::new();
    if name_taken {
        errors.push(FieldError::new("name", format!("Another group took this name meanwhile. “{free_name}” is free.")));
    }
    if code_taken {
        errors.push(FieldError::new("code", format!("Another group took this code meanwhile. “{free_code}” is free.")));
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

//! Creating and editing organizations: permission → load → decide → save → audit, in one transaction.

use super::organization::Details;
use super::store::{self, Organization};
use crate::audit::event::{Action, NewEvent, difference};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, FieldError, Result};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Value, json};
use uuid::Uuid;

/// Makes an organization.
pub fn create(conn: &mut PgConnection, actor: &Actor, details: Details, now: DateTime<Utc>) -> Result<Organization> {
    actor.require(Permission::EditCustomers)?;
    let details = details.checked().map_err(Error::Invalid)?;
    store::hold_tree(conn)?;
    refuse(conn, None, &details)?;
    let id = Uuid::now_v7();
    store::insert(conn, id, &details, now)?;
    let made = store::one(conn, id)?;
    let after = fields(conn, &made)?;
    record(conn, actor, now, &NewEvent::about(Action::OrganizationCreated, Some(id), &made.name, None, Some(after)))?;
    Ok(made)
}

/// Changes an organization's fields. `version` is the one the form was filled from; `None` = whatever is there.
pub fn edit(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    details: Details,
    now: DateTime<Utc>,
) -> Result<Organization> {
    actor.require(Permission::EditCustomers)?;
    let details = details.checked().map_err(Error::Invalid)?;
    store::hold_tree(conn)?;
    let old = store::lock(conn, id)?;
    if version.is_some_and(|version| version != old.version) {
        let sentence =
            format!("Somebody changed {} while you were editing it. Nothing of yours is saved yet.", old.name);
        return Err(Error::Stale(sentence));
    }
    refuse(conn, Some(&old), &details)?;
    if details == old.details() {
        return Ok(old);
    }
    let before = fields(conn, &old)?;
    store::update(conn, id, &details, now)?;
    let changed = store::one(conn, id)?;
    let after = fields(conn, &changed)?;
    if let Some((before, after)) = difference(&before, &after) {
        let event = NewEvent::about(Action::OrganizationChanged, Some(id), &changed.name, Some(before), Some(after));
        record(conn, actor, now, &event)?;
    }
    Ok(changed)
}

/// What must not be in the present state: a code that is taken, a circle, a group that is none. A group that the
/// organization had before it was deleted may stay: it counts again when it is restored.
fn refuse(conn: &mut PgConnection, old: Option<&Organization>, new: &Details) -> Result<()> {
    let mut errors = Vec::new();
    if store::code_taken(conn, old.map(|old| old.id), &new.code)? {
        errors.push(FieldError::new("code", "Another organization has this code. Choose a different one."));
    }
    if let Some(parent) = new.parent_id {
        if store::any(conn, parent)?.is_none() {
            errors.push(FieldError::new("parent", "This organization doesn't exist. Choose one of the suggestions."));
        } else if let Some(old) = old
            && store::is_above(conn, old.id, parent)?
        {
            let message = "An organization can't stand under itself or under one of its own branches.";
            errors.push(FieldError::new("parent", message));
        }
    }
    if let Some(group) = new.group_id.filter(|group| old.is_none_or(|old| old.group_id != Some(*group)))
        && store::lock_group(conn, group)?.is_none()
    {
        let message = "Choose a group that exists and isn't All Customers, or none.";
        errors.push(FieldError::new("group", message));
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

/// The fields as the audit log keeps them: others by their names, so that the sentence is readable for good.
fn fields(conn: &mut PgConnection, organization: &Organization) -> Result<Value> {
    let parent = organization.parent_id.map(|id| store::any(conn, id)).transpose()?.flatten().map(|up| up.name);
    let group = organization.group_id.map(|id| store::group_name(conn, id)).transpose()?.flatten();
    Ok(json!({ "code": organization.code, "name": organization.name, "parent": parent, "group": group }))
}

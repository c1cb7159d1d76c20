//! The one thing about reports that is written: that a group was looked through.

use super::store::review::mark;
use crate::audit::event::{Action, NewEvent};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::Result;
use crate::groups::store::{self as groups, Group};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::json;
use uuid::Uuid;

/// Notes who reviewed a live group, and when.
///
/// # Errors
/// Who may not edit groups; a group that is gone.
pub fn review(conn: &mut PgConnection, actor: &Actor, id: Uuid, now: DateTime<Utc>) -> Result<Group> {
    actor.require(Permission::EditGroups)?;
    let group = groups::lock(conn, id)?;
    if group.deleted_at.is_some() {
        return Err(groups::gone());
    }
    mark(conn, id, &actor.name, now)?;
    let told = |at: Option<DateTime<Utc>>, by: Option<&str>| json!({ "lastReviewedAt": at, "lastReviewedBy": by });
    let before = told(group.last_reviewed_at, group.last_reviewed_by.as_deref());
    let after = told(Some(now), Some(&actor.name));
    record(conn, actor, now, &NewEvent::group(Action::GroupReviewed, id, &group.name, Some(before), Some(after)))?;
    Ok(group)
}

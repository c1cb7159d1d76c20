//! Duplicating a group: its details, settings, lists and rule, without its members.

use super::actions::{self, free_code};
use super::group::{ROOT_ID, suggest_name};
use super::store::{self, Group, copying, naming};
use crate::auth::role::{Actor, Permission};
use crate::error::Result;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use uuid::Uuid;

/// Makes a group like `id` beside it, called “… copy”. All Customers' copy stands under All Customers.
pub fn duplicate(conn: &mut PgConnection, actor: &Actor, id: Uuid, now: DateTime<Utc>) -> Result<Group> {
    actor.require(Permission::EditGroups)?;
    store::hold_tree(conn)?;
    let original = store::live(conn, id)?;
    let mut details = original.details();
    let wanted: String = original.name.chars().take(115).chain(" copy".chars()).collect();
    let used = naming::names_like(conn, &wanted)?;
    details.name = suggest_name(&wanted, |name| used.contains(&name.to_lowercase()));
    details.code = Some(free_code(conn, &format!("{} copy", original.code))?);
    details.parent_id = original.parent_id.or(Some(ROOT_ID));
    let copy = actions::create(conn, actor, details, &original.metadata(), "console", now)?;
    copying::copy_settings(conn, original.id, copy.id)?;
    store::live(conn, copy.id)
}

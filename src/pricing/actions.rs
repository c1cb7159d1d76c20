//! Assigning price lists to groups: permission → lock → decide → save → audit, in one transaction.

use super::{priority, store};
use crate::audit::event::{Action, NewEvent};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use crate::groups::actions::refuse_stale;
use crate::groups::store::{self as groups, Group};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Value, json};
use uuid::Uuid;

/// What is assigned, and where its fields stand in the input.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// A list's id or code.
    pub list: &'a str,
    /// Lower comes first, at least 1; `None` = the next of 1, 10, 100.
    pub priority: Option<i32>,
    /// Where the fields `priceListId` and `priority` stand: `priceLists[0].`.
    pub at: &'a str,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Assigned {
    /// The group with its new version.
    pub group: Group,
    /// The list.
    pub list: Uuid,
    /// Its priority.
    pub priority: i32,
    /// Whether the group didn't have the list before.
    pub is_new: bool,
}

/// Assigns a list to a group, or gives it another priority there. A group whose method is "none" turns to "price lists"
/// (SPEC 6). `version` is the group's that the form was filled from; `None` = whatever is there.
pub fn assign_list(
    conn: &mut PgConnection,
    actor: &Actor,
    group: Uuid,
    version: Option<i32>,
    wish: Wish<'_>,
    now: DateTime<Utc>,
) -> Result<Assigned> {
    actor.require(Permission::EditGroups)?;
    if wish.priority.is_some_and(|priority| priority < 1) {
        return Err(Error::field(format!("{}priority", wish.at), priority::WANTED));
    }
    let group = locked(conn, group, version)?;
    let Some((list, name)) = store::find(conn, wish.list)? else {
        return Err(Error::field(format!("{}priceListId", wish.at), "There is no price list with this id or code."));
    };
    let taken = store::priorities(conn, group.id)?;
    let old = taken.iter().find(|(known, _)| *known == list).map(|(_, priority)| *priority);
    let priority = wish.priority.or(old).unwrap_or_else(|| priority::next(taken.iter().map(|(_, priority)| *priority)));
    if old == Some(priority) {
        return Ok(Assigned { group, list, priority, is_new: false });
    }
    store::assign(conn, group.id, list, priority)?;
    store::method_becomes_price_lists(conn, group.id)?;
    let group = changed(conn, actor, &group, &name, old, Some(priority), now)?;
    Ok(Assigned { group, list, priority, is_new: old.is_none() })
}

/// Takes a list, by its id or code, away from a group.
pub fn unassign_list(
    conn: &mut PgConnection,
    actor: &Actor,
    group: Uuid,
    version: Option<i32>,
    list: &str,
    now: DateTime<Utc>,
) -> Result<Group> {
    actor.require(Permission::EditGroups)?;
    let group = locked(conn, group, version)?;
    let not_there = || Error::NotFound("The group doesn't have this price list.".into());
    let (list, name) = store::find(conn, list)?.ok_or_else(not_there)?;
    let taken = store::priorities(conn, group.id)?;
    let old = taken.iter().find(|(known, _)| *known == list).map(|(_, priority)| *priority).ok_or_else(not_there)?;
    store::unassign(conn, group.id, list)?;
    changed(conn, actor, &group, &name, Some(old), None, now)
}

fn locked(conn: &mut PgConnection, id: Uuid, version: Option<i32>) -> Result<Group> {
    let group = groups::lock(conn, id)?;
    if group.deleted_at.is_some() {
        return Err(groups::gone());
    }
    if group.is_root() {
        return Err(Error::field("", "All Customers has no price lists: without a group, base prices hold."));
    }
    refuse_stale(&group, version)?;
    Ok(group)
}

fn changed(
    conn: &mut PgConnection,
    actor: &Actor,
    group: &Group,
    list: &str,
    was: Option<i32>,
    is: Option<i32>,
    now: DateTime<Utc>,
) -> Result<Group> {
    groups::touch(conn, group.id, now)?;
    let told = |priority: Option<i32>| -> Value {
        let place = priority.map(|priority| format!("priority {priority}"));
        json!({ "price_list": { list: place } })
    };
    let event = NewEvent::group(Action::GroupChanged, group.id, &group.name, Some(told(was)), Some(told(is)));
    record(conn, actor, now, &event)?;
    groups::live(conn, group.id)
}

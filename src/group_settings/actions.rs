//! Changing a group's own settings: one way for the console's forms and the JSON API.

use super::patch::Patch;
use super::{store, told::told};
use crate::audit::event::{Action, NewEvent, difference};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use crate::groups::actions::refuse_stale;
use crate::groups::store as groups;
use crate::inheritance::store as inheritance;
use crate::store_settings::store as store_settings;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use uuid::Uuid;

/// Changes own settings. `version` is the one of the group that the form was filled from; `None` = whatever is there.
/// Turning an inherit switch takes an administrator (SPEC 2).
///
/// # Errors
/// A stale version, a deleted group, fields that are wrong (named as the JSON API names them), nothing of it saved.
pub fn change(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    patch: &Patch,
    now: DateTime<Utc>,
) -> Result<()> {
    actor.require(Permission::EditGroups)?;
    let group = groups::lock(conn, id)?;
    if group.deleted_at.is_some() {
        return Err(groups::gone());
    }
    refuse_stale(&group, version)?;
    let levels = inheritance::load(conn, &[id])?;
    let before = levels.get(&id).ok_or_else(groups::gone)?;
    let after = patch.applied(before).map_err(Error::Invalid)?;
    if before.inherit != after.inherit {
        actor.require(Permission::ShapeTree)?;
    }
    let replaces_products = patch.names_products();
    if **before == after && !replaces_products {
        return Ok(());
    }
    store::replace(conn, before, &after, patch)?;
    groups::touch(conn, id, now)?;
    let currency = store_settings::load(conn)?.currency;
    let told = difference(&told(before, currency), &told(&after, currency));
    let (was, is) = told.map_or((None, None), |(was, is)| (Some(was), Some(is)));
    if was.is_none() && !replaces_products {
        return Ok(());
    }
    record(conn, actor, now, &NewEvent::group(Action::GroupChanged, id, &group.name, was, is))
}

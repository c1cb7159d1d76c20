//! Changing a group's own settings: one way for the console's forms and the JSON API.

use super::patch::{Patch, ScopeChoice};
use super::shelf::Shelf;
use super::store::shelves;
use super::{store, told::told};
use crate::audit::event::{Action, NewEvent, difference};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use crate::groups::actions::refuse_stale;
use crate::groups::store as groups;
use crate::inheritance::level::Level;
use crate::inheritance::own::{Adjustment, Scope};
use crate::inheritance::store as inheritance;
use crate::products::choosing::{Chosen, Side};
use crate::products::store::choosing;
use crate::store_settings::store as store_settings;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// How many products the log names one by one.
const NAMED: i64 = 20;

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
    let (name, before) = &locked(conn, id, version)?;
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
    record(conn, actor, now, &NewEvent::group(Action::GroupChanged, id, name, was, is))
}

/// The group, held until the transaction ends, with what it says itself.
fn locked(conn: &mut PgConnection, id: Uuid, version: Option<i32>) -> Result<(String, Arc<Level>)> {
    let group = groups::lock(conn, id)?;
    if group.deleted_at.is_some() {
        return Err(groups::gone());
    }
    refuse_stale(&group, version)?;
    let level = inheritance::load(conn, &[id])?.remove(&id).ok_or_else(groups::gone)?;
    Ok((group.name, level))
}

/// Brings products over from one side of a group's own set to the other: from [`Side::Out`] they are added. A discount
/// that applied to all products, or to categories, applies to the chosen ones from then on. How many products moved.
///
/// # Errors
/// A stale version, a deleted group, a group without a discount, too many products or others than were shown.
pub fn change_products(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    shelf: Shelf,
    from: Side,
    chosen: &Chosen,
    now: DateTime<Utc>,
) -> Result<usize> {
    actor.require(Permission::EditGroups)?;
    let (name, before) = &locked(conn, id, version)?;
    choosing::refuse_others(conn, shelves::on(shelf, from, id), chosen)?;
    if shelf == Shelf::Discounted {
        narrow_to_products(conn, before)?;
    }
    let moved = match from {
        Side::Out => shelves::add(conn, shelf, id, chosen)?,
        Side::In => shelves::remove(conn, shelf, id, chosen)?,
    };
    if moved == 0 {
        return Ok(0);
    }
    groups::touch(conn, id, now)?;
    let after = inheritance::load(conn, &[id])?.remove(&id).ok_or_else(groups::gone)?;
    let currency = store_settings::load(conn)?.currency;
    let (mut was, mut is) = difference(&told(before, currency), &told(&after, currency)).unwrap_or_default();
    if let Chosen::Some(ids) = chosen {
        let skus = Value::String(shelves::skus(conn, ids, NAMED)?.join(", "));
        let (side, key) = match from {
            Side::Out => (&mut is, "added"),
            Side::In => (&mut was, "removed"),
        };
        side[format!("{} {key}", shelf.label().to_lowercase())] = skus;
    }
    record(conn, actor, now, &NewEvent::group(Action::GroupChanged, id, name, Some(was), Some(is)))?;
    Ok(moved)
}

/// The group's discount applies to chosen products.
fn narrow_to_products(conn: &mut PgConnection, before: &Level) -> Result<()> {
    match &before.pricing.adjustment {
        Adjustment::Percentage { scope, .. } | Adjustment::Fixed { scope, .. } => {
            if matches!(scope, Scope::Products(_)) {
                return Ok(());
            }
            let patch = Patch { scope: Some(ScopeChoice::Products(None)), ..Patch::default() };
            let after = patch.applied(before).map_err(Error::Invalid)?;
            store::replace(conn, before, &after, &patch)
        }
        Adjustment::Unset | Adjustment::ExplicitNone | Adjustment::PriceLists => Err(Error::Conflict(
            "This group has no discount of its own. Choose a percentage or an amount off on its pricing page first."
                .into(),
        )),
    }
}

//! Changing the store's settings.

use super::settings::StoreSettings;
use super::store;
use crate::audit::event::{Action, NewEvent, difference};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use crate::groups::group::{GroupType, Status};
use crate::groups::store as groups;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Value, json};

/// Saves the settings. Another time zone moves every order to its day there; another zone or currency rebuilds the
/// purchases.
pub fn save(conn: &mut PgConnection, actor: &Actor, new: &StoreSettings, now: DateTime<Utc>) -> Result<()> {
    actor.require(Permission::ManageStore)?;
    let old = store::lock(conn)?;
    if old.version != new.version {
        return Err(Error::Stale("Somebody changed the store's settings while you were editing them.".into()));
    }
    if let Some(id) = new.default_group_id {
        // Locked, so that it can't be deleted or made inactive between this check and the end of the transaction.
        let group = groups::lock(conn, id).ok().filter(|group| {
            group.deleted_at.is_none()
                && !group.is_root()
                && group.status() == Status::Active
                && group.kind() != GroupType::Automatic
        });
        if group.is_none() {
            let message = "Choose an active group that isn't automatic and isn't All Customers.";
            return Err(Error::field("default_group", message));
        }
    }
    let (before, after) = (fields(conn, &old)?, fields(conn, new)?);
    let Some((before, after)) = difference(&before, &after) else { return Ok(()) };
    store::save(conn, new, now)?;
    if new.time_zone != old.time_zone {
        store::move_days(conn, new.time_zone)?;
    }
    if new.time_zone != old.time_zone || new.currency != old.currency {
        store::rebuild_purchases(conn)?;
    }
    record(conn, actor, now, &NewEvent::about(Action::StoreChanged, None, "the store", Some(before), Some(after)))
}

fn fields(conn: &mut PgConnection, settings: &StoreSettings) -> Result<Value> {
    let default_group = match settings.default_group_id {
        Some(id) => groups::any(conn, id)?.map(|group| group.name),
        None => None,
    };
    Ok(json!({
        "currency": settings.currency.code(),
        "time_zone": settings.time_zone.name(),
        "default_group": default_group,
        "flat_shipping": settings.currency.major(settings.flat_shipping).to_string(),
        "rule_guard": format!("{}%", settings.rule_guard_percent),
        "missing_groups_are_made": settings.create_missing_groups,
    }))
}

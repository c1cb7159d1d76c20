//! Making, changing and deleting campaigns: permission → load → decide → save → audit, in one transaction.

use super::campaign::{Details, Typed};
use super::store::{self, CampaignRow, Part};
use crate::audit::event::{Action, NewEvent, difference};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use crate::products::actions::refuse_stale;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Value, json};
use uuid::Uuid;

/// Makes a campaign.
pub fn create(conn: &mut PgConnection, actor: &Actor, typed: &Typed, now: DateTime<Utc>) -> Result<CampaignRow> {
    actor.require(Permission::EditPromotions)?;
    let details = typed.checked(&store::known(conn, typed)?).map_err(Error::Invalid)?;
    refuse_taken(conn, None, &details)?;
    let id = Uuid::now_v7();
    store::insert(conn, id, &details, now)?;
    let after = fields(conn, &details)?;
    record(conn, actor, now, &NewEvent::about(Action::CampaignCreated, Some(id), &details.name, None, Some(after)))?;
    store::get(conn, id)
}

/// Changes a campaign. `version` is the one the form was filled from; `None` = whatever is there.
pub fn edit(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    typed: &Typed,
    now: DateTime<Utc>,
) -> Result<CampaignRow> {
    actor.require(Permission::EditPromotions)?;
    let old = store::lock(conn, id)?;
    refuse_stale(&old.name, old.version, version)?;
    let before = store::details(conn, &old)?;
    let details = typed.checked(&store::known(conn, typed)?).map_err(Error::Invalid)?;
    if details == before {
        return Ok(old);
    }
    refuse_taken(conn, Some(id), &details)?;
    let (was, is) = (fields(conn, &before)?, fields(conn, &details)?);
    store::update(conn, id, &details, now)?;
    if let Some((was, is)) = difference(&was, &is) {
        let event = NewEvent::about(Action::CampaignChanged, Some(id), &details.name, Some(was), Some(is));
        record(conn, actor, now, &event)?;
    }
    store::get(conn, id)
}

/// Deletes a campaign; its segments and promotions stay.
pub fn delete(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    now: DateTime<Utc>,
) -> Result<()> {
    actor.require(Permission::EditPromotions)?;
    let old = store::lock(conn, id)?;
    refuse_stale(&old.name, old.version, version)?;
    let details = store::details(conn, &old)?;
    let before = fields(conn, &details)?;
    store::delete(conn, id)?;
    record(conn, actor, now, &NewEvent::about(Action::CampaignDeleted, Some(id), &old.name, Some(before), None))
}

fn refuse_taken(conn: &mut PgConnection, except: Option<Uuid>, details: &Details) -> Result<()> {
    match store::by_code(conn, &details.code)? {
        Some(other) if Some(other) != except => {
            Err(Error::field("code", "Another campaign has this code. Choose a different one."))
        }
        _ => Ok(()),
    }
}

fn fields(conn: &mut PgConnection, details: &Details) -> Result<Value> {
    let names = |parts: Vec<Part>| parts.into_iter().map(|part| part.name).collect::<Vec<_>>().join(", ");
    Ok(json!({
        "code": details.code,
        "name": details.name,
        "status": details.status.name(),
        "valid_from": details.window.from,
        "valid_to": details.window.to,
        "segments": names(store::segments_of(conn, &details.segments)?),
        "promotions": names(store::promotions_of(conn, &details.promotions)?),
    }))
}

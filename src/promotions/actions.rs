//! Making, changing and deleting promotions: permission → load → decide → save → audit, in one transaction.

use super::details::{Details, Typed};
use super::store::{self, PromotionRow};
use crate::audit::event::{Action, NewEvent, difference};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use crate::money::Currency;
use crate::products::actions::refuse_stale;
use crate::segments::store::groups;
use crate::store_settings::store as store_settings;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Value, json};
use uuid::Uuid;

/// Makes a promotion.
pub fn create(conn: &mut PgConnection, actor: &Actor, typed: &Typed, now: DateTime<Utc>) -> Result<PromotionRow> {
    actor.require(Permission::EditPromotions)?;
    let currency = store_settings::load(conn)?.currency;
    let details = typed.checked(&store::known(conn, typed, &[], currency)?).map_err(Error::Invalid)?;
    refuse_taken(conn, None, &details)?;
    let id = Uuid::now_v7();
    store::insert(conn, id, &details, now)?;
    let after = fields(conn, &details, currency)?;
    record(conn, actor, now, &NewEvent::about(Action::PromotionCreated, Some(id), &details.name, None, Some(after)))?;
    store::get(conn, id)
}

/// Changes a promotion. `version` is the one the form was filled from; `None` = whatever is there.
pub fn edit(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    typed: &Typed,
    now: DateTime<Utc>,
) -> Result<PromotionRow> {
    actor.require(Permission::EditPromotions)?;
    let old = store::lock(conn, id)?;
    refuse_stale(&old.name, old.version, version)?;
    let currency = store_settings::load(conn)?.currency;
    let before = store::details(conn, &old)?;
    let kept: Vec<Uuid> = before.groups_in.iter().chain(&before.groups_not_in).copied().collect();
    let details = typed.checked(&store::known(conn, typed, &kept, currency)?).map_err(Error::Invalid)?;
    if details == before {
        return Ok(old);
    }
    refuse_taken(conn, Some(id), &details)?;
    let (was, is) = (fields(conn, &before, currency)?, fields(conn, &details, currency)?);
    store::update(conn, id, &details, now)?;
    if let Some((was, is)) = difference(&was, &is) {
        let event = NewEvent::about(Action::PromotionChanged, Some(id), &details.name, Some(was), Some(is));
        record(conn, actor, now, &event)?;
    }
    store::get(conn, id)
}

/// Deletes a promotion; campaigns go on without it.
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
    let currency = store_settings::load(conn)?.currency;
    let details = store::details(conn, &old)?;
    let before = fields(conn, &details, currency)?;
    store::delete(conn, id)?;
    record(conn, actor, now, &NewEvent::about(Action::PromotionDeleted, Some(id), &old.name, Some(before), None))
}

fn refuse_taken(conn: &mut PgConnection, except: Option<Uuid>, details: &Details) -> Result<()> {
    match store::by_code(conn, &details.code)? {
        Some(other) if Some(other) != except => {
            Err(Error::field("code", "Another promotion has this code. Choose a different one."))
        }
        _ => Ok(()),
    }
}

fn fields(conn: &mut PgConnection, details: &Details, currency: Currency) -> Result<Value> {
    let typed = store::typed(conn, details, currency)?;
    let chosen: Vec<(Uuid, bool)> = details
        .groups_in
        .iter()
        .map(|id| (*id, true))
        .chain(details.groups_not_in.iter().map(|id| (*id, false)))
        .collect();
    let chosen = groups::named(conn, &chosen)?;
    let names = |wanted: bool| {
        let side: Vec<&str> = chosen.iter().filter(|g| g.is_in == wanted).map(|g| g.name.as_str()).collect();
        side.join(", ")
    };
    Ok(json!({
        "code": typed.code,
        "name": typed.name,
        "status": typed.status,
        "type": typed.kind,
        "discount": typed.discount,
        "free_item": typed.free_item,
        "free_quantity": typed.free_quantity,
        "buy": typed.buy_quantity,
        "get": typed.get_quantity,
        "minimum_purchase": typed.minimum_purchase,
        "valid_from": typed.valid_from,
        "valid_to": typed.valid_to,
        "stacks": typed.stacks,
        "combinable": typed.combinable,
        "priority": details.priority,
        "groups_in": names(true),
        "groups_not_in": names(false),
    }))
}

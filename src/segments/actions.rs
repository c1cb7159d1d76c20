//! Making, changing and deleting segments: permission → load → decide → save → audit, in one transaction.

use super::segment::{Details, Typed};
use super::store::{self, SegmentRow, groups};
use crate::audit::event::{Action, NewEvent, difference};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use crate::products::actions::refuse_stale;
use crate::rules::store::rules;
use crate::store_settings::store as store_settings;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Value, json};
use uuid::Uuid;

/// How many campaigns a refusal names.
const NAMED: i64 = 5;

/// Makes a segment. Faults of its rule stand at `rule.of[0].value`.
pub fn create(conn: &mut PgConnection, actor: &Actor, typed: &Typed, now: DateTime<Utc>) -> Result<SegmentRow> {
    actor.require(Permission::EditPromotions)?;
    let details = checked(conn, typed, &[])?;
    let id = Uuid::now_v7();
    store::insert(conn, id, &details, now)?;
    let after = fields(conn, &details)?;
    record(conn, actor, now, &NewEvent::about(Action::SegmentCreated, Some(id), &details.name, None, Some(after)))?;
    store::get(conn, id)
}

/// Changes a segment. `version` is the one the form was filled from; `None` = whatever is there.
pub fn edit(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    typed: &Typed,
    now: DateTime<Utc>,
) -> Result<SegmentRow> {
    actor.require(Permission::EditPromotions)?;
    let old = store::lock(conn, id)?;
    refuse_stale(&old.name, old.version, version)?;
    let before = store::details(conn, &old)?;
    let kept: Vec<Uuid> = before.groups_in.iter().chain(&before.groups_not_in).copied().collect();
    let details = checked(conn, typed, &kept)?;
    if details == before {
        return Ok(old);
    }
    let (was, is) = (fields(conn, &before)?, fields(conn, &details)?);
    store::update(conn, id, &details, now)?;
    if let Some((was, is)) = difference(&was, &is) {
        let event = NewEvent::about(Action::SegmentChanged, Some(id), &details.name, Some(was), Some(is));
        record(conn, actor, now, &event)?;
    }
    store::get(conn, id)
}

/// Deletes a segment that no campaign asks for.
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
    let campaigns: Vec<String> = store::asked_by(conn, id, NAMED)?.into_iter().map(|campaign| campaign.name).collect();
    if !campaigns.is_empty() {
        return Err(Error::Conflict(format!(
            "{} can't be deleted: {} would be for everyone without it. Take it out of the campaign first.",
            old.name,
            campaigns.join(", ")
        )));
    }
    let details = store::details(conn, &old)?;
    let before = fields(conn, &details)?;
    store::delete(conn, id)?;
    record(conn, actor, now, &NewEvent::about(Action::SegmentDeleted, Some(id), &old.name, Some(before), None))
}

fn checked(conn: &mut PgConnection, typed: &Typed, kept: &[Uuid]) -> Result<Details> {
    let known = groups::known(conn, &[&typed.groups_in, &typed.groups_not_in], kept)?;
    let details = typed.checked(&known);
    let Some(value) = &typed.rule else { return details.map_err(Error::Invalid) };
    let currency = store_settings::load(conn)?.currency;
    let rule = rules::read(conn, value, None, currency)?;
    match (details, rule) {
        (Ok(details), Ok(rule)) => Ok(Details { rule: Some(rule.to_json(currency)), ..details }),
        (details, rule) => {
            let mut errors = details.err().unwrap_or_default();
            errors.extend(rule.err().unwrap_or_default().iter().map(|fault| fault.as_json_field()));
            Err(Error::Invalid(errors))
        }
    }
}

fn fields(conn: &mut PgConnection, details: &Details) -> Result<Value> {
    let mut names = |ids: &[Uuid]| -> Result<String> {
        let chosen: Vec<(Uuid, bool)> = ids.iter().map(|id| (*id, true)).collect();
        let names: Vec<String> = groups::named(conn, &chosen)?.into_iter().map(|group| group.name).collect();
        Ok(names.join(", "))
    };
    let (groups_in, groups_not_in) = (names(&details.groups_in)?, names(&details.groups_not_in)?);
    let currency = store_settings::load(conn)?.currency;
    let rule = match &details.rule {
        Some(value) => {
            let known = rules::referred(conn, &[value])?;
            rules::read_stored(value, &known, currency)
                .map_or_else(|_| value.to_string(), |rule| rule.sentence(currency))
        }
        None => String::new(),
    };
    Ok(json!({
        "name": details.name,
        "description": details.description,
        "groups_in": groups_in,
        "groups_not_in": groups_not_in,
        "rule": rule,
    }))
}

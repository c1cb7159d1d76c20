//! Making, changing and deleting webhooks, and sending again: permission → load → decide → save → audit, in one
//! transaction.

use super::address::Networks;
use super::endpoint::{Details, MOST, Typed};
use super::signature::{OVERLAP, Secret};
use super::store::{self, Endpoint, deliveries, queue};
use crate::audit::event::{Action, NewEvent, actor_columns, difference};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use crate::outbox::store::{By, test as test_event};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Value, json};
use uuid::Uuid;

/// Makes a webhook. Its secret is told this once.
pub fn create(
    conn: &mut PgConnection,
    actor: &Actor,
    typed: &Typed,
    networks: Networks,
    now: DateTime<Utc>,
) -> Result<(Endpoint, Secret)> {
    actor.require(Permission::ManageWebhooks)?;
    let details = typed.checked(networks).map_err(Error::Invalid)?;
    if store::count_alone(conn)? >= MOST {
        return Err(Error::Conflict(format!("There are {MOST} webhooks already. Delete one that isn't needed first.")));
    }
    let (id, secret) = (Uuid::now_v7(), Secret::random()?);
    store::insert(conn, id, &details, &secret, &actor.name, now)?;
    let made = store::get(conn, id)?;
    let after = Some(fields(&details));
    record(conn, actor, now, &NewEvent::about(Action::WebhookCreated, Some(id), made.name(), None, after))?;
    Ok((made, secret))
}

/// Changes a webhook's fields. `version` is the one the form was filled from; `None` = whatever is there.
pub fn edit(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    typed: &Typed,
    networks: Networks,
    now: DateTime<Utc>,
) -> Result<Endpoint> {
    actor.require(Permission::ManageWebhooks)?;
    let old = locked(conn, id, version)?;
    let details = typed.checked(networks).map_err(Error::Invalid)?;
    if details == old.details() {
        return Ok(old);
    }
    let because = if details.active { "" } else { old.paused_because.as_str() };
    save(conn, actor, &old, &details, because, now)
}

/// Pauses a webhook, or resumes it: nothing new is queued for a paused one, and what was queued waits.
pub fn set_active(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    active: bool,
    now: DateTime<Utc>,
) -> Result<Endpoint> {
    actor.require(Permission::ManageWebhooks)?;
    let old = store::lock(conn, id)?;
    if old.active == active {
        return Ok(old);
    }
    save(conn, actor, &old, &Details { active, ..old.details() }, "", now)
}

/// Pauses a webhook whose receiver says that it is gone for good.
pub fn pause_gone(conn: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    let old = store::lock(conn, id)?;
    if old.active {
        let because = "The receiver answered 410 Gone: it wants nothing more.";
        save(conn, &Actor::system(), &old, &Details { active: false, ..old.details() }, because, now)?;
    }
    Ok(())
}

fn save(
    conn: &mut PgConnection,
    actor: &Actor,
    old: &Endpoint,
    details: &Details,
    because: &str,
    now: DateTime<Utc>,
) -> Result<Endpoint> {
    store::update(conn, old.id, details, because, now)?;
    let new = store::get(conn, old.id)?;
    if let Some((was, is)) = difference(&fields(&old.details()), &fields(details)) {
        let event = NewEvent::about(Action::WebhookChanged, Some(old.id), new.name(), Some(was), Some(is));
        record(conn, actor, now, &event)?;
    }
    Ok(new)
}

/// Gives a webhook another secret, which is told this once. Requests are signed with both for a day.
pub fn replace_secret(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<(Endpoint, Secret)> {
    actor.require(Permission::ManageWebhooks)?;
    let old = store::lock(conn, id)?;
    let secret = Secret::random()?;
    store::rotate(conn, id, &secret, now + OVERLAP, now)?;
    record(conn, actor, now, &NewEvent::about(Action::WebhookSecretReplaced, Some(id), old.name(), None, None))?;
    Ok((store::get(conn, id)?, secret))
}

/// Sends a test event, also to a paused webhook. Returns the delivery's id.
pub fn send_test(conn: &mut PgConnection, actor: &Actor, id: Uuid, now: DateTime<Utc>) -> Result<Uuid> {
    actor.require(Permission::ManageWebhooks)?;
    let endpoint = store::lock(conn, id)?;
    let (kind, actor_id, name) = actor_columns(actor);
    let delivery = test_event(conn, &By { now, kind, id: actor_id, name }, id)?;
    record(conn, actor, now, &NewEvent::about(Action::WebhookTested, Some(id), endpoint.name(), None, None))?;
    Ok(delivery)
}

/// Sends one delivery again that has arrived or was given up.
pub fn replay(conn: &mut PgConnection, actor: &Actor, id: Uuid, delivery: Uuid, now: DateTime<Utc>) -> Result<()> {
    actor.require(Permission::ManageWebhooks)?;
    let endpoint = store::lock(conn, id)?;
    deliveries::get(conn, id, delivery)?;
    if !queue::replay(conn, delivery, now)? {
        return Err(Error::Conflict("This delivery is under way already.".into()));
    }
    replayed(conn, actor, &endpoint, 1, now)
}

/// Sends all deliveries of a webhook again that were given up. Returns how many.
pub fn replay_dead(conn: &mut PgConnection, actor: &Actor, id: Uuid, now: DateTime<Utc>) -> Result<usize> {
    actor.require(Permission::ManageWebhooks)?;
    let endpoint = store::lock(conn, id)?;
    let count = queue::replay_dead(conn, id, now)?;
    if count > 0 {
        replayed(conn, actor, &endpoint, count, now)?;
    }
    Ok(count)
}

fn replayed(
    conn: &mut PgConnection,
    actor: &Actor,
    endpoint: &Endpoint,
    count: usize,
    now: DateTime<Utc>,
) -> Result<()> {
    let after = Some(json!({ "deliveries": count }));
    let event = NewEvent::about(Action::WebhookReplayed, Some(endpoint.id), endpoint.name(), None, after);
    record(conn, actor, now, &event)
}

/// Deletes a webhook with its deliveries.
pub fn delete(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    now: DateTime<Utc>,
) -> Result<()> {
    actor.require(Permission::ManageWebhooks)?;
    let old = locked(conn, id, version)?;
    store::delete(conn, id)?;
    let before = Some(fields(&old.details()));
    record(conn, actor, now, &NewEvent::about(Action::WebhookDeleted, Some(id), old.name(), before, None))
}

fn locked(conn: &mut PgConnection, id: Uuid, version: Option<i32>) -> Result<Endpoint> {
    let old = store::lock(conn, id)?;
    match version {
        Some(version) if version != old.version => Err(Error::Stale(
            "Somebody changed this webhook while you were editing it. Nothing of yours is saved yet.".into(),
        )),
        _ => Ok(old),
    }
}

/// What the log keeps; never the secret.
fn fields(details: &Details) -> Value {
    let events: Vec<&str> = details.kinds.iter().map(|kind| kind.name()).collect();
    json!({
        "url": details.url,
        "description": details.description,
        "events": events.join(", "),
        "active": details.active,
    })
}

//! Writing to the log, and reading it a page at a time.

use super::event::{Event, NewEvent, actor_columns};
use super::filter::Filter;
use super::told;
use crate::auth::role::Actor;
use crate::db::keyset::{Page, Place, one_more};
use crate::error::Result;
use crate::outbox::store::{By, tell};
use crate::schema::audit_events;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde_json::Value;
use uuid::Uuid;

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_events)]
struct EventRow {
    id: Uuid,
    at: DateTime<Utc>,
    actor_name: String,
    actor_kind: String,
    action: String,
    subject_id: Option<Uuid>,
    subject_name: String,
    group_id: Option<Uuid>,
    before: Option<Value>,
    after: Option<Value>,
    request_id: Option<String>,
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            actor_name: row.actor_name,
            actor_kind: row.actor_kind,
            action: row.action,
            subject_id: row.subject_id,
            subject_name: row.subject_name,
            group_id: row.group_id,
            before: row.before,
            after: row.after,
            request_id: row.request_id,
        }
    }
}

/// Records an event; called by actions, in the transaction of what it tells.
pub fn record(conn: &mut PgConnection, actor: &Actor, now: DateTime<Utc>, event: &NewEvent) -> Result<()> {
    record_all(conn, actor, now, std::slice::from_ref(event))
}

/// Records several events of one change at once, and tells those of them whom webhooks are for.
pub fn record_all(conn: &mut PgConnection, actor: &Actor, now: DateTime<Utc>, events: &[NewEvent]) -> Result<()> {
    let (actor_kind, actor_id, actor_name) = actor_columns(actor);
    let row = |event: &'_ NewEvent| {
        (
            audit_events::id.eq(Uuid::now_v7()),
            audit_events::at.eq(now),
            audit_events::actor_kind.eq(actor_kind),
            audit_events::actor_id.eq(actor_id),
            audit_events::actor_name.eq(actor_name),
            audit_events::action.eq(event.action.name()),
            audit_events::subject_kind.eq(event.action.subject_kind()),
            audit_events::subject_id.eq(event.subject_id),
            audit_events::subject_name.eq(event.subject_name.clone()),
            audit_events::group_id.eq(event.group_id),
            audit_events::before.eq(event.before.clone()),
            audit_events::after.eq(event.after.clone()),
            audit_events::request_id.eq(actor.request_id.clone()),
        )
    };
    diesel::insert_into(audit_events::table).values(events.iter().map(row).collect::<Vec<_>>()).execute(conn)?;
    let happened: Vec<_> = events.iter().filter_map(told::of).collect();
    tell(conn, &By { now, kind: actor_kind, id: actor_id, name: actor_name }, &happened)
}

/// What the log is sorted by: when, then id; the newest first.
pub type EventKey = (DateTime<Utc>, Uuid);

/// A page of the events that match, the newest first. Each filter has an index in this order.
pub fn page(conn: &mut PgConnection, filter: &Filter, place: &Place<EventKey>, limit: usize) -> Result<Page<Event>> {
    let mut query = audit_events::table.select(EventRow::as_select()).into_boxed();
    if let Some(group) = filter.group_id {
        query = query.filter(audit_events::group_id.eq(group));
    }
    if let Some((kind, id)) = filter.subject {
        query = query.filter(audit_events::subject_kind.eq(kind)).filter(audit_events::subject_id.eq(id));
    }
    if let Some(action) = filter.action {
        query = query.filter(audit_events::action.eq(action.name()));
    }
    if let Some(actor) = &filter.actor_name {
        query = query.filter(audit_events::actor_name.eq(actor));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_events::at.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit_events::at.lt(until));
    }
    // The bound on the time alone is what an index can begin at; the rest sorts out events of the same instant.
    query = match place.key().copied() {
        None => query,
        Some((at, id)) if place.is_backwards() => {
            query.filter(audit_events::at.ge(at)).filter(audit_events::at.gt(at).or(audit_events::id.gt(id)))
        }
        Some((at, id)) => {
            query.filter(audit_events::at.le(at)).filter(audit_events::at.lt(at).or(audit_events::id.lt(id)))
        }
    };
    query = if place.is_backwards() {
        query.order((audit_events::at.asc(), audit_events::id.asc()))
    } else {
        query.order((audit_events::at.desc(), audit_events::id.desc()))
    };
    let rows: Vec<EventRow> = query.limit(one_more(limit)).load(conn)?;
    Ok(Page::of(rows.into_iter().map(Event::from).collect(), place, limit))
}

/// The names of whoever did something, in order, at most `limit`. Hops from name to name in the index: the log is not
/// read through.
pub fn actor_names(conn: &mut PgConnection, limit: i64) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let rows: Vec<Row> = diesel::sql_query(
        "WITH RECURSIVE names AS (
             (SELECT actor_name AS name FROM audit_events ORDER BY actor_name LIMIT 1)
             UNION ALL
             SELECT (SELECT actor_name FROM audit_events WHERE actor_name > names.name ORDER BY actor_name LIMIT 1)
             FROM names WHERE names.name IS NOT NULL
         )
         SELECT name FROM names WHERE name IS NOT NULL LIMIT $1",
    )
    .bind::<BigInt, _>(limit)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

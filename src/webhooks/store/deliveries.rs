//! Deliveries as people and callers see them.

use crate::db::keyset::{Page, Place, one_more};
use crate::error::{Error, Result};
use crate::outbox::kind::Kind;
use crate::schema::{outbox_events, webhook_attempts, webhook_deliveries as table};
use crate::webhooks::delivery::{Event, State};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// A delivery without what it carries.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = table)]
pub struct Delivery {
    /// Id.
    pub id: Uuid,
    /// The event.
    pub event_id: Uuid,
    /// The webhook.
    pub endpoint_id: Uuid,
    /// The name of the event's kind.
    pub kind: String,
    state: String,
    /// Attempts of this round.
    pub attempts: i32,
    /// When it is due, UTC.
    pub next_at: Option<DateTime<Utc>>,
    lease: Option<Uuid>,
    /// The status of the last answer.
    pub last_status: Option<i32>,
    /// Why the last attempt failed; empty where it didn't.
    pub last_error: String,
    /// How long it took, milliseconds.
    pub last_ms: Option<i32>,
    /// When it was made, UTC.
    pub created_at: DateTime<Utc>,
    /// When it arrived or was given up, UTC.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Delivery {
    /// How it stands.
    pub fn state(&self) -> State {
        State::from_name(&self.state).unwrap_or(State::Pending)
    }

    /// Whether it has come to an end, and can be replayed.
    pub fn has_ended(&self) -> bool {
        self.ended_at.is_some()
    }

    /// Whether it is on its way right now, as far as is known.
    pub fn is_under_way(&self) -> bool {
        self.lease.is_some()
    }

    /// What came of it last, in a few words.
    pub fn last_words(&self) -> String {
        match (self.last_status, self.last_error.as_str()) {
            (Some(status), "") => status.to_string(),
            (_, "") => String::new(),
            (_, error) => error.to_owned(),
        }
    }
}

/// Which deliveries are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this state.
    pub state: Option<State>,
    /// Of this kind of events.
    pub kind: Option<Kind>,
}

/// What the list is sorted by, the newest first.
pub type DeliveryKey = (DateTime<Utc>, Uuid);

/// A page of a webhook's deliveries.
pub fn page(
    conn: &mut PgConnection,
    endpoint: Uuid,
    filter: Filter,
    place: &Place<DeliveryKey>,
    limit: usize,
) -> Result<Page<Delivery>> {
    let mut query = table::table.filter(table::endpoint_id.eq(endpoint)).select(Delivery::as_select()).into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(table::state.eq(state.name()));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(table::kind.eq(kind.name()));
    }
    query = match place.key().copied() {
        None => query,
        Some((at, id)) if place.is_backwards() => {
            query.filter(table::created_at.ge(at)).filter(table::created_at.gt(at).or(table::id.gt(id)))
        }
        Some((at, id)) => query.filter(table::created_at.le(at)).filter(table::created_at.lt(at).or(table::id.lt(id))),
    };
    query = if place.is_backwards() {
        query.order((table::created_at.asc(), table::id.asc()))
    } else {
        query.order((table::created_at.desc(), table::id.desc()))
    };
    let rows: Vec<Delivery> = query.limit(one_more(limit)).load(conn)?;
    Ok(Page::of(rows, place, limit))
}

/// How a missing delivery is told.
fn gone() -> Error {
    Error::NotFound("This delivery doesn't exist any more: those that arrived are kept for 30 days.".into())
}

/// An id as an address or a call has it.
pub fn parse_id(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| gone())
}

/// A delivery of a webhook, with the event that it carries.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(conn: &mut PgConnection, endpoint: Uuid, id: Uuid) -> Result<(Delivery, Event)> {
    use outbox_events as events;
    let (delivery, (id, kind, occurred_at, actor, data)) = table::table
        .inner_join(events::table)
        .filter(table::id.eq(id))
        .filter(table::endpoint_id.eq(endpoint))
        .select((Delivery::as_select(), (events::id, events::kind, events::occurred_at, events::actor, events::data)))
        .first::<(Delivery, (Uuid, String, DateTime<Utc>, serde_json::Value, serde_json::Value))>(conn)
        .optional()?
        .ok_or_else(gone)?;
    Ok((delivery, Event { id, kind, occurred_at, actor, data }))
}

/// An attempt to deliver.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = webhook_attempts)]
pub struct Attempt {
    /// From 1 on, over all rounds.
    pub number: i32,
    /// When, UTC.
    pub at: DateTime<Utc>,
    /// The status, where there was an answer.
    pub status: Option<i32>,
    /// Why it failed; empty where it didn't.
    pub error: String,
    /// The beginning of the answer's body.
    pub answer: String,
    /// How long it took, milliseconds.
    pub duration_ms: i32,
}

/// The attempts of a delivery that are kept, the last one first.
pub fn attempts(conn: &mut PgConnection, delivery: Uuid) -> Result<Vec<Attempt>> {
    Ok(webhook_attempts::table
        .filter(webhook_attempts::delivery_id.eq(delivery))
        .select(Attempt::as_select())
        .order(webhook_attempts::number.desc())
        .load(conn)?)
}

//! Webhooks: their rows.

pub mod deliveries;
pub mod queue;

use super::endpoint::Details;
use super::signature::Secret;
use crate::error::{Error, Result};
use crate::outbox::kind::Kind;
use crate::schema::webhook_endpoints as table;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

/// A webhook. Its secrets stay in the database until something is signed.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = table)]
pub struct Endpoint {
    /// Id.
    pub id: Uuid,
    /// Where events are sent.
    pub url: String,
    /// What it is for; may be empty.
    pub description: String,
    kinds: Vec<Option<String>>,
    /// Whether events are sent.
    pub active: bool,
    /// Why the program itself paused it; empty where a person did.
    pub paused_because: String,
    /// Until when the secret before signs as well, UTC.
    pub previous_until: Option<DateTime<Utc>>,
    /// Who made it.
    pub created_by: String,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC.
    pub updated_at: DateTime<Utc>,
    /// For optimistic locking.
    pub version: i32,
}

impl Endpoint {
    /// The events that it is sent.
    pub fn kinds(&self) -> Vec<Kind> {
        self.kinds.iter().flatten().filter_map(|name| Kind::from_name(name)).collect()
    }

    /// The fields that people type.
    pub fn details(&self) -> Details {
        Details {
            url: self.url.clone(),
            description: self.description.clone(),
            kinds: self.kinds(),
            active: self.active,
        }
    }

    /// What it is called: its description, or the host that it leads to.
    pub fn name(&self) -> &str {
        if !self.description.is_empty() {
            return &self.description;
        }
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        rest.split(['/', '?']).next().unwrap_or(rest)
    }
}

/// How a missing webhook is told.
pub fn gone() -> Error {
    Error::NotFound("This webhook doesn't exist or was deleted.".into())
}

/// An id as an address or a call has it. One that is none names nothing.
pub fn parse_id(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| gone())
}

/// All webhooks, the oldest first; there are few ([`super::endpoint::MOST`]).
pub fn all(conn: &mut PgConnection) -> Result<Vec<Endpoint>> {
    Ok(table::table.select(Endpoint::as_select()).order((table::created_at, table::id)).load(conn)?)
}

/// A webhook.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(conn: &mut PgConnection, id: Uuid) -> Result<Endpoint> {
    table::table.find(id).select(Endpoint::as_select()).first(conn).optional()?.ok_or_else(gone)
}

/// A webhook, locked until the transaction ends. Changes that are told to it meanwhile don't wait for that.
///
/// # Errors
/// [`Error::NotFound`].
pub fn lock(conn: &mut PgConnection, id: Uuid) -> Result<Endpoint> {
    let found = table::table.find(id).select(Endpoint::as_select()).for_no_key_update().first(conn).optional()?;
    found.ok_or_else(gone)
}

/// How many there are. Others that are being made wait until the transaction ends.
pub fn count_alone(conn: &mut PgConnection) -> Result<i64> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtext('webhook_endpoints'))").execute(conn)?;
    Ok(table::table.count().get_result(conn)?)
}

/// Adds a webhook.
pub fn insert(
    conn: &mut PgConnection,
    id: Uuid,
    details: &Details,
    secret: &Secret,
    by: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(table::table)
        .values((
            table::id.eq(id),
            table::url.eq(&details.url),
            table::description.eq(&details.description),
            table::kinds.eq(names(details)),
            table::active.eq(details.active),
            table::secret.eq(secret.bytes()),
            table::created_by.eq(by),
            table::created_at.eq(now),
            table::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

fn names(details: &Details) -> Vec<&'static str> {
    details.kinds.iter().map(|kind| kind.name()).collect()
}

/// Changes a webhook. `because`: why the program itself pauses it; empty otherwise.
pub fn update(conn: &mut PgConnection, id: Uuid, details: &Details, because: &str, now: DateTime<Utc>) -> Result<()> {
    diesel::update(table::table.find(id))
        .set((
            table::url.eq(&details.url),
            table::description.eq(&details.description),
            table::kinds.eq(names(details)),
            table::active.eq(details.active),
            table::paused_because.eq(because),
            table::updated_at.eq(now),
            table::version.eq(table::version + 1),
        ))
        .execute(conn)?;
    Ok(())
}

/// Gives a webhook another secret; the one that it has signs as well until `until`.
pub fn rotate(
    conn: &mut PgConnection,
    id: Uuid,
    secret: &Secret,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::update(table::table.find(id))
        .set((
            table::previous_secret.eq(table::secret.nullable()),
            table::previous_until.eq(until),
            table::secret.eq(secret.bytes()),
            table::updated_at.eq(now),
            table::version.eq(table::version + 1),
        ))
        .execute(conn)?;
    Ok(())
}

/// Deletes a webhook with its deliveries.
pub fn delete(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    diesel::delete(table::table.find(id)).execute(conn)?;
    Ok(())
}

/// How a webhook does.
#[derive(Clone, Debug, Default, QueryableByName)]
pub struct Standing {
    #[diesel(sql_type = SqlUuid)]
    endpoint: Uuid,
    /// Deliveries that are under way or wait, counted up to 1,000.
    #[diesel(sql_type = BigInt)]
    pub waiting: i64,
    /// Deliveries that were given up, counted up to 1,000.
    #[diesel(sql_type = BigInt)]
    pub dead: i64,
    /// The state of the newest one.
    #[diesel(sql_type = Nullable<Text>)]
    pub last_state: Option<String>,
    /// When that was made, UTC.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_at: Option<DateTime<Utc>>,
}

/// How each of these webhooks does.
pub fn standings(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, Standing>> {
    let rows: Vec<Standing> = diesel::sql_query(
        "SELECT e.id AS endpoint, l.state AS last_state, l.created_at AS last_at,
                (SELECT count(*) FROM (SELECT FROM webhook_deliveries d WHERE d.endpoint_id = e.id
                                       AND d.state IN ('pending', 'retrying') LIMIT 1000) w) AS waiting,
                (SELECT count(*) FROM (SELECT FROM webhook_deliveries d WHERE d.endpoint_id = e.id
                                       AND d.state = 'dead' LIMIT 1000) x) AS dead
         FROM unnest($1) e(id)
         LEFT JOIN LATERAL (SELECT state, created_at FROM webhook_deliveries d WHERE d.endpoint_id = e.id
                            ORDER BY created_at DESC, id DESC LIMIT 1) l ON true",
    )
    .bind::<diesel::sql_types::Array<SqlUuid>, _>(ids)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.endpoint, row)).collect())
}

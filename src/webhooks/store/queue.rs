//! Deliveries that are due: taken by one worker at a time, and what came of them. A worker that dies keeps what it took
//! until its lease is over.

use crate::error::Result;
use crate::schema::{webhook_attempts, webhook_deliveries};
use crate::webhooks::delivery::{Event, KEPT_ATTEMPTS};
use crate::webhooks::retries::{Answer, Verdict};
use crate::webhooks::signature::Secret;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

/// How long a worker has a delivery to itself: longer than an attempt can take.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How many deliveries are on their way to one webhook at a time, over all nodes: about so many, as nobody counts them
/// under a lock.
const AT_ONCE: i64 = 3;

/// A delivery that a worker has taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The delivery.
    pub id: Uuid,
    /// Where to.
    pub endpoint: Uuid,
    /// The address.
    pub url: String,
    /// What it is signed with.
    pub secrets: Vec<Secret>,
    /// What is sent.
    pub event: Event,
    /// The how-manieth attempt of this round it will be, from 1 on.
    pub attempt: i32,
    lease: Uuid,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    endpoint_id: Uuid,
    #[diesel(sql_type = Text)]
    url: String,
    #[diesel(sql_type = Binary)]
    secret: Vec<u8>,
    #[diesel(sql_type = Nullable<Binary>)]
    previous_secret: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    previous_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = SqlUuid)]
    event_id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Timestamptz)]
    occurred_at: DateTime<Utc>,
    #[diesel(sql_type = Jsonb)]
    actor: Value,
    #[diesel(sql_type = Jsonb)]
    data: Value,
}

/// Takes the delivery that has been due the longest, if there is one. Webhooks that are slow to answer don't keep the
/// others waiting: each has only so many on their way. A test goes to a paused one, too.
pub fn take(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Option<Taken>> {
    match take_from(conn, "e.active", "true", now)? {
        Some(taken) => Ok(Some(taken)),
        // What waits for paused ones may be much, and isn't looked through.
        None => take_from(conn, "NOT e.active", "kind = 'webhook.test'", now),
    }
}

fn take_from(conn: &mut PgConnection, endpoints: &str, deliveries: &str, now: DateTime<Utc>) -> Result<Option<Taken>> {
    let lease = Uuid::now_v7();
    let row: Option<Row> = diesel::sql_query(format!(
        "WITH next AS (
             SELECT d.id FROM webhook_endpoints e
             CROSS JOIN LATERAL (
                 SELECT id, next_at FROM webhook_deliveries
                 WHERE endpoint_id = e.id AND state IN ('pending', 'retrying') AND next_at <= $1 AND {deliveries}
                 ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
             ) d
             WHERE {endpoints}
               AND (SELECT count(*) FROM webhook_deliveries w
                    WHERE w.endpoint_id = e.id AND w.lease IS NOT NULL AND w.next_at > $1) < $4
             ORDER BY d.next_at LIMIT 1
         ), taken AS (
             UPDATE webhook_deliveries d SET lease = $2, next_at = $3 FROM next WHERE d.id = next.id
             RETURNING d.id, d.endpoint_id, d.event_id, d.attempts
         )
         SELECT t.id, t.endpoint_id, t.attempts, e.url, e.secret, e.previous_secret, e.previous_until,
                o.id AS event_id, o.kind, o.occurred_at, o.actor, o.data
         FROM taken t JOIN webhook_endpoints e ON e.id = t.endpoint_id JOIN outbox_events o ON o.id = t.event_id"
    ))
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(lease)
    .bind::<Timestamptz, _>(now + LEASE)
    .bind::<BigInt, _>(AT_ONCE)
    .get_result(conn)
    .optional()?;
    Ok(row.map(|row| row.taken(lease, now)))
}

impl Row {
    fn taken(self, lease: Uuid, now: DateTime<Utc>) -> Taken {
        let previous = self.previous_secret.filter(|_| self.previous_until.is_some_and(|until| until > now));
        Taken {
            id: self.id,
            endpoint: self.endpoint_id,
            url: self.url,
            secrets: [Some(self.secret), previous].into_iter().flatten().map(Secret::stored).collect(),
            event: Event {
                id: self.event_id,
                kind: self.kind,
                occurred_at: self.occurred_at,
                actor: self.actor,
                data: self.data,
            },
            attempt: self.attempts + 1,
            lease,
        }
    }
}

/// Keeps what came of an attempt. Returns whether it counts: a worker whose lease was over has been replaced, and a
/// delivery may have gone with its webhook.
pub fn settle(
    conn: &mut PgConnection,
    taken: &Taken,
    answer: &Answer,
    verdict: Verdict,
    at: DateTime<Utc>,
) -> Result<bool> {
    use webhook_deliveries as deliveries;
    let (state, next_at, ended_at) = match verdict {
        Verdict::Delivered => ("delivered", None, Some(at)),
        Verdict::Again(next) => ("retrying", Some(next), None),
        Verdict::Dead | Verdict::Gone => ("dead", None, Some(at)),
    };
    let status = answer.status.map(i32::from);
    let mine = deliveries::table.find(taken.id).filter(deliveries::lease.eq(taken.lease));
    let changed = diesel::update(mine)
        .set((
            deliveries::state.eq(state),
            deliveries::attempts.eq(taken.attempt),
            deliveries::next_at.eq(next_at),
            deliveries::ended_at.eq(ended_at),
            deliveries::lease.eq(None::<Uuid>),
            deliveries::last_status.eq(status),
            deliveries::last_error.eq(&answer.error),
            deliveries::last_ms.eq(answer.took_ms),
        ))
        .execute(conn)?;
    if changed == 0 {
        return Ok(false);
    }
    use webhook_attempts as attempts;
    let of_this = attempts::table.filter(attempts::delivery_id.eq(taken.id));
    let last: Option<i32> = of_this.select(max(attempts::number)).get_result(conn)?;
    let number = last.unwrap_or_default() + 1;
    diesel::insert_into(attempts::table)
        .values((
            attempts::delivery_id.eq(taken.id),
            attempts::number.eq(number),
            attempts::at.eq(at),
            attempts::status.eq(status),
            attempts::error.eq(&answer.error),
            attempts::answer.eq(&answer.body),
            attempts::duration_ms.eq(answer.took_ms),
        ))
        .execute(conn)?;
    diesel::delete(of_this.filter(attempts::number.le(number - KEPT_ATTEMPTS))).execute(conn)?;
    Ok(true)
}

/// Deliveries that wait, and those that were given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub struct Left {
    /// Due now or later.
    #[diesel(sql_type = BigInt)]
    pub waiting: i64,
    /// Given up.
    #[diesel(sql_type = BigInt)]
    pub dead: i64,
}

/// How many deliveries there are to do.
pub fn left(conn: &mut PgConnection) -> Result<Left> {
    Ok(diesel::sql_query(
        "SELECT (SELECT count(*) FROM webhook_deliveries WHERE state IN ('pending', 'retrying')) AS waiting,
                (SELECT count(*) FROM webhook_deliveries WHERE state = 'dead') AS dead",
    )
    .get_result(conn)?)
}

/// Puts a delivery that has ended back to the beginning. Returns whether it had.
pub fn replay(conn: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> Result<bool> {
    use webhook_deliveries as deliveries;
    let ended = deliveries::table.find(id).filter(deliveries::state.eq_any(["delivered", "dead"]));
    Ok(diesel::update(ended)
        .set((
            deliveries::state.eq("pending"),
            deliveries::attempts.eq(0),
            deliveries::next_at.eq(now),
            deliveries::ended_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(conn)?
        > 0)
}

/// Puts all deliveries of a webhook that were given up back to the beginning. Returns how many.
pub fn replay_dead(conn: &mut PgConnection, endpoint: Uuid, now: DateTime<Utc>) -> Result<usize> {
    use webhook_deliveries as deliveries;
    let dead = deliveries::table.filter(deliveries::endpoint_id.eq(endpoint)).filter(deliveries::state.eq("dead"));
    Ok(diesel::update(dead)
        .set((
            deliveries::state.eq("pending"),
            deliveries::attempts.eq(0),
            deliveries::next_at.eq(now),
            deliveries::ended_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(conn)?)
}

//! Bulk changes, kept for a day with what they did so that they can be undone.

use super::refused;
use crate::error::{Error, Result};
use crate::members::outcome::{Kind, Outcome};
use crate::schema::membership_batches;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

/// How long a change can be undone, in hours.
const HOURS: i64 = 24;
/// How many of the refused are told by name.
const NAMED: i64 = 10_000;
/// How many of them are kept.
const KEPT: usize = 200;

#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = BigInt)]
    joined: i64,
    #[diesel(sql_type = BigInt)]
    left: i64,
    #[diesel(sql_type = BigInt)]
    pinned: i64,
    #[diesel(sql_type = BigInt)]
    joined_elsewhere: i64,
    #[diesel(sql_type = BigInt)]
    left_elsewhere: i64,
    #[diesel(sql_type = BigInt)]
    unpinned_elsewhere: i64,
    #[diesel(sql_type = BigInt)]
    put_back: i64,
    #[diesel(sql_type = BigInt)]
    primary: i64,
    #[diesel(sql_type = BigInt)]
    unchanged: i64,
    #[diesel(sql_type = BigInt)]
    refused: i64,
}

/// What the plan does, seen from one group.
pub fn outcome(conn: &mut PgConnection, kind: Kind, group: Uuid) -> Result<Outcome> {
    let done: Done = diesel::sql_query(
        r#"SELECT count(*) FILTER (WHERE here AND act = 'j') AS joined,
                  count(*) FILTER (WHERE here AND act = 'l') AS "left",
                  count(*) FILTER (WHERE here AND act = 'm' AND by_hand AND NOT was_by_hand AND NOT $2) AS pinned,
                  count(*) FILTER (WHERE NOT here AND act = 'j') AS joined_elsewhere,
                  count(*) FILTER (WHERE NOT here AND act = 'l') AS left_elsewhere,
                  count(*) FILTER (WHERE NOT here AND act = 'm' AND was_by_hand AND NOT by_hand AND NOT $2)
                      AS unpinned_elsewhere,
                  count(*) FILTER (WHERE act = 'm' AND $2) AS put_back,
                  count(*) FILTER (WHERE here AND as_primary AND NOT was_primary) AS "primary",
                  count(*) FILTER (WHERE here AND act = '-' AND (was_primary OR NOT as_primary)) AS unchanged,
                  (SELECT count(*) FROM membership_plan WHERE cause <> 0) AS refused
           FROM (SELECT *, group_id = $1 AS here FROM membership_plan WHERE cause IS NULL) p"#,
    )
    .bind::<SqlUuid, _>(group)
    .bind::<Bool, _>(kind == Kind::Undone)
    .get_result(conn)?;
    let (causes, named) = if done.refused > 0 {
        (refused::refused_by_cause(conn)?, refused::refused(conn, NAMED)?)
    } else {
        Default::default()
    };
    Ok(Outcome {
        joined: done.joined,
        left: done.left,
        pinned: done.pinned,
        joined_elsewhere: done.joined_elsewhere,
        left_elsewhere: done.left_elsewhere,
        unpinned_elsewhere: done.unpinned_elsewhere,
        put_back: done.put_back,
        primary: done.primary,
        unchanged: done.unchanged,
        refused: done.refused,
        causes,
        named,
    })
}

/// A bulk change.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Id; the history's events carry it.
    pub id: Uuid,
    /// When, UTC.
    pub at: DateTime<Utc>,
    /// The group that it is about.
    pub group_id: Uuid,
    /// Added, removed or undone.
    pub kind: Kind,
    /// What it did.
    pub outcome: Outcome,
    /// Since when it is undone.
    pub undone_at: Option<DateTime<Utc>>,
}

impl Batch {
    /// Whether it can be undone now.
    pub fn can_be_undone(&self, now: DateTime<Utc>) -> bool {
        self.undone_at.is_none() && self.outcome.did_something() && now - self.at < TimeDelta::hours(HOURS)
    }
}

/// Keeps a change, and forgets those that are too old to be undone.
pub fn keep(conn: &mut PgConnection, batch: &Batch) -> Result<()> {
    diesel::sql_query(
        "WITH old AS (DELETE FROM membership_batches WHERE at < $1 RETURNING id)
         DELETE FROM membership_batch_steps WHERE batch_id IN (SELECT id FROM old)",
    )
    .bind::<Timestamptz, _>(batch.at - TimeDelta::hours(HOURS))
    .execute(conn)?;
    let mut outcome = batch.outcome.clone();
    outcome.named.truncate(KEPT);
    diesel::insert_into(membership_batches::table)
        .values((
            membership_batches::id.eq(batch.id),
            membership_batches::at.eq(batch.at),
            membership_batches::group_id.eq(batch.group_id),
            membership_batches::kind.eq(batch.kind.name()),
            membership_batches::outcome.eq(serde_json::to_value(&outcome).map_err(Error::internal)?),
        ))
        .execute(conn)?;
    Ok(())
}

/// How a change that nobody knows any more is told.
pub fn gone() -> Error {
    Error::NotFound("This change isn't kept any more: changes of members are kept for a day.".into())
}

type Row = (DateTime<Utc>, String, Value, Option<DateTime<Utc>>);

/// A change of a group's members.
pub fn find(conn: &mut PgConnection, group: Uuid, id: Uuid) -> Result<Batch> {
    let row: Option<Row> = membership_batches::table
        .find(id)
        .filter(membership_batches::group_id.eq(group))
        .select((
            membership_batches::at,
            membership_batches::kind,
            membership_batches::outcome,
            membership_batches::undone_at,
        ))
        .first(conn)
        .optional()?;
    let (at, kind, outcome, undone_at) = row.ok_or_else(gone)?;
    let kind = Kind::from_name(&kind).ok_or_else(gone)?;
    let outcome = serde_json::from_value(outcome).map_err(Error::internal)?;
    Ok(Batch { id, at, group_id: group, kind, outcome, undone_at })
}

//! Writing a plan: memberships, exclusions, primary groups, history, and the steps to undo.

use super::plan::{Counts, UNKNOWN_TO_THE_PLANNER};
use crate::audit::event::actor_columns;
use crate::auth::role::Actor;
use crate::db::kept::{Bind, planned};
use crate::error::Result;
use crate::groups::store::standing::elected;
use crate::outbox::kind::Kind;
use crate::outbox::store::{self as outbox, By, GROUP_IN_SHORT};
use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use diesel::pg::PgConnection;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

/// What the rows of one change share.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Now, UTC.
    pub now: DateTime<Utc>,
    /// The bulk change, rule run or import that the history's events belong to.
    pub batch: Uuid,
    /// As in the audit log: `user`, `token`, `rule_run` …
    pub actor_kind: &'a str,
    /// Who, or which run.
    pub actor_id: Option<Uuid>,
    /// Its name, kept for good.
    pub actor_name: &'a str,
    /// Why; may be empty.
    pub reason: &'a str,
    /// Whether the steps are kept so that they can be undone.
    pub undoable: bool,
}

impl<'a> Change<'a> {
    /// A change by a person or token.
    pub fn by(actor: &'a Actor, batch: Uuid, reason: &'a str, now: DateTime<Utc>) -> Self {
        let (actor_kind, actor_id, actor_name) = actor_columns(actor);
        Self { now, batch, actor_kind, actor_id, actor_name, reason, undoable: false }
    }

    /// One that can be undone.
    pub fn undoable(self) -> Self {
        Self { undoable: true, ..self }
    }
}

/// Writes the plan, of which [`super::plan::make`] told `counts`.
pub fn write(conn: &mut PgConnection, change: &Change<'_>, counts: &Counts) -> Result<()> {
    let few = counts.all() <= UNKNOWN_TO_THE_PLANNER as i64;
    if counts.leaves > 0 {
        leave(conn, change, few)?;
    }
    if counts.marked > 0 {
        mark(conn, change, few)?;
    }
    if counts.chosen > 0 {
        make_room_for_primaries(conn, change, few)?;
    }
    if counts.joins > 0 {
        join(conn, change, few)?;
    }
    if counts.chosen > 0 {
        choose_primaries(conn, change, few)?;
    }
    if counts.leaves > 0 {
        elect(conn, change, few)?;
    }
    if counts.excluded > 0 {
        exclude(conn, change, few)?;
    }
    if counts.joins + counts.leaves > 0 {
        tell(conn, change, few)?;
    }
    Ok(())
}

/// What a step leaves of a membership: nothing, or what `RETURNING` gives.
const NOTHING: &str = "NULL, false, false, false";

/// A statement on `memberships m`, whose steps are kept where the change can be undone: `was` and `is` are since, by
/// hand, by rule and primary of the row as the statement returns it.
pub(super) fn stepping(change: &Change<'_>, statement: &str, was: &str, is: &str) -> String {
    stepping_as(change, statement, "m.*", was, is)
}

/// The same of a statement that returns more than the membership.
fn stepping_as(change: &Change<'_>, statement: &str, returned: &str, was: &str, is: &str) -> String {
    if !change.undoable {
        return statement.to_owned();
    }
    format!(
        "WITH r AS ({statement} RETURNING {returned})
         INSERT INTO membership_batch_steps (batch_id, group_id, customer_id, was_since, was_by_hand, was_by_rule,
                                             was_primary, is_since, is_by_hand, is_by_rule, is_primary)
         SELECT '{}'::uuid, r.group_id, r.customer_id, {was}, {is} FROM r",
        change.batch
    )
}

const AS_RETURNED: &str = "r.since, r.by_hand, r.by_rule, r.is_primary";
const WAS_OTHERWISE_PRIMARY: &str = "r.since, r.by_hand, r.by_rule, NOT r.is_primary";

fn leave(conn: &mut PgConnection, change: &Change<'_>, few: bool) -> Result<()> {
    let delete = "DELETE FROM memberships m USING membership_plan p
                  WHERE p.act = 'l' AND p.cause IS NULL AND m.group_id = p.group_id AND m.customer_id = p.customer_id";
    planned(few && !change.undoable, stepping(change, delete, AS_RETURNED, NOTHING)).execute(conn)?;
    Ok(())
}

fn mark(conn: &mut PgConnection, change: &Change<'_>, few: bool) -> Result<()> {
    let update = "UPDATE memberships m SET by_hand = p.by_hand, by_rule = p.by_rule FROM membership_plan p
                  WHERE p.act = 'm' AND p.cause IS NULL AND m.group_id = p.group_id AND m.customer_id = p.customer_id";
    // What is returned of the membership has the new marks only; the plan has the old ones.
    let was = "r.since, r.was_by_hand, r.was_by_rule, r.is_primary";
    planned(
        few && !change.undoable,
        stepping_as(change, update, "m.*, p.was_by_hand, p.was_by_rule", was, AS_RETURNED),
    )
    .execute(conn)?;
    Ok(())
}

/// A customer never has two primary groups, not even within a transaction: the old mark goes before the new one comes.
fn make_room_for_primaries(conn: &mut PgConnection, change: &Change<'_>, few: bool) -> Result<()> {
    let update = "UPDATE memberships m SET is_primary = false FROM membership_plan p
                  WHERE p.as_primary AND p.cause IS NULL AND m.customer_id = p.customer_id
                    AND m.group_id <> p.group_id AND m.is_primary";
    planned(few && !change.undoable, stepping(change, update, WAS_OTHERWISE_PRIMARY, AS_RETURNED)).execute(conn)?;
    Ok(())
}

/// Who was in no group gets the primary one right away: the one joined first, of several at once the first by bundle,
/// then by name.
fn join(conn: &mut PgConnection, change: &Change<'_>, few: bool) -> Result<()> {
    let insert = "INSERT INTO memberships AS m (group_id, customer_id, since, by_hand, by_rule, is_primary)
                  SELECT p.group_id, p.customer_id, coalesce(p.since, $1), p.by_hand, p.by_rule,
                         p.as_primary OR (NOT p.has_primary AND row_number() OVER (
                             PARTITION BY p.customer_id
                             ORDER BY p.as_primary DESC, coalesce(p.since, $1), p.bundle, g.name) = 1)
                  FROM membership_plan p JOIN groups g ON g.id = p.group_id
                  WHERE p.act = 'j' AND p.cause IS NULL";
    planned(few && !change.undoable, stepping(change, insert, NOTHING, AS_RETURNED))
        .bind::<Timestamptz, _>(change.now)
        .execute(conn)?;
    Ok(())
}

fn choose_primaries(conn: &mut PgConnection, change: &Change<'_>, few: bool) -> Result<()> {
    let update = "UPDATE memberships m SET is_primary = true FROM membership_plan p
                  WHERE p.as_primary AND p.act IN ('m', '-') AND p.cause IS NULL
                    AND m.customer_id = p.customer_id AND m.group_id = p.group_id AND NOT m.is_primary";
    planned(few && !change.undoable, stepping(change, update, WAS_OTHERWISE_PRIMARY, AS_RETURNED)).execute(conn)?;
    Ok(())
}

fn elect(conn: &mut PgConnection, change: &Change<'_>, few: bool) -> Result<()> {
    let losers = "SELECT customer_id, group_id FROM membership_plan WHERE act = 'l' AND was_primary AND cause IS NULL";
    let update = format!(
        "UPDATE memberships m SET is_primary = true FROM ({}) e
         WHERE m.customer_id = e.customer_id AND m.group_id = e.group_id",
        elected(losers)
    );
    planned(few && !change.undoable, stepping(change, &update, WAS_OTHERWISE_PRIMARY, AS_RETURNED)).execute(conn)?;
    Ok(())
}

fn exclude(conn: &mut PgConnection, change: &Change<'_>, few: bool) -> Result<()> {
    planned(
        few,
        "INSERT INTO membership_exclusions (group_id, customer_id, since, reason, batch_id)
         SELECT group_id, customer_id, $1, $2, $3 FROM membership_plan WHERE exclude AND cause IS NULL
         ON CONFLICT (group_id, customer_id) DO NOTHING",
    )
    .bind::<Timestamptz, _>(change.now)
    .bind::<Text, _>(change.reason)
    .bind::<Nullable<SqlUuid>, _>(change.undoable.then_some(change.batch))
    .execute(conn)?;
    Ok(())
}

/// The history: of who joins, how the membership is now; of who leaves, how it was.
pub(super) fn tell(conn: &mut PgConnection, change: &Change<'_>, few: bool) -> Result<()> {
    planned(
        few,
        "INSERT INTO membership_events (id, at, group_id, customer_id, kind, assignment, actor_kind, actor_id, actor_name,
                                        reason, batch_id)
         SELECT uuid_v7(), $1, e.group_id, e.customer_id, CASE WHEN e.joins THEN 'joined' ELSE 'left' END,
                CASE WHEN e.hand AND e.rule THEN 'rule_manual' WHEN e.rule THEN 'rule' ELSE 'manual' END,
                $2, $3, $4, $5, $6
         FROM (SELECT bundle, group_id, customer_id, act = 'j' AS joins,
                      CASE WHEN act = 'j' THEN by_hand ELSE was_by_hand END AS hand,
                      CASE WHEN act = 'j' THEN by_rule ELSE was_by_rule END AS rule
               FROM membership_plan WHERE act IN ('j', 'l') AND cause IS NULL) e
         ORDER BY e.bundle, e.joins",
    )
    .bind::<Timestamptz, _>(change.now)
    .bind::<Text, _>(change.actor_kind)
    .bind::<Nullable<SqlUuid>, _>(change.actor_id)
    .bind::<Text, _>(change.actor_name)
    .bind::<Text, _>(change.reason)
    .bind::<SqlUuid, _>(change.batch)
    .execute(conn)?;
    tell_webhooks(conn, change)
}

/// How many customers an event names; all of them are found by the event's id.
const NAMED: i64 = 100;

/// One event for each group and direction, however many join or leave.
fn tell_webhooks(conn: &mut PgConnection, change: &Change<'_>) -> Result<()> {
    let (added, removed) = (Kind::MembersAdded, Kind::MembersRemoved);
    if !outbox::wanted(conn)?.iter().any(|kind| [added, removed].contains(kind)) {
        return Ok(());
    }
    let by = By { now: change.now, kind: change.actor_kind, id: change.actor_id, name: change.actor_name };
    let select = format!(
        "SELECT s.kind, s.group_id, $3 AS batch_id,
                jsonb_build_object('group', {GROUP_IN_SHORT}, 'change', $3, 'reason', $4, 'count', s.count,
                                   'customers', s.customers) AS data
         FROM (
             SELECT CASE WHEN n.joins THEN '{}' ELSE '{}' END AS kind, n.group_id, max(n.count) AS count,
                    jsonb_agg(jsonb_build_object('id', n.customer_id, 'code', (
                        SELECT code FROM customers WHERE id = n.customer_id)) ORDER BY n.place) AS customers
             FROM (
                 SELECT p.group_id, p.customer_id, p.act = 'j' AS joins,
                        count(*) OVER (PARTITION BY p.group_id, p.act) AS count,
                        row_number() OVER (PARTITION BY p.group_id, p.act) AS place
                 FROM membership_plan p WHERE p.act IN ('j', 'l') AND p.cause IS NULL
             ) n
             WHERE n.place <= {NAMED}
             GROUP BY n.group_id, n.joins
         ) s
         JOIN groups g ON g.id = s.group_id
         JOIN (SELECT DISTINCT unnest(kinds) AS kind FROM webhook_endpoints WHERE active) w ON w.kind = s.kind
         ORDER BY s.kind DESC, g.name",
        added.name(),
        removed.name(),
    );
    outbox::tell_of_members(conn, &by, change.batch, change.reason, &select)
}

//! The records of runs.

use crate::audit::event::actor_columns;
use crate::auth::role::Actor;
use crate::db::keyset::{Page, Place, one_more};
use crate::error::{Error, Result};
use crate::metrics;
use crate::rules::run::{Outcome, Tally, Trigger};
use crate::schema::{customers, membership_events, rule_run_leaves, rule_runs};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// A run as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = rule_runs)]
pub struct Run {
    /// Time-ordered id.
    pub id: Uuid,
    /// Whose rule.
    pub group_id: Uuid,
    /// UTC.
    pub started_at: DateTime<Utc>,
    cause: String,
    /// Who, where somebody did.
    pub actor_name: String,
    actor_kind: String,
    /// Whether all customers were looked at, or those whose data changed.
    pub is_full: bool,
    matched: i64,
    joined: i64,
    left: i64,
    refused_capacity: i64,
    refused_status: i64,
    excluded: i64,
    /// Milliseconds.
    pub duration_ms: i64,
    outcome: String,
    /// Why it failed.
    pub failure: Option<String>,
    /// Who approved or discarded it.
    pub decided_by: Option<String>,
    /// When, UTC.
    pub decided_at: Option<DateTime<Utc>>,
}

impl Run {
    /// Why it ran.
    pub fn trigger(&self) -> Trigger {
        Trigger::from_name(&self.cause).unwrap_or(Trigger::Schedule)
    }

    /// What became of it.
    pub fn outcome(&self) -> Outcome {
        Outcome::from_name(&self.outcome).unwrap_or(Outcome::Failed)
    }

    /// What it found and did.
    pub fn tally(&self) -> Tally {
        Tally {
            matched: self.matched,
            joined: self.joined,
            left: self.left,
            refused_capacity: self.refused_capacity,
            refused_status: self.refused_status,
            excluded: self.excluded,
        }
    }

    /// Whether the program did it by itself.
    pub fn is_by_itself(&self) -> bool {
        self.actor_kind == "rule_run"
    }
}

/// A run about to be recorded.
#[derive(Clone, Debug)]
pub struct NewRun<'a> {
    /// Its id: the batch of its joins and leaves.
    pub id: Uuid,
    /// Whose rule.
    pub group_id: Uuid,
    /// UTC.
    pub started_at: DateTime<Utc>,
    /// Why.
    pub trigger: Trigger,
    /// Who.
    pub actor: &'a Actor,
    /// Whether all customers were looked at.
    pub is_full: bool,
    /// What it found and did.
    pub tally: Tally,
    /// Milliseconds.
    pub duration_ms: i64,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it failed.
    pub failure: Option<String>,
}

/// Records runs of one moment.
pub fn record(conn: &mut PgConnection, runs: &[NewRun<'_>]) -> Result<()> {
    runs.iter().for_each(|run| metrics::rule_run(run.outcome.name()));
    let row = |run: &NewRun<'_>| {
        let (actor_kind, actor_id, actor_name) = actor_columns(run.actor);
        let Tally { matched, joined, left, refused_capacity, refused_status, excluded } = run.tally;
        (
            rule_runs::id.eq(run.id),
            rule_runs::group_id.eq(run.group_id),
            rule_runs::started_at.eq(run.started_at),
            rule_runs::cause.eq(run.trigger.name()),
            rule_runs::actor_kind.eq(actor_kind),
            rule_runs::actor_id.eq(actor_id),
            rule_runs::actor_name.eq(actor_name.to_owned()),
            rule_runs::is_full.eq(run.is_full),
            rule_runs::matched.eq(matched),
            rule_runs::joined.eq(joined),
            rule_runs::left.eq(left),
            rule_runs::refused_capacity.eq(refused_capacity),
            rule_runs::refused_status.eq(refused_status),
            rule_runs::excluded.eq(excluded),
            rule_runs::duration_ms.eq(run.duration_ms),
            rule_runs::outcome.eq(run.outcome.name()),
            rule_runs::failure.eq(run.failure.clone()),
        )
    };
    diesel::insert_into(rule_runs::table).values(runs.iter().map(row).collect::<Vec<_>>()).execute(conn)?;
    Ok(())
}

/// A run of a group.
pub fn find(conn: &mut PgConnection, group: Uuid, id: Uuid) -> Result<Run> {
    rule_runs::table
        .find(id)
        .filter(rule_runs::group_id.eq(group))
        .select(Run::as_select())
        .first(conn)
        .optional()?
        .ok_or_else(|| Error::NotFound("There is no such run of this group's rule.".into()))
}

/// The run of a group that waits for approval.
pub fn held(conn: &mut PgConnection, group: Uuid) -> Result<Option<Run>> {
    Ok(rule_runs::table
        .filter(rule_runs::group_id.eq(group))
        .filter(rule_runs::outcome.eq(Outcome::Held.name()))
        .select(Run::as_select())
        .first(conn)
        .optional()?)
}

/// Decides what waits for approval, where something does; its list goes.
pub fn settle(
    conn: &mut PgConnection,
    group: Uuid,
    outcome: Outcome,
    by: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(run) = held(conn, group)? else { return Ok(()) };
    diesel::update(rule_runs::table.find(run.id))
        .set((rule_runs::outcome.eq(outcome.name()), rule_runs::decided_by.eq(by), rule_runs::decided_at.eq(now)))
        .execute(conn)?;
    // Of a discarded run, its list is all that is left to look at.
    if outcome != Outcome::Discarded {
        diesel::delete(rule_run_leaves::table.filter(rule_run_leaves::run_id.eq(run.id))).execute(conn)?;
    }
    Ok(())
}

/// What runs are sorted by: when they started, then id; the newest first.
pub type RunKey = (DateTime<Utc>, Uuid);

/// A page of a group's runs, the newest first.
pub fn page(conn: &mut PgConnection, group: Uuid, place: &Place<RunKey>, limit: usize) -> Result<Page<Run>> {
    let mut query = rule_runs::table.filter(rule_runs::group_id.eq(group)).select(Run::as_select()).into_boxed();
    // The bound on the time alone is what an index can begin at; the rest sorts out runs of the same instant.
    query = match place.key().copied() {
        None => query,
        Some((at, id)) if place.is_backwards() => {
            query.filter(rule_runs::started_at.ge(at)).filter(rule_runs::started_at.gt(at).or(rule_runs::id.gt(id)))
        }
        Some((at, id)) => {
            query.filter(rule_runs::started_at.le(at)).filter(rule_runs::started_at.lt(at).or(rule_runs::id.lt(id)))
        }
    };
    query = if place.is_backwards() {
        query.order((rule_runs::started_at.asc(), rule_runs::id.asc()))
    } else {
        query.order((rule_runs::started_at.desc(), rule_runs::id.desc()))
    };
    Ok(Page::of(query.limit(one_more(limit)).load(conn)?, place, limit))
}

/// Who joined or left by a run.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Moved {
    /// The event's id, by which they are sorted.
    pub event: Uuid,
    /// Customer.
    pub customer: Uuid,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    kind: String,
}

impl Moved {
    /// Whether the customer joined; otherwise it left.
    pub fn joined(&self) -> bool {
        self.kind == "joined"
    }
}

/// A page of who joined and left by a run: the events of its moment in its group, before the event `before`.
pub fn moved(conn: &mut PgConnection, run: &Run, before: Option<Uuid>, limit: usize) -> Result<Vec<Moved>> {
    let mut query = membership_events::table
        .inner_join(customers::table.on(customers::id.eq(membership_events::customer_id)))
        .filter(membership_events::group_id.eq(run.group_id))
        .filter(membership_events::at.eq(run.started_at))
        .filter(membership_events::actor_kind.eq("rule_run"))
        .select((membership_events::id, customers::id, customers::code, customers::name, membership_events::kind))
        .order(membership_events::id.desc())
        .limit(one_more(limit))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(membership_events::id.lt(before));
    }
    Ok(query.load(conn)?)
}

/// A customer by id, code and name.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Somebody {
    /// Id.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// The name in small letters, by which lists are sorted.
    pub folded: String,
}

/// Who would leave by a held run, by name, from after this customer on.
pub fn leaving(
    conn: &mut PgConnection,
    run: Uuid,
    after: Option<(String, Uuid)>,
    limit: usize,
) -> Result<Vec<Somebody>> {
    use crate::db::functions::lower;
    let mut query = rule_run_leaves::table
        .inner_join(customers::table.on(customers::id.eq(rule_run_leaves::customer_id)))
        .filter(rule_run_leaves::run_id.eq(run))
        .select((customers::id, customers::code, customers::name, lower(customers::name)))
        .order((lower(customers::name), customers::id))
        .limit(one_more(limit))
        .into_boxed();
    if let Some((name, id)) = after {
        query = query.filter(
            lower(customers::name).gt(name.clone()).or(lower(customers::name).eq(name).and(customers::id.gt(id))),
        );
    }
    Ok(query.load(conn)?)
}

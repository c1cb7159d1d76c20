//! One run of one rule, within the transaction of whoever wants it.

use crate::audit::event::{Action, NewEvent};
use crate::audit::store::record_all;
use crate::auth::role::{Actor, Permission};
use crate::clock::store_day;
use crate::error::{Error, Result};
use crate::groups::group::GroupType;
use crate::groups::store::Group;
use crate::members::refusal::Cause;
use crate::members::store::write::{Change, write};
use crate::members::store::{plan, refused};
use crate::rules::rule::Rule;
use crate::rules::run::{Outcome, Tally, Trigger, is_held};
use crate::rules::store::compile::{People, compile};
use crate::rules::store::runs::{self, NewRun, Run};
use crate::rules::store::{difference, rules, schedule};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::json;
use std::time::Instant;
use uuid::Uuid;

/// What a run is asked for.
#[derive(Clone, Debug)]
pub(super) struct Job<'a> {
    pub(super) trigger: Trigger,
    pub(super) actor: &'a Actor,
    pub(super) people: People,
    pub(super) store: StoreSettings,
    pub(super) now: DateTime<Utc>,
}

/// Runs the stored rule of a group over all customers.
///
/// # Errors
/// [`Error::Conflict`] where the group has no rule or is manual.
pub fn run_now(conn: &mut PgConnection, actor: &Actor, group: Uuid, now: DateTime<Utc>) -> Result<Run> {
    actor.require(Permission::EditGroups)?;
    let schedule = schedule::lock(conn, group)?;
    plan::begin(conn)?;
    let group = rules::lock_group(conn, group)?;
    let store = store_settings::load(conn)?;
    let rule = runnable(conn, &group, &store)?;
    let job = Job { trigger: Trigger::ByHand, actor, people: People::All, store, now };
    let run = run(conn, &group, &rule, &job)?;
    let next = schedule.next_run_at.filter(|at| *at > now).or_else(|| schedule.every().next(now, job.store.time_zone));
    schedule::save(conn, group.id, schedule.every(), next, Some(now), 0)?;
    Ok(run)
}

/// The rule of a group that may run.
pub(super) fn runnable(conn: &mut PgConnection, group: &Group, store: &StoreSettings) -> Result<Rule> {
    if group.kind() == GroupType::Manual {
        return Err(Error::Conflict(format!(
            "{} is a manual group: its members are chosen by hand. Make it automatic or hybrid first.",
            group.name
        )));
    }
    rules::stored(conn, group, store.currency)
}

/// Makes the members fit the rule, or holds the run where nobody looks on and too many would leave. The caller holds
/// the store's totals and the group.
pub(super) fn run(conn: &mut PgConnection, group: &Group, rule: &Rule, job: &Job<'_>) -> Result<Run> {
    let begun = Instant::now();
    let id = Uuid::now_v7();
    let compiled = compile(rule, job.store.currency, store_day(job.now, job.store.time_zone), &job.people);
    let mut tally = difference::find(conn, &compiled, group)?;
    let holds =
        !job.trigger.is_attended() && is_held(i64::from(group.member_count), tally.left, job.store.rule_guard_percent);
    if holds {
        runs::settle(conn, group.id, Outcome::Superseded, None, job.now)?;
        let kept = keep_one(conn, group, job, id, tally, Outcome::Held, begun)?;
        difference::keep_leaves(conn, id)?;
        return Ok(kept);
    }
    if difference::wish(conn, group)? > 0 {
        let counts = plan::make(conn)?;
        tally.refused_capacity = refused_for(conn, Cause::Full)?;
        (tally.joined, tally.left) = (counts.joins, counts.leaves);
        write(conn, &change(job, id, &reason(job)), &counts)?;
    }
    // Whatever waited for approval is outdated by a run over everybody.
    if job.people == People::All {
        let decided = if job.trigger == Trigger::Approval { Outcome::Approved } else { Outcome::Superseded };
        let by = (job.trigger == Trigger::Approval).then_some(job.actor.name.as_str());
        runs::settle(conn, group.id, decided, by, job.now)?;
    }
    keep_one(conn, group, job, id, tally, Outcome::Done, begun)
}

fn refused_for(conn: &mut PgConnection, cause: Cause) -> Result<i64> {
    let refused = refused::refused_by_cause(conn)?;
    Ok(refused.iter().filter(|(refusal, _)| refusal.cause == cause).map(|(_, customers)| customers).sum())
}

/// Joins and leaves are the run's, which says who asked for it.
pub(super) fn change<'a>(job: &Job<'_>, run: Uuid, reason: &'a str) -> Change<'a> {
    Change {
        now: job.now,
        batch: run,
        actor_kind: "rule_run",
        actor_id: Some(run),
        actor_name: "Rule run",
        reason,
        undoable: false,
    }
}

pub(super) fn reason(job: &Job<'_>) -> String {
    let why = match job.trigger {
        Trigger::Save => "rule saved",
        Trigger::ByHand => "run now",
        Trigger::Schedule => return "on schedule".into(),
        // Noted by the database, whoever did it.
        Trigger::Change if job.actor.name.is_empty() => return "the customer's groups or organization changed".into(),
        Trigger::Change => "customer changed",
        Trigger::Import => "import",
        Trigger::Approval => "held run approved",
    };
    format!("{why} by {}", job.actor.name)
}

/// What became of a group's run, to be kept.
pub(super) struct Ended<'a> {
    pub(super) group: &'a Group,
    /// The batch of its joins and leaves.
    pub(super) id: Uuid,
    pub(super) tally: Tally,
    pub(super) outcome: Outcome,
}

/// Records runs that began at the same moment, and in the audit log those that changed or held something.
pub(super) fn keep(conn: &mut PgConnection, job: &Job<'_>, ended: &[Ended<'_>], begun: Instant) -> Result<()> {
    let duration_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
    let run = |one: &Ended<'_>| NewRun {
        id: one.id,
        group_id: one.group.id,
        started_at: job.now,
        trigger: job.trigger,
        actor: job.actor,
        is_full: job.people == People::All,
        tally: one.tally,
        duration_ms,
        outcome: one.outcome,
        failure: None,
    };
    runs::record(conn, &ended.iter().map(run).collect::<Vec<_>>())?;
    let told = ended.iter().filter(|one| one.tally.joined + one.tally.left > 0 || one.outcome == Outcome::Held);
    let event = |one: &Ended<'_>| {
        let action = if one.outcome == Outcome::Held { Action::RuleHeld } else { Action::RuleRun };
        let after = json!({
            "started by": reason(job), "matched": one.tally.matched, "joined": one.tally.joined, "left": one.tally.left,
            "refused": one.tally.refused(),
        });
        NewEvent::group(action, one.group.id, &one.group.name, None, Some(after))
    };
    record_all(conn, job.actor, job.now, &told.map(event).collect::<Vec<_>>())
}

fn keep_one(
    conn: &mut PgConnection,
    group: &Group,
    job: &Job<'_>,
    id: Uuid,
    tally: Tally,
    outcome: Outcome,
    begun: Instant,
) -> Result<Run> {
    keep(conn, job, &[Ended { group, id, tally, outcome }], begun)?;
    runs::find(conn, group.id, id)
}

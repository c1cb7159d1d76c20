//! Runs that are due: each in a transaction of its own, claimed so that no other node runs it, too.

use super::running::{Job, run, runnable};
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use crate::groups::group::GroupType;
use crate::groups::store as groups;
use crate::members::store::plan;
use crate::rules::run::{Every, Outcome, Tally, Trigger, try_again};
use crate::rules::store::compile::People;
use crate::rules::store::rules;
use crate::rules::store::runs::{self, NewRun};
use crate::rules::store::schedule::{self, Schedule};
use crate::store_settings::store as store_settings;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::{Connection, PgConnection};
use uuid::Uuid;

/// What became of a rule that was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueRun {
    /// It ran.
    Ran(Outcome),
    /// There was nothing to run: the group is manual, deleted or has no rule. It is due again later.
    Skipped,
}

/// Runs the rule that has been due the longest; `None` where none is, or other nodes are at them all. A run that fails
/// is recorded, and tried again later.
///
/// # Errors
/// Where not even the failure can be recorded.
pub fn run_due(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Option<DueRun>> {
    let mut claimed = None;
    let ran = conn.transaction(|conn| {
        let Some(schedule) = schedule::claim(conn, now)? else { return Ok(None) };
        claimed = Some(schedule.clone());
        due(conn, &schedule, now).map(Some)
    });
    match (ran, claimed) {
        (Err(error), Some(schedule)) => {
            tracing::error!(group = %schedule.group_id, %error, "a rule's run failed");
            conn.transaction(|conn| failed(conn, schedule.group_id, &error, now))?;
            Ok(Some(DueRun::Ran(Outcome::Failed)))
        }
        (ran, _) => ran,
    }
}

/// Before the store's clock is set to another zone: the rules that run at its midnight run next at the new one. Schedules
/// are locked first, so the caller has locked nothing yet.
///
/// # Errors
/// For who may not change the store's settings.
pub fn expect_zone(conn: &mut PgConnection, actor: &Actor, zone: Tz, now: DateTime<Utc>) -> Result<()> {
    actor.require(Permission::ManageStore)?;
    if store_settings::load(conn)?.time_zone == zone {
        return Ok(());
    }
    for every in Every::ALL {
        schedule::move_next(conn, every, every.next(now, zone), now)?;
    }
    Ok(())
}

fn due(conn: &mut PgConnection, schedule: &Schedule, now: DateTime<Utc>) -> Result<DueRun> {
    let store = store_settings::load(conn)?;
    let next = schedule.every().next(now, store.time_zone);
    let runs =
        |group: &groups::Group| group.deleted_at.is_none() && group.kind() != GroupType::Manual && group.rule.is_some();
    if !groups::any(conn, schedule.group_id)?.is_some_and(|group| runs(&group)) {
        schedule::save(conn, schedule.group_id, schedule.every(), next, schedule.evaluated_at, 0)?;
        return Ok(DueRun::Skipped);
    }
    plan::begin(conn)?;
    let group = rules::lock_group(conn, schedule.group_id)?;
    let rule = runnable(conn, &group, &store)?;
    let actor = Actor::rule_run();
    let job = Job { trigger: Trigger::Schedule, actor: &actor, people: People::All, store, now };
    let run = run(conn, &group, &rule, &job)?;
    let evaluated = if run.outcome() == Outcome::Done { Some(now) } else { schedule.evaluated_at };
    schedule::save(conn, group.id, schedule.every(), next, evaluated, 0)?;
    Ok(DueRun::Ran(run.outcome()))
}

/// Records a failure. A fault of the machine is in the log; people are told what they can do something about.
fn failed(conn: &mut PgConnection, group: Uuid, error: &Error, now: DateTime<Utc>) -> Result<()> {
    let schedule = schedule::lock(conn, group)?;
    let failures = schedule.failures.saturating_add(1);
    let failure = match error {
        Error::Internal(_) => "A fault of the program or the machine; it is in the log.".to_owned(),
        told => told.to_string(),
    };
    let run = NewRun {
        id: Uuid::now_v7(),
        group_id: group,
        started_at: now,
        trigger: Trigger::Schedule,
        actor: &Actor::rule_run(),
        is_full: true,
        tally: Tally::default(),
        duration_ms: 0,
        outcome: Outcome::Failed,
        failure: Some(failure),
    };
    runs::record(conn, &[run])?;
    schedule::save(conn, group, schedule.every(), Some(try_again(failures, now)), schedule.evaluated_at, failures)
}

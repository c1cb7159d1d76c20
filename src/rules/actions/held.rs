//! Deciding on a run that was held because too many would leave.

use super::running::{Job, run, runnable};
use crate::audit::event::{Action, NewEvent};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::clock::store_day;
use crate::error::{Error, Result};
use crate::groups::store::Group;
use crate::members::store::plan;
use crate::rules::run::{Outcome, Trigger};
use crate::rules::store::compile::{People, compile};
use crate::rules::store::runs::{self, Run};
use crate::rules::store::{difference, rules, schedule};
use crate::store_settings::store as store_settings;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use uuid::Uuid;

/// What came of approving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Approval {
    /// It ran.
    Ran(Run),
    /// Meanwhile others would leave, too: a new list waits for approval.
    ListChanged(Run),
}

/// Approves a held run: the rule runs now, as long as nobody leaves who isn't on the list.
pub fn approve(
    conn: &mut PgConnection,
    actor: &Actor,
    group: Uuid,
    held: Uuid,
    now: DateTime<Utc>,
) -> Result<Approval> {
    actor.require(Permission::EditGroups)?;
    let schedule = schedule::lock(conn, group)?;
    plan::begin(conn)?;
    let group = rules::lock_group(conn, group)?;
    refuse_unless_held(conn, &group, held)?;
    let store = store_settings::load(conn)?;
    let rule = runnable(conn, &group, &store)?;
    let compiled = compile(&rule, store.currency, store_day(now, store.time_zone), &People::All);
    difference::find(conn, &compiled, &group)?;
    if difference::leaves_beyond(conn, held)? > 0 {
        let unattended = Actor::rule_run();
        let job = Job { trigger: Trigger::Schedule, actor: &unattended, people: People::All, store, now };
        let again = run(conn, &group, &rule, &job)?;
        return Ok(match again.outcome() {
            Outcome::Held => Approval::ListChanged(again),
            _ => Approval::Ran(again),
        });
    }
    record(conn, actor, now, &NewEvent::group(Action::RuleApproved, group.id, &group.name, None, None))?;
    let job = Job { trigger: Trigger::Approval, actor, people: People::All, store, now };
    let done = run(conn, &group, &rule, &job)?;
    schedule::save(conn, group.id, schedule.every(), schedule.next_run_at, Some(now), 0)?;
    Ok(Approval::Ran(done))
}

/// Discards a held run. The next one that is due looks at the customers anew.
pub fn discard(conn: &mut PgConnection, actor: &Actor, group: Uuid, held: Uuid, now: DateTime<Utc>) -> Result<()> {
    actor.require(Permission::EditGroups)?;
    schedule::lock(conn, group)?;
    let group = rules::lock_group(conn, group)?;
    refuse_unless_held(conn, &group, held)?;
    runs::settle(conn, group.id, Outcome::Discarded, Some(&actor.name), now)?;
    record(conn, actor, now, &NewEvent::group(Action::RuleDiscarded, group.id, &group.name, None, None))
}

fn refuse_unless_held(conn: &mut PgConnection, group: &Group, run: Uuid) -> Result<()> {
    match runs::find(conn, group.id, run)?.outcome() {
        Outcome::Held => Ok(()),
        other => Err(Error::Conflict(format!(
            "This run doesn't wait for approval any more: {}.",
            other.label().to_lowercase()
        ))),
    }
}

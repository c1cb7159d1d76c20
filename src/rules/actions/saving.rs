//! Saving a rule: it is read, kept, and run at once (SPEC 5).

use super::running::{Job, run};
use crate::audit::event::{Action, NewEvent, difference};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use crate::groups::actions::refuse_stale;
use crate::groups::group::GroupType;
use crate::groups::store::Group;
use crate::members::store::plan;
use crate::rules::parse::Fault;
use crate::rules::run::{Every, Trigger};
use crate::rules::store::compile::People;
use crate::rules::store::runs::Run;
use crate::rules::store::{rules, schedule};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Value, json};
use uuid::Uuid;

/// What the person who saves was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The group's version.
    pub version: i32,
    /// How many would join.
    pub joins: i64,
    /// How many would leave.
    pub leaves: i64,
}

/// Saves the rule of a group and runs it over all customers. `every` is how often it runs by itself; `None` leaves that
/// as it is.
///
/// # Errors
/// [`Error::Invalid`] at the condition, or at `rule` for a manual group; [`Error::Stale`] where the group was changed,
/// [`Error::Conflict`] where the difference is no longer what was shown. Nothing is changed then.
pub fn save(
    conn: &mut PgConnection,
    actor: &Actor,
    group: Uuid,
    value: &Value,
    every: Option<Every>,
    expected: Option<Expected>,
    now: DateTime<Utc>,
) -> Result<Run> {
    actor.require(Permission::EditGroups)?;
    let schedule = schedule::lock(conn, group)?;
    plan::begin(conn)?;
    let group = rules::lock_group(conn, group)?;
    refuse_stale(&group, expected.map(|expected| expected.version))?;
    refuse_manual(&group)?;
    let store = store_settings::load(conn)?;
    let rule = rules::read(conn, value, Some(group.id), store.currency)?
        .map_err(|faults| Error::Invalid(faults.iter().map(Fault::as_json_field).collect()))?;
    let every = every.unwrap_or(schedule.every());
    let json = rule.to_json(store.currency);
    if group.rule.as_ref() != Some(&json) || every != schedule.every() {
        rules::save(conn, group.id, &json, now)?;
        let before = told(conn, &group, &store, schedule.every())?;
        let after = json!({"rule": rule.sentence(store.currency), "runs": every.label()});
        let (before, after) = difference(&before, &after).unwrap_or((before, after));
        record(
            conn,
            actor,
            now,
            &NewEvent::group(Action::RuleSaved, group.id, &group.name, Some(before), Some(after)),
        )?;
    }
    let job = Job { trigger: Trigger::Save, actor, people: People::All, store, now };
    let run = run(conn, &group, &rule, &job)?;
    if let Some(shown) = expected
        && (shown.joins, shown.leaves) != (run.tally().joined, run.tally().left)
    {
        return Err(Error::Conflict(format!(
            "Customers changed since the difference was shown: now {} would join and {} would leave. Nothing was saved.",
            run.tally().joined,
            run.tally().left
        )));
    }
    schedule::save(conn, group.id, every, every.next(now, store.time_zone), Some(now), 0)?;
    Ok(run)
}

fn refuse_manual(group: &Group) -> Result<()> {
    if group.is_root() {
        return Err(Error::field("rule", "Every customer is in All Customers by definition: it needs no rule."));
    }
    if group.kind() == GroupType::Manual {
        let sentence =
            format!("{} is a manual group. Make it automatic or hybrid before you give it a rule.", group.name);
        return Err(Error::field("rule", sentence));
    }
    Ok(())
}

/// The rule that was, as the log tells it.
fn told(conn: &mut PgConnection, group: &Group, store: &StoreSettings, every: Every) -> Result<Value> {
    let Some(value) = &group.rule else { return Ok(json!({"rule": null, "runs": null})) };
    let groups = rules::referred(conn, &[value])?;
    let rule = rules::read_stored(value, &groups, store.currency);
    let sentence = rule.map_or_else(|_| value.to_string(), |rule| rule.sentence(store.currency));
    Ok(json!({"rule": sentence, "runs": every.label()}))
}

//! The rule in a group's body (SPEC 13): saved, or taken away, together with the group's other fields.

use super::saving::save;
use crate::audit::event::{Action, NewEvent};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use crate::groups::group::GroupType;
use crate::groups::store as groups;
use crate::members::store::plan;
use crate::rules::store::{rules, schedule};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Value, json};
use uuid::Uuid;

/// Holds off other runs of a group's rule, before an action locks the group itself.
pub fn hold(conn: &mut PgConnection, group: Uuid) -> Result<()> {
    schedule::lock(conn, group)?;
    groups::hold_tree(conn)?;
    plan::begin(conn)
}

/// Saves and runs the rule that came with a group, or with `null` takes the rule of a manual group away. The caller
/// holds ([`hold`]) a group that was there before.
///
/// # Errors
/// At `rule` and below it.
pub fn rule_of_body(
    conn: &mut PgConnection,
    actor: &Actor,
    group: Uuid,
    rule: &Value,
    now: DateTime<Utc>,
) -> Result<()> {
    if !rule.is_null() {
        return save(conn, actor, group, rule, None, None, now).map(drop);
    }
    actor.require(Permission::EditGroups)?;
    let group = rules::lock_group(conn, group)?;
    if group.rule.is_none() {
        return Ok(());
    }
    if group.kind() != GroupType::Manual {
        let sentence =
            format!("The members of {} come by this rule. Make the group manual first: they stay then.", group.name);
        return Err(Error::field("rule", sentence));
    }
    rules::clear(conn, group.id, now)?;
    let (before, after) = (json!({"rule": group.rule}), json!({"rule": null}));
    record(conn, actor, now, &NewEvent::group(Action::RuleSaved, group.id, &group.name, Some(before), Some(after)))
}

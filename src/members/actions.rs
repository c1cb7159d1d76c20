//! Changing members by hand: permission → wishes → plan → writing → audit, in one transaction (SPEC 4).

use super::choice::{Afterwards, Mode};
use super::outcome::{Kind, Outcome};
use super::refusal::{Cause, Refusal};
use super::selection::{MOST_IDS, Seen, Selection};
use super::store::batch::{self, Batch};
use super::store::choose::{self, Among, Each};
use super::store::list::Measure;
use super::store::wish::Wish;
use super::store::write::{self, Change};
use super::store::{explain, outside, plan, refused, undo as undoing};
use crate::audit::event::{Action, NewEvent};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use crate::groups::group::GroupType;
use crate::groups::store::{self as groups, Group};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Value, json};
use uuid::Uuid;

/// The most characters of a reason.
pub const REASON_CHARACTERS: usize = 500;

/// How a change went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It is done as far as it could be, under this id.
    Changed(Uuid, Outcome),
    /// The selection isn't what it was when its count was shown; nothing was done. What it is now.
    SelectionChanged(Seen),
}

/// Who changes what, when and why.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// Why; kept in the history, may be empty.
    pub reason: &'a str,
    /// When, UTC.
    pub now: DateTime<Utc>,
    /// What filters of a selection are measured by.
    pub measure: &'a Measure,
}

/// Adds customers to a group by hand. In a hybrid group that pins them: no rule run removes them.
pub fn add(conn: &mut PgConnection, asked: &Asked<'_>, group: Uuid, selection: &Selection, mode: Mode) -> Result<Done> {
    let group = begin(conn, asked, group, selection)?;
    let each =
        Each { group: group.id, by_hand: true, by_rule: None, as_primary: mode == Mode::Primary, exclude: false };
    choose::each(conn, selection, Among::Customers, each, asked.measure)?;
    if let Some(seen) = changed_since_seen(conn, selection)? {
        return Ok(Done::SelectionChanged(seen));
    }
    if mode == Mode::Move {
        choose::leave_others(conn, group.id)?;
    }
    finish(conn, asked, &group, Kind::Added, &json!({ "mode": mode.label() }))
}

/// Removes customers from a group by hand. In a hybrid group that excludes them: no rule run puts them back.
pub fn remove(
    conn: &mut PgConnection,
    asked: &Asked<'_>,
    group: Uuid,
    selection: &Selection,
    afterwards: Afterwards,
) -> Result<Done> {
    let group = begin(conn, asked, group, selection)?;
    let each = Each {
        group: group.id,
        by_hand: false,
        by_rule: Some(false),
        as_primary: false,
        exclude: group.kind() == GroupType::Hybrid,
    };
    choose::each(conn, selection, Among::Members, each, asked.measure)?;
    if let Some(seen) = changed_since_seen(conn, selection)? {
        return Ok(Done::SelectionChanged(seen));
    }
    let to = match afterwards {
        Afterwards::Nothing => None,
        Afterwards::Join(to) => {
            let to = groups::any(conn, to)?.ok_or_else(|| unfit("Choose a group that exists."))?;
            if to.id == group.id {
                return Err(unfit("Choose another group than the one they are removed from."));
            }
            refuse_group(&to).map_err(|refusal| unfit(format!("{} Choose another group.", refusal.sentence())))?;
            choose::join_instead(conn, group.id, to.id)?;
            Some(to.name)
        }
    };
    finish(conn, asked, &group, Kind::Removed, &json!({ "moved_to": to }))
}

fn unfit(message: impl Into<String>) -> Error {
    Error::field("to", message)
}

/// What keeps anybody from being added to or removed from a group by hand.
fn refuse_group(group: &Group) -> std::result::Result<(), Refusal> {
    let cause = if group.deleted_at.is_some() {
        Cause::GroupGone
    } else if group.is_root() {
        Cause::AllCustomers
    } else if group.kind() == GroupType::Automatic {
        Cause::Automatic
    } else {
        return Ok(());
    };
    Err(Refusal { cause, group: group.name.clone(), capacity: group.capacity })
}

fn begin(conn: &mut PgConnection, asked: &Asked<'_>, group: Uuid, selection: &Selection) -> Result<Group> {
    asked.actor.require(Permission::EditMembers)?;
    if asked.reason.chars().count() > REASON_CHARACTERS {
        return Err(Error::field("reason", format!("Use at most {REASON_CHARACTERS} characters.")));
    }
    if let Selection::Ids(ids) = selection {
        if ids.is_empty() {
            return Err(Error::field("id", "Select at least one customer."));
        }
        if ids.len() > MOST_IDS {
            return Err(Error::field("id", "Select at most 10,000 customers at a time."));
        }
    }
    plan::begin(conn)?;
    let group = groups::live(conn, group)?;
    refuse_unless_by_hand(&group)?;
    Ok(group)
}

/// Refuses to choose the members of a group by hand where they are not chosen so, with the way out.
///
/// # Errors
/// [`Error::Conflict`] for automatic groups and for All Customers.
pub fn refuse_unless_by_hand(group: &Group) -> Result<()> {
    refuse_group(group).map_err(|refusal| Error::Conflict(format!("{} {}", refusal.sentence(), refusal.way_out())))
}

/// What the selection is now, where that isn't what was shown.
fn changed_since_seen(conn: &mut PgConnection, selection: &Selection) -> Result<Option<Seen>> {
    let Selection::Matching(_, shown) = selection else { return Ok(None) };
    let now = plan::seen(conn)?;
    if now.count == 0 && shown.count == 0 {
        return Err(Error::field("id", "Nobody matches the search. Change it, or select customers one by one."));
    }
    Ok(Some(now).filter(|now| now != shown))
}

fn finish(conn: &mut PgConnection, asked: &Asked<'_>, group: &Group, kind: Kind, how: &Value) -> Result<Done> {
    let id = Uuid::now_v7();
    let counts = plan::make(conn)?;
    let outcome = batch::outcome(conn, kind, group.id)?;
    write::write(conn, &Change::by(asked.actor, id, asked.reason, asked.now).undoable(), &counts)?;
    keep(conn, asked, group, kind, id, &outcome, how)?;
    Ok(Done::Changed(id, outcome))
}

/// Keeps the change for undoing, and tells the audit log of it where anything was done.
fn keep(
    conn: &mut PgConnection,
    asked: &Asked<'_>,
    group: &Group,
    kind: Kind,
    id: Uuid,
    outcome: &Outcome,
    how: &Value,
) -> Result<()> {
    let kept = Batch { id, at: asked.now, group_id: group.id, kind, outcome: outcome.clone(), undone_at: None };
    batch::keep(conn, &kept)?;
    if !outcome.did_something() {
        return Ok(());
    }
    let action = match kind {
        Kind::Added => Action::MembersAdded,
        Kind::Removed => Action::MembersRemoved,
        Kind::Undone => Action::MembersPutBack,
    };
    let mut after = json!({
        "what": outcome.sentences(&group.name),
        "reason": asked.reason,
        "change": id,
    });
    if let (Some(after), Some(how)) = (after.as_object_mut(), how.as_object()) {
        after.extend(how.clone());
    }
    record(conn, asked.actor, asked.now, &NewEvent::group(action, group.id, &group.name, None, Some(after)))
}

/// Undoes a change of members: memberships, primary groups and exclusions become what they were, for all customers
/// whose memberships are still what the change left.
pub fn undo(conn: &mut PgConnection, asked: &Asked<'_>, group: Uuid, id: Uuid) -> Result<Done> {
    asked.actor.require(Permission::EditMembers)?;
    plan::begin(conn)?;
    let group = groups::live(conn, group)?;
    let undone = batch::find(conn, group.id, id)?;
    if !undone.can_be_undone(asked.now) {
        return Err(Error::Conflict(match undone.undone_at {
            Some(_) => "This change was undone already.".into(),
            None => "There is nothing to undo any more.".into(),
        }));
    }
    undoing::prepare(conn, id)?;
    let outcome = batch::outcome(conn, Kind::Undone, group.id)?;
    let new = Uuid::now_v7();
    undoing::write(conn, id, &Change::by(asked.actor, new, asked.reason, asked.now))?;
    keep(conn, asked, &group, Kind::Undone, new, &outcome, &json!({ "undone": id }))?;
    Ok(Done::Changed(new, outcome))
}

/// Makes a group that a customer is in its primary one.
pub fn choose_primary(conn: &mut PgConnection, asked: &Asked<'_>, group: Uuid, customer: Uuid) -> Result<()> {
    asked.actor.require(Permission::EditMembers)?;
    plan::begin(conn)?;
    let group = groups::live(conn, group)?;
    plan::wish(conn, &[Wish { as_primary: true, ..Wish::of(group.id, customer) }])?;
    let counts = plan::make(conn)?;
    if let Some(refused) = refused::refused(conn, 1)?.pop() {
        let refusal = refused.refusal;
        return Err(Error::Conflict(format!("{} {}", refusal.sentence(), refusal.way_out())));
    }
    if counts.chosen == 0 {
        return Ok(());
    }
    write::write(conn, &Change::by(asked.actor, Uuid::now_v7(), "", asked.now), &counts)?;
    tell_of_one(conn, asked, Action::PrimaryChosen, &group, customer)
}

/// Lifts an exclusion: the customer may be added again, by hand and by rule.
pub fn lift_exclusion(conn: &mut PgConnection, asked: &Asked<'_>, group: Uuid, customer: Uuid) -> Result<()> {
    asked.actor.require(Permission::EditMembers)?;
    plan::begin(conn)?;
    let group = groups::live(conn, group)?;
    if !outside::lift(conn, group.id, customer)? {
        return Err(Error::Conflict(format!("The customer isn't excluded from {}.", group.name)));
    }
    tell_of_one(conn, asked, Action::ExclusionLifted, &group, customer)
}

fn tell_of_one(
    conn: &mut PgConnection,
    asked: &Asked<'_>,
    action: Action,
    group: &Group,
    customer: Uuid,
) -> Result<()> {
    let customer = explain::customer(conn, customer)?;
    let after = customer.map(|found| json!({ "customer": found.name, "code": found.code }));
    record(conn, asked.actor, asked.now, &NewEvent::group(action, group.id, &group.name, None, after))
}

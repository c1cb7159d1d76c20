//! Creating and editing customers with the groups they name: permission → load → decide → save → audit, in one
//! transaction.

use super::customer::Details;
use super::grouping::{self, Change, Typed};
use super::store::{self, Customer, memberships};
use crate::audit::event::{Action, NewEvent, difference};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::clock::{long_day, store_day};
use crate::error::{Error, FieldError, Result};
use crate::groups::actions as groups;
use crate::groups::group::Details as GroupDetails;
use crate::groups::{metadata, store as group_store};
use crate::members::store::wish::Wish;
use crate::members::store::{plan, refused, write};
use crate::organizations::store as organizations;
use crate::rules::actions as rules;
use crate::store_settings::store as store_settings;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Makes a customer.
pub fn create(conn: &mut PgConnection, actor: &Actor, typed: Typed, now: DateTime<Utc>) -> Result<Customer> {
    actor.require(Permission::EditCustomers)?;
    let Typed { details, metadata, groups } = checked(typed)?;
    refuse(conn, None, &details, now)?;
    let id = Uuid::now_v7();
    let change = grouped(conn, actor, id, groups.as_deref(), now)?;
    rules::expect_changes(conn)?;
    store::insert(conn, id, &details, &metadata.unwrap_or_default(), now)?;
    sync(conn, actor, id, &change, now)?;
    rules::customers_changed(conn, actor, &[id], now)?;
    let made = store::one(conn, id)?;
    let after = fields(conn, &made)?;
    record(conn, actor, now, &NewEvent::about(Action::CustomerCreated, Some(id), &made.name, None, Some(after)))?;
    Ok(made)
}

/// Changes a customer's fields, metadata and groups to what `typed` makes of the customer as it is. `version` is the
/// one the form was filled from; `None` = whatever is there.
pub fn edit(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    typed: impl Fn(&Customer) -> Result<Typed>,
    now: DateTime<Utc>,
) -> Result<Customer> {
    actor.require(Permission::EditCustomers)?;
    let seen = store::one(conn, id)?;
    refuse_stale(&seen, version)?;
    // Whoever writes memberships locks groups before customers; so does this. What is typed is read again when the
    // customer stands still.
    let groups = checked(typed(&seen)?)?.groups;
    let change = grouped(conn, actor, id, groups.as_deref(), now)?;
    rules::expect_changes(conn)?;
    let old = store::lock(conn, id)?;
    refuse_stale(&old, version)?;
    let Typed { details, metadata, .. } = checked(typed(&old)?)?;
    refuse(conn, Some(&old), &details, now)?;
    let metadata = metadata.unwrap_or_else(|| old.metadata());
    let before = fields(conn, &old)?;
    let is_changed = details != old.details() || metadata != old.metadata();
    if is_changed {
        store::update(conn, id, &details, &metadata, now)?;
    }
    sync(conn, actor, id, &change, now)?;
    if is_changed || !change.is_nothing() {
        rules::customers_changed(conn, actor, &[id], now)?;
    }
    let changed = store::one(conn, id)?;
    let after = fields(conn, &changed)?;
    if let Some((before, after)) = difference(&before, &after) {
        let event = NewEvent::about(Action::CustomerChanged, Some(id), &changed.name, Some(before), Some(after));
        record(conn, actor, now, &event)?;
    }
    Ok(changed)
}

fn refuse_stale(customer: &Customer, version: Option<i32>) -> Result<()> {
    match version {
        Some(version) if version != customer.version => Err(Error::Stale(format!(
            "Somebody changed {} while you were editing it. Nothing of yours is saved yet.",
            customer.name
        ))),
        _ => Ok(()),
    }
}

/// Each part checked by itself, with all that is wrong at once.
fn checked(typed: Typed) -> Result<Typed> {
    let mut errors = Vec::new();
    let details = typed.details.checked().unwrap_or_else(|wrong| {
        errors.extend(wrong);
        Details::default()
    });
    if let Some(object) = &typed.metadata {
        errors.extend(metadata::check(&Value::Object(object.clone())).err());
    }
    let groups = typed.groups.map(|list| {
        grouping::names(&list).unwrap_or_else(|message| {
            errors.push(FieldError::new("groups", message));
            Vec::new()
        })
    });
    if errors.is_empty() {
        Ok(Typed { details, metadata: typed.metadata, groups })
    } else {
        Err(Error::Invalid(errors))
    }
}

/// What must not be in the present state: a code that is taken, an organization that is none, a customer since a day that
/// is still to come.
fn refuse(conn: &mut PgConnection, old: Option<&Customer>, new: &Details, now: DateTime<Utc>) -> Result<()> {
    let mut errors = Vec::new();
    // What an import brought in stands in nobody's way who changes something else.
    let is_new = old.is_none_or(|old| old.customer_since != new.customer_since);
    if let Some(since) = new.customer_since.filter(|_| is_new) {
        let today = store_day(now, store_settings::load(conn)?.time_zone);
        if since > today {
            let sentence = format!("Enter a day up to today, {}.", long_day(today));
            errors.push(FieldError::new("customer_since", sentence));
        }
    }
    if store::code_taken(conn, old.map(|old| old.id), &new.code)? {
        errors.push(FieldError::new("code", "Another customer has this code. Choose a different one."));
    }
    if let Some(organization) = new.organization_id
        && organizations::any(conn, organization)?.is_none()
    {
        let message = "This organization doesn't exist. Choose one of the suggestions.";
        errors.push(FieldError::new("organization", message));
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

/// Decides what the names change, makes the groups that are missing, and holds everything that is touched in the order
/// in which it is locked: tree, totals, groups. Nothing is held where nothing changes.
fn grouped(
    conn: &mut PgConnection,
    actor: &Actor,
    customer: Uuid,
    names: Option<&[String]>,
    now: DateTime<Utc>,
) -> Result<Change> {
    let Some(names) = names else { return Ok(Change::default()) };
    if decide(conn, customer, names)?.is_nothing() {
        return Ok(Change::default());
    }
    group_store::hold_tree(conn)?;
    let missing = decide(conn, customer, names)?.make;
    make_missing(conn, actor, &missing, now)?;
    plan::begin(conn)?;
    let change = decide(conn, customer, names)?;
    let touched: Vec<Uuid> = change.join.iter().chain(&change.leave).copied().collect();
    memberships::lock_groups(conn, &touched)?;
    Ok(change)
}

fn decide(conn: &mut PgConnection, customer: Uuid, names: &[String]) -> Result<Change> {
    let (known, held) = (memberships::known(conn, names)?, memberships::held(conn, customer)?);
    grouping::change(names, &known, &held).map_err(|message| Error::field("groups", message))
}

/// Groups that are named and missing: manual, active, under All Customers, with their origin kept (SPEC 13).
fn make_missing(conn: &mut PgConnection, actor: &Actor, names: &[String], now: DateTime<Utc>) -> Result<()> {
    if let Some(name) = names.first()
        && !store_settings::load(conn)?.create_missing_groups
    {
        let way = "Create it first, or let an administrator allow missing groups to be made in the store settings.";
        return Err(Error::field("groups", format!("There is no group “{name}”. {way}")));
    }
    for name in names {
        groups::create(conn, actor, GroupDetails::named(name), &Map::new(), "sync", now).map_err(at_groups)?;
    }
    Ok(())
}

/// What is wrong with a group that is made for its name, at the field of the names.
fn at_groups(error: Error) -> Error {
    match error {
        Error::Invalid(errors) => {
            Error::Invalid(errors.into_iter().map(|error| FieldError::new("groups", error.message)).collect())
        }
        other => other,
    }
}

/// Writes the memberships through the one way in which they are written. All of it goes through, or nothing does.
fn sync(conn: &mut PgConnection, actor: &Actor, customer: Uuid, change: &Change, now: DateTime<Utc>) -> Result<()> {
    if change.is_nothing() {
        return Ok(());
    }
    let first_of_all = memberships::held(conn, customer)?.is_empty();
    let joins = change.join.iter().enumerate().map(|(place, group)| Wish {
        // Of several groups joined at once the one named first becomes the primary one.
        as_primary: first_of_all && place == 0,
        ..Wish::of(*group, customer).bundle(1).by_hand(true)
    });
    let leaves = change.leave.iter().map(|group| Wish::of(*group, customer).bundle(1).by_hand(false));
    let wishes: Vec<Wish> = joins.chain(leaves).collect();
    plan::wish(conn, &wishes)?;
    let counts = plan::make(conn)?;
    if counts.refused > 0 {
        let refused = refused::refused(conn, 10)?.into_iter().map(|one| one.refusal);
        let told = refused.map(|refusal| format!("{} {}", refusal.sentence(), refusal.way_out()));
        return Err(Error::Invalid(told.map(|message| FieldError::new("groups", message)).collect()));
    }
    write::write(conn, &write::Change::by(actor, Uuid::now_v7(), "Saved with the customer", now), &counts)
}

/// A customer's fields as the audit log keeps them: the organization and the groups that the list of names decides
/// about by their names, so that the sentence is readable for good.
fn fields(conn: &mut PgConnection, customer: &Customer) -> Result<Value> {
    let organization = match customer.organization_id {
        Some(id) => organizations::any(conn, id)?.map(|organization| organization.name),
        None => None,
    };
    let held = memberships::held(conn, customer.id)?;
    let groups: Vec<String> = held.into_iter().filter(|held| held.is_listed()).map(|held| held.name).collect();
    Ok(json!({
        "code": customer.code,
        "name": customer.name,
        "email": customer.email,
        "status": customer.status().name(),
        "country": customer.country,
        "region": customer.region,
        "customer_since": customer.customer_since,
        "payment_history": customer.payment_history().map(|rating| rating.name()),
        "organization": organization,
        "tags": customer.tags().join("; "),
        "groups": groups.join("; "),
        "metadata": customer.metadata,
    }))
}

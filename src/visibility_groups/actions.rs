//! Making, changing and deleting visibility groups, and their products: permission → load → decide → save → audit, in one
//! transaction.

use super::set::Details;
use super::store::products;
use super::store::{self, VisibilityGroup};
use crate::audit::event::{Action, NewEvent, difference};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use crate::money::format_count;
use crate::products::actions::refuse_stale;
use crate::products::choosing::{Chosen, Side};
use crate::products::store::choosing;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Value, json};
use uuid::Uuid;

/// How many customer groups a refusal names.
const NAMED: i64 = 5;

/// Makes a visibility group without products.
pub fn create(conn: &mut PgConnection, actor: &Actor, typed: &Details, now: DateTime<Utc>) -> Result<VisibilityGroup> {
    actor.require(Permission::EditCatalogue)?;
    let details = typed.checked().map_err(Error::Invalid)?;
    refuse_taken(conn, None, &details)?;
    let id = Uuid::now_v7();
    store::insert(conn, id, &details, now)?;
    let event = NewEvent::about(Action::VisibilityGroupCreated, Some(id), &details.name, None, Some(fields(&details)));
    record(conn, actor, now, &event)?;
    store::get(conn, id)
}

/// Changes a visibility group's own fields. `version` is the one the form was filled from; `None` = whatever is there.
pub fn edit(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    typed: &Details,
    now: DateTime<Utc>,
) -> Result<VisibilityGroup> {
    actor.require(Permission::EditCatalogue)?;
    let old = store::lock(conn, id)?;
    refuse_stale(&old.name, old.version, version)?;
    let details = typed.checked().map_err(Error::Invalid)?;
    if details == old.details() {
        return Ok(old);
    }
    refuse_taken(conn, Some(id), &details)?;
    store::update(conn, id, &details, now)?;
    if let Some((was, is)) = difference(&fields(&old.details()), &fields(&details)) {
        changed(conn, actor, id, &details.name, was, is, now)?;
    }
    store::get(conn, id)
}

/// Deletes a visibility group that no live customer group shows.
pub fn delete(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    now: DateTime<Utc>,
) -> Result<()> {
    actor.require(Permission::EditCatalogue)?;
    let old = store::lock(conn, id)?;
    refuse_stale(&old.name, old.version, version)?;
    let named = store::shown_by(conn, id, NAMED)?;
    if !named.is_empty() {
        let count = store::shown_by_count(conn, id)?;
        let names: Vec<&str> = named.iter().map(|group| group.name.as_str()).collect();
        return Err(Error::Conflict(refusal(&old.name, &names, count)));
    }
    store::delete(conn, id)?;
    let mut before = fields(&old.details());
    before["products"] = json!(old.product_count);
    record(conn, actor, now, &NewEvent::about(Action::VisibilityGroupDeleted, Some(id), &old.name, Some(before), None))
}

/// Why a visibility group stays.
fn refusal(name: &str, groups: &[&str], count: i64) -> String {
    let further = count - i64::try_from(groups.len()).unwrap_or_default();
    let more = if further > 0 { format!(" and {} more", format_count(further)) } else { String::new() };
    let (show, they) = if count == 1 { ("shows", "It would") } else { ("show", "They would") };
    format!(
        "{name} can't be deleted: {}{more} {show} it. {they} see fewer products; take it out of their visibility first.",
        groups.join(", ")
    )
}

/// Brings products over from one side to the other: from [`Side::Out`] they are added.
pub fn change_products(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    from: Side,
    chosen: &Chosen,
    now: DateTime<Utc>,
) -> Result<usize> {
    actor.require(Permission::EditCatalogue)?;
    let old = store::lock(conn, id)?;
    refuse_stale(&old.name, old.version, version)?;
    choosing::refuse_others(conn, products::on(from, id), chosen)?;
    let moved = match from {
        Side::Out => products::add(conn, id, chosen)?,
        Side::In => products::remove(conn, id, chosen)?,
    };
    if moved > 0 {
        products::touch(conn, id, now)?;
        let new = store::get(conn, id)?;
        let count = |set: &VisibilityGroup| json!({ "products": set.product_count });
        changed(conn, actor, id, &old.name, count(&old), count(&new), now)?;
    }
    Ok(moved)
}

fn changed(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    name: &str,
    was: Value,
    is: Value,
    now: DateTime<Utc>,
) -> Result<()> {
    let event = NewEvent::about(Action::VisibilityGroupChanged, Some(id), name, Some(was), Some(is));
    record(conn, actor, now, &event)
}

fn refuse_taken(conn: &mut PgConnection, except: Option<Uuid>, details: &Details) -> Result<()> {
    match store::by_name(conn, &details.name)? {
        Some(other) if Some(other) != except => {
            Err(Error::field("name", "Another visibility group has this name. Choose a different one."))
        }
        _ => Ok(()),
    }
}

fn fields(details: &Details) -> Value {
    json!({ "name": details.name, "description": details.description })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_who_shows_it() {
        assert_eq!(
            refusal("Standard", &["VIP"], 1),
            "Standard can't be deleted: VIP shows it. It would see fewer products; take it out of their visibility first."
        );
        let text = refusal("Standard", &["A", "B"], 1202);
        assert!(text.starts_with("Standard can't be deleted: A, B and 1,200 more show it. They would see"), "{text}");
    }
}

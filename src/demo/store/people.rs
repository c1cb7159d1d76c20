//! The people who sign in, the store's settings, and the audit event.

use super::copy_into;
use super::groups::id_of;
use crate::demo::chance::{Chance, Part};
use crate::demo::groups::{Group, Key};
use crate::demo::people::PEOPLE;
use crate::error::Result;
use crate::schema::{audit_events, store_settings, users};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde_json::Value;

/// Cents of the store's flat shipping fee.
const FLAT_SHIPPING: i64 = 995;

/// Writes the three sign-ins, all with the same password.
pub fn write_people(conn: &mut PgConnection, password_hash: &str, now: DateTime<Utc>) -> Result<()> {
    let mut chance = Chance::of(Part::People, 0);
    let rows = PEOPLE.iter().map(|person| {
        (
            users::id.eq(chance.id(now)),
            users::email.eq(person.email),
            users::name.eq(person.name),
            users::role.eq(person.role),
            users::password_hash.eq(password_hash),
            users::created_at.eq(now),
        )
    });
    copy_into!(conn, users::table, rows);
    Ok(())
}

/// Makes Retail the default group and sets the shipping fee; currency and zone stay those of a fresh store.
pub fn write_store_settings(conn: &mut PgConnection, groups: &[Group], now: DateTime<Utc>) -> Result<()> {
    diesel::update(store_settings::table)
        .set((
            store_settings::default_group_id.eq(Some(id_of(groups, Key::Retail))),
            store_settings::flat_shipping.eq(FLAT_SHIPPING),
            store_settings::updated_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Says in the audit log that the demo shop was loaded, and how much of it.
pub fn write_audit(conn: &mut PgConnection, counts: &Value, now: DateTime<Utc>) -> Result<()> {
    let mut chance = Chance::of(Part::People, 1);
    diesel::insert_into(audit_events::table)
        .values((
            audit_events::id.eq(chance.id(now)),
            audit_events::at.eq(now),
            audit_events::actor_kind.eq("command_line"),
            audit_events::actor_name.eq("clientele demo"),
            audit_events::action.eq("demo.loaded"),
            audit_events::subject_kind.eq("demo"),
            audit_events::subject_name.eq("Demo shop"),
            audit_events::after.eq(Some(counts)),
        ))
        .execute(conn)?;
    Ok(())
}

//! Who runs which import. A running one is held by a lock of its node's connection, which goes with the connection
//! whatever happens: a row that says "running" without a lock was interrupted.

use super::files::{self, Part};
use super::tasks::{Row, json};
use crate::auth::role::{Actor, ActorKind, Role};
use crate::error::{Error, Result};
use crate::imports::report::{Outcome, Report};
use crate::imports::task::{Stage, Task};
use crate::schema::imports;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Text};
use serde_json::Value;
use uuid::Uuid;

/// The class of the locks: the second key is the import's.
const LOCKS: i32 = 7_300_003;

/// Takes the import that has waited the longest, with the lock of a running one, and who it runs for.
pub fn take(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Option<(Task, Actor)>> {
    conn.transaction(|conn| {
        let row: Option<Row> = imports::table
            .filter(imports::stage.eq(Stage::Waiting.name()))
            .order((imports::created_at, imports::id))
            .select(Row::as_select())
            .for_update()
            .skip_locked()
            .first(conn)
            .optional()?;
        let Some(row) = row else { return Ok(None) };
        if !hold(conn, row.id)? {
            return Ok(None);
        }
        let actor: (String, Option<Uuid>, String, String, Option<String>) = imports::table
            .find(row.id)
            .select((
                imports::actor_kind,
                imports::actor_id,
                imports::actor_name,
                imports::actor_role,
                imports::request_id,
            ))
            .first(conn)?;
        diesel::update(imports::table.find(row.id))
            .set((
                imports::stage.eq(Stage::Running.name()),
                imports::started_at.eq(now),
                imports::ended_at.eq(None::<DateTime<Utc>>),
            ))
            .execute(conn)?;
        let kinds = [ActorKind::User, ActorKind::Token, ActorKind::CommandLine];
        let actor = Actor {
            kind: kinds.into_iter().find(|kind| kind.name() == actor.0).unwrap_or(ActorKind::CommandLine),
            id: actor.1,
            name: actor.2,
            role: Role::from_name(&actor.3).ok_or_else(|| Error::internal("a role that is none"))?,
            request_id: actor.4,
        };
        Ok(Some((row.try_into()?, actor)))
    })
}

fn hold(conn: &mut PgConnection, id: Uuid) -> Result<bool> {
    let held = diesel::dsl::sql::<Bool>("pg_try_advisory_lock(")
        .bind::<Integer, _>(LOCKS)
        .sql(", hashtext(")
        .bind::<Text, _>(id.to_string())
        .sql("))");
    Ok(diesel::select(held).get_result(conn)?)
}

/// Gives the lock of a running import back.
pub fn release(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    diesel::sql_query("SELECT pg_advisory_unlock($1, hashtext($2))")
        .bind::<Integer, _>(LOCKS)
        .bind::<Text, _>(id.to_string())
        .execute(conn)?;
    Ok(())
}

/// What the row of an import says that somebody wants stopped. PostgreSQL tells a statement that was cancelled in the
/// language of its server; this is ours.
const STOPPING: &str = "Stopping";

/// Ends what an import does just now, wherever it runs: it is undone. It is noted first, so that whoever runs it knows why
/// its statement ended.
pub fn stop(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    conn.transaction(|conn| {
        let running = imports::table.find(id).filter(imports::stage.eq(Stage::Running.name()));
        diesel::update(running).set(imports::phase.eq(STOPPING)).execute(conn)?;
        diesel::sql_query(
            "SELECT pg_cancel_backend(pid) FROM pg_locks
             WHERE locktype = 'advisory' AND granted AND classid = $1::oid AND objid = hashtext($2)::oid
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        .bind::<Integer, _>(LOCKS)
        .bind::<Text, _>(id.to_string())
        .execute(conn)?;
        Ok(())
    })
}

/// Whether somebody wants an import stopped. Whoever just notes that is waited for.
pub fn is_stopping(conn: &mut PgConnection, id: Uuid) -> Result<bool> {
    let phase: Option<String> = imports::table.find(id).select(imports::phase).for_update().first(conn).optional()?;
    Ok(phase.as_deref() == Some(STOPPING))
}

/// Marks those as interrupted that are said to run but that nobody holds; answers how many.
pub fn find_interrupted(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<usize> {
    let running: Vec<Uuid> =
        imports::table.filter(imports::stage.eq(Stage::Running.name())).select(imports::id).load(conn)?;
    let mut found = 0;
    for id in running {
        if hold(conn, id)? {
            let marked = end(conn, id, Stage::Interrupted, None, now);
            release(conn, id)?;
            found += marked?;
        }
    }
    Ok(found)
}

/// Ends a run of an import without a report; answers 1, or 0 where it doesn't run.
pub fn end(conn: &mut PgConnection, id: Uuid, stage: Stage, fault: Option<&str>, now: DateTime<Utc>) -> Result<usize> {
    let running = imports::table.find(id).filter(imports::stage.eq(Stage::Running.name()));
    Ok(diesel::update(running)
        .set((
            imports::stage.eq(stage.name()),
            imports::fault.eq(fault),
            imports::phase.eq(""),
            imports::report.eq(None::<Value>),
            imports::ended_at.eq(now),
        ))
        .execute(conn)?)
}

/// Ends a run with its report and how long the CSV of bad rows is. What is imported needs its file no longer.
pub fn finish(conn: &mut PgConnection, id: Uuid, report: &Report, bad_rows: i64, now: DateTime<Utc>) -> Result<()> {
    let stage = match report.outcome {
        Outcome::Imported => Stage::Imported,
        Outcome::Tried => Stage::Tried,
        Outcome::Refused => Stage::Refused,
    };
    diesel::update(imports::table.find(id))
        .set((
            imports::stage.eq(stage.name()),
            imports::report.eq(json(report)?),
            imports::phase.eq(""),
            imports::bad_rows_bytes.eq(bad_rows),
            imports::ended_at.eq(now),
        ))
        .execute(conn)?;
    if stage == Stage::Imported {
        files::remove(conn, id, Part::File)?;
    }
    Ok(())
}

/// Says how far a running import is: what it does, rows and bytes read.
pub fn tell(conn: &mut PgConnection, id: Uuid, phase: &str, read: (i64, i64)) -> Result<()> {
    let running = imports::table.find(id).filter(imports::stage.eq(Stage::Running.name()));
    diesel::update(running.filter(imports::phase.ne(STOPPING)))
        .set((imports::phase.eq(phase), imports::rows_read.eq(read.0), imports::bytes_read.eq(read.1)))
        .execute(conn)?;
    Ok(())
}

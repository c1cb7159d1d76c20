//! Stored imports: their rows, from the file's coming to its being put aside.

use crate::audit::event::actor_columns;
use crate::auth::role::Actor;
use crate::db::keyset::{Page, Place, one_more};
use crate::error::{Error, Result};
use crate::imports::kind::Kind;
use crate::imports::peek::Beginning;
use crate::imports::report::Report;
use crate::imports::task::{Options, Stage, Task};
use crate::schema::{import_pieces, imports};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use serde_json::Value;
use uuid::Uuid;

#[derive(Queryable, Selectable)]
#[diesel(table_name = imports)]
pub(super) struct Row {
    pub(super) id: Uuid,
    kind: String,
    file_name: String,
    file_bytes: i64,
    stage: String,
    dry_run: bool,
    options: Value,
    header: Value,
    samples: Value,
    actor_name: String,
    phase: String,
    rows_read: i64,
    bytes_read: i64,
    report: Option<Value>,
    fault: Option<String>,
    bad_rows_bytes: i64,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Task {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            kind: row.kind.parse().map_err(|text: String| Error::internal(text))?,
            file: row.file_name,
            bytes: row.file_bytes,
            stage: Stage::from_name(&row.stage).ok_or_else(|| Error::internal(format!("the stage {}", row.stage)))?,
            dry_run: row.dry_run,
            options: serde_json::from_value(row.options).map_err(Error::internal)?,
            header: serde_json::from_value(row.header).map_err(Error::internal)?,
            samples: serde_json::from_value(row.samples).map_err(Error::internal)?,
            actor_name: row.actor_name,
            phase: row.phase,
            rows_read: row.rows_read,
            bytes_read: row.bytes_read,
            report: row.report.map(serde_json::from_value).transpose().map_err(Error::internal)?,
            fault: row.fault,
            bad_rows_bytes: row.bad_rows_bytes,
            created_at: row.created_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
        })
    }
}

/// A file that came in.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// The import's id to be.
    pub id: Uuid,
    /// What the rows are.
    pub kind: Kind,
    /// The file's name.
    pub file: &'a str,
    /// What stands at its beginning.
    pub beginning: &'a Beginning,
    /// What is asked for.
    pub options: &'a Options,
    /// Who sent it.
    pub actor: &'a Actor,
    /// When, UTC.
    pub now: DateTime<Utc>,
}

/// Adds an import whose file is not kept yet.
pub fn insert(conn: &mut PgConnection, new: &Received<'_>) -> Result<()> {
    let (actor_kind, actor_id, actor_name) = actor_columns(new.actor);
    diesel::insert_into(imports::table)
        .values((
            imports::id.eq(new.id),
            imports::kind.eq(new.kind.name()),
            imports::file_name.eq(new.file),
            imports::file_bytes.eq(0),
            imports::stage.eq(Stage::Received.name()),
            imports::options.eq(json(new.options)?),
            imports::header.eq(json(&new.beginning.header)?),
            imports::samples.eq(json(&new.beginning.samples)?),
            imports::actor_kind.eq(actor_kind),
            imports::actor_id.eq(actor_id),
            imports::actor_name.eq(actor_name),
            imports::actor_role.eq(new.actor.role.name()),
            imports::request_id.eq(&new.actor.request_id),
            imports::created_at.eq(new.now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Adds an import that is in: it came by the command line, and its file was never here. `report` tells its id.
pub fn insert_done(
    conn: &mut PgConnection,
    (kind, file, options): (Kind, &str, &Options),
    bytes: i64,
    report: &Report,
    actor: &Actor,
    (begun, ended): (DateTime<Utc>, DateTime<Utc>),
) -> Result<()> {
    let (actor_kind, actor_id, actor_name) = actor_columns(actor);
    let none = Value::Array(Vec::new());
    diesel::insert_into(imports::table)
        .values((
            (
                imports::id.eq(report.id),
                imports::kind.eq(kind.name()),
                imports::file_name.eq(file),
                imports::file_bytes.eq(bytes),
                imports::stage.eq(Stage::Imported.name()),
                imports::dry_run.eq(false),
                imports::options.eq(json(options)?),
                imports::header.eq(&none),
                imports::samples.eq(&none),
            ),
            (
                imports::actor_kind.eq(actor_kind),
                imports::actor_id.eq(actor_id),
                imports::actor_name.eq(actor_name),
                imports::actor_role.eq(actor.role.name()),
                imports::rows_read.eq(i64::try_from(report.rows).unwrap_or(i64::MAX)),
                imports::bytes_read.eq(bytes),
                imports::report.eq(json(report)?),
                imports::created_at.eq(begun),
                imports::started_at.eq(begun),
                imports::ended_at.eq(ended),
            ),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn json(value: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(Error::internal)
}

/// Says how long the file is.
pub fn set_bytes(conn: &mut PgConnection, id: Uuid, bytes: i64) -> Result<()> {
    diesel::update(imports::table.find(id)).set(imports::file_bytes.eq(bytes)).execute(conn)?;
    Ok(())
}

fn gone() -> Error {
    Error::NotFound("There is no such import.".into())
}

/// The import.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(conn: &mut PgConnection, id: Uuid) -> Result<Task> {
    imports::table.find(id).select(Row::as_select()).first(conn).optional()?.ok_or_else(gone)?.try_into()
}

/// The import, locked until the transaction ends.
///
/// # Errors
/// [`Error::NotFound`].
pub fn lock(conn: &mut PgConnection, id: Uuid) -> Result<Task> {
    imports::table.find(id).select(Row::as_select()).for_update().first(conn).optional()?.ok_or_else(gone)?.try_into()
}

/// What the history is sorted by, the newest first.
pub type TaskKey = (DateTime<Utc>, Uuid);

/// A page of the history.
pub fn page(conn: &mut PgConnection, place: &Place<TaskKey>, limit: usize) -> Result<Page<Task>> {
    let mut query = imports::table.select(Row::as_select()).into_boxed();
    query = match place.key().copied() {
        None => query,
        Some((at, id)) if place.is_backwards() => {
            query.filter(imports::created_at.ge(at)).filter(imports::created_at.gt(at).or(imports::id.gt(id)))
        }
        Some((at, id)) => {
            query.filter(imports::created_at.le(at)).filter(imports::created_at.lt(at).or(imports::id.lt(id)))
        }
    };
    query = if place.is_backwards() {
        query.order((imports::created_at.asc(), imports::id.asc()))
    } else {
        query.order((imports::created_at.desc(), imports::id.desc()))
    };
    let rows: Vec<Row> = query.limit(one_more(limit)).load(conn)?;
    let tasks = rows.into_iter().map(Task::try_from).collect::<Result<Vec<_>>>()?;
    Ok(Page::of(tasks, place, limit))
}

/// Puts an import into the queue, for this actor and with these options.
pub fn queue(conn: &mut PgConnection, id: Uuid, options: &Options, dry_run: bool, actor: &Actor) -> Result<()> {
    let (actor_kind, actor_id, actor_name) = actor_columns(actor);
    diesel::update(imports::table.find(id))
        .set((
            imports::stage.eq(Stage::Waiting.name()),
            imports::dry_run.eq(dry_run),
            imports::options.eq(json(options)?),
            imports::actor_kind.eq(actor_kind),
            imports::actor_id.eq(actor_id),
            imports::actor_name.eq(actor_name),
            imports::actor_role.eq(actor.role.name()),
            imports::request_id.eq(&actor.request_id),
            imports::phase.eq(""),
            imports::rows_read.eq(0),
            imports::bytes_read.eq(0),
            imports::fault.eq(None::<String>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Puts an import aside, with its files.
pub fn discard(conn: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    diesel::delete(import_pieces::table.filter(import_pieces::import_id.eq(id))).execute(conn)?;
    diesel::update(imports::table.find(id))
        .set((imports::stage.eq(Stage::Discarded.name()), imports::ended_at.eq(now), imports::bad_rows_bytes.eq(0)))
        .execute(conn)?;
    Ok(())
}

/// Forgets the files of imports that nobody went on with since `before`: the history stays.
pub fn tidy(conn: &mut PgConnection, before: DateTime<Utc>) -> Result<()> {
    diesel::sql_query(
        "WITH old AS (
             SELECT id FROM imports
             WHERE created_at < $1 AND stage NOT IN ('waiting', 'running')
               AND EXISTS (SELECT FROM import_pieces WHERE import_id = imports.id)
         ), forgotten AS (DELETE FROM import_pieces WHERE import_id IN (SELECT id FROM old))
         UPDATE imports SET bad_rows_bytes = 0, stage = CASE stage WHEN 'imported' THEN stage ELSE 'discarded' END
         WHERE id IN (SELECT id FROM old)",
    )
    .bind::<diesel::sql_types::Timestamptz, _>(before)
    .execute(conn)?;
    Ok(())
}

/// Whether a file of this import is still kept.
pub fn has_file(conn: &mut PgConnection, id: Uuid) -> Result<bool> {
    let kept = diesel::sql_query("SELECT 1 FROM import_pieces WHERE import_id = $1 AND part = 'file' LIMIT 1")
        .bind::<SqlUuid, _>(id)
        .execute(conn)?;
    Ok(kept > 0)
}

//! One import: how far it is, what came of it, and what can be done next.

use super::parse_id;
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::imports::actions::tasks;
use crate::imports::kept::Kept;
use crate::imports::store::files::{self, Part};
use crate::imports::store::tasks as store;
use crate::imports::task::{Options, Stage, Task};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::csv;
use crate::web::errors::PageError;
use crate::web::format::filters;
use crate::web::forms::FormState;
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::{HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "imports/show.html", blocks = ["state"])]
pub(super) struct TaskPage {
    pub(super) shell: Shell,
    pub(super) task: Task,
    pub(super) store: StoreSettings,
    pub(super) may_import: bool,
}

impl TaskPage {
    /// Whether the figures are of what happened, and not of what would.
    fn is_done(&self) -> bool {
        self.task.stage == Stage::Imported
    }

    /// Whether its file can be imported or checked once more.
    fn can_go_on(&self) -> bool {
        !self.task.stage.is_under_way() && !self.task.stage.is_closed()
    }

    fn good_rows(&self, report: &Kept) -> i64 {
        i64::try_from(report.rows).unwrap_or(i64::MAX) - report.bad_rows
    }
}

/// The import with what its page needs.
pub(super) fn load(conn: &mut PgConnection, id: Uuid) -> Result<(Task, StoreSettings)> {
    Ok((store::get(conn, id)?, store_settings::load(conn)?))
}

/// `GET /imports/{id}`.
pub async fn show(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let (task, store) = db.read(move |conn| load(conn, id)).await?;
    let page = TaskPage { shell, task, store, may_import: actor.may(Permission::Import) };
    Ok(if hx.wants("state") { respond::page(&page.as_state())? } else { respond::page(&page)? })
}

/// `POST /imports/{id}/start`: imports what was checked; `rows=good` the good rows alone, `step=check` only checks.
pub async fn start(
    db: web::Data<Db>,
    actor: Actor,
    hx: Hx,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Import)?;
    let id = parse_id(&id)?;
    let (good_rows, only_check) = (form.is("rows", "good"), form.is("step", "check"));
    db.write(move |conn| {
        let options = match good_rows {
            true => Some(Options { good_rows, ..store::get(conn, id)?.options }),
            false => None,
        };
        tasks::begin(conn, id, options, only_check, &actor)
    })
    .await?;
    Ok(hx.see_other(&format!("/imports/{id}")))
}

/// `POST /imports/{id}/discard`: puts a file aside, or stops the import that runs.
pub async fn discard(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let id = parse_id(&id)?;
    let now = clock.now();
    let task = db.write(move |conn| tasks::discard(conn, id, &actor, now)).await?;
    if task.stage == Stage::Running {
        leave(&session, Flash::info("The import is being stopped. What it did so far is undone."))?;
        return Ok(hx.see_other(&format!("/imports/{id}")));
    }
    leave(&session, Flash::success(format!("{} was discarded. Nothing of it was imported.", task.file)))?;
    Ok(hx.see_other("/imports"))
}

/// `GET /imports/{id}/bad-rows.csv`: the rows that are not imported, each with its reasons, to mend and send again.
pub async fn bad_rows(db: web::Data<Db>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Import)?;
    let id = parse_id(&id)?;
    let task = db.read(move |conn| store::get(conn, id)).await?;
    if task.bad_rows_bytes == 0 {
        return Err(Error::NotFound("There are no rows with errors, or they are no longer kept.".into()).into());
    }
    let db = Db::clone(&db);
    let name = format!("{}.errors.csv", task.kind);
    Ok(csv::download(&name, 0, move |number| {
        let db = db.clone();
        async move {
            let piece = db.read(move |conn| files::piece(conn, id, Part::BadRows, number)).await?;
            let next = piece.as_ref().map(|_| number + 1);
            Ok((piece.unwrap_or_default(), next))
        }
    }))
}

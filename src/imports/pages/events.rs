//! How far an import is, as server-sent events: each is the page's region anew. Whoever has no scripts reloads the page.

use super::parse_id;
use super::show::{TaskPage, load};
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::imports::task::Task;
use crate::web::errors::PageError;
use crate::web::shell::Shell;
use actix_web::rt::time::sleep;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use askama::Template;
use futures_util::stream::{self, Stream};
use std::time::Duration;
use uuid::Uuid;

/// How often it is looked.
const PAUSE: Duration = Duration::from_millis(700);
/// How often a stream looks before it ends; the browser then asks for another.
const LOOKS: u32 = 400;

/// What was told the last time.
type Told = Option<(Task, u32)>;

struct Watch {
    db: Db,
    id: Uuid,
    shell: Shell,
    may_import: bool,
}

/// `GET /imports/{id}/events`.
pub async fn events(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    db.read(move |conn| load(conn, id)).await?;
    let watch = Watch { db: Db::clone(&db), id, shell, may_import: actor.may(Permission::Import) };
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("Cache-Control", "no-store"))
        // A proxy that gathers answers would tell everything at the end.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(told(watch)))
}

fn told(watch: Watch) -> impl Stream<Item = Result<Bytes>> {
    stream::try_unfold((watch, Some(None::<(Task, u32)>)), |(watch, told)| async move {
        let Some(told) = told else { return Ok(None) };
        let (text, told) = next(&watch, told).await?;
        Ok(Some((text, (watch, told))))
    })
}

/// The next thing to tell, and what is told then; `None` at the end.
async fn next(watch: &Watch, told: Told) -> Result<(Bytes, Option<Told>)> {
    let (before, mut looks) = told.map_or((None, 0), |(task, looks)| (Some(task), looks));
    loop {
        if before.is_some() {
            sleep(PAUSE).await;
        }
        looks += 1;
        let id = watch.id;
        let (task, store) = watch.db.read(move |conn| load(conn, id)).await?;
        if before.as_ref().is_some_and(|before| is_same(before, &task)) {
            if looks >= LOOKS {
                return Ok((Bytes::new(), None));
            }
            continue;
        }
        let page = TaskPage { shell: watch.shell.clone(), task, store, may_import: watch.may_import };
        let mut text = message(&page.as_state().render().map_err(Error::internal)?);
        let goes_on = page.task.stage.is_under_way();
        if !goes_on {
            text.push_str("event: ended\ndata: ended\n\n");
        }
        return Ok((Bytes::from(text), goes_on.then_some(Some((page.task, looks)))));
    }
}

fn is_same(one: &Task, other: &Task) -> bool {
    let shown = |task: &Task| (task.stage, task.phase.clone(), task.rows_read, task.bytes_read);
    shown(one) == shown(other)
}

/// A text as an event's data.
fn message(text: &str) -> String {
    let lines: String = text.lines().map(|line| format!("data: {line}\n")).collect();
    lines + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_data() {
        assert_eq!(message("<p>\nevent: x\n</p>"), "data: <p>\ndata: event: x\ndata: </p>\n\n");
    }
}

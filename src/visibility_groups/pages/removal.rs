//! Deleting a visibility group that no customer group shows.

use super::super::actions;
use super::super::store::{self, ShownBy, VisibilityGroup};
use super::parse_id;
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::Result;
use crate::web::errors::PageError;
use crate::web::format::filters;
use crate::web::forms::{FormState, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::{HttpResponse, web};
use askama::Template;

/// How many customer groups the page names.
const NAMED: i64 = 20;

#[derive(Template)]
#[template(path = "visibility_groups/delete.html")]
struct DeletePage {
    shell: Shell,
    set: VisibilityGroup,
    shown_by: Vec<ShownBy>,
    shown_by_count: i64,
}

impl DeletePage {
    fn further_groups(&self) -> i64 {
        self.shown_by_count - i64::try_from(self.shown_by.len()).unwrap_or_default()
    }
}

/// `GET /visibility-groups/{id}/deletion`: asks, or says which customer groups show it.
pub async fn confirm(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let id = parse_id(&id)?;
    let page = db
        .read(move |conn| {
            Ok(DeletePage {
                shell,
                set: store::get(conn, id)?,
                shown_by: store::shown_by(conn, id, NAMED)?,
                shown_by_count: store::shown_by_count(conn, id)?,
            })
        })
        .await?;
    Ok(respond::page(&page)?)
}

/// `POST /visibility-groups/{id}/deletion`.
pub async fn delete(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let id = parse_id(&id)?;
    let version = version(&form)?;
    let now = clock.now();
    let name = db
        .write(move |conn| {
            let name = store::get(conn, id)?.name;
            actions::delete(conn, &actor, id, Some(version), now)?;
            Ok(name)
        })
        .await?;
    leave(&session, Flash::success(format!("{name} is deleted.")))?;
    Ok(hx.see_other("/visibility-groups"))
}

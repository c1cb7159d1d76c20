//! Deleting a segment, after being asked.

use super::super::actions;
use super::super::store::{self, AskedBy, SegmentRow, parse_id};
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::Result;
use crate::web::errors::PageError;
use crate::web::forms::{FormState, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::{HttpResponse, web};
use askama::Template;

/// How many campaigns the page names.
const NAMED: i64 = 20;

#[derive(Template)]
#[template(path = "segments/delete.html")]
struct DeletePage {
    shell: Shell,
    segment: SegmentRow,
    campaigns: Vec<AskedBy>,
}

/// `GET /segments/{id}/deletion`.
pub async fn confirm(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditPromotions)?;
    let id = parse_id(&id)?;
    let page = db
        .read(move |conn| {
            let campaigns = store::asked_by(conn, id, NAMED)?;
            Ok(DeletePage { shell, segment: store::get(conn, id)?, campaigns })
        })
        .await?;
    Ok(respond::page(&page)?)
}

/// `POST /segments/{id}/deletion`.
pub async fn delete(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditPromotions)?;
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
    Ok(hx.see_other("/segments"))
}

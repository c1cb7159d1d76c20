//! Deleting a webhook, after being asked.

use super::super::actions;
use super::super::store::{self, Endpoint, Standing, parse_id};
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::web::errors::PageError;
use crate::web::forms::{FormState, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::{HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "webhooks/delete.html")]
struct DeletePage {
    shell: Shell,
    endpoint: Endpoint,
    standing: Standing,
}

/// `GET /settings/webhooks/{id}/deletion`.
pub async fn confirm(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManageWebhooks)?;
    let id = parse_id(&id)?;
    let page = db
        .read(move |conn| {
            let endpoint = store::get(conn, id)?;
            let standing = store::standings(conn, &[id])?.remove(&id).unwrap_or_default();
            Ok(DeletePage { shell, endpoint, standing })
        })
        .await?;
    Ok(respond::page(&page)?)
}

/// `POST /settings/webhooks/{id}/deletion`.
pub async fn delete(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManageWebhooks)?;
    let (id, version, now) = (parse_id(&id)?, version(&form)?, clock.now());
    let name = db
        .write(move |conn| {
            let name = store::get(conn, id)?.name().to_owned();
            actions::delete(conn, &actor, id, Some(version), now)?;
            Ok(name)
        })
        .await?;
    leave(&session, Flash::success(format!("{name} is deleted.")))?;
    Ok(hx.see_other("/settings/webhooks"))
}

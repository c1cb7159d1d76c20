//! The secret, shown once: of a new webhook, and after it was replaced.

use super::super::actions;
use super::super::signature::Secret;
use super::super::store::{self, Endpoint, parse_id};
use crate::auth::role::{Actor, Permission};
use crate::clock::Clock;
use crate::db::Db;
use crate::web::errors::PageError;
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpResponse, web};
use askama::Template;

/// The one page that shows the secret.
#[derive(Template)]
#[template(path = "webhooks/secret.html")]
pub struct SecretPage {
    pub shell: Shell,
    pub endpoint: Endpoint,
    pub secret: Secret,
    /// Whether the webhook was just made.
    pub is_new: bool,
}

#[derive(Template)]
#[template(path = "webhooks/replace_secret.html")]
struct ConfirmPage {
    shell: Shell,
    endpoint: Endpoint,
}

/// `GET /settings/webhooks/{id}/secret`.
pub async fn confirm(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManageWebhooks)?;
    let id = parse_id(&id)?;
    let endpoint = db.read(move |conn| store::get(conn, id)).await?;
    Ok(respond::page(&ConfirmPage { shell, endpoint })?)
}

/// `POST /settings/webhooks/{id}/secret`: answers with the new one. A redirect would have to keep it somewhere meanwhile.
pub async fn replace(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (id, now) = (parse_id(&id)?, clock.now());
    let (endpoint, secret) = db.write(move |conn| actions::replace_secret(conn, &actor, id, now)).await?;
    Ok(respond::page(&SecretPage { shell, endpoint, secret, is_new: false })?)
}

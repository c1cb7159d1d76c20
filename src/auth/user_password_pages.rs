//! A new password for somebody else (SPEC 12, under `/settings/users`).

use super::account_pages::repeated;
use super::actions;
use super::password;
use super::role::{Actor, Permission};
use super::store::{self, User};
use super::user_pages::{hashed, parse_id};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::FieldError;
use crate::web::errors::PageError;
use crate::web::forms::FormState;
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::{HttpResponse, web};
use askama::Template;

/// The routes, inside of the guard.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/settings/users/{id}/password")
            .route(web::get().to(password_form))
            .route(web::post().to(set_password)),
    );
}

#[derive(Template)]
#[template(path = "users/password.html")]
struct PasswordPage {
    shell: Shell,
    user: User,
    form: FormState,
}

/// `GET /settings/users/{id}/password`.
pub async fn password_form(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManagePeople)?;
    let id = parse_id(&id)?;
    let user = db.read(move |conn| store::user(conn, id)).await?;
    Ok(respond::page(&PasswordPage { shell, user, form: FormState::new() })?)
}

/// `POST /settings/users/{id}/password`.
pub async fn set_password(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManagePeople)?;
    let id = parse_id(&id)?;
    let user = db.read(move |conn| store::user(conn, id)).await?;
    let wrong: Vec<FieldError> =
        password::check(form.value("password")).err().into_iter().chain(repeated(&form)).collect();
    if !wrong.is_empty() {
        return Ok(respond::refused(&PasswordPage { shell, user, form: FormState::new().refused(wrong) })?);
    }
    let (hashed, now) = (hashed(form.value("password").to_owned()).await?, clock.now());
    db.write(move |conn| actions::set_password(conn, &actor, id, &hashed, now)).await?;
    leave(&session, Flash::success(format!("{} has a new password and is signed out everywhere.", user.name)))?;
    Ok(hx.see_other("/settings/users"))
}

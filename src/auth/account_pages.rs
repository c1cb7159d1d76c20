//! What people do about themselves: signing out, and changing their own password.

use super::actions;
use super::address::address_of;
use super::hashing;
use super::pages::After;
use super::password::{self, Hashed};
use super::role::Actor;
use super::throttle::{self, Subjects};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::web::errors::PageError;
use crate::web::forms::FormState;
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::Shell;
use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};

/// The routes, inside of the guard: signing somebody out from another site is a change, too.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/logout").route(web::post().to(sign_out)))
        .service(web::resource("/account/password").route(web::get().to(show)).route(web::post().to(change_password)));
}

/// `POST /logout`.
pub async fn sign_out(hx: Hx, session: Session) -> HttpResponse {
    session.purge();
    hx.see_other(After::SignOut.path())
}

#[derive(Template)]
#[template(path = "auth/password.html")]
struct PasswordPage {
    shell: Shell,
    form: FormState,
}

/// `GET /account/password`.
pub async fn show(shell: Shell) -> Result<HttpResponse, PageError> {
    Ok(respond::page(&PasswordPage { shell, form: FormState::new() })?)
}

/// `POST /account/password`: needs the current password, ends all sessions, this one too.
pub async fn change_password(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    request: HttpRequest,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    let email = shell.person.as_ref().map(|person| person.email.clone()).ok_or(Error::Unauthenticated)?;
    let asked = Asked {
        subjects: Subjects::new(&email, &address_of(&request)),
        email,
        current: form.value("current").to_owned(),
        new: form.value("password").to_owned(),
    };
    let wrong = wrong_fields(&form);
    let outcome =
        if wrong.is_empty() { replace(&db, actor, asked, clock.now()).await } else { Err(Error::Invalid(wrong)) };
    match outcome {
        Ok(()) => {
            session.purge();
            Ok(hx.see_other(After::NewPassword.path()))
        }
        Err(Error::Invalid(errors)) => {
            // Passwords are typed anew: a page never holds one.
            Ok(respond::refused(&PasswordPage { shell, form: FormState::new().refused(errors) })?)
        }
        Err(error) => Err(error.into()),
    }
}

/// What can be said without looking at the account.
fn wrong_fields(form: &FormState) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if form.value("current").is_empty() {
        errors.push(FieldError::new("current", "Enter your current password."));
    }
    if form.value("password") == form.value("current") && !form.value("password").is_empty() {
        errors.push(FieldError::new("password", "Choose another password than the current one."));
    }
    errors.extend(password::check(form.value("password")).err());
    errors.extend(repeated(form));
    errors
}

/// The error of a new password that isn't typed the same way twice.
pub(super) fn repeated(form: &FormState) -> Option<FieldError> {
    (form.value("password") != form.value("again"))
        .then(|| FieldError::new("again", "The two passwords differ. Type the new one twice."))
}

/// A person's wish for another password.
struct Asked {
    email: String,
    current: String,
    new: String,
    subjects: Subjects,
}

/// Tries of the current password count like sign-ins: a session left open is no way to guess it. The slow work on
/// passwords holds no connection.
async fn replace(db: &Db, actor: Actor, asked: Asked, now: DateTime<Utc>) -> Result<()> {
    let Asked { email, current, new, subjects } = asked;
    let counted = subjects.clone();
    let user = db.write(move |conn| actions::begin_sign_in(conn, &email, &counted, now)).await?;
    let user = user.filter(|user| Some(user.id) == actor.id).ok_or(Error::Unauthenticated)?;
    let id = user.id;
    let hashed = hashing::in_turn(move || {
        if !password::verify(&current, Some(&user.password_hash)) {
            return Err(Error::field("current", "This isn't your current password."));
        }
        Hashed::of(&new)
    })
    .await?;
    db.write(move |conn| {
        throttle::forget(conn, &subjects)?;
        actions::set_password(conn, &actor, id, &hashed, now)
    })
    .await
}

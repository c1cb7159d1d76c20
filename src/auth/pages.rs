//! Signing in: the one page for people whom nobody knows yet.

use super::actions::{begin_sign_in, complete_sign_in};
use super::address::address_of;
use super::guard::{CSRF_FIELD, same, same_site};
use super::session::{self, random_token, signed_in};
use super::throttle::Subjects;
use super::{hashing, password, store};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::web::errors::{PageError, RequestId, wait};
use crate::web::forms::FormState;
use crate::web::htmx::Hx;
use crate::web::respond::{self, local_path};
use crate::web::shell::Shell;
use crate::web::theme::Theme;
use actix_session::Session;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The cookie that the form's token must agree with: nobody is signed in yet, so there is no session to keep it.
const COOKIE: &str = "clientele_sign_in";
/// Where people go who didn't ask for another page.
const HOME: &str = "/groups";
/// The same for an unknown account, a wrong password and an account that was disabled.
const WRONG: &str = "Email or password is wrong.";

/// The routes outside of the guard.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/login").route(web::get().to(show)).route(web::post().to(sign_in)));
}

/// Why a person is shown the sign-in page, where it is worth a word: `/login?after=sign-out`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// They have signed out.
    SignOut,
    /// They have changed their password.
    NewPassword,
}

impl After {
    const ALL: [Self; 2] = [Self::SignOut, Self::NewPassword];

    /// The sign-in page's address that says so.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::SignOut => "/login?after=sign-out",
            Self::NewPassword => "/login?after=new-password",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::SignOut => "You are signed out.",
            Self::NewPassword => {
                "Your password is changed, and you are signed out everywhere. Sign in with the new one."
            }
        }
    }

    fn of(request: &HttpRequest) -> Option<Self> {
        let asked = request.uri().path_and_query()?.as_str();
        Self::ALL.into_iter().find(|after| after.path() == asked)
    }
}

#[derive(Template)]
#[template(path = "auth/login.html")]
struct LoginPage {
    shell: Shell,
    form: FormState,
    /// What happened before.
    told: &'static str,
}

/// `GET /login`.
pub async fn show(hx: Hx, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let asked: FormState = serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
    let next = destination(&asked);
    if signed_in(&request)?.is_some() {
        return Ok(hx.see_other(&next));
    }
    let told = After::of(&request).map_or("", After::sentence);
    answer(&request, StatusCode::OK, FormState::new().with("next", next), told)
}

/// `POST /login`. The same answer, after the same work, whether the account exists or not.
pub async fn sign_in(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    hx: Hx,
    session: Session,
    request: HttpRequest,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    same_site(&request)?;
    let mut form = form.into_inner();
    let next = destination(&form);
    if signed_in(&request)?.is_some() {
        return Ok(hx.see_other(&next));
    }
    let known = request.cookie(COOKIE).is_some_and(|cookie| same(cookie.value(), form.value(CSRF_FIELD)));
    let (email, password) = (form.value("email").trim().to_owned(), form.value("password").to_owned());
    // What is shown again never holds the password.
    form.set("password", "");
    form.set("next", &next);
    if !known {
        let expired = "This form had expired, or your browser keeps no cookies. Please sign in again.";
        return answer(&request, StatusCode::FORBIDDEN, form.refused([FieldError::new("", expired)]), "");
    }
    let missing = missing(&email, &password);
    if !missing.is_empty() {
        return answer(&request, StatusCode::UNPROCESSABLE_ENTITY, form.refused(missing), "");
    }
    let address = address_of(&request);
    let subjects = Subjects::new(&email, &address);
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
    match identify(&db, email, password, subjects, request_id, clock.now()).await {
        Ok(user) => {
            session::begin(&session, user)?;
            let mut response = hx.see_other(&next);
            response.add_removal_cookie(&Cookie::build(COOKIE, "").path("/login").finish()).map_err(Error::internal)?;
            Ok(response)
        }
        Err(Error::Unauthenticated) => {
            tracing::info!(%address, "a sign-in was refused");
            let form = form.refused([FieldError::new("", WRONG)]);
            answer(&request, StatusCode::UNPROCESSABLE_ENTITY, form, "")
        }
        Err(Error::TooMany { retry_after }) => {
            tracing::warn!(%address, "sign-ins are held back");
            let sentence = format!("Too many attempts. Try again in {}.", wait(retry_after));
            let form = form.refused([FieldError::new("", sentence)]);
            let mut response = answer(&request, StatusCode::TOO_MANY_REQUESTS, form, "")?;
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after));
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

/// Whose email and password these are, or [`Error::Unauthenticated`]. The slow look at the password holds no
/// connection.
async fn identify(
    db: &Db,
    email: String,
    password: String,
    subjects: Subjects,
    request_id: Option<String>,
    now: DateTime<Utc>,
) -> Result<Uuid> {
    let counted = subjects.clone();
    let user = db.write(move |conn| begin_sign_in(conn, &email, &counted, now)).await?;
    let (user, right) = hashing::in_turn(move || {
        let right = password::verify(&password, user.as_ref().map(|user| user.password_hash.as_str()));
        Ok((user, right))
    })
    .await?;
    let user: store::User = user.filter(|_| right).ok_or(Error::Unauthenticated)?;
    let id = user.id;
    db.write(move |conn| complete_sign_in(conn, &user, &subjects, request_id, now)).await?;
    Ok(id)
}

fn missing(email: &str, password: &str) -> Vec<FieldError> {
    let fields = [("email", email, "Enter your email address."), ("password", password, "Enter your password.")];
    fields
        .into_iter()
        .filter(|(_, value, _)| value.is_empty())
        .map(|(field, _, sentence)| FieldError::new(field, sentence))
        .collect()
}

/// Where to go after signing in: a page of this site, and not this one.
fn destination(form: &FormState) -> String {
    let next = local_path(form.value("next")).filter(|next| *next != "/" && !next.starts_with("/login"));
    next.unwrap_or(HOME).to_owned()
}

/// The page, with a token that its cookie knows.
fn answer(
    request: &HttpRequest,
    status: StatusCode,
    form: FormState,
    told: &'static str,
) -> Result<HttpResponse, PageError> {
    let known = request.cookie(COOKIE).map(|cookie| cookie.value().to_owned()).filter(|token| token.len() == 43);
    let (csrf, fresh) = match known {
        Some(token) => (token, false),
        None => (random_token()?, true),
    };
    let shell = Shell { csrf: csrf.clone(), theme: Theme::of(request), ..Shell::default() };
    let mut response = respond::html(status, &LoginPage { shell, form, told })?;
    if fresh {
        let cookie = Cookie::build(COOKIE, csrf).path("/login").http_only(true).same_site(SameSite::Strict).finish();
        response.add_cookie(&cookie).map_err(Error::internal)?;
    }
    Ok(response)
}

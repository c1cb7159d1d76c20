//! API tokens: list, new, revoke (SPEC 12, `/settings/tokens`).

use super::actions;
use super::role::{Actor, Permission, Role};
use super::store::{self, Token};
use super::token::Secret;
use super::user_pages::role_choices;
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::db::keyset::Place;
use crate::error::{Error, Result};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::forms::{Choice, FormState};
use crate::web::htmx::Hx;
use crate::web::query::{Pager, Query};
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use uuid::Uuid;

const ROWS: usize = 50;
const LIST: &str = "/settings/tokens";

/// The routes, inside of the guard.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/settings/tokens").route(web::get().to(list)).route(web::post().to(create)))
        .service(web::resource("/settings/tokens/new").route(web::get().to(new)))
        .service(
            web::resource("/settings/tokens/{id}/revocation")
                .route(web::get().to(confirm))
                .route(web::post().to(revoke)),
        );
}

#[derive(Template)]
#[template(path = "tokens/list.html", blocks = ["results"])]
struct ListPage {
    shell: Shell,
    tokens: Vec<Token>,
    pager: Pager,
    store: StoreSettings,
}

/// `GET /settings/tokens`.
pub async fn list(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManagePeople)?;
    let query = Query::new(LIST, request.query_string());
    let place = Place::of(query.get("after"), query.get("before"));
    let (found, store) =
        db.read(move |conn| Ok((store::tokens_page(conn, &place, ROWS)?, store_settings::load(conn)?))).await?;
    let summary =
        counted(i64::try_from(found.rows.len()).unwrap_or_default(), "token on this page", "tokens on this page");
    let pager = Pager::of(&query, &found, |token| (token.created_at, token.id), summary);
    let page = ListPage { shell, tokens: found.rows, pager, store };
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

#[derive(Template)]
#[template(path = "tokens/form.html")]
struct FormPage {
    shell: Shell,
    form: FormState,
}

impl FormPage {
    fn roles(&self) -> Vec<Choice> {
        role_choices()
    }
}

/// `GET /settings/tokens/new`.
pub async fn new(actor: Actor, shell: Shell) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManagePeople)?;
    Ok(respond::page(&FormPage { shell, form: FormState::new().with("role", Role::Viewer.name()) })?)
}

/// The one page that shows the token.
#[derive(Template)]
#[template(path = "tokens/created.html")]
struct CreatedPage {
    shell: Shell,
    name: String,
    role: Role,
    secret: Secret,
}

/// `POST /settings/tokens`: answers with the token itself. A redirect would have to keep it somewhere meanwhile.
pub async fn create(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    let (name, role, now) = (form.value("name").trim().to_owned(), form.value("role").to_owned(), clock.now());
    let outcome = db
        .write(move |conn| {
            actor.require(Permission::ManagePeople)?;
            let role = Role::from_name(&role);
            let name_error = actions::check_token_name(&name).err();
            let role_error = role.is_none().then(super::user::role_error);
            match role {
                Some(role) if name_error.is_none() => {
                    let (_, secret) = actions::create_token(conn, &actor, &name, role, now)?;
                    Ok((name, role, secret))
                }
                _ => Err(Error::Invalid(name_error.into_iter().chain(role_error).collect())),
            }
        })
        .await;
    match outcome {
        Ok((name, role, secret)) => Ok(respond::html(StatusCode::CREATED, &CreatedPage { shell, name, role, secret })?),
        Err(Error::Invalid(errors)) => {
            Ok(respond::refused(&FormPage { shell, form: form.into_inner().refused(errors) })?)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "tokens/revoke.html")]
struct RevokePage {
    shell: Shell,
    token: Token,
    store: StoreSettings,
}

/// `GET /settings/tokens/{id}/revocation`.
pub async fn confirm(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManagePeople)?;
    let id = parse_id(&id)?;
    let (token, store) = db.read(move |conn| Ok((store::token(conn, id)?, store_settings::load(conn)?))).await?;
    if token.revoked_at.is_some() {
        return Err(Error::Conflict(format!("{} is revoked already.", token.name)).into());
    }
    Ok(respond::page(&RevokePage { shell, token, store })?)
}

/// `POST /settings/tokens/{id}/revocation`.
pub async fn revoke(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (id, now) = (parse_id(&id)?, clock.now());
    let name = db
        .write(move |conn| {
            actions::revoke_token(conn, &actor, id, now)?;
            Ok(store::token(conn, id)?.name)
        })
        .await?;
    leave(&session, Flash::success(format!("{name} is revoked: whoever holds it is refused from now on.")))?;
    Ok(hx.see_other(LIST))
}

/// An id in an address; one that is none names nothing.
fn parse_id(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| Error::NotFound("This token doesn't exist.".into()))
}

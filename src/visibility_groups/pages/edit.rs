//! New visibility group, and editing one's own fields.

use super::super::actions;
use super::super::forms::{FIELDS, fill, parse};
use super::super::set::Details;
use super::super::store::{self, VisibilityGroup};
use super::parse_id;
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::web::errors::PageError;
use crate::web::forms::{Conflict, FormState, conflicts, take_theirs_where_untouched, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "visibility_groups/form.html")]
struct FormPage {
    shell: Shell,
    /// `None` for a new one.
    set: Option<VisibilityGroup>,
    form: FormState,
    version: i32,
    conflicts: Vec<Conflict>,
}

/// `GET /visibility-groups/new`.
pub async fn new(actor: Actor, shell: Shell) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    Ok(respond::page(&new_page(shell, fill(&Details::default())))?)
}

fn new_page(shell: Shell, form: FormState) -> FormPage {
    FormPage { shell, set: None, form, version: 0, conflicts: Vec::new() }
}

/// `POST /visibility-groups`.
pub async fn create(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    let form = form.into_inner();
    let (typed, now) = (parse(&form), clock.now());
    match db.write(move |conn| actions::create(conn, &actor, &typed, now)).await {
        Ok(set) => {
            leave(&session, Flash::success(format!("{} is made. Choose its products.", set.name)))?;
            Ok(hx.see_other(&format!("/visibility-groups/{}/add", set.id)))
        }
        Err(Error::Invalid(errors)) => Ok(respond::refused(&new_page(shell, form.refused(errors)))?),
        Err(error) => Err(error.into()),
    }
}

fn edit_page(shell: Shell, set: VisibilityGroup, form: FormState) -> FormPage {
    FormPage { shell, version: set.version, set: Some(set), form, conflicts: Vec::new() }
}

/// `GET /visibility-groups/{id}/edit`.
pub async fn edit(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let id = parse_id(&id)?;
    let set = db.read(move |conn| store::get(conn, id)).await?;
    let form = fill(&set.details());
    let form = form.clone().with("was", form.to_json());
    Ok(respond::page(&edit_page(shell, set, form))?)
}

/// `POST /visibility-groups/{id}`. Over somebody else's change it saves nothing and shows both sides by side.
pub async fn update(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let id = parse_id(&id)?;
    let form = form.into_inner();
    let version = version(&form)?;
    let (typed, now) = (parse(&form), clock.now());
    match db.write(move |conn| actions::edit(conn, &actor, id, Some(version), &typed, now)).await {
        Ok(set) => {
            leave(&session, Flash::success(format!("{} is saved.", set.name)))?;
            Ok(hx.see_other(&format!("/visibility-groups/{id}")))
        }
        Err(Error::Invalid(errors)) => {
            let set = db.read(move |conn| store::get(conn, id)).await?;
            let mut page = edit_page(shell, set, form.refused(errors));
            // Whoever mends the errors still saves over the version that the form was filled from.
            page.version = version;
            Ok(respond::refused(&page)?)
        }
        Err(Error::Stale(sentence)) => {
            let set = db.read(move |conn| store::get(conn, id)).await?;
            let theirs = fill(&set.details());
            let form = take_theirs_where_untouched(form, &theirs, &FIELDS.map(|(name, _)| name), &[], &[]);
            let conflicts = conflicts(&FIELDS, &theirs, &form);
            let mut page = edit_page(shell, set, form.refused([FieldError::new("", sentence)]));
            page.conflicts = conflicts;
            Ok(respond::html(StatusCode::CONFLICT, &page)?)
        }
        Err(error) => Err(error.into()),
    }
}

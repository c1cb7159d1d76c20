//! New price list, and editing one's own fields.

use super::super::actions;
use super::super::forms::{FIELDS, fill, parse};
use super::super::list::Typed;
use super::super::store::{self, PriceList};
use super::{Tab, parse_id, tabs};
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::groups::group::Status;
use crate::money::Currency;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::forms::{Choice, Conflict, FormState, conflicts, take_theirs_where_untouched, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "price_lists/form.html")]
struct FormPage {
    shell: Shell,
    tabs: Vec<Tab>,
    /// `None` for a new list.
    list: Option<PriceList>,
    form: FormState,
    version: i32,
    conflicts: Vec<Conflict>,
}

impl FormPage {
    fn statuses(&self) -> Vec<Choice> {
        Status::ALL.iter().map(|status| Choice::new(status.name(), status.label())).collect()
    }

    fn currencies(&self) -> Vec<Choice> {
        let choice = |currency: &Currency| Choice::new(currency.code(), format!("{currency} – {}", currency.name()));
        Currency::all().iter().map(choice).collect()
    }
}

/// `GET /price-lists/new`.
pub async fn new(db: web::Data<Db>, actor: Actor, shell: Shell) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let currency = db.read(|conn| Ok(store_settings::load(conn)?.currency)).await?;
    let typed = Typed { currency: currency.code().into(), status: "active".into(), ..Typed::default() };
    Ok(respond::page(&new_page(shell, fill(&typed)))?)
}

fn new_page(shell: Shell, form: FormState) -> FormPage {
    FormPage { shell, tabs: Vec::new(), list: None, form, version: 0, conflicts: Vec::new() }
}

/// `POST /price-lists`.
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
        Ok(list) => {
            leave(&session, Flash::success(format!("{} is made. Give it prices.", list.name)))?;
            Ok(hx.see_other(&format!("/price-lists/{}", list.id)))
        }
        Err(Error::Invalid(errors)) => Ok(respond::refused(&new_page(shell, form.refused(errors)))?),
        Err(error) => Err(error.into()),
    }
}

fn edit_page(shell: Shell, list: PriceList, form: FormState) -> FormPage {
    FormPage {
        shell,
        tabs: tabs(&list, "Prices"),
        version: list.version,
        list: Some(list),
        form,
        conflicts: Vec::new(),
    }
}

/// `GET /price-lists/{id}/edit`.
pub async fn edit(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let id = parse_id(&id)?;
    let list = db.read(move |conn| store::get(conn, id)).await?;
    let form = fill(&list.typed()?);
    let form = form.clone().with("was", form.to_json());
    Ok(respond::page(&edit_page(shell, list, form))?)
}

/// `POST /price-lists/{id}`. Over somebody else's change it saves nothing and shows both sides by side.
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
        Ok(list) => {
            leave(&session, Flash::success(format!("{} is saved.", list.name)))?;
            Ok(hx.see_other(&format!("/price-lists/{id}")))
        }
        Err(Error::Invalid(errors)) => {
            let list = db.read(move |conn| store::get(conn, id)).await?;
            let mut page = edit_page(shell, list, form.refused(errors));
            // Whoever mends the errors still saves over the version that the form was filled from.
            page.version = version;
            Ok(respond::refused(&page)?)
        }
        Err(Error::Stale(sentence)) => {
            let list = db.read(move |conn| store::get(conn, id)).await?;
            let theirs = fill(&list.typed()?);
            let form = take_theirs_where_untouched(form, &theirs, &FIELDS.map(|(name, _)| name), &[], &[]);
            let conflicts = conflicts(&FIELDS, &theirs, &form);
            let mut page = edit_page(shell, list, form.refused([FieldError::new("", sentence)]));
            page.conflicts = conflicts;
            Ok(respond::html(StatusCode::CONFLICT, &page)?)
        }
        Err(error) => Err(error.into()),
    }
}

//! New organization, and editing one.

use super::parse_id;
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::groups::forms::chosen_group;
use crate::groups::store::naming;
use crate::organizations::actions;
use crate::organizations::forms::{Picked, fill, parse};
use crate::organizations::organization::Details;
use crate::organizations::store::{self, Organization, finding};
use crate::web::errors::PageError;
use crate::web::forms::{Conflict, FormState, conflicts, take_theirs_where_untouched, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use uuid::Uuid;

/// The fields and what they are called where two versions stand side by side.
const FIELDS: [(&str, &str); 4] =
    [("name", "Name"), ("code", "Code"), ("parent_text", "Parent organization"), ("group_text", "Customer group")];

#[derive(Template)]
#[template(path = "organizations/form.html")]
struct FormPage {
    shell: Shell,
    /// `None` for a new one.
    organization: Option<Organization>,
    form: FormState,
    version: i32,
    conflicts: Vec<Conflict>,
}

impl FormPage {
    fn new(shell: Shell, form: FormState) -> Self {
        Self { shell, organization: None, form, version: 0, conflicts: Vec::new() }
    }

    fn of(shell: Shell, organization: Organization, form: FormState) -> Self {
        Self { shell, version: organization.version, organization: Some(organization), form, conflicts: Vec::new() }
    }
}

/// `GET /organizations/new`.
pub async fn new(actor: Actor, shell: Shell) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCustomers)?;
    Ok(respond::page(&FormPage::new(shell, fill(&Details::default(), "", "")))?)
}

fn read(conn: &mut PgConnection, form: &FormState) -> Result<Details> {
    let parent = finding::meant(conn, &Picked::of(form, "parent"))?;
    let group = chosen_group(form, "group", |text| naming::by_name_or_code(conn, text))?;
    parse(form, parent, group).map_err(Error::Invalid)
}

/// `POST /organizations`.
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
    let (typed, now) = (form.clone(), clock.now());
    let outcome = db
        .write(move |conn| {
            actor.require(Permission::EditCustomers)?;
            let details = read(conn, &typed)?;
            actions::create(conn, &actor, details, now)
        })
        .await;
    match outcome {
        Ok(made) => {
            leave(&session, Flash::success(format!("{} is there.", made.name)))?;
            Ok(hx.see_other(&format!("/organizations/{}", made.id)))
        }
        Err(Error::Invalid(errors)) => Ok(respond::refused(&FormPage::new(shell, form.refused(errors)))?),
        Err(error) => Err(error.into()),
    }
}

/// An organization, and the form filled with it.
fn open(conn: &mut PgConnection, id: Uuid) -> Result<(Organization, FormState)> {
    let organization = store::one(conn, id)?;
    let parent = organization.parent_id.map(|id| store::any(conn, id)).transpose()?.flatten();
    let group = organization.group_id.map(|id| store::group_name(conn, id)).transpose()?.flatten();
    let parent = parent.map(|parent| parent.name).unwrap_or_default();
    let form = fill(&organization.details(), &parent, &group.unwrap_or_default());
    Ok((organization, form))
}

/// `GET /organizations/{id}/edit`.
pub async fn edit(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCustomers)?;
    let id = parse_id(&id)?;
    let (organization, form) = db.read(move |conn| open(conn, id)).await?;
    let form = form.clone().with("was", form.to_json());
    Ok(respond::page(&FormPage::of(shell, organization, form))?)
}

/// `POST /organizations/{id}`. Over somebody else's change it saves nothing and shows both sides by side.
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
    let id = parse_id(&id)?;
    let form = form.into_inner();
    let version = version(&form)?;
    let (typed, now) = (form.clone(), clock.now());
    let outcome = db
        .write(move |conn| {
            actor.require(Permission::EditCustomers)?;
            store::one(conn, id)?;
            let details = read(conn, &typed)?;
            actions::edit(conn, &actor, id, Some(version), details, now)
        })
        .await;
    match outcome {
        Ok(saved) => {
            leave(&session, Flash::success(format!("{} is saved.", saved.name)))?;
            Ok(hx.see_other(&format!("/organizations/{id}")))
        }
        Err(Error::Invalid(errors)) => {
            let (organization, _) = db.read(move |conn| open(conn, id)).await?;
            // Whoever mends the errors still saves over the version that the form was filled from.
            let page = FormPage { version, ..FormPage::of(shell, organization, form.refused(errors)) };
            Ok(respond::refused(&page)?)
        }
        Err(Error::Stale(sentence)) => {
            let (organization, theirs) = db.read(move |conn| open(conn, id)).await?;
            let form = take_theirs_where_untouched(form, &theirs, &["name", "code"], &["parent", "group"], &[]);
            let conflicts = conflicts(&FIELDS, &theirs, &form);
            let form = form.refused([FieldError::new("", sentence)]);
            let page = FormPage { conflicts, ..FormPage::of(shell, organization, form) };
            Ok(respond::html(StatusCode::CONFLICT, &page)?)
        }
        Err(error) => Err(error.into()),
    }
}

//! New webhook, and editing one.

use super::super::actions;
use super::super::address::Networks;
use super::super::forms::{FIELDS, fill, parse};
use super::super::store::{self, Endpoint, parse_id};
use super::secret::SecretPage;
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError};
use crate::outbox::kind::Kind;
use crate::web::errors::PageError;
use crate::web::forms::{Conflict, FormState, conflicts, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "webhooks/form.html")]
struct FormPage {
    shell: Shell,
    /// `None` for a new one.
    endpoint: Option<Endpoint>,
    form: FormState,
    version: i32,
    conflicts: Vec<Conflict>,
}

impl FormPage {
    fn of(shell: Shell, endpoint: Option<Endpoint>, form: FormState) -> Self {
        let version = endpoint.as_ref().map_or(0, |endpoint| endpoint.version);
        Self { shell, endpoint, form, version, conflicts: Vec::new() }
    }

    fn path(&self) -> String {
        let id = self.endpoint.as_ref().map(|endpoint| format!("/{}", endpoint.id));
        format!("/settings/webhooks{}", id.unwrap_or_default())
    }

    /// The events under their headings.
    fn headings(&self) -> Vec<(&'static str, Vec<Kind>)> {
        let mut headings: Vec<(&'static str, Vec<Kind>)> = Vec::new();
        for kind in Kind::ALL {
            match headings.iter_mut().find(|(heading, _)| *heading == kind.heading()) {
                Some((_, kinds)) => kinds.push(kind),
                None => headings.push((kind.heading(), vec![kind])),
            }
        }
        headings
    }
}

/// `GET /settings/webhooks/new`.
pub async fn new(actor: Actor, shell: Shell) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManageWebhooks)?;
    Ok(respond::page(&FormPage::of(shell, None, FormState::new()))?)
}

/// `POST /settings/webhooks`: answers with the secret itself. A redirect would have to keep it somewhere meanwhile.
pub async fn create(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    networks: web::Data<Networks>,
    actor: Actor,
    shell: Shell,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    let form = form.into_inner();
    let (typed, now) = (parse(&form, true), clock.now());
    match db.write(move |conn| actions::create(conn, &actor, &typed, **networks, now)).await {
        Ok((endpoint, secret)) => {
            let page = SecretPage { shell, endpoint, secret, is_new: true };
            Ok(respond::html(StatusCode::CREATED, &page)?)
        }
        Err(Error::Invalid(errors)) => Ok(respond::refused(&FormPage::of(shell, None, form.refused(errors)))?),
        Err(error) => Err(error.into()),
    }
}

/// `GET /settings/webhooks/{id}/edit`.
pub async fn edit(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManageWebhooks)?;
    let id = parse_id(&id)?;
    let endpoint = db.read(move |conn| store::get(conn, id)).await?;
    let form = fill(&endpoint.details());
    Ok(respond::page(&FormPage::of(shell, Some(endpoint), form))?)
}

/// `POST /settings/webhooks/{id}`. Over somebody else's change it saves nothing and shows both sides by side.
pub async fn update(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    networks: web::Data<Networks>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManageWebhooks)?;
    let (id, form, now) = (parse_id(&id)?, form.into_inner(), clock.now());
    let version = version(&form)?;
    let sent = form.clone();
    let outcome = db
        .write(move |conn| {
            let typed = parse(&sent, store::lock(conn, id)?.active);
            actions::edit(conn, &actor, id, Some(version), &typed, **networks, now)
        })
        .await;
    let (status, errors) = match outcome {
        Ok(endpoint) => {
            leave(&session, Flash::success(format!("{} is saved.", endpoint.name())))?;
            return Ok(hx.see_other(&format!("/settings/webhooks/{id}")));
        }
        Err(Error::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Err(Error::Stale(sentence)) => (StatusCode::CONFLICT, vec![FieldError::new("", sentence)]),
        Err(error) => return Err(error.into()),
    };
    let endpoint = db.read(move |conn| store::get(conn, id)).await?;
    let stale = status == StatusCode::CONFLICT;
    let differ = if stale { differences(&fill(&endpoint.details()), &form) } else { Vec::new() };
    // Whoever mends errors still saves over the version that the form was filled from.
    let version = if stale { endpoint.version } else { version };
    let page = FormPage::of(shell, Some(endpoint), form.refused(errors));
    Ok(respond::html(status, &FormPage { version, conflicts: differ, ..page })?)
}

fn differences(theirs: &FormState, yours: &FormState) -> Vec<Conflict> {
    let mut differ = conflicts(&FIELDS, theirs, yours);
    let events = |form: &FormState| form.values("events").collect::<Vec<_>>().join("\n");
    if events(theirs) != events(yours) {
        differ.push(Conflict { label: "Events", theirs: events(theirs), yours: events(yours) });
    }
    differ
}

//! New segment, and editing one.

use super::super::actions;
use super::super::forms::{FIELDS, parse};
use super::super::segment::Typed;
use super::super::store::{self, groups, parse_id};
use super::form::{Drawn, FormPage, draw, rule_of, stored};
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::inheritance::store::live::LiveSettings;
use crate::web::errors::PageError;
use crate::web::forms::{Conflict, FormState, conflicts, take_theirs_where_untouched, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use uuid::Uuid;

fn answer(hx: &Hx, page: &FormPage) -> Result<HttpResponse, PageError> {
    let status = if page.form.errors().is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(if hx.wants("preview") {
        respond::page(&page.as_preview())?
    } else if hx.wants("rule") {
        respond::html(status, &page.as_rule())?
    } else {
        respond::html(status, page)?
    })
}

/// `GET /segments/new`.
pub async fn new(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditPromotions)?;
    let now = clock.now();
    let page = db.read(move |conn| draw(conn, &live, shell, Drawn::default(), now)).await?;
    answer(&hx, &page)
}

/// `GET /segments/{id}/edit`.
pub async fn edit(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditPromotions)?;
    let (id, now) = (parse_id(&id)?, clock.now());
    let drawn = Drawn { id: Some(id), ..Drawn::default() };
    let page = db.read(move |conn| draw(conn, &live, shell, drawn, now)).await?;
    answer(&hx, &page)
}

/// Saves, or redraws the form as its button asks.
struct Sent {
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    /// The segment; `None` for a new one.
    id: Option<Uuid>,
    form: FormState,
    now: DateTime<Utc>,
}

/// `POST /segments`.
pub async fn create(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    let form = form.into_inner();
    Sent { db, live, actor, shell, hx, session, id: None, form, now: clock.now() }.answered().await
}

/// `POST /segments/{id}`. Over somebody else's change it saves nothing and shows both sides by side.
pub async fn update(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    let (id, form) = (Some(parse_id(&id)?), form.into_inner());
    Sent { db, live, actor, shell, hx, session, id, form, now: clock.now() }.answered().await
}

impl Sent {
    async fn answered(self) -> Result<HttpResponse, PageError> {
        self.actor.require(Permission::EditPromotions)?;
        let version = match self.id {
            Some(_) => Some(version(&self.form)?),
            None => None,
        };
        if self.hx.wants("preview") || self.form.value("do") != "save" {
            let picks = self.form.picks_more();
            return self.drawn(version, Drawn { picks, ..Drawn::default() }).await;
        }
        let (actor, id, form, now) = (self.actor.clone(), self.id, self.form.clone(), self.now);
        let outcome = self
            .db
            .write(move |conn| {
                let typed = Typed { rule: rule_of(conn, &form)?, ..parse(&form) };
                match id {
                    Some(id) => actions::edit(conn, &actor, id, version, &typed, now),
                    None => actions::create(conn, &actor, &typed, now),
                }
            })
            .await;
        match outcome {
            Ok(row) => {
                leave(&self.session, Flash::success(format!("{} is saved.", row.name)))?;
                Ok(self.hx.see_other(&format!("/segments/{}", row.id)))
            }
            Err(Error::Invalid(errors)) => {
                // Faults of the rule are told at the builder's own fields.
                let errors = errors.into_iter().filter(|error| !error.field.starts_with("rule")).collect();
                self.drawn(version, Drawn { complains: true, errors, ..Drawn::default() }).await
            }
            Err(Error::Stale(sentence)) => self.stale(sentence).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn drawn(self, version: Option<i32>, drawn: Drawn) -> Result<HttpResponse, PageError> {
        let Self { db, live, shell, hx, id, form, now, .. } = self;
        let drawn = Drawn { id, finds: hx.wants("preview"), sent: Some(form), ..drawn };
        let mut page = db.read(move |conn| draw(conn, &live, shell, drawn, now)).await?;
        // Whoever mends errors still saves over the version that the form was filled from.
        page.version = version.unwrap_or_default();
        answer(&hx, &page)
    }

    async fn stale(self, sentence: String) -> Result<HttpResponse, PageError> {
        let Self { db, live, shell, id, form, now, hx, .. } = self;
        let page = db
            .read(move |conn| {
                let row = store::get(conn, id.ok_or_else(store::gone)?)?;
                let theirs = stored(conn, &row)?;
                let form = form.takes_picks(&theirs, "groups_in").takes_picks(&theirs, "groups_not_in");
                let form = take_theirs_where_untouched(form, &theirs, &FIELDS.map(|(name, _)| name), &[], &[]);
                let mut differ = conflicts(&FIELDS, &theirs, &form);
                differ.extend(groups_differ(conn, &theirs, &form)?);
                let errors = vec![FieldError::new("", sentence)];
                let drawn = Drawn { id, sent: Some(form), errors, ..Drawn::default() };
                let mut page = draw(conn, &live, shell, drawn, now)?;
                page.conflicts = differ;
                Ok(page)
            })
            .await?;
        Ok(match hx.wants("rule") {
            true => respond::html(StatusCode::CONFLICT, &page.as_rule())?,
            false => respond::html(StatusCode::CONFLICT, &page)?,
        })
    }
}

fn groups_differ(conn: &mut PgConnection, theirs: &FormState, yours: &FormState) -> Result<Vec<Conflict>> {
    let mut differ = Vec::new();
    for (name, label) in [("groups_in", "In"), ("groups_not_in", "Not in")] {
        let theirs = groups::names(conn, &theirs.picked(name))?.join("\n");
        let yours = groups::names(conn, &yours.picked(name))?.join("\n");
        if theirs != yours {
            differ.push(Conflict { label, theirs, yours });
        }
    }
    Ok(differ)
}

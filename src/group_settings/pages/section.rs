//! One area of a group's settings: shown with what is inherited, looked at before it is saved, saved, reverted.

use super::super::actions;
use super::super::forms::meanwhile;
use super::area::Area;
use super::beside::beside;
use super::view::{Opened, SectionPage, open, page};
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::groups::store::parse_id;
use crate::impact::panel::Panel;
use crate::impact::store::assess::{Impact, assess};
use crate::impact::store::{AT_ONCE, size};
use crate::inheritance::book::Book;
use crate::inheritance::store::live::LiveSettings;
use crate::pricing::facts::Question;
use crate::pricing::store as pricing;
use crate::web::errors::PageError;
use crate::web::forms::{FormState, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use std::sync::Arc;
use uuid::Uuid;

/// Fields that don't say what is asked for.
const ASIDE: [&str; 5] = ["csrf", "version", "was", "reviewed", "impact"];

/// `GET /groups/{id}/pricing` and its sisters.
pub async fn show(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    area: web::Data<Area>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let (id, area, now) = (parse_id(&id)?, **area, clock.now());
    let page = db
        .read(move |conn| {
            let opened = open(conn, &live, id, area, now)?;
            let form = area.filled(&opened.own, opened.currency);
            let form = form.clone().with("was", form.to_json());
            page(conn, shell, area, opened, form, actor.may(area.permission()))
        })
        .await?;
    Ok(respond::page(&page)?)
}

/// What became of a form that was sent.
enum Outcome {
    Saved(String),
    /// Nothing is saved yet: this is what it would do.
    Review(Box<SectionPage>),
}

/// `POST /groups/{id}/pricing` and its sisters. A change that customers notice is saved once its impact was seen.
pub async fn save(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    area: web::Data<Area>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    let (id, area, form) = (parse_id(&id)?, **area, form.into_inner());
    let version = version(&form)?;
    let (typed, asked, by, now) = (form.clone(), shell.clone(), actor.clone(), clock.now());
    let settings = LiveSettings::clone(&live);
    let outcome = db
        .write(move |conn| {
            by.require(area.permission())?;
            let typed = with_typed_list(conn, typed)?;
            let opened = open(conn, &settings, id, area, now)?;
            let patch = area.read(conn, &typed, opened.currency)?;
            if typed.value("reviewed") != typed.digest(&ASIDE) && opened.group.version == version {
                let after = patch.applied(&opened.own).map_err(Error::Invalid)?;
                let after = opened.book.with([(after.id, Some(Arc::new(after)))]);
                if !typed.has("impact") && size(conn, &opened.book, &after)? > AT_ONCE {
                    let mut page = page(conn, asked, area, opened, typed, true)?;
                    page.panel.comes_later = true;
                    return Ok(Outcome::Review(Box::new(page)));
                }
                let impact = impact_of(conn, &opened, &after)?;
                if impact.is_noticed() {
                    let reviewed = typed.digest(&ASIDE);
                    let mut page = page(conn, asked, area, opened, typed, true)?;
                    page.panel.impact = Some(impact);
                    page.panel.reviewed = reviewed;
                    return Ok(Outcome::Review(Box::new(page)));
                }
            }
            actions::change(conn, &by, id, Some(version), &patch, now)?;
            Ok(Outcome::Saved(opened.group.name))
        })
        .await;
    match outcome {
        Ok(Outcome::Saved(name)) => {
            leave(&session, Flash::success(format!("{} of {name}: saved.", area.label())))?;
            Ok(hx.see_other(&format!("/groups/{id}/{}", area.path())))
        }
        Ok(Outcome::Review(page)) => Ok(respond::page(&*page)?),
        Err(Error::Invalid(errors)) => {
            let mut page = again(&db, &live, shell, area, (id, now), form.refused(errors)).await?;
            page.version = version;
            Ok(respond::refused(&page)?)
        }
        Err(Error::Stale(sentence)) => {
            let page = beside_theirs(&db, &live, shell, area, (id, now), form, sentence).await?;
            Ok(respond::html(StatusCode::CONFLICT, &page)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// The form again, with its errors.
async fn again(
    db: &Db,
    live: &LiveSettings,
    shell: Shell,
    area: Area,
    (id, now): (Uuid, DateTime<Utc>),
    form: FormState,
) -> Result<SectionPage> {
    let live = live.clone();
    db.read(move |conn| {
        let opened = open(conn, &live, id, area, now)?;
        page(conn, shell, area, opened, form, true)
    })
    .await
}

/// The form over somebody else's change, both sides by side.
async fn beside_theirs(
    db: &Db,
    live: &LiveSettings,
    shell: Shell,
    area: Area,
    (id, now): (Uuid, DateTime<Utc>),
    form: FormState,
    sentence: String,
) -> Result<SectionPage> {
    let live = live.clone();
    db.read(move |conn| {
        let opened = open(conn, &live, id, area, now)?;
        let theirs = area.filled(&opened.own, opened.currency);
        let form = meanwhile::take_theirs_where_untouched(form, &theirs, area.fields());
        let form = form.refused([FieldError::new("", sentence)]);
        let mut page = page(conn, shell, area, opened, form, true)?;
        page.conflicts = beside(conn, &page, &theirs)?;
        Ok(page)
    })
    .await
}

/// A list that was typed below the table and not chosen from what was found.
fn with_typed_list(conn: &mut PgConnection, mut form: FormState) -> Result<FormState> {
    let typed = form.filled("list_new_text").filter(|_| form.filled("list_new").is_none()).map(str::to_owned);
    if let Some(typed) = typed {
        let Some(id) = pricing::find_typed(conn, &typed)? else {
            return Err(Error::field(
                "list_new",
                "No price list has this code, or this name alone. Choose one of those that are found, or clear the field.",
            ));
        };
        form.set("list_new", id);
    }
    Ok(with_added_list(form))
}

/// A list that was chosen below the table is a row of it.
fn with_added_list(mut form: FormState) -> FormState {
    if let Some(id) = form.filled("list_new").map(str::to_owned) {
        let priority = form.value("list_new_priority").trim().to_owned();
        form.push("list_id", id);
        form.push("list_priority", priority);
        for field in ["list_new", "list_new_text", "list_new_priority"] {
            form.remove(field);
        }
    }
    form
}

fn impact_of(conn: &mut PgConnection, opened: &Opened, after: &Book) -> Result<Impact> {
    assess(conn, &opened.book, after, &Question { quantity: 1, day: opened.today, currency: opened.currency })
}

/// `POST /groups/{id}/pricing/impact` and its sisters: the panel alone, as the form is being filled.
pub async fn impact(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    area: web::Data<Area>,
    clock: web::Data<Clock>,
    actor: Actor,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(area.permission())?;
    let (id, area, now) = (parse_id(&id)?, **area, clock.now());
    let form = form.into_inner();
    let panel = db
        .read(move |conn| {
            let opened = open(conn, &live, id, area, now)?;
            let refresh = format!("/groups/{id}/{}/impact", area.path());
            let mut panel = Panel::waiting(opened.currency, refresh);
            // A form that can't be read yet has no impact yet; what is wrong is said when it is sent.
            let form = match with_typed_list(conn, form) {
                Ok(form) => form,
                Err(Error::Invalid(_)) => return Ok(panel),
                Err(error) => return Err(error),
            };
            let after = area
                .read(conn, &form, opened.currency)
                .and_then(|patch| patch.applied(&opened.own).map_err(Error::Invalid));
            match after {
                Ok(after) => {
                    let after = opened.book.with([(after.id, Some(Arc::new(after)))]);
                    panel.impact = Some(impact_of(conn, &opened, &after)?);
                    panel.reviewed = form.digest(&ASIDE);
                }
                Err(Error::Invalid(_)) => {}
                Err(error) => return Err(error),
            }
            Ok(panel)
        })
        .await?;
    Ok(respond::page(&panel)?)
}

/// `POST /groups/{id}/pricing/reversion?field=…` and its sisters: one setting is inherited again.
pub async fn revert(
    db: web::Data<Db>,
    area: web::Data<Area>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    let (id, area, now) = (parse_id(&id)?, **area, clock.now());
    actor.require(area.permission())?;
    let field = form.value("field").to_owned();
    let unknown = || Error::field("field", "This setting can't be reverted here. Reload the page.");
    let patch = area.reversion(&field).ok_or_else(unknown)?;
    let version = version(&form)?;
    let first = if field == "pricing.priceLists" { "list_id" } else { &field };
    let label = area.fields().iter().find(|(_, fields)| fields[0].starts_with(first)).map_or("It", |(label, _)| *label);
    db.write(move |conn| actions::change(conn, &actor, id, Some(version), &patch, now)).await?;
    let said = if first == "list_id" {
        "The group's own price lists are taken back: those that it inherits hold.".into()
    } else {
        format!("{label} is inherited again.")
    };
    leave(&session, Flash::success(said))?;
    let back = if form.is("back", Area::Inheritance.path()) { Area::Inheritance } else { area };
    Ok(hx.see_other(&format!("/groups/{id}/{}", back.path())))
}

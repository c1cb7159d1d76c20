//! Moving a group below another, with what that would do shown before it is saved.

use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::groups::actions;
use crate::groups::forms::{Parent, chosen_group};
use crate::groups::group::ROOT_ID;
use crate::groups::store::{self as groups, Group, naming, parse_id};
use crate::impact::panel::Panel;
use crate::impact::store::assess::assess;
use crate::impact::store::{AT_ONCE, size, today};
use crate::inheritance::book::Book;
use crate::inheritance::store::live::LiveSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::forms::{FormState, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "hierarchy/move.html")]
struct MovePage {
    shell: Shell,
    group: Group,
    /// Where it stands now.
    parent: String,
    form: FormState,
    panel: Panel,
}

/// Where the group is to go.
#[derive(Debug, Deserialize)]
pub struct Asked {
    parent: Option<Uuid>,
    /// Sent where scripts don't fetch the impact of a large move.
    impact: Option<String>,
}

fn page(conn: &mut PgConnection, shell: Shell, book: &Book, id: Uuid, form: FormState) -> Result<MovePage> {
    let group = groups::live(conn, id)?;
    if group.is_root() {
        return Err(Error::Conflict("All Customers stays where it is: every group stands below it.".into()));
    }
    let parent = group.parent_id.and_then(|parent| book.level(parent)).map(|level| level.name.clone());
    let currency = store_settings::load(conn)?.currency;
    let panel = Panel::waiting(currency, format!("/groups/{id}/move/impact"));
    Ok(MovePage { shell, group, parent: parent.unwrap_or_default(), form, panel })
}

/// `GET /groups/{id}/move`; with `?parent=` the impact is there already.
pub async fn show(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ShapeTree)?;
    let (id, now) = (parse_id(&id)?, clock.now());
    let page = db
        .read(move |conn| {
            let book = live.now(conn)?;
            let mut form = FormState::new();
            let stands = || book.level(id).and_then(|level| level.parent_id).filter(|parent| *parent != ROOT_ID);
            if let Some(parent) = asked.parent.or_else(stands).and_then(|parent| book.level(parent)) {
                form = form.with("parent", parent.id).with("parent_text", &parent.name);
            }
            let mut page = page(conn, shell, &book, id, form)?;
            if let Some(parent) = asked.parent.filter(|parent| book.level(*parent).is_some()) {
                match look(conn, (&book, id, parent), now, asked.impact.is_some()) {
                    Ok(panel) => page.panel = panel,
                    Err(Error::Invalid(errors)) => page.form = page.form.refused(errors),
                    Err(error) => return Err(error),
                }
            }
            Ok(page)
        })
        .await?;
    Ok(respond::page(&page)?)
}

/// What was looked at: this group below that one.
fn digest(id: Uuid, parent: Uuid) -> String {
    FormState::new().with("group", id).with("parent", parent).digest(&[])
}

fn chosen(conn: &mut PgConnection, form: &FormState) -> Result<Uuid> {
    match chosen_group(form, "parent", |text| naming::by_name_or_code(conn, text))? {
        Parent::Group(id) => Ok(id),
        Parent::Top => Ok(ROOT_ID),
        Parent::Unknown => {
            Err(Error::field("parent", "Choose the group that it goes below, by its name or code. Empty: top level."))
        }
    }
}

/// The tree with a group below another.
fn moved(book: &Book, id: Uuid, parent: Uuid) -> Result<Book> {
    let level = book.level(id).ok_or_else(groups::gone)?;
    if level.parent_id == Some(parent) {
        return Err(Error::field("parent", format!("{} stands there already. Choose another group.", level.name)));
    }
    if book.subtree(id).contains(&parent) {
        return Err(Error::field("parent", "A group can't stand below itself or one of its own subgroups."));
    }
    let mut moved = level.clone();
    moved.parent_id = Some(parent);
    Ok(book.with([(id, Some(Arc::new(moved)))]))
}

/// What moving it would do; a large move is looked at only where that is asked for (`now` rather than after the page).
fn look(
    conn: &mut PgConnection,
    (book, id, parent): (&Book, Uuid, Uuid),
    now: DateTime<Utc>,
    at_once: bool,
) -> Result<Panel> {
    let after = moved(book, id, parent)?;
    let (question, refresh) = (today(conn, now)?, format!("/groups/{id}/move/impact"));
    if !at_once && size(conn, book, &after)? > AT_ONCE {
        return Ok(Panel::coming(question.currency, refresh));
    }
    let impact = assess(conn, book, &after, &question)?;
    Ok(Panel::showing(question.currency, impact, digest(id, parent), refresh))
}

enum Outcome {
    Moved(String, Uuid),
    Review(Box<MovePage>),
}

/// `POST /groups/{id}/move`. It is saved once its impact was seen.
pub async fn save(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    let (id, form, now) = (parse_id(&id)?, form.into_inner(), clock.now());
    let version = version(&form)?;
    let (typed, asked, settings) = (form.clone(), shell.clone(), live.clone());
    let outcome = db
        .write(move |conn| {
            actor.require(Permission::ShapeTree)?;
            let parent = chosen(conn, &typed)?;
            let book = settings.now(conn)?;
            moved(&book, id, parent)?;
            if typed.value("reviewed") != digest(id, parent) {
                let panel = look(conn, (&book, id, parent), now, typed.has("impact"))?;
                if panel.is_worth_a_look() {
                    let mut page = page(conn, asked, &book, id, typed)?;
                    page.panel = panel;
                    return Ok(Outcome::Review(Box::new(page)));
                }
            }
            let mut details = groups::live(conn, id)?.details();
            details.parent_id = Some(parent);
            let group = actions::edit(conn, &actor, id, Some(version), details, None, now)?;
            Ok(Outcome::Moved(group.name, parent))
        })
        .await;
    match outcome {
        Ok(Outcome::Moved(name, parent)) => {
            leave(&session, Flash::success(format!("{name} is moved.")))?;
            Ok(hx.see_other(&format!("/hierarchy?open={parent}")))
        }
        Ok(Outcome::Review(page)) => Ok(respond::page(&*page)?),
        Err(Error::Invalid(errors)) => {
            let form = form.refused(errors);
            let page = db
                .read(move |conn| {
                    let book = live.now(conn)?;
                    page(conn, shell, &book, id, form)
                })
                .await?;
            Ok(respond::refused(&page)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /groups/{id}/move/impact`: the panel alone, as a parent is being chosen.
pub async fn impact(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    clock: web::Data<Clock>,
    actor: Actor,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ShapeTree)?;
    let (id, form, now) = (parse_id(&id)?, form.into_inner(), clock.now());
    let panel = db
        .read(move |conn| {
            let book = live.now(conn)?;
            match chosen(conn, &form).and_then(|parent| look(conn, (&book, id, parent), now, true)) {
                Err(Error::Invalid(_)) => {
                    let currency = store_settings::load(conn)?.currency;
                    Ok(Panel::waiting(currency, format!("/groups/{id}/move/impact")))
                }
                other => other,
            }
        })
        .await?;
    Ok(respond::page(&panel)?)
}

//! New group, editing a group with its metadata, duplicating (the seed's "Group Form").

use super::super::forms::{Typed, chosen_group, fill, parse};
use super::super::group::{Details, GroupType, ROOT_ID, Status};
use super::super::store::standing::{self, Touched};
use super::super::store::{self, Group, naming};
use super::super::{actions, copy as copying};
use super::{Tab, parse_id, tabs};
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::impact::panel::Panel;
use crate::impact::store::assess::Look;
use crate::impact::store::rehearse::rehearse;
use crate::impact::store::today;
use crate::inheritance::store::live::LiveSettings;
use crate::web::errors::PageError;
use crate::web::format::filters;
use crate::web::forms::{self, Choice, Conflict, FormState, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use uuid::Uuid;

/// The plain fields of the form.
const TYPED: [&str; 6] = ["name", "code", "description", "status", "type", "capacity"];

#[derive(Template)]
#[template(path = "groups/form.html")]
struct FormPage {
    shell: Shell,
    tabs: Vec<Tab>,
    /// `None` for a new group.
    group: Option<Group>,
    form: FormState,
    version: i32,
    may_shape: bool,
    conflicts: Vec<Conflict>,
    /// Whom a change of the type touches.
    touched: Option<Touched>,
    /// What a change of status or place would do, once it was asked for.
    panel: Option<Panel>,
}

impl FormPage {
    fn statuses(&self) -> Vec<Choice> {
        Status::ALL.iter().map(|status| Choice::new(status.name(), status.label())).collect()
    }

    fn kinds(&self) -> Vec<Choice> {
        GroupType::ALL.iter().map(|kind| Choice::new(kind.name(), kind.label()).hint(kind.meaning())).collect()
    }

    fn is_root(&self) -> bool {
        self.group.as_ref().is_some_and(Group::is_root)
    }
}

/// `GET /groups/new`.
pub async fn new(actor: Actor, shell: Shell) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditGroups)?;
    let form = fill(&Details { parent_id: None, ..Details::named("") }, &serde_json::Map::new(), "");
    Ok(respond::page(&new_page(shell, form))?)
}

fn new_page(shell: Shell, form: FormState) -> FormPage {
    FormPage {
        shell,
        tabs: Vec::new(),
        group: None,
        form,
        version: 0,
        may_shape: true,
        conflicts: Vec::new(),
        touched: None,
        panel: None,
    }
}

/// `POST /groups`: makes the group and goes on to its settings.
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
            actor.require(Permission::EditGroups)?;
            let Typed { details, metadata } = read_form(conn, &typed)?;
            actions::create(conn, &actor, details, &metadata, "console", now)
        })
        .await;
    match outcome {
        Ok(group) => {
            leave(&session, Flash::success(format!("{} is there. What does it pay?", group.name)))?;
            Ok(hx.see_other(&format!("/groups/{}/pricing", group.id)))
        }
        Err(Error::Invalid(errors)) => Ok(respond::refused(&new_page(shell, form.refused(errors)))?),
        Err(error) => Err(error.into()),
    }
}

fn read_form(conn: &mut PgConnection, form: &FormState) -> Result<Typed> {
    let parent = chosen_group(form, "parent", |text| naming::by_name_or_code(conn, text))?;
    parse(form, parent).map_err(Error::Invalid)
}

/// `GET /groups/{id}/edit`.
pub async fn edit(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditGroups)?;
    let id = parse_id(&id)?;
    let opened = db.read(move |conn| open(conn, id)).await?;
    let form = fill(&opened.group.details(), &opened.group.metadata(), &opened.parent);
    let form = form.clone().with("was", form.to_json());
    Ok(respond::page(&edit_page(shell, &actor, opened, form))?)
}

/// A group with what its form shows beside its fields.
struct Opened {
    group: Group,
    parent: String,
    touched: Touched,
}

fn open(conn: &mut PgConnection, id: Uuid) -> Result<Opened> {
    let group = store::live(conn, id)?;
    let parent = match group.parent_id {
        Some(parent) => store::any(conn, parent)?.map(|parent| parent.name).unwrap_or_default(),
        None => String::new(),
    };
    Ok(Opened { touched: standing::touched(conn, id)?, group, parent })
}

fn edit_page(shell: Shell, actor: &Actor, opened: Opened, form: FormState) -> FormPage {
    FormPage {
        shell,
        tabs: tabs(opened.group.id, "Overview"),
        version: opened.group.version,
        touched: Some(opened.touched),
        group: Some(opened.group),
        form,
        may_shape: actor.may(Permission::ShapeTree),
        conflicts: Vec::new(),
        panel: None,
    }
}

enum Outcome {
    /// The group's name.
    Saved(String),
    /// Nothing is saved yet: this is what it would do.
    Review(Box<(Opened, Panel)>),
}

/// Fields that don't say what is asked for.
const ASIDE: [&str; 4] = ["csrf", "version", "was", "reviewed"];

/// `POST /groups/{id}`. Another status or place is saved once its impact was seen. Over somebody else's change it saves
/// nothing and shows both sides by side.
pub async fn update(
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
    let id = parse_id(&id)?;
    let form = form.into_inner();
    let version = version(&form)?;
    let (typed, now, by, settings) = (form.clone(), clock.now(), actor.clone(), LiveSettings::clone(&live));
    let outcome = db
        .write(move |conn| {
            by.require(Permission::EditGroups)?;
            let current = store::live(conn, id)?;
            let reviewed = typed.digest(&ASIDE);
            let is_seen = typed.value("reviewed") == reviewed;
            let Typed { details, metadata } = read_form(conn, &keep_what_is_not_theirs(typed, &by, &current))?;
            let shapes = details.status != current.status()
                || details.parent_id.or(current.parent_id.map(|_| ROOT_ID)) != current.parent_id;
            let edit = |conn: &mut PgConnection| {
                actions::edit(conn, &by, id, Some(version), details.clone(), Some(metadata.clone()), now)
            };
            if shapes && !is_seen {
                let question = today(conn, now)?;
                let impact = rehearse(conn, &settings, &question, Look::default(), |conn| edit(conn).map(drop))?;
                if impact.is_noticed() {
                    let panel = Panel::showing(question.currency, impact, reviewed, String::new());
                    return Ok(Outcome::Review(Box::new((open(conn, id)?, panel))));
                }
            }
            Ok(Outcome::Saved(edit(conn)?.name))
        })
        .await;
    match outcome {
        Ok(Outcome::Review(review)) => {
            let (opened, panel) = *review;
            let mut page = edit_page(shell, &actor, opened, form);
            page.panel = Some(panel);
            Ok(respond::page(&page)?)
        }
        Ok(Outcome::Saved(name)) => {
            leave(&session, Flash::success(format!("{name} is saved.")))?;
            Ok(hx.see_other(&format!("/groups/{id}")))
        }
        Err(Error::Invalid(errors)) => {
            let opened = db.read(move |conn| open(conn, id)).await?;
            let mut page = edit_page(shell, &actor, opened, form.refused(errors));
            // Whoever mends the errors still saves over the version that the form was filled from.
            page.version = version;
            Ok(respond::refused(&page)?)
        }
        Err(Error::Stale(sentence)) => {
            let opened = db.read(move |conn| open(conn, id)).await?;
            let theirs = fill(&opened.group.details(), &opened.group.metadata(), &opened.parent);
            let form = forms::take_theirs_where_untouched(form, &theirs, &TYPED, &["parent"], &["metadata"]);
            let conflicts = differences(&theirs, &form);
            let mut page = edit_page(shell, &actor, opened, form.refused([FieldError::new("", sentence)]));
            page.conflicts = conflicts;
            Ok(respond::html(StatusCode::CONFLICT, &page)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// Fields that a role doesn't see in the form, and that All Customers doesn't have, keep their stored values.
fn keep_what_is_not_theirs(mut form: FormState, actor: &Actor, group: &Group) -> FormState {
    let stored = fill(&group.details(), &group.metadata(), "");
    let kept: &[&str] = if group.is_root() {
        &["code", "status", "type", "capacity", "parent"]
    } else if actor.may(Permission::ShapeTree) {
        &[]
    } else {
        &["status", "parent"]
    };
    for field in kept {
        // What was sent all the same is refused by the action, not silently dropped.
        if !form.has(field) && !form.has(&format!("{field}_text")) {
            form.set(field, stored.value(field));
        }
    }
    form
}

/// The fields in which two fillings of the form differ.
fn differences(theirs: &FormState, yours: &FormState) -> Vec<Conflict> {
    let fields = [
        ("name", "Group name"),
        ("code", "Group code"),
        ("description", "Description"),
        ("status", "Status"),
        ("type", "Group type"),
        ("parent_text", "Parent group"),
        ("capacity", "Capacity"),
    ];
    let mut conflicts = forms::conflicts(&fields, theirs, yours);
    conflicts.extend(forms::rows_conflict("metadata", "Metadata", theirs, yours));
    conflicts
}

/// `POST /groups/{id}/copy`: makes a group like this one, and goes on to edit it.
pub async fn copy(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let id = parse_id(&id)?;
    let now = clock.now();
    let copy = db.write(move |conn| copying::duplicate(conn, &actor, id, now)).await?;
    let text = format!("{} has the settings of the original and no members yet. Give it its own name.", copy.name);
    leave(&session, Flash::success(text))?;
    Ok(hx.see_other(&format!("/groups/{}/edit", copy.id)))
}

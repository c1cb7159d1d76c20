//! Deleting a group, with what it touches shown first, and restoring one.

use super::super::forms::{Parent, chosen_group};
use super::super::group::{ROOT_ID, Status};
use super::super::removal;
use super::super::store::standing::{self, Related, Touched};
use super::super::store::{self, Group, naming};
use super::parse_id;
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::impact::panel::Panel;
use crate::impact::store::assess::assess;
use crate::impact::store::{AT_ONCE, size, today};
use crate::inheritance::level::Level;
use crate::inheritance::store as inheritance;
use crate::inheritance::store::live::LiveSettings;
use crate::promotions::store as promotions;
use crate::rules::store::rules;
use crate::web::errors::PageError;
use crate::web::format::filters;
use crate::web::forms::{Choice, FormState, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use std::sync::Arc;
use uuid::Uuid;

/// How many child groups the dialog names.
const CHILDREN: i64 = 20;
/// How many promotions, and how many rules, it names.
const NAMED: i64 = 5;

#[derive(Template)]
#[template(path = "groups/delete.html")]
struct DeletePage {
    shell: Shell,
    group: Group,
    parent: String,
    touched: Touched,
    related: Related,
    /// The first child groups by name.
    children: Vec<String>,
    promotions: Named,
    /// Rules that ask for the group.
    rules: Named,
    form: FormState,
    panel: Panel,
}

impl DeletePage {
    fn destinations(&self) -> Vec<Choice> {
        vec![
            Choice::new("parent", format!("To the parent, {}", self.parent)),
            Choice::new("other", "To another group").hint("chosen below"),
        ]
    }
}

/// What refers to the group, such as the promotions that are for it or not for it: the first by name, and how many.
struct Named {
    named: Vec<String>,
    count: i64,
}

struct Loaded {
    group: Group,
    parent: String,
    touched: Touched,
    related: Related,
    children: Vec<String>,
    promotions: Named,
    /// Rules that ask for the group.
    rules: Named,
    panel: Panel,
}

/// What a page of deleting or restoring asks for.
struct Asked {
    id: Uuid,
    live: LiveSettings,
    actor: Actor,
    now: DateTime<Utc>,
}

impl Asked {
    /// What deleting would do to customers, with the child groups sent where the form says.
    fn impact(&self, conn: &mut PgConnection, form: &FormState, at_once: bool) -> Result<Panel> {
        let question = today(conn, self.now)?;
        let refresh = format!("/groups/{}/deletion/impact", self.id);
        let book = self.live.now(conn)?;
        if !at_once && size(conn, &book, &book.with([(self.id, None)]))? > AT_ONCE {
            return Ok(Panel::coming(question.currency, refresh));
        }
        // Where the form can't be read yet there is no impact yet; what is wrong is told when it is sent.
        let children_to = match children_to(conn, form) {
            Err(Error::Invalid(_)) => return Ok(Panel::waiting(question.currency, refresh)),
            other => other?,
        };
        let Some(after) = book.without(self.id, children_to) else {
            return Ok(Panel::waiting(question.currency, refresh));
        };
        let impact = assess(conn, &book, &after, &question)?;
        Ok(Panel::showing(question.currency, impact, digest(children_to), refresh))
    }
}

/// Says for which answer the impact was seen.
fn digest(children_to: Option<Uuid>) -> String {
    FormState::new().with("children_to", children_to.map(|id| id.to_string()).unwrap_or_default()).digest(&[])
}

fn load(conn: &mut PgConnection, asked: &Asked, form: &FormState) -> Result<Loaded> {
    let id = asked.id;
    let group = store::live(conn, id)?;
    removal::refuse_protected(conn, &group)?;
    let parent = match group.parent_id {
        Some(parent) => store::any(conn, parent)?.map(|parent| parent.name).unwrap_or_default(),
        None => String::new(),
    };
    let asking = rules::asking_for(conn, id, &group.code, NAMED)?;
    let (named, count) = promotions::targeting(conn, id, NAMED)?;
    Ok(Loaded {
        promotions: Named { named, count },
        rules: Named { named: asking.0, count: asking.1 },
        touched: standing::touched(conn, id)?,
        related: standing::related(conn, id)?,
        children: standing::child_names(conn, id, CHILDREN)?,
        panel: asked.impact(conn, form, form.has("impact"))?,
        group,
        parent,
    })
}

fn delete_page(shell: Shell, loaded: Loaded, form: FormState) -> DeletePage {
    let Loaded { group, parent, touched, related, children, promotions, rules, panel } = loaded;
    DeletePage { shell, group, parent, touched, related, children, promotions, rules, form, panel }
}

/// `GET /groups/{id}/deletion`: what deleting touches, and where child groups go.
pub async fn confirm(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ShapeTree)?;
    let asked = Asked { id: parse_id(&id)?, live: LiveSettings::clone(&live), actor, now: clock.now() };
    let form = FormState::new().with("children", "parent");
    let typed = form.clone();
    let loaded = db.read(move |conn| load(conn, &asked, &typed)).await?;
    Ok(respond::page(&delete_page(shell, loaded, form))?)
}

/// `POST /groups/{id}/deletion/impact`: the panel alone, as it is chosen where child groups go.
pub async fn impact(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    clock: web::Data<Clock>,
    actor: Actor,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ShapeTree)?;
    let asked = Asked { id: parse_id(&id)?, live: LiveSettings::clone(&live), actor, now: clock.now() };
    let panel = db.read(move |conn| asked.impact(conn, &form, true)).await?;
    Ok(respond::page(&panel)?)
}

enum Outcome {
    Deleted(String),
    /// The impact of another answer than was looked at.
    Review(Box<Loaded>),
}

/// `POST /groups/{id}/deletion`. It is done once its impact was seen.
pub async fn delete(
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
    let now = clock.now();
    let asked = || Asked { id, live: LiveSettings::clone(&live), actor: actor.clone(), now };
    let (typed, first, then) = (form.clone(), asked(), asked());
    let outcome = db
        .write(move |conn| {
            first.actor.require(Permission::ShapeTree)?;
            let Group { name, version: current, .. } = store::live(conn, id)?;
            let children_to = children_to(conn, &typed)?;
            if typed.value("reviewed") != digest(children_to) && current == version {
                let loaded = load(conn, &first, &typed)?;
                if loaded.panel.is_worth_a_look() {
                    return Ok(Outcome::Review(Box::new(loaded)));
                }
            }
            removal::delete(conn, &first.actor, id, Some(version), children_to, now)?;
            Ok(Outcome::Deleted(name))
        })
        .await;
    match outcome {
        Ok(Outcome::Review(loaded)) => Ok(respond::page(&delete_page(shell, *loaded, form))?),
        Ok(Outcome::Deleted(name)) => {
            let flash = Flash::success(format!("{name} is deleted. It can be restored with its members."))
                .link("Restore", format!("/groups/{id}/restoration"));
            leave(&session, flash)?;
            Ok(hx.see_other("/groups"))
        }
        Err(Error::Invalid(errors)) => {
            let typed = form.clone();
            let loaded = db.read(move |conn| load(conn, &then, &typed)).await?;
            Ok(respond::refused(&delete_page(shell, loaded, form.refused(errors)))?)
        }
        Err(error) => Err(error.into()),
    }
}

/// Where the form sends child groups; `None` = to the parent.
fn children_to(conn: &mut PgConnection, form: &FormState) -> Result<Option<Uuid>> {
    if form.value("children") != "other" {
        return Ok(None);
    }
    match chosen_group(form, "children_to", |text| naming::by_name_or_code(conn, text))? {
        Parent::Group(id) => Ok(Some(id)),
        Parent::Top | Parent::Unknown => {
            Err(Error::field("children_to", "Choose the group that the child groups go to, by its name or code."))
        }
    }
}

#[derive(Template)]
#[template(path = "groups/restore.html")]
struct RestorePage {
    shell: Shell,
    group: Group,
    /// The group it will stand under.
    parent: String,
    form: FormState,
    panel: Panel,
}

/// A deleted group, the name of its parent to be, and what its coming back would do.
struct Deleted {
    group: Group,
    parent: String,
    name: String,
    code: String,
    panel: Panel,
}

fn load_deleted(conn: &mut PgConnection, asked: &Asked) -> Result<Deleted> {
    let id = asked.id;
    let group = store::any(conn, id)?.ok_or_else(store::gone)?;
    if group.deleted_at.is_none() {
        return Err(Error::Conflict(format!("{} isn't deleted.", group.name)));
    }
    let parent = match group.parent_id {
        Some(parent) => store::any(conn, parent)?.filter(|parent| parent.deleted_at.is_none()),
        None => None,
    };
    let (parent_id, parent) =
        parent.map_or_else(|| (ROOT_ID, "All Customers".to_owned()), |parent| (parent.id, parent.name));
    let (name, code) = removal::free_name_and_code(conn, &group.name, &group.code)?;
    let question = today(conn, asked.now)?;
    let book = asked.live.now(conn)?;
    let level = inheritance::load(conn, &[id])?.remove(&id).ok_or_else(store::gone)?;
    let back = Level { parent_id: Some(parent_id), counts: group.status() == Status::Active, ..Level::clone(&level) };
    let after = book.with([(id, Some(Arc::new(back)))]);
    let impact = assess(conn, &book, &after, &question)?;
    let panel = Panel::showing(question.currency, impact, String::new(), String::new());
    Ok(Deleted { group, parent, name, code, panel })
}

/// `GET /groups/{id}/restoration`: under which name, code and parent the group comes back.
pub async fn confirm_restore(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ShapeTree)?;
    let asked = Asked { id: parse_id(&id)?, live: LiveSettings::clone(&live), actor, now: clock.now() };
    let Deleted { group, parent, name, code, panel } = db.read(move |conn| load_deleted(conn, &asked)).await?;
    let form = FormState::new().with("name", name).with("code", code);
    Ok(respond::page(&RestorePage { shell, group, parent, form, panel })?)
}

/// `POST /groups/{id}/restoration`.
pub async fn restore(
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
    let (typed, now) = (form.clone(), clock.now());
    let asked = Asked { id, live: LiveSettings::clone(&live), actor: actor.clone(), now };
    let outcome =
        db.write(move |conn| removal::restore(conn, &actor, id, typed.filled("name"), typed.filled("code"), now)).await;
    match outcome {
        Ok(group) => {
            leave(&session, Flash::success(format!("{} is back with its members.", group.name)))?;
            Ok(hx.see_other(&format!("/groups/{id}")))
        }
        Err(Error::Invalid(errors)) => {
            let Deleted { group, parent, panel, .. } = db.read(move |conn| load_deleted(conn, &asked)).await?;
            Ok(respond::refused(&RestorePage { shell, group, parent, form: form.refused(errors), panel })?)
        }
        Err(error) => Err(error.into()),
    }
}

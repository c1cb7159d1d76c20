//! Deleting a group, with what it touches shown first, and restoring one.

use super::super::forms::{Parent, chosen_group};
use super::super::removal;
use super::super::store::standing::{self, Related, Touched};
use super::super::store::{self, Group, naming};
use super::parse_id;
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::web::errors::PageError;
use crate::web::format::filters;
use crate::web::forms::{Choice, FormState, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::{HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use uuid::Uuid;

/// How many child groups the dialog names.
const CHILDREN: i64 = 20;

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
    form: FormState,
}

impl DeletePage {
    fn destinations(&self) -> Vec<Choice> {
        vec![
            Choice::new("parent", format!("To the parent, {}", self.parent)),
            Choice::new("other", "To another group").hint("chosen below"),
        ]
    }
}

struct Loaded {
    group: Group,
    parent: String,
    touched: Touched,
    related: Related,
    children: Vec<String>,
}

fn load(conn: &mut PgConnection, id: Uuid) -> Result<Loaded> {
    let group = store::live(conn, id)?;
    removal::refuse_protected(conn, &group)?;
    let parent = match group.parent_id {
        Some(parent) => store::any(conn, parent)?.map(|parent| parent.name).unwrap_or_default(),
        None => String::new(),
    };
    Ok(Loaded {
        touched: standing::touched(conn, id)?,
        related: standing::related(conn, id)?,
        children: standing::child_names(conn, id, CHILDREN)?,
        group,
        parent,
    })
}

fn delete_page(shell: Shell, loaded: Loaded, form: FormState) -> DeletePage {
    let Loaded { group, parent, touched, related, children } = loaded;
    DeletePage { shell, group, parent, touched, related, children, form }
}

/// `GET /groups/{id}/deletion`: what deleting touches, and where child groups go.
pub async fn confirm(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ShapeTree)?;
    let id = parse_id(&id)?;
    let loaded = db.read(move |conn| load(conn, id)).await?;
    let form = FormState::new().with("children", "parent");
    Ok(respond::page(&delete_page(shell, loaded, form))?)
}

/// `POST /groups/{id}/deletion`.
pub async fn delete(
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
            actor.require(Permission::ShapeTree)?;
            let name = store::live(conn, id)?.name;
            let children_to = children_to(conn, &typed)?;
            removal::delete(conn, &actor, id, Some(version), children_to, now)?;
            Ok(name)
        })
        .await;
    match outcome {
        Ok(name) => {
            let flash = Flash::success(format!("{name} is deleted. It can be restored with its members."))
                .link("Restore", format!("/groups/{id}/restoration"));
            leave(&session, flash)?;
            Ok(hx.see_other("/groups"))
        }
        Err(Error::Invalid(errors)) => {
            let loaded = db.read(move |conn| load(conn, id)).await?;
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
}

fn load_deleted(conn: &mut PgConnection, id: Uuid) -> Result<(Group, String, String, String)> {
    let group = store::any(conn, id)?.ok_or_else(store::gone)?;
    if group.deleted_at.is_none() {
        return Err(Error::Conflict(format!("{} isn't deleted.", group.name)));
    }
    let parent = match group.parent_id {
        Some(parent) => store::any(conn, parent)?.filter(|parent| parent.deleted_at.is_none()),
        None => None,
    };
    let parent = parent.map_or_else(|| "All Customers".to_owned(), |parent| parent.name);
    let (name, code) = removal::free_name_and_code(conn, &group.name, &group.code)?;
    Ok((group, parent, name, code))
}

/// `GET /groups/{id}/restoration`: under which name, code and parent the group comes back.
pub async fn confirm_restore(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ShapeTree)?;
    let id = parse_id(&id)?;
    let (group, parent, name, code) = db.read(move |conn| load_deleted(conn, id)).await?;
    let form = FormState::new().with("name", name).with("code", code);
    Ok(respond::page(&RestorePage { shell, group, parent, form })?)
}

/// `POST /groups/{id}/restoration`.
pub async fn restore(
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
    let (typed, now) = (form.clone(), clock.now());
    let outcome =
        db.write(move |conn| removal::restore(conn, &actor, id, typed.filled("name"), typed.filled("code"), now)).await;
    match outcome {
        Ok(group) => {
            leave(&session, Flash::success(format!("{} is back with its members.", group.name)))?;
            Ok(hx.see_other(&format!("/groups/{id}")))
        }
        Err(Error::Invalid(errors)) => {
            let (group, parent, ..) = db.read(move |conn| load_deleted(conn, id)).await?;
            Ok(respond::refused(&RestorePage { shell, group, parent, form: form.refused(errors) })?)
        }
        Err(error) => Err(error.into()),
    }
}

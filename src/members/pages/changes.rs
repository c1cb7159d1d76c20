//! What became of a change of members, undoing it, and changes of one membership.

use super::super::actions::{self, Asked, Done};
use super::super::outcome::{Kind, Outcome};
use super::super::store::batch::{self, Batch};
use super::super::store::list::Measure;
use super::{asked, measure, parse_id};
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::groups::store::{self as groups, Group};
use crate::groups::tabs::{Tab, tabs};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::filters;
use crate::web::forms::FormState;
use crate::web::htmx::Hx;
use crate::web::query::Query;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use uuid::Uuid;

/// Where a change is told, and where it is undone.
fn told_at(group: Uuid, batch: Uuid) -> String {
    format!("/groups/{group}/members/change?change={batch}")
}

fn undone_at(group: Uuid, batch: Uuid) -> String {
    format!("/groups/{group}/members/undo?change={batch}")
}

/// Where a change leads: back to the members with a message that can undo it, or, where somebody was refused, to the
/// page that says who and why.
pub(super) fn after_change(
    session: &Session,
    hx: &Hx,
    group: Uuid,
    name: &str,
    batch: Uuid,
    outcome: &Outcome,
) -> Result<HttpResponse, PageError> {
    if outcome.refused > 0 {
        return Ok(hx.see_other(&told_at(group, batch)));
    }
    let said = outcome.sentences(name);
    let flash = if outcome.did_something() {
        Flash::success(said).button("Undo", undone_at(group, batch))
    } else {
        Flash::info(said)
    };
    leave(session, flash)?;
    Ok(hx.see_other(&format!("/groups/{group}/members")))
}

#[derive(Template)]
#[template(path = "members/change.html")]
struct ChangePage {
    shell: Shell,
    tabs: Vec<Tab>,
    group: Group,
    store: StoreSettings,
    batch: Batch,
    can_be_undone: bool,
}

impl ChangePage {
    fn title(&self) -> &'static str {
        match self.batch.kind {
            Kind::Added if !self.batch.outcome.did_something() => "Nobody was added",
            Kind::Removed if !self.batch.outcome.did_something() => "Nobody was removed",
            Kind::Undone if !self.batch.outcome.did_something() => "Nothing was undone",
            Kind::Added => "Customers added",
            Kind::Removed => "Customers removed",
            Kind::Undone => "Change undone",
        }
    }

    fn undo_path(&self) -> String {
        undone_at(self.group.id, self.batch.id)
    }
}

/// The change that an address names.
fn change_of(request: &HttpRequest) -> Option<Uuid> {
    let query = Query::new("", request.query_string());
    Uuid::try_parse(query.get("change")).ok()
}

/// `GET /groups/{id}/members/change?change=…`: what a change did, and who was refused why.
pub async fn show(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let Some(change) = change_of(&request) else {
        // Nothing is said of which change: the members are what it is about.
        return Ok(hx.see_other(&format!("/groups/{id}/members")));
    };
    let (group, store, batch) = db
        .read(move |conn| Ok((groups::live(conn, id)?, store_settings::load(conn)?, batch::find(conn, id, change)?)))
        .await?;
    let can_be_undone = actor.may(Permission::EditMembers) && batch.can_be_undone(clock.now());
    let page = ChangePage { tabs: tabs(group.id, "Members"), shell, group, store, batch, can_be_undone };
    Ok(respond::page(&page)?)
}

/// Does something in one transaction as a person who was just signed in and needs no filters.
async fn write<T: Send + 'static>(
    db: &Db,
    clock: &Clock,
    actor: Actor,
    f: impl FnOnce(&mut PgConnection, &Asked<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let now = clock.now();
    db.write(move |conn| {
        let measure: Measure = measure(&store_settings::load(conn)?, now);
        f(conn, &asked(&actor, "", &measure, now))
    })
    .await
}

/// `POST /groups/{id}/members/undo?change=…`.
pub async fn undo(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditMembers)?;
    let id = parse_id(&id)?;
    let change = change_of(&request).ok_or_else(|| Error::field("change", "Say which change is to be undone."))?;
    let (done, name) = write(&db, &clock, actor, move |conn, asked| {
        Ok((actions::undo(conn, asked, id, change)?, groups::live(conn, id)?.name))
    })
    .await?;
    let Done::Changed(new, outcome) = done else { return Err(batch::gone().into()) };
    if outcome.refused > 0 {
        return Ok(hx.see_other(&told_at(id, new)));
    }
    leave(&session, Flash::success(format!("Undone. {}", outcome.sentences(&name))))?;
    Ok(hx.see_other(&format!("/groups/{id}/members")))
}

/// The customer that a form is about.
fn customer_of(form: &FormState) -> Result<Uuid> {
    Uuid::try_parse(form.value("customer"))
        .map_err(|_| Error::field("customer", "The form doesn't say which customer it is about. Reload the page."))
}

/// `POST /groups/{id}/members/primary`: makes the group the primary one of a member.
pub async fn choose_primary(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditMembers)?;
    let id = parse_id(&id)?;
    let customer = customer_of(&form)?;
    let name = write(&db, &clock, actor, move |conn, asked| {
        actions::choose_primary(conn, asked, id, customer)?;
        Ok(groups::live(conn, id)?.name)
    })
    .await?;
    leave(&session, Flash::success(format!("{name} is the customer's primary group now.")))?;
    Ok(hx.see_other(&format!("/groups/{id}/members")))
}

/// `POST /groups/{id}/members/exclusion`: lifts the exclusion of a customer.
pub async fn lift_exclusion(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditMembers)?;
    let id = parse_id(&id)?;
    let customer = customer_of(&form)?;
    write(&db, &clock, actor, move |conn, asked| actions::lift_exclusion(conn, asked, id, customer)).await?;
    leave(&session, Flash::success("The exclusion is lifted: the customer may be added again, by hand and by rule."))?;
    Ok(hx.see_other(&format!("/groups/{id}/members?show=excluded")))
}

//! A run by itself, running now, and deciding on a held run.

use super::entered::told;
use super::parse_id;
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::db::keyset::{self, Place};
use crate::error::Error;
use crate::groups::store::{self as groups, Group};
use crate::groups::tabs::{Tab, tabs};
use crate::rules::actions::{self, Approval};
use crate::rules::run::Outcome;
use crate::rules::store::preview::WhoKey;
use crate::rules::store::runs::{self as stored, Moved, Run, RunKey, Somebody};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::filters;
use crate::web::htmx::Hx;
use crate::web::query::Query;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use uuid::Uuid;

/// Names on a page of a held run's list.
const NAMES: usize = 50;

#[derive(Template)]
#[template(path = "rules/run.html")]
struct RunPage {
    shell: Shell,
    tabs: Vec<Tab>,
    group: Group,
    store: StoreSettings,
    run: Run,
    /// Who would have left, where it was held.
    leaving: Vec<Somebody>,
    /// Who joined and left.
    moved: Vec<Moved>,
    next: Option<String>,
    may_edit: bool,
}

/// `GET /groups/{id}/rules/runs/{run}`: what a run did, and of a held one who would leave.
pub async fn show(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    request: HttpRequest,
    ids: web::Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let (group, run) = (parse_id(&ids.0)?, parse_run(&ids.1)?);
    let query = Query::new(format!("/groups/{group}/rules/runs/{run}"), request.query_string());
    let after = Place::<WhoKey>::of(query.get("after"), "").key().cloned();
    let before = Place::<RunKey>::of(query.get("after"), "").key().map(|(_, event)| *event);
    let page = db
        .read(move |conn| {
            let group = groups::live(conn, group)?;
            let run = stored::find(conn, group.id, run)?;
            let mut leaving = stored::leaving(conn, run.id, after, NAMES)?;
            let more = leaving.len() > NAMES;
            leaving.truncate(NAMES);
            let last = leaving.last().filter(|_| more);
            let mut next = last.map(|one| query.after(&keyset::encode(&(&one.folded, one.id))));
            let mut moved = Vec::new();
            if run.outcome() == Outcome::Done {
                moved = stored::moved(conn, &run, before, NAMES)?;
                let more = moved.len() > NAMES;
                moved.truncate(NAMES);
                next =
                    moved.last().filter(|_| more).map(|one| query.after(&keyset::encode(&(run.started_at, one.event))));
            }
            let store = store_settings::load(conn)?;
            let may_edit = actor.may(Permission::EditGroups);
            Ok(RunPage { shell, tabs: tabs(group.id, "Rules"), group, store, run, leaving, moved, next, may_edit })
        })
        .await?;
    Ok(respond::page(&page)?)
}

fn parse_run(text: &str) -> Result<Uuid, Error> {
    Uuid::try_parse(text).map_err(|_| Error::NotFound("There is no such run of this group's rule.".into()))
}

/// `POST /groups/{id}/rules/runs`: runs the stored rule now.
pub async fn run_now(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (id, now) = (parse_id(&id)?, clock.now());
    let run = db.write(move |conn| actions::run_now(conn, &actor, id, now)).await?;
    leave(&session, Flash::success(told(&run)))?;
    Ok(hx.see_other(&format!("/groups/{id}/rules")))
}

/// `POST …/approval`: who is on the list leaves.
pub async fn approve(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    ids: web::Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let (group, run, now) = (parse_id(&ids.0)?, parse_run(&ids.1)?, clock.now());
    let flash = match db.write(move |conn| actions::approve(conn, &actor, group, run, now)).await? {
        Approval::Ran(run) => Flash::success(told(&run)),
        Approval::ListChanged(_) => Flash::warning(
            "Meanwhile others would leave, too. Nothing was changed: look at the new list and approve it.",
        ),
    };
    leave(&session, flash)?;
    Ok(hx.see_other(&format!("/groups/{group}/rules")))
}

/// `POST …/discarding`: everybody stays, until the next run.
pub async fn discard(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    ids: web::Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let (group, run, now) = (parse_id(&ids.0)?, parse_run(&ids.1)?, clock.now());
    db.write(move |conn| actions::discard(conn, &actor, group, run, now)).await?;
    leave(&session, Flash::success("The run is discarded. The next one looks at the customers anew."))?;
    Ok(hx.see_other(&format!("/groups/{group}/rules")))
}

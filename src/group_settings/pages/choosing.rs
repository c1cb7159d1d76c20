//! Adding products to what a group's settings name and removing them: ticked one by one, or all that match a search. What
//! that would do is shown before it is saved.

use super::super::actions;
use super::super::shelf::Shelf;
use super::review::{Review, review};
use super::shelves::build;
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError};
use crate::groups::store::{self as groups, parse_id};
use crate::inheritance::store::live::LiveSettings;
use crate::products::choosing::Side;
use crate::products::forms::chosen;
use crate::web::errors::PageError;
use crate::web::format::counted;
use crate::web::forms::{FormState, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use diesel::PgConnection;
use uuid::Uuid;

/// A set and the way over its edge, with all that a change of it needs.
struct Change {
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
}

/// `POST /groups/{id}/visibility/included/add` and its sisters.
pub async fn add(
    (db, live, shelf): (web::Data<Db>, web::Data<LiveSettings>, web::Data<Shelf>),
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    let what = (parse_id(&id)?, **shelf, Side::Out);
    Change { db, live, clock, actor, shell, hx, session }.make(what, form.into_inner()).await
}

/// `POST /groups/{id}/visibility/included/remove` and its sisters.
pub async fn remove(
    (db, live, shelf): (web::Data<Db>, web::Data<LiveSettings>, web::Data<Shelf>),
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    let what = (parse_id(&id)?, **shelf, Side::In);
    Change { db, live, clock, actor, shell, hx, session }.make(what, form.into_inner()).await
}

enum Outcome {
    Saved(String, usize),
    Review(Box<Review>),
}

impl Change {
    /// Saved once its impact was seen.
    async fn make(self, what: (Uuid, Shelf, Side), form: FormState) -> Result<HttpResponse, PageError> {
        let Self { db, live, clock, actor, shell, hx, session } = self;
        actor.require(Permission::EditGroups)?;
        let (id, shelf, side) = what;
        let version = version(&form)?;
        let (typed, asked, by, now) = (form.clone(), shell.clone(), actor.clone(), clock.now());
        let settings = LiveSettings::clone(&live);
        let outcome = db
            .write(move |conn| {
                let chosen = chosen(&typed).map_err(Error::Invalid)?;
                let mut change = |conn: &mut PgConnection| {
                    actions::change_products(conn, &by, id, Some(version), shelf, side, &chosen, now)
                };
                if let Some(review) = review(conn, &settings, asked, what, &typed, &chosen, now, &mut change)? {
                    return Ok(Outcome::Review(Box::new(review)));
                }
                let name = groups::live(conn, id)?.name;
                Ok(Outcome::Saved(name, change(conn)?))
            })
            .await;
        let (errors, status) = match outcome {
            Ok(Outcome::Review(page)) => return Ok(respond::page(&*page)?),
            Ok(Outcome::Saved(name, moved)) => {
                let products = counted(i64::try_from(moved).unwrap_or(i64::MAX), "product", "products");
                let not = if side == Side::Out { "" } else { "no longer " };
                leave(&session, Flash::success(format!("{products} {not}{} for {name}.", shelf.done())))?;
                return Ok(hx.see_other(&format!("/groups/{id}/{}", shelf.path())));
            }
            Err(Error::Invalid(errors)) => (errors, StatusCode::UNPROCESSABLE_ENTITY),
            Err(Error::Stale(sentence)) => (vec![FieldError::new("", sentence)], StatusCode::CONFLICT),
            Err(error) => return Err(error.into()),
        };
        let query = serde_urlencoded::to_string([("q", form.value("q")), ("category", form.value("category"))]);
        let page = build(&db, &live, &actor, shell, what, &query.unwrap_or_default(), form.refused(errors)).await?;
        Ok(respond::html(status, &page)?)
    }
}

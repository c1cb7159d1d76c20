//! New price list, and editing one's own fields.

use super::super::actions;
use super::super::forms::{FIELDS, fill, parse};
use super::super::list::Typed;
use super::super::store::{self, PriceList};
use super::{Tab, parse_id, tabs};
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::groups::group::Status;
use crate::impact::panel::Panel;
use crate::impact::store::assess::Look;
use crate::impact::store::rehearse::rehearse;
use crate::impact::store::today;
use crate::inheritance::store::live::LiveSettings;
use crate::money::Currency;
use crate::pricing::facts::Question;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::forms::{Choice, Conflict, FormState, conflicts, take_theirs_where_untouched, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use diesel::PgConnection;

#[derive(Template)]
#[template(path = "price_lists/form.html")]
struct FormPage {
    shell: Shell,
    tabs: Vec<Tab>,
    /// `None` for a new list.
    list: Option<PriceList>,
    form: FormState,
    version: i32,
    conflicts: Vec<Conflict>,
    /// What another status or window would do, once it was asked for.
    panel: Option<Panel>,
}

impl FormPage {
    fn statuses(&self) -> Vec<Choice> {
        Status::ALL.iter().map(|status| Choice::new(status.name(), status.label())).collect()
    }

    fn currencies(&self) -> Vec<Choice> {
        let choice = |currency: &Currency| Choice::new(currency.code(), format!("{currency} – {}", currency.name()));
        Currency::all().iter().map(choice).collect()
    }
}

/// `GET /price-lists/new`.
pub async fn new(db: web::Data<Db>, actor: Actor, shell: Shell) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let currency = db.read(|conn| Ok(store_settings::load(conn)?.currency)).await?;
    let typed = Typed { currency: currency.code().into(), status: "active".into(), ..Typed::default() };
    Ok(respond::page(&new_page(shell, fill(&typed)))?)
}

fn new_page(shell: Shell, form: FormState) -> FormPage {
    FormPage { shell, tabs: Vec::new(), list: None, form, version: 0, conflicts: Vec::new(), panel: None }
}

/// `POST /price-lists`.
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
    let (typed, now) = (parse(&form), clock.now());
    match db.write(move |conn| actions::create(conn, &actor, &typed, now)).await {
        Ok(list) => {
            leave(&session, Flash::success(format!("{} is made. Give it prices.", list.name)))?;
            Ok(hx.see_other(&format!("/price-lists/{}", list.id)))
        }
        Err(Error::Invalid(errors)) => Ok(respond::refused(&new_page(shell, form.refused(errors)))?),
        Err(error) => Err(error.into()),
    }
}

fn edit_page(shell: Shell, list: PriceList, form: FormState) -> FormPage {
    FormPage {
        shell,
        tabs: tabs(&list, "Prices"),
        version: list.version,
        list: Some(list),
        form,
        conflicts: Vec::new(),
        panel: None,
    }
}

/// `GET /price-lists/{id}/edit`.
pub async fn edit(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let id = parse_id(&id)?;
    let list = db.read(move |conn| store::get(conn, id)).await?;
    let form = fill(&list.typed()?);
    let form = form.clone().with("was", form.to_json());
    Ok(respond::page(&edit_page(shell, list, form))?)
}

enum Outcome {
    /// The list's name.
    Saved(String),
    /// Nothing is saved yet: this is what it would do.
    Review(Box<(PriceList, Panel)>),
}

/// Fields that don't say what is asked for.
const ASIDE: [&str; 4] = ["csrf", "version", "was", "reviewed"];

/// `POST /price-lists/{id}`. Another status or window is saved once its impact was seen. Over somebody else's change it
/// saves nothing and shows both sides by side.
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
    actor.require(Permission::EditCatalogue)?;
    let id = parse_id(&id)?;
    let form = form.into_inner();
    let version = version(&form)?;
    let (typed, now, live, reviewed) = (parse(&form), clock.now(), LiveSettings::clone(&live), form.digest(&ASIDE));
    let is_seen = form.value("reviewed") == reviewed;
    let outcome = db
        .write(move |conn| {
            let edit = |conn: &mut PgConnection| actions::edit(conn, &actor, id, Some(version), &typed, now);
            let list = store::get(conn, id)?;
            let stored = list.typed()?;
            let in_force = |typed: &Typed| (typed.status.clone(), typed.valid_from.clone(), typed.valid_to.clone());
            if in_force(&stored) != in_force(&typed) && !is_seen {
                let question = Question { currency: list.currency(), ..today(conn, now)? };
                let look = Look { list: Some(id), ..Look::default() };
                let impact = rehearse(conn, &live, &question, look, |conn| edit(conn).map(drop))?;
                if impact.is_noticed() {
                    let panel = Panel::showing(question.currency, impact, reviewed, String::new());
                    return Ok(Outcome::Review(Box::new((list, panel))));
                }
            }
            Ok(Outcome::Saved(edit(conn)?.name))
        })
        .await;
    match outcome {
        Ok(Outcome::Review(review)) => {
            let (list, panel) = *review;
            let mut page = edit_page(shell, list, form);
            page.panel = Some(panel);
            Ok(respond::page(&page)?)
        }
        Ok(Outcome::Saved(name)) => {
            leave(&session, Flash::success(format!("{name} is saved.")))?;
            Ok(hx.see_other(&format!("/price-lists/{id}")))
        }
        Err(Error::Invalid(errors)) => {
            let list = db.read(move |conn| store::get(conn, id)).await?;
            let mut page = edit_page(shell, list, form.refused(errors));
            // Whoever mends the errors still saves over the version that the form was filled from.
            page.version = version;
            Ok(respond::refused(&page)?)
        }
        Err(Error::Stale(sentence)) => {
            let list = db.read(move |conn| store::get(conn, id)).await?;
            let theirs = fill(&list.typed()?);
            let form = take_theirs_where_untouched(form, &theirs, &FIELDS.map(|(name, _)| name), &[], &[]);
            let conflicts = conflicts(&FIELDS, &theirs, &form);
            let mut page = edit_page(shell, list, form.refused([FieldError::new("", sentence)]));
            page.conflicts = conflicts;
            Ok(respond::html(StatusCode::CONFLICT, &page)?)
        }
        Err(error) => Err(error.into()),
    }
}

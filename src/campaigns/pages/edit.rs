//! New campaign, and editing one.

use super::super::actions;
use super::super::campaign::{Typed, unknown};
use super::super::forms::{FIELDS, PICKERS, fill, parse};
use super::super::store::{self, CampaignRow, Part, parse_id};
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::groups::group::Status;
use crate::web::errors::PageError;
use crate::web::forms::{Choice, Conflict, FormState, Pick, conflicts, take_theirs_where_untouched, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "campaigns/form.html", blocks = ["form"])]
struct FormPage {
    shell: Shell,
    /// `None` for a new campaign.
    campaign: Option<CampaignRow>,
    form: FormState,
    version: i32,
    conflicts: Vec<Conflict>,
    segments: Vec<Pick>,
    promotions: Vec<Pick>,
}

impl FormPage {
    fn statuses(&self) -> Vec<Choice> {
        vec![Choice::new(Status::Active.name(), "On, within its dates"), Choice::new(Status::Inactive.name(), "Off")]
    }

    fn path(&self) -> String {
        self.campaign.as_ref().map_or_else(|| "/campaigns".into(), |row| format!("/campaigns/{}", row.id))
    }
}

/// The page of a form; what it picked by name is there by id afterwards, with an error where it names nothing.
fn page(
    conn: &mut PgConnection,
    shell: Shell,
    campaign: Option<CampaignRow>,
    mut form: FormState,
    tells: bool,
) -> Result<FormPage> {
    let typed = parse(&form);
    let known = store::known(conn, &typed)?;
    let sides = [
        ("segments", "segment", &typed.segments, &known.segments),
        ("promotions", "promotion", &typed.promotions, &known.promotions),
    ];
    let mut chosen = Vec::new();
    for (name, noun, texts, known) in sides {
        form.remove(name);
        let ids: Vec<Uuid> = texts.iter().filter_map(|text| known.get(text.trim()).copied()).collect();
        for id in &ids {
            form.push(name, id);
        }
        let missing = texts.iter().filter(|text| tells && !known.contains_key(text.trim()));
        let errors: Vec<_> = missing.map(|text| FieldError::new(name, unknown(noun, text.trim()))).collect();
        form = form.refused(errors);
        chosen.push(ids);
    }
    let picks = |parts: Vec<Part>| {
        let pick = |part: Part| Pick { value: part.id.to_string(), label: part.name, hint: part.code };
        parts.into_iter().map(pick).collect()
    };
    Ok(FormPage {
        segments: picks(store::segments_of(conn, &chosen[0])?),
        promotions: picks(store::promotions_of(conn, &chosen[1])?),
        version: campaign.as_ref().map_or(0, |row| row.version),
        shell,
        campaign,
        form,
        conflicts: Vec::new(),
    })
}

/// `GET /campaigns/new`.
pub async fn new(actor: Actor, shell: Shell) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditPromotions)?;
    let form = FormState::new().with("status", Status::Active.name());
    let (segments, promotions) = (Vec::new(), Vec::new());
    let page = FormPage { shell, campaign: None, form, version: 0, conflicts: Vec::new(), segments, promotions };
    Ok(respond::page(&page)?)
}

/// The answer to a picker's button.
fn picked(hx: &Hx, page: &FormPage) -> Result<HttpResponse, PageError> {
    let status = if page.form.errors().is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(if hx.wants("form") { respond::html(status, &page.as_form())? } else { respond::html(status, page)? })
}

/// `POST /campaigns`.
pub async fn create(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditPromotions)?;
    let form = form.into_inner();
    if form.picks_more() {
        let page = db.read(move |conn| page(conn, shell, None, form, true)).await?;
        return picked(&hx, &page);
    }
    let (typed, now): (Typed, _) = (parse(&form), clock.now());
    match db.write(move |conn| actions::create(conn, &actor, &typed, now)).await {
        Ok(row) => {
            leave(&session, Flash::success(format!("{} is made.", row.name)))?;
            Ok(hx.see_other(&format!("/campaigns/{}", row.id)))
        }
        Err(Error::Invalid(errors)) => {
            let page = db.read(move |conn| page(conn, shell, None, form.refused(errors), false)).await?;
            Ok(respond::refused(&page)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /campaigns/{id}/edit`.
pub async fn edit(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditPromotions)?;
    let id = parse_id(&id)?;
    let page = db
        .read(move |conn| {
            let row = store::get(conn, id)?;
            let form = fill(&store::details(conn, &row)?);
            let form = form.clone().with("was", form.to_json());
            page(conn, shell, Some(row), form, false)
        })
        .await?;
    Ok(respond::page(&page)?)
}

/// `POST /campaigns/{id}`. Over somebody else's change it saves nothing and shows both sides by side.
pub async fn update(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditPromotions)?;
    let id = parse_id(&id)?;
    let form = form.into_inner();
    let version = version(&form)?;
    if form.picks_more() {
        let page = db.read(move |conn| again(conn, shell, id, form, version, true)).await?;
        return picked(&hx, &page);
    }
    let (typed, now) = (parse(&form), clock.now());
    match db.write(move |conn| actions::edit(conn, &actor, id, Some(version), &typed, now)).await {
        Ok(row) => {
            leave(&session, Flash::success(format!("{} is saved.", row.name)))?;
            Ok(hx.see_other(&format!("/campaigns/{id}")))
        }
        Err(Error::Invalid(errors)) => {
            let form = form.refused(errors);
            let page = db.read(move |conn| again(conn, shell, id, form, version, false)).await?;
            Ok(respond::refused(&page)?)
        }
        Err(Error::Stale(sentence)) => {
            let page = db.read(move |conn| stale(conn, shell, id, form, sentence)).await?;
            Ok(respond::html(StatusCode::CONFLICT, &page)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// Whoever mends errors still saves over the version that the form was filled from.
fn again(
    conn: &mut PgConnection,
    shell: Shell,
    id: Uuid,
    form: FormState,
    version: i32,
    tells: bool,
) -> Result<FormPage> {
    let row = store::get(conn, id)?;
    Ok(FormPage { version, ..page(conn, shell, Some(row), form, tells)? })
}

/// Theirs beside yours.
fn stale(conn: &mut PgConnection, shell: Shell, id: Uuid, form: FormState, sentence: String) -> Result<FormPage> {
    let row = store::get(conn, id)?;
    let theirs = fill(&store::details(conn, &row)?);
    // Before the fields, which write theirs over what the form came with.
    let form = PICKERS.iter().fold(form, |form, (name, _)| form.takes_picks(&theirs, name));
    let form = take_theirs_where_untouched(form, &theirs, &FIELDS.map(|(name, _)| name), &[], &[]);
    let mut differ = conflicts(&FIELDS, &theirs, &form);
    for (name, label) in PICKERS {
        let mut said = |form: &FormState| -> Result<String> {
            let ids: Vec<Uuid> = form.picked(name).iter().filter_map(|id| Uuid::try_parse(id).ok()).collect();
            let parts = match name {
                "segments" => store::segments_of(conn, &ids)?,
                _ => store::promotions_of(conn, &ids)?,
            };
            Ok(parts.into_iter().map(|part| part.name).collect::<Vec<_>>().join("\n"))
        };
        let (theirs, yours) = (said(&theirs)?, said(&form)?);
        if theirs != yours {
            differ.push(Conflict { label, theirs, yours });
        }
    }
    let page = page(conn, shell, Some(row), form.refused([FieldError::new("", sentence)]), false)?;
    Ok(FormPage { conflicts: differ, ..page })
}

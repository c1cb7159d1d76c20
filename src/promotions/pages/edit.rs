//! New promotion, and editing one.

use super::super::actions;
use super::super::details::Typed;
use super::super::forms::{FIELDS, fill, parse};
use super::super::store::{self, PromotionRow, parse_id};
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::groups::group::Status;
use crate::money::Currency;
use crate::segments::store::groups;
use crate::store_settings::store as store_settings;
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
#[template(path = "promotions/form.html", blocks = ["form"])]
struct FormPage {
    shell: Shell,
    /// `None` for a new promotion.
    promotion: Option<PromotionRow>,
    form: FormState,
    version: i32,
    conflicts: Vec<Conflict>,
    currency: Currency,
    groups_in: Vec<Pick>,
    groups_not_in: Vec<Pick>,
}

impl FormPage {
    fn statuses(&self) -> Vec<Choice> {
        vec![Choice::new(Status::Active.name(), "On, within its dates"), Choice::new(Status::Inactive.name(), "Off")]
    }

    fn types(&self) -> Vec<Choice> {
        vec![
            Choice::new("discount", "Additional discount").hint("Percent, or an amount off the order"),
            Choice::new("free_shipping", "Free shipping").hint("The shipping fee goes"),
            Choice::new("free_item", "Free item").hint("A product comes for free"),
            Choice::new("bogo", "BOGO").hint("Buy X, get Y of the same free"),
        ]
    }

    fn units(&self) -> Vec<Choice> {
        vec![Choice::new("percent", "%"), Choice::new("amount", self.currency.code())]
    }

    fn path(&self) -> String {
        self.promotion.as_ref().map_or_else(|| "/promotions".into(), |row| format!("/promotions/{}", row.id))
    }

    /// Nobody is reached: groups were chosen once, and none is left.
    fn reaches_nobody(&self) -> bool {
        self.groups_in.is_empty() && self.promotion.as_ref().is_some_and(|row| !row.reaches_everyone)
    }
}

/// The page of a form; what it picked by name is there by id afterwards, with an error where it names nothing.
fn page(
    conn: &mut PgConnection,
    shell: Shell,
    promotion: Option<PromotionRow>,
    mut form: FormState,
    tells: bool,
) -> Result<FormPage> {
    let kept: Vec<Uuid> = match &promotion {
        Some(row) => store::targets(conn, &[row.id])?.into_iter().map(|(_, group, _)| group).collect(),
        None => Vec::new(),
    };
    let [groups_in, groups_not_in] = ["groups_in", "groups_not_in"];
    let mut sides = Vec::new();
    for name in [groups_in, groups_not_in] {
        let (picks, unknown) = groups::picks(conn, &form.picked(name), &kept)?;
        form.remove(name);
        for pick in &picks {
            form.push(name, pick.id);
        }
        if tells {
            let message = |text| format!("There is no group “{text}”. Choose one of the suggestions.");
            form = form.refused(unknown.into_iter().map(|text| FieldError::new(name, message(text))));
        }
        let pick = |group: groups::ChosenGroup| Pick {
            value: group.id.to_string(),
            hint: group.hint().into(),
            label: group.name,
        };
        sides.push(picks.into_iter().map(pick).collect());
    }
    let groups_not_in = sides.pop().unwrap_or_default();
    Ok(FormPage {
        currency: store_settings::load(conn)?.currency,
        groups_in: sides.pop().unwrap_or_default(),
        groups_not_in,
        version: promotion.as_ref().map_or(0, |row| row.version),
        shell,
        promotion,
        form,
        conflicts: Vec::new(),
    })
}

/// `GET /promotions/new`.
pub async fn new(db: web::Data<Db>, actor: Actor, shell: Shell) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditPromotions)?;
    let typed = Typed {
        status: "active".into(),
        kind: "percent".into(),
        stacks: true,
        combinable: true,
        free_quantity: "1".into(),
        buy_quantity: "1".into(),
        get_quantity: "1".into(),
        priority: "10".into(),
        ..Typed::default()
    };
    let page = db.read(move |conn| page(conn, shell, None, fill(&typed), false)).await?;
    Ok(respond::page(&page)?)
}

/// The answer to a picker's button.
fn picked(hx: &Hx, page: &FormPage) -> Result<HttpResponse, PageError> {
    let status = if page.form.errors().is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(if hx.wants("form") { respond::html(status, &page.as_form())? } else { respond::html(status, page)? })
}

/// `POST /promotions`.
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
    let (typed, now) = (parse(&form), clock.now());
    match db.write(move |conn| actions::create(conn, &actor, &typed, now)).await {
        Ok(row) => {
            leave(&session, Flash::success(format!("{} is made.", row.name)))?;
            Ok(hx.see_other(&format!("/promotions/{}", row.id)))
        }
        Err(Error::Invalid(errors)) => {
            let page = db.read(move |conn| page(conn, shell, None, form.refused(errors), false)).await?;
            Ok(respond::refused(&page)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// The form filled with what is stored.
fn stored(conn: &mut PgConnection, row: &PromotionRow) -> Result<FormState> {
    let currency = store_settings::load(conn)?.currency;
    let details = store::details(conn, row)?;
    Ok(fill(&store::typed(conn, &details, currency)?))
}

/// `GET /promotions/{id}/edit`.
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
            let form = stored(conn, &row)?;
            let form = form.clone().with("was", form.to_json());
            page(conn, shell, Some(row), form, false)
        })
        .await?;
    Ok(respond::page(&page)?)
}

/// `POST /promotions/{id}`. Over somebody else's change it saves nothing and shows both sides by side.
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
            Ok(hx.see_other(&format!("/promotions/{id}")))
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
    let theirs = stored(conn, &row)?;
    let groups = ["groups_in", "groups_not_in"];
    // Before the fields, which write theirs over what the form came with.
    let form = groups.iter().fold(form, |form, name| form.takes_picks(&theirs, name));
    let form = take_theirs_where_untouched(form, &theirs, &FIELDS.map(|(name, _)| name), &["free_item"], &[]);
    let mut differ = conflicts(&FIELDS, &theirs, &form);
    for (name, label) in [("groups_in", "Target groups"), ("groups_not_in", "Not for")] {
        let said = |conn: &mut PgConnection, form: &FormState| -> Result<String> {
            let names = groups::names(conn, &form.picked(name))?;
            Ok(names.join("\n"))
        };
        let (theirs, yours) = (said(conn, &theirs)?, said(conn, &form)?);
        if theirs != yours {
            differ.push(Conflict { label, theirs, yours });
        }
    }
    let page = page(conn, shell, Some(row), form.refused([FieldError::new("", sentence)]), false)?;
    Ok(FormPage { conflicts: differ, ..page })
}

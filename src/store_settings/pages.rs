//! The store's settings (SPEC 12, `/settings/store`).

use super::settings::{StoreSettings, Typed};
use super::{actions, store};
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::groups::forms::{Parent, chosen_group};
use crate::groups::store as groups;
use crate::money::Currency;
use crate::rules::actions as rules;
use crate::web::errors::PageError;
use crate::web::format::filters;
use crate::web::forms::{Choice, Conflict, FormState, conflicts, version};
use crate::web::htmx::Hx;
use crate::web::query::Query;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono_tz::{TZ_VARIANTS, Tz};
use diesel::PgConnection;

const PATH: &str = "/settings/store";
/// The fields of the form and what they are called where two versions stand side by side.
const FIELDS: [(&str, &str); 6] = [
    ("currency", "Currency"),
    ("time_zone", "Time zone"),
    ("default_group_text", "Default group"),
    ("flat_shipping", "Flat shipping"),
    ("rule_guard", "Rule guard"),
    ("missing_groups", "Missing groups"),
];

/// The routes, inside of the guard.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/settings/store").route(web::get().to(show)).route(web::post().to(save)));
}

#[derive(Template)]
#[template(path = "store_settings/form.html", blocks = ["other_orders"])]
struct FormPage {
    shell: Shell,
    /// What holds now.
    store: StoreSettings,
    form: FormState,
    version: i32,
    conflicts: Vec<Conflict>,
    /// How many orders count nowhere, as they are in another currency; `None`: it is counted after the page.
    other_orders: Option<i64>,
}

impl FormPage {
    fn of(shell: Shell, store: StoreSettings, form: FormState) -> Self {
        Self { shell, version: store.version, store, form, conflicts: Vec::new(), other_orders: None }
    }

    fn currencies(&self) -> Vec<Choice> {
        let named = |currency: &Currency| format!("{} – {}", currency.code(), currency.name());
        Currency::all().iter().map(|currency| Choice::new(currency.code(), named(currency))).collect()
    }

    fn missing_groups(&self) -> Vec<Choice> {
        vec![Choice::new("create", "Are made"), Choice::new("refuse", "Are refused")]
    }

    /// The zones that are named after places, and whichever is chosen: the rest are their old names.
    fn time_zones(&self) -> Vec<Choice> {
        let chosen = self.form.value("time_zone");
        let zones =
            TZ_VARIANTS.iter().filter(|zone| **zone == Tz::UTC || is_a_place(zone.name()) || zone.name() == chosen);
        zones.map(|zone| Choice::new(zone.name(), zone.name().replace('_', " "))).collect()
    }
}

fn is_a_place(zone: &str) -> bool {
    const PARTS: [&str; 9] =
        ["Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];
    zone.split_once('/').is_some_and(|(part, _)| PARTS.contains(&part))
}

/// `GET /settings/store`: the form, or with `part=orders` how many orders are in other currencies.
pub async fn show(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::ManageStore)?;
    let counted = Query::new(PATH, request.query_string()).get("part") == "orders";
    let (store, form, other_orders) = db
        .read(move |conn| {
            let (store, form) = load(conn)?;
            let others = counted.then(|| store::orders_in_other_currencies(conn, None)).transpose()?;
            Ok((store, form, others))
        })
        .await?;
    let page = FormPage { other_orders, ..FormPage::of(shell, store, form) };
    Ok(if hx.wants("other-orders") { respond::page(&page.as_other_orders())? } else { respond::page(&page)? })
}

/// What holds, and the form filled with it.
fn load(conn: &mut PgConnection) -> Result<(StoreSettings, FormState)> {
    let store = store::load(conn)?;
    let group = match store.default_group_id {
        Some(id) => groups::any(conn, id)?,
        None => None,
    };
    let mut form = FormState::new()
        .with("currency", store.currency.code())
        .with("time_zone", store.time_zone.name())
        .with("flat_shipping", store.currency.major(store.flat_shipping))
        .with("rule_guard", store.rule_guard_percent)
        .with("missing_groups", if store.create_missing_groups { "create" } else { "refuse" })
        .with("default_group_text", "");
    if let Some(group) = group {
        form.set("default_group", group.id);
        form.set("default_group_text", group.name);
    }
    Ok((store, form))
}

/// `POST /settings/store`. Over somebody else's change it saves nothing and shows both sides.
pub async fn save(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    let form = form.into_inner();
    let version = version(&form)?;
    let (typed, now) = (form.clone(), clock.now());
    let outcome = db
        .write(move |conn| {
            actor.require(Permission::ManageStore)?;
            let new = read(conn, &typed, version)?;
            rules::expect_zone(conn, &actor, new.time_zone, now)?;
            actions::save(conn, &actor, &new, now)
        })
        .await;
    match outcome {
        Ok(()) => {
            leave(&session, Flash::success("The store's settings are saved."))?;
            Ok(hx.see_other(PATH))
        }
        Err(Error::Invalid(errors)) => {
            let (store, _) = db.read(load).await?;
            let mut page = FormPage::of(shell, store, form.refused(errors));
            // Whoever mends the errors still saves over the version that the form was filled from.
            page.version = version;
            Ok(respond::refused(&page)?)
        }
        Err(Error::Stale(sentence)) => {
            let (store, theirs) = db.read(load).await?;
            let conflicts = conflicts(&FIELDS, &theirs, &form);
            let mut page = FormPage::of(shell, store, form.refused([FieldError::new("", sentence)]));
            page.conflicts = conflicts;
            Ok(respond::html(StatusCode::CONFLICT, &page)?)
        }
        Err(error) => Err(error.into()),
    }
}

fn read(conn: &mut PgConnection, form: &FormState, version: i32) -> Result<StoreSettings> {
    let group = chosen_group(form, "default_group", |text| groups::naming::by_name_or_code(conn, text))?;
    let (default_group, unknown) = match group {
        Parent::Top => (String::new(), None),
        Parent::Group(id) => (id.to_string(), None),
        Parent::Unknown => {
            let sentence = "There is no group of this name or code. Choose one of the suggestions.";
            (String::new(), Some(FieldError::new("default_group", sentence)))
        }
    };
    let typed = Typed {
        currency: form.value("currency").to_owned(),
        time_zone: form.value("time_zone").to_owned(),
        default_group,
        flat_shipping: form.value("flat_shipping").to_owned(),
        rule_guard: form.value("rule_guard").to_owned(),
        missing_groups: form.value("missing_groups").to_owned(),
    };
    match (typed.parse(version), unknown) {
        (Ok(settings), None) => Ok(settings),
        (read, unknown) => Err(Error::Invalid(read.err().into_iter().flatten().chain(unknown).collect())),
    }
}

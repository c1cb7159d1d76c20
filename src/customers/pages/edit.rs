//! New customer, and editing one with its metadata and the names of its groups.

use super::{Tab, parse_id, tabs};
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::customers::customer::{Details, PaymentHistory, Status};
use crate::customers::forms::{TYPED, fill, parse};
use crate::customers::grouping::{Held, Typed};
use crate::customers::store::{self, Customer, memberships};
use crate::customers::{actions, country};
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::organizations::forms::Picked;
use crate::organizations::store as organizations;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::forms::{Choice, Conflict, FormState, conflicts, rows_conflict, take_theirs_where_untouched, version};
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use uuid::Uuid;

/// The fields and what they are called where two versions stand side by side.
const FIELDS: [(&str, &str); 11] = [
    ("name", "Name"),
    ("code", "Code"),
    ("email", "E-mail"),
    ("status", "Status"),
    ("country", "Country"),
    ("region", "Region"),
    ("customer_since", "Customer since"),
    ("payment_history", "Payment history"),
    ("organization_text", "Organization"),
    ("tags", "Tags"),
    ("groups", "Customer groups"),
];

#[derive(Template)]
#[template(path = "customers/form.html")]
struct FormPage {
    shell: Shell,
    tabs: Vec<Tab>,
    /// `None` for a new one.
    customer: Option<Customer>,
    /// Memberships that the list of names doesn't decide about.
    others: Vec<Held>,
    /// Whether a name that is no group's makes the group.
    makes_groups: bool,
    form: FormState,
    version: i32,
    conflicts: Vec<Conflict>,
}

impl FormPage {
    fn statuses(&self) -> Vec<Choice> {
        Status::ALL.iter().map(|status| Choice::new(status.name(), status.label())).collect()
    }

    fn countries(&self) -> Vec<Choice> {
        let label = |country: &country::Country| format!("{} ({})", country.name, country.code);
        country::all().iter().map(|country| Choice::new(country.code, label(country))).collect()
    }

    fn ratings(&self) -> Vec<Choice> {
        PaymentHistory::ALL.iter().map(|rating| Choice::new(rating.name(), rating.label())).collect()
    }

    fn groups_help(&self) -> &'static str {
        if self.makes_groups {
            "One name a line. The customer is put into these groups by hand and taken out of manual groups that aren't named. A name that is new makes a manual group under All Customers."
        } else {
            "One name a line. The customer is put into these groups by hand and taken out of manual groups that aren't named. The store is set to refuse names of groups that don't exist."
        }
    }
}

/// A customer with what its form shows.
struct Opened {
    customer: Option<Customer>,
    others: Vec<Held>,
    makes_groups: bool,
    /// The form filled with what is stored.
    form: FormState,
}

impl Opened {
    fn page(self, shell: Shell, form: FormState) -> FormPage {
        FormPage {
            shell,
            tabs: self.customer.as_ref().map(|customer| tabs(customer, "Overview")).unwrap_or_default(),
            version: self.customer.as_ref().map_or(0, |customer| customer.version),
            customer: self.customer,
            others: self.others,
            makes_groups: self.makes_groups,
            form,
            conflicts: Vec::new(),
        }
    }
}

fn open(conn: &mut PgConnection, id: Option<Uuid>) -> Result<Opened> {
    let makes_groups = store_settings::load(conn)?.create_missing_groups;
    let Some(id) = id else {
        let form = fill(&Details::default(), &serde_json::Map::new(), "", &[]);
        return Ok(Opened { customer: None, others: Vec::new(), makes_groups, form });
    };
    let customer = store::one(conn, id)?;
    let organization = customer.organization_id.map(|id| organizations::any(conn, id)).transpose()?.flatten();
    let (listed, others): (Vec<Held>, Vec<Held>) = memberships::held(conn, id)?.into_iter().partition(Held::is_listed);
    let names: Vec<String> = listed.into_iter().map(|held| held.name).collect();
    let organization = organization.map(|organization| organization.name).unwrap_or_default();
    let form = fill(&customer.details(), &customer.metadata(), &organization, &names);
    Ok(Opened { customer: Some(customer), others, makes_groups, form })
}

/// Reads the form over what is stored of the customer, if there is one.
fn read(conn: &mut PgConnection, form: &FormState, id: Option<Uuid>) -> Result<Typed> {
    let organization = organizations::finding::meant(conn, &Picked::of(form, "organization"))?;
    let held = id.map(|id| memberships::held(conn, id)).transpose()?.unwrap_or_default();
    let listed: Vec<String> = held.into_iter().filter(Held::is_listed).map(|held| held.name).collect();
    parse(form, organization, &listed).map_err(Error::Invalid)
}

/// `GET /customers/new`.
pub async fn new(db: web::Data<Db>, actor: Actor, shell: Shell) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCustomers)?;
    let opened = db.read(|conn| open(conn, None)).await?;
    let form = opened.form.clone();
    Ok(respond::page(&opened.page(shell, form))?)
}

/// `POST /customers`.
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
    let (sent, now) = (form.clone(), clock.now());
    let outcome = db
        .write(move |conn| {
            actor.require(Permission::EditCustomers)?;
            let typed = read(conn, &sent, None)?;
            actions::create(conn, &actor, typed, now)
        })
        .await;
    match outcome {
        Ok(made) => {
            leave(&session, Flash::success(format!("{} is there.", made.name)))?;
            Ok(hx.see_other(&format!("/customers/{}", made.id)))
        }
        Err(Error::Invalid(errors)) => {
            let opened = db.read(|conn| open(conn, None)).await?;
            Ok(respond::refused(&opened.page(shell, form.refused(errors)))?)
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /customers/{id}/edit`.
pub async fn edit(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCustomers)?;
    let id = parse_id(&id)?;
    let opened = db.read(move |conn| open(conn, Some(id))).await?;
    let form = opened.form.clone().with("was", opened.form.to_json());
    Ok(respond::page(&opened.page(shell, form))?)
}

/// `POST /customers/{id}`. Over somebody else's change it saves nothing and shows both sides by side.
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
    let id = parse_id(&id)?;
    let form = form.into_inner();
    let version = version(&form)?;
    let (sent, now) = (form.clone(), clock.now());
    let outcome = db
        .write(move |conn| {
            actor.require(Permission::EditCustomers)?;
            store::one(conn, id)?;
            let typed = read(conn, &sent, Some(id))?;
            actions::edit(conn, &actor, id, Some(version), |_| Ok(typed.clone()), now)
        })
        .await;
    match outcome {
        Ok(saved) => {
            leave(&session, Flash::success(format!("{} is saved.", saved.name)))?;
            Ok(hx.see_other(&format!("/customers/{id}")))
        }
        Err(Error::Invalid(errors)) => {
            let opened = db.read(move |conn| open(conn, Some(id))).await?;
            // Whoever mends the errors still saves over the version that the form was filled from.
            let page = FormPage { version, ..opened.page(shell, form.refused(errors)) };
            Ok(respond::refused(&page)?)
        }
        Err(Error::Stale(sentence)) => {
            let opened = db.read(move |conn| open(conn, Some(id))).await?;
            let form = take_theirs_where_untouched(form, &opened.form, &TYPED, &["organization"], &["metadata"]);
            let mut differ = conflicts(&FIELDS, &opened.form, &form);
            differ.extend(rows_conflict("metadata", "Metadata", &opened.form, &form));
            let form = form.refused([FieldError::new("", sentence)]);
            let page = FormPage { conflicts: differ, ..opened.page(shell, form) };
            Ok(respond::html(StatusCode::CONFLICT, &page)?)
        }
        Err(error) => Err(error.into()),
    }
}

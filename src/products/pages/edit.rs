//! New product, and editing one.

use super::super::forms::{FIELDS, fill, parse};
use super::super::product::Typed;
use super::super::store::{self, Product};
use super::super::{actions, store::list as stored};
use super::{Tab, parse_id, tabs};
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::groups::group::Status;
use crate::money::Currency;
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
use uuid::Uuid;

/// How many categories are suggested.
const CATEGORIES: i64 = 200;

#[derive(Template)]
#[template(path = "products/form.html")]
struct FormPage {
    shell: Shell,
    tabs: Vec<Tab>,
    /// `None` for a new product.
    product: Option<Product>,
    /// What is suggested as a category.
    categories: Vec<String>,
    /// The store's.
    currency: Currency,
    form: FormState,
    version: i32,
    conflicts: Vec<Conflict>,
}

impl FormPage {
    fn statuses(&self) -> Vec<Choice> {
        Status::ALL.iter().map(|status| Choice::new(status.name(), status.label())).collect()
    }

    /// The store's currency, and the one that the product has.
    fn currencies(&self) -> Vec<Choice> {
        let mut offered = vec![self.currency];
        offered.extend(self.product.as_ref().map(Product::currency).filter(|own| *own != self.currency));
        let choice = |currency: &Currency| Choice::new(currency.code(), format!("{currency} – {}", currency.name()));
        offered.iter().map(choice).collect()
    }

    /// What the amounts of the form are in.
    fn code(&self) -> &'static str {
        Currency::from_code(self.form.value("currency")).unwrap_or(self.currency).code()
    }
}

/// `GET /products/new`.
pub async fn new(db: web::Data<Db>, actor: Actor, shell: Shell) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let catalogue = db.read(catalogue).await?;
    let typed = Typed { currency: catalogue.currency.code().into(), status: "active".into(), ..Typed::default() };
    Ok(respond::page(&new_page(shell, catalogue, fill(&typed)))?)
}

/// What a form offers.
struct Catalogue {
    currency: Currency,
    categories: Vec<String>,
}

fn catalogue(conn: &mut PgConnection) -> Result<Catalogue> {
    let currency = store_settings::load(conn)?.currency;
    Ok(Catalogue { currency, categories: stored::categories(conn, CATEGORIES)? })
}

fn new_page(shell: Shell, Catalogue { currency, categories }: Catalogue, form: FormState) -> FormPage {
    FormPage { shell, tabs: Vec::new(), product: None, categories, currency, form, version: 0, conflicts: Vec::new() }
}

/// `POST /products`.
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
        Ok(product) => {
            leave(&session, Flash::success(format!("{} is in the catalogue.", product.name)))?;
            Ok(hx.see_other(&format!("/products/{}", product.id)))
        }
        Err(Error::Invalid(errors)) => {
            let catalogue = db.read(catalogue).await?;
            Ok(respond::refused(&new_page(shell, catalogue, form.refused(errors)))?)
        }
        Err(error) => Err(error.into()),
    }
}

fn open(conn: &mut PgConnection, id: Uuid) -> Result<(Product, Catalogue)> {
    Ok((store::get(conn, id)?, catalogue(conn)?))
}

fn edit_page(shell: Shell, (product, catalogue): (Product, Catalogue), form: FormState) -> FormPage {
    FormPage {
        shell,
        tabs: tabs(&product, "Overview"),
        version: product.version,
        product: Some(product),
        categories: catalogue.categories,
        currency: catalogue.currency,
        form,
        conflicts: Vec::new(),
    }
}

/// `GET /products/{id}/edit`.
pub async fn edit(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let id = parse_id(&id)?;
    let opened = db.read(move |conn| open(conn, id)).await?;
    let form = fill(&opened.0.typed()?);
    let form = form.clone().with("was", form.to_json());
    Ok(respond::page(&edit_page(shell, opened, form))?)
}

/// `POST /products/{id}`. Over somebody else's change it saves nothing and shows both sides by side.
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
    actor.require(Permission::EditCatalogue)?;
    let id = parse_id(&id)?;
    let form = form.into_inner();
    let version = version(&form)?;
    let (typed, now) = (parse(&form), clock.now());
    match db.write(move |conn| actions::edit(conn, &actor, id, Some(version), &typed, now)).await {
        Ok(product) => {
            leave(&session, Flash::success(format!("{} is saved.", product.name)))?;
            Ok(hx.see_other(&format!("/products/{id}")))
        }
        Err(Error::Invalid(errors)) => {
            let opened = db.read(move |conn| open(conn, id)).await?;
            let mut page = edit_page(shell, opened, form.refused(errors));
            // Whoever mends the errors still saves over the version that the form was filled from.
            page.version = version;
            Ok(respond::refused(&page)?)
        }
        Err(Error::Stale(sentence)) => {
            let opened = db.read(move |conn| open(conn, id)).await?;
            let theirs = fill(&opened.0.typed()?);
            let form = take_theirs_where_untouched(form, &theirs, &FIELDS.map(|(name, _)| name), &[], &[]);
            let conflicts = conflicts(&FIELDS, &theirs, &form);
            let mut page = edit_page(shell, opened, form.refused([FieldError::new("", sentence)]));
            page.conflicts = conflicts;
            Ok(respond::html(StatusCode::CONFLICT, &page)?)
        }
        Err(error) => Err(error.into()),
    }
}

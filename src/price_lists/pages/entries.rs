//! Prices of a list: adding one, editing a product's prices in its row or on a page of their own, removing them.

use super::super::entry::{Break, breaks, price, quantity};
use super::super::forms::{fill_prices, price_rows, was};
use super::super::store::entries::{self, Listed};
use super::super::store::{self, PriceList};
use super::super::{actions, store::gone};
use super::parse_id;
use super::reach::{self, first_change};
use super::show::{EntryRow, refused};
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, FieldError, Result};
use crate::groups::forms::{Parent, chosen_group};
use crate::impact::panel::Brief;
use crate::inheritance::store::live::LiveSettings;
use crate::products::store as products;
use crate::web::errors::PageError;
use crate::web::format::filters;
use crate::web::forms::FormState;
use crate::web::htmx::Hx;
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use uuid::Uuid;

/// `POST /price-lists/{id}/entries`: one more price.
pub async fn add(
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
    let (typed, now, by) = (form.clone(), clock.now(), actor.clone());
    let outcome = db
        .write(move |conn| {
            let list = store::lock(conn, id)?;
            let (product, new) = read(conn, &list, &typed)?;
            actions::add_entry(conn, &by, id, product, new, now)
        })
        .await;
    match outcome {
        Ok(_) => {
            leave(&session, Flash::success(format!("{} has its price.", form.value("product_text").trim())))?;
            Ok(hx.see_other(&format!("/price-lists/{id}")))
        }
        Err(Error::Invalid(errors)) => Ok(refused(&db, &clock, &actor, shell, id, form.refused(errors)).await?),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn read(conn: &mut PgConnection, list: &PriceList, form: &FormState) -> Result<(Uuid, Break)> {
    let mut errors = Vec::new();
    let product = match chosen_group(form, "product", |text| products::by_sku(conn, text))? {
        Parent::Group(id) if entries::product(conn, id)?.is_some() => Some(id),
        Parent::Top => {
            errors.push(FieldError::new("product", "Choose a product."));
            None
        }
        _ => {
            errors
                .push(FieldError::new("product", "There is no product with this SKU. Choose one of the suggestions."));
            None
        }
    };
    let quantity =
        quantity(form.value("min_quantity")).map_err(|text| errors.push(FieldError::new("min_quantity", text)));
    let price = price(list.currency(), form.value("price")).map_err(|text| errors.push(FieldError::new("price", text)));
    match (product, quantity, price) {
        (Some(product), Ok(min_quantity), Ok(price)) => Ok((product, Break { min_quantity, price })),
        _ => Err(Error::Invalid(errors)),
    }
}

/// The form of a product's prices, on a page of its own.
#[derive(Template)]
#[template(path = "price_lists/entry.html")]
struct EditPage {
    shell: Shell,
    list: PriceList,
    product: Listed,
    form: FormState,
    /// What is stored now, where somebody else changed it meanwhile.
    theirs: Option<Vec<Break>>,
    reach: Brief,
}

/// The same in the product's row.
#[derive(Template)]
#[template(path = "price_lists/_entry_edit.html")]
struct EditRow {
    shell: Shell,
    list: PriceList,
    product: Listed,
    form: FormState,
    theirs: Option<Vec<Break>>,
    reach: Brief,
}

/// A row of the form of prices.
struct PriceRow {
    at: usize,
    quantity: String,
    price: String,
    quantity_error: String,
    price_error: String,
}

/// What the form holds, and two blank rows to add.
fn form_rows(form: &FormState) -> Vec<PriceRow> {
    let told = |field: String| form.errors_at(&field).collect::<Vec<_>>().join(" ");
    let row = |(at, (quantity, price)): (usize, (&str, &str))| PriceRow {
        at,
        quantity: quantity.to_owned(),
        price: price.to_owned(),
        quantity_error: told(format!("min_quantity_{at}")),
        price_error: told(format!("price_{at}")),
    };
    let mut rows = price_rows(form);
    while rows.last().is_some_and(|(quantity, price)| quantity.trim().is_empty() && price.trim().is_empty()) {
        rows.pop();
    }
    rows.into_iter().chain([("", ""); 2]).enumerate().map(row).collect()
}

impl EditRow {
    fn rows(&self) -> Vec<PriceRow> {
        form_rows(&self.form)
    }
}

impl EditPage {
    fn rows(&self) -> Vec<PriceRow> {
        form_rows(&self.form)
    }

    fn respond(self, hx: &Hx, status: StatusCode) -> Result<HttpResponse> {
        let region = format!("entry-{}", self.product.id);
        if !hx.wants(&region) {
            return respond::html(status, &self);
        }
        let Self { shell, list, product, form, theirs, reach } = self;
        respond::html(status, &EditRow { shell, list, product, form, theirs, reach })
    }
}

struct Opened {
    list: PriceList,
    product: Listed,
    breaks: Vec<Break>,
}

fn open(conn: &mut PgConnection, id: Uuid, product: Uuid) -> Result<Opened> {
    let list = store::get(conn, id)?;
    let product = entries::product(conn, product)?.ok_or_else(products::gone)?;
    Ok(Opened { breaks: entries::breaks_of(conn, id, product.id)?, product, list })
}

pub(super) fn ids((list, product): (String, String)) -> Result<(Uuid, Uuid)> {
    Ok((parse_id(&list)?, Uuid::try_parse(&product).map_err(|_| gone())?))
}

/// `GET /price-lists/{id}/entries/{product}`: the form, or with `?view=row` the row as it stands.
pub async fn edit(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    path: web::Path<(String, String)>,
    view: web::Query<View>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let (id, product) = ids(path.into_inner())?;
    let Opened { list, product, breaks } = db.read(move |conn| open(conn, id, product)).await?;
    if view.view == "row" && hx.request {
        return Ok(respond::page(&row(&list, product, breaks))?);
    }
    let form = fill_prices(&breaks, list.currency());
    let reach = reach::waiting(&list, product.id);
    Ok(EditPage { shell, list, product, form, theirs: None, reach }.respond(&hx, StatusCode::OK)?)
}

/// How a product's prices are shown.
#[derive(Debug, serde::Deserialize)]
pub struct View {
    #[serde(default)]
    view: String,
}

fn row(list: &PriceList, product: Listed, breaks: Vec<Break>) -> EntryRow {
    EntryRow { list: list.id, currency: list.currency(), product, breaks, may_edit: true }
}

/// `POST /price-lists/{id}/entries/{product}`: exactly these prices. Over somebody else's change it saves nothing and
/// shows theirs.
pub async fn save(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    path: web::Path<(String, String)>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let (id, product) = ids(path.into_inner())?;
    let form = form.into_inner();
    let stored = was(&form);
    let (typed, now) = (form.clone(), clock.now());
    let outcome = db
        .write(move |conn| {
            let list = store::lock(conn, id)?;
            let reload = || Error::field("", "The form doesn't say what it was filled from. Reload the page.");
            let stored = stored.ok_or_else(reload)?;
            let new = breaks(list.currency(), price_rows(&typed)).map_err(Error::Invalid)?;
            if new.is_empty() {
                return Err(Error::field("", "Enter at least one price, or remove the product from the list."));
            }
            actions::replace_entries(conn, &actor, id, product, Some(&stored), &new, now)
        })
        .await;
    let opened = db.read(move |conn| open(conn, id, product)).await?;
    let (form, status, theirs) = match outcome {
        Ok(_) if hx.wants(&format!("entry-{product}")) => {
            return Ok(respond::page(&row(&opened.list, opened.product, opened.breaks))?);
        }
        Ok(list) => {
            leave(&session, Flash::success(format!("The prices of {} are saved.", opened.product.sku)))?;
            return Ok(hx.see_other(&format!("/price-lists/{}", list.id)));
        }
        Err(Error::Invalid(errors)) => (form.refused(errors), StatusCode::UNPROCESSABLE_ENTITY, None),
        Err(Error::Stale(sentence)) => {
            // Saving once more is meant: over what is shown now.
            let over = serde_json::to_string(&opened.breaks).map_err(Error::internal)?;
            let form = form.with("was", over).refused([FieldError::new("", sentence)]);
            (form, StatusCode::CONFLICT, Some(opened.breaks))
        }
        Err(error) => return Err(error.into()),
    };
    let Opened { list, product, .. } = opened;
    let reach = reach::waiting(&list, product.id);
    Ok(EditPage { shell, list, product, form, theirs, reach }.respond(&hx, status)?)
}

#[derive(Template)]
#[template(path = "price_lists/remove.html")]
struct RemovePage {
    shell: Shell,
    list: PriceList,
    product: Listed,
    breaks: Vec<Break>,
    reach: Brief,
}

/// `GET /price-lists/{id}/entries/{product}/removal`.
pub async fn confirm(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let (id, product) = ids(path.into_inner())?;
    let now = clock.now();
    let page = db
        .read(move |conn| {
            let Opened { list, product, breaks } = open(conn, id, product)?;
            let what = (product.id, first_change(&breaks, &[]));
            let impact = reach::reach(conn, &live, &list, what, now, |conn| {
                actions::replace_entries(conn, &actor, id, product.id, None, &[], now)
            })?;
            let reach = Brief { impact: Some(impact), refresh: String::new(), ..reach::waiting(&list, product.id) };
            Ok(RemovePage { shell, list, product, breaks, reach })
        })
        .await?;
    Ok(respond::page(&page)?)
}

/// `POST /price-lists/{id}/entries/{product}/removal`.
pub async fn remove(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    hx: Hx,
    session: Session,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let (id, product) = ids(path.into_inner())?;
    let now = clock.now();
    let (list, sku) = db
        .write(move |conn| {
            let list = actions::replace_entries(conn, &actor, id, product, None, &[], now)?;
            let product = entries::product(conn, product)?.ok_or_else(products::gone)?;
            Ok((list, product.sku))
        })
        .await?;
    leave(&session, Flash::success(format!("{sku} is out of {}.", list.name)))?;
    Ok(hx.see_other(&format!("/price-lists/{id}")))
}

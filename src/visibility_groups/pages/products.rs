//! The products of a visibility group: those in it, those to add, ticked one by one or all that match a search.

use super::super::actions;
use super::super::store::products;
use super::super::store::{self, ShownBy, VisibilityGroup};
use super::parse_id;
use crate::auth::role::{Actor, Permission};
use crate::auth::session::leave;
use crate::clock::Clock;
use crate::db::Db;
use crate::db::keyset::{Page, Place};
use crate::error::{Error, FieldError, Result};
use crate::groups::group::Status;
use crate::products::choosing::{Search, Side};
use crate::products::forms::{chosen, search};
use crate::products::store::Product;
use crate::products::store::list::categories;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::forms::{Choice, FormState};
use crate::web::htmx::Hx;
use crate::web::query::{Chip, Pager, Query};
use crate::web::respond;
use crate::web::shell::{Flash, Shell};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use uuid::Uuid;

/// Products on a page.
const ROWS: usize = 50;
/// How many categories the filter offers.
const CATEGORIES: i64 = 200;
/// How many customer groups are named.
const NAMED: i64 = 20;

#[derive(Template)]
#[template(path = "visibility_groups/products.html", blocks = ["results"])]
struct ProductsPage {
    shell: Shell,
    set: VisibilityGroup,
    side: Side,
    query: Query,
    search: Search,
    chips: Vec<Chip>,
    categories: Vec<Choice>,
    rows: Vec<Product>,
    pager: Pager,
    /// How many match.
    count: i64,
    shown_by: Vec<ShownBy>,
    shown_by_count: i64,
    form: FormState,
    may_edit: bool,
}

impl ProductsPage {
    fn filtered(&self) -> bool {
        !self.search.text.is_empty() || self.search.category.is_some()
    }

    fn further_groups(&self) -> i64 {
        self.shown_by_count - i64::try_from(self.shown_by.len()).unwrap_or_default()
    }
}

struct Loaded {
    set: VisibilityGroup,
    page: Page<Product>,
    count: i64,
    categories: Vec<String>,
    shown_by: Vec<ShownBy>,
    shown_by_count: i64,
}

fn load(
    conn: &mut PgConnection,
    id: Uuid,
    side: Side,
    search: &Search,
    place: &Place<(String, Uuid)>,
) -> Result<Loaded> {
    let set = store::get(conn, id)?;
    let plain = side == Side::In && *search == Search::default();
    Ok(Loaded {
        page: products::page(conn, id, side, search, place, ROWS)?,
        count: if plain { set.product_count.into() } else { products::count(conn, id, side, search)? },
        categories: categories(conn, CATEGORIES)?,
        shown_by: store::shown_by(conn, id, NAMED)?,
        shown_by_count: store::shown_by_count(conn, id)?,
        set,
    })
}

async fn build(
    db: &Db,
    actor: &Actor,
    shell: Shell,
    id: Uuid,
    side: Side,
    query: &str,
    form: FormState,
) -> Result<ProductsPage> {
    let path = match side {
        Side::In => format!("/visibility-groups/{id}"),
        Side::Out => format!("/visibility-groups/{id}/add"),
    };
    let query = Query::new(path, query);
    let search = search(|name| query.get(name));
    let place = Place::of(query.get("after"), query.get("before"));
    let asked = search.clone();
    let Loaded { set, page, count, mut categories, shown_by, shown_by_count } =
        db.read(move |conn| load(conn, id, side, &asked, &place)).await?;
    let mut chips = Vec::new();
    if !search.text.is_empty() {
        chips.push(query.chip("q", "Search", &search.text));
    }
    if let Some(category) = &search.category {
        chips.push(query.chip("category", "Category", category));
        if !categories.contains(category) {
            categories.push(category.clone());
        }
    }
    let summary = counted(count, "product", "products");
    Ok(ProductsPage {
        categories: categories.into_iter().map(|category| Choice::new(category.clone(), category)).collect(),
        pager: Pager::of(&query, &page, |product| (product.sku.clone(), product.id), summary),
        rows: page.rows,
        may_edit: actor.may(Permission::EditCatalogue),
        shell,
        set,
        side,
        query,
        search,
        chips,
        count,
        shown_by,
        shown_by_count,
        form,
    })
}

/// `GET /visibility-groups/{id}`: its products.
pub async fn show(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let page = build(&db, &actor, shell, id, Side::In, request.query_string(), FormState::new()).await?;
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

/// `GET /visibility-groups/{id}/add`: products that aren't in it.
pub async fn choose(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    let id = parse_id(&id)?;
    let page = build(&db, &actor, shell, id, Side::Out, request.query_string(), FormState::new()).await?;
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

/// `POST /visibility-groups/{id}/add`.
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
    let asked = Asked { id: parse_id(&id)?, side: Side::Out, form: form.into_inner() };
    change(&db, &clock, actor, shell, &hx, &session, asked).await
}

/// `POST /visibility-groups/{id}/remove`.
pub async fn remove(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    session: Session,
    id: web::Path<String>,
    form: web::Form<FormState>,
) -> Result<HttpResponse, PageError> {
    let asked = Asked { id: parse_id(&id)?, side: Side::In, form: form.into_inner() };
    change(&db, &clock, actor, shell, &hx, &session, asked).await
}

/// Asks before a whole set is emptied.
#[derive(Template)]
#[template(path = "visibility_groups/remove_all.html")]
struct RemoveAllPage {
    shell: Shell,
    set: VisibilityGroup,
    form: FormState,
    /// How many match.
    count: i64,
}

struct Asked {
    id: Uuid,
    side: Side,
    form: FormState,
}

async fn change(
    db: &Db,
    clock: &Clock,
    actor: Actor,
    shell: Shell,
    hx: &Hx,
    session: &Session,
    Asked { id, side, form }: Asked,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditCatalogue)?;
    if side == Side::In && form.has("all") && !form.has("sure") {
        let set = db.read(move |conn| store::get(conn, id)).await?;
        let count = form.value("count").parse().unwrap_or_default();
        return Ok(respond::page(&RemoveAllPage { shell, set, form, count })?);
    }
    let (typed, now, by) = (form.clone(), clock.now(), actor.clone());
    let outcome = db
        .write(move |conn| {
            let chosen = chosen(&typed).map_err(Error::Invalid)?;
            let name = store::get(conn, id)?.name;
            Ok((name, actions::change_products(conn, &by, id, None, side, &chosen, now)?))
        })
        .await;
    let (errors, status) = match outcome {
        Ok((name, moved)) => {
            let products = counted(i64::try_from(moved).unwrap_or(i64::MAX), "product", "products");
            let done = if side == Side::Out { "added to" } else { "removed from" };
            leave(session, Flash::success(format!("{products} {done} {name}.")))?;
            return Ok(hx.see_other(&format!("/visibility-groups/{id}")));
        }
        Err(Error::Invalid(errors)) => (errors, StatusCode::UNPROCESSABLE_ENTITY),
        Err(Error::Stale(sentence)) => (vec![FieldError::new("", sentence)], StatusCode::CONFLICT),
        Err(error) => return Err(error.into()),
    };
    let query = serde_urlencoded::to_string([("q", form.value("q")), ("category", form.value("category"))]);
    let page = build(db, &actor, shell, id, side, &query.unwrap_or_default(), form.refused(errors)).await?;
    Ok(respond::html(status, &page)?)
}

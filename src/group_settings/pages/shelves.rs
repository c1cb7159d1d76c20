//! The products that a group's settings name one by one: those in a set, with who names them, and those to add.

use super::super::shelf::Shelf;
use super::super::store::shelves::{self, Origin};
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::db::keyset::{Page, Place};
use crate::error::Result;
use crate::groups::group::Status;
use crate::groups::store::{self as groups, Group, parse_id};
use crate::groups::tabs::{Tab, tabs};
use crate::inheritance::level::{Level, chain};
use crate::inheritance::own::{Adjustment, Scope, Section};
use crate::inheritance::store::live::LiveSettings;
use crate::products::choosing::{Search, Side};
use crate::products::forms::search;
use crate::products::store::list::categories;
use crate::products::store::{Product, choosing};
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::forms::{Choice, FormState};
use crate::web::htmx::Hx;
use crate::web::query::{Chip, Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use uuid::Uuid;

/// Products on a page.
const ROWS: usize = 50;
/// How many categories the filter offers.
const CATEGORIES: i64 = 200;

/// A product, and who names it.
struct Row {
    product: Product,
    /// The group itself.
    is_own: bool,
    /// Groups above that name it too.
    above: Vec<String>,
    /// It is in the other set of visibility, and would leave it.
    is_elsewhere: bool,
}

#[derive(Template)]
#[template(path = "group_settings/products.html", blocks = ["results"])]
pub(super) struct ShelfPage {
    shell: Shell,
    tabs: Vec<Tab>,
    group: Group,
    shelf: Shelf,
    side: Side,
    query: Query,
    search: Search,
    chips: Vec<Chip>,
    categories: Vec<Choice>,
    rows: Vec<Row>,
    pager: Pager,
    /// Of the products that match, how many a change can be about.
    own: i64,
    /// What has to be known before anything is added.
    note: String,
    form: FormState,
    may_edit: bool,
}

impl ShelfPage {
    fn filtered(&self) -> bool {
        !self.search.text.is_empty() || self.search.category.is_some() || !self.query.get("from").is_empty()
    }

    fn origins(&self) -> Vec<Choice> {
        vec![Choice::new("own", "Own"), Choice::new("inherited", "Inherited")]
    }

    fn base(&self) -> String {
        format!("/groups/{}/{}", self.group.id, self.shelf.path())
    }

    fn area(&self) -> (&'static str, String) {
        let (area, _) = self.shelf.path().split_once('/').unwrap_or_default();
        let label = if area == "pricing" { "Pricing" } else { "Visibility" };
        (label, format!("/groups/{}/{area}", self.group.id))
    }
}

struct Loaded {
    group: Group,
    page: Page<Product>,
    rows: Vec<Row>,
    count: i64,
    own: i64,
    note: String,
    categories: Vec<String>,
}

/// What is asked for.
#[derive(Clone)]
struct Wanted {
    id: Uuid,
    shelf: Shelf,
    side: Side,
    search: Search,
    origin: Origin,
    place: Place<(String, Uuid)>,
}

fn load(conn: &mut PgConnection, live: &LiveSettings, wanted: &Wanted) -> Result<Loaded> {
    let Wanted { id, shelf, side, search, origin, place } = wanted;
    let (id, shelf) = (*id, *shelf);
    let group = groups::live(conn, id)?;
    let book = live.now(conn)?;
    let chain: Vec<&Level> = if shelf.is_inherited() {
        chain(book.levels(), id, Section::Visibility)
    } else {
        book.level(id).into_iter().collect()
    };
    let mut ids = vec![id];
    ids.extend(chain.iter().map(|level| level.id).filter(|other| *other != id));
    let condition = || match side {
        Side::In => shelves::within(shelf, &ids, *origin),
        Side::Out => shelves::on(shelf, Side::Out, id),
    };
    let page = choosing::page(conn, condition(), search, place, ROWS)?;
    let count = choosing::count(conn, condition(), search)?;
    let own = match (side, origin) {
        (Side::Out, _) => count,
        (Side::In, Origin::Inherited) => 0,
        (Side::In, _) => choosing::count(conn, shelves::on(shelf, Side::In, id), search)?,
    };
    let products: Vec<Uuid> = page.rows.iter().map(|product| product.id).collect();
    let mut sources = shelves::sources(conn, shelf, &products, &ids)?;
    let elsewhere = match (side, shelf) {
        (Side::Out, Shelf::Included) => shelves::sources(conn, Shelf::Excluded, &products, &[id])?,
        (Side::Out, Shelf::Excluded) => shelves::sources(conn, Shelf::Included, &products, &[id])?,
        _ => std::collections::HashMap::new(),
    };
    let name = |level: &&&Level| level.name.clone();
    let rows = page
        .rows
        .iter()
        .map(|product| {
            let by = sources.remove(&product.id).unwrap_or_default();
            Row {
                is_own: by.contains(&id),
                above: chain
                    .iter()
                    .filter(|level| level.id != id && by.contains(&level.id))
                    .map(|l| name(&l))
                    .collect(),
                is_elsewhere: elsewhere.contains_key(&product.id),
                product: product.clone(),
            }
        })
        .collect();
    let note = book.level(id).filter(|_| shelf == Shelf::Discounted).map(note).unwrap_or_default();
    Ok(Loaded { rows, page, count, own, note, categories: categories(conn, CATEGORIES)?, group })
}

/// What adding a product to a discount means, where that isn't plain.
fn note(level: &Level) -> String {
    match &level.pricing.adjustment {
        Adjustment::Percentage { scope, .. } | Adjustment::Fixed { scope, .. } => match scope {
            Scope::All => {
                "The discount applies to all products now. Once products are chosen, it applies to those alone.".into()
            }
            Scope::Categories(names) => format!(
                "The discount applies to categories now ({}). Once products are chosen, it applies to those alone.",
                names.join(", ")
            ),
            Scope::Products(0) => {
                "The discount applies to chosen products and none is chosen: it prices nothing.".into()
            }
            Scope::Products(_) => String::new(),
        },
        Adjustment::Unset | Adjustment::ExplicitNone | Adjustment::PriceLists => {
            "This group has no discount of its own. Choose a percentage or an amount off on its pricing page first."
                .into()
        }
    }
}

pub(super) async fn build(
    db: &Db,
    live: &LiveSettings,
    actor: &Actor,
    shell: Shell,
    (id, shelf, side): (Uuid, Shelf, Side),
    query: &str,
    form: FormState,
) -> Result<ShelfPage> {
    let path = match side {
        Side::In => format!("/groups/{id}/{}", shelf.path()),
        Side::Out => format!("/groups/{id}/{}/add", shelf.path()),
    };
    let query = Query::new(path, query);
    let origin = match query.get("from") {
        "own" => Origin::Own,
        "inherited" => Origin::Inherited,
        _ => Origin::Any,
    };
    let place = Place::of(query.get("after"), query.get("before"));
    let wanted = Wanted { id, shelf, side, search: search(|name| query.get(name)), origin, place };
    let (asked, live) = (wanted.clone(), live.clone());
    let Loaded { group, page, rows, count, own, note, mut categories } =
        db.read(move |conn| load(conn, &live, &asked)).await?;
    let search = wanted.search;
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
    match origin {
        Origin::Any => {}
        Origin::Own => chips.push(query.chip("from", "From", "Own")),
        Origin::Inherited => chips.push(query.chip("from", "From", "Inherited")),
    }
    let tab = if shelf == Shelf::Discounted { "Pricing" } else { "Visibility" };
    Ok(ShelfPage {
        tabs: tabs(id, tab),
        categories: categories.into_iter().map(|category| Choice::new(category.clone(), category)).collect(),
        pager: Pager::of(&query, &page, |p| (p.sku.clone(), p.id), counted(count, "product", "products")),
        may_edit: actor.may(Permission::EditGroups),
        shell,
        group,
        shelf,
        side,
        query,
        search,
        chips,
        rows,
        own,
        note,
        form,
    })
}

async fn shown(
    db: &Db,
    live: &LiveSettings,
    actor: &Actor,
    shell: Shell,
    hx: &Hx,
    request: &HttpRequest,
    what: (Uuid, Shelf, Side),
) -> Result<HttpResponse, PageError> {
    let page = build(db, live, actor, shell, what, request.query_string(), FormState::new()).await?;
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

/// `GET /groups/{id}/visibility/included` and its sisters: the products of the set.
pub async fn show(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    shelf: web::Data<Shelf>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let what = (parse_id(&id)?, **shelf, Side::In);
    shown(&db, &live, &actor, shell, &hx, &request, what).await
}

/// `GET /groups/{id}/visibility/included/add` and its sisters: products that aren't in it.
pub async fn choose(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    shelf: web::Data<Shelf>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::EditGroups)?;
    let what = (parse_id(&id)?, **shelf, Side::Out);
    shown(&db, &live, &actor, shell, &hx, &request, what).await
}

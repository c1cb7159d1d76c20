//! A price list's page: its prices, each product with its quantity breaks.

use super::super::entry::Break;
use super::super::store::entries::{self, Listed};
use super::super::store::{self, PriceList, users};
use super::reach::waiting_for_new;
use super::{Tab, parse_id, tabs};
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::db::keyset::{Page, Place};
use crate::error::Result;
use crate::impact::panel::Brief;
use crate::money::Currency;
use crate::products::listing::searched;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::forms::FormState;
use crate::web::htmx::Hx;
use crate::web::query::{Chip, Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use diesel::PgConnection;
use uuid::Uuid;

/// Products on a page.
const ROWS: usize = 50;

/// A product with its prices in the list: a row of the table, and what htmx puts in its place after a change.
#[derive(Template)]
#[template(path = "price_lists/_entry.html")]
pub(super) struct EntryRow {
    pub(super) list: Uuid,
    pub(super) currency: Currency,
    pub(super) product: Listed,
    pub(super) breaks: Vec<Break>,
    pub(super) may_edit: bool,
}

#[derive(Template)]
#[template(path = "price_lists/show.html", blocks = ["results"])]
struct ShowPage {
    shell: Shell,
    tabs: Vec<Tab>,
    list: PriceList,
    today: NaiveDate,
    groups: i64,
    idle: i64,
    query: Query,
    chips: Vec<Chip>,
    rows: Vec<EntryRow>,
    pager: Pager,
    form: FormState,
    /// Whom a new price reaches.
    reach: Brief,
    may_edit: bool,
}

struct Loaded {
    list: PriceList,
    today: NaiveDate,
    groups: i64,
    idle: i64,
    page: Page<EntryRow>,
}

fn load(
    conn: &mut PgConnection,
    id: Uuid,
    text: &str,
    place: &Place<(String, Uuid)>,
    clock: &Clock,
    may_edit: bool,
) -> Result<Loaded> {
    let list = store::get(conn, id)?;
    let today = store_day(clock.now(), store_settings::load(conn)?.time_zone);
    let found = entries::products(conn, id, text, place, ROWS)?;
    let ids: Vec<Uuid> = found.rows.iter().map(|product| product.id).collect();
    let mut breaks = entries::breaks(conn, id, &ids)?;
    let row = |product: Listed| EntryRow {
        list: id,
        currency: list.currency(),
        breaks: breaks.remove(&product.id).unwrap_or_default(),
        product,
        may_edit,
    };
    let page = Page { rows: found.rows.into_iter().map(row).collect(), before: found.before, after: found.after };
    let idle = if list.force(today).holds() {
        0
    } else {
        users::without_force(conn, &[id], today)?.remove(&id).unwrap_or_default()
    };
    Ok(Loaded { groups: users::groups(conn, id)?, idle, today, page, list })
}

/// `GET /price-lists/{id}`.
pub async fn show(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let page =
        build(&db, &clock, &actor, shell, id, request.query_string(), FormState::new().with("min_quantity", 1)).await?;
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

/// The page again, with what is wrong with a new price.
pub(super) async fn refused(
    db: &Db,
    clock: &Clock,
    actor: &Actor,
    shell: Shell,
    id: Uuid,
    form: FormState,
) -> Result<HttpResponse> {
    let page = build(db, clock, actor, shell, id, "", form).await?;
    respond::html(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn build(
    db: &Db,
    clock: &Clock,
    actor: &Actor,
    shell: Shell,
    id: Uuid,
    query: &str,
    form: FormState,
) -> Result<ShowPage> {
    let query = Query::new(format!("/price-lists/{id}"), query);
    let text = searched(query.get("q"));
    let place = Place::of(query.get("after"), query.get("before"));
    let may_edit = actor.may(Permission::EditCatalogue);
    let (asked, clock) = (text.clone(), clock.clone());
    let Loaded { list, today, groups, idle, page } =
        db.read(move |conn| load(conn, id, &asked, &place, &clock, may_edit)).await?;
    let shown = i64::try_from(page.rows.len()).unwrap_or_default();
    let summary = counted(shown, "product on this page", "products on this page");
    Ok(ShowPage {
        tabs: tabs(&list, "Prices"),
        reach: waiting_for_new(&list),
        chips: if text.is_empty() { Vec::new() } else { vec![query.chip("q", "Search", &text)] },
        pager: Pager::of(&query, &page, |row| row.product.cursor(), summary),
        rows: page.rows,
        shell,
        list,
        today,
        groups,
        idle,
        query,
        form,
        may_edit,
    })
}

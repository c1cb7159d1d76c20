//! Which groups see a product, with the reason.

use super::super::listing::searched;
use super::super::seers::{self, Seer, Wanted};
use super::super::store::{self, Product};
use super::{Tab, parse_id, tabs};
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::db::keyset::{Page, Place};
use crate::error::Result;
use crate::groups::group::Status;
use crate::inheritance::store::live::LiveSettings;
use crate::visibility::store as visibility;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::forms::Choice;
use crate::web::htmx::Hx;
use crate::web::query::{Chip, Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use uuid::Uuid;

/// Groups on a page.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "products/groups.html", blocks = ["results"])]
struct SeenPage {
    shell: Shell,
    tabs: Vec<Tab>,
    product: Product,
    query: Query,
    chips: Vec<Chip>,
    rows: Vec<Seer>,
    /// Groups that take part, and those of them that see it.
    groups: usize,
    seeing: usize,
    pager: Pager,
}

impl SeenPage {
    fn views(&self) -> Vec<Choice> {
        vec![Choice::new("yes", "Sees it"), Choice::new("no", "Doesn't see it")]
    }
}

struct Loaded {
    product: Product,
    groups: usize,
    seeing: usize,
    page: Page<Seer>,
}

fn load(conn: &mut PgConnection, live: &LiveSettings, id: Uuid, wanted: &Wanted) -> Result<Loaded> {
    let product = store::get(conn, id)?;
    let book = live.now(conn)?;
    let levels = book.levels();
    let groups: Vec<Uuid> = levels.keys().copied().collect();
    let shown = visibility::shown(conn, &[id], &seers::sets(levels), &groups)?.remove(&id).unwrap_or_default();
    let all = seers::seers(levels, &shown);
    let counting = || all.iter().filter(|seer| seer.counts);
    Ok(Loaded {
        groups: counting().count(),
        seeing: counting().filter(|seer| seer.sees).count(),
        page: seers::page(&all, wanted, ROWS),
        product,
    })
}

/// `GET /products/{id}/groups`.
pub async fn show(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let query = Query::new(format!("/products/{id}/groups"), request.query_string());
    let wanted = Wanted {
        text: searched(query.get("q")),
        sees: match query.get("sees") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        place: Place::of(query.get("after"), query.get("before")),
    };
    let (asked, live) = (wanted.clone(), LiveSettings::clone(&live));
    let Loaded { product, groups, seeing, page } = db.read(move |conn| load(conn, &live, id, &asked)).await?;
    let mut chips = Vec::new();
    if !wanted.text.is_empty() {
        chips.push(query.chip("q", "Search", &wanted.text));
    }
    if let Some(sees) = wanted.sees {
        chips.push(query.chip("sees", "Shown", if sees { "Sees it" } else { "Doesn't see it" }));
    }
    let shown = i64::try_from(page.rows.len()).unwrap_or_default();
    let page = SeenPage {
        tabs: tabs(&product, "Who sees it"),
        pager: Pager::of(&query, &page, Seer::cursor, counted(shown, "group on this page", "groups on this page")),
        rows: page.rows,
        shell,
        product,
        query,
        chips,
        groups,
        seeing,
    };
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

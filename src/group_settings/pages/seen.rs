//! The products behind the counts of a group's visibility: those it doesn't see, and those that only it sees.

use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::db::composed::Composed;
use crate::db::keyset::{Page, Place};
use crate::error::Result;
use crate::groups::group::ROOT_ID;
use crate::groups::store::{self as groups, Group, parse_id};
use crate::groups::tabs::{Tab, tabs};
use crate::inheritance::level::{Levels, chain};
use crate::inheritance::own::{Access, Section};
use crate::inheritance::store::live::LiveSettings;
use crate::products::choosing::Search;
use crate::products::forms::search;
use crate::products::store::list::categories;
use crate::products::store::{Product, choosing};
use crate::visibility::sees::sees;
use crate::visibility::sight::Eyes;
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

/// Products on a page.
const ROWS: usize = 50;
/// How many categories the filter offers.
const CATEGORIES: i64 = 200;

/// Which products are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// Active products that the group doesn't see.
    Hidden,
    /// Active products that it sees and All Customers doesn't.
    Exclusive,
}

impl Behind {
    fn path(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Exclusive => "exclusive",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Hidden => "Hidden products",
            Self::Exclusive => "Exclusive products",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Hidden => "Active products that this group doesn't see.",
            Self::Exclusive => "Active products that this group sees and All Customers doesn't.",
        }
    }

    fn condition(self, levels: &Levels, group: Uuid) -> Composed {
        match self {
            Self::Hidden => visibility::hidden(&sees(levels, group)),
            Self::Exclusive => visibility::exclusive(&sees(levels, group), &sees(levels, ROOT_ID)),
        }
    }
}

/// A product, and why it is or isn't seen.
struct Row {
    product: Product,
    reason: String,
}

#[derive(Template)]
#[template(path = "group_settings/seen.html", blocks = ["results"])]
struct SeenPage {
    shell: Shell,
    tabs: Vec<Tab>,
    group: Group,
    behind: Behind,
    query: Query,
    search: Search,
    chips: Vec<Chip>,
    categories: Vec<Choice>,
    rows: Vec<Row>,
    pager: Pager,
}

impl SeenPage {
    fn filtered(&self) -> bool {
        !self.search.text.is_empty() || self.search.category.is_some()
    }
}

struct Loaded {
    group: Group,
    page: Page<Product>,
    rows: Vec<Row>,
    count: i64,
    categories: Vec<String>,
}

fn load(
    conn: &mut PgConnection,
    live: &LiveSettings,
    id: Uuid,
    behind: Behind,
    search: &Search,
    place: &Place<(String, Uuid)>,
) -> Result<Loaded> {
    let group = groups::live(conn, id)?;
    let book = live.now(conn)?;
    let levels = book.levels();
    let page = choosing::page(conn, behind.condition(levels, id), search, place, ROWS)?;
    let count = choosing::count(conn, behind.condition(levels, id), search)?;
    let (mut sets, mut above) = (Vec::new(), Vec::new());
    for level in chain(levels, id, Section::Visibility) {
        above.push(level.id);
        if let Some(Access::VisibilityGroups(shown)) = &level.visibility.access {
            sets.extend(shown.iter().map(|set| set.id));
        }
    }
    let ids: Vec<Uuid> = page.rows.iter().map(|product| product.id).collect();
    let mut known = visibility::shown(conn, &ids, &sets, &above)?;
    let eyes = Eyes::new(levels, &[id]);
    let rows = page
        .rows
        .iter()
        .map(|product| {
            let shown = known.remove(&product.id).unwrap_or_default();
            let sight = eyes.see(&shown);
            let reason = sight.reasons.first().map(|(group, reason)| reason.words(&group.name)).unwrap_or_default();
            Row { product: product.clone(), reason }
        })
        .collect();
    Ok(Loaded { rows, page, count, categories: categories(conn, CATEGORIES)?, group })
}

/// `GET /groups/{id}/visibility/hidden` and `/exclusive`.
pub async fn show(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    behind: web::Data<Behind>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let (id, behind) = (parse_id(&id)?, **behind);
    let query = Query::new(format!("/groups/{id}/visibility/{}", behind.path()), request.query_string());
    let search = search(|name| query.get(name));
    let place = Place::of(query.get("after"), query.get("before"));
    let (asked, live) = (search.clone(), LiveSettings::clone(&live));
    let Loaded { group, page, rows, count, mut categories } =
        db.read(move |conn| load(conn, &live, id, behind, &asked, &place)).await?;
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
    let page = SeenPage {
        tabs: tabs(id, "Visibility"),
        categories: categories.into_iter().map(|category| Choice::new(category.clone(), category)).collect(),
        pager: Pager::of(&query, &page, |p| (p.sku.clone(), p.id), counted(count, "product", "products")),
        shell,
        group,
        behind,
        query,
        search,
        chips,
        rows,
    };
    Ok(if hx.wants("results") { respond::page(&page.as_results())? } else { respond::page(&page)? })
}

//! The organization list.

use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::db::keyset::Page;
use crate::error::Result;
use crate::groups::store as groups;
use crate::organizations::listing::{Params, Wanted};
use crate::organizations::store;
use crate::organizations::store::list::{self as stored, MOST_COUNTED, Row};
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

/// Rows on a page of the list.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "organizations/list.html", blocks = ["results", "totals"])]
struct ListPage {
    shell: Shell,
    query: Query,
    chips: Vec<Chip>,
    filtered: bool,
    rows: Vec<Row>,
    pager: Pager,
    /// How many match; `None`: it is counted after the page.
    total: Option<i64>,
    may_create: bool,
}

impl ListPage {
    fn grouped(&self) -> Vec<Choice> {
        vec![Choice::new("with", "With a group"), Choice::new("without", "Without a group")]
    }

    fn totals_path(&self) -> String {
        self.query.with("part", "totals").url()
    }

    /// A count that was broken off says so.
    fn customers(&self, row: &Row) -> String {
        let count = crate::money::format_count(row.customers.min(MOST_COUNTED));
        if row.customers > MOST_COUNTED { format!("{count}+") } else { count }
    }
}

struct Loaded {
    page: Page<Row>,
    total: Option<i64>,
    /// The names of the organization and the group that the list is narrowed to.
    parent: Option<String>,
    group: Option<String>,
}

fn load(conn: &mut PgConnection, wanted: &Wanted, counting: bool) -> Result<Loaded> {
    let parent = wanted.parent.map(|id| store::any(conn, id)).transpose()?.flatten().map(|parent| parent.name);
    let group = wanted.group.map(|id| groups::any(conn, id)).transpose()?.flatten().map(|group| group.name);
    if counting {
        let page = Page { rows: Vec::new(), before: false, after: false };
        return Ok(Loaded { page, total: Some(stored::total(conn, wanted)?), parent, group });
    }
    Ok(Loaded { page: stored::page(conn, wanted, ROWS)?, total: None, parent, group })
}

fn chips(query: &Query, wanted: &Wanted, loaded: &Loaded) -> Vec<Chip> {
    let mut chips = Vec::new();
    if !wanted.text.is_empty() {
        chips.push(query.chip("q", "Search", &wanted.text));
    }
    if let Some(has_group) = wanted.has_group {
        chips.push(query.chip("grouped", "Group", if has_group { "With" } else { "Without" }));
    }
    if wanted.parent.is_some() {
        let name = loaded.parent.as_deref().unwrap_or("one that doesn't exist");
        chips.push(query.chip("parent", "Parent organization", name));
    }
    if wanted.group.is_some() {
        let name = loaded.group.as_deref().unwrap_or("one that doesn't exist");
        chips.push(query.chip("group", "Customer group", name));
    }
    chips
}

/// `GET /organizations`: the page, its results alone, or with `part=totals` how many match.
pub async fn list(
    db: web::Data<Db>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    params: web::Query<Params>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let query = Query::new("/organizations", request.query_string());
    let counting = query.get("part") == "totals";
    let query = query.without("part");
    let wanted = Wanted::from(params.into_inner());
    let asked = wanted.clone();
    let loaded = db.read(move |conn| load(conn, &asked, counting)).await?;
    let shown = i64::try_from(loaded.page.rows.len()).unwrap_or_default();
    let summary = counted(shown, "organization on this page", "organizations on this page");
    let page = ListPage {
        chips: chips(&query, &wanted, &loaded),
        pager: Pager::of(&query, &loaded.page, Row::key, summary),
        shell,
        query,
        filtered: !wanted.is_plain(),
        rows: loaded.page.rows,
        total: loaded.total,
        may_create: actor.may(Permission::EditCustomers),
    };
    Ok(match () {
        () if counting => respond::page(&page.as_totals())?,
        () if hx.wants("results") => respond::page(&page.as_results())?,
        () => respond::page(&page)?,
    })
}

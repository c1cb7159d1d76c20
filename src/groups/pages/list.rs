//! The group list (SPEC 3, the seed's "Customer Group List") and its files.

use super::super::group::{GroupType, Status};
use super::super::listing::{Cursor, Params, Sort, Wanted};
use super::super::store::list::{self as stored, Row, Totals};
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::db::keyset::{Page, Place};
use crate::error::{Error, Result};
use crate::inheritance::level::above;
use crate::inheritance::store::live::LiveSettings;
use crate::inheritance::words::{Label, pricing_label, visibility_label};
use crate::inheritance::{effective::effective, store as settings};
use crate::money::Currency;
use crate::store_settings::store as store_settings;
use crate::table::{Cell, Table};
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::forms::Choice;
use crate::web::htmx::Hx;
use crate::web::query::{Chip, Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use crate::web::{csv, workbook};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// Rows on a page of the list.
const ROWS: usize = 50;
/// Rows that the CSV export fetches at a time.
const EXPORT_ROWS: usize = 500;
/// Up to so many members, the revenue of a page's groups is there with the page; beyond, it follows. A member takes
/// about 5 µs (docs/benchmarks.md).
const MEMBERS_AT_ONCE: i64 = 2_000;

/// A row with all its columns.
struct ListRow {
    id: Uuid,
    key: Cursor,
    name: String,
    code: String,
    /// The names of the groups above it, the highest first.
    place: Vec<String>,
    customers: i64,
    /// Minor units; `None`: it is fetched after the page.
    revenue: Option<i64>,
    pricing: Label,
    visibility: Label,
    status: Status,
    kind: GroupType,
}

#[derive(Template)]
#[template(path = "groups/list.html", blocks = ["results", "totals"])]
struct ListPage {
    shell: Shell,
    query: Query,
    currency: Currency,
    deleted: bool,
    filtered: bool,
    chips: Vec<Chip>,
    rows: Vec<ListRow>,
    pager: Pager,
    /// `None`: they are fetched after the page.
    totals: Option<Totals>,
    may_create: bool,
    may_restore: bool,
}

/// What follows a page of large groups: their revenue, put into its cells.
#[derive(Template)]
#[template(path = "groups/_revenue.html")]
struct RevenueCells {
    rows: Vec<ListRow>,
    currency: Currency,
}

impl ListPage {
    fn statuses(&self) -> Vec<Choice> {
        Status::ALL.iter().map(|status| Choice::new(status.name(), status.label())).collect()
    }

    fn kinds(&self) -> Vec<Choice> {
        GroupType::ALL.iter().map(|kind| Choice::new(kind.name(), kind.label())).collect()
    }

    fn deletions(&self) -> Vec<Choice> {
        vec![Choice::new("1", "Deleted groups")]
    }

    fn totals_path(&self) -> String {
        self.query.with("part", "totals").url()
    }

    /// Where the revenue is fetched; `None` where it is there.
    fn revenue_path(&self) -> Option<String> {
        let follows = self.rows.iter().any(|row| row.revenue.is_none());
        // Not `with`, which begins at the first page.
        let here = self.shell.path.as_str();
        follows.then(|| format!("{here}{}part=revenue", if here.contains('?') { '&' } else { '?' }))
    }
}

/// When the revenue column is computed.
#[derive(Clone, Copy)]
enum When {
    /// Whatever it takes.
    Now,
    /// Where the groups have few members; otherwise later.
    IfLittle,
}

/// Fills the columns of rows: their place in the tree, and what they pay and see.
fn with_columns(
    conn: &mut PgConnection,
    live: &LiveSettings,
    rows: &[Row],
    sort: Sort,
    currency: Currency,
    revenue: When,
) -> Result<Vec<ListRow>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let members: i64 = rows.iter().map(|row| i64::from(row.member_count)).sum();
    let revenue = match revenue {
        When::IfLittle if members > MEMBERS_AT_ONCE => HashMap::new(),
        When::IfLittle | When::Now => stored::revenue(conn, &ids)?,
    };
    let book = live.now(conn)?;
    // Deleted groups are in no book.
    let rested = if ids.iter().all(|id| book.level(*id).is_some()) { None } else { Some(settings::load(conn, &ids)?) };
    let levels = rested.as_ref().unwrap_or_else(|| book.levels());
    let everyone = stored::all_customers(conn)?;
    let columns = |row: &Row| {
        let effective = effective(levels, row.id).ok_or_else(|| Error::internal("a listed group has no settings"))?;
        Ok(ListRow {
            id: row.id,
            key: row.cursor(sort),
            name: row.name.clone(),
            code: row.code.clone(),
            place: above(levels, row.id).into_iter().map(|level| level.name.clone()).collect(),
            customers: if row.parent_id.is_none() { everyone } else { i64::from(row.member_count) },
            revenue: revenue.get(&row.id).copied(),
            pricing: pricing_label(&effective, currency),
            visibility: visibility_label(&effective),
            status: row.status(),
            kind: row.kind(),
        })
    };
    rows.iter().map(columns).collect()
}

fn chips(query: &Query, wanted: &Wanted) -> Vec<Chip> {
    let mut chips = Vec::new();
    if !wanted.text.is_empty() {
        chips.push(query.chip("q", "Search", &wanted.text));
    }
    if let Some(status) = wanted.status {
        chips.push(query.chip("status", "Status", status.label()));
    }
    if let Some(kind) = wanted.kind {
        chips.push(query.chip("type", "Type", kind.label()));
    }
    if wanted.deleted {
        chips.push(query.chip("deleted", "Shown", "Deleted groups"));
    }
    chips
}

/// What of the list is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The page or its results.
    Rows,
    /// The totals that follow a filtered page.
    Totals,
    /// The revenue that follows a page of large groups.
    Revenue,
}

struct Loaded {
    page: Page<ListRow>,
    totals: Option<Totals>,
    currency: Currency,
}

fn load(conn: &mut PgConnection, live: &LiveSettings, wanted: &Wanted, part: Part) -> Result<Loaded> {
    let currency = store_settings::load(conn)?.currency;
    if part == Part::Totals {
        let totals = Some(stored::filtered_totals(conn, wanted)?);
        let page = Page { rows: Vec::new(), before: false, after: false };
        return Ok(Loaded { page, totals, currency });
    }
    let found = stored::page(conn, wanted, ROWS)?;
    let revenue = if part == Part::Revenue { When::Now } else { When::IfLittle };
    let rows = with_columns(conn, live, &found.rows, wanted.sort, currency, revenue)?;
    let page = Page { rows, before: found.before, after: found.after };
    let totals = if wanted.is_plain() { Some(stored::plain_totals(conn)?) } else { None };
    Ok(Loaded { page, totals, currency })
}

/// `GET /groups`: the page, its results alone, or what follows it: `part=totals`, `part=revenue`.
pub async fn list(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    params: web::Query<Params>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let query = Query::new("/groups", request.query_string());
    let part = match query.get("part") {
        "totals" => Part::Totals,
        "revenue" => Part::Revenue,
        _ => Part::Rows,
    };
    let query = query.without("part");
    let wanted = Wanted::from(params.into_inner());
    let asked = wanted.clone();
    let Loaded { page, totals, currency } = db.read(move |conn| load(conn, &live, &asked, part)).await?;
    let shown = i64::try_from(page.rows.len()).unwrap_or_default();
    let summary = counted(shown, "group on this page", "groups on this page");
    let page = ListPage {
        chips: chips(&query, &wanted),
        pager: Pager::of(&query, &page, |row| row.key.clone(), summary),
        shell,
        query,
        currency,
        deleted: wanted.deleted,
        filtered: !wanted.is_plain(),
        rows: page.rows,
        totals,
        may_create: actor.may(Permission::EditGroups),
        may_restore: actor.may(Permission::ShapeTree),
    };
    Ok(match part {
        Part::Totals => respond::page(&page.as_totals())?,
        Part::Revenue if hx.request => respond::page(&RevenueCells { rows: page.rows, currency })?,
        _ if hx.wants("results") => respond::page(&page.as_results())?,
        _ => respond::page(&page)?,
    })
}

/// `GET /groups.csv`, `.xlsx`: all rows that match, a few at a time.
pub async fn export(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    request: HttpRequest,
    params: web::Query<Params>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let wanted = Wanted { place: Place::Start, ..Wanted::from(params.into_inner()) };
    let (db, live) = (Db::clone(&db), LiveSettings::clone(&live));
    let currency = db.read(|conn| Ok(store_settings::load(conn)?.currency)).await?;
    let rows = move |wanted: Wanted| {
        let (db, live) = (db.clone(), live.clone());
        async move {
            let asked = wanted.clone();
            let (rows, next) = db.read(move |conn| export_rows(conn, &live, &asked, currency)).await?;
            Ok((rows, next.map(|cursor| Wanted { place: Place::After(cursor), ..wanted })))
        }
    };
    let columns = ["code", "name", "place", "customers", "revenue", "pricing", "visibility", "status", "type"];
    let heading = Table::new("Customer groups", columns);
    if request.path().ends_with(".xlsx") {
        return Ok(workbook::of_list("customer-groups.xlsx", currency, heading, wanted, rows).await?);
    }
    Ok(csv::of_list("customer-groups.csv", currency, heading, wanted, rows))
}

fn export_rows(
    conn: &mut PgConnection,
    live: &LiveSettings,
    wanted: &Wanted,
    currency: Currency,
) -> Result<(Vec<Vec<Cell>>, Option<Cursor>)> {
    let page = stored::page(conn, wanted, EXPORT_ROWS)?;
    let next = page.rows.last().filter(|_| page.after).map(|row| row.cursor(wanted.sort));
    let rows = with_columns(conn, live, &page.rows, wanted.sort, currency, When::Now)?.into_iter().map(|row| {
        vec![
            Cell::text(row.code),
            Cell::text(row.name),
            Cell::text(row.place.join(" > ")),
            Cell::Count(row.customers),
            Cell::Money(row.revenue.unwrap_or_default()),
            Cell::text(row.pricing.text),
            Cell::text(row.visibility.text),
            Cell::text(row.status.name()),
            Cell::text(row.kind.name()),
        ]
    });
    Ok((rows.collect(), next))
}

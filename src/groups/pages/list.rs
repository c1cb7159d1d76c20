//! The group list (SPEC 3, the seed's "Customer Group List") and its CSV.

use super::super::group::{GroupType, Status};
use super::super::listing::{self, From, Params, Row, Totals, Wanted};
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::inheritance::level::{Levels, place};
use crate::inheritance::words::{Label, pricing_label, visibility_label};
use crate::inheritance::{effective::effective, store as settings};
use crate::money::Currency;
use crate::store_settings::store as store_settings;
use crate::web::csv;
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
use std::collections::HashMap;
use uuid::Uuid;

/// Rows on a page of the list.
const ROWS: usize = 50;
/// Rows that the CSV export fetches at a time.
const EXPORT_ROWS: usize = 500;
/// Up to so many members, the revenue of a page's groups is there with the page; beyond, it follows.
const MEMBERS_AT_ONCE: i64 = 20_000;

/// A row with all its columns.
struct ListRow {
    id: Uuid,
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
fn with_columns(conn: &mut PgConnection, rows: &[Row], currency: Currency, revenue: When) -> Result<Vec<ListRow>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let members: i64 = rows.iter().map(|row| i64::from(row.member_count)).sum();
    let revenue = match revenue {
        When::IfLittle if members > MEMBERS_AT_ONCE => HashMap::new(),
        When::IfLittle | When::Now => listing::revenue(conn, &ids)?,
    };
    let levels = settings::load(conn, &ids)?;
    let everyone = listing::all_customers(conn)?;
    rows.iter().map(|row| columns(row, &levels, everyone, currency, revenue.get(&row.id).copied())).collect()
}

fn columns(row: &Row, levels: &Levels, everyone: i64, currency: Currency, revenue: Option<i64>) -> Result<ListRow> {
    let effective = effective(levels, row.id).ok_or_else(|| Error::internal("a listed group has no settings"))?;
    Ok(ListRow {
        id: row.id,
        name: row.name.clone(),
        code: row.code.clone(),
        place: place(levels, row.id).into_iter().map(|level| level.name.clone()).collect(),
        customers: if row.parent_id.is_none() { everyone } else { i64::from(row.member_count) },
        revenue,
        pricing: pricing_label(&effective, currency),
        visibility: visibility_label(&effective),
        status: row.status(),
        kind: row.kind(),
    })
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
    rows: Vec<ListRow>,
    previous: Option<listing::Cursor>,
    next: Option<listing::Cursor>,
    totals: Option<Totals>,
    currency: Currency,
}

fn load(conn: &mut PgConnection, wanted: &Wanted, part: Part) -> Result<Loaded> {
    let currency = store_settings::load(conn)?.currency;
    if part == Part::Totals {
        let totals = Some(listing::filtered_totals(conn, wanted)?);
        return Ok(Loaded { rows: Vec::new(), previous: None, next: None, totals, currency });
    }
    let page = listing::page(conn, wanted, ROWS)?;
    let revenue = if part == Part::Revenue { When::Now } else { When::IfLittle };
    let rows = with_columns(conn, &page.rows, currency, revenue)?;
    let totals = if wanted.is_plain() { Some(listing::plain_totals(conn)?) } else { None };
    Ok(Loaded { rows, previous: page.previous, next: page.next, totals, currency })
}

/// `GET /groups`: the page, its results alone, or what follows it: `part=totals`, `part=revenue`.
pub async fn list(
    db: web::Data<Db>,
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
    let Loaded { rows, previous, next, totals, currency } = db.read(move |conn| load(conn, &asked, part)).await?;
    let page = ListPage {
        chips: chips(&query, &wanted),
        pager: Pager {
            summary: counted(
                i64::try_from(rows.len()).unwrap_or_default(),
                "group on this page",
                "groups on this page",
            ),
            previous: previous.map(|cursor| query.before(&cursor.encode())),
            next: next.map(|cursor| query.after(&cursor.encode())),
        },
        shell,
        query,
        currency,
        deleted: wanted.deleted,
        filtered: !wanted.is_plain(),
        rows,
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

/// `GET /groups.csv`: all rows that match, a few at a time.
pub async fn export(db: web::Data<Db>, actor: Actor, params: web::Query<Params>) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let wanted = Wanted { from: From::Start, ..Wanted::from(params.into_inner()) };
    let db = Db::clone(&db);
    Ok(csv::download("customer-groups.csv", (wanted, true), move |(wanted, first)| {
        let db = db.clone();
        async move {
            let asked = wanted.clone();
            let (text, next) = db.read(move |conn| export_chunk(conn, &asked, first)).await?;
            Ok((text, next.map(|cursor| (Wanted { from: From::After(cursor), ..wanted }, false))))
        }
    }))
}

fn export_chunk(conn: &mut PgConnection, wanted: &Wanted, first: bool) -> Result<(Vec<u8>, Option<listing::Cursor>)> {
    let currency = store_settings::load(conn)?.currency;
    let page = listing::page(conn, wanted, EXPORT_ROWS)?;
    let header = ["code", "name", "place", "customers", "revenue", "pricing", "visibility", "status", "type"];
    let rows = with_columns(conn, &page.rows, currency, When::Now)?.into_iter().map(|row| {
        [
            row.code,
            row.name,
            row.place.join(" > "),
            row.customers.to_string(),
            currency.major(row.revenue.unwrap_or_default()).to_string(),
            row.pricing.text,
            row.visibility.text,
            row.status.name().to_owned(),
            row.kind.name().to_owned(),
        ]
    });
    Ok((csv::rows(first.then_some(header.map(str::to_owned)).into_iter().chain(rows))?, page.next))
}

//! `/tools/conflicts`: what in lists and groups gets in each other's way (SPEC 9), each with its cause and where to mend it.

use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::db::keyset::{self, Key, Page, Place};
use crate::error::Result;
use crate::money::{Currency, format_count};
use crate::pricing::store::conflicts::{self, BelowCost, Conflict, LOOKED_AT};
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::query::{Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const PATH: &str = "/tools/conflicts";
/// Conflicts on a page.
const SHOWN: usize = 50;

/// A kind of conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Priorities,
    Unreachable,
    Memberless,
    BelowCost,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Priorities, Self::Unreachable, Self::Memberless, Self::BelowCost];

    fn name(self) -> &'static str {
        match self {
            Self::Priorities => "priorities",
            Self::Unreachable => "unreachable",
            Self::Memberless => "members",
            Self::BelowCost => "cost",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Priorities => "Equal priorities",
            Self::Unreachable => "Lists that never price",
            Self::Memberless => "Groups without members",
            Self::BelowCost => "Prices below cost",
        }
    }

    fn explanation(self) -> &'static str {
        match self {
            Self::Priorities => {
                "Lists of a group with the same priority: their names decide which one prices a product that both have."
            }
            Self::Unreachable => {
                "Lists of a group that never price anything there: inactive, expired or empty, or an earlier list of the group has all their products."
            }
            Self::Memberless => {
                "Groups with price lists that nobody gets: neither they nor the groups below them have members, and no organization is in them."
            }
            Self::BelowCost => "Prices of active lists that are lower than what the product costs.",
        }
    }

    fn nothing(self) -> &'static str {
        match self {
            Self::Priorities => "No group has two lists with the same priority.",
            Self::Unreachable => "Every list of every group can price something.",
            Self::Memberless => "Every group with price lists has members.",
            Self::BelowCost => "No price here is below cost.",
        }
    }
}

/// The entry that a page begins after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct EntryKey(Uuid, Uuid, i32);

impl Key for EntryKey {
    fn is_possible(&self) -> bool {
        self.2 >= 1
    }
}

/// A conflict as it is shown.
struct Row {
    what: String,
    path: String,
    cause: String,
    mend: (&'static str, String),
}

/// A tab.
struct Tab {
    label: &'static str,
    path: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "pricing/conflicts.html", blocks = ["conflicts"])]
struct ConflictsPage {
    shell: Shell,
    tabs: Vec<Tab>,
    kind: Kind,
    rows: Vec<Row>,
    pager: Pager,
}

/// `GET /tools/conflicts?kind=…`
pub async fn show(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    actor: Actor,
    shell: Shell,
    hx: crate::web::htmx::Hx,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let query = Query::new(PATH, request.query_string());
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == query.get("kind")).unwrap_or(Kind::Priorities);
    let (asked, now) = (query.clone(), clock.now());
    let (rows, pager) = db.read(move |conn| load(conn, kind, &asked, now)).await?;
    let tab = |other: Kind| Tab {
        label: other.label(),
        path: Query::new(PATH, "").with("kind", other.name()).url(),
        current: other == kind,
    };
    let page = ConflictsPage { shell, tabs: Kind::ALL.into_iter().map(tab).collect(), kind, rows, pager };
    Ok(if hx.wants("conflicts") { respond::page(&page.as_conflicts())? } else { respond::page(&page)? })
}

fn load(conn: &mut PgConnection, kind: Kind, query: &Query, now: DateTime<Utc>) -> Result<(Vec<Row>, Pager)> {
    let store = store_settings::load(conn)?;
    if kind == Kind::BelowCost {
        return below_cost(conn, query, store.currency);
    }
    // Pages go forward only: back is the browser's.
    let place = Place::<(String, Uuid)>::of(query.get("after"), "");
    let limit = keyset::one_more(SHOWN);
    let found = match kind {
        Kind::Priorities => conflicts::equal_priorities(conn, place.key(), limit)?,
        Kind::Unreachable => conflicts::unreachable(conn, store_day(now, store.time_zone), place.key(), limit)?,
        Kind::Memberless | Kind::BelowCost => conflicts::without_members(conn, place.key(), limit)?,
    };
    let page = Page::of(found, &place, SHOWN);
    let next = page.rows.last().filter(|_| page.after).map(|row| keyset::encode(&(&row.sort, row.id)));
    let pager = Pager { summary: summary(page.rows.len()), previous: None, next: next.map(|next| query.after(&next)) };
    Ok((page.rows.into_iter().map(|conflict| row(kind, conflict)).collect(), pager))
}

fn summary(rows: usize) -> String {
    crate::web::format::counted(
        i64::try_from(rows).unwrap_or(i64::MAX),
        "conflict on this page",
        "conflicts on this page",
    )
}

fn row(kind: Kind, conflict: Conflict) -> Row {
    let Conflict { group_id, group_name, list_id, lists, number, cause, earlier, .. } = conflict;
    let pricing = ("Change the group's lists", format!("/groups/{group_id}/pricing"));
    let list = list_id.map(|id| ("Open the price list", format!("/price-lists/{id}")));
    let (cause, mend) = match (kind, cause.as_str()) {
        (Kind::Priorities, _) => (format!("{lists} all have the priority {number}."), pricing),
        (Kind::Memberless, _) => (
            format!("{lists} would price for it, but it has no members."),
            ("Add members", format!("/groups/{group_id}/members")),
        ),
        (_, "inactive") => (format!("{lists} is inactive."), list.unwrap_or(pricing)),
        (_, "expired") => (format!("{lists} has expired."), list.unwrap_or(pricing)),
        (_, "empty") => (format!("{lists} has no prices."), list.unwrap_or(pricing)),
        _ => (format!("{earlier} comes before {lists} and has all of its products."), pricing),
    };
    Row { what: group_name, path: format!("/groups/{group_id}"), cause, mend }
}

fn below_cost(conn: &mut PgConnection, query: &Query, currency: Currency) -> Result<(Vec<Row>, Pager)> {
    let place = Place::<EntryKey>::of(query.get("after"), "");
    let after = place.key().map(|key| (key.0, key.1, key.2));
    let (mut found, end) = conflicts::below_cost(conn, after, keyset::one_more(SHOWN))?;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let last = found.last().map(|row| (row.list_id, row.product_id, row.min_quantity));
    let next = if more { last } else { end };
    let mut told = summary(found.len());
    if !more && end.is_some() {
        told = format!("{told}, of {} prices looked at", format_count(LOOKED_AT));
    }
    let pager = Pager { summary: told, previous: None, next: next.map(|key| query.after(&keyset::encode(&key))) };
    let row = |price: BelowCost| Row {
        path: format!("/products/{}", price.product_id),
        cause: format!(
            "{} has it at {} from {} on; it costs {}.",
            price.list_name,
            currency.format(price.price),
            crate::web::format::counted(i64::from(price.min_quantity), "unit", "units"),
            currency.format(price.cost)
        ),
        mend: ("Change the price", format!("/price-lists/{}/entries/{}", price.list_id, price.product_id)),
        what: format!("{} ({})", price.product_name, price.sku),
    };
    Ok((found.into_iter().map(row).collect(), pager))
}

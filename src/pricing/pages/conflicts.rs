//! `/tools/conflicts`: what in lists and groups gets in each other's way (SPEC 9), each with its cause and where to mend it.

use super::{below_cost, contradicting};
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::db::keyset::{self, Page, Place};
use crate::error::Result;
use crate::inheritance::store::live::LiveSettings;
use crate::pricing::store::conflicts::{self, Conflict};
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::counted;
use crate::web::query::{Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use uuid::Uuid;

const PATH: &str = "/tools/conflicts";
/// Conflicts on a page.
pub(super) const SHOWN: usize = 50;

/// A kind of conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Priorities,
    Unreachable,
    Memberless,
    Targets,
    BelowCost,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Priorities, Self::Unreachable, Self::Memberless, Self::Targets, Self::BelowCost];

    /// What its rows are about.
    fn subject(self) -> &'static str {
        match self {
            Self::Priorities | Self::Unreachable | Self::Memberless => "Group",
            Self::Targets => "Promotion or segment",
            Self::BelowCost => "Group or product",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Priorities => "priorities",
            Self::Unreachable => "unreachable",
            Self::Memberless => "members",
            Self::Targets => "targets",
            Self::BelowCost => "cost",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Priorities => "Equal priorities",
            Self::Unreachable => "Lists that never price",
            Self::Memberless => "Groups without members",
            Self::Targets => "Contradicting targets",
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
            Self::Targets => {
                "Promotions that run or will run, and segments with the campaigns that ask for them, whose groups \"in\" and \"not in\" contradict each other, or which reach nobody."
            }
            Self::BelowCost => {
                "Percentages and amounts off, and prices of lists in force, that are lower than what the product costs."
            }
        }
    }

    fn nothing(self) -> &'static str {
        match self {
            Self::Priorities => "No group has two lists with the same priority.",
            Self::Unreachable => "Every list of every group can price something.",
            Self::Memberless => "Every group with price lists has members.",
            Self::Targets => "Every promotion and every segment that is for chosen groups reaches somebody.",
            Self::BelowCost => "No discount and no price here is below cost.",
        }
    }
}

/// A conflict as it is shown.
pub(super) struct Row {
    pub(super) what: String,
    pub(super) path: String,
    pub(super) cause: String,
    pub(super) mend: (&'static str, String),
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
    live: web::Data<LiveSettings>,
    actor: Actor,
    shell: Shell,
    hx: crate::web::htmx::Hx,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let query = Query::new(PATH, request.query_string());
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == query.get("kind")).unwrap_or(Kind::Priorities);
    let (asked, now) = (query.clone(), clock.now());
    let (rows, pager) = db.read(move |conn| load(conn, &live, kind, &asked, now)).await?;
    let tab = |other: Kind| Tab {
        label: other.label(),
        path: Query::new(PATH, "").with("kind", other.name()).url(),
        current: other == kind,
    };
    let page = ConflictsPage { shell, tabs: Kind::ALL.into_iter().map(tab).collect(), kind, rows, pager };
    Ok(if hx.wants("conflicts") { respond::page(&page.as_conflicts())? } else { respond::page(&page)? })
}

fn load(
    conn: &mut PgConnection,
    live: &LiveSettings,
    kind: Kind,
    query: &Query,
    now: DateTime<Utc>,
) -> Result<(Vec<Row>, Pager)> {
    let store = store_settings::load(conn)?;
    let today = store_day(now, store.time_zone);
    match kind {
        Kind::BelowCost => {
            let book = live.now(conn)?;
            return below_cost::page(conn, &book, query, today, store.currency);
        }
        Kind::Targets => {
            let book = live.now(conn)?;
            return contradicting::page(conn, &book, query, today);
        }
        Kind::Priorities | Kind::Unreachable | Kind::Memberless => {}
    }
    // Pages go forward only: back is the browser's.
    let place = Place::<(String, Uuid)>::of(query.get("after"), "");
    let limit = keyset::one_more(SHOWN);
    let found = match kind {
        Kind::Priorities => conflicts::equal_priorities(conn, place.key(), limit)?,
        Kind::Unreachable => conflicts::unreachable(conn, today, place.key(), limit)?,
        Kind::Memberless | Kind::Targets | Kind::BelowCost => conflicts::without_members(conn, place.key(), limit)?,
    };
    let page = Page::of(found, &place, SHOWN);
    let next = page.rows.last().filter(|_| page.after).map(|row| keyset::encode(&(&row.sort, row.id)));
    let pager = Pager { summary: summary(page.rows.len()), previous: None, next: next.map(|next| query.after(&next)) };
    Ok((page.rows.into_iter().map(|conflict| row(kind, conflict)).collect(), pager))
}

pub(super) fn summary(rows: usize) -> String {
    counted(i64::try_from(rows).unwrap_or(i64::MAX), "conflict on this page", "conflicts on this page")
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

//! A group's members, and who besides them concerns it (SPEC 4, the seed's "Group Members").

use super::super::listing::{Cursor, Order, Sort};
use super::super::selection::Seen;
use super::super::store::list::{self, Member};
use super::super::store::outside::{self, Excluded, Through};
use super::{Choices, Matching, ROWS, chips, filter, measure, parse_id};
use crate::auth::role::{Actor, Permission};
use crate::clock::Clock;
use crate::db::Db;
use crate::db::keyset::{Page, Place};
use crate::error::Result;
use crate::groups::group::GroupType;
use crate::groups::store::standing::{self, Touched};
use crate::groups::store::{self as groups, Group};
use crate::groups::tabs::{Tab, tabs};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::htmx::Hx;
use crate::web::query::{Chip, Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use uuid::Uuid;

/// Who is shown.
enum Shown {
    Members(Page<Member>, Matching),
    Excluded(Page<Excluded>),
    Through(Page<Through>, Touched),
}

#[derive(Template)]
#[template(path = "members/list.html", blocks = ["results", "matching"])]
struct ListPage {
    shell: Shell,
    tabs: Vec<Tab>,
    group: Group,
    store: StoreSettings,
    query: Query,
    choices: Choices,
    chips: Vec<Chip>,
    shown: Shown,
    pager: Pager,
    may_edit: bool,
}

impl ListPage {
    /// Whether members come and go by hand here.
    fn by_hand(&self) -> bool {
        self.may_edit && !self.group.is_root() && self.group.kind() != GroupType::Automatic
    }

    fn show(&self) -> &'static str {
        match self.shown {
            Shown::Members(..) => "",
            Shown::Excluded(_) => "excluded",
            Shown::Through(..) => "organizations",
        }
    }

    fn members(&self) -> &[Member] {
        if let Shown::Members(page, _) = &self.shown { &page.rows } else { &[] }
    }

    fn excluded(&self) -> &[Excluded] {
        if let Shown::Excluded(page) = &self.shown { &page.rows } else { &[] }
    }

    fn through(&self) -> &[Through] {
        if let Shown::Through(page, _) = &self.shown { &page.rows } else { &[] }
    }

    /// How many match, where that was counted.
    fn counted(&self) -> Option<Seen> {
        match &self.shown {
            Shown::Members(_, Matching::Counted(seen)) => Some(*seen),
            _ => None,
        }
    }

    /// The members who match as a file.
    fn export_path(&self, format: &str) -> String {
        self.query.export(&format!("/groups/{}/members.{format}", self.group.id))
    }

    fn matching_path(&self) -> String {
        self.query.with("part", "matching").url()
    }
}

fn load(conn: &mut PgConnection, id: Uuid, query: &Query, now: DateTime<Utc>) -> Result<(Group, StoreSettings, Shown)> {
    let group = groups::live(conn, id)?;
    let store = store_settings::load(conn)?;
    let place = || Place::<Cursor>::of(query.get("after"), query.get("before"));
    let shown = match query.get("show") {
        "excluded" => {
            let place = Place::of(query.get("after"), query.get("before"));
            Shown::Excluded(outside::excluded(conn, id, &place, ROWS)?)
        }
        "organizations" => {
            Shown::Through(outside::through_organizations(conn, id, &place(), ROWS)?, standing::touched(conn, id)?)
        }
        _ => {
            let (filter, order) = (filter(query), Order::of(|name| query.get(name), Sort::Name));
            let measure = measure(&store, now);
            let page = list::page(conn, id, &filter, &order, &measure, ROWS)?;
            let matching = if filter.is_plain() {
                Matching::Counted(Seen { count: group.member_count.into(), sum: 0 })
            } else if query.get("part") == "matching" {
                Matching::Counted(list::seen(conn, id, &filter, &measure)?)
            } else {
                Matching::Later
            };
            Shown::Members(page, matching)
        }
    };
    Ok((group, store, shown))
}

/// `GET /groups/{id}/members`: the members; `show=excluded` and `show=organizations`: who else concerns the group.
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
    let query = Query::new(format!("/groups/{id}/members"), request.query_string());
    let (asked, now) = (query.clone(), clock.now());
    let (group, store, shown) = db.read(move |conn| load(conn, id, &asked, now)).await?;
    let part = query.get("part") == "matching";
    let query = query.without("part");
    let on_page = |n: usize| counted(i64::try_from(n).unwrap_or_default(), "customer", "customers") + " on this page";
    let sort = Order::of(|name| query.get(name), Sort::Name).sort;
    let pager = match &shown {
        Shown::Members(page, _) => Pager::of(&query, page, |row| row.cursor(sort), on_page(page.rows.len())),
        Shown::Excluded(page) => {
            Pager::of(&query, page, |row| (row.since, row.customer_id), "The newest exclusions first")
        }
        Shown::Through(page, touched) => {
            let summary = counted(touched.through_organizations, "customer", "customers");
            Pager::of(&query, page, Through::cursor, summary)
        }
    };
    let page = ListPage {
        tabs: tabs(group.id, "Members"),
        choices: Choices::of(store.currency),
        chips: chips(&query, &filter(&query), store.currency),
        may_edit: actor.may(Permission::EditMembers),
        shell,
        group,
        store,
        query,
        shown,
        pager,
    };
    Ok(if part && hx.request {
        respond::page(&page.as_matching())?
    } else if hx.wants("results") {
        respond::page(&page.as_results())?
    } else {
        respond::page(&page)?
    })
}

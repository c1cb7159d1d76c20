//! A segment's page: what it asks for, and who is in it today.

use super::super::store::audience::{self, Audience, Frame, Somebody};
use super::super::store::groups::{self, ChosenGroup};
use super::super::store::{self, AskedBy, SegmentRow, parse_id};
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::db::Db;
use crate::db::keyset::Place;
use crate::error::Result;
use crate::inheritance::store::live::LiveSettings;
use crate::money::Currency;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::htmx::Hx;
use crate::web::query::{Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use uuid::Uuid;

/// Customers on a page.
const ROWS: usize = 50;
/// How many campaigns the page names.
const CAMPAIGNS: i64 = 20;

#[derive(Template)]
#[template(path = "segments/show.html", blocks = ["who"])]
struct ShowPage {
    shell: Shell,
    segment: SegmentRow,
    chosen: Vec<ChosenGroup>,
    sentence: String,
    is_broken: bool,
    campaigns: Vec<AskedBy>,
    currency: Currency,
    /// Comes after the page, or with `part=who`.
    who: Option<Who>,
    may_edit: bool,
}

/// Who is in it.
struct Who {
    count: i64,
    rows: Vec<Somebody>,
    pager: Pager,
}

impl ShowPage {
    fn side(&self, is_in: bool) -> Vec<&ChosenGroup> {
        self.chosen.iter().filter(|group| group.is_in == is_in).collect()
    }
}

/// `GET /segments/{id}`. Who is in it comes with its own request, as that looks at all customers.
pub async fn show(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    shell: Shell,
    hx: Hx,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let query = Query::new(format!("/segments/{id}"), request.query_string());
    let finds = hx.wants("who") || query.get("part") == "who";
    let (now, may_edit) = (clock.now(), actor.may(Permission::EditPromotions));
    let page = db
        .read(move |conn| {
            let page = load(conn, shell, id, may_edit)?;
            let who = if finds { Some(who(conn, &live, id, &query, now)?) } else { None };
            Ok(ShowPage { who, ..page })
        })
        .await?;
    Ok(if hx.wants("who") { respond::page(&page.as_who())? } else { respond::page(&page)? })
}

fn load(conn: &mut PgConnection, shell: Shell, id: Uuid, may_edit: bool) -> Result<ShowPage> {
    let segment = store::get(conn, id)?;
    let currency = store_settings::load(conn)?.currency;
    let decided = store::load(conn, &[id], currency)?.pop().ok_or_else(store::gone)?;
    let side = |ids: &[Uuid], is_in: bool| ids.iter().map(|id| (*id, is_in)).collect::<Vec<_>>();
    let chosen = [side(&decided.groups_in, true), side(&decided.groups_not_in, false)].concat();
    Ok(ShowPage {
        chosen: groups::named(conn, &chosen)?,
        sentence: decided.rule.as_ref().map(|rule| rule.sentence(currency)).unwrap_or_default(),
        is_broken: decided.is_broken,
        campaigns: store::asked_by(conn, id, CAMPAIGNS)?,
        who: None,
        shell,
        segment,
        currency,
        may_edit,
    })
}

fn who(conn: &mut PgConnection, live: &LiveSettings, id: Uuid, query: &Query, now: DateTime<Utc>) -> Result<Who> {
    let settings = store_settings::load(conn)?;
    let segment = store::load(conn, &[id], settings.currency)?.pop().ok_or_else(store::gone)?;
    let book = live.now(conn)?;
    let frame = Frame { book: &book, currency: settings.currency, today: store_day(now, settings.time_zone) };
    let audience = Audience::of(&segment);
    let count = audience::count(conn, &audience, &frame)?;
    let place = Place::of(query.get("after"), query.get("before"));
    let page = audience::page(conn, &audience, &frame, &place, ROWS)?;
    let query = query.with("part", "who");
    let summary = counted(count, "customer in it", "customers in it");
    Ok(Who { pager: Pager::of(&query, &page, Somebody::cursor, summary), rows: page.rows, count })
}

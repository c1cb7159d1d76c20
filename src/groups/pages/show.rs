//! A group's overview: its information, its benefits and its members (the seed's "Viewing Group").

use super::super::group::{GroupType, ROOT_ID, Status};
use super::super::store::list::all_customers;
use super::super::store::members::{self, Member, MemberKey};
use super::super::store::standing::{self, Related};
use super::super::store::{self, Group};
use super::{Tab, parse_id, tabs};
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::db::keyset::{Page, Place};
use crate::error::Result;
use crate::inheritance::effective::{Effective, Source, Sourced, effective};
use crate::inheritance::level::above;
use crate::inheritance::resulting;
use crate::inheritance::store::live::LiveSettings;
use crate::inheritance::words::{self, Label};
use crate::money::Currency;
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::{counted, filters};
use crate::web::htmx::Hx;
use crate::web::query::{Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use uuid::Uuid;

/// A line of the benefits summary.
struct Benefit {
    label: &'static str,
    text: String,
    /// The group that it is inherited from; empty for the group's own and for defaults.
    from: String,
}

#[derive(Template)]
#[template(path = "groups/show.html", blocks = ["members"])]
struct ShowPage {
    shell: Shell,
    tabs: Vec<Tab>,
    group: Group,
    /// The groups above it, the highest first.
    above: Vec<(Uuid, String)>,
    store: StoreSettings,
    customers: i64,
    benefits: Vec<Benefit>,
    members: Vec<Member>,
    pager: Pager,
    related: Related,
    may_edit: bool,
    may_delete: bool,
}

impl ShowPage {
    /// Whether the person may add customers here: an automatic group's come by its rule.
    fn takes_members(&self) -> bool {
        self.shell.may(Permission::EditMembers) && !self.group.is_root() && self.group.kind() != GroupType::Automatic
    }
}

struct Loaded {
    group: Group,
    above: Vec<(Uuid, String)>,
    store: StoreSettings,
    customers: i64,
    benefits: Vec<Benefit>,
    page: Page<Member>,
    related: Related,
}

fn load(conn: &mut PgConnection, live: &LiveSettings, id: Uuid, place: &Place<MemberKey>) -> Result<Loaded> {
    let group = store::live(conn, id)?;
    let store = store_settings::load(conn)?;
    let book = live.now(conn)?;
    let effective = effective(book.levels(), id).ok_or_else(store::gone)?;
    Ok(Loaded {
        above: above(book.levels(), id).into_iter().map(|level| (level.id, level.name.clone())).collect(),
        customers: if id == ROOT_ID { all_customers(conn)? } else { i64::from(group.member_count) },
        benefits: benefits(&effective, store.currency),
        page: members::page(conn, id, place)?,
        related: standing::related(conn, id)?,
        store,
        group,
    })
}

/// `GET /groups/{id}`.
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
    let query = Query::new(format!("/groups/{id}"), request.query_string());
    let place = Place::of(query.get("after"), query.get("before"));
    let Loaded { group, above, store, customers, benefits, page, related } =
        db.read(move |conn| load(conn, &live, id, &place)).await?;
    let summary = format!("{}, the longest-standing first", counted(customers, "customer", "customers"));
    let page = ShowPage {
        tabs: tabs(group.id, "Overview"),
        pager: Pager::of(&query, &page, |member| (member.since, member.customer_id), &summary),
        may_edit: actor.may(Permission::EditGroups),
        may_delete: actor.may(Permission::ShapeTree) && !group.is_root(),
        members: page.rows,
        shell,
        group,
        above,
        store,
        customers,
        benefits,
        related,
    };
    Ok(if hx.wants("members") { respond::page(&page.as_members())? } else { respond::page(&page)? })
}

/// The benefits summary of the seed: pricing, visibility, payment terms, credit limit, early pay discount.
fn benefits(effective: &Effective, currency: Currency) -> Vec<Benefit> {
    let mut lines: Vec<Benefit> = resulting::prices(&[effective], currency)
        .into_iter()
        .map(|Label { text, source }| benefit("Pricing", text, source.as_ref()))
        .collect();
    if lines.is_empty() {
        lines.push(benefit("Pricing", "Standard prices".into(), None));
    }
    let Label { text, source } = resulting::sight(&[effective]);
    lines.push(benefit("Visibility", text, source.as_ref()));
    let credit = effective.credit_limit.value.map_or_else(|| "No limit".into(), |limit| currency.format_whole(limit));
    lines.push(sourced("Payment terms", words::terms_words(effective.net_days.value), &effective.net_days));
    lines.push(sourced("Credit limit", credit, &effective.credit_limit));
    lines.push(sourced(
        "Early pay discount",
        words::early_words(effective.early_payment.value),
        &effective.early_payment,
    ));
    lines
}

fn sourced<T>(label: &'static str, text: String, value: &Sourced<T>) -> Benefit {
    benefit(label, text, value.source.as_ref())
}

fn benefit(label: &'static str, text: String, source: Option<&Source>) -> Benefit {
    let from = source.filter(|source| source.inherited).map(|source| source.name.clone());
    Benefit { label, text, from: from.unwrap_or_default() }
}

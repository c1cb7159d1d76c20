//! The whole tree, its branches loaded as they are opened.

use super::node::{AT_ONCE, Branch, Drawing, Node, customers as count_customers};
use crate::auth::role::{Actor, Permission};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::groups::group::ROOT_ID;
use crate::groups::store::{self as groups, list::all_customers};
use crate::inheritance::book::Book;
use crate::inheritance::store::live::LiveSettings;
use crate::store_settings::store as store_settings;
use crate::web::errors::PageError;
use crate::web::format::filters;
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpResponse, web};
use askama::Template;
use diesel::PgConnection;
use serde::Deserialize;
use std::collections::HashSet;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "hierarchy/show.html")]
struct HierarchyPage {
    shell: Shell,
    root: Node,
    groups: usize,
    may_move: bool,
    counted: bool,
}

/// What is open and shown.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// A group whose branch is open, with those above it.
    open: Option<String>,
    /// `1`: customers with subgroups are counted right away, for browsers without scripts.
    counts: Option<String>,
    /// Where the rest of a long branch begins.
    #[serde(default)]
    from: usize,
}

/// `GET /hierarchy`.
pub async fn show(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    shell: Shell,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let may_move = actor.may(Permission::ShapeTree);
    let page = db
        .read(move |conn| {
            let book = live.now(conn)?;
            let wanted = asked.open.as_deref().and_then(|id| Uuid::try_parse(id).ok());
            let counted = asked.counts.as_deref() == Some("1");
            let drawing = drawing(conn, &book, opened(&book, wanted), may_move, counted)?;
            let root = drawing.root(conn)?.ok_or_else(|| Error::internal("there is no All Customers"))?;
            Ok(HierarchyPage { shell, root, groups: book.levels().len() - 1, may_move, counted })
        })
        .await?;
    Ok(respond::page(&page)?)
}

fn drawing<'a>(
    conn: &mut PgConnection,
    book: &'a Book,
    open: HashSet<Uuid>,
    may_move: bool,
    counted: bool,
) -> Result<Drawing<'a>> {
    let currency = store_settings::load(conn)?.currency;
    Ok(Drawing { book, currency, everybody: all_customers(conn)?, may_move, open, counted })
}

/// The root's branch is open, and the way down to the group asked for.
fn opened(book: &Book, wanted: Option<Uuid>) -> HashSet<Uuid> {
    let mut open = HashSet::from([ROOT_ID]);
    let mut next = wanted.and_then(|id| book.level(id));
    while let Some(level) = next.filter(|level| open.insert(level.id)) {
        next = level.parent_id.and_then(|parent| book.level(parent));
    }
    open
}

fn group_of(book: &Book, text: &str) -> Result<Uuid> {
    let id = groups::parse_id(text)?;
    book.level(id).map(|level| level.id).ok_or_else(groups::gone)
}

/// `GET /hierarchy/{id}`: the branch below a group, as it is opened.
pub async fn branch(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    id: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let may_move = actor.may(Permission::ShapeTree);
    let branch: Branch = db
        .read(move |conn| {
            let book = live.now(conn)?;
            let above = group_of(&book, &id)?;
            drawing(conn, &book, HashSet::new(), may_move, false)?.branch(conn, above, asked.from)
        })
        .await?;
    Ok(respond::page(&branch)?)
}

/// The counts of a branch, each for its own place.
#[derive(Template)]
#[template(path = "hierarchy/_customers.html")]
struct Counts {
    counts: Vec<(Uuid, i64)>,
}

/// `GET /hierarchy/{id}/customers`: distinct customers with subgroups, of the groups of a branch.
pub async fn customers(
    db: web::Data<Db>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    id: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let counts = db
        .read(move |conn| {
            let book = live.now(conn)?;
            let above = group_of(&book, &id)?;
            let ids: Vec<Uuid> = book.children(above).iter().skip(asked.from).take(AT_ONCE).copied().collect();
            let found = count_customers(conn, &book, &ids)?;
            let with_children = ids.into_iter().filter(|id| !book.children(*id).is_empty());
            Ok(with_children.map(|id| (id, found.get(&id).copied().unwrap_or_default())).collect())
        })
        .await?;
    Ok(respond::page(&Counts { counts })?)
}

//! What a customer gets on a day: price lists in their order, terms, portal access, credit, promotions, and the products
//! that it sees with its prices (SPEC 4, 9).

use super::follows::{Line, all_lines};
use super::{Tab, parse_id, tabs};
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, store_day};
use crate::customers::customer::Status;
use crate::customers::store::{self, Customer, purchases};
use crate::db::Db;
use crate::db::keyset::{self, Key, Page, Place};
use crate::error::{Error, Result};
use crate::imports::instants;
use crate::inheritance::counting::Counted;
use crate::inheritance::effective::{Effective, effective};
use crate::inheritance::own::AssignedList;
use crate::inheritance::store::live::LiveSettings;
use crate::inheritance::words;
use crate::money::Currency;
use crate::order_check::store::eligible;
use crate::pricing::asking::{Buyer, Priced};
use crate::pricing::facts::Question;
use crate::pricing::store::asking;
use crate::promotions::promotion::Promotion;
use crate::visibility::store::{self as sight, Seen};
use crate::web::errors::PageError;
use crate::web::format::{filters, long_day};
use crate::web::htmx::Hx;
use crate::web::query::{Pager, Query};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most groups whose lists are told one by one.
const MOST_TOLD: usize = 10;
/// Products on a page.
const PRODUCTS: usize = 50;

/// The day in the address, or today.
struct AsOf {
    day: NaiveDate,
    is_today: bool,
}

impl AsOf {
    fn of(query: &Query, buyer: &Buyer, now: DateTime<Utc>) -> Result<Self> {
        let today = store_day(now, buyer.zone);
        let day = match query.get("on") {
            "" => today,
            text => instants::day(text, buyer.zone)
                .map_err(|fault| Error::field("on", format!("{}. Write it as 2026-03-31.", fault.message)))?,
        };
        Ok(Self { day, is_today: day == today })
    }

    fn words(&self) -> String {
        let today = if self.is_today { " (today)" } else { "" };
        format!("{}{today}", long_day(self.day))
    }
}

#[derive(Template)]
#[template(path = "customers/gets.html")]
struct GetsPage {
    shell: Shell,
    tabs: Vec<Tab>,
    customer: Customer,
    buyer: Buyer,
    as_of: AsOf,
    groups: Vec<Offers>,
    /// Groups that count beyond those told.
    more: usize,
    terms: Vec<Line>,
    credit: Credit,
    promotions: Vec<Promoted>,
    seen: Seen,
    products_path: String,
}

/// A promotion that is for the customer on the day.
struct Promoted {
    id: Uuid,
    name: String,
    code: String,
    gives: String,
    /// Why it is for the customer.
    why: String,
    /// What else it takes; empty for nothing.
    takes: String,
    window: String,
}

impl Promoted {
    fn of((promotion, why): (Promotion, String), currency: Currency) -> Self {
        let minimum = promotion.minimum_purchase.filter(|minimum| *minimum > 0);
        Self {
            id: promotion.id,
            gives: promotion.offer.words(currency),
            takes: minimum.map(|minimum| format!("Orders from {}", currency.format(minimum))).unwrap_or_default(),
            window: promotion.window.words(),
            name: promotion.name,
            code: promotion.code,
            why,
        }
    }
}

/// What a group that counts offers.
struct Offers {
    group: Counted,
    levels: Vec<Level>,
}

/// A level of its chain.
struct Level {
    id: Uuid,
    name: String,
    inherited: bool,
    lists: Vec<Listed>,
    sentences: Vec<String>,
}

/// An assigned list.
struct Listed {
    id: Uuid,
    name: String,
    priority: i32,
    /// Why it prices nothing on the day; empty where it does.
    rests: String,
}

/// What may still be bought on credit, as text.
struct Credit {
    limit: String,
    balance: String,
    left: String,
    is_over: bool,
}

/// `GET /customers/{id}/gets?on=…`
pub async fn show(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    shell: Shell,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let id = parse_id(&id)?;
    let query = Query::new(format!("/customers/{id}/gets"), request.query_string());
    let now = clock.now();
    let page = db.read(move |conn| load(conn, &live, id, shell, &query, now)).await?;
    Ok(respond::page(&page)?)
}

fn load(
    conn: &mut PgConnection,
    live: &LiveSettings,
    id: Uuid,
    shell: Shell,
    query: &Query,
    now: DateTime<Utc>,
) -> Result<GetsPage> {
    let customer = store::one(conn, id)?;
    let buyer = asking::buyer(conn, live, Some(id))?;
    let as_of = AsOf::of(query, &buyer, now)?;
    let seen = sight::count(conn, &buyer.sees())?;
    let balance = purchases::open_balance(conn, id, buyer.currency)?;
    let holds = effective(buyer.book.levels(), buyer.deciding()).ok_or_else(store::gone)?;
    let question = Question { quantity: 1, day: as_of.day, currency: buyer.currency };
    let promotions = eligible(conn, &buyer, as_of.day, now)?;
    let told = buyer.counting.groups.iter().take(MOST_TOLD);
    Ok(GetsPage {
        tabs: tabs(&customer, "What it gets"),
        groups: told.filter_map(|group| offers(&buyer, group, &question)).collect(),
        more: buyer.counting.groups.len().saturating_sub(MOST_TOLD),
        terms: all_lines(&holds, buyer.currency),
        credit: credit(&holds, &buyer, balance),
        promotions: promotions.into_iter().map(|found| Promoted::of(found, buyer.currency)).collect(),
        products_path: Query::new(format!("/customers/{id}/products"), "").with("on", as_of.day).url(),
        seen,
        as_of,
        customer,
        buyer,
        shell,
    })
}

fn offers(buyer: &Buyer, group: &Counted, question: &Question) -> Option<Offers> {
    let holds = effective(buyer.book.levels(), group.id)?;
    let listed = |list: &AssignedList| Listed {
        id: list.id,
        name: list.name.clone(),
        priority: list.priority,
        rests: question.refuses(list).map(|verdict| verdict.name()).unwrap_or_default(),
    };
    let levels = holds.pricing.iter().map(|level| Level {
        id: level.source.group_id,
        name: level.source.name.clone(),
        inherited: level.source.inherited,
        lists: level.lists.iter().map(listed).collect(),
        sentences: words::adjustment_sentences(level, buyer.currency),
    });
    Some(Offers { group: group.clone(), levels: levels.collect() })
}

fn credit(holds: &Effective, buyer: &Buyer, balance: i64) -> Credit {
    let money = |amount: i64| buyer.currency.format(amount);
    let left = holds.credit_limit.value.map(|limit| limit - balance);
    Credit {
        limit: holds.credit_limit.value.map_or_else(|| "No limit".into(), money),
        balance: money(balance),
        left: left.map_or_else(|| "No limit".into(), money),
        is_over: left.is_some_and(|left| left < 0),
    }
}

#[derive(Template)]
#[template(path = "customers/products.html", blocks = ["products"])]
struct ProductsPage {
    shell: Shell,
    tabs: Vec<Tab>,
    customer: Customer,
    as_of: AsOf,
    rows: Vec<Row>,
    pager: Pager,
}

/// A product that the customer sees.
struct Row {
    id: Uuid,
    sku: String,
    name: String,
    category: String,
    base: String,
    price: String,
    why: String,
    check: String,
}

/// The SKU that a page begins after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sku(String);

impl Key for Sku {
    fn is_possible(&self) -> bool {
        !self.0.contains('\0')
    }
}

/// `GET /customers/{id}/products?on=…`
pub async fn products(
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
    let query = Query::new(format!("/customers/{id}/products"), request.query_string());
    let now = clock.now();
    let page = db.read(move |conn| load_products(conn, &live, id, shell, &query, now)).await?;
    Ok(if hx.wants("products") { respond::page(&page.as_products())? } else { respond::page(&page)? })
}

fn load_products(
    conn: &mut PgConnection,
    live: &LiveSettings,
    id: Uuid,
    shell: Shell,
    query: &Query,
    now: DateTime<Utc>,
) -> Result<ProductsPage> {
    let customer = store::one(conn, id)?;
    let buyer = asking::buyer(conn, live, Some(id))?;
    let as_of = AsOf::of(query, &buyer, now)?;
    // Pages go forward only: back is the browser's.
    let place = Place::<Sku>::of(query.get("after"), "");
    let after = place.key().map(|sku| sku.0.as_str());
    let found = Page::of(sight::skus_seen(conn, &buyer.sees(), after, keyset::one_more(PRODUCTS))?, &place, PRODUCTS);
    let skus: Vec<&str> = found.rows.iter().map(String::as_str).collect();
    let wares = asking::wares(conn, &buyer.wanted(), &skus)?;
    let question = Question { quantity: 1, day: as_of.day, currency: buyer.currency };
    let priced = buyer.prices(skus.iter().filter_map(|sku| wares.of(sku)).map(|ware| (ware, 1)), &question);
    let next = found.rows.last().filter(|_| found.after).map(|sku| query.after(&keyset::encode(&Sku(sku.clone()))));
    Ok(ProductsPage {
        tabs: tabs(&customer, "Products"),
        rows: priced.iter().map(|priced| row(priced, &buyer, as_of.day)).collect(),
        pager: Pager { summary: "By SKU".into(), previous: None, next },
        as_of,
        customer,
        shell,
    })
}

fn row(priced: &Priced<'_>, buyer: &Buyer, day: NaiveDate) -> Row {
    let product = &priced.ware.product;
    let money = |amount: Option<i64>| amount.map_or_else(|| "No price".into(), |amount| buyer.currency.format(amount));
    let check = Query::new("/tools/price-check", "").with("date", day).and("sku", &product.sku).and("quantity", 1);
    let check = buyer.customer.as_ref().map(|customer| check.clone().and("customer", customer.id)).unwrap_or(check);
    Row {
        id: product.id,
        sku: product.sku.clone(),
        name: product.name.clone(),
        category: product.category.clone(),
        base: money(priced.resolution.base_price),
        price: money(priced.unit_price()),
        why: priced.resolution.winner().map(|step| step.title(buyer.currency)).unwrap_or_default(),
        check: check.url(),
    }
}

//! `/tools/order-check`: an order as checkout would answer it. The address is the question, so that it can be kept and
//! sent on.

use super::api::body;
use super::decision::Approval;
use super::store::{self, Checked, counts};
use crate::auth::role::{Actor, Permission};
use crate::clock::{Clock, day_begins};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::inheritance::store::live::LiveSettings;
use crate::inheritance::words::{methods_words, minimum_words, terms_words, trade_terms};
use crate::money::{Currency, format_count};
use crate::pricing::asking::Priced;
use crate::pricing::pages::asked::{self, Asked, Row};
use crate::web::errors::PageError;
use crate::web::format::long_day;
use crate::web::forms::{Choice, FormState};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use uuid::Uuid;

const PATH: &str = "/tools/order-check";

/// The routes of the page.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/tools/order-check").route(web::get().to(show)))
        .service(web::resource("/tools/order-check.json").route(web::get().to(json)));
}

#[derive(Template)]
#[template(path = "order_check/show.html")]
struct CheckPage {
    shell: Shell,
    form: FormState,
    currencies: Vec<Choice>,
    rows: Vec<Row>,
    answer: Option<Found>,
}

/// The answer in words.
struct Found {
    who: String,
    customer: Option<Uuid>,
    counting: String,
    day: String,
    approval: (&'static str, &'static str, &'static str),
    reasons: Vec<String>,
    lines: Vec<Line>,
    gifts: Vec<(String, String)>,
    sums: Vec<(&'static str, String)>,
    total: String,
    applied: Vec<Told>,
    refused: Vec<Told>,
    terms: Vec<(&'static str, String)>,
    prices: String,
    permalink: String,
    json: String,
}

/// A line of the order.
struct Line {
    product: Uuid,
    sku: String,
    name: String,
    quantity: String,
    unit: String,
    total: String,
    after: Option<String>,
    /// What won its price.
    why: String,
    /// Why it doesn't count; empty where it does.
    left_out: Vec<String>,
}

/// What became of a promotion.
struct Told {
    id: Uuid,
    name: String,
    gives: String,
    word: &'static str,
    sentence: String,
    saves: Option<String>,
}

struct Answered {
    asked: Asked,
    found: Option<Found>,
}

/// `GET /tools/order-check?customer=…&sku=…&quantity=…&date=…`
pub async fn show(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    shell: Shell,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let form: FormState = serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
    let adds = form.filled("add_text").is_some();
    let now = clock.now();
    let Answered { asked, found } = db
        .read(move |conn| {
            let asked = asked::read(conn, &live, form, now)?;
            let asks = !adds && asked.is_clear() && !asked.lines.is_empty();
            let found = if asks {
                let priced = asked.prices();
                let (day, currency) = (asked.question.day, asked.question.currency);
                let checked = store::check(conn, &asked.buyer, &priced, day, currency, now)?;
                Some(found(&asked, &priced, &checked))
            } else {
                None
            };
            Ok(Answered { asked, found })
        })
        .await?;
    if adds && asked.is_clear() {
        // The address of the answer asks for the product that was added.
        return Ok(HttpResponse::SeeOther().insert_header(("Location", asked.address(PATH).url())).finish());
    }
    let clear = asked.is_clear();
    let choice = |currency: &Currency| Choice::new(currency.code(), format!("{} {}", currency.code(), currency.name()));
    let page = CheckPage {
        shell,
        currencies: Currency::all().iter().map(choice).collect(),
        rows: asked.rows(PATH),
        form: asked.form,
        answer: found,
    };
    Ok(if clear { respond::page(&page)? } else { respond::refused(&page)? })
}

/// `GET /tools/order-check.json`: the same question answered as `POST /store/order-check` does.
pub async fn json(
    db: web::Data<Db>,
    clock: web::Data<Clock>,
    live: web::Data<LiveSettings>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    actor.require(Permission::Read)?;
    let form: FormState = serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
    let now = clock.now();
    let json = db
        .read(move |conn| {
            let asked = asked::read(conn, &live, form, now)?;
            if !asked.is_clear() {
                return Err(Error::Invalid(asked.form.errors().to_vec()));
            }
            let priced = asked.prices();
            let (day, currency) = (asked.question.day, asked.question.currency);
            let checked = store::check(conn, &asked.buyer, &priced, day, currency, now)?;
            let at = day_begins(day, asked.buyer.zone);
            serde_json::to_string(&body(&asked.buyer, &priced, &checked, at, currency, true)).map_err(Error::internal)
        })
        .await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(json))
}

fn found(asked: &Asked, priced: &[Priced<'_>], checked: &Checked) -> Found {
    let (buyer, currency) = (&asked.buyer, asked.question.currency);
    let Checked { promotions, promoted, shipping_fee, decision, .. } = checked;
    let approval = match &decision.approval {
        Approval::Automatic => ("good", "circle-check", "Approved automatically"),
        Approval::Needed(_) => ("warn", "clock", "Approval needed"),
        Approval::Refused(_) => ("bad", "circle-x", "Refused"),
    };
    let told = promotions.iter().zip(&promoted.verdicts).map(|(promotion, verdict)| Told {
        id: promotion.id,
        name: promotion.name.clone(),
        gives: promotion.offer.words(currency),
        word: verdict.word(),
        sentence: verdict.sentence(currency),
        saves: verdict.applied().then(|| currency.format(-verdict.saves())),
    });
    let (applied, refused): (Vec<Told>, Vec<Told>) = told.partition(|told| told.saves.is_some());
    let mut sums = vec![("Subtotal at group prices", currency.format(promoted.subtotal))];
    if promoted.discount > 0 {
        sums.push(("Promotions", currency.format(-promoted.discount)));
    }
    let shipping = match promoted.shipping {
        0 if *shipping_fee > 0 => "free".into(),
        fee => currency.format(fee),
    };
    sums.push(("Shipping", shipping));
    Found {
        who: buyer.customer.as_ref().map_or_else(|| "A guest".into(), |customer| customer.name.clone()),
        customer: buyer.customer.as_ref().map(|customer| customer.id),
        counting: buyer.counting.sentence(),
        day: long_day(asked.question.day),
        approval,
        reasons: decision.approval.sentences(currency),
        lines: lines(priced, &promoted.lines, currency),
        gifts: promoted.free_items().map(|item| (item.name.clone(), format_count(item.quantity.into()))).collect(),
        total: currency.format(promoted.total()),
        terms: terms(asked, checked),
        prices: asked.address("/tools/price-check").url(),
        permalink: asked.address(PATH).url(),
        json: asked.address("/tools/order-check.json").url(),
        applied,
        refused,
        sums,
    }
}

fn lines(priced: &[Priced<'_>], after: &[i64], currency: Currency) -> Vec<Line> {
    let mut after = after.iter();
    let amount = |minor: Option<i64>| minor.map_or_else(|| "—".into(), |minor| currency.format(minor));
    priced
        .iter()
        .map(|priced| {
            let product = &priced.ware.product;
            let mut left_out = priced.hidden_because();
            if priced.visible() && priced.line_total().is_none() {
                left_out.push(format!("It has no price in {}.", currency.code()));
            }
            let cost = if counts(priced) { after.next().copied() } else { None };
            let why = priced.resolution.winner().map(|step| step.sentence(currency)).unwrap_or_default();
            Line {
                product: product.id,
                sku: product.sku.clone(),
                name: product.name.clone(),
                quantity: format_count(priced.quantity.into()),
                unit: amount(priced.unit_price()),
                total: amount(priced.line_total()),
                after: cost.filter(|cost| Some(*cost) != priced.line_total()).map(|cost| currency.format(cost)),
                why,
                left_out,
            }
        })
        .collect()
}

/// What the order is bought on.
fn terms(asked: &Asked, checked: &Checked) -> Vec<(&'static str, String)> {
    let (order, own) = (asked.question.currency, asked.buyer.currency);
    let Checked { terms, decision, open_balance, .. } = checked;
    let mut told = vec![
        ("Payment methods", methods_words(&terms.methods.value)),
        ("Payment terms", terms_words(terms.net_days.value)),
    ];
    let minimum = decision.minimum;
    if terms.minimum_order.value.is_some() {
        let mut text = minimum_words(terms.minimum_order.value, own);
        let missing: Vec<String> = [
            (minimum.amount > 0).then(|| order.format(minimum.amount)),
            (minimum.units > 0).then(|| format!("{} units", format_count(minimum.units))),
        ]
        .into_iter()
        .flatten()
        .collect();
        text.push_str(&match missing.as_slice() {
            [] => ": met".to_owned(),
            missing => format!(": {} missing", missing.join(" and ")),
        });
        told.push(("Minimum order", text));
    }
    told.push(("Credit limit", terms.credit_limit.value.map_or_else(|| "None".into(), |limit| own.format(limit))));
    told.push(("Open balance", own.format(*open_balance)));
    if let Some(left) = decision.credit_left {
        told.push(("Credit left", own.format(left)));
    }
    let po = if terms.require_po.value { "Required" } else { "Not required" };
    told.push(("Purchase order number", po.into()));
    if let Some(early) = decision.early {
        let words = trade_terms(&terms.early_payment, &terms.net_days);
        let saves = format!("{words}: saves {} until {}", order.format(early.saves), long_day(early.until));
        told.push(("Early payment", saves));
    }
    told
}

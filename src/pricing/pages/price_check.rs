//! `/tools/price-check`: what a customer or a guest pays on a day, and why (SPEC 9). The address is the question, so that
//! it can be kept and sent on.

use super::asked::{self, Asked, Row};
use crate::auth::role::{Actor, Permission};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::inheritance::store::live::LiveSettings;
use crate::money::{Currency, format_count};
use crate::pricing::api::prices::{Answer, answer};
use crate::pricing::asking::Priced;
use crate::pricing::trace::{Offer, Step, Verdict};
use crate::web::errors::PageError;
use crate::web::format::long_day;
use crate::web::forms::{Choice, FormState};
use crate::web::respond;
use crate::web::shell::Shell;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use uuid::Uuid;

const PATH: &str = "/tools/price-check";

#[derive(Template)]
#[template(path = "pricing/price_check.html")]
struct PriceCheckPage {
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
    groups: Vec<Group>,
    day: String,
    lines: Vec<Line>,
    total: Option<String>,
    hidden: usize,
    permalink: String,
    json: String,
}

/// A group of the customer, with why it counts or doesn't.
struct Group {
    id: Uuid,
    name: String,
    counts: bool,
    why: String,
}

/// A price.
struct Line {
    product: Uuid,
    sku: String,
    name: String,
    quantity: String,
    unit: Option<String>,
    /// Where it is another than the price.
    base: Option<String>,
    total: Option<String>,
    /// In a few words: `15% off`, `Price list VIP Pricing`.
    badge: String,
    lowered: bool,
    sees: Option<bool>,
    hidden: Vec<String>,
    steps: Vec<Reason>,
}

/// A candidate.
struct Reason {
    won: bool,
    icon: &'static str,
    sentence: String,
    price: Option<String>,
    links: Vec<(String, String)>,
}

/// `GET /tools/price-check?customer=…&sku=…&quantity=…&date=…&currency=…`
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
    let asked = db.read(move |conn| asked::read(conn, &live, form, now)).await?;
    if adds && asked.is_clear() {
        // The address of the answer asks for the product that was added.
        return Ok(HttpResponse::SeeOther().insert_header(("Location", asked.address(PATH).url())).finish());
    }
    let clear = asked.is_clear();
    let page = page(shell, asked);
    Ok(if clear { respond::page(&page)? } else { respond::refused(&page)? })
}

/// `GET /tools/price-check.json`: the same question answered as `POST /store/prices` does.
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
    let asked = db.read(move |conn| asked::read(conn, &live, form, now)).await?;
    if !asked.is_clear() {
        return Err(PageError(Error::Invalid(asked.form.errors().to_vec())));
    }
    let priced = asked.prices();
    let at = crate::clock::day_begins(asked.question.day, asked.buyer.zone);
    let body: Answer<'_> = answer(&asked.buyer, at, asked.question.currency, &priced, true);
    Ok(HttpResponse::Ok().json(body))
}

fn page(shell: Shell, asked: Asked) -> PriceCheckPage {
    let choice = |currency: &Currency| Choice::new(currency.code(), format!("{} {}", currency.code(), currency.name()));
    PriceCheckPage {
        shell,
        currencies: Currency::all().iter().map(choice).collect(),
        rows: asked.rows(PATH),
        answer: Some(()).filter(|()| asked.is_clear() && !asked.lines.is_empty()).map(|()| found(&asked)),
        form: asked.form,
    }
}

fn found(asked: &Asked) -> Found {
    let (buyer, currency) = (&asked.buyer, asked.question.currency);
    let priced = asked.prices();
    // What isn't seen is left out of an order's total (SPEC 7).
    let totals: Option<Vec<i64>> = priced.iter().filter(|line| line.visible()).map(Priced::line_total).collect();
    let counted = buyer.counting.groups.iter();
    let counted = counted.map(|group| (group.id, &group.name, true, group.reason.sentence()));
    let others = buyer.counting.left_out.iter();
    let others = others.map(|group| (group.id, &group.name, false, group.cause.sentence()));
    let group = |(id, name, counts, why): (Uuid, &String, bool, String)| Group { id, name: name.clone(), counts, why };
    Found {
        who: buyer.customer.as_ref().map_or_else(|| "A guest".into(), |customer| customer.name.clone()),
        customer: buyer.customer.as_ref().map(|customer| customer.id),
        counting: buyer.counting.sentence(),
        groups: counted.chain(others).map(group).collect(),
        day: long_day(asked.question.day),
        hidden: priced.iter().filter(|line| !line.visible()).count(),
        total: totals.filter(|_| priced.len() > 1).map(|totals| currency.format(totals.iter().sum())),
        lines: priced.iter().map(|line| priced_line(line, currency)).collect(),
        permalink: asked.address(PATH).url(),
        json: asked.address("/tools/price-check.json").url(),
    }
}

fn priced_line(line: &Priced<'_>, currency: Currency) -> Line {
    let (product, resolution) = (&line.ware.product, &line.resolution);
    let unit = line.unit_price();
    let winner = resolution.winner();
    let badge = winner.map_or_else(|| format!("No price in {}", currency.code()), |step| step.title(currency));
    let hidden = line.sight.reasons.iter().map(|(level, reason)| format!("{}.", reason.words(&level.name)));
    let inactive = (!product.active).then(|| "The product is inactive: nobody can buy it.".to_owned());
    Line {
        product: product.id,
        sku: product.sku.clone(),
        name: product.name.clone(),
        quantity: format_count(i64::from(line.quantity)),
        unit: unit.map(|price| currency.format(price)),
        base: resolution.base_price.filter(|base| Some(*base) != unit).map(|base| currency.format(base)),
        total: line.line_total().map(|total| currency.format(total)),
        badge,
        lowered: resolution.base_price.zip(unit).is_some_and(|(base, price)| price < base),
        sees: (!line.visible()).then_some(false),
        hidden: inactive.into_iter().chain(hidden).collect(),
        steps: resolution.trace.iter().map(|step| reason(step, currency)).collect(),
    }
}

fn reason(step: &Step<'_>, currency: Currency) -> Reason {
    let mut links = Vec::new();
    if let Offer::List { list, .. } = step.offer {
        links.push(("Price list".to_owned(), format!("/price-lists/{}", list.id)));
    }
    if let Some(level) = step.level {
        links.push((format!("Pricing of {}", level.name), format!("/groups/{}/pricing", level.id)));
    }
    Reason {
        won: step.verdict == Verdict::Won,
        icon: match step.verdict {
            Verdict::Won => "circle-check",
            Verdict::HigherPrice | Verdict::SamePrice | Verdict::NotLower | Verdict::Overridden => "circle-minus",
            _ => "circle-dashed",
        },
        sentence: step.sentence(currency),
        price: step.price.map(|price| currency.format(price)),
        links,
    }
}

//! `POST /store/prices` (SPEC 13): what a customer pays, and why.

use crate::api::body::Body;
use crate::api::call::{self, Call};
use crate::api::problem::Problem;
use crate::auth::role::{Actor, Permission};
use crate::clock::store_day;
use crate::error::{Error, FieldError, Result};
use crate::imports::instants::instant;
use crate::inheritance::store::live::LiveSettings;
use crate::money::Currency;
use crate::pricing::asking::{self, Buyer, MOST_ITEMS, Priced, Ware, Wares};
use crate::pricing::facts;
use crate::pricing::store::asking::{self as store, Question, Shopping};
use crate::pricing::trace::{Offer, Step};
use crate::pricing::usage::Uses;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

/// The most items of a question that is answered along with others'.
const FEW_ITEMS: usize = 16;

/// Questions for prices that are answered together.
pub type PricesAsked = call::Asked<Question, Shopping>;

/// The routes of the call, under `/store`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/prices").route(web::post().to(prices)));
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(prices))]
pub struct Calls;

/// What is asked. Without a customer it is a guest; without a currency the store's; without a time it is now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PricesAsked)]
struct Asked {
    #[serde(alias = "customer_id")]
    customer_id: Option<String>,
    currency: Option<String>,
    at: Option<String>,
    #[serde(default)]
    #[schema(required, min_items = 1, max_items = 1000)]
    items: Vec<ItemAsked>,
    #[serde(default)]
    explain: bool,
}

/// An item that is asked about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemAsked {
    /// SKU.
    #[serde(default)]
    #[schema(required)]
    pub sku: String,
    /// 1, where it is left out.
    #[schema(value_type = Option<i32>)]
    pub quantity: Option<serde_json::Number>,
}

/// When and in which currency it is asked.
pub struct Moment {
    /// The instant.
    pub at: DateTime<Utc>,
    /// Its store day, with the currency.
    pub question: facts::Question,
}

/// Reads `at` and `currency` of a call; what is left out is now, and the store's.
pub fn moment(
    at: Option<&str>,
    currency: Option<&str>,
    buyer: &Buyer,
    now: DateTime<Utc>,
    errors: &mut Vec<FieldError>,
) -> Moment {
    let mut at_field = |text: &str| match instant(text, buyer.zone) {
        Ok(moment) => moment.at,
        Err(fault) => {
            errors.push(FieldError::new("at", format!("{}.", fault.message)));
            now
        }
    };
    let at = at.map_or(now, &mut at_field);
    let known = currency.map_or(Some(buyer.currency), Currency::from_code);
    if known.is_none() {
        errors.push(FieldError::new("currency", "currency is an ISO 4217 code such as USD."));
    }
    let currency = known.unwrap_or(buyer.currency);
    Moment { at, question: facts::Question { quantity: 1, day: store_day(at, buyer.zone), currency } }
}

/// The answer to a question about prices.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Prices)]
pub struct Answer<'a> {
    customer_id: Option<Uuid>,
    currency: &'static str,
    at: DateTime<Utc>,
    groups: Vec<GroupBody<'a>>,
    items: Vec<ItemBody<'a>>,
}

/// The answer with these prices, with their traces where those are asked for.
pub fn answer<'a>(
    buyer: &'a Buyer,
    at: DateTime<Utc>,
    currency: Currency,
    priced: &'a [Priced<'a>],
    explain: bool,
) -> Answer<'a> {
    Answer {
        customer_id: buyer.customer.as_ref().map(|customer| customer.id),
        currency: currency.code(),
        at,
        groups: groups(buyer),
        items: priced.iter().map(|priced| item(priced, currency, explain)).collect(),
    }
}

/// A group that counts.
#[derive(Serialize, ToSchema)]
#[schema(as = CountingCustomerGroup)]
pub struct GroupBody<'a> {
    /// Id.
    pub id: Uuid,
    /// Code.
    pub code: &'a str,
    /// Name.
    pub name: &'a str,
    /// Why it counts, or doesn't.
    pub reason: String,
}

/// The groups that count, the deciding one first.
pub fn groups(buyer: &Buyer) -> Vec<GroupBody<'_>> {
    let groups = buyer.counting.groups.iter();
    groups
        .map(|group| GroupBody { id: group.id, code: &group.code, name: &group.name, reason: group.reason.sentence() })
        .collect()
}

/// The price of an item.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ItemPrice)]
pub struct ItemBody<'a> {
    sku: &'a str,
    name: &'a str,
    quantity: i32,
    base_price: Option<String>,
    unit_price: Option<String>,
    line_total: Option<String>,
    visible: bool,
    /// Why it isn't visible; left out where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden_because: Option<String>,
    /// `won`, or why there is no price.
    verdict: String,
    source: Option<SourceBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<Vec<StepBody<'a>>>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PriceSource)]
struct SourceBody<'a> {
    kind: &'static str,
    group_code: Option<&'a str>,
    level_code: Option<&'a str>,
    price_list_code: Option<&'a str>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PriceStep)]
struct StepBody<'a> {
    #[serde(flatten)]
    source: SourceBody<'a>,
    price: Option<String>,
    verdict: String,
    sentence: String,
}

fn source<'a>(step: &Step<'a>) -> SourceBody<'a> {
    SourceBody {
        kind: step.offer.kind(),
        group_code: step.group.map(|group| group.code.as_str()),
        level_code: step.level.map(|level| level.code.as_str()),
        price_list_code: match step.offer {
            Offer::List { list, .. } => Some(&list.code),
            _ => None,
        },
    }
}

/// An item as the API gives it, with its trace where that is asked for.
pub fn item<'a>(priced: &'a Priced<'a>, currency: Currency, explain: bool) -> ItemBody<'a> {
    let amount = |minor: i64| currency.major(minor).to_string();
    let resolution = &priced.resolution;
    let step = |step: &Step<'a>| StepBody {
        source: source(step),
        price: step.price.map(amount),
        verdict: step.verdict.name(),
        sentence: step.sentence(currency),
    };
    let winner = resolution.winner();
    let decided = winner.or(resolution.trace.last()).map(|step| step.verdict.name());
    ItemBody {
        sku: &priced.ware.product.sku,
        name: &priced.ware.product.name,
        quantity: priced.quantity,
        base_price: resolution.base_price.map(amount),
        unit_price: priced.unit_price().map(amount),
        line_total: priced.line_total().map(amount),
        visible: priced.visible(),
        hidden_because: (!priced.visible()).then(|| priced.hidden_because().join(" ")),
        verdict: decided.unwrap_or_default(),
        source: winner.map(source),
        trace: explain.then(|| resolution.trace.iter().map(step).collect()),
    }
}

/// What a customer or a guest pays for products, and why.
#[utoipa::path(
    post,
    path = "/store/prices",
    tag = "Store",
    request_body = Asked,
    responses((status = 200, body = Answer<'static>))
)]
async fn prices(
    call: Call,
    live: web::Data<LiveSettings>,
    together: web::Data<PricesAsked>,
    uses: web::Data<Uses>,
    body: Body<Asked>,
) -> Result<HttpResponse, Problem> {
    let (asked, now) = (body.0, call.now());
    let customer = asked.customer_id.as_deref().map(Uuid::try_parse);
    let id = customer.as_ref().and_then(|id| id.as_ref().ok().copied());
    // Of too many nothing is looked up: they are refused.
    let looked_up = if asked.items.len() > MOST_ITEMS { &[] } else { asked.items.as_slice() };
    let question: Question = (id, looked_up.iter().map(|item| item.sku.clone()).collect());
    let answer = move |actor: &Actor, (buyer, wares): Shopping| {
        actor.require(Permission::Read)?;
        answered(&asked, &buyer, &wares, &uses, now)
    };
    let json = if question.1.len() <= FEW_ITEMS {
        call.read_together(&together, question, answer).await?
    } else {
        let find = move |conn: &mut PgConnection, hash: &[u8]| {
            Ok(store::all_asked(conn, &live, &[(hash.to_vec(), question)])?.pop().flatten())
        };
        call.read_along(find, move |_, actor, found| answer(actor, found)).await?
    };
    Ok(HttpResponse::Ok().content_type("application/json").body(json))
}

/// The answer as JSON.
fn answered(asked: &Asked, buyer: &Buyer, wares: &Wares, uses: &Uses, now: DateTime<Utc>) -> Result<String> {
    let mut errors = Vec::new();
    if asked.customer_id.is_some() && buyer.customer.is_none() {
        errors.push(FieldError::new("customerId", "There is no customer with this id."));
    }
    let moment = moment(asked.at.as_deref(), asked.currency.as_deref(), buyer, now, &mut errors);
    let quantities = quantities(&asked.items, &mut errors);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let items = items(asked.items.iter().map(|item| wares.of(&item.sku)).zip(quantities))?;
    let priced = buyer.prices(items, &moment.question);
    uses.count(store_day(now, buyer.zone), &priced);
    let answer = answer(buyer, moment.at, moment.question.currency, &priced, asked.explain);
    serde_json::to_string(&answer).map_err(Error::internal)
}

/// The quantities of the items, 1 where none is given.
pub fn quantities(items: &[ItemAsked], errors: &mut Vec<FieldError>) -> Vec<i32> {
    if items.is_empty() {
        errors.push(FieldError::new("items", "Send at least one item: {\"sku\": …, \"quantity\": …}."));
    }
    if items.len() > MOST_ITEMS {
        errors.push(FieldError::new("items", format!("Send at most 1,000 items at once; these are {}.", items.len())));
        return Vec::new();
    }
    let quantity = |(at, item): (usize, &ItemAsked)| {
        let wished = item.quantity.as_ref().map_or(Ok(1), |number| asking::quantity(&number.to_string()));
        wished.unwrap_or_else(|message| {
            errors.push(FieldError::new(format!("items[{at}].quantity"), message));
            1
        })
    };
    items.iter().enumerate().map(quantity).collect()
}

/// The items with their products; those that aren't there are told together.
pub fn items<'a>(found: impl Iterator<Item = (Option<&'a Ware>, i32)>) -> Result<Vec<(&'a Ware, i32)>> {
    let (mut items, mut errors) = (Vec::new(), Vec::new());
    for (at, (ware, quantity)) in found.enumerate() {
        match ware {
            Some(ware) => items.push((ware, quantity)),
            None => errors.push(FieldError::new(format!("items[{at}].sku"), "There is no product with this SKU.")),
        }
    }
    if errors.is_empty() { Ok(items) } else { Err(Error::Invalid(errors)) }
}

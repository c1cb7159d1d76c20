//! `POST /store/order-check` and `GET /store/customers/{id}/promotions` (SPEC 9, 13).

use super::store::{self, Checked, counts};
use crate::api::body::Body;
use crate::api::call::Call;
use crate::api::problem::Problem;
use crate::api::query::Params;
use crate::auth::role::Permission;
use crate::customers::store as customers;
use crate::error::{Error, FieldError, Result};
use crate::inheritance::json::hundredths;
use crate::inheritance::store::live::LiveSettings;
use crate::money::Currency;
use crate::pricing::api::prices::{self, Answer, ItemAsked, answer, moment, quantities};
use crate::pricing::asking::{Buyer, Priced};
use crate::pricing::store::asking;
use crate::promotions::promotion::Promotion;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

/// The routes of the calls, under `/store`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/order-check").route(web::post().to(check)))
        .service(web::resource("/customers/{id}/promotions").route(web::get().to(promotions)));
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(check, promotions))]
pub struct Calls;

/// What is asked, as for prices. Without a customer it is a guest; without a time it is now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = OrderAsked)]
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

/// The answer: what prices say, and what checkout makes of them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CheckedOrder)]
pub struct CheckBody<'a> {
    #[serde(flatten)]
    prices: Answer<'a>,
    promotions: Vec<PromotionBody<'a>>,
    free_items: Vec<FreeItemBody<'a>>,
    /// What each line costs after promotions, by SKU; lines that don't count are left out.
    lines: Vec<LineBody<'a>>,
    subtotal: String,
    discount: String,
    shipping: String,
    total: String,
    minimum_order: MinimumBody,
    payment: PaymentBody,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CheckedPromotion)]
struct PromotionBody<'a> {
    code: &'a str,
    name: &'a str,
    applied: bool,
    reason: String,
    saves: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CheckedFreeItem)]
struct FreeItemBody<'a> {
    sku: &'a str,
    name: &'a str,
    quantity: i32,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CheckedLine)]
struct LineBody<'a> {
    sku: &'a str,
    quantity: i32,
    total: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CheckedMinimum)]
struct MinimumBody {
    met: bool,
    /// Of the amount.
    missing: String,
    missing_quantity: i64,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CheckedPayment)]
struct PaymentBody {
    methods: Vec<&'static str>,
    net_days: Option<i32>,
    credit_limit: Option<String>,
    open_balance: String,
    credit_left: Option<String>,
    approval: &'static str,
    approval_reasons: Vec<String>,
    require_po: bool,
    early_payment: Option<EarlyBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CheckedEarlyPayment)]
struct EarlyBody {
    percent: String,
    days: i32,
    saves: String,
    until: NaiveDate,
}

/// A checked order as the API gives it.
pub fn body<'a>(
    buyer: &'a Buyer,
    priced: &'a [Priced<'a>],
    checked: &'a Checked,
    at: DateTime<Utc>,
    currency: Currency,
    explain: bool,
) -> CheckBody<'a> {
    let amount = |minor: i64| currency.major(minor).to_string();
    // Credit is in the store's currency, whatever the order is in.
    let credit = |minor: i64| buyer.currency.major(minor).to_string();
    let Checked { promotions, promoted, terms, decision, .. } = checked;
    let promotion = |(promotion, verdict): (&'a Promotion, &crate::promotions::verdict::Verdict)| PromotionBody {
        code: &promotion.code,
        name: &promotion.name,
        applied: verdict.applied(),
        reason: verdict.sentence(currency),
        saves: amount(verdict.saves()),
    };
    let early = terms.early_payment.value.zip(decision.early);
    let lines = priced.iter().filter(|priced| counts(priced)).zip(&promoted.lines);
    CheckBody {
        prices: answer(buyer, at, currency, priced, explain),
        promotions: promotions.iter().zip(&promoted.verdicts).map(promotion).collect(),
        free_items: promoted
            .free_items()
            .map(|item| FreeItemBody { sku: &item.sku, name: &item.name, quantity: item.quantity })
            .collect(),
        lines: lines
            .map(|(priced, total)| LineBody {
                sku: &priced.ware.product.sku,
                quantity: priced.quantity,
                total: amount(*total),
            })
            .collect(),
        subtotal: amount(promoted.subtotal),
        discount: amount(promoted.discount),
        shipping: amount(promoted.shipping),
        total: amount(promoted.total()),
        minimum_order: MinimumBody {
            met: decision.minimum.is_met(),
            missing: amount(decision.minimum.amount),
            missing_quantity: decision.minimum.units,
        },
        payment: PaymentBody {
            methods: terms.methods.value.iter().map(|method| method.name()).collect(),
            net_days: terms.net_days.value,
            credit_limit: terms.credit_limit.value.map(credit),
            open_balance: credit(checked.open_balance),
            credit_left: decision.credit_left.map(credit),
            approval: decision.approval.name(),
            approval_reasons: decision.approval.sentences(currency),
            require_po: terms.require_po.value,
            early_payment: early.map(|(terms, early)| EarlyBody {
                percent: hundredths(terms.percent),
                days: terms.days,
                saves: amount(early.saves),
                until: early.until,
            }),
        },
    }
}

/// Answers an order as checkout would.
#[utoipa::path(
    post,
    path = "/store/order-check",
    tag = "Store",
    request_body = Asked,
    responses((status = 200, body = CheckBody<'static>))
)]
async fn check(call: Call, live: web::Data<LiveSettings>, asked: Body<Asked>) -> Result<HttpResponse, Problem> {
    let (asked, now) = (asked.0, call.now());
    let json = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let mut errors = Vec::new();
            let customer = asked.customer_id.as_deref().map(Uuid::try_parse);
            let id = customer.and_then(Result::ok);
            let nobody = || FieldError::new("customerId", "There is no customer with this id.");
            if asked.customer_id.is_some() && id.is_none() {
                errors.push(nobody());
            }
            let buyer = match asking::buyer(conn, &live, id) {
                Err(Error::NotFound(_)) => return Err(Error::Invalid(vec![nobody()])),
                found => found?,
            };
            let moment = moment(asked.at.as_deref(), asked.currency.as_deref(), &buyer, now, &mut errors);
            let quantities = quantities(&asked.items, &mut errors);
            if !errors.is_empty() {
                return Err(Error::Invalid(errors));
            }
            let skus: Vec<&str> = asked.items.iter().map(|item| item.sku.as_str()).collect();
            let wares = asking::wares(conn, &buyer.wanted(), &skus)?;
            let items = prices::items(skus.into_iter().map(|sku| wares.of(sku)).zip(quantities))?;
            let priced = buyer.prices(items, &moment.question);
            let (day, currency) = (moment.question.day, moment.question.currency);
            let checked = store::check(conn, &buyer, &priced, day, currency, now)?;
            let body = body(&buyer, &priced, &checked, moment.at, currency, asked.explain);
            serde_json::to_string(&body).map_err(Error::internal)
        })
        .await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(json))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PromotionParams {
    /// When, ISO 8601; now where it is left out.
    at: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EligiblePromotions)]
struct EligibleBody {
    at: DateTime<Utc>,
    items: Vec<EligibleItem>,
}

/// A promotion that is for a customer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EligiblePromotion)]
struct EligibleItem {
    id: Uuid,
    code: String,
    name: String,
    /// What it gives, in words.
    gives: String,
    /// Why it is for the customer.
    reason: String,
    minimum_purchase: Option<String>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    stack_with_group_discount: bool,
    combinable: bool,
    priority: i32,
}

/// The promotions that are for a customer.
#[utoipa::path(
    get,
    path = "/store/customers/{id}/promotions",
    tag = "Store",
    params(PromotionParams),
    responses((status = 200, body = EligibleBody))
)]
async fn promotions(
    call: Call,
    live: web::Data<LiveSettings>,
    id: web::Path<String>,
    params: Params<PromotionParams>,
) -> Result<HttpResponse, Problem> {
    let id = customers::parse_id(&id)?;
    let now = call.now();
    let body = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let buyer = asking::buyer(conn, &live, Some(id))?;
            let mut errors = Vec::new();
            let moment = moment(params.at.as_deref(), None, &buyer, now, &mut errors);
            if !errors.is_empty() {
                return Err(Error::Invalid(errors));
            }
            let found = store::eligible(conn, &buyer, moment.question.day, now)?;
            let item = |(promotion, reason): (Promotion, String)| EligibleItem {
                reason,
                gives: promotion.offer.words(buyer.currency),
                minimum_purchase: promotion.minimum_purchase.map(|m| buyer.currency.major(m).to_string()),
                valid_from: promotion.window.from,
                valid_to: promotion.window.to,
                stack_with_group_discount: promotion.stacks,
                combinable: promotion.combinable,
                priority: promotion.priority,
                id: promotion.id,
                code: promotion.code,
                name: promotion.name,
            };
            Ok(EligibleBody { at: moment.at, items: found.into_iter().map(item).collect() })
        })
        .await?;
    Ok(HttpResponse::Ok().json(body))
}

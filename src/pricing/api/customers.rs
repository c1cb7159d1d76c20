//! `/store/customers/{id}/…` (SPEC 13): what this customer sees, counts in and buys on.

use super::prices::{GroupBody, ItemBody, groups, item, moment};
use crate::api::call::Call;
use crate::api::page::{Items, limit};
use crate::api::problem::Problem;
use crate::api::query::Params;
use crate::auth::role::Permission;
use crate::customers::store::purchases;
use crate::customers::store::{self as customers, parse_id};
use crate::db::keyset::{self, Key, Page, Place};
use crate::error::{Error, Result};
use crate::inheritance::effective::effective;
use crate::inheritance::json::{self, Leaf, MinimumOrderBody, PaymentTermsBody, PortalBody};
use crate::inheritance::store::live::LiveSettings;
use crate::pricing::asking::Buyer;
use crate::pricing::store::asking as store;
use crate::visibility::store as sight;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

/// The routes of the calls, under `/store`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/customers/{id}/products").route(web::get().to(products)))
        .service(web::resource("/customers/{id}/groups").route(web::get().to(counting)))
        .service(web::resource("/customers/{id}/terms").route(web::get().to(terms)));
}

/// These calls, described.
#[derive(OpenApi)]
#[openapi(paths(products, counting, terms))]
pub struct Calls;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ProductParams {
    /// When, ISO 8601; now where it is left out.
    at: Option<String>,
    currency: Option<String>,
    /// The `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many items, 50 where it is left out.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    explain: Option<bool>,
}

/// The SKU that a page begins after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sku(String);

impl Key for Sku {
    fn is_possible(&self) -> bool {
        !self.0.contains('\0')
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = VisibleProducts)]
struct Products<'a> {
    currency: &'static str,
    at: DateTime<Utc>,
    #[serde(flatten)]
    page: Items<ItemBody<'a>>,
}

/// Active products that a customer sees, each with the price of one unit.
#[utoipa::path(
    get,
    path = "/store/customers/{id}/products",
    tag = "Store",
    params(ProductParams),
    responses((status = 200, body = Products<'static>))
)]
async fn products(
    call: Call,
    live: web::Data<LiveSettings>,
    id: web::Path<String>,
    params: Params<ProductParams>,
) -> Result<HttpResponse, Problem> {
    let (id, now) = (parse_id(&id)?, call.now());
    let json = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let limit = limit(params.limit.as_deref())?;
            let cursor = params.cursor.as_deref().unwrap_or_default();
            let place = Place::<Sku>::of(cursor, "");
            if !cursor.is_empty() && place == Place::Start {
                return Err(Error::field("cursor", "Send the nextCursor of the page before, unchanged."));
            }
            let buyer = store::buyer(conn, &live, Some(id))?;
            let mut errors = Vec::new();
            let moment = moment(params.at.as_deref(), params.currency.as_deref(), &buyer, now, &mut errors);
            if !errors.is_empty() {
                return Err(Error::Invalid(errors));
            }
            let after = place.key().map(|sku| sku.0.as_str());
            let skus = sight::skus_seen(conn, &buyer.sees(), after, keyset::one_more(limit))?;
            let page = Page::of(skus, &place, limit);
            let skus: Vec<&str> = page.rows.iter().map(String::as_str).collect();
            let wares = store::wares(conn, &buyer.wanted(), &skus)?;
            let items = skus.iter().filter_map(|sku| wares.of(sku)).map(|ware| (ware, 1));
            let priced = buyer.prices(items, &moment.question);
            let currency = moment.question.currency;
            let explain = params.explain.unwrap_or_default();
            let answer = Products {
                currency: currency.code(),
                at: moment.at,
                page: Items {
                    items: priced.iter().map(|priced| item(priced, currency, explain)).collect(),
                    next_cursor: page.rows.last().filter(|_| page.after).map(|sku| keyset::encode(&Sku(sku.clone()))),
                },
            };
            serde_json::to_string(&answer).map_err(Error::internal)
        })
        .await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(json))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CountingCustomerGroups)]
struct CountingBody<'a> {
    #[serde(flatten)]
    page: Items<GroupBody<'a>>,
    /// Those that don't count, with the cause.
    left_out: Vec<GroupBody<'a>>,
    /// All of it in one sentence.
    summary: String,
}

/// The groups that count for a customer, and those that don't.
#[utoipa::path(
    get,
    path = "/store/customers/{id}/groups",
    tag = "Store",
    responses((status = 200, body = CountingBody<'static>))
)]
async fn counting(call: Call, live: web::Data<LiveSettings>, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let json = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let buyer = store::buyer(conn, &live, Some(id))?;
            let left_out = buyer.counting.left_out.iter();
            let body = CountingBody {
                page: Items { items: groups(&buyer), next_cursor: None },
                left_out: left_out
                    .map(|group| GroupBody {
                        id: group.id,
                        code: &group.code,
                        name: &group.name,
                        reason: group.cause.sentence(),
                    })
                    .collect(),
                summary: buyer.counting.sentence(),
            };
            serde_json::to_string(&body).map_err(Error::internal)
        })
        .await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(json))
}

/// Portal access, payment terms, minimum order and credit of a customer.
#[utoipa::path(
    get,
    path = "/store/customers/{id}/terms",
    tag = "Store",
    responses((status = 200, body = TermsBody))
)]
async fn terms(call: Call, live: web::Data<LiveSettings>, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let body = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let buyer = store::buyer(conn, &live, Some(id))?;
            let balance = purchases::open_balance(conn, id, buyer.currency)?;
            terms_of(&buyer, balance)
        })
        .await?;
    Ok(HttpResponse::Ok().json(body))
}

/// What a customer buys on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Terms)]
struct TermsBody {
    currency: &'static str,
    groups: Vec<CountingGroup>,
    /// Code of the group whose single values hold.
    decided_by: Option<String>,
    portal: PortalBody,
    payment_terms: PaymentTermsBody,
    #[schema(inline)]
    minimum_order: Leaf<Option<MinimumOrderBody>>,
    credit: CreditBody,
}

/// A group that counts.
#[derive(Serialize, ToSchema)]
#[schema(as = TermsCustomerGroup)]
struct CountingGroup {
    code: String,
    reason: String,
}

/// What is left of a credit limit.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Credit)]
struct CreditBody {
    limit: Option<String>,
    open_balance: String,
    left: Option<String>,
}

fn terms_of(buyer: &Buyer, balance: i64) -> Result<TermsBody> {
    let mut holds = effective(buyer.book.levels(), buyer.deciding()).ok_or_else(customers::gone)?;
    // What is offered, which a setting without net terms isn't.
    holds.early_payment.value = holds.offered_early_payment();
    let amount = |minor: i64| buyer.currency.major(minor).to_string();
    let group = |group: GroupBody| CountingGroup { code: group.code.to_owned(), reason: group.reason };
    Ok(TermsBody {
        currency: buyer.currency.code(),
        groups: groups(buyer).into_iter().map(group).collect(),
        decided_by: buyer.counting.deciding().map(|group| group.code.clone()),
        portal: json::portal(&holds),
        payment_terms: json::payment_terms(&holds, buyer.currency),
        minimum_order: json::minimum_order(&holds, buyer.currency),
        credit: CreditBody {
            left: holds.credit_limit.value.map(|limit| amount(limit - balance)),
            limit: holds.credit_limit.value.map(amount),
            open_balance: amount(balance),
        },
    })
}

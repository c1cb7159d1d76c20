//! Effective settings as the JSON API tells them (SPEC 13): every value with its source.

use super::effective::{Effective, Source, Sourced};
use super::own::{EarlyPayment, MinimumOrder};
use crate::money::Currency;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The group that says something.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Source)]
pub struct SourceBody {
    group_id: Uuid,
    code: String,
    name: String,
    /// Whether it stands above the group that was asked for.
    inherited: bool,
}

/// A value with the group that says it; `null` for a system default.
#[derive(Debug, Serialize, ToSchema)]
pub struct Leaf<T> {
    value: T,
    source: Option<SourceBody>,
}

/// The group that says something; `None` for a system default.
pub fn source(source: Option<&Source>) -> Option<SourceBody> {
    let body = |s: &Source| SourceBody {
        group_id: s.group_id,
        code: s.code.clone(),
        name: s.name.clone(),
        inherited: s.inherited,
    };
    source.map(body)
}

/// `{value, source}`.
pub fn leaf<T>(value: T, from: Option<&Source>) -> Leaf<T> {
    Leaf { value, source: source(from) }
}

/// `{value, source}` of a value that is told another way than it is kept.
pub fn sourced<T, S>(value: &Sourced<T>, told: impl FnOnce(&T) -> S) -> Leaf<S> {
    leaf(told(&value.value), value.source.as_ref())
}

/// Payment terms.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PaymentTerms)]
pub struct PaymentTermsBody {
    #[schema(inline)]
    methods: Leaf<Vec<String>>,
    #[schema(inline)]
    net_days: Leaf<Option<i32>>,
    #[schema(inline)]
    credit_limit: Leaf<Option<String>>,
    #[schema(inline)]
    auto_approve_under: Leaf<Option<String>>,
    #[schema(inline)]
    require_po: Leaf<bool>,
    #[schema(inline)]
    early_payment: Leaf<Option<EarlyPaymentBody>>,
}

/// A percentage for who pays within some days.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EarlyPayment)]
pub struct EarlyPaymentBody {
    percent: String,
    days: i32,
}

/// Payment terms.
pub fn payment_terms(holds: &Effective, currency: Currency) -> PaymentTermsBody {
    let amount = |amount: &Option<i64>| amount.map(|amount| currency.major(amount).to_string());
    PaymentTermsBody {
        methods: sourced(&holds.methods, |methods| methods.iter().map(|m| m.name().to_owned()).collect()),
        net_days: sourced(&holds.net_days, |days| *days),
        credit_limit: sourced(&holds.credit_limit, amount),
        auto_approve_under: sourced(&holds.auto_approve_under, amount),
        require_po: sourced(&holds.require_po, |yes| *yes),
        early_payment: sourced(&holds.early_payment, |early| early.map(early_payment)),
    }
}

/// Portal access.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Portal)]
pub struct PortalBody {
    #[schema(inline)]
    login: Leaf<bool>,
    #[schema(inline)]
    shop: Leaf<String>,
    #[schema(inline)]
    quotes: Leaf<bool>,
    #[schema(inline)]
    orders: Leaf<bool>,
    #[schema(inline)]
    invoices: Leaf<String>,
}

/// Portal access.
pub fn portal(holds: &Effective) -> PortalBody {
    PortalBody {
        login: sourced(&holds.login, |yes| *yes),
        shop: sourced(&holds.shop, |open| open.name().to_owned()),
        quotes: sourced(&holds.quotes, |yes| *yes),
        orders: sourced(&holds.orders, |yes| *yes),
        invoices: sourced(&holds.invoices, |open| open.name().to_owned()),
    }
}

/// What an order must reach.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MinimumOrder)]
pub struct MinimumOrderBody {
    amount: Option<String>,
    quantity: Option<i32>,
}

/// What an order must reach.
pub fn minimum_order(holds: &Effective, currency: Currency) -> Leaf<Option<MinimumOrderBody>> {
    let told = |m: MinimumOrder| MinimumOrderBody {
        amount: m.amount.map(|a| currency.major(a).to_string()),
        quantity: m.quantity,
    };
    sourced(&holds.minimum_order, |minimum| minimum.map(told))
}

/// `{percent, days}`.
pub fn early_payment(early: EarlyPayment) -> EarlyPaymentBody {
    EarlyPaymentBody { percent: hundredths(early.percent), days: early.days }
}

/// A percentage as SPEC 13 writes it: `20.00`.
pub fn hundredths(mut percent: Decimal) -> String {
    percent.rescale(2);
    percent.to_string()
}

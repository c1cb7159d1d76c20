//! Effective settings as the JSON API tells them (SPEC 13): every value with its source.

use super::effective::{Effective, Source, Sourced};
use super::own::{EarlyPayment, MinimumOrder};
use crate::money::Currency;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SourceBody<'a> {
    group_id: Uuid,
    code: &'a str,
    name: &'a str,
    inherited: bool,
}

/// The group that says something; `null` for a system default.
pub fn source(source: Option<&Source>) -> Value {
    json!(source.map(|s| SourceBody { group_id: s.group_id, code: &s.code, name: &s.name, inherited: s.inherited }))
}

/// `{value, source}`.
pub fn leaf(value: impl Serialize, from: Option<&Source>) -> Value {
    json!({ "value": value, "source": source(from) })
}

/// `{value, source}` of a value that is told another way than it is kept.
pub fn sourced<T, S: Serialize>(value: &Sourced<T>, told: impl FnOnce(&T) -> S) -> Value {
    leaf(told(&value.value), value.source.as_ref())
}

/// Payment terms.
pub fn payment_terms(holds: &Effective, currency: Currency) -> Value {
    let amount = |amount: &Option<i64>| amount.map(|amount| currency.major(amount).to_string());
    json!({
        "methods": sourced(&holds.methods, |methods| methods.iter().map(|m| m.name()).collect::<Vec<_>>()),
        "netDays": sourced(&holds.net_days, |days| *days),
        "creditLimit": sourced(&holds.credit_limit, amount),
        "autoApproveUnder": sourced(&holds.auto_approve_under, amount),
        "requirePo": sourced(&holds.require_po, |yes| *yes),
        "earlyPayment": sourced(&holds.early_payment, |early| early.map(early_payment)),
    })
}

/// Portal access.
pub fn portal(holds: &Effective) -> Value {
    json!({
        "login": sourced(&holds.login, |yes| *yes),
        "shop": sourced(&holds.shop, |open| open.name()),
        "quotes": sourced(&holds.quotes, |yes| *yes),
        "orders": sourced(&holds.orders, |yes| *yes),
        "invoices": sourced(&holds.invoices, |open| open.name()),
    })
}

/// What an order must reach.
pub fn minimum_order(holds: &Effective, currency: Currency) -> Value {
    let told =
        |m: MinimumOrder| json!({ "amount": m.amount.map(|a| currency.major(a).to_string()), "quantity": m.quantity });
    sourced(&holds.minimum_order, |minimum| minimum.map(told))
}

/// `{percent, days}`.
pub fn early_payment(early: EarlyPayment) -> Value {
    json!({ "percent": hundredths(early.percent), "days": early.days })
}

/// A percentage as SPEC 13 writes it: `20.00`.
pub fn hundredths(mut percent: Decimal) -> String {
    percent.rescale(2);
    percent.to_string()
}

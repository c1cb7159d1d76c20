//! Effective settings as JSON: every value with its source.

use crate::error::Result;
use crate::groups::store as groups;
use crate::inheritance::book::Book;
use crate::inheritance::effective::{Effective, PricingLevel, Source, Sourced, effective};
use crate::inheritance::level::chain;
use crate::inheritance::own::{Access, Adjustment, EarlyPayment, MinimumOrder, Scope, Section};
use crate::money::Currency;
use crate::visibility::store as sight;
use diesel::PgConnection;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// How many SKUs an answer names of the products that are included or excluded one by one.
const SKUS: i64 = 1_000;

/// What holds for a group (SPEC 13).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EffectiveBody {
    group_id: Uuid,
    /// Codes, the group's own first. Each section may be cut shorter by a switch.
    chain: Vec<String>,
    pricing: Value,
    visibility: Value,
    portal: Value,
    payment_terms: Value,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SourceBody<'a> {
    group_id: Uuid,
    code: &'a str,
    name: &'a str,
    inherited: bool,
}

fn source(source: Option<&Source>) -> Value {
    json!(source.map(|s| SourceBody { group_id: s.group_id, code: &s.code, name: &s.name, inherited: s.inherited }))
}

fn leaf(value: impl Serialize, from: Option<&Source>) -> Value {
    json!({ "value": value, "source": source(from) })
}

fn sourced<T, S: Serialize>(value: &Sourced<T>, told: impl FnOnce(&T) -> S) -> Value {
    leaf(told(&value.value), value.source.as_ref())
}

impl EffectiveBody {
    pub(super) fn of(conn: &mut PgConnection, book: &Book, id: Uuid, currency: Currency) -> Result<Self> {
        let holds = effective(book.levels(), id).ok_or_else(groups::gone)?;
        let amount = |amount: &Option<i64>| amount.map(|amount| currency.major(amount).to_string());
        let terms = json!({
            "methods": sourced(&holds.methods, |methods| methods.iter().map(|m| m.name()).collect::<Vec<_>>()),
            "netDays": sourced(&holds.net_days, |days| *days),
            "creditLimit": sourced(&holds.credit_limit, amount),
            "autoApproveUnder": sourced(&holds.auto_approve_under, amount),
            "requirePo": sourced(&holds.require_po, |yes| *yes),
            "earlyPayment": sourced(&holds.early_payment, |early| early.map(told_early)),
        });
        let portal = json!({
            "login": sourced(&holds.login, |yes| *yes),
            "shop": sourced(&holds.shop, |open| open.name()),
            "quotes": sourced(&holds.quotes, |yes| *yes),
            "orders": sourced(&holds.orders, |yes| *yes),
            "invoices": sourced(&holds.invoices, |open| open.name()),
        });
        Ok(Self {
            group_id: id,
            chain: codes(book, id),
            pricing: pricing(&holds, currency),
            visibility: visibility(conn, book, id, &holds)?,
            portal,
            payment_terms: terms,
        })
    }
}

/// The longest of the four sections' chains: where no switch cuts, they are the same.
fn codes(book: &Book, id: Uuid) -> Vec<String> {
    let chains = Section::ALL.map(|section| chain(book.levels(), id, section));
    let longest = chains.iter().max_by_key(|chain| chain.len());
    longest.into_iter().flatten().map(|level| level.code.clone()).collect()
}

fn told_early(early: EarlyPayment) -> Value {
    json!({ "percent": hundredths(early.percent), "days": early.days })
}

/// A percentage as SPEC 13 writes it: `20.00`.
fn hundredths(mut percent: Decimal) -> String {
    percent.rescale(2);
    percent.to_string()
}

fn pricing(holds: &Effective, currency: Currency) -> Value {
    // The nearest level that says how products without an override are priced.
    let says = |level: &&PricingLevel| level.adjustment != Adjustment::Unset;
    let level = holds.pricing.iter().find(says);
    let from = level.map(|level| &level.source);
    let adjustment = level.map_or(&Adjustment::Unset, |level| &level.adjustment);
    let (method, combine, scope) = match adjustment {
        Adjustment::Unset | Adjustment::ExplicitNone => ("none", None, None),
        Adjustment::PriceLists => ("priceLists", None, None),
        Adjustment::Percentage { adds, scope, .. } => {
            ("percentage", Some(if *adds { "add" } else { "compete" }), Some(scope))
        }
        Adjustment::Fixed { scope, .. } => ("fixed", None, Some(scope)),
    };
    let fixed = match adjustment {
        Adjustment::Fixed { amount, .. } => Some(currency.major(*amount).to_string()),
        _ => None,
    };
    let lists: Vec<Value> = holds
        .pricing
        .iter()
        .flat_map(|level| level.lists.iter().map(move |list| (level, list)))
        .map(|(level, list)| {
            json!({
                "priceListId": list.id, "code": list.code, "name": list.name, "priority": list.priority,
                "isActive": list.active, "currency": list.currency.code(), "source": source(Some(&level.source)),
            })
        })
        .collect();
    let with_lists = holds.pricing.iter().find(|level| !level.lists.is_empty()).map(|level| &level.source);
    let minimum = |minimum: &Option<MinimumOrder>| {
        minimum.map(|m| json!({ "amount": m.amount.map(|a| currency.major(a).to_string()), "quantity": m.quantity }))
    };
    json!({
        "method": leaf(method, from),
        "discountPercent": leaf(level.and_then(|level| level.total_percent).map(hundredths), from),
        "fixedAmount": leaf(fixed, from),
        "combine": leaf(combine, from),
        "scope": leaf(scope.map(told_scope), from),
        "priceLists": leaf(lists, with_lists),
        "minimumOrder": sourced(&holds.minimum_order, minimum),
        "stackWithPromotions": sourced(&holds.stack_with_promotions, |yes| *yes),
    })
}

fn told_scope(scope: &Scope) -> Value {
    match scope {
        Scope::All => json!({ "kind": "all" }),
        Scope::Categories(names) => json!({ "kind": "categories", "categories": names }),
        Scope::Products(count) => json!({ "kind": "products", "count": count }),
    }
}

fn visibility(conn: &mut PgConnection, book: &Book, id: Uuid, holds: &Effective) -> Result<Value> {
    let choices = || holds.visibility.iter().filter_map(|level| level.access.as_ref().map(|access| (level, access)));
    let (access, from) = choices().next().map_or(("all", None), |(level, access)| {
        let name = match access {
            Access::All => "all",
            Access::VisibilityGroups(_) => "visibilityGroups",
            Access::ChosenProducts => "products",
        };
        (name, Some(&level.source))
    });
    let mut sets: Vec<Value> = Vec::new();
    let mut sets_from = None;
    for (level, access) in choices() {
        let Access::VisibilityGroups(chosen) = access else { continue };
        sets_from = sets_from.or(Some(&level.source));
        let body = |set: &crate::inheritance::own::NamedSet| json!({ "id": set.id, "name": set.name, "source": source(Some(&level.source)) });
        sets.extend(chosen.iter().map(body));
    }
    let groups: Vec<Uuid> = chain(book.levels(), id, Section::Visibility).iter().map(|level| level.id).collect();
    let included = sight::skus(conn, &groups, "included", SKUS)?;
    let excluded = sight::skus(conn, &groups, "excluded", SKUS)?;
    let from_of = |count: fn(&crate::inheritance::effective::VisibilityLevel) -> i64| {
        holds.visibility.iter().find(|level| count(level) > 0).map(|level| &level.source)
    };
    Ok(json!({
        "access": leaf(access, from),
        "visibilityGroups": leaf(sets, sets_from),
        "included": leaf(included, from_of(|level| level.included)),
        "excluded": leaf(excluded, from_of(|level| level.excluded)),
    }))
}

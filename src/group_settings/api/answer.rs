//! Effective settings as JSON: every value with its source.

use crate::error::Result;
use crate::groups::store as groups;
use crate::inheritance::book::Book;
use crate::inheritance::effective::{Effective, PricingLevel, effective};
use crate::inheritance::json::{self, hundredths, leaf, source, sourced};
use crate::inheritance::level::chain;
use crate::inheritance::own::{Access, Adjustment, Scope, Section};
use crate::inheritance::resulting;
use crate::money::Currency;
use crate::visibility::store as sight;
use diesel::PgConnection;
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

impl EffectiveBody {
    pub(super) fn of(conn: &mut PgConnection, book: &Book, id: Uuid, currency: Currency) -> Result<Self> {
        let holds = effective(book.levels(), id).ok_or_else(groups::gone)?;
        Ok(Self {
            group_id: id,
            chain: codes(book, id),
            pricing: pricing(&holds, currency),
            visibility: visibility(conn, book, id, &holds)?,
            portal: json::portal(&holds),
            payment_terms: json::payment_terms(&holds, currency),
        })
    }
}

/// The longest of the four sections' chains: where no switch cuts, they are the same.
fn codes(book: &Book, id: Uuid) -> Vec<String> {
    let chains = Section::ALL.map(|section| chain(book.levels(), id, section));
    let longest = chains.iter().max_by_key(|chain| chain.len());
    longest.into_iter().flatten().map(|level| level.code.clone()).collect()
}

fn pricing(holds: &Effective, currency: Currency) -> Value {
    // The nearest level that says how products without an override are priced; one that says they aren't competes with
    // nothing, so that what is inherited results.
    let says = |level: &&PricingLevel| !matches!(level.adjustment, Adjustment::Unset | Adjustment::ExplicitNone);
    let level = holds.pricing.iter().find(says).or(holds.pricing.iter().find(|l| l.adjustment != Adjustment::Unset));
    let paid = resulting::percentage(&[holds]);
    let level = match (level.map(|level| &level.adjustment), paid) {
        (Some(Adjustment::Percentage { .. }), Some(paid)) => Some(paid),
        _ => level,
    };
    let from = level.map(|level| &level.source);
    let adjustment = level.map_or(&Adjustment::Unset, |level| &level.adjustment);
    let (method, fixed, scope) = match adjustment {
        Adjustment::Unset | Adjustment::ExplicitNone => ("none", None, None),
        Adjustment::PriceLists => ("priceLists", None, None),
        Adjustment::Percentage { .. } => ("percentage", None, None),
        Adjustment::Fixed { amount, scope } => {
            ("fixed", Some(currency.major(*amount).to_string()), Some((scope, from)))
        }
    };
    let paid_from = paid.map(|level| &level.source);
    let (combine, paid_scope) = match paid.map(|level| &level.adjustment) {
        Some(Adjustment::Percentage { adds, scope, .. }) => {
            (Some(if *adds { "add" } else { "compete" }), Some((scope, paid_from)))
        }
        _ => (None, None),
    };
    let scope = scope.or(paid_scope);
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
    json!({
        "method": leaf(method, from),
        "discountPercent": leaf(paid.and_then(|level| level.total_percent).map(hundredths), paid_from),
        "fixedAmount": leaf(fixed, from),
        "combine": leaf(combine, paid_from),
        "scope": leaf(scope.map(|(scope, _)| told_scope(scope)), scope.and_then(|(_, from)| from)),
        "priceLists": leaf(lists, with_lists),
        "minimumOrder": json::minimum_order(holds, currency),
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
    // Choices add up: one that shows all products is what results.
    let all = choices().find(|(_, access)| **access == Access::All);
    let (access, from) = all.or_else(|| choices().next()).map_or(("all", None), |(level, access)| {
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

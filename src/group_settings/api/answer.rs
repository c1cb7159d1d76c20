//! Effective settings as JSON: every value with its source.

use crate::error::Result;
use crate::groups::store as groups;
use crate::inheritance::book::Book;
use crate::inheritance::effective::{Effective, PricingLevel, effective};
use crate::inheritance::json::{
    self, Leaf, MinimumOrderBody, PaymentTermsBody, PortalBody, SourceBody, hundredths, leaf, source, sourced,
};
use crate::inheritance::level::chain;
use crate::inheritance::own::{Access, Adjustment, NamedSet, Scope, Section};
use crate::inheritance::resulting;
use crate::money::Currency;
use crate::visibility::store as sight;
use diesel::PgConnection;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How many SKUs an answer names of the products that are included or excluded one by one.
const SKUS: i64 = 1_000;

/// What holds for a group (SPEC 13).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EffectiveSettings)]
pub struct EffectiveBody {
    group_id: Uuid,
    /// Codes, the group's own first. Each section may be cut shorter by a switch.
    chain: Vec<String>,
    pricing: PricingBody,
    visibility: VisibilityBody,
    portal: PortalBody,
    payment_terms: PaymentTermsBody,
}

/// What prices come from; `discountPercent` is the resulting one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EffectivePricing)]
struct PricingBody {
    #[schema(inline)]
    method: Leaf<String>,
    #[schema(inline)]
    discount_percent: Leaf<Option<String>>,
    #[schema(inline)]
    fixed_amount: Leaf<Option<String>>,
    #[schema(inline)]
    combine: Leaf<Option<String>>,
    #[schema(inline)]
    scope: Leaf<Option<ScopeBody>>,
    #[schema(inline)]
    price_lists: Leaf<Vec<ListBody>>,
    #[schema(inline)]
    minimum_order: Leaf<Option<MinimumOrderBody>>,
    #[schema(inline)]
    stack_with_promotions: Leaf<bool>,
}

/// The products that a percentage or amount is for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PricingScope)]
struct ScopeBody {
    /// `all`, `categories` or `products`.
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    categories: Option<Vec<String>>,
    /// How many products.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    count: Option<i64>,
}

/// A list of the chain.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EffectivePriceList)]
struct ListBody {
    price_list_id: Uuid,
    code: String,
    name: String,
    priority: i32,
    is_active: bool,
    currency: &'static str,
    source: Option<SourceBody>,
}

/// What is visible.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EffectiveVisibility)]
struct VisibilityBody {
    #[schema(inline)]
    access: Leaf<String>,
    #[schema(inline)]
    visibility_groups: Leaf<Vec<SetBody>>,
    #[schema(inline)]
    included: Leaf<Vec<String>>,
    #[schema(inline)]
    excluded: Leaf<Vec<String>>,
    /// Whose choice each of those is.
    chosen: Vec<ChosenBody>,
}

/// A product that one group of the chain includes or excludes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EffectiveChosenProduct)]
struct ChosenBody {
    sku: String,
    /// `included` or `excluded`.
    mode: &'static str,
    source: Option<SourceBody>,
}

/// A visibility group of the chain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EffectiveVisibilityGroup)]
struct SetBody {
    id: Uuid,
    name: String,
    source: Option<SourceBody>,
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

fn pricing(holds: &Effective, currency: Currency) -> PricingBody {
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
    let lists: Vec<ListBody> = holds
        .pricing
        .iter()
        .flat_map(|level| level.lists.iter().map(move |list| (level, list)))
        .map(|(level, list)| ListBody {
            price_list_id: list.id,
            code: list.code.clone(),
            name: list.name.clone(),
            priority: list.priority,
            is_active: list.active,
            currency: list.currency.code(),
            source: source(Some(&level.source)),
        })
        .collect();
    let with_lists = holds.pricing.iter().find(|level| !level.lists.is_empty()).map(|level| &level.source);
    PricingBody {
        method: leaf(method.to_owned(), from),
        discount_percent: leaf(paid.and_then(|level| level.total_percent).map(hundredths), paid_from),
        fixed_amount: leaf(fixed, from),
        combine: leaf(combine.map(str::to_owned), paid_from),
        scope: leaf(scope.map(|(scope, _)| told_scope(scope)), scope.and_then(|(_, from)| from)),
        price_lists: leaf(lists, with_lists),
        minimum_order: json::minimum_order(holds, currency),
        stack_with_promotions: sourced(&holds.stack_with_promotions, |yes| *yes),
    }
}

fn told_scope(scope: &Scope) -> ScopeBody {
    match scope {
        Scope::All => ScopeBody { kind: "all", categories: None, count: None },
        Scope::Categories(names) => ScopeBody {
            kind: "categories",
            categories: Some(names.iter().map(ToString::to_string).collect()),
            count: None,
        },
        Scope::Products(count) => ScopeBody { kind: "products", categories: None, count: Some(*count) },
    }
}

fn visibility(conn: &mut PgConnection, book: &Book, id: Uuid, holds: &Effective) -> Result<VisibilityBody> {
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
    let mut sets: Vec<SetBody> = Vec::new();
    let mut sets_from = None;
    for (level, access) in choices() {
        let Access::VisibilityGroups(chosen) = access else { continue };
        sets_from = sets_from.or(Some(&level.source));
        let body = |set: &NamedSet| SetBody { id: set.id, name: set.name.clone(), source: source(Some(&level.source)) };
        sets.extend(chosen.iter().map(body));
    }
    let groups: Vec<Uuid> = chain(book.levels(), id, Section::Visibility).iter().map(|level| level.id).collect();
    let included = sight::skus(conn, &groups, "included", SKUS)?;
    let excluded = sight::skus(conn, &groups, "excluded", SKUS)?;
    let from_of = |count: fn(&crate::inheritance::effective::VisibilityLevel) -> i64| {
        holds.visibility.iter().find(|level| count(level) > 0).map(|level| &level.source)
    };
    let chosen = [("included", &included), ("excluded", &excluded)];
    let chosen = chosen.into_iter().flat_map(|(mode, skus)| {
        skus.iter().map(move |(sku, group)| {
            let level = holds.visibility.iter().find(|level| level.source.group_id == *group);
            ChosenBody { sku: sku.clone(), mode, source: source(level.map(|level| &level.source)) }
        })
    });
    let chosen = chosen.collect();
    let named = |skus: Vec<(String, Uuid)>| {
        let mut skus: Vec<String> = skus.into_iter().map(|(sku, _)| sku).collect();
        skus.dedup();
        skus
    };
    Ok(VisibilityBody {
        chosen,
        access: leaf(access.to_owned(), from),
        visibility_groups: leaf(sets, sets_from),
        included: leaf(named(included), from_of(|level| level.included)),
        excluded: leaf(named(excluded), from_of(|level| level.excluded)),
    })
}

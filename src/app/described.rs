//! All calls of the API, described.

use crate::api::openapi::complete;
use crate::error::{Error, Result};
use crate::rules::field::{FIELDS, Op};
use crate::{
    campaigns, customers, group_settings, groups, imports, order_check, orders, organizations, price_lists, pricing,
    products, promotions, reports, rules, segments, visibility_groups, webhooks,
};
use serde_json::Value;
use utoipa::OpenApi;

/// The frame that the calls of the features are put in.
#[derive(OpenApi)]
#[openapi(
    info(title = "Clientele API", license(name = "MIT", identifier = "MIT")),
    tags(
        (name = "Customer groups", description = "Groups, their members, price lists, rules and settings."),
        (name = "Customers", description = "Buyers and the groups that they are in."),
        (name = "Organizations", description = "Buying companies."),
        (name = "Products", description = "What is sold, at which base price."),
        (name = "Price lists", description = "Prices that override base prices."),
        (name = "Visibility groups", description = "Named sets of products."),
        (name = "Promotions", description = "What comes on top of prices."),
        (name = "Campaigns", description = "Promotions that run together."),
        (name = "Segments", description = "Named audiences."),
        (name = "Orders", description = "Orders from shops and ERPs."),
        (name = "Imports", description = "Files of rows."),
        (name = "Webhooks", description = "Other systems that are told of changes (docs/webhooks.md)."),
        (name = "Reports", description = "How groups perform."),
        (name = "Store", description = "What a shop asks for a customer."),
    )
)]
struct Frame;

/// The document that `/openapi.json` serves.
///
/// # Errors
/// None that calls of ours can have.
pub fn document() -> Result<Value> {
    let mut calls = Frame::openapi();
    for feature in [
        groups::api::Calls::openapi(),
        pricing::api::Calls::openapi(),
        rules::api::Calls::openapi(),
        group_settings::api::Calls::openapi(),
        customers::api::Calls::openapi(),
        organizations::api::Calls::openapi(),
        products::api::Calls::openapi(),
        price_lists::api::Calls::openapi(),
        price_lists::api::EntryCalls::openapi(),
        visibility_groups::api::Calls::openapi(),
        promotions::api::Calls::openapi(),
        campaigns::api::Calls::openapi(),
        segments::api::Calls::openapi(),
        orders::api::Calls::openapi(),
        imports::api::Calls::openapi(),
        webhooks::api::Calls::openapi(),
        webhooks::api::DeliveryCalls::openapi(),
        reports::api::Calls::openapi(),
        pricing::api::prices::Calls::openapi(),
        pricing::api::customers::Calls::openapi(),
        order_check::api::Calls::openapi(),
    ] {
        calls.merge(feature);
    }
    complete(&calls, &rules()).map_err(Error::internal)
}

/// How a rule is written: its fields, with the operators that suit each.
fn rules() -> String {
    let mut told = "**Rules** are trees of up to 100 conditions, 5 levels deep: \
        `{\"match\": \"all\", \"of\": [{\"field\": \"purchases_last_days\", \"days\": 365, \"op\": \"gte\", \"value\": \"5000.00\"}, \
        {\"match\": \"any\", \"of\": [{\"field\": \"country\", \"op\": \"in\", \"value\": [\"DE\", \"AT\"]}, \
        {\"field\": \"metadata.channel\", \"op\": \"is_not_empty\"}]}]}`. \
        The fields, with the operators that suit them: "
        .to_owned();
    let suiting =
        |kind| Op::ALL.into_iter().filter(move |op| op.suits(kind)).map(Op::name).collect::<Vec<_>>().join(", ");
    let mut kinds: Vec<(String, Vec<String>)> = Vec::new();
    for field in FIELDS {
        let name = if field.name == "metadata" { "metadata.KEY" } else { field.name };
        let name = format!("`{name}`{}", if field.has_days { " (with `days`)" } else { "" });
        let ops = suiting(field.kind);
        match kinds.iter_mut().find(|(known, _)| *known == ops) {
            Some((_, names)) => names.push(name),
            None => kinds.push((ops, vec![name])),
        }
    }
    let kinds = kinds.into_iter().map(|(ops, names)| format!("{}: {ops}", names.join(", ")));
    told.push_str(&kinds.collect::<Vec<_>>().join("; "));
    told.push('.');
    told
}

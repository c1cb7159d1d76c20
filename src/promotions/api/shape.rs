//! A promotion as it is given and sent.

use crate::api::body::{given, never_null};
use crate::clock::store_day;
use crate::error::{Error, Result};
use crate::money::Currency;
use crate::products::store as products;
use crate::promotions::details::{Given, Typed};
use crate::promotions::store::{self, PromotionRow};
use crate::segments::store::groups::{self, ChosenGroup};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// A promotion as the API gives it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Promotion)]
pub struct PromotionBody {
    pub id: Uuid,
    code: String,
    name: String,
    status: &'static str,
    /// What status and dates make of it today.
    phase: &'static str,
    r#type: &'static str,
    percent: Option<String>,
    amount: Option<String>,
    free_item: Option<FreeItemBody>,
    buy_quantity: Option<i32>,
    get_quantity: Option<i32>,
    minimum_purchase: Option<String>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    stack_with_group_discount: bool,
    combinable: bool,
    priority: i32,
    reaches_everyone: bool,
    groups_in: Vec<GroupBody>,
    groups_not_in: Vec<GroupBody>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    pub version: i32,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FreeItem)]
struct FreeItemBody {
    sku: String,
    #[serde(default = "one")]
    quantity: i64,
}

fn one() -> i64 {
    1
}

/// A group that a promotion or a segment names.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NamedCustomerGroup)]
struct GroupBody {
    id: Uuid,
    code: String,
    name: String,
}

/// Promotions as they are given, with their targets.
pub fn bodies(
    conn: &mut PgConnection,
    found: Vec<PromotionRow>,
    settings: &StoreSettings,
    today: NaiveDate,
) -> Result<Vec<PromotionBody>> {
    let ids: Vec<Uuid> = found.iter().map(|row| row.id).collect();
    let targets = store::targets(conn, &ids)?;
    let chosen: Vec<(Uuid, bool)> = targets.iter().map(|(_, group, _)| (*group, true)).collect();
    // By name.
    let named: Vec<ChosenGroup> = groups::named(conn, &chosen)?;
    let targets: HashSet<(Uuid, Uuid, bool)> = targets.into_iter().collect();
    let free = found.iter().filter_map(|row| row.given().ok()).filter_map(|given| match given {
        Given::FreeItem(product, _) => Some(product),
        _ => None,
    });
    let skus = products::skus_of(conn, &free.collect::<Vec<_>>())?;
    found
        .into_iter()
        .map(|row| {
            let side = |wanted: bool| {
                let groups = named.iter().filter(|group| targets.contains(&(row.id, group.id, wanted)));
                groups.map(|g| GroupBody { id: g.id, code: g.code.clone(), name: g.name.clone() }).collect()
            };
            let (groups_in, groups_not_in) = (side(true), side(false));
            body(row, &skus, groups_in, groups_not_in, settings.currency, today)
        })
        .collect()
}

fn body(
    row: PromotionRow,
    skus: &HashMap<Uuid, String>,
    groups_in: Vec<GroupBody>,
    groups_not_in: Vec<GroupBody>,
    currency: Currency,
    today: NaiveDate,
) -> Result<PromotionBody> {
    let value = row.given()?;
    let money = |minor: i64| currency.major(minor).to_string();
    let free_item = match value {
        Given::FreeItem(product, quantity) => {
            let sku = skus.get(&product).cloned().ok_or_else(products::gone)?;
            Some(FreeItemBody { sku, quantity: quantity.into() })
        }
        _ => None,
    };
    Ok(PromotionBody {
        status: row.status().name(),
        phase: row.phase(today).name(),
        r#type: match &value {
            Given::Percent(_) | Given::Amount(_) => "discount",
            other => other.kind(),
        },
        percent: if let Given::Percent(percent) = &value { Some(percent.to_string()) } else { None },
        amount: if let Given::Amount(amount) = value { Some(money(amount)) } else { None },
        buy_quantity: if let Given::BuyGet(buy, _) = value { Some(buy) } else { None },
        get_quantity: if let Given::BuyGet(_, get) = value { Some(get) } else { None },
        free_item,
        minimum_purchase: row.minimum_purchase.map(money),
        valid_from: row.window().from,
        valid_to: row.window().to,
        stack_with_group_discount: row.stacks,
        combinable: row.combinable,
        priority: row.priority,
        reaches_everyone: row.reaches_everyone,
        groups_in,
        groups_not_in,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
        id: row.id,
        code: row.code,
        name: row.name,
    })
}

/// One promotion as it is given.
pub fn only(conn: &mut PgConnection, row: PromotionRow, now: DateTime<Utc>) -> Result<PromotionBody> {
    let settings = store_settings::load(conn)?;
    let today = store_day(now, settings.time_zone);
    bodies(conn, vec![row], &settings, today)?.pop().ok_or_else(store::gone)
}

/// A promotion as it is sent; `null` opens an end of the window, and takes a value away that may be missing.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PromotionSent)]
pub struct Sent {
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    code: Option<String>,
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    name: Option<String>,
    /// `active` or `inactive`.
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    status: Option<String>,
    /// `discount` (with `percent` or `amount`), `free_shipping`, `free_item` (with `freeItem`) or `bogo` (with
    /// `buyQuantity` and `getQuantity`).
    #[serde(default, rename = "type", deserialize_with = "never_null")]
    #[schema(nullable = false)]
    kind: Option<String>,
    #[serde(default, deserialize_with = "given")]
    percent: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    amount: Option<Option<String>>,
    #[serde(default, alias = "free_item", deserialize_with = "given")]
    free_item: Option<Option<FreeItemBody>>,
    #[serde(default, alias = "buy_quantity", deserialize_with = "given")]
    buy_quantity: Option<Option<i64>>,
    #[serde(default, alias = "get_quantity", deserialize_with = "given")]
    get_quantity: Option<Option<i64>>,
    #[serde(default, alias = "minimum_purchase", deserialize_with = "given")]
    minimum_purchase: Option<Option<String>>,
    #[serde(default, alias = "valid_from", deserialize_with = "given")]
    valid_from: Option<Option<String>>,
    #[serde(default, alias = "valid_to", deserialize_with = "given")]
    valid_to: Option<Option<String>>,
    #[serde(default, alias = "stack_with_group_discount", deserialize_with = "never_null")]
    #[schema(nullable = false)]
    stack_with_group_discount: Option<bool>,
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    combinable: Option<bool>,
    #[serde(default, deserialize_with = "never_null")]
    #[schema(nullable = false)]
    priority: Option<i64>,
    /// Ids or codes.
    #[serde(default, alias = "groups_in", deserialize_with = "never_null")]
    #[schema(nullable = false)]
    groups_in: Option<Vec<String>>,
    #[serde(default, alias = "groups_not_in", deserialize_with = "never_null")]
    #[schema(nullable = false)]
    groups_not_in: Option<Vec<String>>,
}

impl Sent {
    /// What was sent over what is there.
    pub fn over(self, mut typed: Typed) -> Result<Typed> {
        let put = |field: &mut String, sent: Option<Option<String>>| {
            if let Some(sent) = sent {
                *field = sent.unwrap_or_default();
            }
        };
        let number = |sent: Option<Option<i64>>| sent.map(|sent| sent.map(|n| n.to_string()));
        typed.code = self.code.unwrap_or(typed.code);
        typed.name = self.name.unwrap_or(typed.name);
        typed.status = self.status.unwrap_or(typed.status);
        let (percent, amount) = (self.percent.flatten(), self.amount.flatten());
        if percent.is_some() && amount.is_some() {
            return Err(Error::field("amount", "Send either percent or amount."));
        }
        typed.kind = match (self.kind.as_deref(), &percent, &amount) {
            (Some("discount"), None, Some(_)) | (None, None, Some(_)) => "amount".into(),
            (Some("discount"), None, None) if typed.kind == "amount" => "amount".into(),
            (Some("discount"), ..) | (None, Some(_), None) => "percent".into(),
            (Some("freeShipping" | "free_shipping"), ..) => "free_shipping".into(),
            (Some("freeItem" | "free_item"), ..) => "free_item".into(),
            (Some("bogo" | "buyXGetY" | "buy_x_get_y"), ..) => "bogo".into(),
            (Some(_), ..) => {
                let kinds = "A promotion's type is discount, free_shipping, free_item or bogo; a discount has percent or amount.";
                return Err(Error::field("type", kinds));
            }
            (None, ..) => typed.kind,
        };
        typed.discount = percent.or(amount).unwrap_or(typed.discount);
        if let Some(Some(item)) = self.free_item {
            (typed.free_item, typed.free_quantity) = (item.sku, item.quantity.to_string());
        }
        put(&mut typed.buy_quantity, number(self.buy_quantity));
        put(&mut typed.get_quantity, number(self.get_quantity));
        put(&mut typed.minimum_purchase, self.minimum_purchase);
        put(&mut typed.valid_from, self.valid_from);
        put(&mut typed.valid_to, self.valid_to);
        typed.stacks = self.stack_with_group_discount.unwrap_or(typed.stacks);
        typed.combinable = self.combinable.unwrap_or(typed.combinable);
        typed.priority = self.priority.map_or(typed.priority, |priority| priority.to_string());
        typed.groups_in = self.groups_in.unwrap_or(typed.groups_in);
        typed.groups_not_in = self.groups_not_in.unwrap_or(typed.groups_not_in);
        Ok(typed)
    }
}

/// Fields of the form, by their names in JSON.
pub fn as_json_fields(error: Error, kind: &str) -> Error {
    error.with_names(&[
        ("discount", kind),
        ("free_item", "freeItem.sku"),
        ("free_quantity", "freeItem.quantity"),
        ("buy_quantity", "buyQuantity"),
        ("get_quantity", "getQuantity"),
        ("minimum_purchase", "minimumPurchase"),
        ("valid_from", "validFrom"),
        ("valid_to", "validTo"),
        ("groups_in", "groupsIn"),
        ("groups_not_in", "groupsNotIn"),
    ])
}

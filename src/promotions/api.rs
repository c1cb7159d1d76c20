//! `/admin/promotions` (SPEC 13): list, create, show, change, delete, over the same actions as the pages.

use super::actions;
use super::details::{Given, Typed};
use super::listing::{Wanted, phase};
use super::store::{self, PromotionRow, list as rows, parse_id};
use crate::api::body::{Body, given, never_null};
use crate::api::call::{Call, entity_tag};
use crate::api::page::{Items, limit};
use crate::api::problem::Problem;
use crate::auth::role::Permission;
use crate::clock::store_day;
use crate::db::keyset::{self, Place};
use crate::error::{Error, FieldError, Result};
use crate::money::Currency;
use crate::segments::store::groups::{self, ChosenGroup};
use crate::store_settings::settings::StoreSettings;
use crate::store_settings::store as store_settings;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// The routes of the promotion calls, under `/admin`.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/promotions").route(web::get().to(list)).route(web::post().to(create))).service(
        web::resource("/promotions/{id}")
            .route(web::get().to(show))
            .route(web::patch().to(change))
            .route(web::delete().to(delete)),
    );
}

/// A promotion as the API gives it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PromotionBody {
    id: Uuid,
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
    version: i32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FreeItemBody {
    sku: String,
    #[serde(default = "one")]
    quantity: i64,
}

fn one() -> i64 {
    1
}

/// A group that a promotion or a segment names.
#[derive(Debug, Serialize)]
struct GroupBody {
    id: Uuid,
    code: String,
    name: String,
}

fn bodies(
    conn: &mut PgConnection,
    found: Vec<PromotionRow>,
    settings: &StoreSettings,
    today: NaiveDate,
) -> Result<Vec<PromotionBody>> {
    let ids: Vec<Uuid> = found.iter().map(|row| row.id).collect();
    let targets = store::targets(conn, &ids)?;
    let chosen: Vec<(Uuid, bool)> = targets.iter().map(|(_, group, is_in)| (*group, *is_in)).collect();
    let named: HashMap<Uuid, ChosenGroup> =
        groups::named(conn, &chosen)?.into_iter().map(|group| (group.id, group)).collect();
    found
        .into_iter()
        .map(|row| {
            let side = |wanted: bool| {
                let of = targets.iter().filter(|(id, _, is_in)| *id == row.id && *is_in == wanted);
                let groups = of.filter_map(|(_, group, _)| named.get(group));
                groups.map(|g| GroupBody { id: g.id, code: g.code.clone(), name: g.name.clone() }).collect()
            };
            let (groups_in, groups_not_in) = (side(true), side(false));
            body(conn, row, groups_in, groups_not_in, settings.currency, today)
        })
        .collect()
}

fn body(
    conn: &mut PgConnection,
    row: PromotionRow,
    groups_in: Vec<GroupBody>,
    groups_not_in: Vec<GroupBody>,
    currency: Currency,
    today: NaiveDate,
) -> Result<PromotionBody> {
    let value = row.given()?;
    let money = |minor: i64| currency.major(minor).to_string();
    let free_item = match value {
        Given::FreeItem(product, quantity) => {
            Some(FreeItemBody { sku: crate::products::store::get(conn, product)?.sku, quantity: quantity.into() })
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

fn only(conn: &mut PgConnection, row: PromotionRow, now: DateTime<Utc>) -> Result<PromotionBody> {
    let settings = store_settings::load(conn)?;
    let today = store_day(now, settings.time_zone);
    bodies(conn, vec![row], &settings, today)?.pop().ok_or_else(store::gone)
}

#[derive(Debug, Deserialize)]
struct ListParams {
    #[serde(default)]
    q: String,
    status: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

/// What the parameters of a list of promotions or campaigns ask for.
fn wanted(params: &ListParams) -> Result<Wanted> {
    let mut errors = Vec::new();
    let asked = params.status.as_deref().map(phase);
    if asked == Some(None) {
        errors.push(FieldError::new("status", "status is running, scheduled, ended or off."));
    }
    let cursor = params.cursor.as_deref().unwrap_or_default();
    let place = Place::of(cursor, "");
    if !cursor.is_empty() && place == Place::Start {
        errors.push(FieldError::new("cursor", "Send the nextCursor of the page before, unchanged."));
    }
    if params.q.chars().count() > 120 || params.q.contains('\0') {
        errors.push(FieldError::new("q", "q is at most 120 characters, without the NUL character."));
    }
    if errors.is_empty() {
        Ok(Wanted { text: params.q.trim().to_owned(), phase: asked.flatten(), place })
    } else {
        Err(Error::Invalid(errors))
    }
}

async fn list(call: Call, params: web::Query<ListParams>) -> Result<HttpResponse, Problem> {
    let now = call.now();
    let items = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let settings = store_settings::load(conn)?;
            let today = store_day(now, settings.time_zone);
            let page = rows::page(conn, &wanted(&params)?, today, limit(params.limit.as_deref())?)?;
            let next_cursor = page.rows.last().filter(|_| page.after).map(|row| keyset::encode(&row.cursor()));
            let found = page.rows.into_iter().map(|row| row.promotion).collect();
            Ok(Items { items: bodies(conn, found, &settings, today)?, next_cursor })
        })
        .await?;
    Ok(HttpResponse::Ok().json(items))
}

async fn show(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let now = call.now();
    let body = call
        .read(move |conn, actor| {
            actor.require(Permission::Read)?;
            let row = store::get(conn, id)?;
            only(conn, row, now)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body))
}

/// A promotion as it is sent; `null` opens an end of the window, and takes a value away that may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Sent {
    #[serde(default, deserialize_with = "never_null")]
    code: Option<String>,
    #[serde(default, deserialize_with = "never_null")]
    name: Option<String>,
    #[serde(default, deserialize_with = "never_null")]
    status: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "never_null")]
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
    stack_with_group_discount: Option<bool>,
    #[serde(default, deserialize_with = "never_null")]
    combinable: Option<bool>,
    #[serde(default, deserialize_with = "never_null")]
    priority: Option<i64>,
    /// Ids or codes.
    #[serde(default, alias = "groups_in", deserialize_with = "never_null")]
    groups_in: Option<Vec<String>>,
    #[serde(default, alias = "groups_not_in", deserialize_with = "never_null")]
    groups_not_in: Option<Vec<String>>,
}

impl Sent {
    /// What was sent over what is there.
    fn over(self, mut typed: Typed) -> Result<Typed> {
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
            (Some(_), ..) => String::new(),
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

async fn create(call: Call, sent: Body<Sent>) -> Result<HttpResponse, Problem> {
    let body = call
        .write(move |conn, actor, now| {
            actor.require(Permission::EditPromotions)?;
            let fresh = Typed {
                status: "active".into(),
                stacks: true,
                combinable: true,
                priority: "10".into(),
                ..Typed::default()
            };
            let typed = sent.0.over(fresh)?;
            let row = actions::create(conn, actor, &typed, now).map_err(|error| as_json_fields(error, &typed.kind))?;
            only(conn, row, now)
        })
        .await?;
    let location = format!("/admin/promotions/{}", body.id);
    Ok(HttpResponse::Created().insert_header(("Location", location)).insert_header(entity_tag(body.version)).json(body))
}

async fn change(call: Call, id: web::Path<String>, sent: Body<Sent>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    let body = call
        .write(move |conn, actor, now| {
            actor.require(Permission::EditPromotions)?;
            let row = store::lock(conn, id)?;
            let currency = store_settings::load(conn)?.currency;
            let stored = store::details(conn, &row)?;
            let typed = sent.0.over(store::typed(conn, &stored, currency)?)?;
            let row = actions::edit(conn, actor, id, version, &typed, now);
            only(conn, row.map_err(|error| as_json_fields(error, &typed.kind))?, now)
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(body.version)).json(body))
}

async fn delete(call: Call, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = parse_id(&id)?;
    let version = call.if_match;
    call.write(move |conn, actor, now| actions::delete(conn, actor, id, version, now)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Fields of the form, by their names in JSON.
fn as_json_fields(error: Error, kind: &str) -> Error {
    let Error::Invalid(errors) = error else { return error };
    let renamed = |error: FieldError| {
        let field = match error.field.as_str() {
            "discount" => kind.to_owned(),
            "free_item" => "freeItem.sku".into(),
            "free_quantity" => "freeItem.quantity".into(),
            "buy_quantity" => "buyQuantity".into(),
            "get_quantity" => "getQuantity".into(),
            "minimum_purchase" => "minimumPurchase".into(),
            "valid_from" => "validFrom".into(),
            "valid_to" => "validTo".into(),
            "groups_in" => "groupsIn".into(),
            "groups_not_in" => "groupsNotIn".into(),
            _ => error.field,
        };
        FieldError { field, message: error.message }
    };
    Error::Invalid(errors.into_iter().map(renamed).collect())
}

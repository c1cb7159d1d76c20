//! Promotions in the database: one promotion's row with its targets. Beside it: the list, promotions as they are decided,
//! whom one reaches, and samples of what it changes.

pub mod list;
pub mod load;
pub mod reach;
pub mod sample;
pub mod targets;

use super::details::{Details, Given, Known, Typed};
use super::promotion::Offer;
use super::window::{Phase, Window};
use crate::error::{Error, Result};
use crate::groups::group::Status;
use crate::money::Currency;
use crate::products::store::by_skus;
use crate::schema::{campaign_promotions, campaigns, products, promotion_targets, promotions};
use crate::segments::store::groups;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;
use std::collections::HashMap;
use uuid::Uuid;

/// A promotion as stored.
#[derive(Clone, Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = promotions)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct PromotionRow {
    /// Id.
    pub id: Uuid,
    /// Unique.
    pub code: String,
    /// Name.
    pub name: String,
    status: String,
    kind: String,
    percent: Option<Decimal>,
    amount: Option<i64>,
    free_product_id: Option<Uuid>,
    free_quantity: Option<i32>,
    buy_quantity: Option<i32>,
    get_quantity: Option<i32>,
    /// Minor units of the store's currency.
    pub minimum_purchase: Option<i64>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    /// Whether it may come on top of the group price.
    pub stacks: bool,
    /// Whether it may come together with other promotions.
    pub combinable: bool,
    /// Lower comes first.
    pub priority: i32,
    /// Whether no "in" target was ever chosen.
    pub reaches_everyone: bool,
    /// For optimistic locking; its targets count, too.
    pub version: i32,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC.
    pub updated_at: DateTime<Utc>,
}

impl PromotionRow {
    /// Active or inactive.
    pub fn status(&self) -> Status {
        Status::from_name(&self.status).unwrap_or(Status::Inactive)
    }

    /// The days on which it holds.
    pub fn window(&self) -> Window {
        Window { from: self.valid_from, to: self.valid_to }
    }

    /// What its status and window make of it on a store day.
    pub fn phase(&self, day: NaiveDate) -> Phase {
        Phase::of(self.status(), self.window(), day)
    }

    /// What it gives.
    pub fn given(&self) -> Result<Given> {
        let given = match self.kind.as_str() {
            "percent" => self.percent.map(Given::Percent),
            "amount" => self.amount.map(Given::Amount),
            "free_shipping" => Some(Given::FreeShipping),
            "free_item" => self.free_product_id.zip(self.free_quantity).map(|(id, n)| Given::FreeItem(id, n)),
            "bogo" => self.buy_quantity.zip(self.get_quantity).map(|(buy, get)| Given::BuyGet(buy, get)),
            _ => None,
        };
        given.ok_or_else(|| Error::internal(format!("promotion {} gives nothing known", self.code)))
    }

    /// What it gives, in words that need no product: `10% off`, `2 free items`.
    pub fn words(&self, currency: Currency) -> String {
        match self.given() {
            Ok(Given::Percent(percent)) => Offer::Percent(percent).words(currency),
            Ok(Given::Amount(amount)) => Offer::Amount(amount).words(currency),
            Ok(Given::FreeShipping) => Offer::FreeShipping.words(currency),
            Ok(Given::FreeItem(_, 1)) => "A free item".into(),
            Ok(Given::FreeItem(_, n)) => format!("{} free items", crate::money::format_count(n.into())),
            Ok(Given::BuyGet(buy, get)) => Offer::BuyGet { buy, get }.words(currency),
            Err(_) => String::new(),
        }
    }
}

/// How a missing promotion is told.
pub fn gone() -> Error {
    Error::NotFound("This promotion doesn't exist or was deleted.".into())
}

/// An id as an address or a call has it. One that is none names nothing.
pub fn parse_id(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| gone())
}

/// A promotion.
pub fn get(conn: &mut PgConnection, id: Uuid) -> Result<PromotionRow> {
    promotions::table.find(id).select(PromotionRow::as_select()).first(conn).optional()?.ok_or_else(gone)
}

/// A promotion, locked until the transaction ends.
pub fn lock(conn: &mut PgConnection, id: Uuid) -> Result<PromotionRow> {
    let found = promotions::table.find(id).select(PromotionRow::as_select()).for_update().first(conn);
    found.optional()?.ok_or_else(gone)
}

/// The promotion of this exact code.
pub fn by_code(conn: &mut PgConnection, code: &str) -> Result<Option<Uuid>> {
    Ok(promotions::table.filter(promotions::code.eq(code)).select(promotions::id).first(conn).optional()?)
}

/// The targets of promotions: promotion, group, whether "in".
pub fn targets(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, Uuid, bool)>> {
    Ok(promotion_targets::table
        .filter(promotion_targets::promotion_id.eq_any(ids))
        .select((promotion_targets::promotion_id, promotion_targets::group_id, promotion_targets::is_in))
        .order(promotion_targets::group_id)
        .load(conn)?)
}

/// A promotion's fields, checked.
pub fn details(conn: &mut PgConnection, row: &PromotionRow) -> Result<Details> {
    let targets = targets(conn, &[row.id])?;
    let side = |wanted: bool| targets.iter().filter(|(.., is_in)| *is_in == wanted).map(|(_, id, _)| *id).collect();
    Ok(Details {
        code: row.code.clone(),
        name: row.name.clone(),
        status: row.status(),
        value: row.given()?,
        minimum_purchase: row.minimum_purchase,
        window: row.window(),
        stacks: row.stacks,
        combinable: row.combinable,
        priority: row.priority,
        groups_in: side(true),
        groups_not_in: side(false),
    })
}

/// A promotion's fields as a form shows them; the free product by its SKU.
pub fn typed(conn: &mut PgConnection, details: &Details, currency: Currency) -> Result<Typed> {
    let (valid_from, valid_to) = details.window.typed();
    let texts = |ids: &[Uuid]| ids.iter().map(Uuid::to_string).collect();
    let mut typed = Typed {
        code: details.code.clone(),
        name: details.name.clone(),
        status: details.status.name().into(),
        kind: details.value.kind().into(),
        minimum_purchase: details.minimum_purchase.map(|m| currency.major(m).to_string()).unwrap_or_default(),
        valid_from,
        valid_to,
        stacks: details.stacks,
        combinable: details.combinable,
        priority: details.priority.to_string(),
        groups_in: texts(&details.groups_in),
        groups_not_in: texts(&details.groups_not_in),
        ..Typed::default()
    };
    match details.value {
        Given::Percent(percent) => typed.discount = percent.normalize().to_string(),
        Given::Amount(amount) => typed.discount = currency.major(amount).to_string(),
        Given::FreeShipping => {}
        Given::FreeItem(product, quantity) => {
            typed.free_item = products::table.find(product).select(products::sku).first(conn)?;
            typed.free_quantity = quantity.to_string();
        }
        Given::BuyGet(buy, get) => {
            (typed.buy_quantity, typed.get_quantity) = (buy.to_string(), get.to_string());
        }
    }
    Ok(typed)
}

/// What the texts of a form mean. The groups of `kept` are known by their ids, deleted or not.
pub fn known(conn: &mut PgConnection, typed: &Typed, kept: &[Uuid], currency: Currency) -> Result<Known> {
    let groups = groups::known(conn, &[&typed.groups_in, &typed.groups_not_in], kept)?;
    let item = typed.free_item.trim().to_owned();
    let mut known = HashMap::new();
    if typed.kind == "free_item" && !item.is_empty() && !item.contains('\0') {
        known = by_skus(conn, std::slice::from_ref(&item))?;
        let by_id = products::table.select(products::id);
        if let (true, Ok(id)) = (known.is_empty(), Uuid::try_parse(&item))
            && let Some(id) = by_id.filter(products::id.eq(id)).first::<Uuid>(conn).optional()?
        {
            known.insert(item, id);
        }
    }
    Ok(Known { currency, groups, products: known })
}

#[derive(AsChangeset, Insertable)]
#[diesel(table_name = promotions)]
#[diesel(treat_none_as_null = true)]
struct Columns<'a> {
    code: &'a str,
    name: &'a str,
    status: &'a str,
    kind: &'a str,
    percent: Option<Decimal>,
    amount: Option<i64>,
    free_product_id: Option<Uuid>,
    free_quantity: Option<i32>,
    buy_quantity: Option<i32>,
    get_quantity: Option<i32>,
    minimum_purchase: Option<i64>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    stacks: bool,
    combinable: bool,
    priority: i32,
    updated_at: DateTime<Utc>,
}

fn columns(details: &Details, now: DateTime<Utc>) -> Columns<'_> {
    let mut columns = Columns {
        code: &details.code,
        name: &details.name,
        status: details.status.name(),
        kind: details.value.kind(),
        percent: None,
        amount: None,
        free_product_id: None,
        free_quantity: None,
        buy_quantity: None,
        get_quantity: None,
        minimum_purchase: details.minimum_purchase,
        valid_from: details.window.from,
        valid_to: details.window.to,
        stacks: details.stacks,
        combinable: details.combinable,
        priority: details.priority,
        updated_at: now,
    };
    match details.value {
        Given::Percent(percent) => columns.percent = Some(percent),
        Given::Amount(amount) => columns.amount = Some(amount),
        Given::FreeShipping => {}
        Given::FreeItem(product, quantity) => {
            (columns.free_product_id, columns.free_quantity) = (Some(product), Some(quantity));
        }
        Given::BuyGet(buy, get) => (columns.buy_quantity, columns.get_quantity) = (Some(buy), Some(get)),
    }
    columns
}

/// Inserts a promotion with its targets.
pub fn insert(conn: &mut PgConnection, id: Uuid, details: &Details, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(promotions::table)
        .values((promotions::id.eq(id), promotions::created_at.eq(now), columns(details, now)))
        .execute(conn)
        .map_err(refused)?;
    put_targets(conn, id, details)
}

/// Writes a promotion's fields and targets; its version goes up by one.
pub fn update(conn: &mut PgConnection, id: Uuid, details: &Details, now: DateTime<Utc>) -> Result<()> {
    diesel::update(promotions::table.find(id))
        .set((promotions::version.eq(promotions::version + 1), columns(details, now)))
        .execute(conn)
        .map_err(refused)?;
    diesel::delete(promotion_targets::table.filter(promotion_targets::promotion_id.eq(id))).execute(conn)?;
    put_targets(conn, id, details)
}

fn put_targets(conn: &mut PgConnection, id: Uuid, details: &Details) -> Result<()> {
    let row = |group: &Uuid, is_in: bool| {
        (
            promotion_targets::promotion_id.eq(id),
            promotion_targets::group_id.eq(*group),
            promotion_targets::is_in.eq(is_in),
        )
    };
    let rows: Vec<_> = details
        .groups_in
        .iter()
        .map(|group| row(group, true))
        .chain(details.groups_not_in.iter().map(|group| row(group, false)))
        .collect();
    diesel::insert_into(promotion_targets::table).values(rows).execute(conn)?;
    Ok(())
}

fn refused(error: diesel::result::Error) -> Error {
    match Error::constraint(&error) {
        Some("promotions_code") => Error::field("code", "Another promotion has this code."),
        _ => error.into(),
    }
}

/// Deletes a promotion; the campaigns that it is in go on without it.
pub fn delete(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    diesel::delete(promotions::table.find(id)).execute(conn)?;
    Ok(())
}

/// The first `limit` campaigns by name that a promotion is in: id and name.
pub fn campaigns_of(conn: &mut PgConnection, id: Uuid, limit: i64) -> Result<Vec<(Uuid, String)>> {
    Ok(campaign_promotions::table
        .inner_join(campaigns::table)
        .filter(campaign_promotions::promotion_id.eq(id))
        .select((campaigns::id, campaigns::name))
        .order((campaigns::name, campaigns::id))
        .limit(limit)
        .load(conn)?)
}

/// The first `limit` promotions by name that have a group as a target, and how many there are.
pub fn targeting(conn: &mut PgConnection, group: Uuid, limit: i64) -> Result<(Vec<String>, i64)> {
    let of_group =
        || promotion_targets::table.inner_join(promotions::table).filter(promotion_targets::group_id.eq(group));
    let names =
        of_group().select(promotions::name).order((promotions::name, promotions::id)).limit(limit).load(conn)?;
    Ok((names, of_group().count().get_result(conn)?))
}

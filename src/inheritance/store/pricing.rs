//! Own pricing of groups: the method with its scope, and the assigned lists.

use super::Loading;
use crate::error::{Error, Result};
use crate::inheritance::level::Level;
use crate::inheritance::own::{Adjustment, AssignedList, MinimumOrder, OwnPricing, Scope, Setting};
use crate::money::Currency;
use crate::schema::{group_price_lists, group_pricing, group_pricing_categories, group_pricing_products, price_lists};
use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

#[derive(Queryable, Selectable)]
#[diesel(table_name = group_pricing)]
struct PricingRow {
    group_id: Uuid,
    method: Option<String>,
    percent: Option<Decimal>,
    fixed_amount: Option<i64>,
    adds_to_inherited: bool,
    scope: String,
    stack_with_promotions: Option<bool>,
    minimum_order_amount: Option<i64>,
    minimum_order_quantity: Option<i32>,
    no_minimum_order: bool,
    notes: String,
}

impl PricingRow {
    fn into_own(self) -> OwnPricing {
        // Categories and products are counted in afterwards.
        let scope = match self.scope.as_str() {
            "categories" => Scope::Categories(Vec::new()),
            "products" => Scope::Products(0),
            _ => Scope::All,
        };
        let adjustment = match (self.method.as_deref(), self.percent, self.fixed_amount) {
            (Some("percentage"), Some(percent), _) => {
                Adjustment::Percentage { percent, adds: self.adds_to_inherited, scope }
            }
            (Some("fixed"), _, Some(amount)) => Adjustment::Fixed { amount, scope },
            (Some("price_lists"), ..) => Adjustment::PriceLists,
            (Some(_), ..) => Adjustment::ExplicitNone,
            (None, ..) => Adjustment::Unset,
        };
        let minimum = (self.minimum_order_amount.is_some() || self.minimum_order_quantity.is_some())
            .then_some(MinimumOrder { amount: self.minimum_order_amount, quantity: self.minimum_order_quantity });
        OwnPricing {
            adjustment,
            lists: Vec::new(),
            stack_with_promotions: self.stack_with_promotions,
            minimum_order: Setting::from_columns(minimum, self.no_minimum_order),
            notes: self.notes,
        }
    }
}

pub(super) fn load(conn: &mut PgConnection, ids: &[Uuid], levels: &mut Loading) -> Result<()> {
    let rows: Vec<PricingRow> =
        group_pricing::table.filter(group_pricing::group_id.eq_any(ids)).select(PricingRow::as_select()).load(conn)?;
    for row in rows {
        if let Some(level) = levels.get_mut(&row.group_id) {
            level.pricing = row.into_own();
        }
    }
    let categories: Vec<(Uuid, String)> = group_pricing_categories::table
        .filter(group_pricing_categories::group_id.eq_any(ids))
        .order((group_pricing_categories::group_id, group_pricing_categories::category))
        .load(conn)?;
    for (group, category) in categories {
        if let Some(Scope::Categories(names)) = levels.get_mut(&group).and_then(scope_of) {
            names.push(category);
        }
    }
    let products: Vec<(Uuid, i64)> = group_pricing_products::table
        .filter(group_pricing_products::group_id.eq_any(ids))
        .group_by(group_pricing_products::group_id)
        .select((group_pricing_products::group_id, count_star()))
        .load(conn)?;
    for (group, count) in products {
        if let Some(Scope::Products(chosen)) = levels.get_mut(&group).and_then(scope_of) {
            *chosen = count;
        }
    }
    load_lists(conn, ids, levels)
}

fn scope_of(level: &mut Level) -> Option<&mut Scope> {
    match &mut level.pricing.adjustment {
        Adjustment::Percentage { scope, .. } | Adjustment::Fixed { scope, .. } => Some(scope),
        _ => None,
    }
}

fn load_lists(conn: &mut PgConnection, ids: &[Uuid], levels: &mut Loading) -> Result<()> {
    let rows: Vec<ListRow> = group_price_lists::table
        .inner_join(price_lists::table)
        .filter(group_price_lists::group_id.eq_any(ids))
        .order((group_price_lists::priority, price_lists::name, price_lists::code))
        .select(ListRow::as_select())
        .load(conn)?;
    for row in rows {
        if let Some(level) = levels.get_mut(&row.group_id) {
            level.pricing.lists.push(row.list.into_assigned(row.priority)?);
        }
    }
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = group_price_lists)]
struct ListRow {
    group_id: Uuid,
    priority: i32,
    #[diesel(embed)]
    list: PriceListRow,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = price_lists)]
struct PriceListRow {
    id: Uuid,
    code: String,
    name: String,
    status: String,
    currency: String,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
}

impl PriceListRow {
    fn into_assigned(self, priority: i32) -> Result<AssignedList> {
        let currency = Currency::from_code(&self.currency)
            .ok_or_else(|| Error::internal(format!("price list {} has no known currency", self.code)))?;
        Ok(AssignedList {
            id: self.id,
            code: self.code,
            name: self.name,
            priority,
            active: self.status == "active",
            currency,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        })
    }
}

/// The price lists `ids`, as if assigned with this priority.
pub fn assignable_lists(conn: &mut PgConnection, ids: &[Uuid], priority: i32) -> Result<Vec<AssignedList>> {
    let rows: Vec<PriceListRow> =
        price_lists::table.filter(price_lists::id.eq_any(ids)).select(PriceListRow::as_select()).load(conn)?;
    rows.into_iter().map(|row| row.into_assigned(priority)).collect()
}

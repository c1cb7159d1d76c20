//! Loads groups with their own settings, and everything above them, for the pure resolver.

pub mod counting;

use super::level::{Level, Levels};
use super::own::{
    Access, Adjustment, AssignedList, EarlyPayment, MinimumOrder, Openness, OwnPortal, OwnPricing, OwnTerms,
    OwnVisibility, PaymentMethod, Scope, Setting, Switches,
};
use crate::db::statement::statement;
use crate::error::Result;
use crate::schema::{
    group_payment_terms, group_portal, group_price_lists, group_pricing, group_pricing_categories,
    group_pricing_products, group_visibility, group_visibility_groups, group_visibility_products, groups, price_lists,
    visibility_groups,
};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use rust_decimal::Decimal;
use uuid::Uuid;

#[derive(QueryableByName)]
struct Ancestor {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// The groups `ids` and all their ancestors, each with its own settings. A handful of queries, however many groups.
pub fn load(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Levels> {
    let ids = with_ancestors(conn, ids)?;
    let mut levels = own_fields(conn, &ids)?;
    load_pricing(conn, &ids, &mut levels)?;
    load_visibility(conn, &ids, &mut levels)?;
    load_portal(conn, &ids, &mut levels)?;
    load_terms(conn, &ids, &mut levels)?;
    Ok(levels)
}

fn with_ancestors(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    let rows: Vec<Ancestor> = statement(
        "WITH RECURSIVE above(id, parent_id) AS (
             SELECT id, parent_id FROM groups WHERE id = ANY (",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .sql(
        ")
             UNION
             SELECT g.id, g.parent_id FROM groups g JOIN above a ON g.id = a.parent_id
         )
         SELECT id FROM above",
    )
    .load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

type OwnFields = (Uuid, String, String, Option<Uuid>, String, bool, (bool, bool, bool, bool));

fn own_fields(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Levels> {
    let rows: Vec<OwnFields> = groups::table
        .filter(groups::id.eq_any(ids))
        .select((
            groups::id,
            groups::code,
            groups::name,
            groups::parent_id,
            groups::status,
            groups::deleted_at.is_null(),
            (
                groups::inherit_pricing,
                groups::inherit_visibility,
                groups::inherit_portal,
                groups::inherit_payment_terms,
            ),
        ))
        .load(conn)?;
    let level = |(id, code, name, parent_id, status, live, switches): OwnFields| {
        let (pricing, visibility, portal, payment_terms) = switches;
        let inherit = Switches { pricing, visibility, portal, payment_terms };
        (id, Level { id, code, name, parent_id, counts: live && status == "active", inherit, ..Level::default() })
    };
    Ok(rows.into_iter().map(level).collect())
}

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

fn load_pricing(conn: &mut PgConnection, ids: &[Uuid], levels: &mut Levels) -> Result<()> {
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

fn load_lists(conn: &mut PgConnection, ids: &[Uuid], levels: &mut Levels) -> Result<()> {
    let rows: Vec<(Uuid, i32, Uuid, String, String, String)> = group_price_lists::table
        .inner_join(price_lists::table)
        .filter(group_price_lists::group_id.eq_any(ids))
        .order((group_price_lists::priority, price_lists::name, price_lists::code))
        .select((
            group_price_lists::group_id,
            group_price_lists::priority,
            price_lists::id,
            price_lists::code,
            price_lists::name,
            price_lists::status,
        ))
        .load(conn)?;
    for (group, priority, id, code, name, status) in rows {
        if let Some(level) = levels.get_mut(&group) {
            level.pricing.lists.push(AssignedList { id, code, name, priority, active: status == "active" });
        }
    }
    Ok(())
}

/// The lists assigned to these groups as (group, list, priority), by priority, name and code.
pub fn assigned_lists(conn: &mut PgConnection, groups: &[Uuid]) -> Result<Vec<(Uuid, Uuid, i32)>> {
    Ok(group_price_lists::table
        .inner_join(price_lists::table)
        .filter(group_price_lists::group_id.eq_any(groups))
        .order((group_price_lists::priority, price_lists::name, price_lists::code))
        .select((group_price_lists::group_id, group_price_lists::price_list_id, group_price_lists::priority))
        .load(conn)?)
}

fn load_visibility(conn: &mut PgConnection, ids: &[Uuid], levels: &mut Levels) -> Result<()> {
    let rows: Vec<(Uuid, Option<String>)> =
        group_visibility::table.filter(group_visibility::group_id.eq_any(ids)).load(conn)?;
    for (group, access) in rows {
        if let Some(level) = levels.get_mut(&group) {
            let access = access.map(|access| match access.as_str() {
                "visibility_groups" => Access::VisibilityGroups(Vec::new()),
                "products" => Access::ChosenProducts,
                _ => Access::All,
            });
            level.visibility = OwnVisibility { access, ..OwnVisibility::default() };
        }
    }
    let names: Vec<(Uuid, String)> = group_visibility_groups::table
        .inner_join(visibility_groups::table)
        .filter(group_visibility_groups::group_id.eq_any(ids))
        .order((group_visibility_groups::group_id, visibility_groups::name))
        .select((group_visibility_groups::group_id, visibility_groups::name))
        .load(conn)?;
    for (group, name) in names {
        if let Some(Access::VisibilityGroups(names)) = levels.get_mut(&group).and_then(|l| l.visibility.access.as_mut())
        {
            names.push(name);
        }
    }
    let products: Vec<(Uuid, String, i64)> = group_visibility_products::table
        .filter(group_visibility_products::group_id.eq_any(ids))
        .group_by((group_visibility_products::group_id, group_visibility_products::mode))
        .select((group_visibility_products::group_id, group_visibility_products::mode, count_star()))
        .load(conn)?;
    for (group, mode, count) in products {
        if let Some(level) = levels.get_mut(&group) {
            match mode.as_str() {
                "included" => level.visibility.included = count,
                _ => level.visibility.excluded = count,
            }
        }
    }
    Ok(())
}

type PortalRow = (Uuid, Option<bool>, Option<String>, Option<bool>, Option<bool>, Option<String>);

fn load_portal(conn: &mut PgConnection, ids: &[Uuid], levels: &mut Levels) -> Result<()> {
    let rows: Vec<PortalRow> = group_portal::table.filter(group_portal::group_id.eq_any(ids)).load(conn)?;
    for (group, login, shop, quotes, orders, invoices) in rows {
        if let Some(level) = levels.get_mut(&group) {
            let openness = |name: Option<String>| name.as_deref().and_then(Openness::from_name);
            level.portal = OwnPortal { login, shop: openness(shop), quotes, orders, invoices: openness(invoices) };
        }
    }
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = group_payment_terms)]
struct TermsRow {
    group_id: Uuid,
    methods: Option<Vec<Option<String>>>,
    net_days: Option<i32>,
    credit_limit: Option<i64>,
    auto_approve_under: Option<i64>,
    require_po: Option<bool>,
    early_percent: Option<Decimal>,
    early_days: Option<i32>,
    explicit_none: Vec<Option<String>>,
}

impl TermsRow {
    fn into_own(self) -> OwnTerms {
        let none = |field: &str| self.explicit_none.iter().flatten().any(|name| name == field);
        let early = self.early_percent.zip(self.early_days).map(|(percent, days)| EarlyPayment { percent, days });
        OwnTerms {
            net_days: Setting::from_columns(self.net_days, none("net_days")),
            credit_limit: Setting::from_columns(self.credit_limit, none("credit_limit")),
            auto_approve_under: Setting::from_columns(self.auto_approve_under, none("auto_approve_under")),
            early_payment: Setting::from_columns(early, none("early_payment")),
            require_po: self.require_po,
            methods: self.methods.map(|names| {
                let mut methods: Vec<_> = names.iter().flatten().filter_map(|n| PaymentMethod::from_name(n)).collect();
                methods.sort_unstable();
                methods
            }),
        }
    }
}

fn load_terms(conn: &mut PgConnection, ids: &[Uuid], levels: &mut Levels) -> Result<()> {
    let rows: Vec<TermsRow> = group_payment_terms::table
        .filter(group_payment_terms::group_id.eq_any(ids))
        .select(TermsRow::as_select())
        .load(conn)?;
    for row in rows {
        if let Some(level) = levels.get_mut(&row.group_id) {
            level.terms = row.into_own();
        }
    }
    Ok(())
}

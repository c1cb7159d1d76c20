//! Own settings are written: only the sections that differ.

pub mod known;
pub mod shelves;

use super::patch::{Patch, ScopeChoice};
use crate::error::{Error, Result};
use crate::inheritance::level::Level;
use crate::inheritance::own::{
    Access, Adjustment, AssignedList, Openness, OwnPortal, OwnPricing, OwnTerms, PaymentMethod, Scope, Setting,
};
use crate::schema::{
    group_payment_terms, group_portal, group_price_lists, group_pricing, group_pricing_categories,
    group_pricing_products, group_visibility, group_visibility_groups, group_visibility_products, groups,
};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as Fault};
use uuid::Uuid;

/// Writes what differs between two states of a group; product sets that the patch names are replaced.
pub fn replace(conn: &mut PgConnection, before: &Level, after: &Level, patch: &Patch) -> Result<()> {
    let id = after.id;
    if before.pricing != after.pricing {
        pricing(conn, id, &after.pricing)?;
    }
    if let Some(ScopeChoice::Products(Some(ids))) = &patch.scope {
        scope_products(conn, id, ids)?;
    }
    if before.pricing.lists != after.pricing.lists {
        lists(conn, id, &after.pricing.lists)?;
    }
    if before.visibility.access != after.visibility.access {
        access(conn, id, after.visibility.access.as_ref())?;
    }
    for (mode, ids) in [("included", &patch.included), ("excluded", &patch.excluded)] {
        if let Some(ids) = ids {
            visible_products(conn, id, mode, ids)?;
        }
    }
    if before.portal != after.portal {
        portal(conn, id, &after.portal)?;
    }
    if before.terms != after.terms {
        terms(conn, id, &after.terms)?;
    }
    if before.inherit != after.inherit {
        diesel::update(groups::table.find(id))
            .set((
                groups::inherit_pricing.eq(after.inherit.pricing),
                groups::inherit_visibility.eq(after.inherit.visibility),
                groups::inherit_portal.eq(after.inherit.portal),
                groups::inherit_payment_terms.eq(after.inherit.payment_terms),
            ))
            .execute(conn)?;
    }
    Ok(())
}

fn pricing(conn: &mut PgConnection, id: Uuid, own: &OwnPricing) -> Result<()> {
    let (method, percent, amount, adds, scope) = match &own.adjustment {
        Adjustment::Unset => (None, None, None, false, &Scope::All),
        Adjustment::ExplicitNone => (Some("none"), None, None, false, &Scope::All),
        Adjustment::PriceLists => (Some("price_lists"), None, None, false, &Scope::All),
        Adjustment::Percentage { percent, adds, scope } => (Some("percentage"), Some(*percent), None, *adds, scope),
        Adjustment::Fixed { amount, scope } => (Some("fixed"), None, Some(*amount), false, scope),
    };
    let minimum = match &own.minimum_order {
        Setting::Value(minimum) => (minimum.amount, minimum.quantity),
        Setting::Unset | Setting::ExplicitNone => (None, None),
    };
    let row = (
        group_pricing::method.eq(method),
        group_pricing::percent.eq(percent),
        group_pricing::fixed_amount.eq(amount),
        group_pricing::adds_to_inherited.eq(adds),
        group_pricing::scope.eq(match scope {
            Scope::All => "all",
            Scope::Categories(_) => "categories",
            Scope::Products(_) => "products",
        }),
        group_pricing::stack_with_promotions.eq(own.stack_with_promotions),
        group_pricing::minimum_order_amount.eq(minimum.0),
        group_pricing::minimum_order_quantity.eq(minimum.1),
        group_pricing::no_minimum_order.eq(own.minimum_order == Setting::ExplicitNone),
        group_pricing::notes.eq(&own.notes),
    );
    diesel::insert_into(group_pricing::table)
        .values((group_pricing::group_id.eq(id), row))
        .on_conflict(group_pricing::group_id)
        .do_update()
        .set(row)
        .execute(conn)?;
    diesel::delete(group_pricing_categories::table.filter(group_pricing_categories::group_id.eq(id))).execute(conn)?;
    if let Scope::Categories(names) = scope {
        let rows: Vec<_> = names
            .iter()
            .map(|name| (group_pricing_categories::group_id.eq(id), group_pricing_categories::category.eq(name)))
            .collect();
        diesel::insert_into(group_pricing_categories::table).values(rows).execute(conn)?;
    }
    if !matches!(scope, Scope::Products(_)) {
        diesel::delete(group_pricing_products::table.filter(group_pricing_products::group_id.eq(id))).execute(conn)?;
    }
    Ok(())
}

fn scope_products(conn: &mut PgConnection, id: Uuid, ids: &[Uuid]) -> Result<()> {
    diesel::delete(group_pricing_products::table.filter(group_pricing_products::group_id.eq(id))).execute(conn)?;
    let rows: Vec<_> = ids
        .iter()
        .map(|product| (group_pricing_products::group_id.eq(id), group_pricing_products::product_id.eq(product)))
        .collect();
    diesel::insert_into(group_pricing_products::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(conn)
        .map_err(|fault| unknown(fault, "pricing.scope", "One of the products is gone. Choose the products again."))?;
    Ok(())
}

fn lists(conn: &mut PgConnection, id: Uuid, lists: &[AssignedList]) -> Result<()> {
    diesel::delete(group_price_lists::table.filter(group_price_lists::group_id.eq(id))).execute(conn)?;
    let rows: Vec<_> = lists
        .iter()
        .map(|list| {
            (
                group_price_lists::group_id.eq(id),
                group_price_lists::price_list_id.eq(list.id),
                group_price_lists::priority.eq(list.priority),
            )
        })
        .collect();
    diesel::insert_into(group_price_lists::table)
        .values(rows)
        .execute(conn)
        .map_err(|fault| unknown(fault, "pricing.priceLists", "One of the lists is gone. Choose the lists again."))?;
    Ok(())
}

fn access(conn: &mut PgConnection, id: Uuid, access: Option<&Access>) -> Result<()> {
    let name = access.map(|access| match access {
        Access::All => "all",
        Access::VisibilityGroups(_) => "visibility_groups",
        Access::ChosenProducts => "products",
    });
    diesel::insert_into(group_visibility::table)
        .values((group_visibility::group_id.eq(id), group_visibility::access.eq(name)))
        .on_conflict(group_visibility::group_id)
        .do_update()
        .set(group_visibility::access.eq(name))
        .execute(conn)?;
    diesel::delete(group_visibility_groups::table.filter(group_visibility_groups::group_id.eq(id))).execute(conn)?;
    if let Some(Access::VisibilityGroups(sets)) = access {
        let rows: Vec<_> = sets
            .iter()
            .map(|set| {
                (group_visibility_groups::group_id.eq(id), group_visibility_groups::visibility_group_id.eq(set.id))
            })
            .collect();
        diesel::insert_into(group_visibility_groups::table)
            .values(rows)
            .on_conflict_do_nothing()
            .execute(conn)
            .map_err(|fault| {
                unknown(
                    fault,
                    "visibility.visibilityGroups",
                    "One of the visibility groups is gone. Choose them again.",
                )
            })?;
    }
    Ok(())
}

fn visible_products(conn: &mut PgConnection, id: Uuid, mode: &str, ids: &[Uuid]) -> Result<()> {
    use group_visibility_products::dsl;
    diesel::insert_into(group_visibility::table)
        .values(group_visibility::group_id.eq(id))
        .on_conflict_do_nothing()
        .execute(conn)?;
    diesel::delete(dsl::group_visibility_products.filter(dsl::group_id.eq(id)).filter(dsl::mode.eq(mode)))
        .execute(conn)?;
    let rows: Vec<_> =
        ids.iter().map(|product| (dsl::group_id.eq(id), dsl::product_id.eq(product), dsl::mode.eq(mode))).collect();
    diesel::insert_into(dsl::group_visibility_products)
        .values(rows)
        .on_conflict((dsl::group_id, dsl::product_id))
        .do_update()
        .set(dsl::mode.eq(mode))
        .execute(conn)
        .map_err(|fault| {
            unknown(fault, &format!("visibility.{mode}"), "One of the products is gone. Choose the products again.")
        })?;
    Ok(())
}

fn portal(conn: &mut PgConnection, id: Uuid, own: &OwnPortal) -> Result<()> {
    let row = (
        group_portal::login.eq(own.login),
        group_portal::shop.eq(own.shop.map(Openness::name)),
        group_portal::quotes.eq(own.quotes),
        group_portal::orders.eq(own.orders),
        group_portal::invoices.eq(own.invoices.map(Openness::name)),
    );
    diesel::insert_into(group_portal::table)
        .values((group_portal::group_id.eq(id), row))
        .on_conflict(group_portal::group_id)
        .do_update()
        .set(row)
        .execute(conn)?;
    Ok(())
}

fn terms(conn: &mut PgConnection, id: Uuid, own: &OwnTerms) -> Result<()> {
    let early = value(&own.early_payment);
    let none: Vec<&str> = [
        ("net_days", own.net_days == Setting::ExplicitNone),
        ("credit_limit", own.credit_limit == Setting::ExplicitNone),
        ("auto_approve_under", own.auto_approve_under == Setting::ExplicitNone),
        ("early_payment", own.early_payment == Setting::ExplicitNone),
    ]
    .into_iter()
    .filter_map(|(name, none)| none.then_some(name))
    .collect();
    let methods: Option<Vec<&str>> =
        own.methods.as_ref().map(|methods| methods.iter().copied().map(PaymentMethod::name).collect());
    let row = (
        group_payment_terms::methods.eq(methods),
        group_payment_terms::net_days.eq(value(&own.net_days)),
        group_payment_terms::credit_limit.eq(value(&own.credit_limit)),
        group_payment_terms::auto_approve_under.eq(value(&own.auto_approve_under)),
        group_payment_terms::require_po.eq(own.require_po),
        group_payment_terms::early_percent.eq(early.map(|early| early.percent)),
        group_payment_terms::early_days.eq(early.map(|early| early.days)),
        group_payment_terms::explicit_none.eq(none),
    );
    diesel::insert_into(group_payment_terms::table)
        .values((group_payment_terms::group_id.eq(id), row.clone()))
        .on_conflict(group_payment_terms::group_id)
        .do_update()
        .set(row)
        .execute(conn)?;
    Ok(())
}

fn value<T: Copy>(setting: &Setting<T>) -> Option<T> {
    match setting {
        Setting::Value(value) => Some(*value),
        Setting::Unset | Setting::ExplicitNone => None,
    }
}

/// What was chosen may be deleted before it is saved.
fn unknown(fault: Fault, field: &str, sentence: &str) -> Error {
    match fault {
        Fault::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => Error::field(field, sentence),
        other => other.into(),
    }
}

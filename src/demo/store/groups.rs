//! Groups and their setting sections.

use super::copy_into;
use crate::demo::calendar::Calendar;
use crate::demo::groups::{Group, Key, Method, Settings};
use crate::demo::price_lists::PriceList;
use crate::demo::rules;
use crate::demo::shelves::VisibilityGroup;
use crate::error::Result;
use crate::schema::{
    group_payment_terms, group_portal, group_price_lists, group_pricing, group_pricing_categories, group_visibility,
    group_visibility_groups, groups,
};
use chrono::{DateTime, Months, TimeDelta, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use rust_decimal::Decimal;
use uuid::{Uuid, uuid};

/// All Customers, made by the migration.
const ROOT: Uuid = uuid!("01900000-0000-7000-8000-000000000000");

/// The id of a group.
pub fn id_of(all: &[Group], key: Key) -> Uuid {
    all.iter().find(|group| group.key == key).map_or(ROOT, |group| group.id)
}

fn percent(hundredths: i64) -> Decimal {
    Decimal::new(hundredths, 2)
}

/// Writes the groups, and makes All Customers as old as the shop.
pub fn write_groups(conn: &mut PgConnection, all: &[Group], calendar: &Calendar) -> Result<()> {
    let opened = Calendar::midnight(calendar.today - Months::new(75)) + TimeDelta::hours(10);
    diesel::update(groups::table.find(ROOT))
        .set((groups::created_at.eq(opened), groups::updated_at.eq(opened)))
        .execute(conn)?;
    let rows = all.iter().map(|group| {
        let key = group.key;
        let settings = &group.settings;
        let reviewed: Option<DateTime<Utc>> =
            settings.reviewed_days_ago.map(|days| Calendar::midnight(calendar.days_ago(days)) + TimeDelta::hours(15));
        (
            groups::id.eq(group.id),
            groups::code.eq(key.code()),
            groups::name.eq(key.name()),
            groups::description.eq(settings.description),
            groups::type_.eq(settings.kind),
            groups::parent_id.eq(Some(key.parent().map_or(ROOT, |parent| id_of(all, parent)))),
            groups::capacity.eq(settings.capacity),
            groups::metadata.eq(&settings.metadata),
            groups::rule.eq(rules::rule(key)),
            groups::inherit_visibility.eq(settings.inherit_visibility),
            groups::origin.eq("demo"),
            groups::created_at.eq(group.created_at),
            groups::updated_at.eq(reviewed.unwrap_or(group.created_at).max(group.created_at)),
            groups::last_reviewed_at.eq(reviewed),
            groups::last_reviewed_by.eq(reviewed.map(|_| "Dana Whitfield")),
        )
    });
    copy_into!(conn, groups::table, rows);
    Ok(())
}

/// Writes pricing: methods, scopes, and which price lists are assigned.
pub fn write_group_pricing(conn: &mut PgConnection, all: &[Group], lists: &[PriceList]) -> Result<()> {
    let sections = || all.iter().filter_map(|group| Some((group.id, group.settings.pricing.as_ref()?)));
    let rows = sections().map(|(id, pricing)| {
        let (method, percentage, fixed, adds) = match pricing.method {
            None => (None, None, None, false),
            Some(Method::None) => (Some("none"), None, None, false),
            Some(Method::PriceLists) => (Some("price_lists"), None, None, false),
            Some(Method::Percentage { hundredths, adds }) => {
                (Some("percentage"), Some(percent(hundredths)), None, adds)
            }
            Some(Method::Fixed(amount)) => (Some("fixed"), None, Some(amount), false),
        };
        (
            group_pricing::group_id.eq(id),
            group_pricing::method.eq(method),
            group_pricing::percent.eq(percentage),
            group_pricing::fixed_amount.eq(fixed),
            group_pricing::adds_to_inherited.eq(adds),
            group_pricing::scope.eq(if pricing.categories.is_empty() { "all" } else { "categories" }),
            group_pricing::stack_with_promotions.eq(pricing.stack),
            group_pricing::minimum_order_amount.eq(pricing.minimum_order),
            group_pricing::no_minimum_order.eq(pricing.no_minimum),
            group_pricing::notes.eq(pricing.notes),
        )
    });
    copy_into!(conn, group_pricing::table, rows);
    let rows = sections().flat_map(|(id, pricing)| {
        pricing.categories.iter().map(move |category| {
            (group_pricing_categories::group_id.eq(id), group_pricing_categories::category.eq(*category))
        })
    });
    copy_into!(conn, group_pricing_categories::table, rows);
    let rows = lists.iter().flat_map(|list| {
        list.assigned.iter().map(|(key, priority)| {
            (
                group_price_lists::group_id.eq(id_of(all, *key)),
                group_price_lists::price_list_id.eq(list.id),
                group_price_lists::priority.eq(*priority),
            )
        })
    });
    copy_into!(conn, group_price_lists::table, rows);
    Ok(())
}

/// Writes visibility and portal access. All Customers see Standard Products: what only others show is exclusive.
pub fn write_group_visibility(conn: &mut PgConnection, all: &[Group], shown: &[VisibilityGroup]) -> Result<()> {
    let choices: Vec<_> = all
        .iter()
        .map(|group| (group.id, group.settings.assortments))
        .chain([(ROOT, &[crate::demo::shelves::Assortment::Standard][..])])
        .filter(|(_, assortments)| !assortments.is_empty())
        .collect();
    let rows = choices
        .iter()
        .map(|(id, _)| (group_visibility::group_id.eq(*id), group_visibility::access.eq(Some("visibility_groups"))));
    copy_into!(conn, group_visibility::table, rows);
    let rows = choices.iter().flat_map(|(id, assortments)| {
        shown.iter().filter(|one| assortments.contains(&one.assortment)).map(|one| {
            (group_visibility_groups::group_id.eq(*id), group_visibility_groups::visibility_group_id.eq(one.id))
        })
    });
    copy_into!(conn, group_visibility_groups::table, rows);
    let rows = all.iter().filter_map(|group| {
        let portal = group.settings.portal?;
        Some((
            group_portal::group_id.eq(group.id),
            group_portal::login.eq(portal.login),
            group_portal::shop.eq(portal.shop),
            group_portal::quotes.eq(portal.quotes),
            group_portal::orders.eq(portal.orders),
            group_portal::invoices.eq(portal.invoices),
        ))
    });
    copy_into!(conn, group_portal::table, rows);
    Ok(())
}

/// Writes payment terms.
pub fn write_group_terms(conn: &mut PgConnection, all: &[Group]) -> Result<()> {
    let rows = all.iter().filter_map(|group| {
        let Settings { terms, .. } = &group.settings;
        let terms = (*terms)?;
        let texts = |all: &[&'static str]| all.iter().map(|one| Some(*one)).collect::<Vec<_>>();
        Some((
            group_payment_terms::group_id.eq(group.id),
            group_payment_terms::methods.eq(terms.methods.map(texts)),
            group_payment_terms::net_days.eq(terms.net_days),
            group_payment_terms::credit_limit.eq(terms.credit_limit),
            group_payment_terms::auto_approve_under.eq(terms.auto_approve_under),
            group_payment_terms::require_po.eq(terms.require_po),
            group_payment_terms::early_percent.eq(terms.early.map(|(hundredths, _)| percent(hundredths))),
            group_payment_terms::early_days.eq(terms.early.map(|(_, days)| days)),
            group_payment_terms::explicit_none.eq(texts(terms.explicit_none)),
        ))
    });
    copy_into!(conn, group_payment_terms::table, rows);
    Ok(())
}

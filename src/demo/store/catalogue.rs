//! Products, visibility groups, price lists.

use super::copy_into;
use crate::demo::catalogue::Product;
use crate::demo::price_lists::PriceList;
use crate::demo::shelves::VisibilityGroup;
use crate::error::Result;
use crate::schema::{price_list_entries, price_lists, products, visibility_group_products, visibility_groups};
use diesel::pg::PgConnection;
use diesel::prelude::*;

/// Writes the products.
pub fn write_products(conn: &mut PgConnection, all: &[Product]) -> Result<()> {
    let rows = all.iter().map(|one| {
        (
            products::id.eq(one.id),
            products::sku.eq(&one.sku),
            products::name.eq(&one.name),
            products::category.eq(one.category),
            products::base_price.eq(one.price),
            products::cost.eq(Some(one.cost)),
            products::currency.eq("USD"),
            products::status.eq(if one.until.is_none() { "active" } else { "inactive" }),
            products::created_at.eq(one.created_at),
            products::updated_at.eq(one.created_at),
        )
    });
    copy_into!(conn, products::table, rows);
    Ok(())
}

/// Writes the visibility groups and the products in them.
pub fn write_visibility_groups(conn: &mut PgConnection, all: &[VisibilityGroup], stock: &[Product]) -> Result<()> {
    let rows = all.iter().map(|one| {
        (
            visibility_groups::id.eq(one.id),
            visibility_groups::name.eq(one.assortment.name()),
            visibility_groups::description.eq(one.assortment.description()),
            visibility_groups::created_at.eq(one.created_at),
            visibility_groups::updated_at.eq(one.created_at),
        )
    });
    copy_into!(conn, visibility_groups::table, rows);
    let rows = all.iter().flat_map(|one| {
        stock.iter().filter(|product| one.assortment.holds(product)).map(|product| {
            (
                visibility_group_products::visibility_group_id.eq(one.id),
                visibility_group_products::product_id.eq(product.id),
            )
        })
    });
    copy_into!(conn, visibility_group_products::table, rows);
    Ok(())
}

/// Writes the price lists with their entries.
pub fn write_price_lists(conn: &mut PgConnection, all: &[PriceList], stock: &[Product]) -> Result<()> {
    let rows = all.iter().map(|one| {
        (
            price_lists::id.eq(one.id),
            price_lists::code.eq(&one.code),
            price_lists::name.eq(&one.name),
            price_lists::currency.eq(one.currency),
            price_lists::status.eq(if one.active { "active" } else { "inactive" }),
            price_lists::valid_from.eq(one.window.map(|(from, _)| from)),
            price_lists::valid_to.eq(one.window.map(|(_, to)| to)),
            price_lists::created_at.eq(one.created_at),
            price_lists::updated_at.eq(one.created_at),
        )
    });
    copy_into!(conn, price_lists::table, rows);
    let rows = all.iter().flat_map(|list| {
        list.entries.iter().map(|((product, quantity), price)| {
            (
                price_list_entries::price_list_id.eq(list.id),
                price_list_entries::product_id.eq(stock[*product].id),
                price_list_entries::min_quantity.eq(*quantity),
                price_list_entries::price.eq(*price),
            )
        })
    });
    copy_into!(conn, price_list_entries::table, rows);
    Ok(())
}

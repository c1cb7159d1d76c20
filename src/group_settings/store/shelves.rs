//! The products that a group's settings name one by one: which side of a set a product is on, adding and removing them.

use crate::db::composed::{Composed, sql};
use crate::error::Result;
use crate::group_settings::shelf::Shelf;
use crate::products::choosing::{Chosen, Side};
use crate::products::store::choosing;
use crate::schema::{group_pricing_products, group_visibility_products, products};
use diesel::prelude::*;
use std::collections::HashMap;
use uuid::Uuid;

/// Which of a set's products are on a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Own and inherited.
    #[default]
    Any,
    /// Those that the group names itself.
    Own,
    /// Those that it only inherits.
    Inherited,
}

/// The condition that one of `groups` names product `p` in a set.
fn named(shelf: Shelf, groups: &[Uuid]) -> Composed {
    let there = match shelf {
        Shelf::Included => {
            "EXISTS (SELECT FROM group_visibility_products v
                     WHERE v.product_id = p.id AND v.mode = 'included' AND v.group_id = ANY ("
        }
        Shelf::Excluded => {
            "EXISTS (SELECT FROM group_visibility_products v
                     WHERE v.product_id = p.id AND v.mode = 'excluded' AND v.group_id = ANY ("
        }
        Shelf::Discounted => {
            "EXISTS (SELECT FROM group_pricing_products v WHERE v.product_id = p.id AND v.group_id = ANY ("
        }
    };
    sql(there).ids(groups).sql("::uuid[]))")
}

/// The condition that product `p` is on a side of a group's own set.
pub fn on(shelf: Shelf, side: Side, group: Uuid) -> Composed {
    match side {
        Side::In => named(shelf, &[group]),
        Side::Out => sql("NOT ").then(named(shelf, &[group])),
    }
}

/// The condition that product `p` is in a set of `chain`, the group itself first.
pub fn within(shelf: Shelf, chain: &[Uuid], origin: Origin) -> Composed {
    let (own, above) = chain.split_at(chain.len().min(1));
    match origin {
        Origin::Any => named(shelf, chain),
        Origin::Own => named(shelf, own),
        Origin::Inherited => named(shelf, above).sql(" AND NOT ").then(named(shelf, own)),
    }
}

/// Which of `groups` name the products `ids` in a set, by product.
pub fn sources(
    conn: &mut PgConnection,
    shelf: Shelf,
    ids: &[Uuid],
    groups: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    let rows: Vec<(Uuid, Uuid)> = match mode(shelf) {
        Some(mode) => group_visibility_products::table
            .filter(group_visibility_products::product_id.eq_any(ids))
            .filter(group_visibility_products::group_id.eq_any(groups))
            .filter(group_visibility_products::mode.eq(mode))
            .select((group_visibility_products::product_id, group_visibility_products::group_id))
            .load(conn)?,
        None => group_pricing_products::table
            .filter(group_pricing_products::product_id.eq_any(ids))
            .filter(group_pricing_products::group_id.eq_any(groups))
            .select((group_pricing_products::product_id, group_pricing_products::group_id))
            .load(conn)?,
    };
    let mut found: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for (product, group) in rows {
        found.entry(product).or_default().push(group);
    }
    Ok(found)
}

fn mode(shelf: Shelf) -> Option<&'static str> {
    match shelf {
        Shelf::Included => Some("included"),
        Shelf::Excluded => Some("excluded"),
        Shelf::Discounted => None,
    }
}

/// Adds products to a group's set. A product that was included is excluded instead, and the other way round. How many
/// came.
pub fn add(conn: &mut PgConnection, shelf: Shelf, group: Uuid, chosen: &Chosen) -> Result<usize> {
    let (section, insert, conflict) = match shelf {
        Shelf::Included => (
            "INSERT INTO group_visibility (group_id) VALUES (",
            "::uuid, p.id, 'included' FROM products p WHERE ",
            " ON CONFLICT (group_id, product_id) DO UPDATE SET mode = 'included' WHERE group_visibility_products.mode <> 'included'",
        ),
        Shelf::Excluded => (
            "INSERT INTO group_visibility (group_id) VALUES (",
            "::uuid, p.id, 'excluded' FROM products p WHERE ",
            " ON CONFLICT (group_id, product_id) DO UPDATE SET mode = 'excluded' WHERE group_visibility_products.mode <> 'excluded'",
        ),
        Shelf::Discounted => (
            "INSERT INTO group_pricing (group_id) VALUES (",
            "::uuid, p.id FROM products p WHERE ",
            " ON CONFLICT DO NOTHING",
        ),
    };
    sql(section).id(group).sql("::uuid) ON CONFLICT DO NOTHING").execute(conn)?;
    let into = match shelf {
        Shelf::Included | Shelf::Excluded => {
            "INSERT INTO group_visibility_products (group_id, product_id, mode) SELECT "
        }
        Shelf::Discounted => "INSERT INTO group_pricing_products (group_id, product_id) SELECT ",
    };
    Ok(sql(into).id(group).sql(insert).then(choosing::among(chosen)).sql(conflict).execute(conn)?)
}

/// Removes products from a group's set. How many went.
pub fn remove(conn: &mut PgConnection, shelf: Shelf, group: Uuid, chosen: &Chosen) -> Result<usize> {
    let from = match shelf {
        Shelf::Included => {
            "DELETE FROM group_visibility_products d USING products p
             WHERE p.id = d.product_id AND d.mode = 'included' AND d.group_id = "
        }
        Shelf::Excluded => {
            "DELETE FROM group_visibility_products d USING products p
             WHERE p.id = d.product_id AND d.mode = 'excluded' AND d.group_id = "
        }
        Shelf::Discounted => {
            "DELETE FROM group_pricing_products d USING products p WHERE p.id = d.product_id AND d.group_id = "
        }
    };
    Ok(sql(from).id(group).sql("::uuid AND ").then(choosing::among(chosen)).execute(conn)?)
}

/// The SKUs of up to `limit` of the chosen products, for the log.
pub fn skus(conn: &mut PgConnection, ids: &[Uuid], limit: i64) -> Result<Vec<String>> {
    Ok(products::table
        .filter(products::id.eq_any(ids))
        .select(products::sku)
        .order(products::sku)
        .limit(limit)
        .load(conn)?)
}

//! What a form can name: price lists and visibility groups that there are.

use crate::db::functions::lower;
use crate::error::Result;
use crate::inheritance::own::{AssignedList, NamedSet};
use crate::inheritance::store::assignable_lists;
use crate::pricing::store as pricing;
use crate::schema::{products, visibility_group_products, visibility_groups};
use diesel::dsl::count_star;
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The visibility groups `ids`.
pub fn visibility_groups(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<NamedSet>> {
    let rows: Vec<(Uuid, String)> = visibility_groups::table
        .filter(visibility_groups::id.eq_any(ids))
        .select((visibility_groups::id, visibility_groups::name))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, name)| NamedSet { id, name }).collect())
}

/// A visibility group that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choosable {
    /// The visibility group.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// How many products it has.
    pub products: i64,
}

/// The first `limit` visibility groups by name, and those of `chosen` besides.
pub fn choosable(conn: &mut PgConnection, chosen: &[Uuid], limit: i64) -> Result<Vec<Choosable>> {
    let first = visibility_groups::table.order(visibility_groups::name).limit(limit).select(visibility_groups::id);
    let mut ids: Vec<Uuid> = first.load(conn)?;
    ids.extend_from_slice(chosen);
    let counts: Vec<(Uuid, i64)> = visibility_group_products::table
        .filter(visibility_group_products::visibility_group_id.eq_any(&ids))
        .group_by(visibility_group_products::visibility_group_id)
        .select((visibility_group_products::visibility_group_id, count_star()))
        .load(conn)?;
    let mut found: Vec<Choosable> = visibility_groups(conn, &ids)?
        .into_iter()
        .map(|NamedSet { id, name }| {
            let products = counts.iter().find(|(set, _)| *set == id).map_or(0, |(_, count)| *count);
            Choosable { id, name, products }
        })
        .collect();
    found.sort_by_key(|one| one.name.to_lowercase());
    Ok(found)
}

/// The products with these exact SKUs, by SKU.
pub fn products(conn: &mut PgConnection, skus: &[String]) -> Result<HashMap<String, Uuid>> {
    let skus: Vec<&String> = skus.iter().filter(|sku| !sku.contains('\0')).collect();
    let rows: Vec<(String, Uuid)> =
        products::table.filter(products::sku.eq_any(skus)).select((products::sku, products::id)).load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Those of `names` that are categories of products.
pub fn categories(conn: &mut PgConnection, names: &[String]) -> Result<HashSet<String>> {
    let names: Vec<&String> = names.iter().filter(|name| !name.contains('\0')).collect();
    let found: Vec<String> =
        products::table.filter(products::category.eq_any(names)).select(products::category).distinct().load(conn)?;
    Ok(found.into_iter().collect())
}

/// A list by its id or exact code, as if assigned with priority 0.
pub fn list(conn: &mut PgConnection, id_or_code: &str) -> Result<Option<AssignedList>> {
    match pricing::find(conn, id_or_code)? {
        Some((id, _)) => Ok(assignable_lists(conn, &[id], 0)?.pop()),
        None => Ok(None),
    }
}

/// A visibility group by its id or its name, in any case.
pub fn visibility_group(conn: &mut PgConnection, id_or_name: &str) -> Result<Option<NamedSet>> {
    if id_or_name.contains('\0') {
        return Ok(None);
    }
    if let Ok(id) = Uuid::try_parse(id_or_name) {
        return Ok(visibility_groups(conn, &[id])?.pop());
    }
    let row: Option<(Uuid, String)> = visibility_groups::table
        .filter(lower(visibility_groups::name).eq(id_or_name.to_lowercase()))
        .select((visibility_groups::id, visibility_groups::name))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, name)| NamedSet { id, name }))
}

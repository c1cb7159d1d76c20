//! Which products the settings of groups show, from the database.

use super::sight::Shown;
use crate::error::Result;
use crate::schema::{group_visibility_products, visibility_group_products};
use diesel::prelude::*;
use std::collections::HashMap;
use uuid::Uuid;

/// What `sets` (visibility groups) and `groups` say of the products `ids`, by product. Those of which nothing is said are
/// left out.
pub fn shown(
    conn: &mut PgConnection,
    ids: &[Uuid],
    sets: &[Uuid],
    groups: &[Uuid],
) -> Result<HashMap<Uuid, Shown>> {
    let mut found: HashMap<Uuid, Shown> = HashMap::new();
    let rows: Vec<(Uuid, Uuid)> = visibility_group_products::table
        .filter(visibility_group_products::visibility_group_id.eq_any(sets))
        .filter(visibility_group_products::product_id.eq_any(ids))
        .load(conn)?;
    for (set, product) in rows {
        found.entry(product).or_default().sets.push(set);
    }
    let rows: Vec<(Uuid, Uuid, String)> = group_visibility_products::table
        .filter(group_visibility_products::group_id.eq_any(groups))
        .filter(group_visibility_products::product_id.eq_any(ids))
        .load(conn)?;
    for (group, product, mode) in rows {
        let shown = found.entry(product).or_default();
        if mode == "included" { shown.included_by.push(group) } else { shown.excluded_by.push(group) }
    }
    Ok(found)
}

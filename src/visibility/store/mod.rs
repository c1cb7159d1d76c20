//! Which products the settings of groups show, from the database.

use super::sees::Sees;
use super::sight::Shown;
use crate::db::statement::statement;
use crate::error::Result;
use crate::schema::{group_visibility_products, visibility_group_products};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

/// What `sets` (visibility groups) and `groups` say of the products `ids`, by product. Those of which nothing is said are
/// left out.
pub fn shown(conn: &mut PgConnection, ids: &[Uuid], sets: &[Uuid], groups: &[Uuid]) -> Result<HashMap<Uuid, Shown>> {
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

/// How many active products somebody sees, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub struct Seen {
    /// Active products that are seen.
    #[diesel(sql_type = BigInt)]
    pub seen: i64,
    /// All active products.
    #[diesel(sql_type = BigInt)]
    pub active: i64,
}

/// Counts the active products that are seen.
pub fn count(conn: &mut PgConnection, sees: &Sees) -> Result<Seen> {
    Ok(statement(
        "SELECT count(*) FILTER (WHERE NOT EXISTS (
                    SELECT FROM group_visibility_products x
                    WHERE x.product_id = p.id AND x.mode = 'excluded' AND x.group_id = ANY (w.groups)
                ) AND (w.sees_all OR EXISTS (
                    SELECT FROM visibility_group_products s
                    WHERE s.product_id = p.id AND s.visibility_group_id = ANY (w.sets)
                ) OR EXISTS (
                    SELECT FROM group_visibility_products i
                    WHERE i.product_id = p.id AND i.mode = 'included' AND i.group_id = ANY (w.groups)
                ))) AS seen,
                count(*) AS active
         FROM products p, (SELECT ",
    )
    .bind::<Bool, _>(sees.all)
    .sql(" AS sees_all, ")
    .bind::<Array<SqlUuid>, _>(&sees.sets)
    .sql("::uuid[] AS sets, ")
    .bind::<Array<SqlUuid>, _>(&sees.groups)
    .sql("::uuid[] AS groups) w WHERE p.status = 'active'")
    .get_result(conn)?)
}

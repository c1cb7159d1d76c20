//! Which products the settings of groups show, from the database.

use super::sees::Sees;
use super::sight::Shown;
use crate::error::Result;
use crate::schema::{group_visibility_products, products, visibility_group_products};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Text, Uuid as SqlUuid};
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
    Ok(diesel::sql_query(format!(
        "SELECT count(*) FILTER (WHERE {}) AS seen, count(*) AS active FROM products p WHERE p.status = 'active'",
        seen_sql("$1", "$2", "$3"),
    ))
    .bind::<Bool, _>(sees.all)
    .bind::<Array<SqlUuid>, _>(&sees.sets)
    .bind::<Array<SqlUuid>, _>(&sees.groups)
    .get_result(conn)?)
}

/// The SKUs of the first `limit` active products that are seen, after this one.
pub fn skus_seen(conn: &mut PgConnection, sees: &Sees, after: Option<&str>, limit: i64) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Sku {
        #[diesel(sql_type = Text)]
        sku: String,
    }
    let rows: Vec<Sku> = diesel::sql_query(format!(
        "SELECT p.sku FROM products p WHERE p.status = 'active' AND p.sku > $4 AND {} ORDER BY p.sku LIMIT $5",
        seen_sql("$1", "$2", "$3"),
    ))
    .bind::<Bool, _>(sees.all)
    .bind::<Array<SqlUuid>, _>(&sees.sets)
    .bind::<Array<SqlUuid>, _>(&sees.groups)
    .bind::<Text, _>(after.unwrap_or_default())
    .bind::<BigInt, _>(limit)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| row.sku).collect())
}

/// How many active products `sees` shows that `others` doesn't.
pub fn exclusive(conn: &mut PgConnection, sees: &Sees, others: &Sees) -> Result<i64> {
    let row: Number = diesel::sql_query(format!(
        "SELECT count(*) AS number FROM products p WHERE p.status = 'active' AND {} AND NOT {}",
        seen_sql("$1", "$2", "$3"),
        seen_sql("$4", "$5", "$6"),
    ))
    .bind::<Bool, _>(sees.all)
    .bind::<Array<SqlUuid>, _>(&sees.sets)
    .bind::<Array<SqlUuid>, _>(&sees.groups)
    .bind::<Bool, _>(others.all)
    .bind::<Array<SqlUuid>, _>(&others.sets)
    .bind::<Array<SqlUuid>, _>(&others.groups)
    .get_result(conn)?;
    Ok(row.number)
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The condition that product `p` is seen, with the places of the three values of a [`Sees`].
fn seen_sql(all: &str, sets: &str, groups: &str) -> String {
    format!(
        "(NOT EXISTS (
              SELECT FROM group_visibility_products x
              WHERE x.product_id = p.id AND x.mode = 'excluded' AND x.group_id = ANY ({groups})
          ) AND ({all} OR EXISTS (
              SELECT FROM visibility_group_products s WHERE s.product_id = p.id AND s.visibility_group_id = ANY ({sets})
          ) OR EXISTS (
              SELECT FROM group_visibility_products i
              WHERE i.product_id = p.id AND i.mode = 'included' AND i.group_id = ANY ({groups})
          )))"
    )
}

/// The first `limit` SKUs that one of `groups` includes or excludes (`mode`) one by one, by SKU.
pub fn skus(conn: &mut PgConnection, groups: &[Uuid], mode: &str, limit: i64) -> Result<Vec<String>> {
    Ok(group_visibility_products::table
        .inner_join(products::table)
        .filter(group_visibility_products::group_id.eq_any(groups))
        .filter(group_visibility_products::mode.eq(mode))
        .select(products::sku)
        .distinct()
        .order(products::sku)
        .limit(limit)
        .load(conn)?)
}

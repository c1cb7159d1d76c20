//! Which products the settings of groups show, from the database.

use super::sees::Sees;
use super::sight::Shown;
use crate::db::composed::{Composed, sql};
use crate::error::Result;
use crate::schema::{group_visibility_products, products, visibility_group_products};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
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
    Ok(sql("SELECT count(*) FILTER (WHERE ")
        .then(seen(sees))
        .sql(") AS seen, count(*) AS active FROM products p WHERE p.status = 'active'")
        .get_result(conn)?)
}

/// A text that is the same for two conditions exactly where they show the same active products.
pub fn mark(conn: &mut PgConnection, sees: &Sees) -> Result<String> {
    #[derive(QueryableByName)]
    struct Mark {
        #[diesel(sql_type = Text)]
        mark: String,
    }
    let row: Mark = sql("SELECT md5(coalesce(string_agg(p.id::text, ',' ORDER BY p.id), '')) AS mark
         FROM products p WHERE p.status = 'active' AND ")
    .then(seen(sees))
    .get_result(conn)?;
    Ok(row.mark)
}

/// The SKUs of the first `limit` active products that are seen, after this one.
pub fn skus_seen(conn: &mut PgConnection, sees: &Sees, after: Option<&str>, limit: i64) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Sku {
        #[diesel(sql_type = Text)]
        sku: String,
    }
    let rows: Vec<Sku> = sql("SELECT p.sku FROM products p WHERE p.status = 'active' AND p.sku > ")
        .text(after.unwrap_or_default())
        .sql(" AND ")
        .then(seen(sees))
        .sql(" ORDER BY p.sku LIMIT ")
        .number(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(|row| row.sku).collect())
}

/// How many active products `sees` shows that `others` doesn't.
pub fn exclusive_count(conn: &mut PgConnection, sees: &Sees, others: &Sees) -> Result<i64> {
    let row: Number =
        sql("SELECT count(*) AS number FROM products p WHERE ").then(exclusive(sees, others)).get_result(conn)?;
    Ok(row.number)
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The condition that product `p` is active and isn't seen (SPEC 6, "hidden products").
pub fn hidden(sees: &Sees) -> Composed {
    sql("p.status = 'active' AND NOT ").then(seen(sees))
}

/// The condition that product `p` is active and that `sees` shows it and `others` doesn't (SPEC 6, "exclusive").
pub fn exclusive(sees: &Sees, others: &Sees) -> Composed {
    sql("p.status = 'active' AND ").then(seen(sees)).sql(" AND NOT ").then(seen(others))
}

/// The condition that product `p` is seen.
fn seen(sees: &Sees) -> Composed {
    let by_groups = |what: &'static str| sql(what).ids(sees.groups.as_slice()).sql("::uuid[]))");
    sql("(NOT ")
        .then(by_groups(
            "EXISTS (SELECT FROM group_visibility_products x
                     WHERE x.product_id = p.id AND x.mode = 'excluded' AND x.group_id = ANY (",
        ))
        .sql(" AND (")
        .flag(sees.all)
        .sql("::boolean OR EXISTS (SELECT FROM visibility_group_products s WHERE s.product_id = p.id AND s.visibility_group_id = ANY (")
        .ids(sees.sets.as_slice())
        .sql("::uuid[])) OR ")
        .then(by_groups(
            "EXISTS (SELECT FROM group_visibility_products i
                     WHERE i.product_id = p.id AND i.mode = 'included' AND i.group_id = ANY (",
        ))
        .sql("))")
}

/// The first `limit` SKUs that `groups` include or exclude (`mode`) one by one, by SKU, each with the group whose choice it is.
pub fn skus(conn: &mut PgConnection, groups: &[Uuid], mode: &str, limit: i64) -> Result<Vec<(String, Uuid)>> {
    Ok(group_visibility_products::table
        .inner_join(products::table)
        .filter(group_visibility_products::group_id.eq_any(groups))
        .filter(group_visibility_products::mode.eq(mode))
        .select((products::sku, group_visibility_products::group_id))
        .order((products::sku, group_visibility_products::group_id))
        .limit(limit)
        .load(conn)?)
}

//! The products in a visibility group, and those not in it: pages, counts, and adding and removing them as a set.

use crate::db::keyset::{Page, Place, one_more};
use crate::db::sorting::Sorting;
use crate::error::Result;
use crate::groups::store::naming::escape_like;
use crate::products::store::Product;
use crate::visibility_groups::set::Chosen;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

/// Which products are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Those in the visibility group.
    In,
    /// Those that aren't.
    Out,
}

impl Side {
    /// The condition on `p`, with the visibility group as `$1`.
    fn sql(self) -> &'static str {
        match self {
            Self::In => {
                "EXISTS (SELECT FROM visibility_group_products v WHERE v.visibility_group_id = $1 AND v.product_id = p.id)"
            }
            Self::Out => {
                "NOT EXISTS (SELECT FROM visibility_group_products v WHERE v.visibility_group_id = $1 AND v.product_id = p.id)"
            }
        }
    }
}

/// A search of products.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Part of a name or SKU, as typed.
    pub text: String,
    /// Only this category.
    pub category: Option<String>,
}

impl Search {
    fn pattern(&self) -> Option<String> {
        Some(escape_like(&self.text.to_lowercase())).filter(|text| !text.is_empty())
    }
}

/// What of `p` matches a search: its text is `$2`, its category `$3`.
const MATCHES: &str =
    "($2::text IS NULL OR p.search LIKE '%' || $2::text || '%') AND ($3::text IS NULL OR p.category = $3::text)";

/// Products on one side that match, by SKU. Planned anew at every call, as which index is best depends on the set.
pub fn page(
    conn: &mut PgConnection,
    set: Uuid,
    side: Side,
    search: &Search,
    place: &Place<(String, Uuid)>,
    limit: usize,
) -> Result<Page<Product>> {
    let sorting = Sorting { by: "p.sku", kind: "text", id: "p.id", descending: false, place };
    let (key, id) = sorting.key();
    // The sorting's own parameters come first.
    let shifted = |sql: &str| sql.replace("$3", "$6").replace("$2", "$5").replace("$1", "$4");
    let rows = sql_query(format!(
        "SELECT p.* FROM products p WHERE {} AND {} AND {} {} LIMIT $3",
        shifted(side.sql()),
        shifted(MATCHES),
        sorting.after(),
        sorting.order()
    ))
    .bind::<Nullable<Text>, _>(key)
    .bind::<Nullable<SqlUuid>, _>(id)
    .bind::<BigInt, _>(one_more(limit))
    .bind::<SqlUuid, _>(set)
    .bind::<Nullable<Text>, _>(search.pattern())
    .bind::<Nullable<Text>, _>(search.category.as_deref())
    .load(conn)?;
    Ok(Page::of(rows, place, limit))
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many products on one side match.
pub fn count(conn: &mut PgConnection, set: Uuid, side: Side, search: &Search) -> Result<i64> {
    let sql = format!("SELECT count(*) AS count FROM products p WHERE {} AND {MATCHES}", side.sql());
    let found: Count = sql_query(sql)
        .bind::<SqlUuid, _>(set)
        .bind::<Nullable<Text>, _>(search.pattern())
        .bind::<Nullable<Text>, _>(search.category.as_deref())
        .get_result(conn)?;
    Ok(found.count)
}

/// Adds products; those that are in it already stay. How many came.
pub fn add(conn: &mut PgConnection, set: Uuid, chosen: &Chosen) -> Result<usize> {
    Ok(match chosen {
        Chosen::Some(ids) => sql_query(
            "INSERT INTO visibility_group_products (visibility_group_id, product_id)
             SELECT $1, p.id FROM products p WHERE p.id = ANY ($2) ON CONFLICT DO NOTHING",
        )
        .bind::<SqlUuid, _>(set)
        .bind::<Array<SqlUuid>, _>(ids)
        .execute(conn)?,
        Chosen::Matching { text, category, .. } => {
            let search = Search { text: text.clone(), category: category.clone() };
            sql_query(format!(
                "INSERT INTO visibility_group_products (visibility_group_id, product_id)
                 SELECT $1, p.id FROM products p WHERE {MATCHES} ON CONFLICT DO NOTHING"
            ))
            .bind::<SqlUuid, _>(set)
            .bind::<Nullable<Text>, _>(search.pattern())
            .bind::<Nullable<Text>, _>(search.category.as_deref())
            .execute(conn)?
        }
    })
}

/// Removes products. How many went.
pub fn remove(conn: &mut PgConnection, set: Uuid, chosen: &Chosen) -> Result<usize> {
    Ok(match chosen {
        Chosen::Some(ids) => {
            sql_query("DELETE FROM visibility_group_products WHERE visibility_group_id = $1 AND product_id = ANY ($2)")
                .bind::<SqlUuid, _>(set)
                .bind::<Array<SqlUuid>, _>(ids)
                .execute(conn)?
        }
        Chosen::Matching { text, category, .. } => {
            let search = Search { text: text.clone(), category: category.clone() };
            sql_query(format!(
                "DELETE FROM visibility_group_products d USING products p
                 WHERE d.visibility_group_id = $1 AND p.id = d.product_id AND {MATCHES}"
            ))
            .bind::<SqlUuid, _>(set)
            .bind::<Nullable<Text>, _>(search.pattern())
            .bind::<Nullable<Text>, _>(search.category.as_deref())
            .execute(conn)?
        }
    })
}

/// The version goes up by one, for products that came or went.
pub fn touch(conn: &mut PgConnection, set: Uuid, now: DateTime<Utc>) -> Result<()> {
    sql_query("UPDATE visibility_groups SET version = version + 1, updated_at = $2 WHERE id = $1")
        .bind::<SqlUuid, _>(set)
        .bind::<Timestamptz, _>(now)
        .execute(conn)?;
    Ok(())
}

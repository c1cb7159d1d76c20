//! Products of a set and those that aren't in it: pages and counts, whatever makes the set.

use super::Product;
use crate::db::composed::{Composed, sql};
use crate::db::keyset::{Page, Place, one_more};
use crate::error::{Error, Result};
use crate::groups::store::naming::escape_like;
use crate::money::format_count;
use crate::products::choosing::{Chosen, MOST_NAMED, Search};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use uuid::Uuid;

/// The condition that product `p` matches a search; true for an empty one.
pub fn matching(search: &Search) -> Composed {
    let mut found = sql("true");
    let pattern = escape_like(&search.text.to_lowercase());
    if !pattern.is_empty() {
        found = found.sql(" AND p.search LIKE '%' || ").text(pattern).sql("::text || '%'");
    }
    if let Some(category) = &search.category {
        found = found.sql(" AND p.category = ").text(category.clone()).sql("::text");
    }
    found
}

/// The condition that product `p` is among the chosen ones.
pub fn among(chosen: &Chosen) -> Composed {
    match chosen {
        Chosen::Some(ids) => sql("p.id = ANY (").ids(ids.as_slice()).sql("::uuid[])"),
        Chosen::Matching { search, .. } => matching(search),
    }
}

/// Products of which `condition` holds and which match, by SKU. Planned anew at every call, as which index is best depends
/// on the set.
pub fn page(
    conn: &mut PgConnection,
    condition: Composed,
    search: &Search,
    place: &Place<(String, Uuid)>,
    limit: usize,
) -> Result<Page<Product>> {
    let mut query = sql("SELECT p.* FROM products p WHERE ").then(condition).sql(" AND ").then(matching(search));
    let backwards = place.is_backwards();
    if let Some((sku, id)) = place.key() {
        query = query.sql(if backwards { " AND (p.sku, p.id) < (" } else { " AND (p.sku, p.id) > (" });
        query = query.text(sku.clone()).sql("::text, ").id(*id).sql("::uuid)");
    }
    query =
        query.sql(if backwards { " ORDER BY p.sku DESC, p.id DESC LIMIT " } else { " ORDER BY p.sku, p.id LIMIT " });
    Ok(Page::of(query.number(one_more(limit)).load(conn)?, place, limit))
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many products there are of which `condition` holds and which match.
pub fn count(conn: &mut PgConnection, condition: Composed, search: &Search) -> Result<i64> {
    let query = sql("SELECT count(*) AS count FROM products p WHERE ").then(condition);
    let found: Count = query.sql(" AND ").then(matching(search)).get_result(conn)?;
    Ok(found.count)
}

/// Refuses to change more products than may be named, or others than those that were counted when they were shown.
/// `condition` tells those that the change may be about.
///
/// # Errors
/// [`Error::Stale`] where another number matches by now.
pub fn refuse_others(conn: &mut PgConnection, condition: Composed, chosen: &Chosen) -> Result<()> {
    match chosen {
        Chosen::Some(ids) if ids.len() > MOST_NAMED => Err(Error::field("", "Name at most 10,000 products at a time.")),
        Chosen::Some(_) => Ok(()),
        Chosen::Matching { search, count: shown } => {
            let found = count(conn, condition, search)?;
            if found == *shown {
                return Ok(());
            }
            Err(Error::Stale(format!(
                "{} products match now, not {}. Nothing was changed: look again and repeat it.",
                format_count(found),
                format_count(*shown)
            )))
        }
    }
}

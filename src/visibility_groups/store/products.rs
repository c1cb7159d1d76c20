//! The products in a visibility group, and those not in it: pages, counts, and adding and removing them as a set.

use crate::db::composed::{Composed, sql};
use crate::db::keyset::{Page, Place};
use crate::error::Result;
use crate::products::choosing::{Chosen, Search, Side};
use crate::products::store::{Product, choosing};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

/// The condition that product `p` is on a side of a visibility group.
pub fn on(side: Side, set: Uuid) -> Composed {
    let there = match side {
        Side::In => sql("EXISTS ("),
        Side::Out => sql("NOT EXISTS ("),
    };
    there
        .sql("SELECT FROM visibility_group_products v WHERE v.product_id = p.id AND v.visibility_group_id = ")
        .id(set)
        .sql("::uuid)")
}

/// Products on one side that match, by SKU.
pub fn page(
    conn: &mut PgConnection,
    set: Uuid,
    side: Side,
    search: &Search,
    place: &Place<(String, Uuid)>,
    limit: usize,
) -> Result<Page<Product>> {
    choosing::page(conn, on(side, set), search, place, limit)
}

/// How many products on one side match.
pub fn count(conn: &mut PgConnection, set: Uuid, side: Side, search: &Search) -> Result<i64> {
    choosing::count(conn, on(side, set), search)
}

/// Adds products; those that are in it already stay. How many came.
pub fn add(conn: &mut PgConnection, set: Uuid, chosen: &Chosen) -> Result<usize> {
    Ok(sql("INSERT INTO visibility_group_products (visibility_group_id, product_id) SELECT ")
        .id(set)
        .sql("::uuid, p.id FROM products p WHERE ")
        .then(choosing::among(chosen))
        .sql(" ON CONFLICT DO NOTHING")
        .execute(conn)?)
}

/// Removes products. How many went.
pub fn remove(conn: &mut PgConnection, set: Uuid, chosen: &Chosen) -> Result<usize> {
    Ok(sql("DELETE FROM visibility_group_products d USING products p WHERE p.id = d.product_id AND d.visibility_group_id = ")
        .id(set)
        .sql("::uuid AND ")
        .then(choosing::among(chosen))
        .execute(conn)?)
}

/// The version goes up by one, for products that came or went.
pub fn touch(conn: &mut PgConnection, set: Uuid, now: DateTime<Utc>) -> Result<()> {
    sql_query("UPDATE visibility_groups SET version = version + 1, updated_at = $2 WHERE id = $1")
        .bind::<SqlUuid, _>(set)
        .bind::<Timestamptz, _>(now)
        .execute(conn)?;
    Ok(())
}

//! How many customers are in groups, alone and with everything below them.

use crate::db::statement::statement;
use crate::error::Result;
use crate::schema::groups;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

/// The members of each of these groups.
pub fn own_members(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let rows: Vec<(Uuid, i32)> =
        groups::table.filter(groups::id.eq_any(ids)).select((groups::id, groups::member_count)).load(conn)?;
    Ok(rows.into_iter().map(|(id, count)| (id, i64::from(count))).collect())
}

#[derive(QueryableByName)]
struct Reach {
    #[diesel(sql_type = SqlUuid)]
    top: Uuid,
    #[diesel(sql_type = BigInt)]
    customers: i64,
}

/// Distinct customers in each of some subtrees, each given as its top and its groups.
pub fn distinct_members(conn: &mut PgConnection, subtrees: &[(Uuid, Vec<Uuid>)]) -> Result<HashMap<Uuid, i64>> {
    let (mut tops, mut ids) = (Vec::new(), Vec::new());
    for (top, below) in subtrees {
        tops.extend(below.iter().map(|_| *top));
        ids.extend_from_slice(below);
    }
    let rows: Vec<Reach> = statement("SELECT t.top, count(DISTINCT m.customer_id) AS customers FROM unnest(")
        .bind::<Array<SqlUuid>, _>(&tops)
        .sql(", ")
        .bind::<Array<SqlUuid>, _>(&ids)
        .sql(") AS t (top, id) JOIN memberships m ON m.group_id = t.id GROUP BY t.top")
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.top, row.customers)).collect())
}

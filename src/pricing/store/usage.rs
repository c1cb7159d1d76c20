//! How often groups and lists priced something for a shop, by store day.

use crate::error::Result;
use crate::pricing::usage::Counts;
use crate::schema::{group_price_uses, price_list_uses};
use chrono::NaiveDate;
use diesel::dsl::sum;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Uuid as SqlUuid};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Adds what a node has counted, in one transaction. Groups and lists that are gone by now are left out. Rows are
/// touched in the order of their keys, so that nodes don't wait for each other in a circle.
pub fn add(conn: &mut PgConnection, counts: &Counts) -> Result<()> {
    conn.transaction(|conn| {
        let groups = "INSERT INTO group_price_uses (group_id, day, prices)
             SELECT n.id, n.day, n.prices FROM unnest($1, $2, $3) n (id, day, prices)
             WHERE EXISTS (SELECT FROM groups g WHERE g.id = n.id) ORDER BY n.id, n.day
             ON CONFLICT (group_id, day) DO UPDATE SET prices = group_price_uses.prices + excluded.prices";
        let lists = "INSERT INTO price_list_uses (price_list_id, day, prices)
             SELECT n.id, n.day, n.prices FROM unnest($1, $2, $3) n (id, day, prices)
             WHERE EXISTS (SELECT FROM price_lists l WHERE l.id = n.id) ORDER BY n.id, n.day
             ON CONFLICT (price_list_id, day) DO UPDATE SET prices = price_list_uses.prices + excluded.prices";
        insert(conn, groups, &counts.groups)?;
        insert(conn, lists, &counts.lists)
    })
}

fn insert(conn: &mut PgConnection, statement: &str, counts: &BTreeMap<(Uuid, NaiveDate), i64>) -> Result<()> {
    let (ids, days): (Vec<Uuid>, Vec<NaiveDate>) = counts.keys().copied().unzip();
    diesel::sql_query(statement)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Date>, _>(days)
        .bind::<Array<BigInt>, _>(counts.values().copied().collect::<Vec<_>>())
        .execute(conn)?;
    Ok(())
}

fn whole(sum: Option<Decimal>) -> i64 {
    sum.and_then(|sum| sum.to_i64()).unwrap_or_default()
}

/// How many prices a group's pricing won since a store day.
pub fn of_group(conn: &mut PgConnection, group: Uuid, since: NaiveDate) -> Result<i64> {
    let found =
        group_price_uses::table.filter(group_price_uses::group_id.eq(group)).filter(group_price_uses::day.ge(since));
    Ok(whole(found.select(sum(group_price_uses::prices)).first(conn)?))
}

/// How many prices a list won since a store day.
pub fn of_list(conn: &mut PgConnection, list: Uuid, since: NaiveDate) -> Result<i64> {
    let found =
        price_list_uses::table.filter(price_list_uses::price_list_id.eq(list)).filter(price_list_uses::day.ge(since));
    Ok(whole(found.select(sum(price_list_uses::prices)).first(conn)?))
}

/// Forgets what is older than anybody is told.
pub fn tidy(conn: &mut PgConnection, before: NaiveDate) -> Result<()> {
    diesel::delete(group_price_uses::table.filter(group_price_uses::day.lt(before))).execute(conn)?;
    diesel::delete(price_list_uses::table.filter(price_list_uses::day.lt(before))).execute(conn)?;
    Ok(())
}

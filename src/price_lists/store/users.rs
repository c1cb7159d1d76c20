//! The groups that use a price list, and groups none of whose lists prices anything.

use crate::db::keyset::{Page, Place, one_more};
use crate::db::sorting::Sorting;
use crate::error::Result;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

/// A live group that uses a list.
#[derive(Clone, Debug, QueryableByName)]
pub struct User {
    /// The group.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Its code.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Whether it takes part.
    #[diesel(sql_type = Bool)]
    pub active: bool,
    /// The list's priority in it; lower comes first.
    #[diesel(sql_type = Integer)]
    pub priority: i32,
    /// Its own members.
    #[diesel(sql_type = Integer)]
    pub members: i32,
    #[diesel(sql_type = Text)]
    key: String,
}

impl User {
    /// The row's key in its list.
    pub fn cursor(&self) -> (String, Uuid) {
        (self.key.clone(), self.id)
    }
}

/// The live groups that use a list, by name.
pub fn page(conn: &mut PgConnection, list: Uuid, place: &Place<(String, Uuid)>, limit: usize) -> Result<Page<User>> {
    let sorting = Sorting { by: "lower(g.name)", kind: "text", id: "g.id", descending: false, place };
    let (key, id) = sorting.key();
    let rows = sql_query(format!(
        "SELECT g.id, g.name, g.code, g.status = 'active' AS active, a.priority, g.member_count AS members,
                lower(g.name) AS key
         FROM group_price_lists a JOIN groups g ON g.id = a.group_id AND g.deleted_at IS NULL
         WHERE a.price_list_id = $4 AND {}
         {} LIMIT $3",
        sorting.after(),
        sorting.order()
    ))
    .bind::<Nullable<Text>, _>(key)
    .bind::<Nullable<SqlUuid>, _>(id)
    .bind::<BigInt, _>(one_more(limit))
    .bind::<SqlUuid, _>(list)
    .load(conn)?;
    Ok(Page::of(rows, place, limit))
}

/// A group that uses one of several lists.
#[derive(Clone, Debug, QueryableByName)]
pub struct UsedBy {
    /// The list.
    #[diesel(sql_type = SqlUuid)]
    pub list: Uuid,
    /// The group.
    #[diesel(sql_type = SqlUuid)]
    pub group: Uuid,
    /// Its code.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Whether it takes part.
    #[diesel(sql_type = Bool)]
    pub active: bool,
    /// The list's priority in it.
    #[diesel(sql_type = Integer)]
    pub priority: i32,
}

/// The first `limit` live groups by name that use each of these lists.
pub fn used_by(conn: &mut PgConnection, lists: &[Uuid], limit: i64) -> Result<Vec<UsedBy>> {
    Ok(sql_query(
        "SELECT l.id AS list, g.id AS \"group\", g.code, g.name, g.active, g.priority
         FROM unnest($1) AS l(id), LATERAL (
             SELECT g.id, g.code, g.name, g.status = 'active' AS active, a.priority
             FROM group_price_lists a JOIN groups g ON g.id = a.group_id
             WHERE a.price_list_id = l.id AND g.deleted_at IS NULL ORDER BY lower(g.name), g.id LIMIT $2
         ) g ORDER BY l.id, lower(g.name), g.id",
    )
    .bind::<Array<SqlUuid>, _>(lists)
    .bind::<BigInt, _>(limit)
    .load(conn)?)
}

/// Of these groups, those that have lists and none of them prices anything on a day.
pub fn idle(conn: &mut PgConnection, groups: &[Uuid], day: NaiveDate) -> Result<Vec<Uuid>> {
    use crate::schema::{group_price_lists, price_lists};
    let holds = price_lists::status
        .eq("active")
        .and(price_lists::valid_from.is_null().or(price_lists::valid_from.le(day).assume_not_null()))
        .and(price_lists::valid_to.is_null().or(price_lists::valid_to.ge(day).assume_not_null()));
    let busy: Vec<Uuid> = group_price_lists::table
        .inner_join(price_lists::table)
        .filter(group_price_lists::group_id.eq_any(groups))
        .filter(holds)
        .select(group_price_lists::group_id)
        .distinct()
        .load(conn)?;
    Ok(groups.iter().copied().filter(|group| !busy.contains(group)).collect())
}

/// How many use a list, and whom that reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub struct Use {
    /// Live groups.
    #[diesel(sql_type = BigInt)]
    pub groups: i64,
    /// Distinct members of these groups.
    #[diesel(sql_type = BigInt)]
    pub members: i64,
}

/// Counts who uses a list.
pub fn count(conn: &mut PgConnection, list: Uuid) -> Result<Use> {
    Ok(sql_query(
        "WITH affected AS (
             SELECT g.id FROM group_price_lists a JOIN groups g ON g.id = a.group_id
             WHERE a.price_list_id = $1 AND g.deleted_at IS NULL
         )
         SELECT (SELECT count(*) FROM affected) AS groups,
                (SELECT count(DISTINCT customer_id) FROM memberships WHERE group_id IN (SELECT id FROM affected)) AS members",
    )
    .bind::<SqlUuid, _>(list)
    .get_result(conn)?)
}

/// How many live groups use a list.
pub fn groups(conn: &mut PgConnection, list: Uuid) -> Result<i64> {
    use crate::schema::{group_price_lists, groups};
    Ok(group_price_lists::table
        .inner_join(groups::table)
        .filter(group_price_lists::price_list_id.eq(list))
        .filter(groups::deleted_at.is_null())
        .count()
        .get_result(conn)?)
}

#[derive(QueryableByName)]
struct Idle {
    #[diesel(sql_type = SqlUuid)]
    list: Uuid,
    #[diesel(sql_type = BigInt)]
    groups: i64,
}

/// For each of these lists, how many of the live groups that use it have no list that prices anything on a day.
pub fn without_force(conn: &mut PgConnection, lists: &[Uuid], day: NaiveDate) -> Result<HashMap<Uuid, i64>> {
    let rows: Vec<Idle> = sql_query(
        "SELECT a.price_list_id AS list, count(*) AS groups
         FROM group_price_lists a JOIN groups g ON g.id = a.group_id AND g.deleted_at IS NULL
         WHERE a.price_list_id = ANY ($1) AND NOT EXISTS (
             SELECT FROM group_price_lists b JOIN price_lists l ON l.id = b.price_list_id
             WHERE b.group_id = a.group_id AND l.status = 'active'
               AND coalesce(l.valid_from <= $2, true) AND coalesce(l.valid_to >= $2, true)
         )
         GROUP BY a.price_list_id",
    )
    .bind::<Array<SqlUuid>, _>(lists)
    .bind::<Date, _>(day)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.list, row.groups)).collect())
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Locks the groups that use a list, whose versions go up by one as it goes. The first `limit` names of live ones.
pub fn touch(conn: &mut PgConnection, list: Uuid, limit: i64, now: DateTime<Utc>) -> Result<Vec<String>> {
    let names: Vec<Name> = sql_query(
        "SELECT g.name FROM group_price_lists a JOIN groups g ON g.id = a.group_id
         WHERE a.price_list_id = $1 AND g.deleted_at IS NULL ORDER BY lower(g.name), g.id LIMIT $2",
    )
    .bind::<SqlUuid, _>(list)
    .bind::<BigInt, _>(limit)
    .load(conn)?;
    sql_query(
        "WITH affected AS (
             SELECT g.id FROM groups g WHERE g.id IN (SELECT group_id FROM group_price_lists WHERE price_list_id = $1)
             ORDER BY g.id FOR NO KEY UPDATE
         )
         UPDATE groups g SET version = g.version + 1, updated_at = $2 FROM affected u WHERE g.id = u.id",
    )
    .bind::<SqlUuid, _>(list)
    .bind::<Timestamptz, _>(now)
    .execute(conn)?;
    Ok(names.into_iter().map(|row| row.name).collect())
}

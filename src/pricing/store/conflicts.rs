//! What in lists and groups gets in each other's way (SPEC 9, "pricing conflicts"): found in the database, page by page.

use crate::db::composed::{Composed, sql};
use crate::error::Result;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// How many prices are looked at for one page of those below cost: a list of millions is looked through step by step.
pub const LOOKED_AT: i64 = 100_000;

/// A group with a list, or some, that are not as they were meant.
#[derive(Clone, Debug, QueryableByName)]
pub struct Conflict {
    /// The key of its page, with `id`.
    #[diesel(sql_type = Text)]
    pub sort: String,
    /// The second part of the key.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// The group.
    #[diesel(sql_type = SqlUuid)]
    pub group_id: Uuid,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub group_name: String,
    /// The list that is meant, where it is one.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub list_id: Option<Uuid>,
    /// The lists' names.
    #[diesel(sql_type = Text)]
    pub lists: String,
    /// The priority, or how many lists there are.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// `inactive`, `expired`, `empty`, `covered`; empty where there is one cause only.
    #[diesel(sql_type = Text)]
    pub cause: String,
    /// The list that stands before, where one does.
    #[diesel(sql_type = Text)]
    pub earlier: String,
}

fn page(found: Composed, after: Option<&(String, Uuid)>, limit: i64) -> Composed {
    let query = sql("SELECT c.* FROM (").then(found).sql(" OFFSET 0) c");
    let query = match after {
        Some((sort, id)) => query.sql(" WHERE (c.sort, c.id) > (").text(sort.clone()).sql(", ").id(*id).sql(")"),
        None => query,
    };
    query.sql(" ORDER BY c.sort, c.id LIMIT ").number(limit)
}

/// Groups that have several active lists of one currency with the same priority: their names decide.
pub fn equal_priorities(conn: &mut PgConnection, after: Option<&(String, Uuid)>, limit: i64) -> Result<Vec<Conflict>> {
    let found = sql(
        "SELECT lower(g.name) || ' ' || l.currency || lpad(x.priority::text, 10, '0') AS sort, g.id, g.id AS group_id,
                g.name AS group_name, NULL::uuid AS list_id, string_agg(l.name, ', ' ORDER BY l.name, l.code) AS lists,
                x.priority::bigint AS number, '' AS cause, '' AS earlier
         FROM group_price_lists x JOIN groups g ON g.id = x.group_id JOIN price_lists l ON l.id = x.price_list_id
         WHERE g.deleted_at IS NULL AND l.status = 'active'
         GROUP BY g.id, x.priority, l.currency HAVING count(*) > 1",
    );
    Ok(page(found, after, limit).load(conn)?)
}

/// Lists of groups that never price anything there: inactive, expired or empty ones, and those whose every price an earlier
/// list of the group comes before.
pub fn unreachable(
    conn: &mut PgConnection,
    today: NaiveDate,
    after: Option<&(String, Uuid)>,
    limit: i64,
) -> Result<Vec<Conflict>> {
    let found = sql(
        "SELECT s.sort, s.list_id AS id, s.group_id, s.group_name, s.list_id, s.lists, s.priority::bigint AS number,
                CASE WHEN s.status <> 'active' THEN 'inactive' WHEN s.valid_to < ",
    )
    .day(today)
    .sql(
        " THEN 'expired' WHEN s.entry_count = 0 THEN 'empty' ELSE 'covered' END AS cause, coalesce(b.name, '') AS earlier
         FROM (
             SELECT lower(g.name) || ' ' || g.code || ' ' || lower(l.name) AS sort, l.id AS list_id, g.id AS group_id,
                    g.name AS group_name, l.name AS lists, l.code, l.status, l.currency, l.valid_from, l.valid_to,
                    l.entry_count, x.priority
             FROM group_price_lists x JOIN groups g ON g.id = x.group_id JOIN price_lists l ON l.id = x.price_list_id
             WHERE g.deleted_at IS NULL ORDER BY 1, 2 OFFSET 0
         ) s
         LEFT JOIN LATERAL (
             SELECT l.name FROM group_price_lists x JOIN price_lists l ON l.id = x.price_list_id
             WHERE x.group_id = s.group_id AND l.status = 'active' AND l.currency = s.currency
               AND (x.priority, l.name, l.code) < (s.priority, s.lists, s.code)
               AND coalesce(l.valid_from, '-infinity') <= coalesce(s.valid_from, '-infinity')
               AND coalesce(l.valid_to, 'infinity') >= coalesce(s.valid_to, 'infinity')
               AND NOT EXISTS (
                   SELECT FROM price_list_entries e WHERE e.price_list_id = s.list_id AND NOT EXISTS (
                       SELECT FROM price_list_entries b
                       WHERE b.price_list_id = l.id AND b.product_id = e.product_id AND b.min_quantity <= e.min_quantity
                   )
               )
             ORDER BY x.priority, l.name, l.code LIMIT 1
         ) b ON s.status = 'active' AND s.entry_count > 0
         WHERE s.status <> 'active' OR s.entry_count = 0 OR b.name IS NOT NULL OR s.valid_to < ",
    )
    .day(today);
    Ok(page(found, after, limit).load(conn)?)
}

/// Groups with lists that nobody gets: no members, nor in the groups below, nor customers of an organization.
pub fn without_members(conn: &mut PgConnection, after: Option<&(String, Uuid)>, limit: i64) -> Result<Vec<Conflict>> {
    let found =
        sql("SELECT lower(g.name) AS sort, g.id, g.id AS group_id, g.name AS group_name, NULL::uuid AS list_id,
                string_agg(l.name, ', ' ORDER BY x.priority, l.name, l.code) AS lists, count(*) AS number, '' AS cause,
                '' AS earlier
         FROM groups g JOIN group_price_lists x ON x.group_id = g.id JOIN price_lists l ON l.id = x.price_list_id
         WHERE g.deleted_at IS NULL AND g.member_count = 0 AND NOT EXISTS (
             WITH RECURSIVE below (id) AS (
                 SELECT g.id UNION ALL
                 SELECT c.id FROM groups c JOIN below b ON c.parent_id = b.id WHERE c.deleted_at IS NULL
             )
             SELECT FROM below b JOIN groups c ON c.id = b.id
             WHERE c.member_count > 0 OR EXISTS (SELECT FROM organizations o WHERE o.group_id = c.id)
         )
         GROUP BY g.id");
    Ok(page(found, after, limit).load(conn)?)
}

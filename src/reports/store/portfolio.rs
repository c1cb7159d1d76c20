//! All groups at a glance, in one statement: what each customer bought is summed once, and then by group.

use super::facts::{Sum, placed};
use crate::db::composed::{Composed, sql};
use crate::db::keyset::{Page, one_more};
use crate::error::Result;
use crate::inheritance::book::Book;
use crate::reports::frame::Frame;
use crate::reports::metrics::{Returned, Sums, ratio};
use crate::reports::portfolio::{Overlap, Row, Sort, Wanted};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Uuid as SqlUuid};
use uuid::Uuid;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    active: bool,
    #[diesel(sql_type = BigInt)]
    members: i64,
    #[diesel(sql_type = BigInt)]
    net: i64,
    #[diesel(sql_type = BigInt)]
    cost: i64,
    #[diesel(sql_type = BigInt)]
    before: i64,
    #[diesel(sql_type = BigInt)]
    bought_before: i64,
    #[diesel(sql_type = BigInt)]
    again: i64,
    #[diesel(sql_type = Text)]
    key: String,
}

/// Which groups count for which: with subgroups, each for all above it; `None`: each for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closure {
    above: Vec<Uuid>,
    group: Vec<Uuid>,
}

impl Closure {
    /// All pairs of a group and one that stands below it, itself included.
    pub fn of(book: &Book) -> Self {
        let mut closure = Self { above: Vec::new(), group: Vec::new() };
        for level in book.levels().values().filter(|level| level.parent_id.is_some()) {
            for below in book.subtree(level.id) {
                closure.above.push(level.id);
                closure.group.push(below);
            }
        }
        closure
    }
}

/// A page of the portfolio, of at most `limit` rows.
pub fn page(
    conn: &mut PgConnection,
    frame: &Frame,
    closure: Option<Closure>,
    wanted: &Wanted,
    limit: usize,
) -> Result<Page<Row>> {
    let descends = wanted.descending != wanted.place.is_backwards();
    let mut query = sql("WITH p AS NOT MATERIALIZED (SELECT x.customer_id, ")
        .sql(Sum::Net.of(0))
        .sql(" AS net0, ")
        .sql(Sum::Cost.of(0))
        .sql(" AS cost0, ")
        .sql(Sum::Orders.of(0))
        .sql(" AS orders0, ")
        .sql(Sum::Net.of(1))
        .sql(" AS net1, ")
        .sql(Sum::Orders.of(1))
        .sql(" AS orders1 FROM ")
        .then(placed(frame, "customer_running_totals"))
        .sql(" OFFSET 0), s AS (")
        .then(members(closure))
        .sql(
            "), figures AS (
                 SELECT s.id, count(*) AS members, coalesce(sum(p.net0), 0) AS net, coalesce(sum(p.cost0), 0) AS cost,
                        coalesce(sum(p.net1), 0) AS before, count(*) FILTER (WHERE p.orders1 > 0) AS bought_before,
                        count(*) FILTER (WHERE p.orders1 > 0 AND p.orders0 > 0) AS again
                 FROM s LEFT JOIN p ON p.customer_id = s.customer_id GROUP BY s.id
             ), listed AS (
                 SELECT g.id, g.code, g.name, g.status = 'active' AS active, coalesce(f.members, 0) AS members,
                        coalesce(f.net, 0)::bigint AS net, coalesce(f.cost, 0)::bigint AS cost,
                        coalesce(f.before, 0)::bigint AS before, coalesce(f.bought_before, 0) AS bought_before,
                        coalesce(f.again, 0) AS again
                 FROM groups g LEFT JOIN figures f ON f.id = g.id
                 WHERE g.deleted_at IS NULL AND g.parent_id IS NOT NULL",
        )
        .sql(if wanted.empty { " AND f.members IS NULL" } else { "" })
        .sql("), keyed AS (SELECT *, ")
        .then(key(wanted.sort, wanted.descending))
        .sql(" AS key FROM listed) SELECT id, code, name, active, members, net, cost, before, bought_before, again, key::text FROM keyed");
    if let Some((key, id)) = wanted.place.key() {
        query = query
            .sql(if descends { " WHERE (key, id) < (" } else { " WHERE (key, id) > (" })
            .text(key.clone())
            .sql(if wanted.sort == Sort::Name { "::text, " } else { "::numeric, " })
            .id(*id)
            .sql(")");
    }
    let order = if descends { " ORDER BY keyed.key DESC, id DESC LIMIT " } else { " ORDER BY keyed.key, id LIMIT " };
    let rows: Vec<Found> = query.sql(order).number(one_more(limit)).load(conn)?;
    Ok(Page::of(rows.into_iter().map(Row::from).collect(), &wanted.place, limit))
}

/// `s`: the distinct members of each group as (`id`, `customer_id`).
fn members(closure: Option<Closure>) -> Composed {
    match closure {
        None => sql("SELECT m.group_id AS id, m.customer_id FROM memberships m"),
        Some(Closure { above, group }) => sql("SELECT DISTINCT t.above AS id, m.customer_id FROM unnest(")
            .ids(above)
            .sql("::uuid[], ")
            .ids(group)
            .sql("::uuid[]) AS t (above, group_id) JOIN memberships m ON m.group_id = t.group_id"),
    }
}

/// What a list is sorted by. What can't be told comes last, whichever way it is sorted: it gets a figure beyond all that
/// there are.
fn key(sort: Sort, descending: bool) -> Composed {
    let beyond = if descending { ", -1000000000000000000)" } else { ", 1000000000000000000)" };
    let ratio = |ratio: &'static str| sql("coalesce(round(").sql(ratio).sql("::numeric, 9)").sql(beyond);
    match sort {
        Sort::Name => sql("lower(name)"),
        Sort::Members => sql("members::numeric"),
        // All are shares of the same amount.
        Sort::Revenue | Sort::Share => sql("net::numeric"),
        Sort::Growth => ratio("net / nullif(greatest(before, 0), 0)"),
        Sort::Margin => ratio("(net - cost) / nullif(greatest(net, 0), 0)"),
        Sort::Retention => ratio("again / nullif(bought_before, 0)"),
    }
}

impl From<Found> for Row {
    fn from(row: Found) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name: row.name,
            active: row.active,
            members: row.members,
            now: Sums { net: row.net, cost: row.cost, ..Sums::default() },
            before: row.before,
            returned: Returned { before: row.bought_before, again: row.again },
            key: row.key,
        }
    }
}

/// The pairs of live groups that share the most customers. It looks at every membership, so it is asked for by itself.
pub fn overlaps(conn: &mut PgConnection, limit: i64) -> Result<Vec<Overlap>> {
    #[derive(QueryableByName)]
    struct Pair {
        #[diesel(sql_type = SqlUuid)]
        one: Uuid,
        #[diesel(sql_type = Text)]
        one_name: String,
        #[diesel(sql_type = SqlUuid)]
        other: Uuid,
        #[diesel(sql_type = Text)]
        other_name: String,
        #[diesel(sql_type = BigInt)]
        customers: i64,
        #[diesel(sql_type = BigInt)]
        smaller: i64,
    }
    let rows: Vec<Pair> =
        sql("SELECT a.id AS one, a.name AS one_name, b.id AS other, b.name AS other_name, x.customers,
                least(a.member_count, b.member_count)::bigint AS smaller
         FROM (SELECT m.group_id AS one, o.group_id AS other, count(*) AS customers
               FROM memberships m JOIN memberships o ON o.customer_id = m.customer_id AND o.group_id > m.group_id
               GROUP BY 1, 2) x
         JOIN groups a ON a.id = x.one AND a.deleted_at IS NULL
         JOIN groups b ON b.id = x.other AND b.deleted_at IS NULL
         ORDER BY x.customers DESC, lower(a.name), lower(b.name) LIMIT ")
        .number(limit)
        .load(conn)?;
    let overlap = |pair: Pair| Overlap {
        one: (pair.one, pair.one_name),
        other: (pair.other, pair.other_name),
        customers: pair.customers,
        share: ratio(pair.customers, pair.smaller),
    };
    Ok(rows.into_iter().map(overlap).collect())
}

//! Customers to add: a search by name, code and email, with what they have bought and where they are.

use super::list::{Measure, SeenRow, conditions};
use crate::db::composed::{Composed, sql};
use crate::db::keyset::{Page, one_more};
use crate::error::Result;
use crate::members::listing::{Cursor, Filter, Order};
use crate::members::selection::Seen;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

/// A customer who was found.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Candidate {
    /// The customer.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Its code.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Its email.
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
    /// Its status, as stored.
    #[diesel(sql_type = Text)]
    pub status: String,
    /// Lifetime net of completed orders, minor units of the store's currency.
    #[diesel(sql_type = BigInt)]
    pub purchases: i64,
    /// Whether it is in the group by hand already.
    #[diesel(sql_type = Bool)]
    pub is_there: bool,
    /// Whether rule runs and people keep it out of the group until that is lifted.
    #[diesel(sql_type = Bool)]
    pub is_excluded: bool,
    #[diesel(sql_type = Text)]
    lower_name: String,
}

impl Candidate {
    /// The row's key.
    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.lower_name.clone(), id: self.id }
    }
}

/// A page of the customers who match, by name, of at most `limit` rows.
pub fn page(
    conn: &mut PgConnection,
    group: Uuid,
    filter: &Filter,
    order: &Order,
    measure: &Measure,
    limit: usize,
) -> Result<Page<Candidate>> {
    let backwards = order.place.is_backwards();
    let mut query = sql("SELECT c.id, c.code, c.name, c.email, c.status, coalesce(p.net, 0) AS purchases,
                EXISTS (SELECT FROM memberships m WHERE m.customer_id = c.id AND m.by_hand AND m.group_id = ")
    .id(group)
    .sql(
        ") AS is_there,
                EXISTS (SELECT FROM membership_exclusions e WHERE e.customer_id = c.id AND e.group_id = ",
    )
    .id(group)
    .sql(") AS is_excluded, lower(c.name) AS lower_name FROM (SELECT c.* ")
    .then(matching(filter, measure));
    if let Some(cursor) = order.place.key() {
        query = query
            .sql(if backwards { " AND (lower(c.name), c.id) < (" } else { " AND (lower(c.name), c.id) > (" })
            .text(cursor.key.clone())
            .sql(", ")
            .id(cursor.id)
            .sql(")");
    }
    query = query
        .sql(if backwards {
            " ORDER BY lower(c.name) DESC, c.id DESC LIMIT "
        } else {
            " ORDER BY lower(c.name), c.id LIMIT "
        })
        .number(one_more(limit))
        .sql(") c LEFT JOIN customer_purchases p ON p.customer_id = c.id ORDER BY lower(c.name)")
        .sql(if backwards { " DESC, c.id DESC" } else { ", c.id" });
    let rows: Vec<Candidate> = query.load(conn)?;
    Ok(Page::of(rows, &order.place, limit))
}

fn matching(filter: &Filter, measure: &Measure) -> Composed {
    let purchases = filter.purchases.is_some() || filter.last_order.is_some();
    sql("FROM customers c ")
        .sql(if purchases { "LEFT JOIN customer_purchases p ON p.customer_id = c.id " } else { "" })
        .sql("WHERE true")
        .then(conditions(filter, measure))
}

/// How many customers match, and a sum over who they are. Looks at all of them: it is asked for after the page.
pub fn seen(conn: &mut PgConnection, filter: &Filter, measure: &Measure) -> Result<Seen> {
    let query = sql("SELECT count(*) AS count, coalesce(bit_xor(uuid_hash_extended(c.id, 0)), 0) AS sum ")
        .then(matching(filter, measure));
    Ok(query.get_result::<SeenRow>(conn)?.into())
}

/// The ids of the customers who match, under the name `id`.
pub(super) fn ids(filter: &Filter, measure: &Measure) -> Composed {
    sql("SELECT c.id AS id ").then(matching(filter, measure))
}

/// A group that somebody is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct In {
    /// The group's name.
    pub group: String,
    /// Whether it is the customer's primary one.
    pub is_primary: bool,
}

#[derive(QueryableByName)]
struct InRow {
    #[diesel(sql_type = SqlUuid)]
    customer_id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    is_primary: bool,
}

/// How many groups of a customer are named beside it.
const NAMED: i64 = 6;

/// The live groups that customers are in, the primary one first, then by name; a few of each.
pub fn groups_of(conn: &mut PgConnection, customers: &[Uuid]) -> Result<HashMap<Uuid, Vec<In>>> {
    let rows: Vec<InRow> = diesel::sql_query(
        "SELECT w.id AS customer_id, m.name, m.is_primary
         FROM unnest($1) w(id) CROSS JOIN LATERAL (
             SELECT g.name, m.is_primary FROM memberships m JOIN groups g ON g.id = m.group_id AND g.deleted_at IS NULL
             WHERE m.customer_id = w.id ORDER BY m.is_primary DESC, g.name LIMIT $2
         ) m",
    )
    .bind::<Array<SqlUuid>, _>(customers)
    .bind::<BigInt, _>(NAMED)
    .load(conn)?;
    let mut groups: HashMap<Uuid, Vec<In>> = HashMap::new();
    for row in rows {
        groups.entry(row.customer_id).or_default().push(In { group: row.name, is_primary: row.is_primary });
    }
    Ok(groups)
}

//! The facts of a few customers, for the tester and for customers that changed.

use super::compile::window_begins;
use crate::error::Result;
use crate::money::Currency;
use crate::rules::condition::Level;
use crate::rules::facts::Facts;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

use crate::db::statement::statement;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<Text>)]
    country: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    region: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    organization: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
    #[diesel(sql_type = Nullable<Date>)]
    customer_since: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    payment_history: Option<String>,
    #[diesel(sql_type = Array<Nullable<Text>>)]
    tags: Vec<Option<String>>,
    #[diesel(sql_type = Jsonb)]
    metadata: Value,
    #[diesel(sql_type = BigInt)]
    net: i64,
    #[diesel(sql_type = Integer)]
    orders: i32,
    #[diesel(sql_type = Nullable<Date>)]
    last_order_on: Option<NaiveDate>,
    #[diesel(sql_type = Array<SqlUuid>)]
    groups: Vec<Uuid>,
}

#[derive(QueryableByName)]
struct Window {
    #[diesel(sql_type = SqlUuid)]
    customer_id: Uuid,
    #[diesel(sql_type = Integer)]
    days: i32,
    #[diesel(sql_type = BigInt)]
    net: i64,
    #[diesel(sql_type = BigInt)]
    orders: i64,
}

/// The facts of these customers on a store day, with these windows of "last N days", in the order of their ids. Ids
/// that are nobody's are left out.
pub fn load(
    conn: &mut PgConnection,
    ids: &[Uuid],
    windows: &[u32],
    currency: Currency,
    today: NaiveDate,
) -> Result<Vec<Facts>> {
    let rows: Vec<Row> = statement(
        "SELECT c.id, c.code, c.name, c.status, c.country, c.region, o.code AS organization, c.email, c.customer_since,
                c.payment_history, c.tags, c.metadata, coalesce(p.net, 0) AS net, coalesce(p.orders, 0) AS orders,
                p.last_order_on,
                array(SELECT m.group_id FROM memberships m JOIN groups g ON g.id = m.group_id
                      WHERE m.customer_id = c.id AND m.by_hand AND g.deleted_at IS NULL) AS groups
         FROM customers c
         LEFT JOIN customer_purchases p ON p.customer_id = c.id
         LEFT JOIN organizations o ON o.id = c.organization_id
         WHERE c.id = ANY (",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .sql(") ORDER BY c.id")
    .load(conn)?;
    let mut sums = windowed(conn, ids, windows, currency, today)?;
    let facts = rows.into_iter().map(|row| Facts {
        windows: sums.remove(&row.id).unwrap_or_default(),
        id: row.id,
        code: row.code,
        name: row.name,
        status: row.status,
        country: row.country,
        region: row.region,
        organization: row.organization,
        email: row.email,
        customer_since: row.customer_since,
        payment_history: row.payment_history.as_deref().and_then(Level::from_name),
        tags: row.tags.into_iter().flatten().collect(),
        metadata: row.metadata.as_object().cloned().unwrap_or_default(),
        net: row.net,
        orders: i64::from(row.orders),
        last_order_on: row.last_order_on,
        groups: row.groups,
        today,
    });
    Ok(facts.collect())
}

type Sums = HashMap<Uuid, HashMap<u32, (i64, i64)>>;

fn windowed(
    conn: &mut PgConnection,
    ids: &[Uuid],
    windows: &[u32],
    currency: Currency,
    today: NaiveDate,
) -> Result<Sums> {
    let mut sums = Sums::new();
    if windows.is_empty() {
        return Ok(sums);
    }
    let days: Vec<i32> = windows.iter().filter_map(|days| i32::try_from(*days).ok()).collect();
    let begins: Vec<NaiveDate> = windows.iter().map(|days| window_begins(today, *days)).collect();
    let rows: Vec<Window> = statement(
        "SELECT o.customer_id, w.days, sum(o.net)::bigint AS net, count(*) FILTER (WHERE NOT o.is_credit_note) AS orders
         FROM unnest(",
    )
    .bind::<Array<Integer>, _>(days)
    .sql(", ")
    .bind::<Array<Date>, _>(begins)
    .sql(") AS w (days, begins) JOIN orders o ON o.day >= w.begins WHERE o.customer_id = ANY (")
    .bind::<Array<SqlUuid>, _>(ids)
    .sql(") AND o.day <= ")
    .bind::<Date, _>(today)
    .sql(" AND o.status = 'completed' AND o.currency = ")
    .bind::<Text, _>(currency.code())
    .sql(" GROUP BY o.customer_id, w.days")
    .load(conn)?;
    for row in rows {
        let days = u32::try_from(row.days).unwrap_or_default();
        sums.entry(row.customer_id).or_default().insert(days, (row.net, row.orders));
    }
    Ok(sums)
}

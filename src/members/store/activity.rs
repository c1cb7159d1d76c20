//! What members have bought lately.

use crate::error::Result;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

#[derive(QueryableByName)]
struct YearRow {
    #[diesel(sql_type = SqlUuid)]
    customer_id: Uuid,
    #[diesel(sql_type = BigInt)]
    net: i64,
}

/// What these customers bought from a day on, in minor units; who bought nothing is left out.
pub fn bought_since(conn: &mut PgConnection, customers: &[Uuid], day: NaiveDate) -> Result<HashMap<Uuid, i64>> {
    let rows: Vec<YearRow> = diesel::sql_query(
        "SELECT customer_id, net[cardinality(net)] - net[width_bucket($2 - 1, days) + 1] AS net
         FROM customer_running_totals WHERE customer_id = ANY ($1) AND days[cardinality(days)] >= $2",
    )
    .bind::<Array<SqlUuid>, _>(customers)
    .bind::<Date, _>(day)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.customer_id, row.net)).collect())
}

//! Whom the demo's rules match, asked of the rows: a later run of the rules finds the same customers.

use crate::demo::groups::Key;
use crate::error::Result;
use chrono::NaiveDate;
use diesel::deserialize::QueryableByName;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types;
use uuid::Uuid;

/// Whole months since "customer since", on the day `$1`.
const AGE: &str = "(extract(year FROM age($1, c.customer_since)) * 12 + extract(month FROM age($1, c.customer_since)))";

#[derive(QueryableByName)]
struct Matched {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
}

/// The customers that a group's rule matches on `today`, by code; none where the group has no rule.
pub fn matches(conn: &mut PgConnection, key: Key, today: NaiveDate) -> Result<Vec<Uuid>> {
    let condition = match key {
        Key::Vip => format!("p.net > 5000000 AND {AGE} > 12 AND c.payment_history = 'excellent'"),
        Key::New => format!("{AGE} < 6 AND c.status = 'active'"),
        Key::Returning => format!(
            "c.metadata ->> 'channel' = 'web shop' AND p.orders >= 5 AND $1 - p.last_order_on <= 365
             AND {AGE} >= 6 AND c.status = 'active'"
        ),
        _ => return Ok(Vec::new()),
    };
    let query = format!(
        "SELECT c.id FROM customers c LEFT JOIN customer_purchases p ON p.customer_id = c.id
         WHERE {condition} ORDER BY c.code"
    );
    let found: Vec<Matched> = diesel::sql_query(query).bind::<sql_types::Date, _>(today).load(conn)?;
    Ok(found.into_iter().map(|one| one.id).collect())
}

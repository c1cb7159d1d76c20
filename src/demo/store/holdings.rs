//! What a database already holds: the demo shop wants it empty.

use crate::error::Result;
use diesel::deserialize::QueryableByName;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// Something a fresh database doesn't have.
#[derive(Debug, PartialEq, Eq, QueryableByName)]
pub struct Holding {
    /// One of them, in words: `customer`.
    #[diesel(sql_type = Text)]
    pub one: String,
    /// More of them, in words: `customers`.
    #[diesel(sql_type = Text)]
    pub many: String,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

/// Keeps every other loader of the demo shop waiting until this transaction ends.
pub fn hold_alone(conn: &mut PgConnection) -> Result<()> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(7300010)").execute(conn)?;
    Ok(())
}

/// Everything a freshly migrated database doesn't hold, deleted groups and changed settings included.
pub fn holdings(conn: &mut PgConnection) -> Result<Vec<Holding>> {
    let found = diesel::sql_query(
        "SELECT one, many, count FROM (VALUES
            (1, 'group besides All Customers', 'groups besides All Customers',
                (SELECT count(*) FROM groups WHERE parent_id IS NOT NULL)),
            (2, 'customer', 'customers', (SELECT count(*) FROM customers)),
            (3, 'organization', 'organizations', (SELECT count(*) FROM organizations)),
            (4, 'product', 'products', (SELECT count(*) FROM products)),
            (5, 'price list', 'price lists', (SELECT count(*) FROM price_lists)),
            (6, 'visibility group', 'visibility groups', (SELECT count(*) FROM visibility_groups)),
            (7, 'order', 'orders', (SELECT count(*) FROM orders)),
            (8, 'user', 'users', (SELECT count(*) FROM users)),
            (9, 'API token', 'API tokens', (SELECT count(*) FROM tokens)),
            (10, 'change to the store settings', 'changes to the store settings',
                (SELECT count(*) FROM store_settings WHERE version <> 1 OR currency <> 'USD' OR time_zone <> 'UTC'
                    OR flat_shipping <> 0 OR default_group_id IS NOT NULL)),
            (11, 'setting of All Customers', 'settings of All Customers',
                (SELECT count(*) FROM group_pricing) + (SELECT count(*) FROM group_visibility)
                + (SELECT count(*) FROM group_portal) + (SELECT count(*) FROM group_payment_terms)
                + (SELECT count(*) FROM groups WHERE parent_id IS NULL AND version <> 1)),
            (12, 'promotion', 'promotions', (SELECT count(*) FROM promotions)),
            (13, 'segment', 'segments', (SELECT count(*) FROM segments)),
            (14, 'campaign', 'campaigns', (SELECT count(*) FROM campaigns))
         ) AS held (place, one, many, count)
         WHERE count > 0 ORDER BY place",
    );
    Ok(found.load(conn)?)
}

//! Indexes, keys and triggers of the large tables, taken away before the rows come and put back afterwards: making an
//! index of rows that are there takes a fraction of keeping it up row by row. All in the caller's transaction, so
//! that nothing is missing when it fails, and needing no more than owning the tables.

use crate::error::Result;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};

/// The tables that grow with the shop.
const LARGE: [&str; 8] = [
    "customers",
    "memberships",
    "membership_events",
    "price_list_entries",
    "orders",
    "order_lines",
    "customer_purchases",
    "customer_running_totals",
];

/// Something to make again.
#[derive(Debug, QueryableByName)]
pub struct Aside {
    /// The statement that makes it.
    #[diesel(sql_type = Text)]
    pub make: String,
    #[diesel(sql_type = Text)]
    drop: String,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The table that is read to make it.
    #[diesel(sql_type = Text)]
    pub table_name: String,
    /// What it is: 1 a key, 2 an index, 3 a foreign key; they are made in this order.
    #[diesel(sql_type = BigInt)]
    pub kind: i64,
}

/// Takes everything away from [`LARGE`], and answers what to [`put_back`], in order. The statements are PostgreSQL's
/// own, read from its catalogue; foreign keys of other tables that point here go, too.
pub fn take_away(conn: &mut PgConnection) -> Result<Vec<Aside>> {
    let asides: Vec<Aside> = diesel::sql_query(
        "WITH large AS (SELECT to_regclass(name)::oid AS oid FROM unnest($1) AS name)
         SELECT c.conname::text AS name, r.relname::text AS table_name,
                CASE c.contype WHEN 'f' THEN 3 ELSE 1 END::bigint AS kind,
                format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname) AS drop,
                format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid))
                    AS make
         FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
         WHERE (c.contype IN ('p', 'u') AND c.conrelid IN (SELECT oid FROM large))
            OR (c.contype = 'f' AND (c.conrelid IN (SELECT oid FROM large) OR c.confrelid IN (SELECT oid FROM large)))
         UNION ALL
         SELECT i.indexrelid::regclass::text, r.relname::text, 2, format('DROP INDEX %s', i.indexrelid::regclass),
                pg_get_indexdef(i.indexrelid)
         FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid
         WHERE i.indrelid IN (SELECT oid FROM large)
           AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u'))
         ORDER BY kind, table_name, name",
    )
    .bind::<Array<Text>, _>(LARGE.as_slice())
    .load(conn)?;
    // Foreign keys first: they stand on the keys.
    for aside in asides.iter().rev() {
        diesel::sql_query(&aside.drop).execute(conn)?;
    }
    triggers(conn, "DISABLE")?;
    Ok(asides)
}

/// Makes one thing again. Keys and foreign keys are checked against every row.
pub fn put_back(conn: &mut PgConnection, aside: &Aside) -> Result<()> {
    diesel::sql_query(&aside.make).execute(conn)?;
    Ok(())
}

/// Lets the tables' triggers run again.
pub fn triggers_on(conn: &mut PgConnection) -> Result<()> {
    triggers(conn, "ENABLE")
}

fn triggers(conn: &mut PgConnection, verb: &'static str) -> Result<()> {
    for table in LARGE {
        diesel::sql_query(format!("ALTER TABLE {table} {verb} TRIGGER USER")).execute(conn)?;
    }
    Ok(())
}

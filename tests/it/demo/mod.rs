//! The demo shop: the same for the same moment, true to the drawn screens, every figure the sum of its rows.

mod figures;
mod life;
mod loading;
mod members;
mod settings;

use crate::support::{Template, TestDb};
use chrono::{DateTime, Utc};
use clientele::db::migrations::migrate;
use clientele::demo::{DemoOptions, Outcome, load};
use clientele::error::Result;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// The moment of the shop in these tests, and its day in SQL.
pub const NOW: &str = "2026-11-22T08:30:00Z";
const TODAY: &str = "DATE '2026-11-22'";

/// A migrated database with the demo shop as of [`NOW`].
pub static DEMO: Template = Template::new("demo", |url| {
    let mut conn = PgConnection::establish(url).unwrap();
    migrate(&mut conn).unwrap();
    assert!(matches!(load_at(&mut conn, NOW), Ok(Outcome::Loaded(_))));
});

pub fn moment(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn load_at(conn: &mut PgConnection, now: &str) -> Result<Outcome> {
    let options = DemoOptions { now: moment(now), if_empty: false };
    load(conn, options, || Ok("hash of a password".into()), &mut |_| {})
}

/// A connection to a shop of the test's own. The database goes with the first value.
fn shop() -> (TestDb, PgConnection) {
    let database = TestDb::like(&DEMO);
    let conn = database.conn();
    (database, conn)
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Words {
    #[diesel(sql_type = Text)]
    words: String,
}

/// The number that a query answers with.
fn number(conn: &mut PgConnection, query: &str) -> i64 {
    diesel::sql_query(format!("SELECT ({query})::bigint AS number")).get_result::<Number>(conn).unwrap().number
}

/// The texts that a query answers with, in its order.
fn texts(conn: &mut PgConnection, query: &str) -> Vec<String> {
    let rows: Vec<Words> =
        diesel::sql_query(format!("SELECT t.w::text AS words FROM ({query}) AS t(w)")).load(conn).unwrap();
    rows.into_iter().map(|row| row.words).collect()
}

/// How many rows two queries don't share.
fn differences(conn: &mut PgConnection, one: &str, other: &str) -> i64 {
    number(
        conn,
        &format!("SELECT count(*) FROM (({one} EXCEPT ALL {other}) UNION ALL ({other} EXCEPT ALL {one})) AS d"),
    )
}

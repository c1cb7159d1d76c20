//! Hand-written SQL that is prepared once on each connection.

use crate::support::TestDb;
use clientele::db::statement::statement;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};

#[derive(Debug, PartialEq, QueryableByName)]
struct Row {
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Text)]
    text: String,
}

#[derive(QueryableByName)]
struct Prepared {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[test]
fn values_come_in_between_the_pieces_and_the_text_is_prepared_once() {
    let database = TestDb::new();
    let conn = &mut database.conn();
    for (number, text) in [(1, "one"), (2, "it's \"two\""), (3, "$1")] {
        let row: Row = statement("SELECT 10 + ")
            .bind::<Integer, _>(number)
            .sql(" AS number, ")
            .bind::<Text, _>(text)
            .sql(" AS text")
            .get_result(conn)
            .unwrap();
        assert_eq!(row, Row { number: 10 + number, text: text.into() });
    }
    let prepared: Prepared = diesel::sql_query(
        "SELECT count(*) AS count FROM pg_prepared_statements WHERE statement LIKE 'SELECT 10 + $1 AS number, $2 AS text%'",
    )
    .get_result(conn)
    .unwrap();
    assert_eq!(prepared.count, 1);
}

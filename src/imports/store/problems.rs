//! What is wrong with the file's rows, gathered in a temporary table, and the questions the report asks of it.

use super::{number, run};
use crate::error::Result;
use diesel::pg::PgConnection;
use diesel::sql_types::{Array, BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};

/// A reason and how many rows it holds for.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct CauseCount {
    /// The column, empty for the row as a whole.
    #[diesel(sql_type = Text)]
    pub column_name: String,
    /// The reason without the row's own value.
    #[diesel(sql_type = Text)]
    pub cause: String,
    /// How many rows.
    #[diesel(sql_type = BigInt)]
    pub rows: i64,
    /// The first few of them.
    #[diesel(sql_type = Array<BigInt>)]
    pub first_rows: Vec<i64>,
    /// The first one's reason in full.
    #[diesel(sql_type = Text)]
    pub example: String,
}

/// A row that is not imported, with all its reasons.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct BadRow {
    /// Its number; the header is row 1.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// Its reasons, as one text.
    #[diesel(sql_type = Text)]
    pub reason: String,
}

/// How many rows are not imported.
pub fn count(conn: &mut PgConnection) -> Result<i64> {
    number(conn, "SELECT count(DISTINCT row) AS number FROM import_problems")
}

/// The reasons, the most frequent first.
pub fn by_cause(conn: &mut PgConnection) -> Result<Vec<CauseCount>> {
    Ok(sql_query(
        "SELECT column_name, cause, max(place) AS rows, array_agg(row ORDER BY row) FILTER (WHERE place <= 3) AS first_rows,
                min(message) FILTER (WHERE place = 1) AS example
         FROM (SELECT column_name, cause, row, message,
                      dense_rank() OVER (PARTITION BY column_name, cause ORDER BY row) AS place
               FROM import_problems) p
         GROUP BY column_name, cause ORDER BY rows DESC, column_name, cause",
    )
    .load(conn)?)
}

/// The rows that are not imported after row `after`, at most `limit` of them, in the file's order.
pub fn page(conn: &mut PgConnection, after: i64, limit: i64) -> Result<Vec<BadRow>> {
    Ok(sql_query(
        "SELECT row AS number, string_agg(CASE column_name WHEN '' THEN 'the row ' ELSE column_name || ' ' END || message, '; '
                                ORDER BY column_name, message) AS reason
         FROM import_problems WHERE row > $1 GROUP BY row ORDER BY row LIMIT $2",
    )
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(limit)
    .load(conn)?)
}

/// Makes [`page`] quick for files with very many bad rows.
pub fn index(conn: &mut PgConnection) -> Result<()> {
    run(conn, "CREATE INDEX ON import_problems (row)")?;
    super::staging::analyze(conn, "import_problems")
}

/// Takes the rows with problems out of a staging table or a plan.
pub(super) fn drop_from(conn: &mut PgConnection, table: &'static str) -> Result<()> {
    run(conn, &format!("DELETE FROM {table} t USING import_problems p WHERE p.row = t.row"))?;
    Ok(())
}

/// Finds rows whose natural key stands in an earlier row of the same file. `key` is the column or columns.
pub(super) fn find_repeated(
    conn: &mut PgConnection,
    table: &'static str,
    key: &'static str,
    column: &'static str,
) -> Result<()> {
    sql_query(format!(
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT row, NULL, $1, 'stands in the file more than once',
                format('stands in the file more than once: already in row %s', first_row)
         FROM (SELECT row, min(row) OVER (PARTITION BY {key}) AS first_row FROM {table}) r
         WHERE row <> first_row"
    ))
    .bind::<Text, _>(column)
    .execute(conn)?;
    Ok(())
}

//! Entries of price lists: a file adds and replaces, it removes none.

use super::{Counts, Job, in_chunks, planned, problems, run, staging, told, words};
use crate::error::Result;
use crate::money::Currency;
use crate::outbox::kind::Kind;
use diesel::pg::PgConnection;
use diesel::sql_types::{Array, Integer, Text, Timestamptz};
use diesel::{RunQueryDsl, sql_query};

/// The largest price, in minor units, as [`Currency::parse`] has it.
const MAX_PRICE: &str = "9000000000000000";

pub(super) fn check(conn: &mut PgConnection) -> Result<()> {
    problems::find_repeated(conn, "import_price_list_entries", "price_list_code, sku, min_quantity", "min_quantity")?;
    find_unknown(conn)?;
    problems::drop_from(conn, "import_price_list_entries")?;
    plan(conn)?;
    run(
        conn,
        &format!(
            "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
             SELECT row, NULL, 'price',
                    CASE WHEN price <> trunc(price) THEN 'has more decimals than the currency has' ELSE 'is too large' END,
                    CASE WHEN price <> trunc(price)
                         THEN format('has more decimals than %s has (%s)', currency, decimals) ELSE 'is too large' END
             FROM import_entry_plan WHERE price <> trunc(price) OR price > {MAX_PRICE}"
        ),
    )?;
    problems::drop_from(conn, "import_entry_plan")
}

fn find_unknown(conn: &mut PgConnection) -> Result<()> {
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT s.row, NULL, 'price_list_code', 'names an unknown price list',
                format('names “%s”, but there is no such price list', s.price_list_code)
         FROM import_price_list_entries s LEFT JOIN price_lists l ON l.code = s.price_list_code WHERE l.id IS NULL",
    )?;
    run(
        conn,
        "INSERT INTO import_problems (row, natural_key, column_name, cause, message)
         SELECT s.row, NULL, 'sku', 'names an unknown product', format('names “%s”, but there is no such product', s.sku)
         FROM import_price_list_entries s LEFT JOIN products p ON p.sku = s.sku WHERE p.id IS NULL",
    )?;
    Ok(())
}

/// The plan's `price` is in minor units of the list's currency; with a fraction where it has too many decimals.
fn plan(conn: &mut PgConnection) -> Result<()> {
    staging::temporary(
        conn,
        "import_entry_plan",
        "row bigint, price_list_id uuid, product_id uuid, min_quantity integer, price numeric, currency text,
         decimals integer, is_new boolean, is_changed boolean",
    )?;
    // The lists' currency must stay what the prices are read in.
    run(
        conn,
        "SELECT id FROM price_lists WHERE code IN (SELECT price_list_code FROM import_price_list_entries)
         ORDER BY id FOR UPDATE",
    )?;
    let codes = words(
        conn,
        "SELECT DISTINCT l.currency AS word
         FROM price_lists l WHERE l.code IN (SELECT price_list_code FROM import_price_list_entries)",
    )?;
    let decimals: Vec<i32> = codes
        .iter()
        .map(|code| Currency::from_code(code).map_or(2, |currency| i32::from(currency.decimals())))
        .collect();
    sql_query(
        "INSERT INTO import_entry_plan
         SELECT n.*, e.price_list_id IS NULL, e.price_list_id IS NULL OR e.price <> n.price
         FROM (
             SELECT s.row, l.id AS price_list_id, p.id AS product_id, s.min_quantity,
                    trim_scale(s.price * power(10::numeric, d.decimals)) AS price, l.currency, d.decimals
             FROM import_price_list_entries s
             JOIN price_lists l ON l.code = s.price_list_code
             JOIN products p ON p.sku = s.sku
             JOIN unnest($1, $2) d(currency, decimals) ON d.currency = l.currency
         ) n
         LEFT JOIN price_list_entries e ON e.price_list_id = n.price_list_id AND e.product_id = n.product_id
                                       AND e.min_quantity = n.min_quantity",
    )
    .bind::<Array<Text>, _>(codes)
    .bind::<Array<Integer>, _>(decimals)
    .execute(conn)?;
    staging::analyze(conn, "import_entry_plan")
}

pub(super) fn counts(conn: &mut PgConnection) -> Result<Counts> {
    planned(conn, "import_entry_plan")
}

pub(super) fn merge(conn: &mut PgConnection, job: &Job<'_>) -> Result<()> {
    in_chunks(
        conn,
        "import_entry_plan",
        "row",
        "INSERT INTO price_list_entries (price_list_id, product_id, min_quantity, price)
         SELECT price_list_id, product_id, min_quantity, price FROM import_entry_plan
         WHERE is_new AND row > $1 AND row <= $2 ORDER BY price_list_id, product_id, min_quantity",
    )?;
    run(
        conn,
        "UPDATE price_list_entries e SET price = n.price
         FROM import_entry_plan n
         WHERE e.price_list_id = n.price_list_id AND e.product_id = n.product_id AND e.min_quantity = n.min_quantity
           AND n.is_changed AND NOT n.is_new",
    )?;
    sql_query(
        "UPDATE price_lists l SET version = l.version + 1, updated_at = $1
         WHERE l.id IN (SELECT price_list_id FROM import_entry_plan WHERE is_changed)",
    )
    .bind::<Timestamptz, _>(job.now)
    .execute(conn)?;
    let lists = "SELECT DISTINCT price_list_id AS id, false AS is_new FROM import_entry_plan WHERE is_changed";
    told::lists(conn, job, lists, Kind::PriceListEntriesChanged)
}

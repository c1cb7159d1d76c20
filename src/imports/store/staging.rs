//! The tables that rows are staged in: temporary, typed as the rows are read, gone with the transaction.

use crate::error::Result;
use crate::imports::kind::Kind;
use crate::imports::store::tables::*;
use diesel::ExecuteCopyFromDsl;
use diesel::pg::{CopyFormat, PgConnection};
use diesel::{RunQueryDsl, sql_query};
use std::io::Write;

/// The staging table of a kind: its name and columns as PostgreSQL has them.
fn definition(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Organizations => {
            ("import_organizations", "row bigint, code text, name text, parent_code text, group_code text")
        }
        Kind::Groups => (
            "import_groups",
            "row bigint, code text, name text, parent_code text, type text, status text, description text",
        ),
        Kind::Customers => (
            "import_customers",
            "row bigint, code text, name text, email text, status text, country text, region text, \
             customer_since date, payment_history text, organization_code text, groups text[], tags text[]",
        ),
        Kind::Products => (
            "import_products",
            "row bigint, sku text, name text, base_price bigint, category text, cost bigint, currency text, status text",
        ),
        Kind::Orders => (
            "import_orders",
            "row bigint, order_number text, placed_at timestamptz, day date, customer_code text, sku text, \
             quantity integer, unit_price bigint, status text, currency text, list_price bigint, unit_cost bigint, \
             paid_at timestamptz, due_at timestamptz, product_name text, customer_name text, customer_country text",
        ),
        Kind::PriceLists => (
            "import_price_lists",
            "row bigint, code text, name text, currency text, status text, valid_from date, valid_to date",
        ),
        Kind::PriceListEntries => (
            "import_price_list_entries",
            "row bigint, price_list_code text, sku text, min_quantity integer, price numeric",
        ),
        Kind::GroupPriceLists => {
            ("import_group_price_lists", "row bigint, group_code text, price_list_code text, priority integer")
        }
        Kind::Memberships => (
            "import_memberships",
            "row bigint, group_code text, customer_code text, since timestamptz, is_primary boolean",
        ),
    }
}

/// Makes a temporary table that ends with the transaction, and forgets one of an earlier import in it.
/// Names and definitions are written in this program, never read from a file.
pub(super) fn temporary(conn: &mut PgConnection, name: &'static str, columns: &'static str) -> Result<()> {
    sql_query(format!("DROP TABLE IF EXISTS pg_temp.{name}")).execute(conn)?;
    sql_query(format!("CREATE TEMP TABLE {name} ({columns}) ON COMMIT DROP")).execute(conn)?;
    Ok(())
}

/// Tells the planner how large a temporary table has become: nothing else would.
pub(super) fn analyze(conn: &mut PgConnection, name: &'static str) -> Result<()> {
    sql_query(format!("ANALYZE {name}")).execute(conn)?;
    Ok(())
}

/// So many new rows change what the planner should know of a table before the server gets round to it by itself.
const MANY: i64 = 10_000;

/// Tells the planner of tables that have grown by `rows`, so that the statements and pages that come next are quick.
pub(super) fn analyze_grown(conn: &mut PgConnection, tables: &[&'static str], rows: i64) -> Result<()> {
    if rows >= MANY {
        super::run(conn, "SET LOCAL default_statistics_target TO DEFAULT")?;
        for table in tables {
            analyze(conn, table)?;
        }
    }
    Ok(())
}

/// Makes the staging table of a kind and the table of problems.
pub fn prepare(conn: &mut PgConnection, kind: Kind) -> Result<()> {
    let (name, columns) = definition(kind);
    temporary(conn, name, columns)?;
    temporary(conn, "import_problems", "row bigint, natural_key text, column_name text, cause text, message text")
}

/// Streams lines of COPY text into the staging table of a kind. `feed` writes them.
pub fn copy_rows(conn: &mut PgConnection, kind: Kind, feed: impl Fn(&mut dyn Write) -> Result<()>) -> Result<()> {
    macro_rules! copy_into {
        ($table:ident) => {
            diesel::copy_from($table::table)
                .from_raw_data($table::table, feed)
                .with_format(CopyFormat::Text)
                .execute(conn)?
        };
    }
    match kind {
        Kind::Organizations => copy_into!(import_organizations),
        Kind::Groups => copy_into!(import_groups),
        Kind::Customers => copy_into!(import_customers),
        Kind::Products => copy_into!(import_products),
        Kind::Orders => copy_into!(import_orders),
        Kind::PriceLists => copy_into!(import_price_lists),
        Kind::PriceListEntries => copy_into!(import_price_list_entries),
        Kind::GroupPriceLists => copy_into!(import_group_price_lists),
        Kind::Memberships => copy_into!(import_memberships),
    };
    analyze(conn, definition(kind).0)
}

/// Streams the problems found while reading.
pub fn copy_problems(conn: &mut PgConnection, feed: impl Fn(&mut dyn Write) -> Result<()>) -> Result<()> {
    diesel::copy_from(import_problems::table)
        .from_raw_data(import_problems::table, feed)
        .with_format(CopyFormat::Text)
        .execute(conn)?;
    analyze(conn, "import_problems")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_staging_table_has_a_row_number_and_the_columns_of_its_kind() {
        for kind in Kind::ALL {
            let columns: Vec<_> =
                definition(kind).1.split(", ").map(|column| column.split(' ').next().unwrap()).collect();
            assert_eq!(columns[0], "row");
            for column in kind.columns() {
                let name = if column.name == "primary" { "is_primary" } else { column.name };
                assert!(columns.contains(&name), "{kind}: {name}");
            }
        }
    }
}

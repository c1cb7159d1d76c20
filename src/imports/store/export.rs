//! What an import of a kind would take, out of the database: the same columns, the same words, a few rows at a time.

use crate::error::{Error, Result};
use crate::imports::kind::Kind;
use crate::money::Currency;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text};

/// Rows that are fetched at a time.
const ROWS: i64 = 5_000;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Array<Nullable<Text>>)]
    cells: Vec<Option<String>>,
}

/// The cells of a kind in the order of its columns, and, behind them, the currency of its amounts, where it has any.
/// Which of the columns are amounts in minor units is told besides.
fn query(kind: Kind) -> (&'static str, &'static [&'static str]) {
    match kind {
        Kind::Groups => (
            "SELECT ARRAY[g.code, g.name, CASE WHEN p.parent_id IS NULL THEN NULL ELSE p.code END, g.type, g.status,
                          nullif(g.description, '')] AS cells
             FROM groups g JOIN groups p ON p.id = g.parent_id WHERE g.deleted_at IS NULL ORDER BY g.code COLLATE \"C\"",
            &[],
        ),
        Kind::Organizations => (
            "SELECT ARRAY[o.code, o.name, p.code, g.code] AS cells
             FROM organizations o LEFT JOIN organizations p ON p.id = o.parent_id
             LEFT JOIN groups g ON g.id = o.group_id AND g.deleted_at IS NULL ORDER BY o.code COLLATE \"C\"",
            &[],
        ),
        Kind::Customers => (
            "SELECT ARRAY[c.code, c.name, c.email, c.status, c.country, c.region, c.customer_since::text,
                          c.payment_history, o.code,
                          array_to_string(c.tags, ';')] AS cells
             FROM customers c LEFT JOIN organizations o ON o.id = c.organization_id ORDER BY c.code COLLATE \"C\"",
            &[],
        ),
        Kind::Products => (
            "SELECT ARRAY[sku, name, base_price::text, category, cost::text, currency, status, currency] AS cells
             FROM products ORDER BY sku COLLATE \"C\"",
            &["base_price", "cost"],
        ),
        Kind::Orders => (
            "SELECT ARRAY[o.order_number, to_char(o.placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), c.code,
                          p.sku, l.quantity::text, l.unit_price::text, o.status, o.currency, l.list_price::text,
                          l.unit_cost::text, to_char(o.paid_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),
                          to_char(o.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),
                          o.currency] AS cells
             FROM orders o JOIN customers c ON c.id = o.customer_id JOIN order_lines l ON l.order_id = o.id
             JOIN products p ON p.id = l.product_id ORDER BY o.order_number COLLATE \"C\", l.line",
            &["unit_price", "list_price", "unit_cost"],
        ),
        Kind::PriceLists => (
            "SELECT ARRAY[code, name, currency, status, valid_from::text, valid_to::text] AS cells
             FROM price_lists ORDER BY code COLLATE \"C\"",
            &[],
        ),
        Kind::PriceListEntries => (
            "SELECT ARRAY[l.code, p.sku, e.min_quantity::text, e.price::text, l.currency] AS cells
             FROM price_list_entries e JOIN price_lists l ON l.id = e.price_list_id JOIN products p ON p.id = e.product_id
             ORDER BY l.code COLLATE \"C\", p.sku COLLATE \"C\", e.min_quantity",
            &["price"],
        ),
        Kind::GroupPriceLists => (
            "SELECT ARRAY[g.code, l.code, a.priority::text] AS cells
             FROM group_price_lists a JOIN groups g ON g.id = a.group_id AND g.deleted_at IS NULL
             JOIN price_lists l ON l.id = a.price_list_id ORDER BY g.code COLLATE \"C\", a.priority, l.code COLLATE \"C\"",
            &[],
        ),
        Kind::Memberships => (
            "SELECT ARRAY[g.code, c.code, to_char(m.since AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),
                          m.is_primary::text] AS cells
             FROM memberships m JOIN groups g ON g.id = m.group_id AND g.deleted_at IS NULL AND g.type <> 'automatic'
             JOIN customers c ON c.id = m.customer_id
             WHERE m.by_hand ORDER BY g.code COLLATE \"C\", c.code COLLATE \"C\"",
            &[],
        ),
    }
}

/// Columns of a kind that are not exported: whose memberships are a kind of their own, and what only makes things that an
/// order names.
const LEFT_OUT: [(Kind, &str); 4] = [
    (Kind::Customers, "groups"),
    (Kind::Orders, "product_name"),
    (Kind::Orders, "customer_name"),
    (Kind::Orders, "customer_country"),
];

/// Gives `take` the rows of a kind one after the other, the header first: all of one moment, however long it takes.
///
/// # Errors
/// What `take` says.
pub fn rows(conn: &mut PgConnection, kind: Kind, take: &mut dyn FnMut(&[String]) -> Result<()>) -> Result<()> {
    let (query, amounts) = query(kind);
    let names = kind.columns().iter().map(|column| column.name);
    let columns: Vec<&str> = names.filter(|name| !LEFT_OUT.contains(&(kind, name))).collect();
    take(&columns.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
    conn.transaction(|conn| {
        diesel::sql_query(format!("DECLARE exported NO SCROLL CURSOR FOR {query}")).execute(conn)?;
        loop {
            let rows: Vec<Row> = diesel::sql_query(format!("FETCH {ROWS} FROM exported")).load(conn)?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in rows {
                take(&told(row.cells, &columns, amounts)?)?;
            }
        }
    })
}

/// Amounts in major units, and without the currency behind the columns.
fn told(cells: Vec<Option<String>>, columns: &[&str], amounts: &[&str]) -> Result<Vec<String>> {
    let currency = cells.get(columns.len()).cloned().flatten();
    let currency = currency.as_deref().and_then(Currency::from_code);
    let cell = |(text, column): (Option<String>, &&str)| {
        let Some(text) = text else { return Ok(String::new()) };
        match currency.filter(|_| amounts.contains(column)) {
            Some(currency) => Ok(currency.major(text.parse().map_err(Error::internal)?).to_string()),
            None => Ok(text),
        }
    };
    cells.into_iter().zip(columns).map(cell).collect()
}

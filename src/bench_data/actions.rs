//! Loading the bench shop: refuse what isn't empty, write the rows, make the indexes, prove the figures.

use super::shop::Shop;
use super::sizes::Sizes;
use super::store::{self, Aside};
use crate::demo::refuse_unless_empty;
use crate::error::Result;
use chrono::{DateTime, Utc};
use diesel::Connection;
use diesel::pg::PgConnection;
use std::cell::Cell;

/// How far loading is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Units of work done: rows written, and half a unit for each row that goes into an index.
    pub done: usize,
    /// All of them.
    pub of: usize,
    /// What is being done.
    pub text: &'a str,
}

/// The rows that an index or a key is made of, at most.
fn rows_of(table: &str, sizes: &Sizes) -> usize {
    match table {
        "customers" | "customer_purchases" | "customer_running_totals" => sizes.customers,
        "memberships" | "membership_events" => sizes.memberships,
        "price_list_entries" => sizes.entries,
        "orders" => sizes.orders,
        "order_lines" => sizes.lines,
        _ => 0,
    }
}

/// Loads the shop into a migrated database that holds nothing else: one transaction, then a look by the planner.
/// `progress` is told often.
///
/// # Errors
/// Sizes that can't be made; [`crate::error::Error::Conflict`] where the database holds anything. Nothing is changed
/// then.
pub fn load(conn: &mut PgConnection, sizes: Sizes, now: DateTime<Utc>, progress: &dyn Fn(Progress<'_>)) -> Result<()> {
    sizes.check()?;
    conn.transaction(|conn| {
        refuse_unless_empty(conn, "The bench shop")?;
        write(conn, &Shop::new(sizes), progress)?;
        store::note(conn, &sizes, now)
    })?;
    progress(Progress { done: 1, of: 1, text: "Telling the planner" });
    store::settle(conn)
}

fn write(conn: &mut PgConnection, shop: &Shop, progress: &dyn Fn(Progress<'_>)) -> Result<()> {
    store::prepare(conn)?;
    let asides = store::take_away(conn)?;
    let sizes = &shop.sizes;
    let work = |aside: &Aside| rows_of(&aside.table_name, sizes) / 2;
    let of = sizes.rows() + asides.iter().map(work).sum::<usize>() + sizes.orders + sizes.lines;
    let (done, text) = (Cell::new(0), Cell::new(""));
    let begin = |next: &'static str| {
        text.set(next);
        progress(Progress { done: done.get(), of, text: next });
    };
    let count = |rows: usize| {
        done.set(done.get() + rows);
        progress(Progress { done: done.get(), of, text: text.get() });
    };
    begin("Groups, products and price lists");
    store::write_small(conn, shop, &count)?;
    begin("Customers");
    store::write_customers(conn, shop, &count)?;
    begin("Memberships");
    store::write_memberships(conn, shop, &count)?;
    begin("Price list entries");
    store::write_entries(conn, shop, &count)?;
    begin("Orders");
    store::write_orders(conn, shop, &count)?;
    begin("Order lines");
    store::write_lines(conn, shop, &count)?;
    begin("Counting and rolling up");
    store::count(conn)?;
    store::roll_up(conn)?;
    count(sizes.orders);
    for aside in &asides {
        let what = if aside.kind == 3 { "Checking" } else { "Indexing" };
        progress(Progress { done: done.get(), of, text: &format!("{what} {}", aside.name) });
        store::put_back(conn, aside)?;
        done.set(done.get() + work(aside));
    }
    store::triggers_on(conn)?;
    begin("Proving the figures");
    store::check(conn, sizes)?;
    count(sizes.lines);
    Ok(())
}

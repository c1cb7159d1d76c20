//! Loading the demo shop: refuse what isn't empty, make the shop, write it, all in one transaction.

use super::groups::Key;
use super::marketing::marketing;
use super::memberships::{self, Matches};
use super::people::PEOPLE;
use super::rules;
use super::shop::Shop;
use super::store::{self, Holding};
use crate::error::{Error, Result};
use crate::money::format_count;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::Connection;
use diesel::pg::PgConnection;
use serde_json::json;

/// What the demo shop needs to know.
#[derive(Clone, Copy, Debug)]
pub struct DemoOptions {
    /// The moment the shop is made: its three years of orders end on this day. The same moment makes the same shop.
    pub now: DateTime<Utc>,
    /// Do nothing, instead of refusing, where the database isn't empty.
    pub if_empty: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The shop is in the database.
    Loaded(Loaded),
    /// The database held something and was left alone, as [`DemoOptions::if_empty`] asks.
    LeftAlone,
}

/// How much was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Groups besides All Customers.
    pub groups: usize,
    /// Customers.
    pub customers: usize,
    /// Organizations.
    pub organizations: usize,
    /// Products.
    pub products: usize,
    /// Orders, credit notes included.
    pub orders: usize,
    /// Memberships.
    pub memberships: usize,
}

/// Where loading is: the step about to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// From 1.
    pub number: u64,
    /// How many there are.
    pub of: u64,
    /// What is being done.
    pub text: &'static str,
}

const STEPS: [&str; 8] = [
    "Making three years of orders",
    "Writing products and price lists",
    "Writing groups and their settings",
    "Writing customers",
    "Writing orders",
    "Writing order lines",
    "Rolling up purchases",
    "Running rules and writing memberships",
];

/// The sign-ins of the demo shop: address and role.
pub fn sign_ins() -> impl Iterator<Item = (&'static str, &'static str)> {
    PEOPLE.iter().map(|person| (person.email, person.role))
}

/// Loads the demo shop into a migrated database that holds nothing else. `password_hash` is asked for the hash of the
/// password that the three sign-ins share, where there is something to load; `progress` is told each step before it
/// begins.
///
/// # Errors
/// [`Error::Conflict`] where the database holds anything, or the clock is before 2025 (the shop's history begins in
/// January 2024), and those of `password_hash`. Nothing is changed then.
pub fn load(
    conn: &mut PgConnection,
    options: DemoOptions,
    password_hash: impl FnOnce() -> Result<String>,
    progress: &mut dyn FnMut(Step),
) -> Result<Outcome> {
    let today = options.now.date_naive();
    if NaiveDate::from_ymd_opt(2025, 1, 1).is_none_or(|first| today < first) {
        return Err(Error::Conflict(format!(
            "The clock says {today}, and the demo shop's history begins in January 2024. Set the clock and try again."
        )));
    }
    conn.transaction(|conn| {
        store::hold_alone(conn)?;
        let held = store::holdings(conn)?;
        if held.is_empty() {
            return Ok(Outcome::Loaded(write(conn, options.now, &password_hash()?, progress)?));
        }
        if options.if_empty { Ok(Outcome::LeftAlone) } else { Err(refusal("The demo shop", &held)) }
    })
}

/// Refuses a database that holds anything which `what`, a made-up shop, would be mixed with. Every other loader waits
/// until the transaction ends.
///
/// # Errors
/// [`Error::Conflict`], which says what is there.
pub fn refuse_unless_empty(conn: &mut PgConnection, what: &str) -> Result<()> {
    store::hold_alone(conn)?;
    let held = store::holdings(conn)?;
    if held.is_empty() { Ok(()) } else { Err(refusal(what, &held)) }
}

fn write(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    password_hash: &str,
    progress: &mut dyn FnMut(Step),
) -> Result<Loaded> {
    let mut number = 0;
    let mut next = || {
        number += 1;
        progress(Step { number, of: STEPS.len() as u64, text: STEPS[number as usize - 1] });
    };
    next();
    let shop = Shop::at(now);
    next();
    store::write_products(conn, &shop.products)?;
    store::write_visibility_groups(conn, &shop.visibility_groups, &shop.products)?;
    store::write_price_lists(conn, &shop.price_lists, &shop.products)?;
    next();
    store::write_groups(conn, &shop.groups, &shop.calendar)?;
    store::write_group_pricing(conn, &shop.groups, &shop.price_lists)?;
    store::write_group_visibility(conn, &shop.groups, &shop.visibility_groups)?;
    store::write_group_terms(conn, &shop.groups)?;
    store::write_store_settings(conn, &shop.groups, now)?;
    store::write_marketing(conn, &marketing(&shop.calendar, &shop.groups, &shop.products), now)?;
    store::write_people(conn, password_hash, now)?;
    next();
    store::write_organizations(conn, &shop.organizations, &shop.groups)?;
    store::write_customers(conn, &shop.customers, &shop.organizations)?;
    next();
    store::write_orders(conn, &shop.orders, &shop.customers)?;
    next();
    store::write_order_lines(conn, &shop.orders, &shop.products)?;
    next();
    store::rebuild_purchases(conn)?;
    next();
    let memberships = join(conn, &shop)?;
    store::write_schedules(conn, &shop.groups, &shop.calendar, now)?;
    let loaded = Loaded {
        groups: shop.groups.len(),
        customers: shop.customers.len(),
        organizations: shop.organizations.len(),
        products: shop.products.len(),
        orders: shop.orders.len(),
        memberships,
    };
    let counts = json!({
        "groups": loaded.groups, "customers": loaded.customers, "organizations": loaded.organizations,
        "products": loaded.products, "orders": loaded.orders, "memberships": loaded.memberships,
    });
    store::write_audit(conn, &counts, now)?;
    Ok(loaded)
}

/// Asks the rows whom the rules match, and writes memberships accordingly.
fn join(conn: &mut PgConnection, shop: &Shop) -> Result<usize> {
    let mut matches = Matches::new();
    for key in Key::ALL {
        for id in store::matches(conn, key, shop.calendar.today)? {
            matches.insert((key, id), rules::holds_since(shop, key, id));
        }
    }
    let (memberships, events) = memberships::memberships(&shop.customers, &matches);
    store::write_memberships(conn, &memberships, &events, &shop.groups)?;
    Ok(memberships.len())
}

fn refusal(what: &str, held: &[Holding]) -> Error {
    let parts: Vec<String> = held
        .iter()
        .map(|one| format!("{} {}", format_count(one.count), if one.count == 1 { &one.one } else { &one.many }))
        .collect();
    let list = match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => parts.concat(),
    };
    Error::Conflict(format!(
        "{what} goes into an empty database only, and this one holds {list}. Nothing was changed. Give it a \
         database of its own with DATABASE_URL or DATA_DIR."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_says_what_is_there_and_what_to_do() {
        let held = |one: &str, many: &str, count| Holding { one: one.into(), many: many.into(), count };
        for (held, text) in [
            (vec![held("user", "users", 1)], "this one holds 1 user. Nothing"),
            (vec![held("user", "users", 2), held("order", "orders", 1_200)], "holds 2 users and 1,200 orders. Nothing"),
        ] {
            let sentence = refusal("The demo shop", &held).to_string();
            assert!(sentence.contains(text) && sentence.contains("DATABASE_URL"), "{sentence}");
        }
    }
}

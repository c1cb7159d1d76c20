//! Prices below what products cost: those of lists, and those that percentages and amounts off make (SPEC 9). Found in the
//! database, step by step.

use super::conflicts::LOOKED_AT;
use crate::db::composed::{Composed, sql};
use crate::error::Result;
use crate::money::Currency;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// The most products that are counted for one discount.
pub const COUNTED: i64 = 1_000;

/// A price of an active list that is below what the product costs.
#[derive(Clone, Debug, QueryableByName)]
pub struct BelowCost {
    /// The list.
    #[diesel(sql_type = SqlUuid)]
    pub list_id: Uuid,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub list_name: String,
    /// The product.
    #[diesel(sql_type = SqlUuid)]
    pub product_id: Uuid,
    /// Its SKU.
    #[diesel(sql_type = Text)]
    pub sku: String,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub product_name: String,
    /// From how many units on.
    #[diesel(sql_type = Integer)]
    pub min_quantity: i32,
    /// Minor units.
    #[diesel(sql_type = BigInt)]
    pub price: i64,
    /// Minor units.
    #[diesel(sql_type = BigInt)]
    pub cost: i64,
}

/// An entry's key: list, product, minimum quantity.
pub type EntryKey = (Uuid, Uuid, i32);

/// The first `limit` prices below cost among the [`LOOKED_AT`] after a key, and the key of the last one that was looked at,
/// where more follow. Lists that are switched off or over by this store day sell nothing.
pub fn entries(
    conn: &mut PgConnection,
    today: NaiveDate,
    after: Option<EntryKey>,
    limit: i64,
) -> Result<(Vec<BelowCost>, Option<EntryKey>)> {
    #[derive(QueryableByName)]
    struct End {
        #[diesel(sql_type = SqlUuid)]
        price_list_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        product_id: Uuid,
        #[diesel(sql_type = Integer)]
        min_quantity: i32,
    }
    let beyond = |query: Composed| match after {
        Some((list, product, quantity)) => query
            .sql(" WHERE (price_list_id, product_id, min_quantity) > (")
            .id(list)
            .sql(", ")
            .id(product)
            .sql(", ")
            .number(i64::from(quantity))
            .sql(")"),
        None => query,
    };
    let entries = "SELECT price_list_id, product_id, min_quantity, price FROM price_list_entries";
    let ordered = |query: Composed| query.sql(" ORDER BY price_list_id, product_id, min_quantity");
    let end: Option<End> =
        ordered(beyond(sql(entries))).sql(" LIMIT 1 OFFSET ").number(LOOKED_AT - 1).get_result(conn).optional()?;
    let looked = ordered(beyond(sql("WITH looked AS (").sql(entries))).sql(" LIMIT ").number(LOOKED_AT);
    let found = looked
        .sql(
            ") SELECT e.price_list_id AS list_id, l.name AS list_name, e.product_id, p.sku, p.name AS product_name,
                 e.min_quantity, e.price, p.cost
             FROM looked e JOIN price_lists l ON l.id = e.price_list_id JOIN products p ON p.id = e.product_id
             WHERE e.price < p.cost AND l.currency = p.currency AND l.status = 'active' AND p.status = 'active'
               AND coalesce(l.valid_to, 'infinity') >= ",
        )
        .day(today)
        .sql(" ORDER BY e.price_list_id, e.product_id, e.min_quantity LIMIT ")
        .number(limit)
        .load(conn)?;
    Ok((found, end.map(|end| (end.price_list_id, end.product_id, end.min_quantity))))
}

/// What a group takes off base prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// So many hundredths of a percent, with what it adds to.
    Percent(i64),
    /// So many minor units.
    Amount(i64),
}

/// For which products a discount is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    /// All.
    All = 0,
    /// Those of the group's categories.
    Categories = 1,
    /// Those that the group chose.
    Chosen = 2,
}

/// A group's discount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discount {
    /// The group that says it.
    pub group: Uuid,
    /// What it takes off.
    pub takes: Takes,
    /// From which products.
    pub covers: Covers,
}

/// Products that a discount sells below cost.
#[derive(Clone, Debug, QueryableByName)]
pub struct Sold {
    /// The group.
    #[diesel(sql_type = SqlUuid)]
    pub group_id: Uuid,
    /// How many, at most [`COUNTED`].
    #[diesel(sql_type = BigInt)]
    pub products: i64,
    /// The one that loses most: its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Its SKU.
    #[diesel(sql_type = Text)]
    pub sku: String,
    /// Its price with the discount, minor units.
    #[diesel(sql_type = BigInt)]
    pub price: i64,
    /// What it costs, minor units.
    #[diesel(sql_type = BigInt)]
    pub cost: i64,
}

/// What these discounts sell below cost on a store day; discounts that sell nothing so are left out. A product that one of
/// the group's own lists prices from one unit on is the list's business. Indexes lead to the products.
pub fn discounts(
    conn: &mut PgConnection,
    discounts: &[Discount],
    today: NaiveDate,
    currency: Currency,
) -> Result<Vec<Sold>> {
    let of = |points: fn(&Takes) -> Option<i64>| -> (Vec<Uuid>, Vec<i64>, Vec<i64>) {
        let mut columns = (Vec::new(), Vec::new(), Vec::new());
        for discount in discounts {
            if let Some(value) = points(&discount.takes) {
                columns.0.push(discount.group);
                columns.1.push(value);
                columns.2.push(discount.covers as i64);
            }
        }
        columns
    };
    let percents = of(|takes| if let Takes::Percent(points) = takes { Some(*points) } else { None });
    let amounts = of(|takes| if let Takes::Amount(amount) = takes { Some(*amount) } else { None });
    let mut found: Vec<Sold> = Vec::new();
    for (columns, price, below) in [
        (
            percents,
            "round(p.base_price * (10000 - a.value)::numeric / 10000)::bigint",
            // What is free costs nothing off.
            "p.base_price > 0 AND p.cost::numeric / p.base_price > (10000 - a.value)::numeric / 10000",
        ),
        (amounts, "greatest(p.base_price - a.value, 0)", "p.base_price - p.cost < a.value"),
    ] {
        if columns.0.is_empty() {
            continue;
        }
        let query = sql("SELECT a.group_id, f.* FROM unnest(")
            .ids(columns.0)
            .sql("::uuid[], ")
            .numbers(columns.1)
            .sql("::bigint[], ")
            .numbers(columns.2)
            .sql("::bigint[]) AS a (group_id, value, covers), LATERAL (WITH sold AS (SELECT p.name, p.sku, p.cost, ")
            .sql(price)
            .sql(" AS price FROM products p WHERE p.status = 'active' AND p.cost > 0 AND p.currency = ")
            .text(currency.code())
            .sql(" AND ")
            .sql(below)
            .sql(" AND p.cost > ")
            .sql(price)
            .sql(
                " AND CASE a.covers
                    WHEN 1 THEN p.category IN (SELECT c.category FROM group_pricing_categories c WHERE c.group_id = a.group_id)
                    WHEN 2 THEN EXISTS (SELECT FROM group_pricing_products c WHERE c.group_id = a.group_id AND c.product_id = p.id)
                    ELSE true END
                  AND NOT EXISTS (
                      SELECT FROM group_price_lists x JOIN price_lists l ON l.id = x.price_list_id
                      JOIN price_list_entries e ON e.price_list_id = l.id AND e.product_id = p.id AND e.min_quantity = 1
                      WHERE x.group_id = a.group_id AND l.status = 'active' AND l.currency = p.currency
                        AND coalesce(l.valid_from, '-infinity') <= ",
            )
            .day(today)
            .sql(" AND coalesce(l.valid_to, 'infinity') >= ")
            .day(today)
            .sql(") LIMIT ")
            .number(COUNTED)
            .sql(
                ") SELECT (SELECT count(*) FROM sold) AS products, s.name, s.sku, s.price, s.cost
                   FROM sold s ORDER BY s.cost - s.price DESC, s.sku LIMIT 1) f",
            );
        found.extend(query.load::<Sold>(conn)?);
    }
    Ok(found)
}

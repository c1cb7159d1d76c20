//! The products of a question, with what prices and visibility depend on: one prepared statement, whatever is wanted.

use crate::db::statement::statement;
use crate::error::{Error, Result};
use crate::money::Currency;
use crate::pricing::asking::{Wanted, Ware, Wares};
use crate::pricing::facts::{Entry, Product};
use crate::visibility::sight::Shown;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// Columns of a product. Its entries follow.
macro_rules! columns {
    () => {
        "SELECT p.id, p.sku, p.name, p.category, p.base_price, p.cost, p.currency, p.status = 'active' AS active,
         e.lists, e.quantities, e.prices"
    };
}

/// Its entries in lists: one look by the primary key for each list, so that in however many other lists a product is costs
/// nothing; `OFFSET 0` keeps the planner from turning that round.
macro_rules! entries {
    () => {
        " FROM products p LEFT JOIN LATERAL (
              SELECT array_agg(l.id) AS lists, array_agg(x.min_quantity) AS quantities, array_agg(x.price) AS prices
              FROM unnest((SELECT "
    };
}

/// The end of the entries, and which products.
macro_rules! of_skus {
    () => {
        ")::uuid[]) l (id) CROSS JOIN LATERAL (
                  SELECT min_quantity, price FROM price_list_entries
                  WHERE price_list_id = l.id AND product_id = p.id OFFSET 0
              ) x
          ) e ON true WHERE p.sku = ANY ((SELECT "
    };
}

#[derive(QueryableByName)]
struct WareRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    sku: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    category: String,
    #[diesel(sql_type = BigInt)]
    base_price: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    cost: Option<i64>,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Bool)]
    active: bool,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    lists: Option<Vec<Uuid>>,
    #[diesel(sql_type = Nullable<Array<Integer>>)]
    quantities: Option<Vec<i32>>,
    #[diesel(sql_type = Nullable<Array<BigInt>>)]
    prices: Option<Vec<i64>>,
}

#[derive(QueryableByName)]
struct SeenRow {
    #[diesel(embed)]
    ware: WareRow,
    #[diesel(sql_type = Array<SqlUuid>)]
    chosen_by: Vec<Uuid>,
    #[diesel(sql_type = Array<SqlUuid>)]
    sets: Vec<Uuid>,
    #[diesel(sql_type = Array<SqlUuid>)]
    included_by: Vec<Uuid>,
    #[diesel(sql_type = Array<SqlUuid>)]
    excluded_by: Vec<Uuid>,
}

impl WareRow {
    fn into_ware(self, chosen_by: Vec<Uuid>, shown: Shown) -> Result<Ware> {
        let currency = Currency::from_code(&self.currency)
            .ok_or_else(|| Error::internal(format!("product {} has no known currency", self.sku)))?;
        let mut product = Product::new(self.id, &self.sku, self.base_price, currency);
        product.name = self.name;
        product.category = self.category;
        product.cost = self.cost;
        product.active = self.active;
        let (lists, quantities) = (self.lists.into_iter().flatten(), self.quantities.into_iter().flatten());
        let entries = lists.zip(quantities).zip(self.prices.into_iter().flatten());
        let entries = entries.map(|((list_id, min_quantity), price)| Entry { list_id, min_quantity, price });
        Ok(Ware { product: product.with_entries(entries.collect()).with_chosen_by(chosen_by), shown })
    }
}

/// The products of these SKUs, with what is wanted of them. SKUs that are none are left out.
pub fn wares(conn: &mut PgConnection, wanted: &Wanted, skus: &[&str]) -> Result<Wares> {
    // PostgreSQL's text holds no NUL, so no product has such an SKU.
    let skus: Vec<&str> = skus.iter().copied().filter(|sku| !sku.contains('\0')).collect();
    if wanted.only_lists() {
        let query = statement(concat!(columns!(), entries!()))
            .bind::<Array<SqlUuid>, _>(&wanted.lists)
            .sql(of_skus!())
            .bind::<Array<Text>, _>(&skus)
            .sql(")::text[])");
        let rows: Vec<WareRow> = query.load(conn)?;
        return rows.into_iter().map(|row| row.into_ware(Vec::new(), Shown::default())).collect();
    }
    let query = statement(concat!(
        columns!(),
        ", ARRAY(SELECT x.group_id FROM group_pricing_products x WHERE x.product_id = p.id AND x.group_id = ANY ((SELECT "
    ))
    .bind::<Array<SqlUuid>, _>(&wanted.choosing)
    .sql(
        ")::uuid[])) AS chosen_by,
         ARRAY(SELECT x.visibility_group_id FROM visibility_group_products x
               WHERE x.product_id = p.id AND x.visibility_group_id = ANY ((SELECT ",
    )
    .bind::<Array<SqlUuid>, _>(&wanted.sets)
    .sql(
        ")::uuid[])) AS sets,
         ARRAY(SELECT x.group_id FROM group_visibility_products x
               WHERE x.product_id = p.id AND x.mode = 'included' AND x.group_id = ANY ((SELECT ",
    )
    .bind::<Array<SqlUuid>, _>(&wanted.naming)
    .sql(
        ")::uuid[])) AS included_by,
         ARRAY(SELECT x.group_id FROM group_visibility_products x
               WHERE x.product_id = p.id AND x.mode = 'excluded' AND x.group_id = ANY ((SELECT ",
    )
    .bind::<Array<SqlUuid>, _>(&wanted.naming)
    .sql(concat!(")::uuid[])) AS excluded_by", entries!()))
    .bind::<Array<SqlUuid>, _>(&wanted.lists)
    .sql(of_skus!())
    .bind::<Array<Text>, _>(&skus)
    .sql(")::text[])");
    let rows: Vec<SeenRow> = query.load(conn)?;
    let ware = |row: SeenRow| {
        let shown = Shown { sets: row.sets, included_by: row.included_by, excluded_by: row.excluded_by };
        row.ware.into_ware(row.chosen_by, shown)
    };
    rows.into_iter().map(ware).collect()
}

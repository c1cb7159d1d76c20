//! The products of a question, with what prices and visibility depend on: one prepared statement, whatever is wanted.

use crate::db::statement::statement;
use crate::error::{Error, Result};
use crate::money::Currency;
use crate::pricing::asking::{Wanted, Ware, Wares};
use crate::pricing::facts::{Entry, Product};
use crate::visibility::sight::Shown;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

/// What is known of a product `p`, and which look it is for.
macro_rules! columns {
    () => {
        "WITH looks AS MATERIALIZED (
             SELECT place, lists::uuid[] AS lists FROM unnest((SELECT "
    };
}

/// After the lists.
macro_rules! products {
    () => {
        ")) WITH ORDINALITY l (lists, place)
         )
         SELECT p.*, e.price_list_id AS list, e.min_quantity, e.price
         FROM (SELECT a.look, p.id, p.sku, p.name, p.category, p.base_price, p.cost, p.currency,
                      p.status = 'active' AS active"
    };
}

/// Before the SKUs.
macro_rules! asked {
    () => {
        " FROM unnest((SELECT "
    };
}

/// After them. Its entries in lists are found by the primary key, list by list, so that in however many other lists a
/// product is costs nothing; `OFFSET 0` keeps the planner from turning that round, and from looking at a product once for
/// each of its entries.
macro_rules! entries {
    () => {
        ")) a (sku, look) JOIN products p ON p.sku = a.sku OFFSET 0) p
         JOIN looks l ON l.place = p.look
         LEFT JOIN price_list_entries e ON e.price_list_id = ANY (l.lists) AND e.product_id = p.id"
    };
}

#[derive(QueryableByName)]
struct WareRow {
    #[diesel(sql_type = BigInt)]
    look: i64,
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
    #[diesel(sql_type = Nullable<SqlUuid>)]
    list: Option<Uuid>,
    #[diesel(sql_type = Nullable<Integer>)]
    min_quantity: Option<i32>,
    #[diesel(sql_type = Nullable<BigInt>)]
    price: Option<i64>,
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

impl From<WareRow> for SeenRow {
    fn from(ware: WareRow) -> Self {
        Self { ware, chosen_by: Vec::new(), sets: Vec::new(), included_by: Vec::new(), excluded_by: Vec::new() }
    }
}

impl WareRow {
    fn entry(&self) -> Option<Entry> {
        Some(Entry { list_id: self.list?, min_quantity: self.min_quantity?, price: self.price? })
    }

    fn into_ware(self, entries: Vec<Entry>, chosen_by: Vec<Uuid>, shown: Shown) -> Result<Ware> {
        let currency = Currency::from_code(&self.currency)
            .ok_or_else(|| Error::internal(format!("product {} has no known currency", self.sku)))?;
        let mut product = Product::new(self.id, &self.sku, self.base_price, currency);
        product.name = self.name;
        product.category = self.category;
        product.cost = self.cost;
        product.active = self.active;
        Ok(Ware { product: product.with_entries(entries).with_chosen_by(chosen_by), shown })
    }
}

/// The products of these SKUs, with what is wanted of them. SKUs that are none are left out.
pub fn wares(conn: &mut PgConnection, wanted: &Wanted, skus: &[&str]) -> Result<Wares> {
    Ok(wares_of_each(conn, &[(wanted.clone(), skus.to_vec())])?.pop().unwrap_or_default())
}

/// The same for several who look at products, in their order: one statement.
pub fn wares_of_each(conn: &mut PgConnection, looks: &[(Wanted, Vec<&str>)]) -> Result<Vec<Wares>> {
    let (mut skus, mut places, mut lists, mut any) = (Vec::new(), Vec::new(), Vec::new(), Wanted::default());
    for (place, (wanted, asked)) in (1_i64..).zip(looks) {
        // PostgreSQL's text holds no NUL, so no product has such an SKU.
        let asked = asked.iter().copied().filter(|sku| !sku.contains('\0'));
        skus.extend(asked);
        places.resize(skus.len(), place);
        lists.push(array(&wanted.lists));
        any.extend(wanted.clone());
    }
    let seen = match any.only_lists() {
        true => only_lists(conn, &skus, &places, &lists)?,
        false => with_sight(conn, &any, &skus, &places, &lists)?,
    };
    // A product has a row for each of its entries.
    let mut products: HashMap<(i64, Uuid), (SeenRow, Vec<Entry>)> = HashMap::with_capacity(skus.len());
    for row in seen {
        let entry = row.ware.entry();
        let (_, entries) = products.entry((row.ware.look, row.ware.id)).or_insert_with(|| (row, Vec::new()));
        entries.extend(entry);
    }
    let mut wares: Vec<Wares> = looks.iter().map(|_| Wares::default()).collect();
    for ((look, _), (row, entries)) in products {
        let of = usize::try_from(look - 1).ok().and_then(|look| wares.get_mut(look));
        let shown = Shown { sets: row.sets, included_by: row.included_by, excluded_by: row.excluded_by };
        let ware = row.ware.into_ware(entries, row.chosen_by, shown)?;
        if let Some(wares) = of {
            wares.insert(ware);
        }
    }
    Ok(wares)
}

/// Ids as PostgreSQL writes an array.
fn array(ids: &[Uuid]) -> String {
    format!("{{{}}}", ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(","))
}

/// Where nothing but lists matters: no group chooses products or shows only some.
fn only_lists(conn: &mut PgConnection, skus: &[&str], places: &[i64], lists: &[String]) -> Result<Vec<SeenRow>> {
    let rows: Vec<WareRow> = statement(columns!())
        .bind::<Array<Text>, _>(lists)
        .sql(concat!(products!(), asked!()))
        .bind::<Array<Text>, _>(skus)
        .sql("), (SELECT ")
        .bind::<Array<BigInt>, _>(places)
        .sql(entries!())
        .load(conn)?;
    Ok(rows.into_iter().map(SeenRow::from).collect())
}

fn with_sight(
    conn: &mut PgConnection,
    any: &Wanted,
    skus: &[&str],
    places: &[i64],
    lists: &[String],
) -> Result<Vec<SeenRow>> {
    let query = statement(columns!())
        .bind::<Array<Text>, _>(lists)
        .sql(concat!(
            products!(),
            ", ARRAY(SELECT x.group_id FROM group_pricing_products x
                     WHERE x.product_id = p.id AND x.group_id = ANY ((SELECT "
        ))
        .bind::<Array<SqlUuid>, _>(&any.choosing)
        .sql(
            ")::uuid[])) AS chosen_by,
               ARRAY(SELECT x.visibility_group_id FROM visibility_group_products x
                     WHERE x.product_id = p.id AND x.visibility_group_id = ANY ((SELECT ",
        )
        .bind::<Array<SqlUuid>, _>(&any.sets)
        .sql(
            ")::uuid[])) AS sets,
               ARRAY(SELECT x.group_id FROM group_visibility_products x
                     WHERE x.product_id = p.id AND x.mode = 'included' AND x.group_id = ANY ((SELECT ",
        )
        .bind::<Array<SqlUuid>, _>(&any.naming)
        .sql(
            ")::uuid[])) AS included_by,
               ARRAY(SELECT x.group_id FROM group_visibility_products x
                     WHERE x.product_id = p.id AND x.mode = 'excluded' AND x.group_id = ANY ((SELECT ",
        )
        .bind::<Array<SqlUuid>, _>(&any.naming)
        .sql(concat!(")::uuid[])) AS excluded_by", asked!()))
        .bind::<Array<Text>, _>(skus)
        .sql("), (SELECT ")
        .bind::<Array<BigInt>, _>(places)
        .sql(entries!());
    Ok(query.load(conn)?)
}

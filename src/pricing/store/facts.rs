//! Loads products with what the lists and scopes of a ladder say of them.

use crate::error::{Error, Result};
use crate::money::Currency;
use crate::pricing::facts::{Entry, Product};
use crate::schema::{group_pricing_products, price_list_entries, products};
use diesel::prelude::*;
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Queryable, Selectable)]
#[diesel(table_name = products)]
struct ProductRow {
    id: Uuid,
    sku: String,
    name: String,
    category: String,
    base_price: i64,
    cost: Option<i64>,
    currency: String,
    status: String,
}

/// The products `ids` with their entries in `lists` and which of `groups` chose them, by id. Three queries, however many.
pub fn products(
    conn: &mut PgConnection,
    ids: &[Uuid],
    lists: &[Uuid],
    groups: &[Uuid],
) -> Result<HashMap<Uuid, Product>> {
    let rows: Vec<ProductRow> =
        products::table.filter(products::id.eq_any(ids)).select(ProductRow::as_select()).load(conn)?;
    let mut entries = entries(conn, ids, lists)?;
    let mut chosen = chosen(conn, ids, groups)?;
    rows.into_iter()
        .map(|row| {
            let id = row.id;
            let product = row.into_product()?;
            let product = product.with_entries(entries.remove(&id).unwrap_or_default());
            Ok((id, product.with_chosen_by(chosen.remove(&id).unwrap_or_default())))
        })
        .collect()
}

impl ProductRow {
    fn into_product(self) -> Result<Product> {
        let currency = Currency::from_code(&self.currency)
            .ok_or_else(|| Error::internal(format!("product {} has no known currency", self.sku)))?;
        let mut product = Product::new(self.id, &self.sku, self.base_price, currency);
        product.name = self.name;
        product.category = self.category;
        product.cost = self.cost;
        product.active = self.status == "active";
        Ok(product)
    }
}

fn entries(conn: &mut PgConnection, ids: &[Uuid], lists: &[Uuid]) -> Result<HashMap<Uuid, Vec<Entry>>> {
    let mut found: HashMap<Uuid, Vec<Entry>> = HashMap::new();
    if lists.is_empty() {
        return Ok(found);
    }
    let rows: Vec<(Uuid, Uuid, i32, i64)> = price_list_entries::table
        .filter(price_list_entries::price_list_id.eq_any(lists))
        .filter(price_list_entries::product_id.eq_any(ids))
        .load(conn)?;
    for (list_id, product, min_quantity, price) in rows {
        found.entry(product).or_default().push(Entry { list_id, min_quantity, price });
    }
    Ok(found)
}

fn chosen(conn: &mut PgConnection, ids: &[Uuid], groups: &[Uuid]) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    let mut found: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    if groups.is_empty() {
        return Ok(found);
    }
    let rows: Vec<(Uuid, Uuid)> = group_pricing_products::table
        .filter(group_pricing_products::group_id.eq_any(groups))
        .filter(group_pricing_products::product_id.eq_any(ids))
        .load(conn)?;
    for (group, product) in rows {
        found.entry(product).or_default().push(group);
    }
    Ok(found)
}

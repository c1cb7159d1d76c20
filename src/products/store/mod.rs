//! Products in the database: one product's row, and products found by typing. Beside it: the list, and what prices one.

pub mod choosing;
pub mod list;
pub mod priced;

use super::product::{Details, Typed};
use crate::db::statement::statement;
use crate::error::{Error, Result};
use crate::groups::group::Status;
use crate::groups::store::naming::escape_like;
use crate::money::Currency;
use crate::schema::products;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use std::collections::HashMap;
use uuid::Uuid;

/// A product as stored.
#[derive(Clone, Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = products)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Product {
    /// Id.
    pub id: Uuid,
    /// Unique.
    pub sku: String,
    /// Name.
    pub name: String,
    /// Empty for none.
    pub category: String,
    /// Minor units.
    pub base_price: i64,
    /// Minor units; `None` = unknown.
    pub cost: Option<i64>,
    currency: String,
    status: String,
    /// For optimistic locking.
    pub version: i32,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC.
    pub updated_at: DateTime<Utc>,
}

impl Product {
    /// Active or inactive.
    pub fn status(&self) -> Status {
        Status::from_name(&self.status).unwrap_or(Status::Inactive)
    }

    /// What price and cost are in.
    pub fn currency(&self) -> Currency {
        Currency::from_code(&self.currency).unwrap_or(Currency::USD)
    }

    /// The fields that people type.
    pub fn details(&self) -> Result<Details> {
        let currency = Currency::from_code(&self.currency)
            .ok_or_else(|| Error::internal(format!("product {} has no known currency", self.sku)))?;
        Ok(Details {
            sku: self.sku.clone(),
            name: self.name.clone(),
            category: self.category.clone(),
            base_price: self.base_price,
            cost: self.cost,
            currency,
            status: self.status(),
        })
    }

    /// The fields as a form shows them.
    pub fn typed(&self) -> Result<Typed> {
        Ok(Typed::from(&self.details()?))
    }
}

/// How a missing product is told.
pub fn gone() -> Error {
    Error::NotFound("This product doesn't exist.".into())
}

/// The SKUs of products.
pub fn skus_of(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let rows: Vec<(Uuid, String)> =
        products::table.filter(products::id.eq_any(ids)).select((products::id, products::sku)).load(conn)?;
    Ok(rows.into_iter().collect())
}

/// An id as an address or a call has it. One that is none names nothing.
pub fn parse_id(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| gone())
}

/// A product.
pub fn get(conn: &mut PgConnection, id: Uuid) -> Result<Product> {
    products::table.find(id).select(Product::as_select()).first(conn).optional()?.ok_or_else(gone)
}

/// A product, locked until the transaction ends. Orders and prices may still refer to it.
pub fn lock(conn: &mut PgConnection, id: Uuid) -> Result<Product> {
    let found = products::table.find(id).select(Product::as_select()).for_no_key_update().first(conn).optional()?;
    found.ok_or_else(gone)
}

/// The product with exactly this SKU.
pub fn by_sku(conn: &mut PgConnection, sku: &str) -> Result<Option<Uuid>> {
    if sku.contains('\0') {
        return Ok(None);
    }
    Ok(products::table.filter(products::sku.eq(sku)).select(products::id).first(conn).optional()?)
}

/// The products of these SKUs, each by its SKU; those that don't exist are left out.
pub fn by_skus(conn: &mut PgConnection, skus: &[String]) -> Result<HashMap<String, Uuid>> {
    let skus: Vec<&str> = skus.iter().map(String::as_str).filter(|sku| !sku.contains('\0')).collect();
    let rows: Vec<(String, Uuid)> =
        products::table.filter(products::sku.eq_any(skus)).select((products::sku, products::id)).load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Inserts a product.
pub fn insert(conn: &mut PgConnection, id: Uuid, details: &Details, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(products::table)
        .values((
            products::id.eq(id),
            products::sku.eq(&details.sku),
            products::name.eq(&details.name),
            products::category.eq(&details.category),
            products::base_price.eq(details.base_price),
            products::cost.eq(details.cost),
            products::currency.eq(details.currency.code()),
            products::status.eq(details.status.name()),
            products::created_at.eq(now),
            products::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

/// Writes a product's fields; its version goes up by one.
pub fn update(conn: &mut PgConnection, id: Uuid, details: &Details, now: DateTime<Utc>) -> Result<()> {
    diesel::update(products::table.find(id))
        .set((
            products::sku.eq(&details.sku),
            products::name.eq(&details.name),
            products::category.eq(&details.category),
            products::base_price.eq(details.base_price),
            products::cost.eq(details.cost),
            products::currency.eq(details.currency.code()),
            products::status.eq(details.status.name()),
            products::version.eq(products::version + 1),
            products::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

fn refused(error: diesel::result::Error) -> Error {
    match Error::constraint(&error) {
        Some("products_sku") => Error::field("sku", "Another product has this SKU."),
        _ => error.into(),
    }
}

/// A product found by a search that picks one.
#[derive(Clone, Debug, QueryableByName)]
pub struct Found {
    /// Id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// SKU.
    #[diesel(sql_type = Text)]
    pub sku: String,
    /// Name.
    #[diesel(sql_type = Text)]
    pub name: String,
}

/// Products whose name or SKU contains the text: the one with exactly this SKU first, then those that begin with it. A
/// text that thousands contain finds some of them.
pub fn search(conn: &mut PgConnection, text: &str, limit: i64) -> Result<Vec<Found>> {
    let text = text.trim();
    Ok(statement("WITH wanted AS (SELECT ")
        .bind::<Text, _>(text)
        .sql("::text AS sku, ")
        .bind::<Text, _>(escape_like(&text.to_lowercase()))
        .sql(
            "::text AS part), found AS (
             (SELECT p.id, p.sku, p.name FROM products p, wanted w WHERE p.sku = w.sku)
             UNION
             (SELECT p.id, p.sku, p.name FROM products p, wanted w WHERE p.search LIKE '%' || w.part || '%' LIMIT 2000)
         )
         SELECT f.id, f.sku, f.name FROM found f, wanted w
         ORDER BY f.sku = w.sku DESC, (lower(f.name) LIKE w.part || '%' OR lower(f.sku) LIKE w.part || '%') DESC, f.sku
         LIMIT ",
        )
        .bind::<BigInt, _>(limit)
        .sql("")
        .load(conn)?)
}

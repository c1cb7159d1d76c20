//! Making and changing products (one that is no longer sold becomes inactive; orders refer to it for good): permission → load → decide → save → audit, in one transaction.

use super::product::{Details, Typed};
use super::store::{self, Product};
use crate::audit::event::{Action, NewEvent, difference};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use crate::money::Currency;
use crate::store_settings::store as store_settings;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Value, json};
use uuid::Uuid;

/// Makes a product.
pub fn create(conn: &mut PgConnection, actor: &Actor, typed: &Typed, now: DateTime<Utc>) -> Result<Product> {
    actor.require(Permission::EditCatalogue)?;
    let details = typed.checked().map_err(Error::Invalid)?;
    refuse_other_currency(conn, details.currency)?;
    refuse_taken(conn, None, &details)?;
    let id = Uuid::now_v7();
    store::insert(conn, id, &details, now)?;
    record(
        conn,
        actor,
        now,
        &NewEvent::about(Action::ProductCreated, Some(id), &details.name, None, Some(fields(&details))),
    )?;
    store::get(conn, id)
}

/// Changes a product. `version` is the one the form was filled from; `None` = whatever is there.
pub fn edit(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    typed: &Typed,
    now: DateTime<Utc>,
) -> Result<Product> {
    actor.require(Permission::EditCatalogue)?;
    let old = store::lock(conn, id)?;
    refuse_stale(&old.name, old.version, version)?;
    let details = typed.checked().map_err(Error::Invalid)?;
    let before = old.details()?;
    if details == before {
        return Ok(old);
    }
    if details.currency != before.currency {
        refuse_other_currency(conn, details.currency)?;
    }
    refuse_taken(conn, Some(id), &details)?;
    store::update(conn, id, &details, now)?;
    if let Some((was, is)) = difference(&fields(&before), &fields(&details)) {
        record(
            conn,
            actor,
            now,
            &NewEvent::about(Action::ProductChanged, Some(id), &details.name, Some(was), Some(is)),
        )?;
    }
    store::get(conn, id)
}

/// Base prices are in the store's currency (SPEC 7, rule 5): in another one, price lists price a product.
fn refuse_other_currency(conn: &mut PgConnection, currency: Currency) -> Result<()> {
    let stores = store_settings::load(conn)?.currency;
    if currency == stores {
        return Ok(());
    }
    let message =
        format!("Base prices are in the store's currency, {stores}. For {currency}, make a price list in it.");
    Err(Error::field("currency", message))
}

/// Refuses a change over somebody else's.
pub fn refuse_stale(name: &str, stored: i32, version: Option<i32>) -> Result<()> {
    match version {
        Some(version) if version != stored => Err(Error::Stale(format!(
            "Somebody changed {name} while you were editing it. Nothing of yours is saved yet."
        ))),
        _ => Ok(()),
    }
}

fn refuse_taken(conn: &mut PgConnection, except: Option<Uuid>, details: &Details) -> Result<()> {
    match store::by_sku(conn, &details.sku)? {
        Some(other) if Some(other) != except => {
            Err(Error::field("sku", "Another product has this SKU. Choose a different one."))
        }
        _ => Ok(()),
    }
}

fn fields(details: &Details) -> Value {
    json!({
        "sku": details.sku,
        "name": details.name,
        "category": details.category,
        "base_price": details.currency.format(details.base_price),
        "cost": details.cost.map(|cost| details.currency.format(cost)),
        "currency": details.currency.code(),
        "status": details.status.name(),
    })
}

//! Making, changing and deleting price lists and their prices: permission → load → decide → save → audit, in one
//! transaction.

use super::entry::{self, Break, MOST_BREAKS};
use super::list::{Details, Typed};
use super::store::entries::Written;
use super::store::{self, PriceList, entries, users};
use crate::audit::event::{Action, NewEvent, difference};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, FieldError, Result};
use crate::groups::store as groups;
use crate::money::{Currency, format_count};
use crate::pricing::store::find;
use crate::products::actions::refuse_stale;
use crate::products::store::by_skus;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// The most entries that come in with one call.
pub const MOST_ENTRIES: usize = 10_000;
/// How many groups the log names when a list is deleted.
const NAMED: i64 = 20;

/// Makes a price list without prices.
pub fn create(conn: &mut PgConnection, actor: &Actor, typed: &Typed, now: DateTime<Utc>) -> Result<PriceList> {
    actor.require(Permission::EditCatalogue)?;
    let details = typed.checked().map_err(Error::Invalid)?;
    refuse_taken(conn, None, &details)?;
    let id = Uuid::now_v7();
    store::insert(conn, id, &details, now)?;
    let event = NewEvent::about(Action::PriceListCreated, Some(id), &details.name, None, Some(fields(&details)));
    record(conn, actor, now, &event)?;
    store::get(conn, id)
}

/// Changes a price list's own fields. `version` is the one the form was filled from; `None` = whatever is there.
pub fn edit(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    typed: &Typed,
    now: DateTime<Utc>,
) -> Result<PriceList> {
    actor.require(Permission::EditCatalogue)?;
    let old = store::lock(conn, id)?;
    refuse_stale(&old.name, old.version, version)?;
    let details = typed.checked().map_err(Error::Invalid)?;
    let before = old.details()?;
    if details == before {
        return Ok(old);
    }
    if details.currency != before.currency && old.entry_count > 0 {
        let (count, currency) = (format_count(old.entry_count.into()), before.currency);
        let message = format!("The list has prices in {currency} ({count}). Remove them first, or make another list.");
        return Err(Error::field("currency", message));
    }
    refuse_taken(conn, Some(id), &details)?;
    store::update(conn, id, &details, now)?;
    if let Some((was, is)) = difference(&fields(&before), &fields(&details)) {
        let event = NewEvent::about(Action::PriceListChanged, Some(id), &details.name, Some(was), Some(is));
        record(conn, actor, now, &event)?;
    }
    store::get(conn, id)
}

/// Deletes a price list with its prices; the groups that use it are left without it.
pub fn delete(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    now: DateTime<Utc>,
) -> Result<()> {
    actor.require(Permission::EditCatalogue)?;
    groups::hold_tree(conn)?;
    let old = store::lock(conn, id)?;
    refuse_stale(&old.name, old.version, version)?;
    let names = users::touch(conn, id, NAMED, now)?;
    store::delete(conn, id)?;
    let mut before = fields(&old.details()?);
    before["prices"] = json!(old.entry_count);
    before["groups"] = json!(names.join(", "));
    record(conn, actor, now, &NewEvent::about(Action::PriceListDeleted, Some(id), &old.name, Some(before), None))
}

/// An entry as it is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewEntry {
    /// Which product.
    pub sku: String,
    /// From so many units on, at least 1.
    pub min_quantity: i64,
    /// Major units.
    pub price: String,
    /// What the price is in, where it is told: the list's currency.
    pub currency: Option<String>,
}

/// Adds entries to a list or replaces their prices; errors stand at `entries[3].price`.
pub fn put_entries(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    version: Option<i32>,
    sent: &[NewEntry],
    now: DateTime<Utc>,
) -> Result<(PriceList, Written)> {
    actor.require(Permission::EditCatalogue)?;
    let list = store::lock(conn, id)?;
    refuse_stale(&list.name, list.version, version)?;
    if sent.len() > MOST_ENTRIES {
        return Err(Error::field("entries", "Send at most 10,000 entries at a time."));
    }
    let skus: Vec<String> = sent.iter().map(|entry| entry.sku.trim().to_owned()).collect();
    let products = by_skus(conn, &skus)?;
    let read = read_entries(sent, &products, list.currency()).map_err(Error::Invalid)?;
    let written = entries::put(conn, id, &read)?;
    if written == Written::default() {
        return Ok((list, written));
    }
    let after = json!({ "prices added": written.created, "prices replaced": written.updated });
    changed(conn, actor, &list, json!({ "prices added": 0, "prices replaced": 0 }), after, now)?;
    Ok((store::get(conn, id)?, written))
}

fn read_entries(
    sent: &[NewEntry],
    products: &HashMap<String, Uuid>,
    currency: Currency,
) -> Result<Vec<(Uuid, Break)>, Vec<FieldError>> {
    let (mut read, mut errors) = (Vec::with_capacity(sent.len()), Vec::new());
    let mut seen: HashMap<(Uuid, i32), usize> = HashMap::new();
    for (at, entry) in sent.iter().enumerate() {
        let mut wrong =
            |field: &str, message: String| errors.push(FieldError::new(format!("entries[{at}].{field}"), message));
        let product = products.get(entry.sku.trim());
        if product.is_none() {
            wrong("sku", "There is no product with this SKU.".into());
        }
        let quantity = i32::try_from(entry.min_quantity).ok().filter(|quantity| *quantity >= 1);
        if quantity.is_none() {
            wrong("minQuantity", "minQuantity is a whole number from 1 on.".into());
        }
        if let Some(other) = entry.currency.as_ref().filter(|code| code.as_str() != currency.code()) {
            let short: String = other.chars().take(12).collect();
            wrong(
                "currency",
                format!("The list's prices are in {currency}, not in {short}. Use a list in that currency."),
            );
        }
        let price = entry::price(currency, &entry.price).map_err(|message| wrong("price", message));
        if let (Some(product), Some(min_quantity), Ok(price)) = (product, quantity, price) {
            if let Some(first) = seen.insert((*product, min_quantity), at) {
                wrong(
                    "minQuantity",
                    format!("entries[{first}] is for the same product and quantity. Send one of them."),
                );
            }
            read.push((*product, Break { min_quantity, price }));
        }
    }
    if errors.is_empty() { Ok(read) } else { Err(errors) }
}

/// Gives a product another price from a quantity on; refused where there is one already.
pub fn add_entry(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    product: Uuid,
    new: Break,
    now: DateTime<Utc>,
) -> Result<PriceList> {
    let mut breaks = entries::breaks_of(conn, id, product)?;
    let was = breaks.clone();
    if let Some(there) = breaks.iter().find(|entry| entry.min_quantity == new.min_quantity) {
        let price = store::get(conn, id)?.currency().format(there.price);
        let message =
            format!("The product has a price from {} on already: {price}. Change that one.", new.min_quantity);
        return Err(Error::field("min_quantity", message));
    }
    breaks.push(new);
    breaks.sort_unstable();
    replace_entries(conn, actor, id, product, Some(&was), &breaks, now)
}

/// Gives a product exactly these prices in a list; none takes it out. `was` is what the form was filled from: over
/// somebody else's change nothing is saved.
pub fn replace_entries(
    conn: &mut PgConnection,
    actor: &Actor,
    id: Uuid,
    product: Uuid,
    was: Option<&[Break]>,
    breaks: &[Break],
    now: DateTime<Utc>,
) -> Result<PriceList> {
    actor.require(Permission::EditCatalogue)?;
    let list = store::lock(conn, id)?;
    let listed =
        entries::product(conn, product)?.ok_or_else(|| Error::NotFound("This product doesn't exist.".into()))?;
    if breaks.len() > MOST_BREAKS {
        return Err(Error::field("", format!("A product has at most {MOST_BREAKS} prices in a list.")));
    }
    let old = entries::breaks_of(conn, id, product)?;
    if was.is_some_and(|was| was != old) {
        return Err(Error::Stale(format!(
            "Somebody changed the prices of {} in {} while you were editing them. Nothing of yours is saved yet.",
            listed.sku, list.name
        )));
    }
    if old == breaks {
        return Ok(list);
    }
    let keep: Vec<i32> = breaks.iter().map(|entry| entry.min_quantity).collect();
    entries::remove_all_but(conn, id, product, &keep)?;
    let new: Vec<(Uuid, Break)> = breaks.iter().map(|entry| (product, *entry)).collect();
    entries::put(conn, id, &new)?;
    let told = |breaks: &[Break]| {
        let of = |entry: &Break| {
            let name = if entry.min_quantity == 1 {
                listed.sku.clone()
            } else {
                format!("{} from {}", listed.sku, entry.min_quantity)
            };
            (name, json!(list.currency().format(entry.price)))
        };
        json!({ "price": breaks.iter().map(of).collect::<Map<String, Value>>() })
    };
    changed(conn, actor, &list, told(&old), told(breaks), now)?;
    store::get(conn, id)
}

fn changed(
    conn: &mut PgConnection,
    actor: &Actor,
    list: &PriceList,
    before: Value,
    after: Value,
    now: DateTime<Utc>,
) -> Result<()> {
    store::touch(conn, list.id, now)?;
    let event = NewEvent::about(Action::PricesChanged, Some(list.id), &list.name, Some(before), Some(after));
    record(conn, actor, now, &event)
}

fn refuse_taken(conn: &mut PgConnection, except: Option<Uuid>, details: &Details) -> Result<()> {
    match find(conn, &details.code)? {
        Some((other, _)) if Some(other) != except => {
            Err(Error::field("code", "Another price list has this code. Choose a different one."))
        }
        _ => Ok(()),
    }
}

fn fields(details: &Details) -> Value {
    json!({
        "code": details.code,
        "name": details.name,
        "currency": details.currency.code(),
        "status": details.status.name(),
        "valid_from": details.valid_from,
        "valid_to": details.valid_to,
    })
}

//! Customers found by what is typed: the palette, and fields that choose one.

use super::list;
use crate::customers::listing::Wanted;
use crate::error::Result;
use crate::money::Currency;
use crate::schema::customers;
use diesel::prelude::*;
use uuid::Uuid;

/// A customer found by a search that picks one.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Found {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Code.
    pub code: String,
    /// E-mail address.
    pub email: Option<String>,
}

/// Customers whose name, code or e-mail address contains the text, the one with exactly this code first, then by name.
pub fn search(conn: &mut PgConnection, text: &str, limit: usize) -> Result<Vec<Found>> {
    let text = text.trim();
    let of_code: Option<Uuid> =
        customers::table.filter(customers::code.eq(text)).select(customers::id).first(conn).optional()?;
    let wanted = Wanted { text: text.to_owned(), ..Wanted::default() };
    // No amount is searched, so it doesn't matter in which currency.
    let page = list::page(conn, &wanted, Currency::USD, limit)?;
    let mut ids: Vec<Uuid> = of_code.into_iter().collect();
    ids.extend(page.rows.iter().map(|row| row.id).filter(|id| Some(*id) != of_code));
    ids.truncate(limit);
    let mut found: Vec<Found> = customers::table
        .filter(customers::id.eq_any(&ids))
        .select((customers::id, customers::name, customers::code, customers::email))
        .load(conn)?;
    found.sort_by_key(|customer| ids.iter().position(|id| *id == customer.id));
    Ok(found)
}

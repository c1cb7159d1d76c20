//! Price lists and their assignments in the database.

pub mod asking;
pub mod below_cost;
pub mod conflicts;
pub mod facts;
pub mod usage;
pub mod wares;

use crate::db::functions::lower;
use crate::error::Result;
use crate::schema::{group_price_lists, group_pricing, price_lists};
use diesel::prelude::*;
use diesel::upsert::excluded;
use uuid::Uuid;

/// A list by its id or by its exact code: its id and name.
pub fn find(conn: &mut PgConnection, id_or_code: &str) -> Result<Option<(Uuid, String)>> {
    if id_or_code.contains('\0') {
        return Ok(None);
    }
    let by_code = price_lists::table
        .filter(price_lists::code.eq(id_or_code))
        .select((price_lists::id, price_lists::name))
        .first(conn)
        .optional()?;
    match (by_code, Uuid::try_parse(id_or_code)) {
        (None, Ok(id)) => {
            Ok(price_lists::table.find(id).select((price_lists::id, price_lists::name)).first(conn).optional()?)
        }
        (found, _) => Ok(found),
    }
}

/// The list that somebody typed: by its exact code, or by its name in whatever capitals where only one has it.
pub fn find_typed(conn: &mut PgConnection, typed: &str) -> Result<Option<Uuid>> {
    if let Some((id, _)) = find(conn, typed)? {
        return Ok(Some(id));
    }
    if typed.contains('\0') {
        return Ok(None);
    }
    let named: Vec<Uuid> = price_lists::table
        .filter(lower(price_lists::name).eq(typed.to_lowercase()))
        .select(price_lists::id)
        .limit(2)
        .load(conn)?;
    Ok(if let [one] = named[..] { Some(one) } else { None })
}

/// Assigns a list with a priority, or changes its priority where it is assigned already.
pub fn assign(conn: &mut PgConnection, group: Uuid, list: Uuid, priority: i32) -> Result<()> {
    diesel::insert_into(group_price_lists::table)
        .values((
            group_price_lists::group_id.eq(group),
            group_price_lists::price_list_id.eq(list),
            group_price_lists::priority.eq(priority),
        ))
        .on_conflict((group_price_lists::group_id, group_price_lists::price_list_id))
        .do_update()
        .set(group_price_lists::priority.eq(excluded(group_price_lists::priority)))
        .execute(conn)?;
    Ok(())
}

/// The lists of a group with their priorities.
pub fn priorities(conn: &mut PgConnection, group: Uuid) -> Result<Vec<(Uuid, i32)>> {
    Ok(group_price_lists::table
        .filter(group_price_lists::group_id.eq(group))
        .select((group_price_lists::price_list_id, group_price_lists::priority))
        .load(conn)?)
}

/// Takes a list away from a group.
pub fn unassign(conn: &mut PgConnection, group: Uuid, list: Uuid) -> Result<()> {
    diesel::delete(group_price_lists::table.find((group, list))).execute(conn)?;
    Ok(())
}

/// Makes "price lists" the method of a group that has none, or says "none".
pub fn method_becomes_price_lists(conn: &mut PgConnection, group: Uuid) -> Result<()> {
    diesel::insert_into(group_pricing::table)
        .values((group_pricing::group_id.eq(group), group_pricing::method.eq("price_lists")))
        .on_conflict_do_nothing()
        .execute(conn)?;
    diesel::update(group_pricing::table.find(group))
        .filter(group_pricing::method.is_null().or(group_pricing::method.eq("none")))
        .set(group_pricing::method.eq("price_lists"))
        .execute(conn)?;
    Ok(())
}

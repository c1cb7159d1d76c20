//! How one customer stands to one group, and finding customers by typing.

use crate::db::functions::lower;
use crate::error::{Error, Result};
use crate::groups::group::Status;
use crate::groups::store::{self as groups, Group, naming::escape_like};
use crate::members::standing::Standing;
use crate::schema::{customers, membership_exclusions, memberships};
use diesel::dsl::exists;
use diesel::prelude::*;
use uuid::Uuid;

/// A customer by what tells it from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Code.
    pub code: String,
    /// Status, as stored.
    pub status: String,
}

type FoundRow = (Uuid, String, String, String);

fn found((id, name, code, status): FoundRow) -> Found {
    Found { id, name, code, status }
}

/// The customer of an id.
pub fn customer(conn: &mut PgConnection, id: Uuid) -> Result<Option<Found>> {
    let row = customers::table
        .find(id)
        .select((customers::id, customers::name, customers::code, customers::status))
        .first(conn)
        .optional()?;
    Ok(row.map(found))
}

/// The customer with exactly this code, or whose name this is if no other has it.
pub fn by_code_or_name(conn: &mut PgConnection, text: &str) -> Result<Option<Found>> {
    let columns = (customers::id, customers::name, customers::code, customers::status);
    let text = text.trim();
    let coded: Option<FoundRow> =
        customers::table.filter(customers::code.eq(text)).select(columns).first(conn).optional()?;
    if coded.is_some() {
        return Ok(coded.map(found));
    }
    let named: Vec<FoundRow> =
        customers::table.filter(lower(customers::name).eq(text.to_lowercase())).select(columns).limit(2).load(conn)?;
    let alone = named.len() == 1;
    Ok(named.into_iter().next().filter(|_| alone).map(found))
}

/// The first customers by name whose name, code or email has this text.
pub fn search(conn: &mut PgConnection, text: &str, limit: i64) -> Result<Vec<Found>> {
    let rows: Vec<FoundRow> = customers::table
        .filter(customers::search.like(format!("%{}%", escape_like(&text.trim().to_lowercase()))))
        .order((lower(customers::name), customers::id))
        .select((customers::id, customers::name, customers::code, customers::status))
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(found).collect())
}

/// How a customer stands to a group, with the group.
pub fn standing(conn: &mut PgConnection, customer: Uuid, group: Uuid) -> Result<(Standing, Group)> {
    let group = groups::any(conn, group)?.ok_or_else(groups::gone)?;
    let status: Option<String> = customers::table.find(customer).select(customers::status).first(conn).optional()?;
    let status = status.ok_or_else(|| Error::NotFound("This customer doesn't exist or was deleted.".into()))?;
    let marks: Option<(bool, bool)> = memberships::table
        .find((group.id, customer))
        .select((memberships::by_hand, memberships::by_rule))
        .first(conn)
        .optional()?;
    let (by_hand, by_rule) = marks.unwrap_or_default();
    let exclusion = membership_exclusions::table.find((group.id, customer));
    let standing = Standing {
        status,
        is_excluded: diesel::select(exists(exclusion)).get_result(conn)?,
        by_hand,
        by_rule,
        groups: memberships::table.filter(memberships::customer_id.eq(customer)).count().get_result(conn)?,
        is_root: group.is_root(),
        is_deleted: group.deleted_at.is_some(),
        is_active: group.status() == Status::Active,
        kind: group.kind(),
        capacity: group.capacity,
        members: group.member_count,
    };
    Ok((standing, group))
}

//! Loads groups with their own settings, and everything above them, for the pure resolver.

pub mod counting;
pub mod live;
mod pricing;
mod terms;
mod visibility;

pub use self::pricing::assignable_lists;
use super::level::{Level, Levels};
use super::own::Switches;
use crate::db::statement::statement;
use crate::error::Result;
use crate::schema::{group_price_lists, groups, price_lists};
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Groups while their sections are filled in.
type Loading = HashMap<Uuid, Level>;

#[derive(QueryableByName)]
struct Ancestor {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// The groups `ids` and all their ancestors, each with its own settings. A handful of queries, however many groups.
pub fn load(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Levels> {
    let ids = with_ancestors(conn, ids)?;
    Ok(exactly(conn, &ids)?.collect())
}

/// The groups `ids`, deleted ones included, without what stands above them.
fn exactly(conn: &mut PgConnection, ids: &[Uuid]) -> Result<impl Iterator<Item = (Uuid, Arc<Level>)> + use<>> {
    let mut levels = own_fields(conn, ids)?;
    pricing::load(conn, ids, &mut levels)?;
    visibility::load(conn, ids, &mut levels)?;
    terms::load_portal(conn, ids, &mut levels)?;
    terms::load_terms(conn, ids, &mut levels)?;
    Ok(levels.into_iter().map(|(id, level)| (id, Arc::new(level))))
}

fn with_ancestors(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    let rows: Vec<Ancestor> = statement(
        "WITH RECURSIVE above(id, parent_id) AS (
             SELECT id, parent_id FROM groups WHERE id = ANY (",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .sql(
        ")
             UNION
             SELECT g.id, g.parent_id FROM groups g JOIN above a ON g.id = a.parent_id
         )
         SELECT id FROM above",
    )
    .load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

type OwnFields = (Uuid, String, String, Option<Uuid>, String, bool, (bool, bool, bool, bool));

fn own_fields(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Loading> {
    let rows: Vec<OwnFields> = groups::table
        .filter(groups::id.eq_any(ids))
        .select((
            groups::id,
            groups::code,
            groups::name,
            groups::parent_id,
            groups::status,
            groups::deleted_at.is_null(),
            (
                groups::inherit_pricing,
                groups::inherit_visibility,
                groups::inherit_portal,
                groups::inherit_payment_terms,
            ),
        ))
        .load(conn)?;
    let level = |(id, code, name, parent_id, status, live, switches): OwnFields| {
        let (pricing, visibility, portal, payment_terms) = switches;
        let inherit = Switches { pricing, visibility, portal, payment_terms };
        (id, Level { id, code, name, parent_id, counts: live && status == "active", inherit, ..Level::default() })
    };
    Ok(rows.into_iter().map(level).collect())
}

/// The lists assigned to these groups as (group, list, priority), by priority, name and code.
pub fn assigned_lists(conn: &mut PgConnection, groups: &[Uuid]) -> Result<Vec<(Uuid, Uuid, i32)>> {
    Ok(group_price_lists::table
        .inner_join(price_lists::table)
        .filter(group_price_lists::group_id.eq_any(groups))
        .order((group_price_lists::priority, price_lists::name, price_lists::code))
        .select((group_price_lists::group_id, group_price_lists::price_list_id, group_price_lists::priority))
        .load(conn)?)
}

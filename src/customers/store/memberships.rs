//! A customer's groups by their names, for the sync that saving a customer does (SPEC 13).

use crate::customers::grouping::{Held, Known};
use crate::db::functions::lower;
use crate::error::Result;
use crate::groups::group::GroupType;
use crate::schema::{groups, membership_exclusions, memberships};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// The customer's memberships in live groups, by name.
pub fn held(conn: &mut PgConnection, customer: Uuid) -> Result<Vec<Held>> {
    let rows: Vec<(Uuid, String, String, bool)> = memberships::table
        .inner_join(groups::table)
        .filter(memberships::customer_id.eq(customer))
        .filter(groups::deleted_at.is_null())
        .select((groups::id, groups::name, groups::type_, memberships::by_hand))
        .order((lower(groups::name), groups::id))
        .load(conn)?;
    let held = |(id, name, kind, by_hand): (Uuid, String, String, bool)| Held {
        id,
        name,
        kind: GroupType::from_name(&kind).unwrap_or(GroupType::Manual),
        by_hand,
    };
    Ok(rows.into_iter().map(held).collect())
}

#[derive(QueryableByName)]
struct NamedRow {
    #[diesel(sql_type = Text)]
    wanted: String,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

/// The live groups of these names, whatever the case; the database folds it, whose rules hold the unique index.
pub fn known(conn: &mut PgConnection, names: &[String]) -> Result<Vec<(String, Known)>> {
    let rows: Vec<NamedRow> = diesel::sql_query(
        "SELECT n.name AS wanted, g.id, g.name, g.type AS kind
         FROM unnest($1) n(name) JOIN groups g ON lower(g.name) = lower(n.name) AND g.deleted_at IS NULL",
    )
    .bind::<Array<Text>, _>(names)
    .load(conn)?;
    let known = |row: NamedRow| {
        let kind = GroupType::from_name(&row.kind).unwrap_or(GroupType::Manual);
        (row.wanted, Known { id: row.id, name: row.name, kind })
    };
    Ok(rows.into_iter().map(known).collect())
}

/// Locks groups in the order of their ids, as whoever writes memberships does before customers.
pub fn lock_groups(conn: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    let rows = groups::table.filter(groups::id.eq_any(ids)).select(groups::id).order(groups::id);
    rows.for_no_key_update().load::<Uuid>(conn)?;
    Ok(())
}

/// A group that keeps the customer out of its rule's reach.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Exclusion {
    /// The group.
    pub group_id: Uuid,
    /// Its name.
    pub group: String,
    /// Since when, UTC.
    pub since: DateTime<Utc>,
    /// Why, where somebody said.
    pub reason: String,
}

/// The live groups from which the customer is excluded, by name.
pub fn exclusions(conn: &mut PgConnection, customer: Uuid) -> Result<Vec<Exclusion>> {
    Ok(membership_exclusions::table
        .inner_join(groups::table)
        .filter(membership_exclusions::customer_id.eq(customer))
        .filter(groups::deleted_at.is_null())
        .select((groups::id, groups::name, membership_exclusions::since, membership_exclusions::reason))
        .order((lower(groups::name), groups::id))
        .load(conn)?)
}

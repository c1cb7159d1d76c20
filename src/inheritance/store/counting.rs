//! Loads what decides which groups count, for one customer and for many.

use crate::error::Result;
use crate::groups::group::Assignment;
use crate::inheritance::counting::{Group, Membership, Organization, Standing, State};
use crate::schema::{customers, groups, memberships, organizations};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::HashMap;
use uuid::Uuid;

type GroupColumns = (Uuid, String, String, String, bool);
/// A customer, its organization, and that one's group.
type CustomerRow = (Uuid, Option<(Uuid, String)>, Option<GroupColumns>);

/// What each of these customers is in; two queries, however many they are. Memberships in deleted groups, which wait
/// for a restore, are left out. Ids that are no customer's are, too.
pub fn standings(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, Standing>> {
    let mut standings = standings_with_deleted(conn, ids)?;
    for standing in standings.values_mut() {
        standing.memberships.retain(|membership| membership.group.state != State::Deleted);
    }
    Ok(standings)
}

/// The same with memberships in deleted groups, to look at what a restore would do.
pub fn standings_with_deleted(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, Standing>> {
    let group = (groups::id, groups::code, groups::name, groups::status, groups::deleted_at.is_not_null());
    let rows: Vec<CustomerRow> = customers::table
        .left_join(organizations::table.left_join(groups::table))
        .filter(customers::id.eq_any(ids))
        .select((customers::id, (organizations::id, organizations::name).nullable(), group.nullable()))
        .load(conn)?;
    let mut standings: HashMap<Uuid, Standing> = rows
        .into_iter()
        .map(|(customer, organization, its_group)| {
            let organization = organization.map(|(id, name)| Organization { id, name, group: its_group.map(read) });
            (customer, Standing { organization, memberships: Vec::new() })
        })
        .collect();
    let rows: Vec<(Uuid, DateTime<Utc>, bool, bool, bool, GroupColumns)> = memberships::table
        .inner_join(groups::table)
        .filter(memberships::customer_id.eq_any(ids))
        .select((
            memberships::customer_id,
            memberships::since,
            memberships::by_hand,
            memberships::by_rule,
            memberships::is_primary,
            group,
        ))
        .load(conn)?;
    for (customer, since, by_hand, by_rule, is_primary, columns) in rows {
        if let Some(standing) = standings.get_mut(&customer) {
            let assignment = Assignment::of(by_hand, by_rule);
            standing.memberships.push(Membership { group: read(columns), since, assignment, is_primary });
        }
    }
    Ok(standings)
}

/// What one customer is in; nothing where there is no such customer.
pub fn standing(conn: &mut PgConnection, id: Uuid) -> Result<Standing> {
    Ok(standings(conn, &[id])?.remove(&id).unwrap_or_default())
}

fn read((id, code, name, status, deleted): GroupColumns) -> Group {
    let state = match status.as_str() {
        _ if deleted => State::Deleted,
        "active" => State::Active,
        _ => State::Inactive,
    };
    Group { id, code, name, state }
}

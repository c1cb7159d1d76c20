//! Organizations, customers, memberships with their history.

use super::copy_into;
use super::groups::id_of;
use crate::demo::customers::Customer;
use crate::demo::groups::Group;
use crate::demo::memberships::{Event, Membership};
use crate::demo::organizations::Organization;
use crate::error::Result;
use crate::schema::{customers, membership_events, memberships, organizations};
use diesel::pg::PgConnection;
use diesel::prelude::*;

/// Writes the organizations.
pub fn write_organizations(conn: &mut PgConnection, all: &[Organization], groups: &[Group]) -> Result<()> {
    let rows = all.iter().map(|one| {
        (
            organizations::id.eq(one.id),
            organizations::code.eq(&one.code),
            organizations::name.eq(&one.name),
            organizations::parent_id.eq(one.parent.map(|parent| all[parent].id)),
            organizations::group_id.eq(one.group.map(|key| id_of(groups, key))),
            organizations::created_at.eq(one.created_at),
            organizations::updated_at.eq(one.created_at),
        )
    });
    copy_into!(conn, organizations::table, rows);
    Ok(())
}

/// Writes the customers.
pub fn write_customers(conn: &mut PgConnection, all: &[Customer], organizations: &[Organization]) -> Result<()> {
    let rows = all.iter().map(|one| {
        (
            customers::id.eq(one.id),
            customers::code.eq(&one.code),
            customers::name.eq(&one.name),
            customers::email.eq(Some(&one.email)),
            customers::status.eq(one.status),
            customers::country.eq(Some(one.place.country)),
            customers::region.eq(Some(one.place.region)),
            customers::customer_since.eq(Some(one.since)),
            customers::payment_history.eq(one.payment_history),
            customers::organization_id.eq(one.organization.map(|place| organizations[place].id)),
            customers::tags.eq(one.tags.iter().map(|tag| Some(*tag)).collect::<Vec<_>>()),
            customers::metadata.eq(&one.metadata),
            customers::created_at.eq(one.created_at),
            customers::updated_at.eq(one.created_at),
        )
    });
    copy_into!(conn, customers::table, rows);
    Ok(())
}

/// Writes who is in which group, and every join and leave so far.
pub fn write_memberships(
    conn: &mut PgConnection,
    all: &[Membership],
    history: &[Event],
    groups: &[Group],
) -> Result<()> {
    let rows = all.iter().map(|one| {
        (
            memberships::group_id.eq(id_of(groups, one.group)),
            memberships::customer_id.eq(one.customer),
            memberships::since.eq(one.since),
            memberships::by_hand.eq(one.by_hand),
            memberships::by_rule.eq(one.by_rule),
            memberships::is_primary.eq(one.is_primary),
        )
    });
    copy_into!(conn, memberships::table, rows);
    let rows = history.iter().map(|event| {
        (
            membership_events::id.eq(event.id),
            membership_events::at.eq(event.at),
            membership_events::group_id.eq(id_of(groups, event.group)),
            membership_events::customer_id.eq(event.customer),
            membership_events::kind.eq(event.kind),
            membership_events::assignment.eq(event.assignment),
            membership_events::actor_kind.eq(if event.by_rule_run { "rule_run" } else { "system" }),
            membership_events::actor_name.eq("Demo shop"),
            membership_events::reason.eq(event.reason),
        )
    });
    copy_into!(conn, membership_events::table, rows);
    Ok(())
}

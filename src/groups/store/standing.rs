//! What stands in relation to a group, and who is primary in it.

use crate::error::Result;
use crate::schema::{group_price_lists, groups, organizations};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use uuid::Uuid;

/// What stands in relation to a group, told without looking at its members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Related {
    /// Live groups directly under it.
    pub children: i64,
    /// Price lists assigned to it.
    pub price_lists: i64,
    /// Organizations whose group it is.
    pub organizations: i64,
}

/// Counts what stands in relation to a group.
pub fn related(conn: &mut PgConnection, id: Uuid) -> Result<Related> {
    let children = groups::table.filter(groups::parent_id.eq(id)).filter(groups::deleted_at.is_null());
    let price_lists = group_price_lists::table.filter(group_price_lists::group_id.eq(id));
    let organizations = organizations::table.filter(organizations::group_id.eq(id));
    let counts = (
        children.count().single_value().assume_not_null(),
        price_lists.count().single_value().assume_not_null(),
        organizations.count().single_value().assume_not_null(),
    );
    let (children, price_lists, organizations) = diesel::select(counts).get_result(conn)?;
    Ok(Related { children, price_lists, organizations })
}

/// The names of the live groups directly under one, the first `limit` of them.
pub fn child_names(conn: &mut PgConnection, id: Uuid, limit: i64) -> Result<Vec<String>> {
    Ok(groups::table
        .filter(groups::parent_id.eq(id))
        .filter(groups::deleted_at.is_null())
        .select(groups::name)
        .order((groups::name, groups::id))
        .limit(limit)
        .load(conn)?)
}

/// Whom a change of a group touches, for the dialogs that show it before it is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub struct Touched {
    /// Customers in it.
    #[diesel(sql_type = BigInt)]
    pub members: i64,
    /// Of these, customers who are in it by hand alone.
    #[diesel(sql_type = BigInt)]
    pub by_hand: i64,
    /// Of these, customers who are in it by rule alone.
    #[diesel(sql_type = BigInt)]
    pub by_rule: i64,
    /// Customers whose primary group it is.
    #[diesel(sql_type = BigInt)]
    pub primary_members: i64,
    /// Customers who count in it through their organization, members or not.
    #[diesel(sql_type = BigInt)]
    pub through_organizations: i64,
}

/// Counts whom a change of a group touches.
pub fn touched(conn: &mut PgConnection, id: Uuid) -> Result<Touched> {
    Ok(diesel::sql_query(
        "SELECT count(*) AS members,
                count(*) FILTER (WHERE by_hand AND NOT by_rule) AS by_hand,
                count(*) FILTER (WHERE by_rule AND NOT by_hand) AS by_rule,
                count(*) FILTER (WHERE is_primary) AS primary_members,
                (SELECT count(*) FROM customers c JOIN organizations o ON o.id = c.organization_id WHERE o.group_id = $1)
                    AS through_organizations
         FROM memberships WHERE group_id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .get_result(conn)?)
}

/// Members by rule become members by hand (a group that turns manual, SPEC 3).
pub fn keep_members_by_hand(conn: &mut PgConnection, id: Uuid) -> Result<usize> {
    use crate::schema::memberships;
    Ok(diesel::update(memberships::table.filter(memberships::group_id.eq(id)).filter(memberships::by_rule))
        .set((memberships::by_hand.eq(true), memberships::by_rule.eq(false)))
        .execute(conn)?)
}

/// The query of who becomes primary, as (customer_id, group_id): of each customer whom `losers` names, a query for
/// (customer_id, group_id) of memberships that end or stop to count, the longest-standing other live membership (ties:
/// group name, SPEC 4). Who still has a primary group keeps it.
pub fn elected(losers: &str) -> String {
    format!(
        "SELECT DISTINCT ON (o.customer_id) o.customer_id, o.group_id
         FROM ({losers}) l
         JOIN memberships o ON o.customer_id = l.customer_id AND o.group_id <> l.group_id
         JOIN groups g ON g.id = o.group_id AND g.deleted_at IS NULL
         WHERE NOT EXISTS (SELECT FROM memberships p WHERE p.customer_id = l.customer_id AND p.is_primary)
         ORDER BY o.customer_id, o.since, g.name"
    )
}

/// Takes the primary mark off a group's memberships and gives it to each customer's next one ([`elected`]). Returns how
/// many customers have another primary group now.
pub fn pass_primary_on(conn: &mut PgConnection, id: Uuid) -> Result<usize> {
    diesel::sql_query(
        "CREATE TEMP TABLE losing_primary ON COMMIT DROP AS
         SELECT customer_id, group_id FROM memberships WHERE group_id = $1 AND is_primary",
    )
    .bind::<SqlUuid, _>(id)
    .execute(conn)?;
    diesel::sql_query("UPDATE memberships SET is_primary = false WHERE group_id = $1 AND is_primary")
        .bind::<SqlUuid, _>(id)
        .execute(conn)?;
    let passed = diesel::sql_query(format!(
        "UPDATE memberships m SET is_primary = true FROM ({}) next
         WHERE m.customer_id = next.customer_id AND m.group_id = next.group_id",
        elected("SELECT customer_id, group_id FROM losing_primary")
    ))
    .execute(conn)?;
    diesel::sql_query("DROP TABLE losing_primary").execute(conn)?;
    Ok(passed)
}

/// Makes a group the primary one of its members who have none (a restored group, SPEC 3).
pub fn become_primary_where_none(conn: &mut PgConnection, id: Uuid) -> Result<usize> {
    Ok(diesel::sql_query(
        "UPDATE memberships m SET is_primary = true
         WHERE m.group_id = $1 AND NOT EXISTS (
             SELECT 1 FROM memberships o WHERE o.customer_id = m.customer_id AND o.is_primary
         )",
    )
    .bind::<SqlUuid, _>(id)
    .execute(conn)?)
}

/// Whether the store's default group is this one; it stays so until the transaction ends.
pub fn is_store_default(conn: &mut PgConnection, id: Uuid) -> Result<bool> {
    use crate::schema::store_settings;
    let default: Option<Uuid> =
        store_settings::table.select(store_settings::default_group_id).for_share().first(conn)?;
    Ok(default == Some(id))
}

/// Holds the count of distinct customers until the transaction ends. The triggers of memberships do it before they
/// touch a group; whoever locks a group and changes that count does it before, too.
pub fn hold_totals(conn: &mut PgConnection) -> Result<()> {
    use crate::schema::store_totals;
    store_totals::table.select(store_totals::customers).for_no_key_update().first::<i64>(conn)?;
    Ok(())
}

//! Customers whose data changed, until the rules have looked at them.

use crate::audit::event::actor_columns;
use crate::auth::role::Actor;
use crate::db::among::among;
use crate::error::Result;
use crate::schema::{membership_exclusions, memberships, rule_batches, rule_changes};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use uuid::Uuid;

/// A batch of customers whose data changed in bulk.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = rule_batches)]
pub struct Batch {
    /// Id.
    pub id: Uuid,
    /// `change` or `import`.
    pub cause: String,
    /// Who changed them, by the name it had then.
    pub actor_name: String,
    /// So many that all customers are looked at.
    pub everybody: bool,
}

/// Notes that the customers whom a query of this program gives (a column `customer_id`) changed. Returns whether there
/// are any.
pub fn note(
    conn: &mut PgConnection,
    query: &'static str,
    cause: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Sizes {
        #[diesel(sql_type = BigInt)]
        touched: i64,
        #[diesel(sql_type = BigInt)]
        customers: i64,
    }
    let sizes: Sizes = diesel::sql_query(format!(
        "SELECT (SELECT count(DISTINCT customer_id) FROM ({query}) q) AS touched, (SELECT customers FROM store_totals) AS customers"
    ))
    .get_result(conn)?;
    if sizes.touched == 0 {
        return Ok(false);
    }
    // Looking at all is less work than keeping a list of a good part of them.
    let everybody = sizes.touched > 1_000 && sizes.touched * 4 > sizes.customers;
    let id = Uuid::now_v7();
    begin(conn, id, cause, actor, everybody, now)?;
    if !everybody {
        diesel::sql_query(format!(
            "INSERT INTO rule_changes (batch_id, customer_id) SELECT DISTINCT $1, q.customer_id FROM ({query}) q"
        ))
        .bind::<SqlUuid, _>(id)
        .execute(conn)?;
    }
    Ok(true)
}

/// Notes that these customers changed.
pub fn note_these(conn: &mut PgConnection, ids: &[Uuid], cause: &str, actor: &Actor, now: DateTime<Utc>) -> Result<()> {
    let id = Uuid::now_v7();
    begin(conn, id, cause, actor, false, now)?;
    diesel::sql_query("INSERT INTO rule_changes (batch_id, customer_id) SELECT DISTINCT $1, c FROM unnest($2) c")
        .bind::<SqlUuid, _>(id)
        .bind::<Array<SqlUuid>, _>(ids)
        .execute(conn)?;
    Ok(())
}

fn begin(
    conn: &mut PgConnection,
    id: Uuid,
    cause: &str,
    actor: &Actor,
    everybody: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    let (actor_kind, actor_id, actor_name) = actor_columns(actor);
    diesel::insert_into(rule_batches::table)
        .values((
            rule_batches::id.eq(id),
            rule_batches::made_at.eq(now),
            rule_batches::cause.eq(cause),
            rule_batches::actor_kind.eq(actor_kind),
            rule_batches::actor_id.eq(actor_id),
            rule_batches::actor_name.eq(actor_name),
            rule_batches::everybody.eq(everybody),
        ))
        .execute(conn)?;
    Ok(())
}

/// Locks the oldest batch that nobody else works on.
pub fn claim(conn: &mut PgConnection) -> Result<Option<Batch>> {
    Ok(rule_batches::table
        .select(Batch::as_select())
        .order(rule_batches::id)
        .for_update()
        .skip_locked()
        .first(conn)
        .optional()?)
}

/// The first `limit` customers of a batch.
pub fn of_batch(conn: &mut PgConnection, batch: Uuid, limit: usize) -> Result<Vec<Uuid>> {
    Ok(rule_changes::table
        .filter(rule_changes::batch_id.eq(batch))
        .select(rule_changes::customer_id)
        .order(rule_changes::customer_id)
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .load(conn)?)
}

/// A batch is done.
pub fn done(conn: &mut PgConnection, batch: Uuid) -> Result<()> {
    diesel::delete(rule_batches::table.find(batch)).execute(conn)?;
    Ok(())
}

/// How a few customers stand in groups with rules: group, customer, by hand, by rule.
pub fn standing(conn: &mut PgConnection, groups: &[Uuid], customers: &[Uuid]) -> Result<Vec<(Uuid, Uuid, bool, bool)>> {
    Ok(memberships::table
        .filter(among(memberships::customer_id, customers))
        .filter(among(memberships::group_id, groups))
        .select((memberships::group_id, memberships::customer_id, memberships::by_hand, memberships::by_rule))
        .load(conn)?)
}

/// Who of a few customers is excluded from which of the groups: group, customer.
pub fn excluded(conn: &mut PgConnection, groups: &[Uuid], customers: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>> {
    Ok(membership_exclusions::table
        .filter(among(membership_exclusions::customer_id, customers))
        .filter(among(membership_exclusions::group_id, groups))
        .select((membership_exclusions::group_id, membership_exclusions::customer_id))
        .load(conn)?)
}

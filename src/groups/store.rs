//! Groups in the database.

use super::group::{Details, GroupType, ROOT_ID, Status};
use crate::error::{Error, Result};
use crate::schema::{group_price_lists, groups, organizations};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Uuid as SqlUuid};
use serde_json::{Map, Value, json};
use uuid::Uuid;

diesel::define_sql_function! {
    /// PostgreSQL's `lower`.
    fn lower(text: Text) -> Text;
}

/// A group as stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = groups)]
pub struct Group {
    /// Id.
    pub id: Uuid,
    /// Unique among live groups.
    pub code: String,
    /// Unique among live groups, whatever the case.
    pub name: String,
    /// Up to 2,000 characters.
    pub description: String,
    status: String,
    type_: String,
    /// The group above; `None` for All Customers.
    pub parent_id: Option<Uuid>,
    /// The most members.
    pub capacity: Option<i32>,
    /// A JSON object.
    pub metadata: Value,
    /// The assignment rule (SPEC 5).
    pub rule: Option<Value>,
    /// Kept by the database, never counted. 0 for All Customers, whose members have no rows.
    pub member_count: i32,
    /// For optimistic locking.
    pub version: i32,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC.
    pub updated_at: DateTime<Utc>,
    /// Since when it is deleted.
    pub deleted_at: Option<DateTime<Utc>>,
    /// When somebody last looked it through.
    pub last_reviewed_at: Option<DateTime<Utc>>,
    /// Who.
    pub last_reviewed_by: Option<String>,
}

impl Group {
    /// Active or inactive.
    pub fn status(&self) -> Status {
        Status::from_name(&self.status).unwrap_or(Status::Inactive)
    }

    /// Manual, automatic or hybrid.
    pub fn kind(&self) -> GroupType {
        GroupType::from_name(&self.type_).unwrap_or(GroupType::Manual)
    }

    /// Whether it is All Customers.
    pub fn is_root(&self) -> bool {
        self.id == ROOT_ID
    }

    /// The fields that people type.
    pub fn details(&self) -> Details {
        Details {
            name: self.name.clone(),
            code: Some(self.code.clone()),
            description: self.description.clone(),
            status: self.status(),
            kind: self.kind(),
            parent_id: self.parent_id,
            capacity: self.capacity,
        }
    }

    /// The metadata object.
    pub fn metadata(&self) -> Map<String, Value> {
        self.metadata.as_object().cloned().unwrap_or_default()
    }
}

/// How a missing group is told.
pub fn gone() -> Error {
    Error::NotFound("This group doesn't exist or was deleted.".into())
}

/// A live group.
pub fn live(conn: &mut PgConnection, id: Uuid) -> Result<Group> {
    any(conn, id)?.filter(|group| group.deleted_at.is_none()).ok_or_else(gone)
}

/// A group, deleted or not.
pub fn any(conn: &mut PgConnection, id: Uuid) -> Result<Option<Group>> {
    Ok(groups::table.find(id).select(Group::as_select()).first(conn).optional()?)
}

/// The groups of these ids, in this order; ids that are none are left out.
pub fn by_ids(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Group>> {
    let mut found: Vec<Group> = groups::table.filter(groups::id.eq_any(ids)).select(Group::as_select()).load(conn)?;
    found.sort_by_key(|group| ids.iter().position(|id| *id == group.id));
    Ok(found)
}

/// A group locked until the transaction ends, deleted or not. Others may still refer to it: two writers who put two
/// groups under each other would wait for one another otherwise.
pub fn lock(conn: &mut PgConnection, id: Uuid) -> Result<Group> {
    groups::table.find(id).select(Group::as_select()).for_no_key_update().first(conn).optional()?.ok_or_else(gone)
}

/// Whether another live group has this name (whatever the case) or code.
pub fn taken(conn: &mut PgConnection, except: Option<Uuid>, name: &str, code: Option<&str>) -> Result<(bool, bool)> {
    let others = || {
        let query = groups::table.filter(groups::deleted_at.is_null()).select(groups::id).into_boxed();
        match except {
            Some(id) => query.filter(groups::id.ne(id)),
            None => query,
        }
    };
    // PostgreSQL folds the case on both sides: its rules, not Rust's, hold the unique index.
    let same_name = others().filter(lower(groups::name).eq(lower(name))).first::<Uuid>(conn).optional()?.is_some();
    let same_code = match code {
        Some(code) => others().filter(groups::code.eq(code)).first::<Uuid>(conn).optional()?.is_some(),
        None => false,
    };
    Ok((same_name, same_code))
}

/// Waits for whoever makes or moves groups, and holds the others off until the transaction ends: what was seen to be
/// free stays free. The trigger that keeps the tree takes the same lock.
pub fn hold_tree(conn: &mut PgConnection) -> Result<()> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(7300001)").execute(conn)?;
    Ok(())
}

/// Codes of live groups that begin like this one, to number a suggestion past them.
pub fn codes_like(conn: &mut PgConnection, code: &str) -> Result<Vec<String>> {
    let stem: String = code.chars().take(24).collect();
    Ok(groups::table
        .filter(groups::deleted_at.is_null())
        .filter(groups::code.like(format!("{}%", escape_like(&stem))))
        .select(groups::code)
        .load(conn)?)
}

/// Lower-cased names of live groups that begin like this one.
pub fn names_like(conn: &mut PgConnection, name: &str) -> Result<Vec<String>> {
    let stem: String = name.chars().take(100).collect();
    Ok(groups::table
        .filter(groups::deleted_at.is_null())
        .filter(lower(groups::name).like(format!("{}%", escape_like(&stem.to_lowercase()))))
        .select(lower(groups::name))
        .load(conn)?)
}

/// The live group of exactly this name (whatever the case) or code. Where one group's code is another's name, it is the
/// one that was picked from a list, or else the one with the code.
pub fn by_name_or_code(conn: &mut PgConnection, text: &str, picked: Option<Uuid>) -> Result<Option<Uuid>> {
    Ok(groups::table
        .filter(groups::deleted_at.is_null())
        .filter(groups::code.eq(text).or(lower(groups::name).eq(lower(text))))
        .select(groups::id)
        .order((groups::id.nullable().eq(picked).desc().nulls_last(), groups::code.eq(text).desc()))
        .first(conn)
        .optional()?)
}

/// Text for the right side of LIKE, taken literally.
pub fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// Inserts a group. `details.code` must be given by now.
pub fn insert(
    conn: &mut PgConnection,
    id: Uuid,
    details: &Details,
    metadata: &Map<String, Value>,
    origin: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(groups::table)
        .values((
            groups::id.eq(id),
            groups::code.eq(details.code.as_deref().unwrap_or_default()),
            groups::name.eq(&details.name),
            groups::description.eq(&details.description),
            groups::status.eq(details.status.name()),
            groups::type_.eq(details.kind.name()),
            groups::parent_id.eq(details.parent_id),
            groups::capacity.eq(details.capacity),
            groups::metadata.eq(json!(metadata)),
            groups::origin.eq(origin),
            groups::created_at.eq(now),
            groups::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

/// Writes a group's fields and metadata; its version goes up by one.
pub fn update(
    conn: &mut PgConnection,
    id: Uuid,
    details: &Details,
    metadata: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::update(groups::table.find(id))
        .set((
            groups::code.eq(details.code.as_deref().unwrap_or_default()),
            groups::name.eq(&details.name),
            groups::description.eq(&details.description),
            groups::status.eq(details.status.name()),
            groups::type_.eq(details.kind.name()),
            groups::parent_id.eq(details.parent_id),
            groups::capacity.eq(details.capacity),
            groups::metadata.eq(json!(metadata)),
            groups::version.eq(groups::version + 1),
            groups::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

/// What the database's own constraints refuse, as errors at the field. The checks before a write find nearly all
/// of it; two writers at once find the rest here.
pub fn refused(error: diesel::result::Error) -> Error {
    match Error::constraint(&error) {
        Some("groups_live_name") => Error::field("name", "Another group has this name."),
        Some("groups_live_code") => Error::field("code", "Another group has this code."),
        Some("groups_no_cycle") => {
            Error::field("parent", "A group can't stand under itself or under one of its own subgroups.")
        }
        Some("groups_depth") => {
            Error::field("parent", "The tree is at most 8 levels deep below All Customers. Choose a parent higher up.")
        }
        Some("groups_live_parent" | "groups_parent_id_fkey") => {
            Error::field("parent", "The parent group doesn't exist or was deleted. Choose another one.")
        }
        _ => error.into(),
    }
}

/// Sets parent and deletion mark (moving, deleting, restoring); the version goes up by one.
pub fn place(
    conn: &mut PgConnection,
    id: Uuid,
    parent_id: Option<Uuid>,
    deleted_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<()> {
    diesel::update(groups::table.find(id))
        .set((
            groups::parent_id.eq(parent_id),
            groups::deleted_at.eq(deleted_at),
            groups::version.eq(groups::version + 1),
            groups::updated_at.eq(now),
        ))
        .execute(conn)
        .map_err(refused)?;
    Ok(())
}

/// The live groups directly under one, by name, locked until the transaction ends.
pub fn lock_children(conn: &mut PgConnection, id: Uuid) -> Result<Vec<Group>> {
    Ok(groups::table
        .filter(groups::parent_id.eq(id))
        .filter(groups::deleted_at.is_null())
        .select(Group::as_select())
        .order(groups::id)
        .for_no_key_update()
        .load(conn)?)
}

/// Members by rule become members by hand (a group that turns manual, SPEC 3).
pub fn keep_members_by_hand(conn: &mut PgConnection, id: Uuid) -> Result<usize> {
    use crate::schema::memberships;
    Ok(diesel::update(memberships::table.filter(memberships::group_id.eq(id)).filter(memberships::by_rule))
        .set((memberships::by_hand.eq(true), memberships::by_rule.eq(false)))
        .execute(conn)?)
}

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
    Ok(Related {
        children: children.count().get_result(conn)?,
        price_lists: group_price_lists::table.filter(group_price_lists::group_id.eq(id)).count().get_result(conn)?,
        organizations: organizations::table.filter(organizations::group_id.eq(id)).count().get_result(conn)?,
    })
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

/// Takes the primary mark off a group's memberships and gives it to each customer's longest-standing other live
/// membership (ties: group name, SPEC 4). Returns how many customers have another primary group now.
pub fn pass_primary_on(conn: &mut PgConnection, id: Uuid) -> Result<usize> {
    diesel::sql_query(
        "CREATE TEMP TABLE losing_primary ON COMMIT DROP AS
         SELECT customer_id FROM memberships WHERE group_id = $1 AND is_primary",
    )
    .bind::<SqlUuid, _>(id)
    .execute(conn)?;
    diesel::sql_query("UPDATE memberships SET is_primary = false WHERE group_id = $1 AND is_primary")
        .bind::<SqlUuid, _>(id)
        .execute(conn)?;
    let passed = diesel::sql_query(
        "UPDATE memberships m SET is_primary = true
         FROM (
             SELECT DISTINCT ON (o.customer_id) o.customer_id, o.group_id
             FROM losing_primary l
             JOIN memberships o ON o.customer_id = l.customer_id AND o.group_id <> $1
             JOIN groups g ON g.id = o.group_id AND g.deleted_at IS NULL
             ORDER BY o.customer_id, o.since, g.name
         ) next
         WHERE m.customer_id = next.customer_id AND m.group_id = next.group_id",
    )
    .bind::<SqlUuid, _>(id)
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

/// Whether the store's default group is this one.
pub fn is_store_default(conn: &mut PgConnection, id: Uuid) -> Result<bool> {
    use crate::schema::store_settings;
    Ok(store_settings::table
        .filter(store_settings::default_group_id.eq(id))
        .select(store_settings::id)
        .first::<bool>(conn)
        .optional()?
        .is_some())
}

/// Copies all setting sections, lists and the rule of one group to another that has none yet.
pub fn copy_settings(conn: &mut PgConnection, from: Uuid, to: Uuid) -> Result<()> {
    let statements = [
        "UPDATE groups t SET rule = s.rule, inherit_pricing = s.inherit_pricing, inherit_visibility = s.inherit_visibility,
                inherit_portal = s.inherit_portal, inherit_payment_terms = s.inherit_payment_terms
         FROM groups s WHERE s.id = $1 AND t.id = $2",
        "INSERT INTO group_pricing (group_id, method, percent, fixed_amount, adds_to_inherited, scope, stack_with_promotions,
                minimum_order_amount, minimum_order_quantity, no_minimum_order, notes)
         SELECT $2, method, percent, fixed_amount, adds_to_inherited, scope, stack_with_promotions,
                minimum_order_amount, minimum_order_quantity, no_minimum_order, notes
         FROM group_pricing WHERE group_id = $1",
        "INSERT INTO group_pricing_categories SELECT $2, category FROM group_pricing_categories WHERE group_id = $1",
        "INSERT INTO group_pricing_products SELECT $2, product_id FROM group_pricing_products WHERE group_id = $1",
        "INSERT INTO group_price_lists SELECT $2, price_list_id, priority FROM group_price_lists WHERE group_id = $1",
        "INSERT INTO group_visibility SELECT $2, access FROM group_visibility WHERE group_id = $1",
        "INSERT INTO group_visibility_groups SELECT $2, visibility_group_id FROM group_visibility_groups WHERE group_id = $1",
        "INSERT INTO group_visibility_products SELECT $2, product_id, mode FROM group_visibility_products WHERE group_id = $1",
        "INSERT INTO group_portal SELECT $2, login, shop, quotes, orders, invoices FROM group_portal WHERE group_id = $1",
        "INSERT INTO group_payment_terms (group_id, methods, net_days, credit_limit, auto_approve_under, require_po,
                early_percent, early_days, explicit_none)
         SELECT $2, methods, net_days, credit_limit, auto_approve_under, require_po, early_percent, early_days, explicit_none
         FROM group_payment_terms WHERE group_id = $1",
    ];
    for statement in statements {
        diesel::sql_query(statement).bind::<SqlUuid, _>(from).bind::<SqlUuid, _>(to).execute(conn)?;
    }
    Ok(())
}

/// A group found by a search that picks one: its name, code and place.
#[derive(Clone, Debug, QueryableByName)]
pub struct Found {
    /// Id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Code.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// The parent's name.
    #[diesel(sql_type = Nullable<Text>)]
    pub parent: Option<String>,
    /// Kept by the database.
    #[diesel(sql_type = Integer)]
    pub member_count: i32,
}

/// Live groups whose name or code contains the text; those that begin with it come first.
pub fn search(conn: &mut PgConnection, text: &str, with_root: bool, limit: i64) -> Result<Vec<Found>> {
    let text = escape_like(&text.trim().to_lowercase());
    Ok(diesel::sql_query(
        "SELECT g.id, g.name, g.code, p.name AS parent, g.member_count
         FROM groups g LEFT JOIN groups p ON p.id = g.parent_id
         WHERE g.deleted_at IS NULL AND g.search LIKE '%' || $1 || '%' AND ($2 OR g.parent_id IS NOT NULL)
         ORDER BY (lower(g.name) LIKE $1 || '%' OR lower(g.code) LIKE $1 || '%') DESC, lower(g.name), g.id
         LIMIT $3",
    )
    .bind::<Text, _>(text)
    .bind::<Bool, _>(with_root)
    .bind::<BigInt, _>(limit)
    .load(conn)?)
}

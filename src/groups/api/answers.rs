//! Groups as the API gives them (SPEC 13).

use crate::error::Result;
use crate::groups::group::{ROOT_ID, Status};
use crate::groups::store::{self, Group, list as rows};
use crate::inheritance::store as settings;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A group as the API gives it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CustomerGroup)]
pub struct GroupBody {
    pub(super) id: Uuid,
    name: String,
    code: String,
    description: String,
    is_active: bool,
    #[serde(rename = "type")]
    kind: &'static str,
    parent_id: Option<Uuid>,
    capacity: Option<i32>,
    price_lists: Vec<AssignedBody>,
    rule: Option<Value>,
    member_count: i64,
    metadata: Value,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    pub(super) version: i32,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssignedPriceList)]
struct AssignedBody {
    price_list_id: Uuid,
    priority: i32,
}

/// Bodies of groups, in the given order, with a few queries for all of them.
pub(super) fn bodies(conn: &mut PgConnection, groups: Vec<Group>) -> Result<Vec<GroupBody>> {
    let ids: Vec<Uuid> = groups.iter().map(|group| group.id).collect();
    let mut lists: HashMap<Uuid, Vec<AssignedBody>> = HashMap::new();
    for (group, price_list_id, priority) in settings::assigned_lists(conn, &ids)? {
        lists.entry(group).or_default().push(AssignedBody { price_list_id, priority });
    }
    let everyone = if ids.contains(&ROOT_ID) { rows::all_customers(conn)? } else { 0 };
    let body = |group: Group| {
        let lists = lists.remove(&group.id).unwrap_or_default();
        body(group, lists, everyone)
    };
    Ok(groups.into_iter().map(body).collect())
}

/// `everyone`: how many members All Customers has, where it is the group.
fn body(group: Group, price_lists: Vec<AssignedBody>, everyone: i64) -> GroupBody {
    GroupBody {
        price_lists,
        member_count: if group.is_root() { everyone } else { i64::from(group.member_count) },
        is_active: group.status() == Status::Active,
        kind: group.kind().name(),
        id: group.id,
        name: group.name,
        code: group.code,
        description: group.description,
        parent_id: group.parent_id,
        capacity: group.capacity,
        rule: group.rule,
        metadata: group.metadata,
        created_at: group.created_at,
        updated_at: group.updated_at,
        version: group.version,
    }
}

/// The body of one group.
///
/// # Errors
/// Where the database can't be asked.
pub fn body_of(conn: &mut PgConnection, group: Group) -> Result<GroupBody> {
    bodies(conn, vec![group])?.pop().ok_or_else(store::gone)
}

/// The body of a group whose lists are known, with their priorities, in their order.
pub(super) fn body_with(conn: &mut PgConnection, group: Group, lists: Vec<(Uuid, i32)>) -> Result<GroupBody> {
    let everyone = if group.is_root() { rows::all_customers(conn)? } else { 0 };
    Ok(body(group, assigned(lists), everyone))
}

/// The same of any group but All Customers.
pub(super) fn plain_body(group: Group, lists: Vec<(Uuid, i32)>) -> GroupBody {
    body(group, assigned(lists), 0)
}

fn assigned(lists: Vec<(Uuid, i32)>) -> Vec<AssignedBody> {
    lists.into_iter().map(|(price_list_id, priority)| AssignedBody { price_list_id, priority }).collect()
}

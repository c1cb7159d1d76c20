//! Assigning price lists to groups.

use super::store;
use crate::audit::event::{Action, NewEvent};
use crate::audit::store::record;
use crate::auth::role::{Actor, Permission};
use crate::error::{Error, Result};
use crate::groups::store as groups;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::json;
use uuid::Uuid;

/// Assigns a list, by its id or code, to a group. A group whose method is "none" turns to "price lists" (SPEC 6).
/// `at` is where the fields `priceListId` and `priority` stand in the input: `priceLists[0].`.
pub fn assign_list(
    conn: &mut PgConnection,
    actor: &Actor,
    group: Uuid,
    list: &str,
    priority: i32,
    at: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    actor.require(Permission::EditGroups)?;
    if priority < 1 {
        return Err(Error::field(format!("{at}priority"), "The priority is a whole number from 1; lower comes first."));
    }
    let group = groups::live(conn, group)?;
    if group.is_root() {
        return Err(Error::field("", "All Customers has no price lists: without a group, base prices hold."));
    }
    let Some((list, name)) = store::find(conn, list)? else {
        return Err(Error::field(format!("{at}priceListId"), "There is no price list with this id or code."));
    };
    store::assign(conn, group.id, list, priority)?;
    store::method_becomes_price_lists(conn, group.id)?;
    let after = json!({ "price_list": name, "priority": priority });
    record(conn, actor, now, &NewEvent::group(Action::GroupChanged, group.id, &group.name, None, Some(after)))
}

//! Removes what no longer holds from the cache, on every node: whoever changed it, and wherever.

use super::kept::GroupCache;
use super::store;
use crate::error::Result;
use crate::groups::group::ROOT_ID;
use crate::inheritance::store::live::LiveSettings;
use diesel::PgConnection;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Removes the groups that changed since `seen` with all that inherit from them. Answers what the database showed, from
/// where the next call goes on; where Redis didn't answer that is `seen`, so that it is done once it does.
///
/// # Errors
/// Where the database can't be asked.
pub fn sweep(
    conn: &mut PgConnection,
    cache: &GroupCache,
    live: &LiveSettings,
    seen: Option<String>,
) -> Result<Option<String>> {
    let (now, changed, edited) = store::changed(conn, seen.as_deref())?.told();
    if changed.is_empty() && edited.is_empty() {
        return Ok(Some(now));
    }
    let book = live.now(conn)?;
    let mut stale: BTreeSet<Uuid> = edited.into_iter().collect();
    for group in changed {
        // A group that was deleted is no longer in the book, and is itself all there is below it.
        stale.extend(book.subtree(group.unwrap_or(ROOT_ID)));
    }
    let stale: Vec<Uuid> = stale.into_iter().collect();
    Ok(if cache.remove(&stale) { Some(now) } else { seen })
}

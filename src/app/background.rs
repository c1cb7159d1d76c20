//! What goes on beside the requests, until the system ends.

use crate::db::Db;
use crate::group_cache::kept::GroupCache;
use crate::group_cache::sweeping::sweep;
use crate::inheritance::store::live::LiveSettings;
use crate::pricing::store::usage;
use crate::pricing::usage::Uses;
use actix_web::rt;
use std::time::Duration;

/// How often what was priced is written down.
const WRITING_USES: Duration = Duration::from_secs(10);
/// How often changes of other nodes and programs are looked for.
const SWEEPING: Duration = Duration::from_secs(1);

/// Adds what was priced to what is stored, every few seconds, until the system ends. What can't be written waits.
pub(super) async fn write_uses(db: Db, uses: Uses) {
    let mut pause = rt::time::interval(WRITING_USES);
    loop {
        pause.tick().await;
        let counts = uses.take();
        if counts.is_empty() {
            continue;
        }
        let writing = counts.clone();
        if let Err(error) = db.read(move |conn| usage::add(conn, &writing)).await {
            tracing::warn!(%error, "what was priced could not be counted yet");
            uses.put_back(counts);
        }
    }
}

/// Removes from the cache what no longer holds, after every change on this node and every second for those elsewhere,
/// until the system ends.
pub(super) async fn sweep_cache(db: Db, cache: GroupCache, live: LiveSettings) {
    let mut seen = None;
    loop {
        let (cache, live, from) = (cache.clone(), live.clone(), seen.clone());
        match db.read(move |conn| sweep(conn, &cache, &live, from)).await {
            Ok(now) => seen = now,
            Err(error) => tracing::warn!(%error, "the cache could not be tidied yet"),
        }
        // Either is a reason to look.
        let _ = rt::time::timeout(SWEEPING, db.written()).await;
    }
}

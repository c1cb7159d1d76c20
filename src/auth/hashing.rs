//! Looking at passwords, off the async threads and a few at a time.

use super::password::AT_ONCE;
use crate::error::{Error, Result};
use actix_web::rt::time::timeout;
use actix_web::web;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long somebody may wait for their turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Does what hashes a password, in turn with others who do. Those who wait hold no thread and no connection: however
/// many sign in at once, the pages of everybody else go on.
///
/// # Errors
/// [`Error::Busy`] where it took too long, or what `work` says.
pub(super) async fn in_turn<T, F>(work: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T> + Send + 'static,
{
    static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);
    let place = timeout(PATIENCE, PLACES.acquire()).await.map_err(|_| Error::Busy)?;
    let work = move || {
        // The place is taken for as long as it runs, whether or not somebody still waits for it.
        let _place = place;
        work()
    };
    web::block(work).await.map_err(|_| Error::Busy)?
}

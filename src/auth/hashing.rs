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

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join4;
    use std::sync::mpsc::{Receiver, Sender, channel};

    /// Work that says that it has begun, and ends when it is told to.
    fn work(begun: &Sender<()>) -> (Sender<()>, impl Future<Output = Result<()>>) {
        let (end, told): (Sender<()>, Receiver<()>) = channel();
        let begun = begun.clone();
        let work = move || {
            begun.send(()).map_err(Error::internal)?;
            told.recv().map_err(Error::internal)
        };
        (end, in_turn(work))
    }

    #[actix_web::test]
    async fn the_third_begins_when_one_of_two_is_done() {
        let (begun, seen) = channel();
        let ((end_one, one), (end_two, two), (end_three, three)) = (work(&begun), work(&begun), work(&begun));
        let watch = async {
            seen.recv().unwrap();
            seen.recv().unwrap();
            assert!(seen.try_recv().is_err(), "three at once");
            for end in [end_one, end_two, end_three] {
                end.send(()).unwrap();
            }
        };
        let (one, two, three, ()) = join4(one, two, three, watch).await;
        assert!(one.is_ok() && two.is_ok() && three.is_ok());
        assert!(seen.try_recv().is_ok(), "the third never began");
    }
}

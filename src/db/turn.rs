//! The way of a request from the async threads to the blocking ones and back.
//!
//! There are few blocking threads: each that runs beside the others costs a switch, and more of them than connections
//! would only wait for those. So work may wait for a thread, but not for long: whoever waits too long is told so quickly.

use crate::error::{Error, Result};
use actix_web::rt::time::timeout;
use actix_web::web;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Runs `work` on a blocking thread, as long as it takes.
///
/// # Errors
/// [`Error::Busy`] where no thread was free for it within `patience`: then it doesn't run at all, and is gone.
pub(super) async fn blocking<T, F>(patience: Duration, work: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T> + Send + 'static,
{
    let waiting = Arc::new(Mutex::new(Some(work)));
    let seen = Arc::clone(&waiting);
    let taken = |waiting: &Mutex<Option<F>>| waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
    let mut running = pin!(web::block(move || taken(&seen).map_or(Err(Error::Busy), |work| work())));
    match timeout(patience, &mut running).await {
        Ok(done) => done.map_err(|_| Error::Busy)?,
        Err(_) if taken(&waiting).is_some() => {
            tracing::warn!("no thread for a request");
            Err(Error::Busy)
        }
        Err(_) => running.await.map_err(|_| Error::Busy)?,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// A runtime as a worker's, with one blocking thread.
    fn with_one_thread<T>(test: impl Future<Output = T>) -> T {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().max_blocking_threads(1).build().unwrap().block_on(test)
    }

    #[test]
    fn work_that_runs_is_waited_for_and_work_that_does_not_begin_is_given_up() {
        let moment = Duration::from_millis(1);
        let (go_on, wait) = mpsc::channel();
        let (ran, seen) = mpsc::channel();
        with_one_thread(async {
            let first = blocking(moment, move || Ok(wait.recv().unwrap()));
            let others = async {
                // The only thread is taken.
                let second = blocking(moment, move || ran.send("the second").map_err(Error::internal)).await;
                assert!(matches!(second, Err(Error::Busy)));
                go_on.send("the first").unwrap();
            };
            let (first, ()) = futures_util::future::join(first, others).await;
            assert_eq!(first.unwrap(), "the first");
            assert_eq!(blocking(Duration::from_secs(60), || Ok("the third")).await.unwrap(), "the third");
        });
        assert!(seen.try_recv().is_err(), "what was given up ran after all");
    }
}

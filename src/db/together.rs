//! Questions of one kind that are asked at the same moment, answered by one statement (docs/adr/0028).
//!
//! What a small question costs is mostly waking threads and processes. Whoever asks while others are being answered waits
//! for that, and is answered along with all who came meanwhile. Nobody waits where nobody else asks.

use super::Db;
use crate::error::{Error, Result};
use actix_web::rt;
use diesel::PgConnection;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use tokio::sync::oneshot;

/// The most questions of a statement.
const MOST: usize = 32;

/// What is known about questions, in their order.
type Find<Q, R> = Box<dyn Fn(&mut PgConnection, &[Q]) -> Result<Vec<R>> + Send + Sync>;
type Tell<R> = oneshot::Sender<Result<R>>;

/// Answers questions `Q` with what is found about them, `R`. Cloning shares it.
pub struct Together<Q, R>(Arc<Shared<Q, R>>);

struct Shared<Q, R> {
    find: Find<Q, R>,
    /// The most statements under way.
    at_once: usize,
    state: Mutex<State<Q, R>>,
}

struct State<Q, R> {
    waiting: VecDeque<(Q, Tell<R>)>,
    under_way: usize,
}

impl<Q, R> Shared<Q, R> {
    fn state(&self) -> MutexGuard<'_, State<Q, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Q, R> Clone for Together<Q, R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Q: Send + 'static, R: Send + 'static> Together<Q, R> {
    /// Questions that `find` looks up, however many there are: it gives what it found in their order.
    pub fn new(find: impl Fn(&mut PgConnection, &[Q]) -> Result<Vec<R>> + Send + Sync + 'static) -> Self {
        // A statement keeps about one processor busy, here or there; more of them would only be smaller.
        let at_once = thread::available_parallelism().map_or(1, |processors| (processors.get() / 2).max(1));
        let state = Mutex::new(State { waiting: VecDeque::new(), under_way: 0 });
        Self(Arc::new(Shared { find: Box::new(find), at_once, state }))
    }

    /// Asks, and gives what was found.
    ///
    /// # Errors
    /// Those of `find`; [`Error::Busy`] where no thread or no connection was free in time.
    pub async fn ask(&self, db: &Db, question: Q) -> Result<R> {
        let (tell, told) = oneshot::channel();
        if let Some(turn) = self.wait(question, tell) {
            let db = db.clone();
            // Not awaited here: others wait for it, too, when who asked goes. Where it can't begin, the turn goes, and
            // with it whoever waits for it.
            rt::spawn(async move {
                if let Err(error) = db.read(move |conn| turn.take(conn)).await {
                    tracing::warn!(%error, "questions that were asked together have no answer");
                }
            });
        }
        told.await.unwrap_or(Err(Error::Busy))
    }

    /// Joins those who wait; a turn where one more may be under way.
    fn wait(&self, question: Q, tell: Tell<R>) -> Option<Turn<Q, R>> {
        let mut state = self.0.state();
        state.waiting.push_back((question, tell));
        if state.under_way == self.0.at_once {
            return None;
        }
        state.under_way += 1;
        Some(Turn { shared: Arc::clone(&self.0), ended: false, tells: Vec::new() })
    }
}

/// One of the statements that may be under way at once. Where it ends before nobody waits, and no other is under way, those
/// who wait are told that the database is busy.
struct Turn<Q, R> {
    shared: Arc<Shared<Q, R>>,
    ended: bool,
    /// Those who are being answered. They hear of a panic when the turn has ended, so that whoever asks next has its own.
    tells: Vec<Tell<R>>,
}

impl<Q, R> Turn<Q, R> {
    /// Answers until nobody waits.
    fn take(mut self, conn: &mut PgConnection) -> Result<()> {
        while let Some(some) = self.next() {
            let (questions, tells): (Vec<Q>, Vec<Tell<R>>) = some.into_iter().unzip();
            self.tells = tells;
            let found = (self.shared.find)(conn, &questions);
            let tells = std::mem::take(&mut self.tells);
            // Who asked may have gone.
            match found {
                Ok(found) => tells.into_iter().zip(found).for_each(|(tell, found)| drop(tell.send(Ok(found)))),
                Err(error) => {
                    // The connection may be what failed: whoever asks next gets another, in a turn of its own.
                    self.end();
                    tells.into_iter().for_each(|tell| drop(tell.send(Err(for_each(&error)))));
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Option<Vec<(Q, Tell<R>)>> {
        let mut state = self.shared.state();
        if state.waiting.is_empty() {
            state.under_way -= 1;
            self.ended = true;
            return None;
        }
        let some = state.waiting.len().min(MOST);
        Some(state.waiting.drain(..some).collect())
    }
}

impl<Q, R> Turn<Q, R> {
    /// Ends before nobody waits.
    fn end(&mut self) {
        self.ended = true;
        let mut state = self.shared.state();
        state.under_way -= 1;
        if state.under_way == 0 {
            state.waiting.clear();
        }
    }
}

impl<Q, R> Drop for Turn<Q, R> {
    fn drop(&mut self) {
        if !self.ended {
            self.end();
        }
    }
}

/// An error that several are told.
fn for_each(error: &Error) -> Error {
    match error {
        Error::Busy => Error::Busy,
        other => Error::Internal(other.to_string().into()),
    }
}

//! A change is made, looked at, and taken back: what it does to customers is then told by the very code that would do it,
//! also where it is one of products and prices, which the book of settings doesn't hold.

use super::assess::{Impact, Look};
use super::case::Case;
use super::products_of;
use super::whom::PROBED;
use crate::error::{Error, Result};
use crate::inheritance::store::live::LiveSettings;
use crate::pricing::facts::Question;
use diesel::Connection;
use diesel::PgConnection;

/// The impact of `change`, which is undone.
///
/// # Errors
/// What `change` itself refuses.
pub fn rehearse(
    conn: &mut PgConnection,
    live: &LiveSettings,
    question: &Question,
    look: Look<'_>,
    change: impl FnOnce(&mut PgConnection) -> Result<()>,
) -> Result<Impact> {
    let before = live.now(conn)?;
    // The change may take them out.
    let gone = look.list.map(|list| products_of(conn, &[list], PROBED + 1)).transpose()?.unwrap_or_default();
    let (after, case) = (&mut None, &mut None);
    let is = undone(conn, |conn| {
        change(conn)?;
        let after: &_ = after.insert(live.now(conn)?);
        let case = case.insert(Case::new(conn, (&before, after), question, look, &gone)?);
        case.after(conn)
    })?;
    let Some(case) = case.take() else { return Err(Error::internal("a rehearsal that looked at nothing")) };
    let was = case.before(conn)?;
    case.impact(conn, &was, &is)
}

/// Why a transaction ends without a trace.
enum End<T> {
    Looked(T),
    Failed(Error),
}

impl<T> From<diesel::result::Error> for End<T> {
    fn from(fault: diesel::result::Error) -> Self {
        Self::Failed(fault.into())
    }
}

/// What `work` found out; whatever it wrote is gone, and so are its locks.
fn undone<T>(conn: &mut PgConnection, work: impl FnOnce(&mut PgConnection) -> Result<T>) -> Result<T> {
    let ended = conn.transaction(|conn| match work(conn) {
        Ok(found) => Err::<(), End<T>>(End::Looked(found)),
        Err(fault) => Err(End::Failed(fault)),
    });
    match ended {
        Err(End::Looked(found)) => Ok(found),
        Err(End::Failed(fault)) => Err(fault),
        Ok(()) => Err(Error::internal("a rehearsal that was kept")),
    }
}

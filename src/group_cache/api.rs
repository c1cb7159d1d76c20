//! Answers about one group, from the cache where what it keeps holds.

use super::kept::{GroupCache, Look};
use super::store;
use super::value::{Kept, Made, Part, State};
use crate::api::call::{Call, entity_tag};
use crate::api::problem::Problem;
use crate::auth::role::{Actor, Permission};
use crate::auth::store::Token;
use crate::error::{Error, Result};
use crate::group_settings::api::effective_of;
use crate::groups::api::body_of;
use crate::groups::store as groups;
use crate::inheritance::book::Book;
use crate::inheritance::store::live::LiveSettings;
use crate::metrics;
use actix_web::HttpResponse;
use diesel::PgConnection;
use serde::Serialize;
use serde_json::to_value;
use uuid::Uuid;

/// A part of what is known of a group, from the cache or made and kept there. Where there is no cache, or it doesn't
/// answer, `find` and `answer` do the work as [`Call::read_along`] has them do it; `answer` gives the version, too.
///
/// # Errors
/// No live token, no such group, and whatever `answer` refuses.
pub async fn part_of<R, T, F, G>(
    call: Call,
    (cache, live): (GroupCache, LiveSettings),
    (id, part): (Uuid, Part),
    find: F,
    answer: G,
) -> Result<HttpResponse, Problem>
where
    R: 'static,
    T: Serialize,
    F: FnOnce(&mut PgConnection, &[u8]) -> Result<Option<(Token, R)>> + Send + 'static,
    G: FnOnce(&mut PgConnection, &Actor, R) -> Result<(i32, T)> + Send + 'static,
{
    enum Found<R> {
        Without(R),
        Asked(Option<Box<Kept>>, Box<State>),
    }
    let looks = cache.clone();
    let (version, text) = call
        .read_along(
            move |conn, hash| match looks.look(id) {
                Look::Without => Ok(find(conn, hash)?.map(|(token, found)| (token, Found::Without(found)))),
                Look::Asked(kept) => {
                    let state = store::state(conn, hash, id, kept.as_ref().map(|kept| &kept.made))?;
                    Ok(state.map(|(token, state)| (token, Found::Asked(kept, Box::new(state)))))
                }
            },
            move |conn, actor, found| {
                actor.require(Permission::Read)?;
                match found {
                    Found::Without(found) => {
                        let (version, body) = answer(conn, actor, found)?;
                        Ok((version, serde_json::to_string(&body).map_err(Error::internal)?))
                    }
                    Found::Asked(kept, state) => {
                        let kept = current(conn, (&cache, &live), id, part, kept, *state)?;
                        let text = serde_json::to_string(kept.part(part)).map_err(Error::internal)?;
                        Ok((kept.made.version, text))
                    }
                }
            },
        )
        .await?;
    Ok(HttpResponse::Ok().insert_header(entity_tag(version)).content_type("application/json").body(text))
}

/// What is kept where it holds; otherwise made, and kept.
fn current(
    conn: &mut PgConnection,
    (cache, live): (&GroupCache, &LiveSettings),
    id: Uuid,
    part: Part,
    kept: Option<Box<Kept>>,
    state: State,
) -> Result<Box<Kept>> {
    match kept {
        Some(mut kept) if kept.holds(part, &state) => {
            metrics::cache_read("hit");
            if kept.is_behind(&state) {
                kept.made.seen = state.seen;
                cache.keep(id, &kept);
            }
            Ok(kept)
        }
        old => {
            metrics::cache_read("miss");
            let made = Box::new(make(conn, live, id, old, state)?);
            cache.keep(id, &made);
            Ok(made)
        }
    }
}

/// Makes both parts. Everything is read after `state` was: what changed in between counts as a change since.
fn make(conn: &mut PgConnection, live: &LiveSettings, id: Uuid, old: Option<Box<Kept>>, state: State) -> Result<Kept> {
    let group = groups::live(conn, id)?;
    let (version, mark) = state.group.clone().ok_or_else(groups::gone)?;
    let settings = old.filter(|old| version == group.version && old.holds(Part::Effective, &state));
    let group = to_value(body_of(conn, group)?).map_err(Error::internal)?;
    let (path, effective) = match settings {
        // Only members came or went.
        Some(old) => (old.made.path, old.effective),
        None => {
            let book = live.now(conn)?;
            (path(&book, id), to_value(effective_of(conn, &book, id)?).map_err(Error::internal)?)
        }
    };
    let State { database, seen, currency, .. } = state;
    Ok(Kept { made: Made { database, seen, currency, version, mark, path }, group, effective })
}

/// A group and all that stand above it, whether they count or not.
fn path(book: &Book, id: Uuid) -> Vec<Uuid> {
    let above = |id: &Uuid| book.level(*id).and_then(|level| level.parent_id);
    // A tree is less deep than the book is long, whatever somebody wrote into the database.
    std::iter::successors(Some(id), above).take(book.levels().len()).collect()
}

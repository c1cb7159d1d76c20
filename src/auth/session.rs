//! Sessions, kept in PostgreSQL behind actix-session: revocable, rotated at sign-in, with idle and absolute timeouts.

use super::role::{Permission, Role};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::outbox::store as outbox;
use crate::schema::{sessions, users};
use crate::web::shell::Flash;
use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError, generate_session_key};
use actix_session::{Session, SessionExt};
use actix_web::HttpRequest;
use actix_web::cookie::time::Duration as Ttl;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use uuid::Uuid;

/// The cookie's name.
pub const COOKIE: &str = "clientele_session";
/// How long a session lives without a request.
pub const IDLE: Ttl = Ttl::hours(2);
/// How long a session lives at most.
const ABSOLUTE_HOURS: i64 = 12;
/// How often "last seen" is written: not at every request.
const TOUCH_SECONDS: i64 = 60;

const USER: &str = "user_id";
const CSRF: &str = "csrf";
const FLASHES: &str = "flashes";
/// Filled in at each load from the user's row, so that a changed role counts at once; never stored.
const PERSON: &str = "person";
/// In place of a state that can't be read now, because the database is busy; never stored.
const UNREADABLE: &str = "unreadable";

/// Who a session belongs to, as the user's row says at this request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignedIn {
    /// The user.
    pub id: Uuid,
    /// Shown name.
    pub name: String,
    /// Sign-in name.
    pub email: String,
    /// What the person may do.
    pub role: Role,
    /// Deliveries of webhooks that were given up, for administrators; counted up to 100.
    #[serde(default)]
    pub failed_deliveries: i64,
}

/// Who asks, and the token that the person's forms must bring back; `None` where nobody is signed in.
///
/// # Errors
/// [`Error::Busy`] where the session couldn't be read.
pub fn signed_in(request: &HttpRequest) -> Result<Option<(SignedIn, String)>> {
    let session = request.get_session();
    if session.contains_key(UNREADABLE) {
        return Err(Error::Busy);
    }
    let person = session.get::<SignedIn>(PERSON).ok().flatten();
    let csrf = session.get::<String>(CSRF).ok().flatten();
    Ok(person.zip(csrf))
}

/// Signs a person in: under a new session key, so that a key planted before is worth nothing.
pub fn begin(session: &Session, user: Uuid) -> Result<()> {
    session.renew();
    session.clear();
    let put = |key: &str, value: &str| session.insert(key, value).map_err(Error::internal);
    put(USER, &user.to_string())?;
    put(CSRF, &random_token()?)
}

/// 256 random bits as text.
pub fn random_token() -> Result<String> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Leaves a message for the next page.
pub fn leave(session: &Session, flash: Flash) -> Result<()> {
    let mut flashes: Vec<Flash> = session.get(FLASHES).ok().flatten().unwrap_or_default();
    flashes.push(flash);
    session.insert(FLASHES, flashes).map_err(Error::internal)
}

/// Takes the messages that were left.
pub fn take_flashes(session: &Session) -> Vec<Flash> {
    let flashes: Vec<Flash> = session.get(FLASHES).ok().flatten().unwrap_or_default();
    if !flashes.is_empty() {
        session.remove(FLASHES);
    }
    flashes
}

/// The sessions table as actix-session sees it. A session is found by the hash of its key.
#[derive(Clone)]
pub struct PgSessions {
    db: Db,
    clock: Clock,
}

type State = HashMap<String, String>;

impl PgSessions {
    /// Sessions in this database.
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }
}

fn hashed(key: &str) -> Vec<u8> {
    Sha256::digest(key.as_bytes()).to_vec()
}

fn owner(state: &State) -> Option<Uuid> {
    let text: String = serde_json::from_str(state.get(USER)?).ok()?;
    Uuid::try_parse(&text).ok()
}

fn stored(mut state: State) -> Result<serde_json::Value> {
    state.remove(PERSON);
    serde_json::to_value(state).map_err(Error::internal)
}

type Found = (serde_json::Value, DateTime<Utc>, Option<(Uuid, String, String, String, Option<DateTime<Utc>>)>);

fn find(conn: &mut PgConnection, id: &[u8], now: DateTime<Utc>) -> Result<Option<State>> {
    let found: Option<Found> = sessions::table
        .left_join(users::table)
        .filter(sessions::id.eq(id))
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::created_at.gt(now - Duration::hours(ABSOLUTE_HOURS)))
        .select((
            sessions::state,
            sessions::last_seen_at,
            (users::id, users::name, users::email, users::role, users::disabled_at).nullable(),
        ))
        .get_result(conn)
        .optional()?;
    let Some((state, last_seen, person)) = found else { return Ok(None) };
    let mut state: State = serde_json::from_value(state).map_err(Error::internal)?;
    if let Some((user, name, email, role, None)) = person {
        let role = Role::from_name(&role).unwrap_or(Role::Viewer);
        // Only who can do something about it is told.
        let failed_deliveries = if role.may(Permission::ManageWebhooks) { outbox::dead(conn)? } else { 0 };
        let person = SignedIn { id: user, name, email, role, failed_deliveries };
        state.insert(PERSON.into(), serde_json::to_string(&person).map_err(Error::internal)?);
    }
    if now - last_seen > Duration::seconds(TOUCH_SECONDS) {
        diesel::update(sessions::table.find(id))
            .set((sessions::last_seen_at.eq(now), sessions::expires_at.eq(now + idle())))
            .execute(conn)?;
    }
    Ok(Some(state))
}

fn idle() -> Duration {
    Duration::seconds(IDLE.whole_seconds())
}

impl SessionStore for PgSessions {
    async fn load(&self, key: &SessionKey) -> std::result::Result<Option<State>, LoadError> {
        let (id, now) = (hashed(key.as_ref()), self.clock.now());
        match self.db.read(move |conn| find(conn, &id, now)).await {
            // The middleware would make a plain 500 of it; whoever looks at the session answers 503.
            Err(Error::Busy) => Ok(Some(State::from([(UNREADABLE.to_owned(), "true".to_owned())]))),
            found => found.map_err(|fault| LoadError::Other(fault.into())),
        }
    }

    async fn save(&self, state: State, _: &Ttl) -> std::result::Result<SessionKey, SaveError> {
        let key = generate_session_key();
        let (id, user, now) = (hashed(key.as_ref()), owner(&state), self.clock.now());
        let write = move |conn: &mut PgConnection| {
            // Whoever signs in sweeps up what has expired.
            diesel::delete(sessions::table.filter(sessions::expires_at.lt(now))).execute(conn)?;
            diesel::insert_into(sessions::table)
                .values((
                    sessions::id.eq(id),
                    sessions::user_id.eq(user),
                    sessions::state.eq(stored(state)?),
                    sessions::created_at.eq(now),
                    sessions::last_seen_at.eq(now),
                    sessions::expires_at.eq(now + idle()),
                ))
                .execute(conn)?;
            Ok(())
        };
        self.db.write(write).await.map_err(|e| SaveError::Other(e.into()))?;
        Ok(key)
    }

    async fn update(&self, key: SessionKey, state: State, _: &Ttl) -> std::result::Result<SessionKey, UpdateError> {
        let id = hashed(key.as_ref());
        // Only the state: a session that was ended meanwhile stays ended.
        let write = move |conn: &mut PgConnection| {
            diesel::update(sessions::table.find(id)).set(sessions::state.eq(stored(state)?)).execute(conn)?;
            Ok(())
        };
        self.db.write(write).await.map_err(|e| UpdateError::Other(e.into()))?;
        Ok(key)
    }

    /// Nothing: loading a session extends it already.
    async fn update_ttl(&self, _: &SessionKey, _: &Ttl) -> std::result::Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> std::result::Result<(), anyhow::Error> {
        let id = hashed(key.as_ref());
        let write = move |conn: &mut PgConnection| {
            diesel::delete(sessions::table.find(id)).execute(conn)?;
            Ok(())
        };
        self.db.write(write).await.map_err(Into::into)
    }
}

//! One API call: the token is looked up and the work is done in the same database hop.

use super::problem::Problem;
use super::reply::Reply;
use super::retries::{self, BodyDigest, Key};
use super::validators::version_of;
use crate::auth::actions::{acting, authenticate, holder};
use crate::auth::role::Actor;
use crate::auth::store::{Token, token_used};
use crate::auth::token::Secret;
use crate::clock::Clock;
use crate::db::Db;
use crate::db::together::Together;
use crate::error::{Error, Result};
use crate::web::errors::RequestId;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use std::future::{Ready, ready};

/// The header that names a call, so that it is done once.
pub const IDEMPOTENCY_KEY: header::HeaderName = header::HeaderName::from_static("idempotency-key");
/// The header of an answer that was given before.
const REPLAYED: header::HeaderName = header::HeaderName::from_static("idempotency-replayed");

/// Questions of calls, each with its token's hash, that are answered together. Nothing is found where no live token has
/// the hash.
pub type Asked<Q, R> = Together<(Vec<u8>, Q), Option<(Token, R)>>;

/// Questions of calls that `find` looks up. The tokens are noted as used.
pub fn asked<Q, R, F>(clock: Clock, find: F) -> Asked<Q, R>
where
    Q: Send + 'static,
    R: Send + 'static,
    F: Fn(&mut PgConnection, &[(Vec<u8>, Q)]) -> Result<Vec<Option<(Token, R)>>> + Send + Sync + 'static,
{
    Together::new(move |conn, asked| {
        let found = find(conn, asked)?;
        let today = clock.now().date_naive();
        for (token, _) in found.iter().flatten() {
            token_used(conn, token, today)?;
        }
        Ok(found)
    })
}

/// What a handler needs to do its work on behalf of a token's holder.
#[derive(Clone)]
pub struct Call {
    db: Db,
    clock: Clock,
    secret: Secret,
    request_id: Option<String>,
    /// The version in `If-Match`, where the caller sent one.
    pub if_match: Option<i32>,
    request: HttpRequest,
}

impl FromRequest for Call {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).map_err(Problem))
    }
}

impl Call {
    fn of(request: &HttpRequest) -> Result<Self> {
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let secret = text(header::AUTHORIZATION).and_then(Secret::from_header).ok_or(Error::Unauthenticated)?;
        let missing = || Error::internal("the application has no database");
        Ok(Self {
            db: Db::clone(request.app_data::<web::Data<Db>>().ok_or_else(missing)?),
            clock: Clock::clone(request.app_data::<web::Data<Clock>>().ok_or_else(missing)?),
            secret,
            request_id: request.extensions().get::<RequestId>().map(|id| id.0.clone()),
            if_match: request.headers().get(header::IF_MATCH).map(if_match).transpose()?.flatten(),
            request: request.clone(),
        })
    }

    /// What time it is, UTC.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Answers a question.
    pub async fn read<T, F>(self, f: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection, &Actor) -> Result<T> + Send + 'static,
    {
        let Self { db, clock, secret, request_id, .. } = self;
        let work = move |conn: &mut PgConnection| {
            let actor = authenticate(conn, &secret, request_id, clock.now())?;
            f(conn, &actor)
        };
        Ok(db.read(work).await?)
    }

    /// Answers a question that is asked so often that its rows are read along with the token's, in one round trip. `find`
    /// is given the token's hash, and gives nothing where no live token has it. `answer` decides whether the token's
    /// holder may see what was found.
    pub async fn read_along<R, T, F, G>(self, find: F, answer: G) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection, &[u8]) -> Result<Option<(Token, R)>> + Send + 'static,
        G: FnOnce(&mut PgConnection, &Actor, R) -> Result<T> + Send + 'static,
    {
        let Self { db, clock, secret, request_id, .. } = self;
        let work = move |conn: &mut PgConnection| {
            let (token, found) = find(conn, &secret.hash())?.ok_or(Error::Unauthenticated)?;
            let actor = holder(conn, token, request_id, clock.now())?;
            answer(conn, &actor, found)
        };
        Ok(db.read(work).await?)
    }

    /// As [`Self::read_along`], but along with the same question of other calls, too: what is asked most of all. `answer`
    /// has no connection, and should be quick: it runs among all other requests.
    pub async fn read_together<Q, R, T, G>(self, asked: &Asked<Q, R>, question: Q, answer: G) -> Result<T, Problem>
    where
        Q: Send + 'static,
        R: Send + 'static,
        G: FnOnce(&Actor, R) -> Result<T>,
    {
        let found = asked.ask(&self.db, (self.secret.hash(), question)).await?;
        let (token, found) = found.ok_or(Error::Unauthenticated)?;
        Ok(answer(&acting(token, self.request_id), found)?)
    }

    /// Changes something, in one transaction.
    pub async fn write<T, F>(self, f: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection, &Actor, DateTime<Utc>) -> Result<T> + Send + 'static,
    {
        let Self { db, clock, secret, request_id, .. } = self;
        let work = move |conn: &mut PgConnection| {
            let now = clock.now();
            let actor = authenticate(conn, &secret, request_id, now)?;
            f(conn, &actor, now)
        };
        Ok(db.write(work).await?)
    }

    /// Does something in one transaction that a retry with the same `Idempotency-Key` doesn't do again: it is given the
    /// answer of the first time, which is kept by the same transaction.
    pub async fn once<F>(self, f: F) -> Result<HttpResponse, Problem>
    where
        F: FnOnce(&mut PgConnection, &Actor, DateTime<Utc>) -> Result<Reply> + Send + 'static,
    {
        let key = self.key()?;
        let (reply, again) = self
            .write(move |conn, actor, now| {
                let Some((token, key)) = actor.id.zip(key) else { return Ok((f(conn, actor, now)?, false)) };
                if let Some(reply) = retries::answered(conn, token, &key, now)? {
                    return Ok((reply, true));
                }
                let reply = f(conn, actor, now)?;
                retries::keep(conn, token, &key, &reply, now)?;
                Ok((reply, false))
            })
            .await?;
        let mut response = reply.response();
        if again {
            response.headers_mut().insert(REPLAYED, header::HeaderValue::from_static("true"));
        }
        Ok(response)
    }

    /// The key that the caller gave this call; its body has been read.
    fn key(&self) -> Result<Option<Key>> {
        let Some(header) = self.request.headers().get(IDEMPOTENCY_KEY) else { return Ok(None) };
        let address = self.request.uri().path_and_query().map_or("", |address| address.as_str());
        let body = self.request.extensions().get::<BodyDigest>().cloned();
        Key::of(header.to_str().unwrap_or_default(), address, body.as_ref()).map(Some)
    }
}

/// The version that an `If-Match` is for; `*` is any version.
fn if_match(header: &header::HeaderValue) -> Result<Option<i32>> {
    let malformed = || Error::Malformed("If-Match takes the ETag of one answer, such as \"v3\", or *.".into());
    header.to_str().ok().and_then(version_of).ok_or_else(malformed)
}

/// The entity tag of a version.
pub fn entity_tag(version: i32) -> (header::HeaderName, String) {
    (header::ETAG, format!("\"v{version}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_goes_out_and_comes_back() {
        assert_eq!(version_of(&entity_tag(3).1), Some(Some(3)));
    }
}

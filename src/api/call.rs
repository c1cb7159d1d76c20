//! One API call: the token is looked up and the work is done in the same database hop.

use super::problem::Problem;
use crate::auth::actions::{authenticate, holder};
use crate::auth::role::Actor;
use crate::auth::store::Token;
use crate::auth::token::Secret;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::web::errors::RequestId;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use std::future::{Ready, ready};

/// What a handler needs to do its work on behalf of a token's holder.
#[derive(Clone)]
pub struct Call {
    db: Db,
    clock: Clock,
    secret: Secret,
    request_id: Option<String>,
    /// The version in `If-Match`, where the caller sent one.
    pub if_match: Option<i32>,
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
            if_match: text(header::IF_MATCH).map(version_of).transpose()?.flatten(),
        })
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
}

/// The version of an entity tag that we gave: `"v3"`. `*` is any version.
fn version_of(tag: &str) -> Result<Option<i32>> {
    let tag = tag.trim();
    if tag == "*" {
        return Ok(None);
    }
    tag.strip_prefix("\"v")
        .and_then(|rest| rest.strip_suffix('"'))
        .and_then(|number| number.parse().ok())
        .map(Some)
        .ok_or_else(|| Error::Malformed("If-Match takes the ETag of an answer, such as \"v3\".".into()))
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
        assert_eq!(version_of(&entity_tag(3).1).unwrap(), Some(3));
        assert_eq!(version_of("*").unwrap(), None);
        assert!(version_of("3").is_err());
        assert!(version_of("\"v\"").is_err());
    }
}

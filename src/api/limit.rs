//! The rate limit (SPEC 13): so many calls a minute and token; off where it isn't set. With Redis it counts over all
//! nodes (docs/adr/0023), otherwise, and while Redis doesn't answer, each node counts by itself.

use super::problem::Problem;
use crate::auth::token::Secret;
use crate::cache::Redis;
use crate::clock::Clock;
use crate::error::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{ResponseError, web};
use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::Arc;

/// How many tokens are remembered before those that rest are forgotten.
const REMEMBERED: usize = 10_000;

/// The program's clock as the limiter reads it.
#[derive(Clone)]
struct Ticks(Clock);

impl GovernorClock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let since = self.0.now().timestamp_nanos_opt().and_then(|nanos| u64::try_from(nanos).ok());
        Nanos::from(since.unwrap_or_default())
    }
}

/// Counts by the hash of a token.
type Counters = RateLimiter<Vec<u8>, DashMapStateStore<Vec<u8>>, Ticks, NoOpMiddleware<Nanos>>;

/// The limiter of all workers of a node.
#[derive(Clone)]
pub struct Limit {
    per_minute: NonZeroU32,
    here: Arc<Counters>,
    everywhere: Option<Redis>,
}

impl Limit {
    /// So many calls a minute for each token; all of them may come at once. They are counted in Redis where there is one.
    pub fn per_minute(calls: NonZeroU32, clock: Clock, everywhere: Option<Redis>) -> Self {
        let here = RateLimiter::new(Quota::per_minute(calls), DashMapStateStore::default(), Ticks(clock));
        Self { per_minute: calls, here: Arc::new(here), everywhere }
    }

    /// Counts a call of this token; seconds until the next one, where this one is too many.
    async fn count(&self, token: &Secret) -> Result<(), u64> {
        match self.count_everywhere(token).await {
            Some(counted) => counted,
            None => self.count_here(token),
        }
    }

    /// Nothing where there is no Redis, or it doesn't answer. It is asked from a blocking thread.
    async fn count_everywhere(&self, token: &Secret) -> Option<Result<(), u64>> {
        let (redis, per_minute) = (self.everywhere.clone()?, self.per_minute);
        // The hash, as in the database: whoever reads Redis gets no token.
        let hash: String = token.hash().iter().map(|byte| format!("{byte:02x}")).collect();
        web::block(move || redis.count_call(&format!("pricing:rate:{hash}"), per_minute)).await.ok()?
    }

    fn count_here(&self, token: &Secret) -> Result<(), u64> {
        if self.here.len() > REMEMBERED {
            self.here.retain_recent();
        }
        self.here.check_key(&token.hash()).map_err(|refusal| {
            let wait = refusal.wait_time_from(GovernorClock::now(&self.here.clock().clone()));
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }
}

/// Middleware that refuses what is over the limit. What has no token is refused anyway, by the call itself.
pub async fn limited<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let limit = request.app_data::<web::Data<Limit>>().cloned();
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(Secret::from_header);
    if let Some((limit, token)) = limit.zip(token)
        && let Err(retry_after) = limit.count(&token).await
    {
        let refusal = Problem(Error::TooMany { retry_after: retry_after.max(1) }).error_response();
        return Ok(request.into_response(refusal));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeDelta, TimeZone, Utc};

    #[test]
    fn a_token_waits_for_its_turn_and_no_other_does() {
        let clock = Clock::fixed(Utc.with_ymd_and_hms(2026, 3, 10, 12, 0, 0).unwrap());
        let limit = Limit::per_minute(NonZeroU32::new(2).unwrap(), clock.clone(), None);
        let (one, other) = (Secret::random().unwrap(), Secret::random().unwrap());
        assert_eq!((limit.count_here(&one), limit.count_here(&one)), (Ok(()), Ok(())));
        assert_eq!(limit.count_here(&one), Err(30));
        assert_eq!(limit.count_here(&other), Ok(()));
        clock.advance(TimeDelta::seconds(30));
        assert_eq!(limit.count_here(&one), Ok(()));
        assert_eq!(limit.count_here(&one), Err(30));
    }
}

//! What the nodes share in Redis (SPEC 14, docs/adr/0023): answers that would be made again, and how many calls a token
//! made. Nothing is only there: without Redis, or where it is down or slow, everything goes on and is right.

mod breaker;
mod counting;
mod redis;

pub use self::redis::Redis;

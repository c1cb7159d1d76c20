//! Where groups are kept: Redis, or nowhere.

use super::value::{Kept, Seal};
use crate::cache::Redis;
use crate::error::{Error, Result};
use crate::metrics;
use std::time::Duration;
use uuid::Uuid;

/// How long a group is kept at most (SPEC 14).
const TTL: Duration = Duration::from_secs(60 * 60);

/// Where groups are kept. Cloning shares it.
#[derive(Clone, Default)]
pub struct GroupCache(Option<(Redis, Seal)>);

/// What was found.
#[derive(Debug)]
pub enum Look {
    /// There is no cache, or it doesn't answer.
    Without,
    /// What was kept, if anything.
    Asked(Option<Box<Kept>>),
}

impl GroupCache {
    /// In this Redis, signed with a secret that all nodes have. `shape` changes with the answers that are kept.
    ///
    /// # Errors
    /// A secret that can't sign.
    pub fn new(redis: Option<Redis>, secret: &[u8], shape: &[u8]) -> Result<Self> {
        let seal = || Seal::new(secret, shape).ok_or_else(|| Error::internal("no key to seal with"));
        Ok(Self(redis.map(|redis| Ok::<_, Error>((redis, seal()?))).transpose()?))
    }

    /// Whether anything is kept at all.
    pub fn is_used(&self) -> bool {
        self.0.is_some()
    }

    /// What is kept of a group, whether it holds or not.
    pub fn look(&self, id: Uuid) -> Look {
        let Some((redis, seal)) = &self.0 else { return Look::Without };
        match redis.get(&key(id)) {
            Some(text) => Look::Asked(text.and_then(|text| seal.read(id, &text)).map(Box::new)),
            None => {
                metrics::cache_read("error");
                Look::Without
            }
        }
    }

    /// Keeps a group for an hour.
    pub fn keep(&self, id: Uuid, kept: &Kept) {
        if let Some((redis, seal)) = &self.0
            && let Some(text) = seal.write(id, kept)
        {
            redis.set(&key(id), text.as_bytes(), TTL);
        }
    }

    /// Removes groups; whether that was done.
    pub fn remove(&self, ids: &[Uuid]) -> bool {
        let keys: Vec<String> = ids.iter().copied().map(key).collect();
        self.0.as_ref().is_none_or(|(redis, _)| redis.remove(&keys))
    }
}

/// The key of a group (SPEC 14).
fn key(id: Uuid) -> String {
    format!("pricing:customer-group:{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_the_one_of_the_specification() {
        assert_eq!(key(Uuid::from_u128(1)), "pricing:customer-group:00000000-0000-0000-0000-000000000001");
    }
}

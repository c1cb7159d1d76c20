//! Whether a server is asked at all: one that failed is left alone for a while, so that requests don't wait for it one
//! after the other.

use std::sync::atomic::{AtomicU64, Ordering};

/// How long it is left alone, in milliseconds.
const REST: u64 = 2_000;

/// The moments are milliseconds since any beginning, the same one for all of them.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    /// Until when nobody asks; 0 where everybody may.
    until: AtomicU64,
}

impl Breaker {
    /// Whether one may ask now. After a rest one caller may; while it asks, the others wait another one.
    pub(super) fn may_ask(&self, now: u64) -> bool {
        let until = self.until.load(Ordering::Acquire);
        let mine = || self.until.compare_exchange(until, now + REST, Ordering::AcqRel, Ordering::Acquire).is_ok();
        until == 0 || (now >= until && mine())
    }

    /// It failed. Whether it answered until now.
    pub(super) fn failed(&self, now: u64) -> bool {
        self.until.swap(now + REST, Ordering::AcqRel) == 0
    }

    /// It answered. Whether it had failed until now.
    pub(super) fn answered(&self) -> bool {
        self.until.load(Ordering::Acquire) != 0 && self.until.swap(0, Ordering::AcqRel) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_failed_is_left_alone_and_then_asked_by_one() {
        let breaker = Breaker::default();
        assert!(breaker.may_ask(0) && breaker.may_ask(0));
        assert!(!breaker.answered(), "it always did");
        assert!(breaker.failed(100));
        assert!(!breaker.failed(101), "a second failure is no news");
        assert!(!breaker.may_ask(102) && !breaker.may_ask(101 + REST - 1));
        assert!(breaker.may_ask(101 + REST), "one tries");
        assert!(!breaker.may_ask(101 + REST), "the others don't");
        assert!(breaker.answered() && !breaker.answered());
        assert!(breaker.may_ask(101 + REST) && breaker.may_ask(101 + REST));
    }

    #[test]
    fn who_fails_again_is_left_alone_again() {
        let breaker = Breaker::default();
        breaker.failed(0);
        assert!(breaker.may_ask(REST));
        assert!(!breaker.failed(REST + 1));
        assert!(!breaker.may_ask(REST + REST));
        assert!(breaker.may_ask(REST + 1 + REST));
    }
}

//! How many calls somebody made, counted over all nodes (SPEC 13, rate limit).

use super::Redis;
use std::num::NonZeroU32;

/// The generic cell rate algorithm: of each caller the moment is kept at which all of its calls would have come at the
/// even rate. A call moves it on by one interval, unless that would be more than a minute ahead. The clock is the
/// server's, so that the nodes' own needn't agree. It answers how many seconds to wait, 0 for a call that may go.
const COUNT: &str = "
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    local kept = redis.pcall('GET', KEYS[1])
    local due = type(kept) == 'string' and tonumber(kept) or now
    if due < now or due > now + 60000000 then due = now end
    local next = due + 60000000 / ARGV[1]
    local wait = next - now - 60000000
    if wait > 0 then return math.ceil(wait / 1000000) end
    redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000))
    return 0";

impl Redis {
    /// Counts a call of whoever has this key: `Ok`, or the seconds after which it may come again. Nothing where the
    /// server doesn't answer.
    pub fn count_call(&self, key: &str, per_minute: NonZeroU32) -> Option<Result<(), u64>> {
        let wait: u64 = self.ask(::redis::cmd("EVAL").arg(COUNT).arg(1).arg(key).arg(per_minute.get()))?;
        Some(if wait == 0 { Ok(()) } else { Err(wait) })
    }
}

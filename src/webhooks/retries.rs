//! When a delivery is tried again, and when it is given up.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// How long it is waited after each attempt that failed: eight attempts within a day.
pub const WAITS: [TimeDelta; 7] = [
    TimeDelta::seconds(10),
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(6),
    TimeDelta::hours(12),
];

/// The longest that a receiver may ask to be left alone (`Retry-After`).
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// What an attempt came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status, where there was an answer.
    pub status: Option<u16>,
    /// Why it counts as failed, in words; empty where it doesn't.
    pub error: String,
    /// How long the receiver wants to be left alone.
    pub retry_after: Option<TimeDelta>,
    /// The beginning of the answer's body.
    pub body: String,
    /// How long it took, milliseconds.
    pub took_ms: i32,
}

/// What becomes of a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has arrived.
    Delivered,
    /// It is tried again at this instant, UTC.
    Again(DateTime<Utc>),
    /// It was the last attempt.
    Dead,
    /// The receiver is gone for good (410): nothing more is sent there.
    Gone,
}

/// What becomes of a delivery after its `attempt`th attempt of this round, the first being 1.
///
/// Waits are up to a fifth longer than the table says, by the delivery's id: what failed together doesn't come back
/// together.
pub fn decide(delivery: Uuid, attempt: i32, answer: &Answer, now: DateTime<Utc>) -> Verdict {
    match answer.status {
        Some(200..=299) => return Verdict::Delivered,
        Some(410) => return Verdict::Gone,
        _ => {}
    }
    let place = usize::try_from(attempt - 1).unwrap_or_default();
    let Some(wait) = WAITS.get(place) else { return Verdict::Dead };
    let [.., high, low] = *delivery.as_bytes();
    let spread = *wait * i32::from(u16::from_be_bytes([high, low]) / 1024) / (5 * 64);
    let asked = answer.retry_after.unwrap_or_default().min(LONGEST);
    Verdict::Again(now + (*wait + spread).max(asked))
}

/// A `Retry-After`: seconds, or an instant as HTTP writes it. What is neither is as if it weren't there.
pub fn retry_after(header: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
    let header = header.trim();
    let wait = match header.parse::<u32>() {
        Ok(seconds) => TimeDelta::seconds(seconds.into()),
        Err(_) => DateTime::parse_from_rfc2822(header).ok()?.with_timezone(&Utc) - now,
    };
    (wait > TimeDelta::zero()).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> DateTime<Utc> {
        "2026-03-10T12:00:00Z".parse().unwrap()
    }

    fn answered(status: u16) -> Answer {
        Answer { status: Some(status), ..Answer::default() }
    }

    #[test]
    fn failures_are_tried_again_ever_later_and_given_up_after_eight() {
        let first = Uuid::from_u128(0);
        for (attempt, seconds) in [(1, 10), (2, 60), (3, 300), (4, 1800), (5, 7200), (6, 21_600), (7, 43_200)] {
            for answer in [answered(500), answered(302), answered(404), Answer::default()] {
                let again = Verdict::Again(at() + TimeDelta::seconds(seconds));
                assert_eq!(decide(first, attempt, &answer, at()), again, "{attempt} {answer:?}");
            }
            assert_eq!(decide(first, attempt, &answered(204), at()), Verdict::Delivered);
            assert_eq!(decide(first, attempt, &answered(410), at()), Verdict::Gone);
        }
        assert_eq!(decide(first, 8, &answered(500), at()), Verdict::Dead);
        assert_eq!(decide(first, 8, &answered(200), at()), Verdict::Delivered);
        let day: i32 = WAITS.iter().map(|wait| i32::try_from(wait.num_minutes()).unwrap()).sum();
        assert!((20 * 60..=24 * 60).contains(&day), "{day} minutes");
    }

    #[test]
    fn deliveries_are_spread_by_up_to_a_fifth() {
        let last = Uuid::from_u128(u128::MAX);
        let Verdict::Again(next) = decide(last, 2, &answered(500), at()) else { panic!() };
        let wait = next - at();
        assert!(wait > TimeDelta::seconds(71) && wait < TimeDelta::seconds(72), "{wait}");
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_but_not_for_less() {
        for (header, wait) in [
            ("120", Some(120)),
            (" 5 ", Some(5)),
            ("Tue, 10 Mar 2026 12:10:00 GMT", Some(600)),
            ("Tue, 10 Mar 2026 11:00:00 GMT", None),
            ("0", None),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(header, at()), wait.map(TimeDelta::seconds), "{header}");
        }
        for (asked, seconds) in [(5, 10), (120, 120), (10_000_000, 86_400)] {
            let answer = Answer { retry_after: Some(TimeDelta::seconds(asked)), ..answered(503) };
            let again = Verdict::Again(at() + TimeDelta::seconds(seconds));
            assert_eq!(decide(Uuid::from_u128(0), 1, &answer, at()), again);
        }
    }
}

//! Runs of a rule: what they did, when they are due, and when one waits for approval (SPEC 5).

use crate::clock::{day_begins, store_day};
use chrono::{DateTime, Datelike, Days, Duration, Utc};
use chrono_tz::Tz;

/// Why a rule ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Its rule was saved.
    Save,
    /// "Run now", the API or the command line.
    ByHand,
    /// It was due.
    Schedule,
    /// Customers changed.
    Change,
    /// A file was imported.
    Import,
    /// A held run was approved.
    Approval,
}

impl Trigger {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Save, Self::ByHand, Self::Schedule, Self::Change, Self::Import, Self::Approval];

    /// The stored name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Save => "save",
            Self::ByHand => "by_hand",
            Self::Schedule => "schedule",
            Self::Change => "change",
            Self::Import => "import",
            Self::Approval => "approval",
        }
    }

    /// The trigger of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trigger| trigger.name() == name)
    }

    /// For people: `rule saved`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Save => "Rule saved",
            Self::ByHand => "Run now",
            Self::Schedule => "Schedule",
            Self::Change => "Customers changed",
            Self::Import => "Import",
            Self::Approval => "Held run approved",
        }
    }

    /// Whether somebody looks on, who has seen who would leave. The guard is for the others.
    pub fn is_attended(self) -> bool {
        matches!(self, Self::Save | Self::ByHand | Self::Approval)
    }
}

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The members fit the rule.
    Done,
    /// It would remove so many that it waits for somebody to look at it. Nothing was changed.
    Held,
    /// It was held, and somebody approved it: another run did it.
    Approved,
    /// It was held, and somebody discarded it.
    Discarded,
    /// It was held, and a later run took its place.
    Superseded,
    /// It failed; nothing was changed.
    Failed,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Done, Self::Held, Self::Approved, Self::Discarded, Self::Superseded, Self::Failed];

    /// The stored name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Held => "held",
            Self::Approved => "approved",
            Self::Discarded => "discarded",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
        }
    }

    /// The outcome of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Done => "Done",
            Self::Held => "Held for approval",
            Self::Approved => "Approved",
            Self::Discarded => "Discarded",
            Self::Superseded => "Replaced by a later run",
            Self::Failed => "Failed",
        }
    }

    /// The tone and icon of its badge.
    pub fn badge(self) -> (&'static str, &'static str) {
        match self {
            Self::Done | Self::Approved => ("good", "circle-check"),
            Self::Held => ("warn", "alert-triangle"),
            Self::Discarded | Self::Superseded => ("quiet", "circle-minus"),
            Self::Failed => ("bad", "alert-circle"),
        }
    }
}

/// What a run found and did, in customers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Who matches, refused and excluded ones included.
    pub matched: i64,
    /// Who joined; of a held run, who would.
    pub joined: i64,
    /// Who left; of a held run, who would.
    pub left: i64,
    /// Who matches and finds the group full.
    pub refused_capacity: i64,
    /// Who matches and isn't active.
    pub refused_status: i64,
    /// Who matches and was excluded by hand.
    pub excluded: i64,
}

impl Tally {
    /// Who matches and can't join, whatever the cause.
    pub fn refused(&self) -> i64 {
        self.refused_capacity + self.refused_status
    }
}

/// Up to so many may leave without anybody looking on, whatever their share.
const FEW: i64 = 50;

/// Whether an unattended run that would remove `leaves` of `members` is held: more than `percent` of them, and over 50.
pub fn is_held(members: i64, leaves: i64, percent: i32) -> bool {
    leaves > FEW && i128::from(leaves) * 100 > i128::from(members) * i128::from(percent)
}

/// How often a rule runs by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Every {
    /// On the hour.
    Hour,
    /// At the store's midnight.
    #[default]
    Day,
    /// At the store's midnight before Monday.
    Week,
    /// Not by itself.
    Never,
}

impl Every {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Never];

    /// The stored name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Never => "never",
        }
    }

    /// The one of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|every| every.name() == name)
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Hour => "Every hour",
            Self::Day => "Every day at midnight",
            Self::Week => "Every Monday at midnight",
            Self::Never => "Only when it is saved, run by hand, or customers change",
        }
    }

    /// When the next run after `now` is due, on the store's clock.
    pub fn next(self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let today = store_day(now, zone);
        let days = match self {
            Self::Never => return None,
            Self::Hour => {
                let past = now.timestamp().rem_euclid(3600);
                return Some(
                    now - Duration::seconds(past) - Duration::nanoseconds(i64::from(now.timestamp_subsec_nanos()))
                        + Duration::hours(1),
                );
            }
            Self::Day => 1,
            Self::Week => 7 - u64::from(today.weekday().num_days_from_monday()),
        };
        Some(day_begins(today.checked_add_days(Days::new(days))?, zone))
    }
}

/// When a run that failed so many times in a row is tried again: after 5 minutes, then longer each time, at most a day.
pub fn try_again(failures: i32, now: DateTime<Utc>) -> DateTime<Utc> {
    let doubled = 5_i64 << failures.clamp(1, 9).saturating_sub(1);
    now + Duration::minutes(doubled.min(24 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guard_holds_many_and_a_large_share() {
        for (members, leaves, percent, held) in [
            (100, 50, 20, false),
            (100, 51, 20, true),
            (255, 51, 20, false),
            (254, 51, 20, true),
            (1_000_000, 200_000, 20, false),
            (1_000_000, 200_001, 20, true),
            (100, 100, 100, false),
            (51, 51, 0, true),
        ] {
            assert_eq!(is_held(members, leaves, percent), held, "{members} {leaves} {percent}");
        }
    }

    #[test]
    fn runs_are_due_on_the_stores_clock() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        for (every, now, zone, next) in [
            (Every::Day, "2026-03-10T12:00:00Z", Tz::UTC, Some("2026-03-11T00:00:00Z")),
            (Every::Day, "2026-03-10T00:00:00Z", Tz::UTC, Some("2026-03-11T00:00:00Z")),
            (Every::Day, "2026-03-10T03:59:59Z", Tz::America__New_York, Some("2026-03-10T04:00:00Z")),
            // The clocks go forward on this day.
            (Every::Day, "2026-03-08T12:00:00Z", Tz::America__New_York, Some("2026-03-09T04:00:00Z")),
            (Every::Week, "2026-03-10T12:00:00Z", Tz::UTC, Some("2026-03-16T00:00:00Z")),
            (Every::Week, "2026-03-16T00:00:00Z", Tz::UTC, Some("2026-03-23T00:00:00Z")),
            (Every::Hour, "2026-03-10T12:00:00Z", Tz::UTC, Some("2026-03-10T13:00:00Z")),
            (Every::Hour, "2026-03-10T12:59:59.5Z", Tz::UTC, Some("2026-03-10T13:00:00Z")),
            (Every::Never, "2026-03-10T12:00:00Z", Tz::UTC, None),
        ] {
            assert_eq!(every.next(at(now), zone), next.map(at), "{every:?} {now} {zone}");
        }
    }

    #[test]
    fn failures_are_tried_again_later_each_time() {
        let now = DateTime::UNIX_EPOCH;
        let minutes: Vec<i64> = [1, 2, 3, 9, 50].map(|n| (try_again(n, now) - now).num_minutes()).to_vec();
        assert_eq!(minutes, [5, 10, 20, 1280, 1280]);
    }

    #[test]
    fn names_are_known() {
        for trigger in Trigger::ALL {
            assert_eq!(Trigger::from_name(trigger.name()), Some(trigger));
        }
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::from_name(outcome.name()), Some(outcome));
        }
        for every in Every::ALL {
            assert_eq!(Every::from_name(every.name()), Some(every));
        }
    }
}

//! When something holds: whole store days, both ends in, and what that makes of it today (SPEC 1, 8). Promotions and
//! campaigns have the same windows.

use crate::clock::long_day;
use crate::error::FieldError;
use crate::groups::group::Status;
use crate::price_lists::list::day;
use chrono::NaiveDate;

/// The days on which something holds; an unset end is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// First store day.
    pub from: Option<NaiveDate>,
    /// Last store day.
    pub to: Option<NaiveDate>,
}

impl Window {
    /// Reads both ends as typed, `2026-03-01` or nothing; errors stand at `valid_from` and `valid_to`.
    pub fn read(from: &str, to: &str, errors: &mut Vec<FieldError>) -> Self {
        let mut end = |field: &str, text: &str| {
            day(text).unwrap_or_else(|()| {
                errors.push(FieldError::new(field, "Enter a day such as 2026-03-01, or nothing for an open end."));
                None
            })
        };
        let window = Self { from: end("valid_from", from), to: end("valid_to", to) };
        if let (Some(from), Some(to)) = (window.from, window.to)
            && to < from
        {
            let message = format!("It ends before it starts. Choose {from} or a later day.");
            errors.push(FieldError::new("valid_to", message));
        }
        window
    }

    /// The ends as a form shows them.
    pub fn typed(self) -> (String, String) {
        let text = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        (text(self.from), text(self.to))
    }

    /// For people; empty where both ends are open.
    pub fn words(self) -> String {
        match (self.from.map(long_day), self.to.map(long_day)) {
            (Some(from), Some(to)) => format!("{from} to {to}"),
            (Some(from), None) => format!("from {from}"),
            (None, Some(to)) => format!("until {to}"),
            (None, None) => String::new(),
        }
    }
}

/// What a status and a window make of something on a store day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Switched off.
    Off,
    /// It begins on this day.
    Scheduled(NaiveDate),
    /// It holds.
    Running,
    /// It ended with this day.
    Ended(NaiveDate),
}

impl Phase {
    /// The names in an address, in the order of the filter.
    pub const NAMES: [(&str, &str); 4] =
        [("running", "Running"), ("scheduled", "Scheduled"), ("ended", "Ended"), ("off", "Off")];

    /// The phase on a store day.
    pub fn of(status: Status, window: Window, day: NaiveDate) -> Self {
        match (window.from, window.to) {
            _ if status == Status::Inactive => Self::Off,
            (Some(from), _) if day < from => Self::Scheduled(from),
            (_, Some(to)) if day > to => Self::Ended(to),
            _ => Self::Running,
        }
    }

    /// Whether it holds.
    pub fn runs(self) -> bool {
        self == Self::Running
    }

    /// The name in an address and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Scheduled(_) => "scheduled",
            Self::Running => "running",
            Self::Ended(_) => "ended",
        }
    }

    /// For people.
    pub fn label(self) -> String {
        let day = |day: NaiveDate| day.format("%b %-d, %Y").to_string();
        match self {
            Self::Off => "Off".into(),
            Self::Scheduled(from) => format!("Scheduled, from {}", day(from)),
            Self::Running => "Running".into(),
            Self::Ended(to) => format!("Ended {}", day(to)),
        }
    }

    /// The icon beside it.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Off => "circle-minus",
            Self::Scheduled(_) => "clock",
            Self::Running => "circle-check",
            Self::Ended(_) => "circle-x",
        }
    }

    /// The tone of the style sheet.
    pub fn tone(self) -> &'static str {
        match self {
            Self::Off | Self::Ended(_) => "quiet",
            Self::Scheduled(_) => "info",
            Self::Running => "good",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_whole_days_both_ends_in() {
        for (status, from, to, today, label) in [
            (Status::Active, "", "", "2026-03-10", "Running"),
            (Status::Active, "2026-03-10", "2026-03-10", "2026-03-10", "Running"),
            (Status::Active, "2026-03-01", "2026-03-31", "2026-03-01", "Running"),
            (Status::Active, "2026-03-01", "2026-03-31", "2026-03-31", "Running"),
            (Status::Active, "2026-03-01", "2026-03-31", "2026-02-28", "Scheduled, from Mar 1, 2026"),
            (Status::Active, "2026-03-01", "2026-03-31", "2026-04-01", "Ended Mar 31, 2026"),
            (Status::Active, "", "2026-03-31", "2020-01-01", "Running"),
            (Status::Inactive, "2026-03-01", "2026-03-31", "2026-03-10", "Off"),
        ] {
            let mut errors = Vec::new();
            let window = Window::read(from, to, &mut errors);
            assert_eq!(errors, []);
            assert_eq!(window.typed(), (from.to_owned(), to.to_owned()));
            let phase = Phase::of(status, window, today.parse().unwrap());
            assert_eq!((phase.label().as_str(), phase.runs()), (label, label == "Running"));
            assert!(Phase::NAMES.iter().any(|(name, _)| *name == phase.name()));
        }
    }

    #[test]
    fn what_is_no_window_is_told_at_its_field() {
        for (from, to, field) in [
            ("soon", "", "valid_from"),
            ("2026-02-30", "", "valid_from"),
            ("", "0026-03-01", "valid_to"),
            ("2026-03-02", "2026-03-01", "valid_to"),
        ] {
            let mut errors = Vec::new();
            Window::read(from, to, &mut errors);
            assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), [field], "{from} {to}");
        }
    }

    #[test]
    fn windows_read_as_words() {
        for (from, to, words) in [
            ("2026-03-01", "2026-03-31", "March 1, 2026 to March 31, 2026"),
            ("2026-03-01", "", "from March 1, 2026"),
            ("", "2026-03-31", "until March 31, 2026"),
            ("", "", ""),
        ] {
            assert_eq!(Window::read(from, to, &mut Vec::new()).words(), words);
        }
    }
}

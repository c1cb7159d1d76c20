//! A file that was sent to be imported, and how far that is.

use super::kept::Kept;
use super::kind::{Kind, Missing};
use super::mapping::Wishes;
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most bytes of a file, packed as it may be. Larger ones come in by the command line.
pub const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The file is here; somebody has to say what its columns are.
    Received,
    /// It waits for its turn.
    Waiting,
    /// It runs.
    Running,
    /// It was checked, and would go through.
    Tried,
    /// Nothing was changed, as some rows are bad.
    Refused,
    /// It is in.
    Imported,
    /// Nothing was changed, as the file as a whole can't be taken.
    Failed,
    /// The program or the database ended while it ran, or somebody stopped it. Nothing was changed.
    Interrupted,
    /// Somebody put it aside.
    Discarded,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Received,
        Self::Waiting,
        Self::Running,
        Self::Tried,
        Self::Refused,
        Self::Imported,
        Self::Failed,
        Self::Interrupted,
        Self::Discarded,
    ];

    /// The stored name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Tried => "tried",
            Self::Refused => "refused",
            Self::Imported => "imported",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Discarded => "discarded",
        }
    }

    /// The stage of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Received => "To be checked",
            Self::Waiting => "Waiting",
            Self::Running => "Running",
            Self::Tried => "Ready to import",
            Self::Refused => "Rows with errors",
            Self::Imported => "Imported",
            Self::Failed => "Can't be read",
            Self::Interrupted => "Interrupted",
            Self::Discarded => "Discarded",
        }
    }

    /// The tone of its badge.
    pub fn tone(self) -> &'static str {
        match self {
            Self::Imported => "good",
            Self::Received | Self::Waiting | Self::Running | Self::Tried => "info",
            Self::Refused | Self::Interrupted => "warn",
            Self::Failed => "bad",
            Self::Discarded => "quiet",
        }
    }

    /// The icon of its badge.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Received => "upload",
            Self::Waiting => "clock",
            Self::Running => "loader-2",
            Self::Tried => "check",
            Self::Refused => "alert-triangle",
            Self::Imported => "circle-check",
            Self::Failed => "alert-circle",
            Self::Interrupted => "hand-stop",
            Self::Discarded => "trash",
        }
    }

    /// Whether it goes on by itself.
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }

    /// Whether it is through, one way or the other, and its file is no longer needed.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Imported | Self::Discarded)
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Column of the file → column of the kind, or `-`.
    #[serde(default)]
    pub map: Vec<(String, String)>,
    /// Column of the kind → the value of every row.
    #[serde(default)]
    pub set: Vec<(String, String)>,
    /// What is made where it is missing, by name.
    #[serde(default)]
    pub create: Vec<String>,
    /// Import the good rows though there are bad ones.
    #[serde(default)]
    pub good_rows: bool,
}

impl Options {
    /// What is said about the columns.
    pub fn wishes(&self) -> Wishes {
        Wishes { map: self.map.clone(), set: self.set.clone() }
    }

    /// What may be made.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what no import of this kind makes.
    pub fn creates(&self, kind: Kind) -> Result<Vec<Missing>> {
        let known = |name: &String| {
            name.parse::<Missing>().ok().filter(|missing| kind.can_create().contains(missing)).ok_or_else(|| {
                let name: String = name.chars().take(40).collect();
                Error::field("create_missing", format!("An import of {} can't create “{name}”.", kind.noun()))
            })
        };
        self.create.iter().map(known).collect()
    }
}

/// A stored import.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its id; what it changes is recorded under the report's.
    pub id: Uuid,
    /// What the rows are.
    pub kind: Kind,
    /// The file's name.
    pub file: String,
    /// The file's bytes, packed as they may be.
    pub bytes: i64,
    /// How far it is.
    pub stage: Stage,
    /// Whether it is, or was, only checked.
    pub dry_run: bool,
    /// What is asked for.
    pub options: Options,
    /// The file's columns.
    pub header: Vec<String>,
    /// The first rows.
    pub samples: Vec<Vec<String>>,
    /// Who sent it or last said that it shall run.
    pub actor_name: String,
    /// What it does just now; empty while it doesn't run.
    pub phase: String,
    /// Rows read so far.
    pub rows_read: i64,
    /// Bytes read so far.
    pub bytes_read: i64,
    /// What came of it.
    pub report: Option<Kept>,
    /// Why it failed, a sentence.
    pub fault: Option<String>,
    /// How long the CSV of bad rows is; 0 where there is none.
    pub bad_rows_bytes: i64,
    /// When it was sent, UTC.
    pub created_at: DateTime<Utc>,
    /// When it began to run the last time, UTC.
    pub started_at: Option<DateTime<Utc>>,
    /// When that ended, UTC.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Task {
    /// How much of the file is read, in per cent.
    pub fn percent(&self) -> i64 {
        if self.bytes == 0 { 0 } else { (self.bytes_read.saturating_mul(100) / self.bytes).clamp(0, 100) }
    }

    /// Whether the good rows alone could come in.
    pub fn has_good_rows(&self) -> bool {
        let fits = |rows: u64, bad: i64| i64::try_from(rows).is_ok_and(|rows| rows > bad);
        self.report.as_ref().is_some_and(|report| fits(report.rows, report.bad_rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_known_by_its_name() {
        for stage in Stage::ALL {
            assert_eq!(Stage::from_name(stage.name()), Some(stage));
        }
        assert_eq!(Stage::from_name("done"), None);
    }

    #[test]
    fn only_what_the_kind_can_make_is_made() {
        let asked = |create: &[&str], kind: Kind| {
            Options { create: create.iter().map(|name| (*name).to_owned()).collect(), ..Options::default() }
                .creates(kind)
        };
        assert_eq!(asked(&["customers", "products"], Kind::Orders).unwrap().len(), 2);
        assert!(asked(&["products"], Kind::Customers).is_err());
        assert!(asked(&["groups"], Kind::Orders).is_err());
    }
}

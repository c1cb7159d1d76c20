//! What an import tells when it is through: as sentences on the command line, as JSON everywhere else.

use super::kind::Kind;
use super::problem::Warning;
use crate::money::format_count;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use uuid::Uuid;

/// What an import makes of the things it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// New ones.
    pub created: i64,
    /// Known ones that change.
    pub updated: i64,
    /// Known ones that are already as the file says.
    pub unchanged: i64,
    /// What else changes along with them: ("customers created", 12).
    pub besides: Vec<Besides>,
}

/// Something that an import changes besides what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Besides {
    /// Such as "customers created".
    pub what: &'static str,
    /// How many.
    pub count: i64,
}

impl Counts {
    /// Adds something else that changes, where there is any.
    pub(super) fn add(&mut self, what: &'static str, count: i64) {
        if count > 0 {
            self.besides.push(Besides { what, count });
        }
    }
}

/// How an import ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Committed.
    Imported,
    /// Nothing was changed, as it was only a trial; an import would go through.
    Tried,
    /// Nothing was changed, as some rows are bad and the good ones were not asked for alone.
    Refused,
}

impl Outcome {
    /// As JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Tried => "tried",
            Self::Refused => "refused",
        }
    }
}

/// A reason why rows are not imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The column; empty for the row as a whole.
    pub column: String,
    /// The reason.
    pub cause: String,
    /// How many rows it holds for.
    pub rows: i64,
    /// The first few of them; the header is row 1.
    pub first_rows: Vec<i64>,
    /// The first one's reason in full.
    pub example: String,
}

impl Reason {
    fn sentence(&self) -> String {
        let subject = if self.column.is_empty() { "the row" } else { &self.column };
        let rows: Vec<_> = self.first_rows.iter().map(i64::to_string).collect();
        let more = if self.rows > i64::try_from(rows.len()).unwrap_or(i64::MAX) { ", …" } else { "" };
        let example = if self.example == self.cause { String::new() } else { format!(": {}", self.example) };
        format!("{subject} {} (row {}{more}){example}", self.cause, rows.join(", "))
    }
}

/// One row that is not imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BadRow {
    /// Its number; the header is row 1.
    pub row: i64,
    /// All its reasons.
    pub reason: String,
}

/// The report.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The import's id: its audit event's subject, its membership events' batch.
    pub id: Uuid,
    /// What was imported.
    pub kind: &'static str,
    /// The file's name.
    pub file: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether it was only a trial.
    pub dry_run: bool,
    /// Rows of the file, without the header and blank lines.
    pub rows: u64,
    /// Rows that are not imported: bad ones, and those of an order that has one.
    pub bad_rows: i64,
    /// What the import makes of the rest.
    #[serde(flatten)]
    pub counts: Counts,
    /// Why rows are not imported, the most frequent reason first.
    pub reasons: Vec<Reason>,
    /// The first rows that are not imported.
    pub first_bad_rows: Vec<BadRow>,
    /// What was imported as it stands and may not be meant so.
    pub warnings: Vec<Warning>,
    /// Column of the file → column of the kind.
    pub mapping: BTreeMap<String, String>,
    /// Whether the mapping is one that was used before, not a guess.
    pub mapping_remembered: bool,
    /// Columns of the file that nothing was read from.
    pub unused_columns: Vec<String>,
    /// Where the bad rows were written to, with their reasons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors_file: Option<String>,
}

impl Report {
    fn noun(&self) -> &'static str {
        self.kind.parse::<Kind>().map_or(self.kind, Kind::noun)
    }

    fn headline(&self) -> String {
        let rows = format_count(i64::try_from(self.rows).unwrap_or(i64::MAX));
        let bad = format_count(self.bad_rows);
        match self.outcome {
            Outcome::Imported => format!("Imported {} from {}.", self.noun(), self.file),
            Outcome::Tried => format!("Nothing was changed: this was a trial of {} from {}.", self.noun(), self.file),
            Outcome::Refused => format!(
                "Nothing was changed: {bad} of the {rows} rows of {} can't be imported. Mend them, or import the good \
                 rows alone (--good-rows).",
                self.file
            ),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.headline())?;
        let mut line = |what: &str, count: i64| writeln!(f, "  {:>11}  {what}", format_count(count));
        line("rows read", i64::try_from(self.rows).unwrap_or(i64::MAX))?;
        line("rows not imported", self.bad_rows)?;
        let (made, changed) = match self.outcome {
            Outcome::Imported => ("created", "updated"),
            Outcome::Tried | Outcome::Refused => ("would be created", "would be updated"),
        };
        line(&format!("{} {made}", self.noun()), self.counts.created)?;
        line(&format!("{} {changed}", self.noun()), self.counts.updated)?;
        line(&format!("{} unchanged", self.noun()), self.counts.unchanged)?;
        for besides in &self.counts.besides {
            line(besides.what, besides.count)?;
        }
        if !self.reasons.is_empty() {
            writeln!(f, "Rows not imported, by reason:")?;
            for reason in &self.reasons {
                writeln!(f, "  {:>11}  {}", format_count(reason.rows), reason.sentence())?;
            }
        }
        for warning in &self.warnings {
            let count = format_count(i64::try_from(warning.count).unwrap_or(i64::MAX));
            writeln!(f, "Warning: {count} {} ({}).", warning.text, warning.examples.join(", "))?;
        }
        let renamed = self.mapping.iter().filter(|(from, to)| from != to);
        let pairs: Vec<_> = renamed.map(|(from, to)| format!("{from} = {to}")).collect();
        if !pairs.is_empty() {
            let how = if self.mapping_remembered { "Columns (as the last time)" } else { "Columns" };
            writeln!(f, "{how}: {}.", pairs.join(", "))?;
        }
        if !self.unused_columns.is_empty() {
            writeln!(f, "Columns not used: {}.", self.unused_columns.join(", "))?;
        }
        if let Some(errors) = &self.errors_file {
            writeln!(
                f,
                "The rows not imported are in {errors}, each with its reason. Mend them and import that file."
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(outcome: Outcome) -> Report {
        Report {
            id: Uuid::nil(),
            kind: "price-lists",
            file: "lists.csv".into(),
            outcome,
            dry_run: outcome == Outcome::Tried,
            rows: 1200,
            bad_rows: 1,
            counts: Counts {
                created: 1000,
                updated: 2,
                unchanged: 197,
                besides: vec![Besides { what: "things made", count: 3 }],
            },
            reasons: vec![
                Reason {
                    column: "cost".into(),
                    cause: "is negative".into(),
                    rows: 1200,
                    first_rows: vec![7, 9, 10],
                    example: "“-1” is negative".into(),
                },
                Reason {
                    column: String::new(),
                    cause: "is empty".into(),
                    rows: 1,
                    first_rows: vec![8],
                    example: "is empty".into(),
                },
            ],
            first_bad_rows: vec![BadRow { row: 7, reason: "name is empty".into() }],
            warnings: vec![Warning { text: "rows are odd".into(), count: 4, examples: vec!["row 9".into()] }],
            mapping: BTreeMap::from([("Code".into(), "code".into())]),
            mapping_remembered: true,
            unused_columns: vec!["Colour".into()],
            errors_file: Some("lists.errors.csv".into()),
        }
    }

    #[test]
    fn a_report_reads_as_sentences() {
        let text = report(Outcome::Imported).to_string();
        for expected in [
            "Imported price lists from lists.csv.",
            "1,200  rows read",
            "1,000  price lists created",
            "197  price lists unchanged",
            "3  things made",
            "1,200  cost is negative (row 7, 9, 10, …): “-1” is negative\n",
            "1  the row is empty (row 8)\n",
            "Warning: 4 rows are odd (row 9).",
            "Columns (as the last time): Code = code.",
            "Columns not used: Colour.",
            "lists.errors.csv",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
        assert!(report(Outcome::Tried).to_string().contains("would be created"));
        assert!(report(Outcome::Refused).to_string().contains("1 of the 1,200 rows of lists.csv can't be imported"));
    }

    #[test]
    fn a_report_in_json_is_flat() {
        let json = serde_json::to_value(report(Outcome::Refused)).unwrap();
        assert_eq!(json["outcome"], "refused");
        assert_eq!(json["created"], 1000);
        assert_eq!(json["besides"][0]["what"], "things made");
    }
}

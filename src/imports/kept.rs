//! A report as it was kept: what a page and the API show long after the import.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What came of an import ([`super::report::Report`], read back).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub struct Kept {
    /// Rows of the file.
    pub rows: u64,
    /// Rows that are not imported.
    pub bad_rows: i64,
    /// New ones.
    pub created: i64,
    /// Known ones that change.
    pub updated: i64,
    /// Known ones that are already as the file says.
    pub unchanged: i64,
    /// What changes along with them.
    pub besides: Vec<Besides>,
    /// Why rows are not imported, the most frequent reason first.
    pub reasons: Vec<Reason>,
    /// The first rows that are not imported.
    pub first_bad_rows: Vec<BadRow>,
    /// What may not be meant so.
    pub warnings: Vec<Warning>,
    /// Column of the file → column of the kind.
    pub mapping: BTreeMap<String, String>,
    /// Columns of the file that nothing was read from.
    pub unused_columns: Vec<String>,
}

/// Something that changes besides.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Besides {
    /// Such as "customers created".
    pub what: String,
    /// How many.
    pub count: i64,
}

/// A reason why rows are not imported.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub struct Reason {
    /// The column; empty for the row as a whole.
    pub column: String,
    /// The reason.
    pub cause: String,
    /// How many rows it holds for.
    pub rows: i64,
    /// The first few of them.
    pub first_rows: Vec<i64>,
    /// The first one's reason in full.
    pub example: String,
}

/// One row that is not imported.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct BadRow {
    /// Its number; the header is row 1.
    pub row: i64,
    /// All its reasons.
    pub reason: String,
}

/// What was imported as it stands and may not be meant so.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Warning {
    /// The sentence.
    pub text: String,
    /// How many it is about.
    pub count: u64,
    /// The first few of them.
    pub examples: Vec<String>,
}

impl Reason {
    /// "cost is negative", "the row has a stray quote".
    pub fn told(&self) -> String {
        let subject = if self.column.is_empty() { "the row" } else { &self.column };
        format!("{subject} {}", self.cause)
    }

    /// "7, 9, 10, …".
    pub fn places(&self) -> String {
        let rows: Vec<_> = self.first_rows.iter().map(i64::to_string).collect();
        let more = i64::try_from(rows.len()).is_ok_and(|shown| shown < self.rows);
        rows.join(", ") + if more { ", …" } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_report_is_read_back_and_sent_in_camel_case() {
        let report = json!({
            "id": "x", "kind": "products", "file": "a.csv", "outcome": "refused", "dry_run": false, "rows": 12,
            "bad_rows": 5, "created": 1, "updated": 2, "unchanged": 3, "besides": [{"what": "made", "count": 3}],
            "reasons": [{"column": "cost", "cause": "is negative", "rows": 5, "first_rows": [7, 9], "example": "x"}],
            "first_bad_rows": [{"row": 7, "reason": "cost is negative"}],
            "warnings": [{"text": "odd", "count": 1, "examples": ["row 9"]}],
            "mapping": {"Code": "sku"}, "mapping_remembered": true, "unused_columns": ["Colour"],
        });
        let kept: Kept = serde_json::from_value(report).unwrap();
        assert_eq!(
            (kept.reasons[0].told().as_str(), kept.reasons[0].places().as_str()),
            ("cost is negative", "7, 9, …")
        );
        let sent = serde_json::to_value(&kept).unwrap();
        assert_eq!((&sent["badRows"], &sent["firstBadRows"][0]["row"]), (&json!(5), &json!(7)));
        assert_eq!(sent["reasons"][0]["firstRows"], json!([7, 9]));
    }
}

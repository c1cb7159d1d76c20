//! The table of results, printed and kept in `docs/benchmarks.md`.

use crate::floors::Outcome;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A line of the table.
#[derive(Clone, Debug, Default)]
pub struct Line {
    pub scenario: String,
    pub ours: String,
    pub floor: String,
    pub ratio: String,
    pub spread: String,
    pub goal: String,
    /// `None`: there is no goal.
    pub met: Option<bool>,
}

const HEADER: [&str; 7] = ["scenario", "ours", "floor", "ratio", "spread of ours", "goal", "met"];

impl Line {
    fn cells(&self) -> [&str; 7] {
        let met = match self.met {
            Some(true) => "yes",
            Some(false) => "no",
            None => "–",
        };
        [&self.scenario, &self.ours, &self.floor, &self.ratio, &self.spread, &self.goal, met]
    }
}

/// The table in Markdown, its columns aligned for the terminal, too.
pub fn table(lines: &[Line]) -> String {
    let rows: Vec<[&str; 7]> = std::iter::once(HEADER).chain(lines.iter().map(Line::cells)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..HEADER.len()).map(width).collect();
    let mut text = String::new();
    for (place, row) in rows.iter().enumerate() {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(text, "| {cell}{} ", " ".repeat(width - cell.chars().count()));
        }
        text.push_str("|\n");
        if place == 0 {
            for width in &widths {
                let _ = write!(text, "|{}", "-".repeat(width + 2));
            }
            text.push_str("|\n");
        }
    }
    text
}

const BEGIN: &str = "<!-- latest: begin (written by make bench) -->";
const END: &str = "<!-- latest: end -->";

/// Puts the latest results into the document, between its marks; everything else stays.
pub fn keep(document: &Path, latest: &str) -> Outcome<()> {
    let text = fs::read_to_string(document)?;
    let (before, rest) = text.split_once(BEGIN).ok_or("the document has no mark where the results begin")?;
    let (_, after) = rest.split_once(END).ok_or("the document has no mark where the results end")?;
    fs::write(document, format!("{before}{BEGIN}\n{latest}{END}{after}"))?;
    Ok(())
}

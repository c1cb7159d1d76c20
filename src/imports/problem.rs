//! What is wrong with a row, and what is only worth a warning.

use serde::Serialize;

/// Why a row can't be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The column of the kind; empty where the row as a whole is meant.
    pub column: &'static str,
    /// The reason without the row's own value, by which reasons are counted: "is not a whole number".
    pub cause: &'static str,
    /// The reason in full: "\"2.5\" is not a whole number".
    pub message: String,
}

impl Problem {
    /// A problem of the row as a whole.
    pub fn of_row(cause: &'static str, message: impl Into<String>) -> Self {
        Self { column: "", cause, message: message.into() }
    }
}

/// Something that was imported as it stands and may not be meant so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// The sentence, for many rows.
    pub text: String,
    /// How many rows (or orders, products, customers: the sentence says) it is about.
    pub count: u64,
    /// The first few of them.
    pub examples: Vec<String>,
}

/// How many examples a warning shows.
pub const EXAMPLES: usize = 5;

/// Warnings by sentence, in the order in which they came up.
#[derive(Clone, Debug, Default)]
pub struct Warnings(Vec<Warning>);

impl Warnings {
    /// One more row for the warning `text`.
    pub fn add(&mut self, text: &str, example: impl FnOnce() -> String) {
        let place = match self.0.iter().position(|warning| warning.text == text) {
            Some(place) => place,
            None => {
                self.0.push(Warning { text: text.to_owned(), count: 0, examples: Vec::new() });
                self.0.len() - 1
            }
        };
        let warning = &mut self.0[place];
        warning.count += 1;
        if warning.examples.len() < EXAMPLES {
            warning.examples.push(example());
        }
    }

    /// A warning that was counted elsewhere; nothing where the count is 0.
    pub fn push(&mut self, text: impl Into<String>, count: u64, examples: Vec<String>) {
        if count > 0 {
            self.0.push(Warning { text: text.into(), count, examples });
        }
    }

    /// All of them.
    pub fn into_vec(self) -> Vec<Warning> {
        self.0
    }
}

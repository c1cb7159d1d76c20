//! What is found by typing: the palette behind `Ctrl+K`, and the lists of searched fields.

use askama::Template;

/// One kind of thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its heading: `Groups`.
    pub label: String,
    /// What was found of it, best first.
    pub hits: Vec<Hit>,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its name.
    pub label: String,
    /// What tells it from others of its name: a code, a place in the tree. Empty for nothing.
    pub hint: String,
    /// Its page.
    pub path: String,
    /// The icon of its kind.
    pub icon: &'static str,
}

/// The answer to the palette: goes into `#jump-results`.
#[derive(Debug, Template)]
#[template(path = "ui/jump_results.html")]
pub struct JumpResults {
    /// What was found, by kind.
    pub sections: Vec<Section>,
    /// What was searched.
    pub q: String,
}

/// The answer to a searched field: goes into its list.
#[derive(Debug, Template)]
#[template(path = "ui/options.html")]
pub struct Options {
    /// What the field can be, best first.
    pub options: Vec<FoundOption>,
}

/// Something that a searched field can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundOption {
    /// What is sent.
    pub id: String,
    /// What is read, and put into the field.
    pub label: String,
    /// What tells it from others of its name. Empty for nothing.
    pub hint: String,
}

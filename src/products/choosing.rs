//! Choosing many products for a set of them: those that are ticked, or all that match a search.

use uuid::Uuid;

/// The most products that are named one by one in a change.
pub const MOST_NAMED: usize = 10_000;

/// Which products are meant: seen from a set of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Those in the set.
    In,
    /// Those that aren't.
    Out,
}

/// A search of products.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Part of a name or SKU, as typed.
    pub text: String,
    /// Only this category.
    pub category: Option<String>,
}

/// Which products are added or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// These.
    Some(Vec<Uuid>),
    /// All that match a search, as many as were shown.
    Matching {
        /// What was searched.
        search: Search,
        /// How many there were when they were shown.
        count: i64,
    },
}

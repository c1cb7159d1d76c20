//! Settings and how they inherit: the chain of a group, and every effective value with its source (SPEC 6).

pub mod book;
pub mod counting;
pub mod covering;
pub mod effective;
pub mod json;
pub mod level;
pub mod overrides;
pub mod own;
pub mod resulting;
pub mod store;
pub mod words;

//! What every API call has in common: bearer tokens, JSON bodies, pages of items and problem documents (SPEC 13).

pub mod body;
pub mod call;
pub mod page;
pub mod problem;

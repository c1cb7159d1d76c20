//! What every API call has in common: bearer tokens, JSON bodies, pages of items and problem documents (SPEC 13).

pub mod body;
pub mod bulk;
pub mod call;
pub mod limit;
pub mod openapi;
pub mod page;
pub mod problem;
pub mod query;
pub mod reply;
pub mod retries;
pub mod validators;
mod words;

//! The JSON API as a whole: its document, and what holds for every call.

mod bad_input;
mod bulk;
mod contract;
mod curl;
mod document;
mod limit;
mod retries;
mod schemathesis;
mod seeds;
mod validators;

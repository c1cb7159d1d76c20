//! The order check (SPEC 9, "test with sample order"): what checkout would answer.

pub mod api;
pub mod decision;
pub mod pages;
pub mod store;

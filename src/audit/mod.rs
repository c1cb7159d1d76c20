//! The audit log: every change, by whom, before and after, readable as sentences, append-only (SPEC 14).

pub mod action;
mod asked;
pub mod change;
pub mod event;
pub mod filter;
pub mod pages;
pub mod store;
pub mod told;

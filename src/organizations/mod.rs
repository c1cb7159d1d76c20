//! Organizations: buying companies, whose group decides for all their customers (SPEC 1, 6).

pub mod actions;
pub mod api;
pub mod forms;
pub mod listing;
pub mod organization;
pub mod pages;
pub mod store;

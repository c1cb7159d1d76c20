//! Visibility groups: named sets of products that customer groups show (SPEC 1, 6).

pub mod actions;
pub mod api;
pub mod forms;
pub mod listing;
pub mod pages;
pub mod set;
pub mod store;

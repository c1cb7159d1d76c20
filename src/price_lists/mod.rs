//! Price lists: named lists of override prices with their window, their entries with quantity breaks, and the groups that
//! use them (SPEC 1, 6, 7).

pub mod actions;
pub mod api;
pub mod entry;
pub mod forms;
pub mod list;
pub mod listing;
pub mod pages;
pub mod store;

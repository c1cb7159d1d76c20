//! Campaigns (SPEC 8): promotions for segments on certain days.

pub mod actions;
pub mod api;
pub mod campaign;
pub mod forms;
pub mod pages;
pub mod store;

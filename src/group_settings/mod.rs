//! Changing a group's own settings: pricing, visibility, portal access, payment terms, what it inherits (SPEC 6).

pub mod actions;
pub mod api;
pub mod forms;
pub mod pages;
pub mod patch;
pub mod shelf;
pub mod store;
mod told;

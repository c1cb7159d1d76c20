//! Customer groups: the list, a group's own fields, copying, deleting and restoring (SPEC 3).

pub mod actions;
pub mod api;
pub mod copy;
pub mod forms;
pub mod group;
pub mod listing;
pub mod metadata;
pub mod pages;
pub mod removal;
pub mod store;
pub mod tabs;

//! Segments (SPEC 8): named audiences, by groups and by a rule, over the groups that count.

pub mod actions;
pub mod api;
pub mod forms;
pub mod pages;
pub mod segment;
pub mod store;

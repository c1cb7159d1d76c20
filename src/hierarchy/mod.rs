//! The tree of groups as a page, and moving a group within it (SPEC 6, "Hierarchy page").

pub mod pages;
pub mod store;

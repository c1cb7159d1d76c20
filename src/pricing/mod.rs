//! What groups pay: price lists and their assignment to groups (SPEC 6).

pub mod actions;
pub mod store;

//! Segments (SPEC 8): named audiences, by groups and by a rule, over the groups that count.

pub mod segment;
pub mod store;

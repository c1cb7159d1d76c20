//! Which products a customer sees, and why (SPEC 6).

pub mod sight;
pub mod store;
